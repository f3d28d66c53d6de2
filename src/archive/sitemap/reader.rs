//! Bytes by pieces → what a sitemap lists.
//!
//! Bytes are decompressed, made text, cut into tokens or lines, and collected entry by entry; no step holds more than its buffer.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};
use url::Url;

use super::tokens::Tokens;
use super::walk::{Step, Walk, append};
use super::{Found, Kind, Options, Page, Sitemap, Summary};
use crate::archive::gunzip::{Gunzip, MAGIC, Piece};

/// gzip inside gzip occurs where a server compresses what is compressed already; deeper is hostile.
const MAX_LAYERS: usize = 2;
/// What the beginning of a document is told by: its XML declaration.
const HEAD_BYTES: usize = 256;
/// Text is decoded by pieces of this size.
const TEXT_BYTES: usize = 16 * 1024;
/// A text of which so many lines are no addresses is no sitemap.
const MAX_IDLE_LINES: usize = 20;

/// Reads one sitemap as it arrives.
pub struct Reader {
    input: Input,
    layers: usize,
    head: Vec<u8>,
    charset: Option<&'static Encoding>,
    body: Body,
}

/// How the bytes are compressed.
enum Input {
    /// Not known yet: what arrived is shorter than the magic number.
    Unknown(Vec<u8>),
    Plain,
    Gzip(Box<Gunzip>, Box<Reader>),
}

impl Reader {
    /// Begins to read the document at `url`; relative addresses start there. `content_type` is the header.
    #[must_use]
    pub fn new(url: &Url, content_type: Option<&str>, options: &Options) -> Self {
        Self {
            input: Input::Unknown(Vec::new()),
            layers: 0,
            head: Vec::new(),
            charset: content_type.and_then(header_charset),
            body: Body::new(url, options),
        }
    }

    /// Reads more; `sink` gets what is found. `false`: nothing more will be found, the rest need not be read.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Found)) -> bool {
        match &mut self.input {
            Input::Unknown(start) => {
                start.extend_from_slice(bytes);
                let is_gzip = start.starts_with(&MAGIC) && self.layers < MAX_LAYERS;
                if !is_gzip && start.len() < MAGIC.len() && MAGIC.starts_with(start) {
                    return true;
                }
                let start = std::mem::take(start);
                self.input =
                    if is_gzip { Input::Gzip(Box::new(Gunzip::new(0)), Box::new(self.inner())) } else { Input::Plain };
                self.push(&start, sink)
            }
            Input::Plain => self.push_plain(bytes, sink),
            Input::Gzip(gunzip, inner) => {
                let mut input = bytes;
                let pushed = gunzip.push(&mut input, &mut |piece| match piece {
                    Piece::Data(data) => inner.push(data, sink),
                    Piece::Member(_) | Piece::End => true,
                });
                if let Err(what) = pushed
                    && !(gunzip.has_begun()
                        && gunzip.is_complete()
                        && inner.body.summary.decoded_bytes > 0
                        && what == "not gzip")
                {
                    inner.body.note(what.to_owned());
                    return false;
                }
                !inner.body.ended
            }
        }
    }

    /// Reads what is left and tells what was read.
    #[must_use]
    pub fn finish(mut self, sink: &mut dyn FnMut(Found)) -> Summary {
        match self.input {
            Input::Unknown(start) => {
                self.input = Input::Plain;
                self.push_plain(&start, sink);
                self.finish_plain(sink)
            }
            Input::Plain => self.finish_plain(sink),
            Input::Gzip(gunzip, mut inner) => {
                if !gunzip.is_complete() {
                    inner.body.note("the document ends inside its gzip data".to_owned());
                }
                inner.finish(sink)
            }
        }
    }

    /// Reads what this one decompresses.
    fn inner(&self) -> Self {
        Self {
            input: Input::Unknown(Vec::new()),
            layers: self.layers + 1,
            head: Vec::new(),
            charset: self.charset,
            body: Body::new(&self.body.url, &self.body.options),
        }
    }

    fn push_plain(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Found)) -> bool {
        if self.body.ended {
            return false;
        }
        if self.body.decoder.is_some() {
            return self.body.push(bytes, sink);
        }
        let (now, later) = bytes.split_at(bytes.len().min(HEAD_BYTES.saturating_sub(self.head.len())));
        self.head.extend_from_slice(now);
        if self.head.len() < HEAD_BYTES {
            return true;
        }
        self.begin(sink) && (later.is_empty() || self.body.push(later, sink))
    }

    /// Decides about the encoding and reads the beginning.
    fn begin(&mut self, sink: &mut dyn FnMut(Found)) -> bool {
        let head = std::mem::take(&mut self.head);
        self.body.decoder = Some(encoding(&head, self.charset).new_decoder());
        self.body.push(&head, sink)
    }

    fn finish_plain(mut self, sink: &mut dyn FnMut(Found)) -> Summary {
        if self.body.decoder.is_none() {
            self.begin(sink);
        }
        self.body.finish(sink)
    }
}

/// The decompressed document.
struct Body {
    url: Url,
    options: Options,
    decoder: Option<Decoder>,
    markup: Tokens,
    walk: Walk,
    line: String,
    idle_lines: usize,
    summary: Summary,
    ended: bool,
}

impl Body {
    fn new(url: &Url, options: &Options) -> Self {
        let summary = Summary { kind: Kind::Empty, pages: 0, sitemaps: 0, decoded_bytes: 0, broken: None };
        Self {
            url: url.clone(),
            options: options.clone(),
            decoder: None,
            markup: Tokens::new(),
            walk: Walk::default(),
            line: String::new(),
            idle_lines: 0,
            summary,
            ended: false,
        }
    }

    fn note(&mut self, what: String) {
        self.summary.broken.get_or_insert(what);
    }

    /// Takes bytes in; `false`: enough.
    fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Found)) -> bool {
        let left = usize::try_from(self.options.max_bytes - self.summary.decoded_bytes).unwrap_or(usize::MAX);
        let read = bytes.get(..left).unwrap_or(bytes);
        self.summary.decoded_bytes += read.len() as u64;
        self.decode(read, Last::No, sink);
        if !self.ended && read.len() < bytes.len() {
            self.note(format!("longer than {} bytes; the rest was left out", self.options.max_bytes));
            self.ended = true;
        }
        !self.ended
    }

    fn decode(&mut self, mut bytes: &[u8], last: Last, sink: &mut dyn FnMut(Found)) {
        let Some(mut decoder) = self.decoder.take() else { return };
        let mut text = String::with_capacity(TEXT_BYTES);
        loop {
            let (result, read, _) = decoder.decode_to_string(bytes, &mut text, matches!(last, Last::Yes));
            bytes = bytes.get(read..).unwrap_or_default();
            self.text(&text, sink);
            text.clear();
            if result == CoderResult::InputEmpty || self.ended {
                break;
            }
        }
        self.decoder = Some(decoder);
    }

    fn text(&mut self, text: &str, sink: &mut dyn FnMut(Found)) {
        if self.summary.kind == Kind::Empty {
            let start = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
            match start.chars().next() {
                None => return,
                Some('<') => self.summary.kind = Kind::Unknown,
                Some(_) => self.summary.kind = Kind::Text,
            }
            return self.text(start, sink);
        }
        if self.summary.kind == Kind::Text { self.lines(text, sink) } else { self.tokens(text, sink) }
    }

    fn lines(&mut self, text: &str, sink: &mut dyn FnMut(Found)) {
        for piece in text.split_inclusive(['\n', '\r']) {
            append(&mut self.line, piece, self.options.max_field_bytes);
            if piece.ends_with(['\n', '\r']) {
                self.end_line(sink);
                if self.ended {
                    return;
                }
            }
        }
    }

    fn end_line(&mut self, sink: &mut dyn FnMut(Found)) {
        let line = std::mem::take(&mut self.line);
        let address = line.trim();
        let is_whole = line.len() <= self.options.max_field_bytes;
        let url = is_whole.then(|| Url::parse(address).ok().filter(is_web)).flatten();
        match url {
            Some(url) => {
                let page = Page { url, lastmod: None, published: None, title: None, language: None };
                self.found(Found::Page(page), sink);
            }
            None if address.is_empty() => {}
            None => {
                self.idle_lines += 1;
                if self.idle_lines >= MAX_IDLE_LINES && self.summary.pages + self.summary.sitemaps == 0 {
                    self.summary.kind = Kind::Unknown;
                    self.ended = true;
                }
            }
        }
        self.line = line;
        self.line.clear();
    }

    fn tokens(&mut self, text: &str, sink: &mut dyn FnMut(Found)) {
        let mut markup = std::mem::replace(&mut self.markup, Tokens::new());
        markup.push(text, &mut |token| {
            let step = self.walk.step(token, &self.options);
            match step {
                Step::On => {}
                Step::Is(kind) => {
                    if self.summary.kind == Kind::Unknown {
                        self.summary.kind = kind;
                        self.ended = kind != Kind::Xml;
                    }
                }
                Step::Entry => {
                    self.summary.kind = Kind::Xml;
                    self.commit(sink);
                }
            }
            !self.ended
        });
        self.markup = markup;
    }

    fn commit(&mut self, sink: &mut dyn FnMut(Found)) {
        if let Some(found) = self.walk.take(&self.url, &self.options) {
            self.found(found, sink);
        }
    }

    fn found(&mut self, found: Found, sink: &mut dyn FnMut(Found)) {
        let found = match found {
            Found::Page(page) if names_sitemap(&page.url) => {
                Found::Sitemap(Sitemap { url: page.url, lastmod: page.lastmod })
            }
            found => found,
        };
        if self.summary.pages + self.summary.sitemaps >= self.options.max_found {
            self.note(format!("more than {} addresses; the rest was left out", self.options.max_found));
            self.ended = true;
            return;
        }
        match &found {
            Found::Page(_) => self.summary.pages += 1,
            Found::Sitemap(_) => self.summary.sitemaps += 1,
        }
        sink(found);
    }

    fn finish(mut self, sink: &mut dyn FnMut(Found)) -> Summary {
        if !self.ended {
            self.decode(&[], Last::Yes, sink);
        }
        if !self.ended && self.summary.kind == Kind::Text {
            self.end_line(sink);
            if self.summary.pages + self.summary.sitemaps == 0 {
                self.summary.kind = Kind::Unknown;
            }
        }
        if !self.ended && self.walk.is_inside_entry() {
            self.note("the document ends inside an entry".to_owned());
            if self.walk.has_whole_address() {
                self.commit(sink);
            }
        } else if !self.ended && self.summary.kind == Kind::Xml && !self.markup.is_complete() {
            self.note("the document ends inside a tag".to_owned());
        }
        self.summary
    }
}

/// Whether the bytes are the last.
#[derive(Debug, Clone, Copy)]
enum Last {
    Yes,
    No,
}

pub(super) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// Whether an address is a sitemap's by its name, though it was listed as a page.
fn names_sitemap(url: &Url) -> bool {
    let path = url.path();
    let end = |end: &str| {
        path.len() > end.len() && path.get(path.len() - end.len()..).is_some_and(|p| p.eq_ignore_ascii_case(end))
    };
    end(".xml") || end(".xml.gz")
}

/// A byte order mark wins, then the XML declaration, then the header; else UTF-8, unless it already is none.
fn encoding(head: &[u8], header: Option<&'static Encoding>) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    match head {
        [b'<', 0, ..] => return encoding_rs::UTF_16LE,
        [0, b'<', ..] => return encoding_rs::UTF_16BE,
        _ => {}
    }
    let declared = || {
        let text = String::from_utf8_lossy(head);
        let (declaration, _) = text.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
        let (_, value) = declaration.split_once("encoding")?;
        let value = value.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
        let label = value.split(['"', '\'']).next()?;
        // What was read as bytes is not UTF-16, whatever it says.
        Encoding::for_label(label.as_bytes()).map(Encoding::output_encoding)
    };
    declared().or(header).unwrap_or_else(|| match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_some() => WINDOWS_1252,
        _ => UTF_8,
    })
}

fn header_charset(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, value) = lower.split_once("charset=")?;
    Encoding::for_label(value.split(';').next()?.trim().trim_matches(['"', '\'']).as_bytes())
}
