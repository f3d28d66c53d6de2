//! What old articles cost, and whether they are grouped as they would have been when they were new.
//!
//! ```text
//! cargo bench --bench archive                all of it
//! cargo bench --bench archive -- sitemaps    an index of 1,000 files and 2 million addresses: speed, peak memory
//! cargo bench --bench archive -- warc        a file of 10,000 pages: reading alone, `clean --jsonl`, the whole way into a database
//! cargo bench --bench archive -- partition   labelled articles newest first against in order of publication ($DATELINE_SHARED), by the grouper and by the command
//! ```
//! Each run that is measured is a process of its own, so that its peak memory and its time on the processor are its own.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a bench: it measures time, and a panic is a failure"
)]

mod cost;
mod pages;
mod partition;
mod sitemaps;
mod warc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [] => {
            sitemaps::table();
            warc::table(10_000);
            partition::table();
        }
        ["sitemaps"] => sitemaps::table(),
        ["warc"] => warc::table(10_000),
        ["warc", "--pages", pages] => warc::table(pages.parse().unwrap()),
        ["partition"] => partition::table(),
        // What is measured, each in its own process.
        ["read-sitemaps", folder] => sitemaps::read(folder.as_ref()),
        ["bare-sitemaps", folder] => sitemaps::bare(folder.as_ref()),
        ["read-warc", file] => warc::read(file.as_ref()),
        ["write-warc", file, lines, pages] => drop(warc::write(file.as_ref(), lines.as_ref(), pages.parse().unwrap())),
        _ => panic!("what this is for stands at the head of tests/bench/archive/main.rs"),
    }
}
