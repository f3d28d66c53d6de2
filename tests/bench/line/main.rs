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

/// How often the end-to-end run is made.
const ROUNDS: usize = 3;

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

/// The machine's speed drifts by the minute: bare parsing is timed before and after each run, and the run is held against both.
fn line() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let press = Press::start(HOSTS, ARTICLES)?;
    let mut parse = vec![stages::parse(TAKEN_APART, HOSTS)?];
    let (mut kept, mut bare, mut apart) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        apart.push(stages::measure(&folder.path().join(format!("apart-{round}")), TAKEN_APART, HOSTS)?);
        for (keep, seen) in [("30d", &mut kept), ("0d", &mut bare)] {
            let before = parse[parse.len() - 1];
            let [stored, beside, alone, ms, peak] = run(&folder.path().join(format!("{keep}-{round}")), keep, &press)?;
            let after = stages::parse(TAKEN_APART, HOSTS)?;
            seen.push([stored, beside, alone, ms, 1e-3 * ms * 2.0 / (before + after), peak]);
            parse.push(after);
        }
    }
    let names = [
        "articles stored",
        "articles/s, press beside it",
        "articles/s of 2 processors",
        "processor ms",
        "of bare parsing",
        "peak MB",
    ];
    println!("{:<34} {:>26} {:>26}", "middle of three (lowest, highest)", "pages kept", "none kept");
    for (at, name) in names.into_iter().enumerate() {
        let column = |seen: &[[f64; 6]]| spread(seen.iter().map(|row| row[at]).collect());
        println!("{name:<34} {:>26} {:>26}", column(&kept), column(&bare));
    }
    println!(
        "{:<34} {:>26}",
        "bare parsing (html5ever), ms",
        spread(parse.iter().map(|seconds| 1e3 * seconds).collect())
    );
    let whole = middle(bare.iter().map(|row| row[4]).collect());
    println!("\n{:<34} {:>15} {:>10}", "stage", "of bare parsing", "share");
    let times = |stage: fn(&stages::Stages) -> f64| middle(apart.iter().map(|all| stage(all) / all.parse).collect());
    let known = [
        ("clean", times(|all| all.clean)),
        ("group: signature", times(|all| all.sign)),
        ("group: assign", times(|all| all.assign)),
        ("store", times(|all| all.store)),
    ];
    let rest = whole - known.iter().map(|(_, times)| times).sum::<f64>();
    for (name, times) in known.into_iter().chain([("fetch and everything else", rest)]) {
        println!("{name:<34} {times:>15.3} {:>9.1}%", 100.0 * times / whole);
    }
    println!(
        "{:<34} {:>15.3}   store is {:.2} of it",
        "bare rusqlite, the same rows",
        times(|all| all.bare_store),
        middle(apart.iter().map(|all| all.store / all.bare_store).collect())
    );
    Ok(())
}

/// Articles stored; articles a second; articles a second had both processors been the daemon's; processor ms an article; peak MB.
fn run(folder: &Path, keep: &str, press: &Press) -> anyhow::Result<[f64; 5]> {
    fs::create_dir(folder)?;
    configure(folder, keep, NETWORK, &press.blocks(HOSTS, "feed", ""))?;
    let (began, served) = (Instant::now(), press.worked()?);
    let run = measure::dateline(folder, &["run", "--once"])?;
    anyhow::ensure!(run.code == 0, "the run ended with exit code {}", run.code);
    let (elapsed, served) = (began.elapsed().as_secs_f64(), press.worked()? - served);
    let stored = small(stored(folder)?);
    fs::remove_dir_all(folder)?;
    // Without the press the two processors would have had that much more time.
    Ok([stored, stored / elapsed, stored / (elapsed - served / 2.0), 1e3 * run.worked_s / stored, run.peak_mb])
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    format!("{:.2} ({:.2}, {:.2})", middle(values.clone()), values[0], values[values.len() - 1])
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
