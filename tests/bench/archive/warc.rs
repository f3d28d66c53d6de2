//! A WARC file of pages: read, cleaned, and taken the whole way into a database.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dateline::archive::warc::{Options, Reader};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::ToSpan;

use super::cost::{self, Cost, peak_mb};
use super::pages::{DAYS, FIRST_DAY, Pages};

const DATELINE: &str = env!("CARGO_BIN_EXE_dateline");

pub(super) fn table(count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (archive, lines) = (folder.path().join("pages.warc.gz"), folder.path().join("pages.jsonl"));
    let bytes = write(&archive, &lines, count);
    let packed = fs::metadata(&archive).unwrap().len();
    println!("{count} pages, {} KB each; as WARC, a gzip member a record: {} MB", bytes / count / 1000, packed >> 20);
    println!("{:<44} {:>9} {:>9} {:>8} {:>8} {:>9}", "", "pages/s", "pages/cpu", "wall s", "cpu s", "peak MB");

    let cost = cost::again(&["read-warc".as_ref(), archive.as_os_str()]);
    let (pages, peak) = cost.printed.trim().split_once(' ').unwrap();
    assert_eq!(pages, count.to_string());
    row("archive::warc, nothing done with the pages", count, &cost, peak);

    let clean = cost::of(Command::new(DATELINE).args(["clean", "--jsonl"]).stdin(File::open(&lines).unwrap()));
    let articles = clean.printed.lines().filter(|line| line.contains("\"error\":null")).count();
    row("dateline clean --jsonl", count, &clean, "-");

    let (config, database) = (folder.path().join("dateline.toml"), folder.path().join("dateline.db"));
    fs::write(&config, format!("[store]\npath = '{}'\nkeep_html = \"0d\"\n", database.display())).unwrap();
    let until = FIRST_DAY.checked_add(DAYS.days()).unwrap();
    let range = ["--since", &FIRST_DAY.to_string(), "--until", &until.to_string()];
    let backfill = ["--source", "warc"].into_iter().chain(range);
    let backfill =
        cost::of(Command::new(DATELINE).arg("--config").arg(&config).arg("backfill").args(backfill).arg(&archive));
    row("dateline backfill --source warc", count, &backfill, "-");
    println!("{}", backfill.printed.trim());
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!(
        "articles cleaned: {articles}; backfill's speed of clean's: {:.2} by the clock, {:.2} by the processor\n",
        ratio(clean.wall, backfill.wall),
        ratio(clean.cpu, backfill.cpu)
    );
}

fn row(name: &str, count: usize, cost: &Cost, peak: &str) {
    let count = f64::from(u32::try_from(count).unwrap());
    let (wall, cpu) = (cost.wall.as_secs_f64(), cost.cpu.as_secs_f64());
    println!("{name:<44} {:>9.0} {:>9.0} {wall:>8.2} {cpu:>8.2} {peak:>9}", count / wall, count / cpu);
}

/// Reads a file and counts its pages.
pub(super) fn read(path: &Path) {
    let mut file = File::open(path).unwrap();
    let mut reader = Reader::new(&Options::default());
    let mut piece = vec![0; 256 * 1024];
    loop {
        let length = file.read(&mut piece).unwrap();
        if length == 0 {
            break;
        }
        reader.push(&piece[..length], &mut |_| {});
    }
    println!("{} {}", reader.finish(&mut |_| {}).pages, peak_mb());
}

/// Writes the pages as an archive and as lines for `clean --jsonl`; returns their bytes.
pub(super) fn write(archive: &Path, lines: &Path, count: usize) -> usize {
    let mut pages = Pages::new();
    let mut archive = BufWriter::new(File::create(archive).unwrap());
    let mut lines = BufWriter::new(File::create(lines).unwrap());
    let mut bytes = 0;
    for number in 0..count {
        let page = pages.page(number);
        bytes += page.html.len();
        let line = serde_json::json!({ "id": number, "url": page.url, "html": page.html });
        writeln!(lines, "{line}").unwrap();
        let http = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n{}",
            page.html.len(),
            page.html
        );
        let record = format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {}\r\nWARC-Date: 2024-07-01T00:00:00Z\r\n\
             Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            page.url,
            http.len()
        );
        let mut member = GzEncoder::new(&mut archive, Compression::default());
        member.write_all(record.as_bytes()).unwrap();
        member.finish().unwrap();
    }
    bytes
}
