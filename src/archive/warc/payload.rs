//! The block of a record → the page in it.

use std::io::Read;

use memchr::memmem;

/// Longest head of an HTTP answer.
const MAX_HEAD_BYTES: usize = 256 * 1024;
/// Compressed again and again is hostile.
const MAX_CODINGS: usize = 3;
/// Largest zstd window (RFC 9659 §3: 8 MB).
const ZSTD_WINDOW_LOG: u32 = 23;
/// Buffer of the brotli decoder.
const BUFFER_BYTES: usize = 16 * 1024;

/// An HTTP answer, its payload plain.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) body: Vec<u8>,
    pub(super) is_cut: bool,
}

/// What a block turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    Page(Answer),
    /// No success, or nothing for readers.
    Other,
    TooLarge,
    Broken,
}

/// Reads the HTTP answer in a block of a `response` record.
pub(super) fn http(block: &[u8], max_body: usize) -> Block {
    let Some((length, behind)) = head_end(block.get(..block.len().min(MAX_HEAD_BYTES)).unwrap_or_default()) else {
        return Block::Broken;
    };
    let head = block.get(..length).unwrap_or_default();
    let mut body = block.get(length + behind..).unwrap_or_default();
    let Some(status) = status(head) else { return Block::Broken };
    let content_type = header(head, "content-type");
    if !(200..300).contains(&status) || !is_markup(content_type.as_deref(), body) {
        return Block::Other;
    }
    let dechunked;
    let mut is_cut = false;
    if header(head, "transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked")) {
        // Crawlers leave the header and drop the chunks: what does not begin with a length is plain.
        if let Some((joined, cut)) = dechunk(body) {
            (dechunked, is_cut) = (joined, cut);
            body = &dechunked;
        }
    }
    let codings = header(head, "content-encoding").unwrap_or_default().to_ascii_lowercase();
    match decode(body, &codings, max_body) {
        Some((body, cut)) => Block::Page(Answer { status, content_type, body, is_cut: is_cut || cut }),
        None => Block::TooLarge,
    }
}

/// Takes the page out of the block of a `resource` record.
pub(super) fn bare(block: &mut Vec<u8>, content_type: Option<String>, max_body: usize) -> Block {
    if block.len() > max_body {
        return Block::TooLarge;
    }
    Block::Page(Answer { status: 200, content_type, body: std::mem::take(block), is_cut: false })
}

/// Whether a type is that of a page; without one, whether the bytes begin as markup does.
pub(super) fn is_markup(content_type: Option<&str>, body: &[u8]) -> bool {
    match content_type.map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()) {
        Some(kind) if !kind.is_empty() => kind == "text/html" || kind == "application/xhtml+xml",
        _ => body.trim_ascii_start().starts_with(b"<") || body.starts_with(&[0x1f, 0x8b]),
    }
}

/// The length of a head and of the empty line behind it; some writers end lines with a line feed alone.
pub(super) fn head_end(head: &[u8]) -> Option<(usize, usize)> {
    let strict = memmem::find(head, b"\r\n\r\n").map(|at| (at, 4));
    let loose = memmem::find(head.get(..strict.map_or(head.len(), |(at, _)| at))?, b"\n\n").map(|at| (at, 2));
    loose.or(strict)
}

fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    line.starts_with("HTTP").then(|| line.split_ascii_whitespace().nth(1)?.parse().ok())?
}

/// The last value of a header.
pub(super) fn header(head: &[u8], name: &str) -> Option<String> {
    head.split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (key, value) = line.split_at_checked(colon)?;
            let value = String::from_utf8_lossy(value.get(1..)?);
            key.trim_ascii().eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim().to_owned())
        })
        .next_back()
}

/// The chunks of a body joined (RFC 9112 §7.1) and whether their end is missing; `None` where it does not begin with a length.
fn dechunk(body: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut joined = Vec::with_capacity(body.len());
    let mut rest = body;
    let mut is_first = true;
    loop {
        let line_end = memchr::memchr(b'\n', rest.get(..rest.len().min(1024))?);
        let length = line_end.and_then(|end| {
            let line = std::str::from_utf8(rest.get(..end)?).ok()?;
            let digits = line.split(';').next()?.trim();
            (digits.len() <= 8).then(|| usize::from_str_radix(digits, 16).ok())?
        });
        let (Some(end), Some(length)) = (line_end, length) else {
            return (!is_first).then_some((joined, true));
        };
        rest = rest.get(end + 1..)?;
        if length == 0 {
            return Some((joined, false));
        }
        let chunk = rest.get(..length.min(rest.len()))?;
        joined.extend_from_slice(chunk);
        if chunk.len() < length {
            return Some((joined, true));
        }
        rest = rest.get(length..)?;
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        is_first = false;
    }
}

/// The body without its codings, and whether its end is missing. What does not decode was decoded by the crawler. `None`: too long.
fn decode(body: &[u8], codings: &str, max: usize) -> Option<(Vec<u8>, bool)> {
    let mut codings: Vec<&str> = codings.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
    // Headers say nothing and bytes say gzip: a crawler's oddity, and no page begins so.
    if codings.is_empty() && body.starts_with(&[0x1f, 0x8b, 8]) {
        codings.push("gzip");
    }
    let mut body = std::borrow::Cow::Borrowed(body);
    let mut is_cut = false;
    for coding in codings.into_iter().rev().take(MAX_CODINGS) {
        let bytes: &[u8] = &body;
        let decoded = match coding {
            "gzip" | "x-gzip" if bytes.starts_with(&[0x1f, 0x8b]) => {
                read(flate2::read::MultiGzDecoder::new(bytes), max)
            }
            "deflate" => match read(flate2::read::ZlibDecoder::new(bytes), max) {
                Decoded::Nothing => read(flate2::read::DeflateDecoder::new(bytes), max),
                read => read,
            },
            "br" => read(brotli_decompressor::Decompressor::new(bytes, BUFFER_BYTES), max),
            "zstd" => match zstd::stream::read::Decoder::new(bytes) {
                Ok(mut decoder) => match decoder.window_log_max(ZSTD_WINDOW_LOG) {
                    Ok(()) => read(decoder, max),
                    Err(_) => Decoded::Nothing,
                },
                Err(_) => Decoded::Nothing,
            },
            _ => Decoded::Nothing,
        };
        match decoded {
            Decoded::Whole(bytes) => body = bytes.into(),
            Decoded::Cut(bytes) => (body, is_cut) = (bytes.into(), true),
            Decoded::TooLong => return None,
            Decoded::Nothing => {}
        }
    }
    (body.len() <= max).then(|| (body.into_owned(), is_cut))
}

/// What came out of a decoder.
enum Decoded {
    Whole(Vec<u8>),
    /// It broke off after something.
    Cut(Vec<u8>),
    Nothing,
    TooLong,
}

fn read(decoder: impl Read, max: usize) -> Decoded {
    let mut bytes = Vec::new();
    let ended = decoder.take(max as u64 + 1).read_to_end(&mut bytes);
    match ended {
        _ if bytes.len() > max => Decoded::TooLong,
        Ok(_) if !bytes.is_empty() => Decoded::Whole(bytes),
        Err(_) if !bytes.is_empty() => Decoded::Cut(bytes),
        _ => Decoded::Nothing,
    }
}
