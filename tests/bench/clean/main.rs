//! Accuracy and speed of the cleaner on the labelled pages (`$DATELINE_SHARED`, else `../shared`): `cargo bench --bench clean`.
//!
//! Time is the best of five runs a page, beside html5ever alone into the same tree, on the same page in the same run: compare the
//! ratio, which a loaded machine leaves alone, not the milliseconds. Peak memory is that of the whole process, one page at a time.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a bench: it measures time and bytes, and a panic is a failure"
)]

use std::fs;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use dateline::clean::{Options, Page, clean, decode};
use flate2::read::MultiGzDecoder;
use scraper::Html;
use url::Url;

const RUNS: usize = 5;

fn main() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("DATELINE_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let pages = shared.join("corpora/pages");
    if !pages.exists() {
        println!("SKIPPED: no labelled pages at `{}`", pages.display());
        return;
    }
    println!(
        "{:<10} {:>6} {:>10} {:>10} {:>6} {:>6} {:>12}",
        "set", "pages", "bare ms", "clean ms", "ratio", "MB/s", "longest ms"
    );
    for set in ["zyte", "fundus", "segments"] {
        time(set, &pages.join(set));
    }
    if let Some(peak) = peak_memory() {
        println!("peak memory {peak}");
    }
    let judged = Command::new("python3")
        .arg(shared.join("tools/judge.py"))
        .args(["pages", "--binary", env!("CARGO_BIN_EXE_dateline")])
        .output()
        .unwrap();
    println!("{}", String::from_utf8_lossy(&judged.stdout));
}

fn time(set: &str, folder: &Path) {
    let url = Url::parse("https://page.example/story").unwrap();
    let mut megabytes = 0.0;
    let (mut count, mut bare, mut whole, mut longest) = (0_u32, Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for path in fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "gz"))
    {
        let mut bytes = Vec::new();
        MultiGzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
        let html = decode(&bytes, None);
        let page = Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None };
        let (mut own, mut parsed) = (Duration::MAX, Duration::MAX);
        for _ in 0..RUNS {
            parsed = parsed.min(timed(|| Html::parse_document(&html)));
            own = own.min(timed(|| clean(&page, &Options::default())));
        }
        megabytes += html.len() as f64 / 1e6;
        bare += parsed;
        whole += own;
        longest = longest.max(own);
        count += 1;
    }
    let per_page = |total: Duration| 1e3 * total.as_secs_f64() / f64::from(count.max(1));
    println!(
        "{set:<10} {count:>6} {:>10.2} {:>10.2} {:>6.2} {:>6.0} {:>12.1}",
        per_page(bare),
        per_page(whole),
        whole.as_secs_f64() / bare.as_secs_f64(),
        megabytes / whole.as_secs_f64(),
        1e3 * longest.as_secs_f64()
    );
}

fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    black_box(run());
    began.elapsed()
}

/// The most memory that this process has had, as Linux says it.
fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(|peak| peak.trim().to_owned())
}
