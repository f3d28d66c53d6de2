//! The whole line against itself taken apart, on a press of made-up pages on loopback.
//!
//! ```text
//! cargo bench --bench line                        end to end: articles a second, processor time against bare parsing, share of each stage
//! cargo bench --bench line -- flat [ARTICLES]     the second half of so many articles against the first: time, memory (of 40,000)
//! cargo bench --bench line -- start [ARTICLES]    start-up on a generated database (of 1,000,000)
//! cargo bench --bench line -- indexes [ARTICLES]  what the readers' indexes and the full text cost the writer (of 50,000)
//! cargo bench --bench line -- feeds [FEEDS] [S]   a daemon over so many feeds that hardly change, polled hourly, watched for S seconds:
//!                                                 processor, memory (of 10,000, for 240)
//! cargo bench --bench line -- pages FOLDER [N]    writes N pages and a feed of their stories, for `peers.py` (of 200)
//! ```
//! Times are of the processor, so that a busy machine and the press beside it do not count. Everything follows from numbers: no data is needed.
#![expect(clippy::disallowed_methods, reason = "a bench: it measures time")]

mod indexes;
mod measure;
mod page;
mod press;
mod prose;
mod scale;
mod stages;
mod steady;

use std::fs;
use std::path::Path;
use std::time::Instant;

use press::{NETWORK, Press};

/// Publishers in the end-to-end run: two requests at once to each.
const HOSTS: usize = 48;

/// Articles in the end-to-end run.
const ARTICLES: usize = 6_000;

/// Articles that are taken apart by stage.
const TAKEN_APART: usize = 1_000;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let number = |at: usize, usual: usize| args.get(at).map_or(Ok(usual), |text| text.parse());
    match args.first().map(String::as_str) {
        Some("serve") => press::serve(number(1, HOSTS)?, number(2, ARTICLES)?, number(3, ARTICLES)?),
        Some("pages") => press::write(args.get(1).map_or(".", String::as_str).as_ref(), number(2, 200)?),
        Some("flat") => scale::flat(number(1, 40_000)?),
        Some("start") => scale::start(number(1, 1_000_000)?),
        Some("serve-steady") => steady::serve(),
        Some("indexes") => indexes::indexes(number(1, 50_000)?),
        Some("feeds") => steady::measure(number(1, 10_000)?, number(2, 240)?),
        None => line(),
        Some(_) => anyhow::bail!("what this is for stands at the head of tests/bench/line/main.rs"),
    }
}

fn line() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let stages = stages::measure(folder.path(), TAKEN_APART, HOSTS)?;
    let press = Press::start(HOSTS, ARTICLES)?;
    println!("{:<34} {:>12} {:>12}", "", "pages kept", "none kept");
    let mut rows: Vec<(&str, Vec<f64>)> = [
        "articles stored",
        "articles/s, press beside it",
        "articles/s of 2 processors",
        "processor ms an article",
        "against bare parsing",
        "peak MB",
    ]
    .map(|name| (name, Vec::new()))
    .into();
    let mut each = 0.0;
    for keep in ["30d", "0d"] {
        let here = folder.path().join(keep);
        fs::create_dir(&here)?;
        configure(&here, keep, NETWORK, &press.blocks(HOSTS, "feed", ""))?;
        let served = press.worked()?;
        let began = Instant::now();
        let run = measure::dateline(&here, &["run", "--once"])?;
        anyhow::ensure!(run.code == 0, "the run ended with exit code {}", run.code);
        let served = press.worked()? - served;
        let stored = small(stored(&here)?);
        each = run.worked_s / stored;
        let elapsed = began.elapsed().as_secs_f64();
        // Without the press the two processors would have had that much more time.
        let alone = elapsed - served / 2.0;
        for (row, value) in rows.iter_mut().zip([
            stored,
            stored / elapsed,
            stored / alone,
            1e3 * each,
            each / stages.parse,
            run.peak_mb,
        ]) {
            row.1.push(value);
        }
    }
    for (name, values) in rows {
        println!("{name:<34} {:>12.2} {:>12.2}", values[0], values[1]);
    }
    println!("\n{:<34} {:>12} {:>12}", "stage, one thread", "ms", "share");
    let whole = each;
    let known = stages.clean + stages.sign + stages.assign + stages.store;
    for (name, seconds) in [
        ("clean", stages.clean),
        ("group: signature", stages.sign),
        ("group: assign", stages.assign),
        ("store", stages.store),
        ("fetch and everything else", whole - known),
    ] {
        println!("{name:<34} {:>12.3} {:>11.1}%", 1e3 * seconds, 100.0 * seconds / whole);
    }
    println!(
        "{:<34} {:>12.3}   clean is {:.2} of it",
        "bare parsing (html5ever)",
        1e3 * stages.parse,
        stages.clean / stages.parse
    );
    println!(
        "{:<34} {:>12.3}   store is {:.2} of it",
        "bare rusqlite, the same rows",
        1e3 * stages.bare_store,
        stages.store / stages.bare_store
    );
    Ok(())
}

/// Writes a configuration that lets the press in `network` be fetched without waiting.
fn configure(folder: &Path, keep_html: &str, network: &str, feeds: &str) -> anyhow::Result<()> {
    let text = format!(
        "[store]\npath = \"line.db\"\nkeep_html = \"{keep_html}\"\n[fetch]\nuser_agent = \"bench/1 (+https://bench.example)\"\nper_host_delay = \"0s\"\nallow_networks = [\"{network}\"]\n{feeds}"
    );
    fs::create_dir_all(folder.join("config"))?;
    fs::write(folder.join("config/dateline.toml"), text)?;
    Ok(())
}

fn stored(folder: &Path) -> anyhow::Result<usize> {
    let count = "SELECT count(*) FROM articles";
    let articles: u32 = rusqlite::Connection::open(folder.join("line.db"))?.query_row(count, [], |row| row.get(0))?;
    Ok(usize::try_from(articles)?)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
fn small(count: usize) -> f64 {
    count as f64
}
