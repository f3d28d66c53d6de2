//! Markup to tokens (HTML, 13.2.5), for html5ever's tree builder.
//!
//! The page is there as a whole, so that what html5ever's own tokenizer walks character by character is found by search, and every text and value
//! is a part of the page's one buffer: that takes a quarter of the time (measured 2026-11). What differs from it is said where it does; tests
//! compare the trees. Attributes that nobody reads are left out. Every construct is read in time linear in its length, and [`Tokenizer::step`]
//! reads one.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{Attribute, LocalName, QualName, ns};
use memchr::{memchr, memchr2, memchr3, memmem};

use super::names::Names;
use super::raw;
use super::reference::{self, Place};

/// Nobody asks for the line that something stands in.
const LINE: u64 = 1;

/// What the text that comes next is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Markup.
    Data,
    /// Text up to the end tag of the last start tag.
    Raw(RawKind),
    /// Text up to the end.
    Plaintext,
}

/// Reads a page from its beginning to its end.
pub(super) struct Tokenizer<S: TokenSink> {
    /// With line feeds for line ends, and at most `u32::MAX` bytes.
    page: StrTendril,
    at: usize,
    state: State,
    /// The name of the last start tag.
    opened: LocalName,
    names: Names,
    /// Text that was read and not yet handed over: what stands between two tags goes in one.
    text: StrTendril,
    sink: S,
}

/// What follows a tag's name.
struct Attributes {
    list: Vec<Attribute>,
    had_duplicate: bool,
    self_closing: bool,
    /// Where the tag ends.
    end: usize,
}

impl<S: TokenSink> Tokenizer<S> {
    pub(super) fn new(html: &str, sink: S) -> Self {
        let html = html.strip_prefix('\u{feff}').unwrap_or(html);
        let page = if memchr(b'\r', html.as_bytes()).is_some() {
            // HTML, 13.2.3.5.
            StrTendril::from(html.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            StrTendril::from_slice(html)
        };
        let opened = LocalName::default();
        Self { page, at: 0, state: State::Data, opened, names: Names::default(), text: StrTendril::new(), sink }
    }

    /// How many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn sink(&self) -> &S {
        &self.sink
    }

    /// Reads the next construct; whether there may be more.
    pub(super) fn step(&mut self) -> bool {
        if self.at >= self.page.len() {
            return false;
        }
        match self.state {
            State::Data => self.data(),
            State::Raw(kind) => self.raw(kind),
            State::Plaintext => {
                self.push_without_nul(self.page.len());
            }
        }
        true
    }

    /// Tells the sink that the page is over, and gives it back.
    pub(super) fn end(mut self) -> S {
        self.hand_over();
        self.tell(Token::EOFToken);
        self.sink.end();
        self.sink
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.page.as_bytes().get(at).copied()
    }

    fn rest(&self, from: usize) -> &[u8] {
        self.page.as_bytes().get(from..).unwrap_or_default()
    }

    fn upto(&self, to: usize) -> &[u8] {
        self.page.as_bytes().get(self.at..to).unwrap_or_default()
    }

    /// The bytes from `from` to `to` of the page, shared with it. Both are at characters.
    fn part(&self, from: usize, to: usize) -> StrTendril {
        let narrow = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        self.page.subtendril(narrow(from), narrow(to.saturating_sub(from)))
    }

    fn push(&mut self, to: usize) {
        if to > self.at {
            let part = self.part(self.at, to);
            if self.text.is_empty() {
                self.text = part;
            } else {
                self.text.push_tendril(&part);
            }
            self.at = to;
        }
    }

    /// As within raw text: U+0000 becomes U+FFFD.
    fn push_without_nul(&mut self, to: usize) {
        let part = self.part(self.at, to);
        self.text.push_tendril(&without_nul(part));
        self.at = to;
    }

    fn hand_over(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::replace(&mut self.text, StrTendril::new());
            self.tell(Token::CharacterTokens(text));
        }
    }

    /// For tokens that change nothing about how the page is read on: all but tags.
    fn tell(&self, token: Token) {
        let _: TokenSinkResult<S::Handle> = self.sink.process_token(token, LINE);
    }

    fn data(&mut self) {
        let Some(length) = memchr3(b'<', b'&', 0, self.rest(self.at)) else {
            return self.push(self.page.len());
        };
        self.push(self.at + length);
        match self.byte(self.at) {
            Some(b'<') => self.markup(),
            Some(b'&') => self.reference(),
            _ => self.nul(),
        }
    }

    fn nul(&mut self) {
        self.hand_over();
        self.tell(Token::NullCharacterToken);
        self.at += 1;
    }

    fn reference(&mut self) {
        match reference::read(self.rest(self.at), Place::Text) {
            Some((chars, length)) => {
                chars.into_iter().flatten().for_each(|char| self.text.push_char(char));
                self.at += length;
            }
            None => self.push(self.at + 1),
        }
    }

    /// What begins with `<`.
    fn markup(&mut self) {
        let at = self.at;
        match (self.byte(at + 1), self.byte(at + 2)) {
            (Some(b'a'..=b'z' | b'A'..=b'Z'), _) => self.tag(TagKind::StartTag, at + 1),
            (Some(b'/'), Some(b'a'..=b'z' | b'A'..=b'Z')) => self.tag(TagKind::EndTag, at + 2),
            (Some(b'/'), Some(b'>')) => self.at += 3,
            (Some(b'/'), Some(_)) => self.bogus_comment(at + 2),
            (Some(b'/'), None) => self.push(at + 2),
            (Some(b'!'), _) => self.declaration(at + 2),
            (Some(b'?'), _) => self.bogus_comment(at + 1),
            _ => self.push(at + 1),
        }
    }

    fn declaration(&mut self, from: usize) {
        let rest = self.rest(from);
        let begins = |with: &[u8]| rest.get(..with.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(with));
        if rest.starts_with(b"--") {
            let (length, end) = comment(self.rest(from + 2));
            self.comment(from + 2, from + 2 + length, from + 2 + end);
        } else if begins(b"doctype") {
            let end = memchr(b'>', rest).map_or(self.page.len(), |length| from + length + 1);
            let doctype = doctype(self.part(self.at, end));
            self.at = end;
            self.hand_over();
            self.tell(Token::DoctypeToken(doctype));
        } else if rest.starts_with(b"[CDATA[") {
            self.hand_over();
            if self.sink.adjusted_current_node_present_but_not_in_html_namespace() {
                self.character_data(from + 7);
            } else {
                self.bogus_comment(from);
            }
        } else {
            self.bogus_comment(from);
        }
    }

    fn bogus_comment(&mut self, from: usize) {
        let end = memchr(b'>', self.rest(from)).map_or(self.page.len(), |length| from + length);
        self.comment(from, end, end + 1);
    }

    /// Hands over a comment whose text is from `from` to `to`; `end` is where it ends.
    fn comment(&mut self, from: usize, to: usize, end: usize) {
        self.hand_over();
        self.tell(Token::CommentToken(without_nul(self.part(from, to))));
        self.at = end.min(self.page.len());
    }

    fn character_data(&mut self, from: usize) {
        let end = memmem::find(self.rest(from), b"]]>").map_or(self.page.len(), |length| from + length);
        self.at = from;
        while let Some(length) = memchr(0, self.upto(end)) {
            self.push(self.at + length);
            self.nul();
        }
        self.push(end);
        self.at = (end + 3).min(self.page.len());
    }

    /// Text up to the end tag of what was opened, and that tag.
    fn raw(&mut self, kind: RawKind) {
        let end = raw::length(self.rest(self.at), &self.opened, kind);
        let end = end.map_or(self.page.len(), |length| self.at + length);
        if kind == RawKind::Rcdata {
            while let Some(length) = memchr(b'&', self.upto(end)) {
                self.push_without_nul(self.at + length);
                self.reference();
            }
        }
        self.push_without_nul(end);
        self.state = State::Data;
        if end < self.page.len() {
            self.tag(TagKind::EndTag, end + 2);
        }
    }

    /// The tag whose name begins at `from`. One that does not end is none.
    fn tag(&mut self, kind: TagKind, from: usize) {
        let name_end = self.rest(from).iter().position(|&byte| is_space(byte) || matches!(byte, b'/' | b'>'));
        let Some((name_end, attributes)) =
            name_end.and_then(|length| Some((from + length, self.attributes(from + length, kind)?)))
        else {
            self.at = self.page.len();
            return;
        };
        let name = self.name(from, name_end);
        self.at = attributes.end;
        self.hand_over();
        if kind == TagKind::StartTag {
            self.opened = name.clone();
        }
        let result = self.sink.process_token(
            Token::TagToken(Tag {
                kind,
                name,
                self_closing: attributes.self_closing,
                attrs: attributes.list,
                had_duplicate_attributes: attributes.had_duplicate,
            }),
            LINE,
        );
        match result {
            TokenSinkResult::RawData(kind) => self.state = State::Raw(kind),
            TokenSinkResult::Plaintext => self.state = State::Plaintext,
            // Scripts are not run, and the encoding is known.
            TokenSinkResult::Script(_) | TokenSinkResult::EncodingIndicator(_) | TokenSinkResult::Continue => {}
        }
    }

    /// The name of a tag.
    fn name(&mut self, from: usize, to: usize) -> LocalName {
        let Self { page, names, .. } = self;
        names.tag(page.get(from..to).unwrap_or_default())
    }

    /// The name of an attribute, if it is of use.
    fn attribute(&mut self, from: usize, to: usize) -> Option<LocalName> {
        let Self { page, names, .. } = self;
        names.attribute(page.get(from..to).unwrap_or_default())
    }

    /// What stands between the name of a tag, which ends at `at`, and its end; `None` where it has none. An end tag's attributes mean nothing.
    fn attributes(&mut self, mut at: usize, kind: TagKind) -> Option<Attributes> {
        let mut found = Attributes { list: Vec::new(), had_duplicate: false, self_closing: false, end: at };
        loop {
            at = self.skip_space(at);
            match self.byte(at)? {
                b'>' => break,
                b'/' => {
                    found.self_closing = self.byte(at + 1)? == b'>';
                    at += 1;
                    continue;
                }
                _ => {}
            }
            // An equals sign in the first place belongs to the name.
            let name = at;
            let length =
                self.rest(at + 1).iter().position(|&byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='))?;
            let name_end = at + 1 + length;
            at = self.skip_space(name_end);
            let mut value = (at, at);
            if self.byte(at)? == b'=' {
                at = self.skip_space(at + 1);
                value = match self.byte(at)? {
                    b'>' => (at, at),
                    quote @ (b'"' | b'\'') => (at + 1, at + 1 + memchr(quote, self.rest(at + 1))?),
                    _ => (at, at + self.rest(at).iter().position(|&byte| is_space(byte) || byte == b'>')?),
                };
                at = if value.0 > at { value.1 + 1 } else { value.1 };
            }
            if kind == TagKind::StartTag
                && let Some(name) = self.attribute(name, name_end)
            {
                if found.list.iter().any(|attribute| attribute.name.local == name) {
                    found.had_duplicate = true;
                } else {
                    let value = self.value(value.0, value.1);
                    found.list.push(Attribute { name: QualName::new(None, ns!(), name), value });
                }
            }
        }
        found.end = at + 1;
        Some(found)
    }

    fn skip_space(&self, at: usize) -> usize {
        let length = self.rest(at).iter().position(|&byte| !is_space(byte));
        length.map_or(self.page.len(), |length| at + length)
    }

    /// An attribute's value with its character references resolved.
    fn value(&self, from: usize, to: usize) -> StrTendril {
        let written = self.part(from, to);
        if memchr2(b'&', 0, written.as_bytes()).is_none() {
            return written;
        }
        let mut value = StrTendril::with_capacity(written.len32());
        let mut at = from;
        while let Some(length) = self.page.as_bytes().get(at..to).and_then(|rest| memchr(b'&', rest)) {
            value.push_slice(self.page.get(at..at + length).unwrap_or_default());
            at += length;
            let read = self.page.as_bytes().get(at..to).and_then(|rest| reference::read(rest, Place::Attribute));
            if let Some((chars, length)) = read {
                chars.into_iter().flatten().for_each(|char| value.push_char(char));
                at += length;
            } else {
                value.push_char('&');
                at += 1;
            }
        }
        value.push_slice(self.page.get(at..to).unwrap_or_default());
        without_nul(value)
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\x0c')
}

fn without_nul(text: StrTendril) -> StrTendril {
    if memchr(0, text.as_bytes()).is_some() { StrTendril::from(text.replace('\0', "\u{fffd}")) } else { text }
}

/// How long a comment is that begins here, and with its end.
fn comment(rest: &[u8]) -> (usize, usize) {
    if rest.starts_with(b">") {
        return (0, 1);
    }
    if rest.starts_with(b"->") {
        return (0, 2);
    }
    let mut from = 0;
    while let Some(found) = rest.get(from..).and_then(|rest| memmem::find(rest, b"--")) {
        let at = from + found;
        match rest.get(at + 2..) {
            Some([b'>', ..]) => return (at, at + 3),
            Some([b'!', b'>', ..]) => return (at, at + 4),
            _ => from = at + 1,
        }
    }
    let unended = ["--!", "--", "-"].into_iter().find(|end| rest.ends_with(end.as_bytes())).map_or(0, str::len);
    (rest.len() - unended, rest.len())
}

/// Read as html5ever does: there is one on a page.
fn doctype(written: StrTendril) -> Doctype {
    use html5ever::tokenizer::{Tokenizer, TokenizerOpts};

    #[derive(Default)]
    struct Last(std::cell::RefCell<Doctype>);

    impl TokenSink for Last {
        type Handle = ();

        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            if let Token::DoctypeToken(doctype) = token {
                self.0.replace(doctype);
            }
            TokenSinkResult::Continue
        }
    }

    let input = BufferQueue::default();
    input.push_back(written);
    let tokenizer = Tokenizer::new(Last::default(), TokenizerOpts::default());
    let _: html5ever::TokenizerResult<()> = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.take()
}
