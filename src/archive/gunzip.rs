//! gzip, decoded as it arrives, member by member.
//!
//! Knows nothing of what is inside. Invariant: no more than one buffer of decoded bytes is held, whatever the compression promises.

use flate2::{Decompress, FlushDecompress, Status};

/// Decoded bytes of one step.
const STEP_BYTES: usize = 64 * 1024;

/// RFC 1952 §2.3.1: two magic bytes and the only method.
pub(super) const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// A piece of a gzip file, decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A member begins: so many bytes of the file lie before it.
    Member(u64),
    /// Data of the member.
    Data(&'a [u8]),
    /// The member is whole.
    End,
}

/// A gzip file as far as it arrived; members follow each other (RFC 1952 §2.2).
pub(super) struct Gunzip {
    inflate: Decompress,
    state: State,
    /// The header of a member as far as it arrived.
    header: Vec<u8>,
    buffer: Vec<u8>,
    /// Bytes of the file that were read.
    offset: u64,
    members: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the data of a member; what was read of the header stands in `header`.
    Header,
    Data,
    /// Within the eight bytes behind the data, of which so many are left.
    Trailer(usize),
    /// Broken, or behind the last member.
    Ended,
}

impl Gunzip {
    /// Begins at a member before which `offset` bytes of the file lie.
    pub(super) fn new(offset: u64) -> Self {
        Self {
            inflate: Decompress::new(false),
            state: State::Header,
            header: Vec::new(),
            buffer: vec![0; STEP_BYTES],
            offset,
            members: 0,
        }
    }

    /// Bytes of the file that were read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Decodes `input`, taking from it what was read, until `sink` says stop (`false`).
    ///
    /// # Errors
    /// What is no gzip, or broken: nothing more is decoded. What follows the last member is no error.
    pub(super) fn push(
        &mut self,
        input: &mut &[u8],
        sink: &mut impl FnMut(Piece<'_>) -> bool,
    ) -> Result<(), &'static str> {
        loop {
            match self.state {
                State::Ended => return Ok(()),
                State::Header if input.is_empty() => return Ok(()),
                State::Header => {
                    let had = self.header.len();
                    let begun = input.get(..input.len().min(MAX_HEADER)).unwrap_or_default();
                    // Mostly it is there as a whole.
                    let length = if had == 0 { header_length(begun) } else { None };
                    let length = length.or_else(|| {
                        self.header.extend_from_slice(begun);
                        header_length(&self.header)
                    });
                    match length {
                        Some(Ok(length)) => {
                            let at = self.offset - had as u64;
                            self.take(input, length.saturating_sub(had));
                            self.header.clear();
                            self.inflate.reset(false);
                            self.members += 1;
                            self.state = State::Data;
                            if !sink(Piece::Member(at)) {
                                self.state = State::Ended;
                            }
                        }
                        Some(Err(what)) => {
                            self.header.clear();
                            self.state = State::Ended;
                            return Err(what);
                        }
                        None => {
                            self.take(input, input.len());
                            return Ok(());
                        }
                    }
                }
                State::Data => {
                    let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
                    let status = self.inflate.decompress(input, &mut self.buffer, FlushDecompress::None);
                    let read = usize::try_from(self.inflate.total_in() - read).unwrap_or_default();
                    let written = usize::try_from(self.inflate.total_out() - written).unwrap_or_default();
                    self.take(input, read);
                    if written > 0 && !sink(Piece::Data(self.buffer.get(..written).unwrap_or_default())) {
                        self.state = State::Ended;
                        return Ok(());
                    }
                    match status {
                        Ok(Status::StreamEnd) => self.state = State::Trailer(8),
                        Ok(_) if read == 0 && written == 0 => return Ok(()),
                        Ok(_) => {}
                        Err(_) => {
                            self.state = State::Ended;
                            return Err("the gzip data is broken");
                        }
                    }
                }
                State::Trailer(left) => {
                    let now = left.min(input.len());
                    self.take(input, now);
                    if now < left {
                        self.state = State::Trailer(left - now);
                        return Ok(());
                    }
                    self.state = if sink(Piece::End) { State::Header } else { State::Ended };
                }
            }
        }
    }

    /// Whether the file may end here.
    pub(super) fn is_complete(&self) -> bool {
        match self.state {
            State::Header => self.header.is_empty() || self.members > 0,
            State::Trailer(_) | State::Ended => true,
            State::Data => false,
        }
    }

    /// Whether a member was read.
    pub(super) fn has_begun(&self) -> bool {
        self.members > 0
    }

    fn take(&mut self, input: &mut &[u8], bytes: usize) {
        *input = input.get(bytes..).unwrap_or_default();
        self.offset += bytes as u64;
    }
}

/// Names and comments longer than this are no header.
const MAX_HEADER: usize = 66 * 1024;

/// Length of a member's header (RFC 1952 §2.3); `None`: more bytes are needed.
fn header_length(bytes: &[u8]) -> Option<Result<usize, &'static str>> {
    if bytes.iter().zip(MAGIC).any(|(byte, magic)| *byte != magic) {
        return Some(Err("not gzip"));
    }
    let length = || {
        let flags = *bytes.get(3)?;
        let mut at = 10;
        if flags & 4 != 0 {
            let (low, high) = (*bytes.get(at)?, *bytes.get(at + 1)?);
            at += 2 + usize::from(u16::from_le_bytes([low, high]));
        }
        // The name and the comment, each ended by a zero.
        for flag in [8, 16] {
            if flags & flag != 0 {
                at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
            }
        }
        if flags & 2 != 0 {
            at += 2;
        }
        (at <= bytes.len()).then_some(at)
    };
    match length() {
        Some(length) => Some(Ok(length)),
        None if bytes.len() >= MAX_HEADER => Some(Err("not gzip")),
        None => None,
    }
}
