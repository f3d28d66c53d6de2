//! XML → tags and text, by pieces of any size, forgiving.
//!
//! Knows nothing of sitemaps. Invariants: text is handed on as it arrives, only a tag is held until it is whole; a tag, comment or
//! section that never ends costs no more than its bound; the pieces in which a document arrives change nothing but where its text
//! is parted.

use memchr::{memchr, memmem};

/// Longest tag kept; a longer one is passed over. Those of sitemaps have some hundred bytes, the root with all its namespaces.
const MAX_TAG_BYTES: usize = 16 * 1024;

/// A piece of markup; references in it are not resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// The name of a start tag, without its prefix.
    Start(&'a str),
    /// The name of an end tag, without its prefix.
    End(&'a str),
    /// Text with its references; more of the same may follow.
    Text(&'a str),
    /// Text that has no references; more of the same may follow.
    Cdata(&'a str),
}

/// What the cursor is inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Text,
    /// A tag, its first byte being the first held.
    Tag,
    /// What ends with these bytes and is not looked at.
    Passed(&'static str),
    Cdata,
}

/// The cursor.
pub(super) struct Tokens {
    inside: Inside,
    /// What cannot be told apart before more arrives.
    held: String,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self { inside: Inside::Text, held: String::new() }
    }

    /// Whether the document may end here.
    pub(super) fn is_complete(&self) -> bool {
        self.inside == Inside::Text
    }

    /// Reads more; `sink` says `false` to stop.
    pub(super) fn push(&mut self, text: &str, sink: &mut impl FnMut(Token<'_>) -> bool) -> bool {
        if self.held.is_empty() {
            let (inside, rest, go_on) = run(self.inside, text, sink);
            self.inside = inside;
            self.held.push_str(rest);
            return go_on;
        }
        let mut held = std::mem::take(&mut self.held);
        // What is held is short; the piece that follows is not copied but for what completes it.
        held.push_str(text);
        let (inside, rest, go_on) = run(self.inside, &held, sink);
        self.inside = inside;
        let left = held.len() - rest.len();
        held.drain(..left);
        self.held = held;
        go_on
    }
}

/// Reads as far as it can; returns where it is and what has to be seen again with more behind it.
fn run<'a>(mut inside: Inside, text: &'a str, sink: &mut impl FnMut(Token<'_>) -> bool) -> (Inside, &'a str, bool) {
    let mut rest = text;
    loop {
        let bytes = rest.as_bytes();
        match inside {
            Inside::Text => {
                let open = memchr(b'<', bytes).unwrap_or(bytes.len());
                let (before, from) = split(rest, open);
                if !before.is_empty() && !sink(Token::Text(before)) {
                    return (inside, from, false);
                }
                if from.is_empty() {
                    return (inside, "", true);
                }
                rest = from;
                inside = Inside::Tag;
            }
            Inside::Tag => {
                const COMMENT: &str = "<!--";
                const CDATA: &str = "<![CDATA[";
                let (next, length) = if rest.starts_with(COMMENT) {
                    (Inside::Passed("-->"), COMMENT.len())
                } else if rest.starts_with(CDATA) {
                    (Inside::Cdata, CDATA.len())
                } else if rest.starts_with("<?") {
                    (Inside::Passed("?>"), 2)
                } else if COMMENT.starts_with(rest) || CDATA.starts_with(rest) {
                    return (inside, rest, true);
                } else if bytes.get(1).is_some_and(|b| !(b.is_ascii_alphabetic() || b"/!_".contains(b))) {
                    // A lone `<`.
                    if !sink(Token::Text("<")) {
                        return (Inside::Text, rest, false);
                    }
                    (Inside::Text, 1)
                } else if let Some(end) = tag_end(bytes.get(..MAX_TAG_BYTES).unwrap_or(bytes)) {
                    let (tag, after) = split(rest, end + 1);
                    rest = after;
                    inside = Inside::Text;
                    if !hand_on(tag, sink) {
                        return (inside, rest, false);
                    }
                    continue;
                } else if rest.len() >= MAX_TAG_BYTES {
                    (Inside::Passed(">"), 1)
                } else {
                    return (inside, rest, true);
                };
                inside = next;
                rest = split(rest, length).1;
            }
            Inside::Passed(end) => {
                let Some(at) = memmem::find(bytes, end.as_bytes()) else {
                    return (inside, tail(rest, end.len() - 1), true);
                };
                rest = split(rest, at + end.len()).1;
                inside = Inside::Text;
            }
            Inside::Cdata => {
                let Some(at) = memmem::find(bytes, b"]]>") else {
                    let kept = tail(rest, 2);
                    let (before, _) = split(rest, rest.len() - kept.len());
                    let go_on = before.is_empty() || sink(Token::Cdata(before));
                    return (inside, kept, go_on);
                };
                let (before, after) = split(rest, at);
                rest = split(after, 3).1;
                inside = Inside::Text;
                if !before.is_empty() && !sink(Token::Cdata(before)) {
                    return (inside, rest, false);
                }
            }
        }
    }
}

/// Where the tag that begins `bytes` ends: its `>` outside of quotes, or the next `<`, whichever comes first, so that a quote without
/// its partner costs one tag.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let first = memchr(b'>', bytes)?;
    let head = bytes.get(..first)?;
    if memchr(b'"', head).is_none() && memchr(b'\'', head).is_none() {
        return Some(first);
    }
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'>') => return Some(at),
            (_, b'<') => return Some(first),
            _ => {}
        }
    }
    None
}

fn hand_on(tag: &str, sink: &mut impl FnMut(Token<'_>) -> bool) -> bool {
    let inner = tag.trim_start_matches('<').trim_end_matches('>');
    let local =
        |name: &str| name.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '<')).unwrap_or(name.len());
    if let Some(name) = inner.strip_prefix('/') {
        let name = name.trim_start();
        return sink(Token::End(without_prefix(split(name, local(name)).0)));
    }
    // `<!DOCTYPE html>` is a start tag of `!DOCTYPE` with the root for its attribute.
    let name = split(inner, local(inner)).0;
    if name.eq_ignore_ascii_case("!doctype") {
        let root = inner.split_ascii_whitespace().nth(1).unwrap_or_default();
        return !root.eq_ignore_ascii_case("html") || sink(Token::Start(root));
    }
    if name.is_empty() || name.starts_with('!') {
        return true;
    }
    let name = without_prefix(name);
    sink(Token::Start(name)) && (!inner.ends_with('/') || sink(Token::End(name)))
}

fn without_prefix(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn split(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// The last `bytes` of a text, or a little more where that is inside a character.
fn tail(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    text.get(from..).unwrap_or(text)
}
