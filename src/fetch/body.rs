//! Bodies: kept as they arrive, decompressed when they are whole, within bounds.
//!
//! Pure. A decoder never waits for the network: its window (up to 16 MB in brotli) would stay in memory for as long as a hostile
//! server likes, once for every request. The result never outgrows its limit by more than one buffer, whatever the compression
//! promises: 841 bytes of brotli stand for 1 GiB. Windows are bounded: brotli's large ones (up to 1 GiB) and zstd's above 8 MB
//! (RFC 9659) are refused.

use std::io::{self, Write as _};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::write::GzDecoder;
use hyper::header::{self, HeaderMap};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation as _, OutBuffer};

/// What we say we can decompress.
pub const ACCEPT_ENCODING: &str = "gzip, br, zstd";

/// Decoded bytes of one step.
const STEP_BYTES: usize = 16 * 1024;

/// Size of the pieces in which a body is kept until it is whole.
const PIECE_BYTES: usize = 256 * 1024;

/// Largest zstd window for `Content-Encoding: zstd` (RFC 9659 §3: 8 MB).
const ZSTD_WINDOW_LOG: u32 = 23;

/// A body that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed.
    #[error("longer than {max} bytes; raise `fetch.max_body` if it is meant")]
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

/// The longest body in bytes, after decompression, and what becomes of a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// It is refused.
    Fail(u64),
    /// Its beginning is enough.
    Cut(u64),
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// A body as far as it arrived, in pieces of one size: a buffer that grows by doubling leaves every size that it ever had behind in
/// the heap.
#[derive(Debug, Default)]
pub struct Received {
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Encoding {
    /// How an answer with these headers is compressed.
    ///
    /// # Errors
    /// [`BodyError::Unknown`] for what was not asked for.
    pub fn of(headers: &HeaderMap) -> Result<Self, BodyError> {
        let named = headers
            .get(header::CONTENT_ENCODING)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase());
        match named.as_deref() {
            None | Some("" | "identity" | "none" | "utf-8") => Ok(Self::Identity),
            Some("gzip" | "x-gzip") => Ok(Self::Gzip),
            Some("br") => Ok(Self::Brotli),
            Some("zstd") => Ok(Self::Zstd),
            Some(other) => Err(BodyError::Unknown(other.chars().take(40).collect())),
        }
    }
}

impl Limit {
    /// The limit in bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        let (Self::Fail(max) | Self::Cut(max)) = self;
        max
    }

    /// Whether `length` is too much: an error for whoever wants the whole.
    fn reached(self, length: u64) -> Result<bool, BodyError> {
        match self {
            Self::Fail(max) if length > max => Err(BodyError::TooLarge { max }),
            _ => Ok(length > self.bytes()),
        }
    }
}

impl Received {
    /// Bytes that arrived.
    #[must_use]
    pub fn len(&self) -> u64 {
        (self.full.len() * PIECE_BYTES + self.last.len()) as u64
    }

    /// Whether nothing arrived.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keeps more bytes.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.last.len() == PIECE_BYTES {
                self.full.push(std::mem::replace(&mut self.last, Vec::with_capacity(PIECE_BYTES)));
            }
            let (now, later) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.last.len()));
            self.last.extend_from_slice(now);
            bytes = later;
        }
    }

    /// The body, decompressed.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] past the limit, [`BodyError::Invalid`] for bytes that do not decompress or break off.
    pub fn decode(self, encoding: Encoding, limit: Limit) -> Result<Vec<u8>, BodyError> {
        let mut bytes = match encoding {
            _ if self.is_empty() => Vec::new(),
            Encoding::Identity => self.whole(),
            _ => self.decompress(Decoder::new(encoding)?, limit)?,
        };
        if limit.reached(bytes.len() as u64)? {
            bytes.truncate(usize::try_from(limit.bytes()).unwrap_or(usize::MAX));
        }
        Ok(bytes)
    }

    fn whole(mut self) -> Vec<u8> {
        if self.full.is_empty() {
            return self.last;
        }
        self.full.push(self.last);
        self.full.concat()
    }

    fn decompress(self, mut decoder: Decoder, limit: Limit) -> Result<Vec<u8>, BodyError> {
        let mut out = Vec::new();
        for piece in self.full.iter().chain([&self.last]) {
            let mut input = &piece[..];
            loop {
                let more = decoder.step(&mut input, &mut out)?;
                if limit.reached(out.len() as u64)? {
                    return Ok(out);
                }
                if input.is_empty() && !more {
                    break;
                }
            }
        }
        let ended = decoder.finish(&mut out);
        if matches!(limit, Limit::Fail(_)) {
            // Whoever wants but the beginning minds no missing end.
            ended?;
        }
        out.shrink_to_fit();
        Ok(out)
    }
}

enum Decoder {
    Gzip(Box<GzDecoder<Vec<u8>>>),
    Brotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
    Zstd(ZstdDecoder<'static>),
    /// The compressed stream ended; what follows is ignored, as browsers do.
    Ended,
}

impl Decoder {
    fn new(encoding: Encoding) -> Result<Self, BodyError> {
        let memory = StandardAlloc::default;
        Ok(match encoding {
            Encoding::Identity => Self::Ended,
            Encoding::Gzip => Self::Gzip(Box::new(GzDecoder::new(Vec::new()))),
            Encoding::Brotli => Self::Brotli(Box::new(BrotliState::new_strict(memory(), memory(), memory()))),
            Encoding::Zstd => Self::Zstd(zstd_decoder().map_err(|_| BodyError::Invalid("zstd"))?),
        })
    }

    /// Decodes a little of `input` into `out`. Returns whether there is more output even without more input.
    fn step(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Result<bool, BodyError> {
        match self {
            Self::Ended => {
                *input = &[];
                Ok(false)
            }
            Self::Gzip(gzip) => {
                let read = gzip.write(input).map_err(|_| BodyError::Invalid("gzip"))?;
                out.append(gzip.get_mut());
                *input = input.get(read..).unwrap_or_default();
                if read == 0 && !input.is_empty() {
                    self.finish(out)?;
                    *self = Self::Ended;
                }
                Ok(false)
            }
            Self::Brotli(state) => {
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
                out.extend_from_slice(buffer.get(..written).unwrap_or_default());
                *input = input.get(read..).unwrap_or_default();
                match result {
                    BrotliResult::NeedsMoreInput => Ok(false),
                    BrotliResult::NeedsMoreOutput => Ok(true),
                    BrotliResult::ResultSuccess => {
                        *self = Self::Ended;
                        Ok(false)
                    }
                    BrotliResult::ResultFailure => Err(BodyError::Invalid("brotli")),
                }
            }
            Self::Zstd(zstd) => {
                let mut buffer = [0; STEP_BYTES];
                let mut source = InBuffer::around(input);
                let mut target = OutBuffer::around(&mut buffer[..]);
                let hint = zstd.run(&mut source, &mut target).map_err(|_| BodyError::Invalid("zstd"))?;
                let (read, written) = (source.pos(), target.pos());
                out.extend_from_slice(buffer.get(..written).unwrap_or_default());
                *input = input.get(read..).unwrap_or_default();
                if hint == 0 {
                    *self = Self::Ended;
                    return Ok(false);
                }
                Ok(written == STEP_BYTES)
            }
        }
    }

    /// Takes what is left at the end of the input.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), BodyError> {
        match self {
            Self::Ended => Ok(()),
            Self::Gzip(gzip) => {
                gzip.try_finish().map_err(|_| BodyError::Invalid("gzip"))?;
                out.append(gzip.get_mut());
                Ok(())
            }
            Self::Brotli(_) => Err(BodyError::Invalid("brotli")),
            Self::Zstd(_) => Err(BodyError::Invalid("zstd")),
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
    const BOMB: &[u8] = include_bytes!("../../tests/fixtures/fetch/zeros-1GiB.br");

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

    fn read_within(limit: Limit, encoding: &str, bytes: &[u8], piece: usize) -> Result<Vec<u8>, BodyError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_bytes(encoding.as_bytes()).unwrap());
        let mut received = Received::default();
        for piece in bytes.chunks(piece) {
            received.push(piece);
        }
        assert_eq!(received.len(), bytes.len() as u64);
        received.decode(Encoding::of(&headers)?, limit)
    }

    fn read(encoding: &str, bytes: &[u8], piece: usize) -> Result<Vec<u8>, BodyError> {
        read_within(Limit::Fail(MAX), encoding, bytes, piece)
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
    fn bombs_end_at_the_limit() {
        let zeros = vec![0; 64 << 20];
        for (encoding, bomb) in [("gzip", gzip(&zeros)), ("zstd", zstd(&zeros)), ("br", BOMB.to_vec())] {
            assert_eq!(read(encoding, &bomb, 4_096).unwrap_err(), BodyError::TooLarge { max: MAX }, "{encoding}");
            let cut = read_within(Limit::Cut(1_000), encoding, &bomb, 4_096).unwrap();
            assert_eq!(cut, vec![0; 1_000], "{encoding}");
        }
        assert_eq!(read_within(Limit::Cut(3), "identity", b"a story", 4).unwrap(), b"a s");
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
