//! Markup → tokens, forgiving: what is no tag is text, and nothing that a publisher wrote is an error.
//!
//! Knows nothing of feeds: the same tokens serve a feed and a web page. Invariants: every call moves forward, the whole of a
//! document costs time in proportion to its length, and a document that stops inside a tag or section says so in `cut`.

use memchr::{memchr, memchr2, memchr3, memmem};

/// One piece of markup; references in it are not resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Start(Tag<'a>),
    /// The name in an end tag.
    End(&'a str),
    Text(&'a str),
    Cdata(&'a str),
    /// Everything between `<!DOCTYPE` and its `>`.
    Doctype(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// The name as written, with its prefix.
    pub(super) name: &'a str,
    attributes: &'a str,
    /// Whether the tag closes itself (`<br/>`).
    pub(super) closed: bool,
}

impl<'a> Tag<'a> {
    /// The attributes as written: name and raw value.
    pub(super) fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: self.attributes }
    }

    /// The raw value of an attribute, its name compared without prefix and without regard to case.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        if self.attributes.is_empty() {
            return None;
        }
        self.attributes().find(|(found, _)| split_name(found).1.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Appends the tag as written, under another name.
    pub(super) fn write_into(&self, name: &str, out: &mut String) {
        out.extend(["<", name]);
        if !self.attributes.is_empty() {
            out.extend([" ", self.attributes]);
        }
        out.push_str(if self.closed { " />" } else { ">" });
    }

    /// Whether the tag has no attributes.
    pub(super) fn is_bare(&self) -> bool {
        self.attributes.is_empty()
    }
}

/// Prefix (empty where there is none) and local part of a name.
pub(super) fn split_name(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// The tokens of a document, in order.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// Byte offset of a tag, comment or section that the document ends in.
    pub(super) cut: Option<usize>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, cut: None }
    }

    /// Byte offset of the next token.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn find_text(&self, from: usize, needle: &str) -> Option<usize> {
        let rest = self.text.as_bytes().get(from..)?;
        memmem::find(rest, needle.as_bytes()).map(|at| from + at)
    }

    fn find_byte(&self, from: usize, byte: u8) -> Option<usize> {
        memchr(byte, self.text.as_bytes().get(from..)?).map(|at| from + at)
    }

    /// The rest of the document is inside something that never ends.
    fn cut_at(&mut self, offset: usize) {
        self.cut = Some(offset);
        self.at = self.text.len();
    }

    /// Text up to the next `<`; the first byte belongs to it whatever it is.
    fn take_text(&mut self) -> Token<'a> {
        let start = self.at;
        self.at = self.find_byte(start + 1, b'<').unwrap_or(self.text.len());
        Token::Text(self.slice(start, self.at))
    }

    /// `<!` at the cursor. `None`: something that carries nothing.
    fn take_declaration(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        let rest = self.slice(start, self.text.len());
        if rest.starts_with("<!--") {
            match self.find_text(start + 4, "-->") {
                Some(end) => self.at = end + 3,
                None => self.cut_at(start),
            }
            return None;
        }
        if rest.starts_with("<![CDATA[") {
            let Some(end) = self.find_text(start + 9, "]]>") else {
                self.cut_at(start);
                return Some(Token::Cdata(self.slice(start + 9, self.text.len())));
            };
            self.at = end + 3;
            return Some(Token::Cdata(self.slice(start + 9, end)));
        }
        let bytes = self.text.as_bytes();
        let mut at = start + 2;
        let mut subset = false;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr3(b'>', b'[', b']', rest)) {
            at += found;
            match bytes.get(at) {
                Some(b'[') => subset = true,
                Some(b']') => subset = false,
                _ if !subset => {
                    self.at = at + 1;
                    return Some(Token::Doctype(self.slice(start + 2, at)));
                }
                _ => {}
            }
            at += 1;
        }
        // No end in sight: take the first `>`, so that one stray declaration does not cost the document.
        match self.find_byte(start, b'>') {
            Some(end) => self.at = end + 1,
            None => self.cut_at(start),
        }
        None
    }

    fn take_instruction(&mut self) {
        let start = self.at;
        match self
            .find_text(start + 2, "?>")
            .map(|end| end + 2)
            .or_else(|| self.find_byte(start, b'>').map(|end| end + 1))
        {
            Some(end) => self.at = end,
            None => self.cut_at(start),
        }
    }

    fn take_end(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start + 2..)?;
        let end = start + 2 + memchr2(b'>', b'<', rest).unwrap_or(rest.len());
        self.at = if self.text.as_bytes().get(end) == Some(&b'>') { end + 1 } else { end };
        let name = self.slice(start + 2, end);
        Some(Token::End(name.split_ascii_whitespace().next().unwrap_or_default()))
    }

    fn take_start(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let Some(end) = tag_end(bytes, start + 1) else {
            self.cut_at(start);
            return None;
        };
        // A `<` where the tag should end: the tag was never closed and the next one begins here.
        self.at = if bytes.get(end) == Some(&b'>') { end + 1 } else { end };
        let inside = self.slice(start + 1, end);
        let name_len = inside.bytes().position(|b| b.is_ascii_whitespace() || b == b'/').unwrap_or(inside.len());
        let (name, rest) = inside.split_at_checked(name_len).unwrap_or((inside, ""));
        let rest = rest.trim_ascii();
        // `<a href=/x/>` closes itself no more than HTML does, but feeds are XML: a last slash closes.
        let (attributes, closed) = rest.strip_suffix('/').map_or((rest, false), |rest| (rest.trim_ascii_end(), true));
        Some(Token::Start(Tag { name, attributes, closed }))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        loop {
            let first = *bytes.get(self.at)?;
            if first != b'<' {
                return Some(self.take_text());
            }
            let token = match bytes.get(self.at + 1) {
                Some(b'!') => self.take_declaration(),
                Some(b'?') => {
                    self.take_instruction();
                    None
                }
                Some(b'/') if bytes.get(self.at + 2).is_some_and(|b| starts_name(*b)) => self.take_end(),
                Some(b) if starts_name(*b) => self.take_start(),
                _ => Some(self.take_text()),
            };
            if token.is_some() {
                return token;
            }
        }
    }
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80
}

/// Where the tag whose name begins at `from` ends: its `>`, or the `<` of the next one where it has none.
///
/// A `>` inside quotes does not count, unless no quote follows before the next `<` (which XML forbids in a value).
fn tag_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        // Tags are short: stepping is faster than searching.
        match *bytes.get(at)? {
            b'>' | b'<' => return Some(at),
            // A quote opens a value only after `=`; elsewhere (`<p it's>`) it is dirt.
            quote @ (b'"' | b'\'') if preceded_by_equals(bytes, at) => {
                let rest = bytes.get(at + 1..)?;
                let value = memchr2(quote, b'<', rest).unwrap_or(rest.len());
                if rest.get(value) == Some(&quote) {
                    at += 1 + value;
                } else if let Some(end) = rest.get(..value).and_then(|value| memchr(b'>', value)) {
                    return Some(at + 1 + end);
                } else {
                    at += value;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

fn preceded_by_equals(bytes: &[u8], at: usize) -> bool {
    bytes.get(..at).and_then(|before| before.trim_ascii_end().last()) == Some(&b'=')
}

/// Attributes one by one: quoted, unquoted, or without a value.
#[derive(Debug, Clone)]
pub(super) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let rest = self.rest.trim_ascii_start();
        // A leading `=` or quote is dirt; taking one byte as the name keeps the cursor moving.
        let name_len =
            rest.bytes().skip(1).position(|b| b.is_ascii_whitespace() || b == b'=').map_or(rest.len(), |at| at + 1);
        let (name, after) = rest.split_at_checked(name_len)?;
        if name.is_empty() {
            return None;
        }
        let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
            self.rest = after;
            return Some((name, ""));
        };
        let value = value.trim_ascii_start();
        if let Some(quoted) = value.strip_prefix(['"', '\'']) {
            let quote = value.as_bytes().first().copied().unwrap_or_default();
            let end = memchr(quote, quoted.as_bytes()).unwrap_or(quoted.len());
            let (inside, after) = quoted.split_at_checked(end).unwrap_or((quoted, ""));
            self.rest = after.get(1..).unwrap_or_default();
            return Some((name, inside));
        }
        let end = value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len());
        let (bare, after) = value.split_at_checked(end).unwrap_or((value, ""));
        self.rest = after;
        Some((name, bare))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        Tokens::new(text)
            .map(|token| match token {
                Token::Start(tag) => {
                    let attributes: Vec<String> =
                        tag.attributes().map(|(name, value)| format!(" {name}={value}")).collect();
                    format!("<{}{}{}>", tag.name, attributes.concat(), if tag.closed { "/" } else { "" })
                }
                Token::End(name) => format!("</{name}>"),
                Token::Text(text) => text.to_owned(),
                Token::Cdata(text) => format!("[{text}]"),
                Token::Doctype(text) => format!("!{text}"),
            })
            .collect()
    }

    #[test]
    fn tokens_of_sound_and_broken_markup() {
        for (text, want) in [
            ("<a x='1' y=\"2\">t</a >", vec!["<a x=1 y=2>", "t", "</a>"]),
            ("<a x = 1 y/>", vec!["<a x=1 y=/>"]),
            ("<a t=\"x>y\">", vec!["<a t=x>y>"]),
            ("<a t=\"x>b</a>", vec!["<a t=x>", "b", "</a>"]),
            ("1 < 2 <3 <", vec!["1 ", "< 2 ", "<3 ", "<"]),
            ("<a <b>c", vec!["<a>", "<b>", "c"]),
            ("<![CDATA[<x>]]>y<!-- <z> -->", vec!["[<x>]", "y"]),
            ("<!DOCTYPE rss [<!ENTITY a \"b\">]><r>", vec!["!DOCTYPE rss [<!ENTITY a \"b\">]", "<r>"]),
            ("<?xml version='1.0'?><r></r", vec!["<r>", "</r>"]),
            ("<r><![CDATA[cut", vec!["<r>", "[cut]"]),
            ("<r><link href=\"http", vec!["<r>"]),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }

    #[test]
    fn a_document_that_stops_in_a_tag_says_so() {
        let mut tokens = Tokens::new("<r>a<link href=");
        assert_eq!(tokens.by_ref().count(), 2);
        assert_eq!(tokens.cut, Some(4));
    }
}
