//! Strings from attributes, JSON and nodes as plain text: entities decoded, markup dropped, white space folded, NFC.

use std::borrow::Cow;

use ego_tree::NodeRef;
use scraper::{Html, Node};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Longest field read, in bytes; headlines and standfirsts measured (2026-11) stay under 1,200.
const MAX_BYTES: usize = 4_000;
/// Nodes looked at to gather the text of one element.
const MAX_NODES: usize = 256;

/// How the text of neighbouring inline elements is joined.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Inline {
    /// As written: parts of one phrase.
    Joined,
    /// As separate words, as in bylines put together from spans.
    Apart,
    /// As lines, one for each element.
    Parted,
}

/// `text` as a person reads it: decoded (also where it was escaped twice), folded, NFC. `None` when nothing is left.
pub(super) fn plain(text: &str) -> Option<String> {
    let mut text = Cow::Borrowed(prefix(text, MAX_BYTES));
    for _ in 0..2 {
        if !has_markup(&text) {
            break;
        }
        let fragment = Html::parse_fragment(&text);
        text = Cow::Owned(gather(fragment.tree.root(), MAX_BYTES, Inline::Joined));
    }
    let text = fold(&text);
    (!text.is_empty()).then_some(text)
}

/// White space folded to single spaces, invisible characters dropped, misread UTF-8 put right, NFC.
pub(super) fn fold(text: &str) -> String {
    let text = repaired(text);
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_whitespace() || char.is_control() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(char) {
            out.push(char);
        }
    }
    out.truncate(out.trim_end().len());
    if is_nfc_quick(out.chars()) == IsNormalized::Yes { out } else { out.nfc().collect() }
}

/// The text below `node`, at most `limit` bytes; a line break between blocks.
pub(super) fn gather(node: NodeRef<'_, Node>, limit: usize, inline: Inline) -> String {
    let mut out = String::new();
    let mut skipped = None;
    for (count, edge) in node.traverse().enumerate() {
        if out.len() >= limit || count >= 2 * MAX_NODES {
            break;
        }
        let (node, opens) = match edge {
            ego_tree::iter::Edge::Open(node) => (node, true),
            ego_tree::iter::Edge::Close(node) => (node, false),
        };
        if let Some(id) = skipped {
            if !opens && node.id() == id {
                skipped = None;
            }
            continue;
        }
        match node.value() {
            Node::Text(text) if opens => out.push_str(prefix(text, limit)),
            Node::Element(element) => {
                let name = element.name();
                if opens
                    && matches!(
                        name,
                        "script" | "style" | "template" | "noscript" | "svg" | "button" | "select" | "rp" | "rt"
                    )
                {
                    skipped = Some(node.id());
                } else if is_block(name) || (inline == Inline::Parted && !matches!(name, "b" | "em" | "i" | "wbr")) {
                    push_break(&mut out, '\n');
                } else if inline == Inline::Apart && matches!(name, "span" | "a" | "time" | "strong" | "b") {
                    push_break(&mut out, ' ');
                }
            }
            _ => {}
        }
    }
    out
}

/// At most `bytes` bytes of `text`, cut between characters.
pub(super) fn prefix(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    text.split_at(end).0
}

fn push_break(out: &mut String, mark: char) {
    if !out.is_empty() && !out.ends_with([mark, '\n', ' ']) {
        out.push(mark);
    } else if mark == '\n' && out.ends_with(' ') {
        out.pop();
        out.push('\n');
    }
}

fn is_block(name: &str) -> bool {
    !matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "data"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "kbd"
            | "mark"
            | "q"
            | "ruby"
            | "rb"
            | "s"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "u"
            | "var"
            | "wbr"
    )
}

fn has_markup(text: &str) -> bool {
    match (text.find('&'), text.find('<')) {
        (Some(at), _) if text.split_at(at).1.contains(';') => true,
        (_, Some(at)) => text.split_at(at).1.contains('>'),
        _ => false,
    }
}

fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// UTF-8 that was read as windows-1252 somewhere on its way, read again as UTF-8.
fn repaired(text: &str) -> Cow<'_, str> {
    let suspicious = text.chars().any(|c| matches!(c, '\u{c2}'..='\u{f4}')) && text.chars().any(|c| matches!(c, '\u{80}'..='\u{bf}' | '€' | '™' | 'œ' | 'Œ' | 'š' | 'Š' | 'ž' | 'Ž' | 'Ÿ' | '\u{2013}'..='\u{203a}'));
    if !suspicious {
        return Cow::Borrowed(text);
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
    match std::str::from_utf8(&bytes) {
        Ok(right) if !unmappable => Cow::Owned(right.to_owned()),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_out_as_read() {
        for (input, expect) in [
            ("  two \n\t words ", "two words"),
            ("Tom &amp; Jerry", "Tom & Jerry"),
            ("Tom &amp;#8217;s", "Tom ’s"),
            ("a <b>bold</b> claim", "a bold claim"),
            ("1 < 2", "1 < 2"),
            ("soft\u{ad}hyphen\u{200b}", "softhyphen"),
            ("Cafe\u{301}", "Café"),
            ("MÃ¼nchen fÃ¼r alle", "München für alle"),
            ("São Paulo – Ângela", "São Paulo – Ângela"),
        ] {
            assert_eq!(plain(input).as_deref(), Some(expect), "{input}");
        }
        assert_eq!(plain(" \u{200b} "), None);
    }
}
