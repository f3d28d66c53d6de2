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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use hyper::header::HeaderValue;

    use super::*;

    const MAX: u64 = 1_000_000;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(plain: &[u8]) -> Vec<u8> {
        zstd::bulk::compress(plain, 3).unwrap()
    }

    /// `plain` as brotli without compression: window 16, uncompressed meta-blocks, an empty last one (RFC 7932 §9).
    fn brotli(plain: &[u8]) -> Vec<u8> {
        let mut bits = Bits::default();
        bits.put(0, 1);
        for chunk in plain.chunks(65_536) {
            bits.put(0, 1);
            bits.put(0, 2);
            bits.put(u64::try_from(chunk.len() - 1).unwrap(), 16);
            bits.put(1, 1);
            bits.align();
            bits.bytes.extend_from_slice(chunk);
        }
        bits.put(3, 2);
        bits.align();
        bits.bytes
    }

    #[derive(Default)]
    struct Bits {
        bytes: Vec<u8>,
        pending: u64,
        count: u32,
    }

    impl Bits {
        fn put(&mut self, value: u64, count: u32) {
            self.pending |= value << self.count;
            self.count += count;
            while self.count >= 8 {
                self.bytes.push(u8::try_from(self.pending & 0xff).unwrap());
                self.pending >>= 8;
                self.count -= 8;
            }
        }

        fn align(&mut self) {
            if self.count > 0 {
                self.put(0, 8 - self.count);
            }
        }
    }

    fn body(encoding: &str, allowance: u64) -> Result<Body, BodyError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_bytes(encoding.as_bytes()).unwrap());
        Body::new(&headers, allowance, MAX)
    }

    fn read(encoding: &str, bytes: &[u8], piece: usize) -> Result<Vec<u8>, BodyError> {
        let mut body = body(encoding, 1_000)?;
        for mut piece in bytes.chunks(piece) {
            while body.push(&mut piece)? == Pushed::Full {
                body.allow_all();
            }
        }
        body.finish()
    }

    #[test]
    fn every_encoding_is_read_in_pieces_of_any_size() {
        let plain: Vec<u8> = (0..200_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect();
        for piece in [1, 7, 4_096, 1 << 20] {
            assert!(read("gzip", &gzip(&plain), piece).unwrap() == plain, "gzip by {piece}");
            assert!(read("X-GZIP", &gzip(&plain), piece).unwrap() == plain, "x-gzip by {piece}");
            assert!(read("zstd", &zstd(&plain), piece).unwrap() == plain, "zstd by {piece}");
            assert!(read("br", &brotli(&plain), piece).unwrap() == plain, "brotli by {piece}");
            assert!(read("identity", &plain, piece).unwrap() == plain, "identity by {piece}");
        }
        for encoding in ["gzip", "br", "zstd", "identity", ""] {
            assert_eq!(read(encoding, b"", 1).unwrap(), b"", "{encoding}");
        }
    }

    #[test]
    fn the_limit_is_exact() {
        let plain = vec![b'x'; usize::try_from(MAX).unwrap() + 1];
        for (encoding, whole, over) in [
            ("gzip", gzip(&plain[1..]), gzip(&plain)),
            ("zstd", zstd(&plain[1..]), zstd(&plain)),
            ("br", brotli(&plain[1..]), brotli(&plain)),
            ("identity", plain[1..].to_vec(), plain.clone()),
        ] {
            assert_eq!(read(encoding, &over, 4_096).unwrap_err(), BodyError::TooLarge { max: MAX }, "{encoding}");
            if encoding != "br" {
                // Stored brotli is longer than what it stands for.
                assert_eq!(read(encoding, &whole, 4_096).unwrap().len(), 1_000_000, "{encoding}");
            }
        }
    }

    #[test]
    fn bombs_fill_no_memory() {
        let zeros = vec![0; 64 << 20];
        for (encoding, bomb) in [("gzip", gzip(&zeros)), ("zstd", zstd(&zeros))] {
            let mut body = body(encoding, 1_000).unwrap();
            let mut input = &bomb[..];
            assert_eq!(body.push(&mut input), Ok(Pushed::Full), "{encoding}");
            assert!(body.bytes.capacity() < 200_000, "{encoding}: {}", body.bytes.capacity());
            body.allow_all();
            assert_eq!(body.push(&mut input), Err(BodyError::TooLarge { max: MAX }), "{encoding}");
            assert!(body.bytes.capacity() < 3_000_000, "{encoding}: {}", body.bytes.capacity());
        }
    }

    #[test]
    fn endless_input_that_stands_for_nothing_ends() {
        let mut body = body("zstd", MAX).unwrap();
        // Skippable frames (RFC 8878 §3.1.2): any number of bytes in, none out.
        let mut frame = vec![0x50, 0x2a, 0x4d, 0x18, 0xf8, 0xff, 0, 0];
        frame.resize(8 + 0xfff8, 0);
        let ended = (0..1_000).any(|_| body.push(&mut &frame[..]).is_err() || matches!(body.decoder, Decoder::Ended));
        assert!(ended);
    }

    #[test]
    fn what_does_not_decompress_fails() {
        let gzipped = gzip(b"a story");
        assert_eq!(read("gzip", &gzipped[..gzipped.len() - 4], 5), Err(BodyError::Invalid("gzip")));
        assert_eq!(read("gzip", b"<html>", 6), Err(BodyError::Invalid("gzip")));
        assert_eq!(read("br", &brotli(b"a story")[..5], 5), Err(BodyError::Invalid("brotli")));
        assert_eq!(read("br", &[0xff; 64], 64), Err(BodyError::Invalid("brotli")));
        assert_eq!(read("zstd", &zstd(b"a story")[..9], 9), Err(BodyError::Invalid("zstd")));
        assert_eq!(read("zstd", b"<html></html>", 6), Err(BodyError::Invalid("zstd")));
        assert_eq!(read("gzip, gzip", b"", 1), Err(BodyError::Unknown("gzip, gzip".into())));
        assert_eq!(read("compress", b"", 1), Err(BodyError::Unknown("compress".into())));
    }

    #[test]
    fn windows_beyond_the_bounds_are_refused() {
        let mut encoder = zstd::stream::raw::Encoder::new(3).unwrap();
        encoder.set_parameter(zstd::stream::raw::CParameter::WindowLog(27)).unwrap();
        let mut coded = vec![0; 1 << 16];
        let plain = vec![b'x'; 1 << 14];
        let mut target = OutBuffer::around(&mut coded[..]);
        encoder.run(&mut InBuffer::around(&plain), &mut target).unwrap();
        encoder.finish(&mut target, true).unwrap();
        let written = target.pos();
        assert_eq!(read("zstd", &coded[..written], 4_096), Err(BodyError::Invalid("zstd")));
        // The header of a brotli stream with a large window (30 bits).
        assert_eq!(read("br", &[0x11, 0x1e, 0x03, 0, 0, 0, 0, 0], 8), Err(BodyError::Invalid("brotli")));
    }

    #[test]
    fn what_follows_a_compressed_body_is_ignored() {
        for (encoding, mut coded) in
            [("gzip", gzip(b"a story")), ("br", brotli(b"a story")), ("zstd", zstd(b"a story"))]
        {
            coded.extend_from_slice(b"<!-- served in 3 ms -->");
            assert_eq!(read(encoding, &coded, 5).unwrap(), b"a story", "{encoding}");
        }
    }
}
