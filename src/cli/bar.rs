//! Progress bars; nothing where stderr is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over bytes.
pub(super) fn of_bytes() -> ProgressBar {
    styled("{spinner} {bytes}/{total_bytes} [{bar:24}] {eta} left")
}

/// A bar over things that are counted.
pub(super) fn of_things(name: &str) -> ProgressBar {
    styled(&format!("{{spinner}} {{pos}}/{{len}} {name} [{{bar:24}}] {{eta}} left"))
}

fn styled(template: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
