//! JSON for a person's terminal as much as for a program: what could drive a terminal is escaped, which JSON allows of every character.

use std::fmt::Write as _;

use memchr::memchr3_iter;
use serde::Serialize;

use super::table::is_harmful;

/// On many lines, indented.
///
/// # Errors
/// When the value cannot be JSON.
pub(super) fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(harmless)
}

/// On one line, with its end.
///
/// # Errors
/// When the value cannot be JSON.
pub(super) fn line(value: &impl Serialize) -> serde_json::Result<String> {
    let mut line = harmless(serde_json::to_string(value)?);
    line.push('\n');
    Ok(line)
}

fn harmless(json: String) -> String {
    if !may_drive(&json) {
        return json;
    }
    let mut text = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        // All of them are of the first 65,536 characters, which take one escape.
        if c != '\n' && is_harmful(c) {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

/// Outside of its texts JSON has no such character but the ends of lines, and those below the space are escaped within them already. The others
/// begin with one of three bytes, which are found sooner than megabytes of text are taken apart into characters.
fn may_drive(json: &str) -> bool {
    let first = |at: usize| json.get(at..)?.chars().next();
    memchr3_iter(0x7f, 0xc2, 0xe2, json.as_bytes()).any(|at| first(at).is_some_and(is_harmful))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_that_could_drive_a_terminal_is_found() {
        for c in (' '..=char::MAX).filter(|&c| is_harmful(c)) {
            assert!(may_drive(&format!("\"a{c}b\"")), "{c:?}");
        }
        assert!(!may_drive("{\n \"é“地震”—\"}"));
    }

    #[test]
    fn what_is_escaped_means_the_same() {
        let text = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}b\u{2069}\n\"ü\" 地震";
        let value = serde_json::json!({ "title": text, "list": [1, null] });
        for json in [pretty(&value).unwrap(), line(&value).unwrap()] {
            assert!(!json.contains(|c| c != '\n' && is_harmful(c)), "{json:?}");
            assert!(json.contains("地震") && json.contains("\\u009b31m\\u007f\\u202e"), "{json:?}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
        }
        assert_eq!(line(&value).unwrap().matches('\n').count(), 1);
    }
}
