//! A floor under the quality on labelled data, where that lies beside the project (`$DATELINE_SHARED`, else `../shared`): visibly skipped elsewhere.
//!
//! The floors are below what is reached, by about what chance moves a set of a hundred: they catch a stage that broke, the benches measure.

use std::path::PathBuf;
use std::process::Command;

/// What the scorer prints for these sets; `None` where there is no labelled data.
fn judged(arguments: &[&str]) -> Option<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("DATELINE_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let judge = shared.join("tools/judge.py");
    if !judge.exists() {
        eprintln!("SKIPPED: no labelled data at `{}`", shared.display());
        return None;
    }
    let done = Command::new("python3")
        .arg(judge)
        .args(arguments)
        .args(["--binary", env!("CARGO_BIN_EXE_dateline")])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(String::from_utf8(done.stdout).unwrap())
}

/// The number that follows `name` on the first line of `section` that has it.
fn figure(printed: &str, section: &str, name: &str) -> f64 {
    let from = printed.find(section).unwrap_or_else(|| panic!("no `{section}` in\n{printed}"));
    let at = printed[from..].find(name).unwrap_or_else(|| panic!("no `{name}` after `{section}` in\n{printed}"));
    let rest = printed[from + at + name.len()..].trim_start();
    let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    number.parse().unwrap_or_else(|_| panic!("no number after `{name}` in\n{printed}"))
}

fn check(printed: &str, section: &str, name: &str, floor: f64) {
    let reached = figure(printed, section, name);
    assert!(reached >= floor, "{section} {name}: {reached}, at least {floor} is expected\n{printed}");
}

#[test]
fn feeds_are_read() {
    let Some(printed) = judged(&["feeds"]) else { return };
    check(&printed, "parsed", "=", 99.5);
    check(&printed, "MACRO", "text", 97.0);
    check(&printed, "CORE", "text", 99.0);
}

#[test]
fn pages_are_cleaned() {
    let Some(printed) = judged(&["pages", "zyte", "fundus"]) else { return };
    check(&printed, "pages/zyte", "f1", 0.955);
    check(&printed, "pages/fundus", "f1", 0.945);
    check(&printed, "pages/fundus", "title      n=94  exact", 0.85);
    check(&printed, "pages/fundus", "same UTC day", 0.96);
}

#[test]
fn events_are_told_apart() {
    let Some(printed) = judged(&["events", "ecbplus", "basil", "pac"]) else { return };
    for (set, floor) in [("events/ecbplus", 0.84), ("events/basil", 0.96), ("events/pac", 0.93)] {
        let reached = figure(&printed[printed.find(set).unwrap()..], "bcubed", "F1");
        assert!(reached >= floor, "{set}: {reached}, at least {floor} is expected");
    }
}
