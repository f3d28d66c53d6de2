//! Bytes by pieces, compressed or not → the file as it was written.

use memchr::memmem;

use super::records::Records;
use super::{Counts, Options, Page, Place};
use crate::archive::gunzip::{Gunzip, MAGIC, Piece};

/// Compressed bytes in which a member is looked for once more after an error. A page of CC-NEWS has some 20 KB.
const RECENT_BYTES: usize = 64 * 1024;

/// Reads one file as it arrives.
pub struct Reader {
    input: Input,
    records: Records,
}

/// How the file is compressed.
enum Input {
    /// Not known yet: what arrived is shorter than the magic number. Bytes before it.
    Unknown(Vec<u8>, u64),
    Plain,
    Gzip(Box<Gunzip>, Recent),
    /// Broken: the next member is looked for. What may be its beginning, and the bytes before that.
    Lost(Vec<u8>, u64),
}

/// The last bytes that were decompressed: what is broken is often told only after what follows has been read as if it belonged to it.
#[derive(Default)]
struct Recent {
    bytes: Vec<u8>,
}

impl Recent {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > 2 * RECENT_BYTES {
            self.bytes.drain(..self.bytes.len() - RECENT_BYTES);
        }
    }

    /// The bytes from `offset` on, if they are recent, else all recent ones; the last of them is the one before `end`. Their offset.
    fn since(&mut self, offset: u64, end: u64) -> (Vec<u8>, u64) {
        let wanted = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = wanted.min(self.bytes.len()).min(RECENT_BYTES);
        (self.bytes.split_off(self.bytes.len() - length), end - length as u64)
    }
}

impl Reader {
    /// Begins at the beginning of a file.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        Self::at(Place::default(), options)
    }

    /// Goes on at a place that [`Reader::place`] or a page gave: the bytes pushed are those of the file from `place.offset` on.
    #[must_use]
    pub fn at(place: Place, options: &Options) -> Self {
        Self { input: Input::Unknown(Vec::new(), place.offset), records: Records::new(place, options) }
    }

    /// Reads more; `sink` gets the pages.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Page)) {
        let mut input = bytes;
        loop {
            match &mut self.input {
                Input::Unknown(start, offset) => {
                    start.extend_from_slice(input);
                    if start.len() < MAGIC.len() && MAGIC.starts_with(start) {
                        return;
                    }
                    let (start, offset) = (std::mem::take(start), *offset);
                    self.input = if start.starts_with(&MAGIC) {
                        Input::Gzip(Box::new(Gunzip::new(offset)), Recent::default())
                    } else {
                        Input::Plain
                    };
                    return self.push(&start, sink);
                }
                Input::Plain => return self.records.push(input, sink),
                Input::Gzip(gunzip, recent) => {
                    let records = &mut self.records;
                    let whole = input;
                    let pushed = gunzip.push(&mut input, &mut |piece| {
                        match piece {
                            Piece::Member(offset) => records.begin_member(offset),
                            Piece::Data(data) => records.push(data, sink),
                            Piece::End => {}
                        }
                        true
                    });
                    recent.push(whole.get(..whole.len() - input.len()).unwrap_or_default());
                    let end = gunzip.offset();
                    if pushed.is_ok() {
                        return;
                    }
                    // What is broken may have run over the beginning of what follows.
                    let from = self.records.newest_member().map_or(end, |begin| begin + 1);
                    let (again, offset) = recent.since(from, end);
                    self.records.lose();
                    self.input = Input::Lost(again, offset);
                }
                Input::Lost(held, offset) => {
                    held.extend_from_slice(input);
                    match find_member(held) {
                        Ok(at) => {
                            let (held, offset) = (std::mem::take(held), *offset + at as u64);
                            self.input = Input::Gzip(Box::new(Gunzip::new(offset)), Recent::default());
                            return self.push(held.get(at..).unwrap_or_default(), sink);
                        }
                        Err(passed) => {
                            held.drain(..passed);
                            *offset += passed as u64;
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Where to go on after a stop: no page that was handed on lies behind it, and none that was not before it.
    #[must_use]
    pub fn place(&self) -> Place {
        self.records.place()
    }

    /// What was read so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.records.counts()
    }

    /// Reads what is left and tells what was read.
    #[must_use]
    pub fn finish(mut self, sink: &mut dyn FnMut(Page)) -> Counts {
        match &mut self.input {
            Input::Unknown(start, _) => {
                let start = std::mem::take(start);
                self.records.push(&start, sink);
            }
            Input::Plain | Input::Gzip(..) | Input::Lost(..) => {}
        }
        self.records.finish(sink);
        self.records.counts()
    }
}

/// Where a gzip member begins, or how many bytes certainly are not its beginning.
fn find_member(bytes: &[u8]) -> Result<usize, usize> {
    // RFC 1952 §2.3: flags beyond the five are reserved, XFL is 0, 2 or 4, OS at most 13 or 255.
    const FIXED_BYTES: usize = 10;
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| memmem::find(rest, &MAGIC)).map(|at| from + at) {
        let Some(fixed) = bytes.get(at..at + FIXED_BYTES) else { return Err(at) };
        if let [_, _, _, flags, _, _, _, _, xfl, os] = *fixed
            && flags < 32
            && matches!(xfl, 0 | 2 | 4)
            && (os <= 13 || os == 255)
        {
            return Ok(at);
        }
        from = at + 1;
    }
    Err(bytes.len().saturating_sub(MAGIC.len() - 1))
}
