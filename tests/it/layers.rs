//! The import rules of the crate, read off its sources: who may use whom.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const NOUNS: [&str; 4] = ["address", "article", "entry", "event"];

/// What each module may import beside the nouns; a module that is not here may import nothing else.
const RULES: [(&str, &[&str]); 11] = [
    ("backfill", &["pipeline", "archive", "clean", "discover", "feed", "fetch", "filter", "store", "upkeep"]),
    ("upkeep", &["clean", "group", "store"]),
    ("daemon", &["pipeline", "schedule", "fetch", "filter", "feed", "store", "metrics"]),
    ("pipeline", &["fetch", "clean", "group", "schedule", "store", "upkeep", "metrics"]),
    ("config", &["fetch", "filter", "schedule", "group", "store"]),
    ("export", &["store"]),
    ("discover", &["catalogue", "feed"]),
    ("opml", &["catalogue"]),
    ("catalogue", &[]),
    ("health", &["store"]),
    ("schedule", &[]),
];

/// Free to use everything below.
const TOP: [&str; 2] = ["main", "cli"];

/// Functions and values only: no I/O, no clock, no runtime.
const PURE: [&str; 11] =
    ["address", "archive", "article", "entry", "event", "feed", "filter", "clean", "group", "schedule", "opml"];

#[test]
fn modules_import_only_what_lies_below_them() {
    let mut breaches = Vec::new();
    for (module, file, text) in sources() {
        if TOP.contains(&module.as_str()) || module == "lib" {
            continue;
        }
        let allowed = RULES.iter().find(|(name, _)| *name == module).map_or(&[][..], |(_, allowed)| allowed);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for used in imports(code) {
            if used != module && !NOUNS.contains(&used.as_str()) && !allowed.contains(&used.as_str()) {
                breaches.push(format!("{}: uses `{used}`", file.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn pure_modules_touch_neither_the_clock_nor_the_world() {
    const WORLD: [&str; 9] = [
        "tokio::",
        "std::fs",
        "std::net::Tcp",
        "std::process",
        "std::env",
        "rusqlite",
        "Instant::now",
        "Timestamp::now",
        "clock_gettime",
    ];
    let mut breaches = Vec::new();
    for (module, file, text) in sources() {
        if !PURE.contains(&module.as_str()) {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
            for world in WORLD.iter().filter(|world| line.contains(**world)) {
                breaches.push(format!("{}: {world}: {line}", file.display()));
            }
        }
    }
    // Parsing is given up after a time budget, and that needs a clock: the one exception.
    breaches.retain(|breach| !(breach.contains("clean/parse/mod.rs") && breach.contains("clock_gettime")));
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn only_config_uses_the_config_crate_and_only_store_uses_sqlite() {
    for (module, file, text) in sources() {
        for (name, owner) in [("config::Config::builder", "config"), ("rusqlite::", "store")] {
            assert!(module == owner || !text.contains(name), "{} uses {name}", file.display());
        }
    }
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|(_, _, text)| text.lines().count() > 500)
        .map(|(_, file, text)| format!("{}: {} lines", file.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

/// Every source: its top module, its path, its text.
pub(crate) fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(&root).unwrap().to_owned();
                let first = below.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((first.trim_end_matches(".rs").to_owned(), below, text));
            }
        }
    }
    found
}

/// The modules of this crate that a source names: `crate::x`, `use crate::{x, y::z}`.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') || text[..at].ends_with("pub(in ") {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.extend(first_name(&std::mem::take(&mut name))),
                    c if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            found.extend(first_name(&name));
        } else {
            found.extend(first_name(rest));
        }
    }
    found
}

fn first_name(text: &str) -> Option<String> {
    let name: String = text.trim().chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect();
    (!name.is_empty() && name.starts_with(char::is_lowercase)).then_some(name)
}
