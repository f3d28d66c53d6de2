//! Writes what a package carries beside the binary: manual pages and shell completions.
//!
//! `cargo run --example manual -- FOLDER`. An example, so that neither the binary nor its build has the generators in it.
#![expect(clippy::unwrap_used, reason = "a tool of the build: what goes wrong is seen at once")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap_complete::Shell;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "target/package".into()));
    let (manual, completions) = (folder.join("man"), folder.join("completions"));
    std::fs::create_dir_all(&manual)?;
    std::fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(dateline::cli::command(), &manual)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut dateline::cli::command(), "dateline", &completions)?;
    }
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/dateline.example.toml");
    std::fs::write(manual.join("dateline.toml.5"), settings_page(&std::fs::read_to_string(example)?))
}

/// dateline.toml(5): the annotated example, as it stands.
fn settings_page(example: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(
        ".TH dateline.toml 5 \"\" \"dateline {version}\"\n.SH NAME\ndateline.toml \\- configuration of dateline(1)\n.SH SYNOPSIS\n\
         .I /etc/dateline/dateline.toml\n.SH DESCRIPTION\n\
         Read by every command from the file that \\fB\\-\\-config\\fR or \\fB$DATELINE_CONFIG\\fR names, else \\fIconfig/dateline.toml\\fR, \
         else \\fI/etc/dateline/dateline.toml\\fR; variables of the environment go over it. \
         \\fBdateline check\\fR tells what is in force, or every fault. \\fBsystemctl reload dateline\\fR puts a change in force: \
         all but \\fBstore.path\\fR, which takes a restart, as do the secrets of \\fBLoadCredential=\\fR.\n.PP\n\
         Every setting, with its default:\n.PP\n.nf\n"
    );
    for line in example.lines() {
        // A leading dot or quote would be a request; backslashes and minus signs are to be shown as they are.
        let escaped = line.replace('\\', "\\e").replace('-', "\\-");
        writeln!(page, "\\&{escaped}").unwrap();
    }
    page.push_str(".fi\n.SH SEE ALSO\n.BR dateline (1),\n.BR dateline\\-check (1)\n");
    page
}
