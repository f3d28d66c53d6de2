//! A decompressed file by pieces → records → pages.

use std::collections::VecDeque;

use jiff::Timestamp;
use memchr::memmem;
use url::Url;

use super::payload::{self, Block};
use super::{Counts, Options, Page, Place};

/// Longest header of a record. Those of CC-NEWS have some 600 bytes, an address may have some thousand.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// What every record begins with.
const MARK: &[u8] = b"WARC/";
/// Bytes of a record that are neither its page nor more of it than the head of the HTTP answer and the chunks' lengths.
const BLOCK_SLACK: usize = 512 * 1024;

/// What the decompressed bytes are inside of.
enum State {
    /// Between records.
    Between(Trust),
    Block(Header),
    /// Behind a block: two line ends.
    Behind(Header),
}

/// Whether a record must begin here, or the last one was broken and anything may stand here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Sound,
    Lost,
}

/// Whether more bytes may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    Maybe,
    Never,
}

/// A record's header, as far as it is needed.
struct Header {
    kind: Kind,
    url: Option<Url>,
    captured_at: Option<Timestamp>,
    content_type: Option<String>,
    is_cut: bool,
    /// Bytes of the block that are still to come.
    left: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An HTTP answer.
    Response,
    /// The page itself.
    Resource,
    /// Passed over.
    Other,
    /// Passed over, for its length.
    TooLarge,
}

/// The decompressed file.
pub(super) struct Records {
    options: Options,
    state: State,
    /// What was pushed and not let go yet.
    held: Vec<u8>,
    /// How much of it is consumed.
    consumed: usize,
    block: Vec<u8>,
    /// Decompressed bytes that are consumed, counted from where reading began.
    at: u64,
    /// Decompressed bytes to be passed over before the first record.
    skip: u64,
    /// Where members begin, in decompressed bytes and in bytes of the file: the one that is being read, then those that follow.
    members: VecDeque<(u64, u64)>,
    /// Whether the file is compressed; otherwise it is all one member.
    is_compressed: bool,
    /// Where the record that is being read begins.
    place: Place,
    counts: Counts,
}

impl Records {
    pub(super) fn new(place: Place, options: &Options) -> Self {
        Self {
            options: options.clone(),
            state: State::Between(Trust::Sound),
            held: Vec::new(),
            consumed: 0,
            block: Vec::new(),
            at: 0,
            skip: place.inner,
            members: VecDeque::from([(0, place.offset)]),
            is_compressed: false,
            place,
            counts: Counts::default(),
        }
    }

    /// Where the record that is being read begins.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// What was read so far.
    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// What is pushed from here on is of another member, which begins at `offset` in the file.
    pub(super) fn begin_member(&mut self, offset: u64) {
        let start = self.at + self.rest().len() as u64;
        if !self.is_compressed {
            self.is_compressed = true;
            self.members.clear();
        }
        self.members.push_back((start, offset));
    }

    /// Where in the file the last member begins that was begun.
    pub(super) fn newest_member(&self) -> Option<u64> {
        self.members.back().filter(|_| self.is_compressed).map(|(_, offset)| *offset)
    }

    /// The rest of the current member cannot be decompressed.
    pub(super) fn lose(&mut self) {
        if !matches!(self.state, State::Between(Trust::Lost)) {
            self.counts.broken += 1;
        }
        self.consume(self.rest().len());
        self.block.clear();
        self.state = State::Between(Trust::Lost);
    }

    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Page)) {
        let passed = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= passed as u64;
        self.at += passed as u64;
        let bytes = bytes.get(passed..).unwrap_or_default();
        if !bytes.is_empty() {
            self.held.extend_from_slice(bytes);
            self.run(More::Maybe, sink);
        }
    }

    pub(super) fn finish(&mut self, sink: &mut dyn FnMut(Page)) {
        self.run(More::Never, sink);
        let is_whole = match self.state {
            State::Between(Trust::Sound) => self.rest().is_empty(),
            State::Between(Trust::Lost) => true,
            State::Block(_) | State::Behind(_) => false,
        };
        self.counts.broken += u64::from(!is_whole);
    }

    /// Reads what is held, as far as it goes.
    fn run(&mut self, more: More, sink: &mut dyn FnMut(Page)) {
        loop {
            let state = std::mem::replace(&mut self.state, State::Between(Trust::Sound));
            let (state, goes_on) = match state {
                State::Between(trust) => self.between(trust, more),
                State::Block(header) => self.block(header, more),
                State::Behind(header) => self.behind(header, more, sink),
            };
            self.state = state;
            if !goes_on {
                self.held.drain(..self.consumed);
                self.consumed = 0;
                return;
            }
        }
    }

    /// Looks for the header of a record.
    fn between(&mut self, trust: Trust, more: More) -> (State, bool) {
        let blank = self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.consume(blank);
        self.place = self.place_here();
        let begun = self.rest();
        if begun.len() < MARK.len() && (begun.is_empty() || MARK.starts_with(begun)) {
            return (State::Between(trust), false);
        }
        if !begun.starts_with(MARK) {
            let found = memmem::find(begun, MARK);
            let passed = found.unwrap_or(begun.len().saturating_sub(MARK.len() - 1));
            self.counts.broken += u64::from(trust == Trust::Sound);
            self.consume(passed);
            return (State::Between(Trust::Lost), found.is_some());
        }
        let head = begun.get(..begun.len().min(MAX_HEADER_BYTES)).unwrap_or_default();
        let Some((length, behind)) = payload::head_end(head) else {
            if begun.len() < MAX_HEADER_BYTES && more == More::Maybe {
                return (State::Between(trust), false);
            }
            return self.refuse(trust);
        };
        match Header::read(head.get(..length).unwrap_or_default(), self.options.max_body) {
            Some(header) => {
                self.counts.records += 1;
                self.consume(length + behind);
                self.block.clear();
                (State::Block(header), true)
            }
            None => self.refuse(trust),
        }
    }

    /// What begins like a record is none.
    fn refuse(&mut self, trust: Trust) -> (State, bool) {
        if trust == Trust::Sound {
            self.counts.broken += 1;
        }
        self.consume(MARK.len());
        (State::Between(Trust::Lost), true)
    }

    /// Takes the block of a record.
    fn block(&mut self, mut header: Header, more: More) -> (State, bool) {
        if header.left == 0 {
            return (State::Behind(header), true);
        }
        if self.rest().is_empty() {
            return (State::Block(header), false);
        }
        // A member that begins with a record ends the record before, whatever length that one gave.
        let to_member = self.members.get(1).map(|(start, _)| usize::try_from(start - self.at).unwrap_or(usize::MAX));
        if to_member == Some(0) {
            if self.rest().len() < MARK.len() && more == More::Maybe {
                return (State::Block(header), false);
            }
            self.members.pop_front();
            if self.rest().starts_with(MARK) {
                self.counts.broken += 1;
                return (State::Between(Trust::Sound), true);
            }
            return (State::Block(header), true);
        }
        let length = usize::try_from(header.left).unwrap_or(usize::MAX).min(self.rest().len());
        let length = length.min(to_member.unwrap_or(usize::MAX));
        if matches!(header.kind, Kind::Response | Kind::Resource) {
            let taken = self.consumed..self.consumed + length;
            self.block.extend_from_slice(self.held.get(taken).unwrap_or_default());
        }
        self.consume(length);
        header.left -= length as u64;
        (State::Block(header), true)
    }

    /// Hands on what was read, if the record ends where it said.
    fn behind(&mut self, header: Header, more: More, sink: &mut dyn FnMut(Page)) -> (State, bool) {
        let at_member = self.members.get(1).is_some_and(|(start, _)| *start == self.at);
        let next = self.rest().first();
        if next.is_none() && !at_member && more == More::Maybe {
            return (State::Behind(header), false);
        }
        if at_member || next.is_none_or(|byte| matches!(byte, b'\r' | b'\n' | b'W')) {
            self.hand_on(header, sink);
            return (State::Between(Trust::Sound), true);
        }
        self.counts.broken += 1;
        // Too long a length has swallowed the records behind.
        if let Some(found) = memmem::find(&self.block, b"\r\n\r\nWARC/").map(|at| at + 4) {
            let swallowed = self.block.split_off(found);
            self.at -= swallowed.len() as u64;
            self.held.splice(self.consumed..self.consumed, swallowed);
        }
        (State::Between(Trust::Lost), true)
    }

    fn hand_on(&mut self, header: Header, sink: &mut dyn FnMut(Page)) {
        let max = self.options.max_body;
        let block = match header.kind {
            Kind::Response => payload::http(&self.block, max),
            Kind::Resource => payload::bare(&mut self.block, header.content_type, max),
            Kind::Other => Block::Other,
            Kind::TooLarge => Block::TooLarge,
        };
        match (block, header.url) {
            (Block::Page(answer), Some(url)) => {
                self.counts.pages += 1;
                sink(Page {
                    place: self.place,
                    url,
                    captured_at: header.captured_at,
                    content_type: answer.content_type,
                    status: answer.status,
                    body: answer.body,
                    is_cut: answer.is_cut || header.is_cut,
                });
            }
            (Block::Other, _) => self.counts.others += 1,
            (Block::TooLarge, _) => self.counts.too_large += 1,
            (Block::Broken | Block::Page(_), _) => self.counts.broken += 1,
        }
    }

    /// What is not consumed yet.
    fn rest(&self) -> &[u8] {
        self.held.get(self.consumed..).unwrap_or_default()
    }

    fn consume(&mut self, bytes: usize) {
        self.consumed += bytes;
        self.at += bytes as u64;
        while self.members.get(1).is_some_and(|(start, _)| *start < self.at) {
            self.members.pop_front();
        }
    }

    fn place_here(&self) -> Place {
        let member = self.members.iter().rfind(|(start, _)| *start <= self.at);
        let (start, offset) = member.copied().unwrap_or_default();
        let inner = self.at.saturating_sub(start);
        if self.is_compressed { Place { offset, inner } } else { Place { offset: offset + inner, inner: 0 } }
    }
}

impl Header {
    /// Reads the header of a record; `None` without a length.
    fn read(head: &[u8], max_body: usize) -> Option<Self> {
        let field = |name: &str| payload::header(head, name);
        let left: u64 = field("content-length")?.parse().ok()?;
        let kind = field("warc-type")?.to_ascii_lowercase();
        let content_type = field("content-type").map(|value| value.to_ascii_lowercase());
        let is_http = content_type.as_deref().is_none_or(|value| value.starts_with("application/http"));
        let kind = match kind.as_str() {
            "response" if is_http => Kind::Response,
            "response" | "resource" if payload::is_markup(content_type.as_deref(), b"") => Kind::Resource,
            _ => Kind::Other,
        };
        let is_long = left > (max_body + BLOCK_SLACK) as u64;
        let url = field("warc-target-uri").and_then(|value| {
            // Version 1.0 has them in angle brackets.
            Url::parse(value.trim_matches(['<', '>'])).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
        });
        let kind = match kind {
            Kind::Response | Kind::Resource if url.is_none() => Kind::Other,
            Kind::Response | Kind::Resource if is_long => Kind::TooLarge,
            kind => kind,
        };
        Some(Self {
            kind,
            url,
            captured_at: field("warc-date").and_then(|value| value.parse().ok()),
            content_type,
            is_cut: field("warc-truncated").is_some(),
            left,
        })
    }
}
