//! Bodies: decompressing as the bytes arrive, within bounds.
//!
//! Pure. A body never outgrows its limit by more than one buffer, whatever its compression promises: 809 bytes of brotli stand
//! for 1 GiB (measured 2026-11). Windows are bounded too: brotli's large windows (up to 1 GiB) and zstd's above 8 MB (RFC 9659)
//! are refused.

use std::io::{self, Write as _};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::write::GzDecoder;
use hyper::header::{self, HeaderMap};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation as _, OutBuffer};

/// What we say we can decompress.
pub const ACCEPT_ENCODING: &str = "gzip, br, zstd";

/// Decoded bytes of one step.
const STEP_BYTES: usize = 16 * 1024;

/// Largest zstd window for `Content-Encoding: zstd` (RFC 9659 §3: 8 MB).
const ZSTD_WINDOW_LOG: u32 = 23;

/// A body that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed.
    #[error("longer than {max} bytes")]
    TooLarge {
        /// The limit in bytes, after decompression.
        max: u64,
    },
    /// It is compressed in a way that was not asked for.
    #[error("compressed as `{0}`, which was not asked for")]
    Unknown(String),
    /// It is not what its `Content-Encoding` says.
    #[error("not valid {0}")]
    Invalid(&'static str),
}

/// Whether all that was pushed is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// All of it.
    All,
    /// The body has reached its allowance; [`Body::allow_all`] and push the rest of the input again.
    Full,
}

/// A body as far as it arrived.
pub struct Body {
    decoder: Decoder,
    bytes: Vec<u8>,
    received: u64,
    allowance: u64,
    max: u64,
}

enum Decoder {
    Plain,
    Gzip(Box<GzDecoder<Vec<u8>>>),
    Brotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
    Zstd(ZstdDecoder<'static>),
    /// The compressed stream ended; what follows is ignored, as browsers do.
    Ended,
}

impl Body {
    /// An empty body for an answer with these headers: of at most `allowance` bytes at first and `max` in all.
    ///
    /// # Errors
    /// [`BodyError::Unknown`] for a `Content-Encoding` that was not asked for.
    pub fn new(headers: &HeaderMap, allowance: u64, max: u64) -> Result<Self, BodyError> {
        let encoding = headers
            .get(header::CONTENT_ENCODING)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase());
        let decoder = match encoding.as_deref() {
            None | Some("" | "identity" | "none" | "utf-8") => Decoder::Plain,
            Some("gzip" | "x-gzip") => Decoder::Gzip(Box::new(GzDecoder::new(Vec::new()))),
            Some("br") => Decoder::Brotli(Box::new(BrotliState::new_strict(
                StandardAlloc::default(),
                StandardAlloc::default(),
                StandardAlloc::default(),
            ))),
            Some("zstd") => Decoder::Zstd(zstd_decoder().map_err(|_| BodyError::Invalid("zstd"))?),
            Some(other) => return Err(BodyError::Unknown(other.chars().take(40).collect())),
        };
        Ok(Self { decoder, bytes: Vec::new(), received: 0, allowance: allowance.min(max), max })
    }

    /// Lifts the allowance to the whole limit.
    pub fn allow_all(&mut self) {
        self.allowance = self.max;
    }

    /// Decodes from the front of `input`, which is left with what was not yet read.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] past the limit, [`BodyError::Invalid`] for bytes that do not decompress.
    pub fn push(&mut self, input: &mut &[u8]) -> Result<Pushed, BodyError> {
        loop {
            let decoded = self.bytes.len() as u64;
            if decoded > self.max || self.received > self.max {
                return Err(BodyError::TooLarge { max: self.max });
            }
            if decoded > self.allowance || (decoded == self.allowance && self.allowance < self.max) {
                return Ok(Pushed::Full);
            }
            let before = input.len();
            let more = self.step(input)?;
            self.received += (before - input.len()) as u64;
            if input.is_empty() && !more {
                return if self.bytes.len() as u64 > self.max {
                    Err(BodyError::TooLarge { max: self.max })
                } else {
                    Ok(Pushed::All)
                };
            }
        }
    }

    /// The whole body, when the last byte was pushed.
    ///
    /// # Errors
    /// [`BodyError::Invalid`] when the compressed stream breaks off.
    pub fn finish(mut self) -> Result<Vec<u8>, BodyError> {
        if self.received == 0 {
            return Ok(self.bytes);
        }
        match &mut self.decoder {
            Decoder::Plain | Decoder::Ended => {}
            Decoder::Gzip(gzip) => {
                gzip.try_finish().map_err(|_| BodyError::Invalid("gzip"))?;
                self.bytes.append(gzip.get_mut());
            }
            Decoder::Brotli(_) => return Err(BodyError::Invalid("brotli")),
            Decoder::Zstd(_) => return Err(BodyError::Invalid("zstd")),
        }
        if self.bytes.len() as u64 > self.max { Err(BodyError::TooLarge { max: self.max }) } else { Ok(self.bytes) }
    }

    /// What is there of the body, no longer than its limit.
    #[must_use]
    pub fn cut(mut self) -> Vec<u8> {
        self.bytes.truncate(usize::try_from(self.max).unwrap_or(usize::MAX));
        self.bytes
    }

    /// Decodes a little of `input`. Returns whether the decoder holds more output even without more input.
    fn step(&mut self, input: &mut &[u8]) -> Result<bool, BodyError> {
        match &mut self.decoder {
            Decoder::Plain => {
                let (now, later) = input.split_at(input.len().min(STEP_BYTES));
                self.bytes.extend_from_slice(now);
                *input = later;
                Ok(false)
            }
            Decoder::Ended => {
                *input = &[];
                Ok(false)
            }
            Decoder::Gzip(gzip) => {
                let read = gzip.write(input).map_err(|_| BodyError::Invalid("gzip"))?;
                self.bytes.append(gzip.get_mut());
                *input = input.get(read..).unwrap_or_default();
                if read == 0 && !input.is_empty() {
                    gzip.try_finish().map_err(|_| BodyError::Invalid("gzip"))?;
                    self.bytes.append(gzip.get_mut());
                    self.decoder = Decoder::Ended;
                }
                Ok(false)
            }
            Decoder::Brotli(state) => {
                let mut buffer = [0; STEP_BYTES];
                let (mut available_in, mut read, mut available_out, mut written, mut total) =
                    (input.len(), 0, buffer.len(), 0, 0);
                let result = BrotliDecompressStream(
                    &mut available_in,
                    &mut read,
                    input,
                    &mut available_out,
                    &mut written,
                    &mut buffer,
                    &mut total,
                    state,
                );
                self.bytes.extend_from_slice(buffer.get(..written).unwrap_or_default());
                *input = input.get(read..).unwrap_or_default();
                match result {
                    BrotliResult::NeedsMoreInput => Ok(false),
                    BrotliResult::NeedsMoreOutput => Ok(true),
                    BrotliResult::ResultSuccess => {
                        self.decoder = Decoder::Ended;
                        Ok(false)
                    }
                    BrotliResult::ResultFailure => Err(BodyError::Invalid("brotli")),
                }
            }
            Decoder::Zstd(zstd) => {
                let mut buffer = [0; STEP_BYTES];
                let mut source = InBuffer::around(input);
                let mut target = OutBuffer::around(&mut buffer[..]);
                let hint = zstd.run(&mut source, &mut target).map_err(|_| BodyError::Invalid("zstd"))?;
                let (read, written) = (source.pos(), target.pos());
                self.bytes.extend_from_slice(buffer.get(..written).unwrap_or_default());
                *input = input.get(read..).unwrap_or_default();
                if hint == 0 {
                    self.decoder = Decoder::Ended;
                    return Ok(false);
                }
                Ok(written == STEP_BYTES)
            }
        }
    }
}

fn zstd_decoder() -> io::Result<ZstdDecoder<'static>> {
    let mut decoder = ZstdDecoder::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
    Ok(decoder)
}
