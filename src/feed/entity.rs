//! Character references: the five of XML, all names of HTML, numbers, and the entities that a document declares itself.
//!
//! Invariant: what is no reference stays as written (`AT&T`, `&doesnotexist;`), so nothing is ever lost.

use std::borrow::Cow;
use std::collections::HashMap;

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use memchr::memchr;

/// Longest name in the HTML standard is `CounterClockwiseContourIntegral`, 31 bytes.
const MAX_NAME: usize = 32;
/// How much one declared entity may stand for, in bytes: a name is at least three bytes, so a document cannot grow twentyfold.
const MAX_REPLACEMENT: usize = 64;
/// More declarations than this are not read; the XHTML 1.0 sets together hold 253.
const MAX_DECLARED: usize = 512;

/// The entities that the document's own DTD declares.
#[derive(Debug, Default)]
pub(super) struct Entities {
    declared: HashMap<String, String>,
}

impl Entities {
    /// Reads `<!ENTITY name "value">` out of a DOCTYPE. Parameter and external entities are not followed.
    pub(super) fn declare(&mut self, doctype: &str) {
        for declaration in doctype.split("<!ENTITY").skip(1).take(MAX_DECLARED) {
            let declaration = declaration.trim_ascii_start();
            let Some((name, rest)) = declaration.split_once(|c: char| c.is_ascii_whitespace()) else { continue };
            let rest = rest.trim_ascii_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
            let Some((value, _)) = rest.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) else { continue };
            if value.len() <= MAX_REPLACEMENT && name.len() <= MAX_NAME {
                // One level only: a reference inside a value is decoded against the standard names, never against other values.
                let value = decode(value).into_owned();
                self.declared.insert(name.to_owned(), value);
            }
        }
    }

    /// Appends `raw` with its references resolved.
    pub(super) fn decode_into(&self, raw: &str, out: &mut String) {
        let mut rest = raw;
        while let Some(at) = memchr(b'&', rest.as_bytes()) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.push_str(before);
            rest = self.take_reference(from, out);
        }
        out.push_str(rest);
    }

    /// `from` begins with `&`; returns what follows the reference, or the ampersand where it is none.
    fn take_reference<'a>(&self, from: &'a str, out: &mut String) -> &'a str {
        let body = from.strip_prefix('&').unwrap_or(from);
        // The five of XML are nearly all that occurs.
        for (name, c) in [("lt;", '<'), ("gt;", '>'), ("amp;", '&'), ("quot;", '"'), ("apos;", '\'')] {
            if let Some(rest) = body.strip_prefix(name) {
                out.push(c);
                return rest;
            }
        }
        if let Some(number) = body.strip_prefix('#') {
            if let Some((c, rest)) = take_number(number) {
                out.push(c);
                return rest;
            }
        } else if let Some(end) = body.bytes().take(MAX_NAME + 1).position(|b| b == b';') {
            let (name, rest) = body.split_at_checked(end).unwrap_or((body, ""));
            if let Some(value) = self.declared.get(name) {
                out.push_str(value);
                return rest.strip_prefix(';').unwrap_or(rest);
            }
            if push_named(name, out) {
                return rest.strip_prefix(';').unwrap_or(rest);
            }
        }
        out.push('&');
        body
    }
}

/// `raw` with the standard references resolved.
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    if memchr(b'&', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    Entities::default().decode_into(raw, &mut out);
    Cow::Owned(out)
}

/// Appends `text` so that it reads the same as HTML.
pub(super) fn escape_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
}

fn push_named(name: &str, out: &mut String) -> bool {
    // XHTML 1.0's DTD, whose names feeds use, has these at the older code points.
    match name {
        "lang" => out.push('\u{2329}'),
        "rang" => out.push('\u{232A}'),
        _ => {
            let mut key = String::with_capacity(MAX_NAME);
            key.push_str(name);
            key.push(';');
            let Some(&(first, second)) = NAMED_ENTITIES.get(key.as_str()).filter(|codes| codes.0 != 0) else {
                return false;
            };
            out.extend(char::from_u32(first));
            out.extend(char::from_u32(second).filter(|c| *c != '\0'));
        }
    }
    true
}

/// The character of a reference whose `&#` has been read, and what follows it. A missing `;` is forgiven.
fn take_number(number: &str) -> Option<(char, &str)> {
    let (digits, radix) = number.strip_prefix(['x', 'X']).map_or((number, 10), |hex| (hex, 16));
    let len = digits
        .bytes()
        .take(10)
        .position(|b| !b.is_ascii_hexdigit() || (radix == 10 && !b.is_ascii_digit()))
        .unwrap_or(digits.len().min(10));
    let (value, rest) = digits.split_at_checked(len)?;
    let code = u32::from_str_radix(value, radix).ok()?;
    Some((char_of(code), rest.strip_prefix(';').unwrap_or(rest)))
}

/// HTML, "numeric character reference end state": C1 controls mean windows-1252, what is no character becomes U+FFFD.
fn char_of(code: u32) -> char {
    let replaced =
        code.checked_sub(0x80).and_then(|c1| C1_REPLACEMENTS.get(usize::try_from(c1).ok()?).copied().flatten());
    replaced.or_else(|| char::from_u32(code).filter(|c| *c != '\0')).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_and_the_rest_kept() {
        for (raw, want) in [
            ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
            ("caf&eacute; &hellip;", "café …"),
            ("&#65;&#x42;&#X43;&#68", "ABCD"),
            ("don&#146;t", "don\u{2019}t"),
            ("AT&T &doesnotexist; &; & &#; &#x;", "AT&T &doesnotexist; &; & &#; &#x;"),
            ("&#0;&#xD800;&#99999999999;", "\u{FFFD}\u{FFFD}&#99999999999;"),
            ("&rang;", "\u{232A}"),
        ] {
            assert_eq!(decode(raw), want, "{raw}");
        }
    }

    #[test]
    fn a_document_may_declare_its_own() {
        let mut entities = Entities::default();
        entities.declare("DOCTYPE rss [<!ENTITY nbsp \"&#160;\"> <!ENTITY me 'Ann &amp; Bo'><!ENTITY x SYSTEM \"file:///etc/passwd\">]");
        let mut out = String::new();
        entities.decode_into("&me;&nbsp;&x;", &mut out);
        assert_eq!(out, "Ann & Bo\u{A0}&x;");
    }

    #[test]
    fn declared_entities_do_not_multiply() {
        let mut entities = Entities::default();
        entities.declare("DOCTYPE a [<!ENTITY a \"lollollol\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]");
        let mut out = String::new();
        entities.decode_into("&c;", &mut out);
        assert_eq!(out, "&b;&b;&b;");
    }
}
