//! JSON for a person's terminal as much as for a program: what could drive a terminal is escaped, which JSON allows of every character.

use std::fmt::Write as _;

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

/// Outside of its texts JSON has no such character but the ends of lines, and within them those are escaped already.
fn harmless(json: String) -> String {
    let drives = |c: char| c != '\n' && is_harmful(c);
    if !json.contains(drives) {
        return json;
    }
    let mut text = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        // All of them are of the first 65,536 characters, which take one escape.
        if drives(c) {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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
