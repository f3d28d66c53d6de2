//! Every warning and error that the log can show stands in the README, with what to do.

use std::path::Path;

use crate::layers::sources;

#[test]
fn every_warning_stands_in_the_readme() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let mut missing = Vec::new();
    let mut found = 0;
    for (_, file, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for start in ["tracing::warn!(", "tracing::error!("] {
            for (at, _) in code.match_indices(start) {
                let message = message(&code[at + start.len()..]);
                found += 1;
                if !readme.contains(&message) {
                    missing.push(format!("{}: {message}", file.display()));
                }
            }
        }
    }
    assert!(found > 10, "the sources are read");
    assert!(missing.is_empty(), "put these into the table of the section `Operating`: {missing:#?}");
}

/// The last text in quotes before the call is closed.
fn message(call: &str) -> String {
    let mut depth = 1;
    let mut last = String::new();
    let mut rest = call.chars();
    while let Some(c) = rest.next() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => break,
            ')' => depth -= 1,
            '"' => last = rest.by_ref().take_while(|&c| c != '"').collect(),
            _ => {}
        }
    }
    last
}

#[test]
fn the_message_is_the_last_text() {
    assert_eq!(
        message("feed, error = f(\"x\"), \"a poll (of a feed) failed\");\nnext(\"y\")"),
        "a poll (of a feed) failed"
    );
}
