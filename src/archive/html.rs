//! The little of HTML that archives need: references, plain text, links. No tree is built.

use std::borrow::Cow;

use html5ever::data::NAMED_ENTITIES;
use memchr::memchr;

/// Longest name in the HTML standard is `CounterClockwiseContourIntegral`, 31 bytes.
const MAX_NAME: usize = 32;

/// `raw` with its character references resolved; what is none stays as written.
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    if memchr(b'&', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let end = after.bytes().take(MAX_NAME + 1).position(|b| b == b';');
        let name = end.and_then(|end| after.get(..end)).unwrap_or_default();
        if push_reference(name, &mut out) {
            rest = after.get(name.len() + 1..).unwrap_or_default();
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn push_reference(name: &str, out: &mut String) -> bool {
    match name {
        "amp" => out.push('&'),
        "lt" => out.push('<'),
        "gt" => out.push('>'),
        "quot" => out.push('"'),
        "apos" => out.push('\''),
        _ => {
            if let Some(number) = name.strip_prefix('#') {
                let (digits, radix) = number.strip_prefix(['x', 'X']).map_or((number, 10), |hex| (hex, 16));
                let code = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
                out.extend(code.filter(|c| *c != '\0'));
                return code.is_some();
            }
            let Some(&(first, second)) = NAMED_ENTITIES.get(format!("{name};").as_str()).filter(|codes| codes.0 != 0)
            else {
                return false;
            };
            out.extend(char::from_u32(first));
            out.extend(char::from_u32(second).filter(|c| *c != '\0'));
        }
    }
    true
}

/// HTML as plain text: tags dropped, references resolved, white space folded. `None`: nothing is left.
pub(super) fn plain(html: &str) -> Option<String> {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let is_tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        if let Some((_, behind)) = after.split_once('>').filter(|_| is_tag) {
            rest = behind;
        } else {
            text.push('<');
            rest = after;
        }
    }
    text.push_str(rest);
    let folded = decode(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    (!folded.is_empty()).then_some(folded)
}

/// A tag as written, between its brackets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a>(&'a str);

impl<'a> Tag<'a> {
    /// The value of an attribute, its references unresolved.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        let (_, mut rest) = self.0.split_once(|c: char| c.is_ascii_whitespace() || c == '/')?;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
            let (found, after) = rest.split_at_checked(end)?;
            if found.is_empty() && after.is_empty() {
                return None;
            }
            let after = after.trim_ascii_start();
            let (value, behind) = match after.strip_prefix('=').map(str::trim_ascii_start) {
                None => ("", after),
                Some(value) => match value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
                    Some(quote) => {
                        let inner = value.get(1..)?;
                        inner.split_once(quote).unwrap_or((inner, ""))
                    }
                    None => value.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((value, "")),
                },
            };
            if found.eq_ignore_ascii_case(name) {
                return Some(value);
            }
            if behind.len() >= rest.len() {
                return None;
            }
            rest = behind;
        }
    }
}

/// The start tags of one name in a page, in order; scripts, styles and comments hold none.
pub(super) fn tags<'a>(html: &'a str, name: &'static str) -> impl Iterator<Item = Tag<'a>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('<')?;
            rest = after;
            if let Some(comment) = after.strip_prefix("!--") {
                rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
                continue;
            }
            for raw in ["script", "style"] {
                if is_named(after, raw) {
                    rest = behind_end_tag(after, raw);
                }
            }
            if is_named(after, name) {
                let (tag, behind) = split_tag(after)?;
                rest = behind;
                return Some(Tag(tag));
            }
        }
    })
}

fn is_named(tag: &str, name: &str) -> bool {
    tag.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
        && tag.as_bytes().get(name.len()).is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
}

fn behind_end_tag<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("</") {
        if is_named(after, name) {
            return after;
        }
        rest = after;
    }
    ""
}

/// What stands before and after the `>` that ends a tag.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some((text.get(..at)?, text.get(at + 1..)?)),
            (_, b'<') => return Some((text.get(..at)?, text.get(at..)?)),
            _ => {}
        }
    }
    None
}
