//! Bytes to text, in the order in which browsers decide.
//!
//! Must not know HTML beyond what the encoding sniffing of the standard reads. Never fails: what cannot be decoded becomes
//! U+FFFD.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How far into a page its `<meta charset>` is looked for. The HTML standard asks for 1024 bytes at least; browsers restart when
/// a later one turns up.
const META_BYTES: usize = 64 * 1024;

/// How much text the guess is made from when nothing declares the encoding.
const GUESS_BYTES: usize = 256 * 1024;

/// Text of a page as fetched; `content_type` is the header's value.
///
/// A byte order mark wins, then the header, then the page's own `<meta>` or XML declaration (HTML standard, 13.2.3.2), then a
/// guess. Where only the page itself speaks and its bytes say otherwise (valid UTF-8 under another name, or not UTF-8
/// under that name), the bytes are believed: saved and relayed pages are often transcoded without their `<meta>`.
#[must_use]
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0.into_owned();
    }
    if let Some(encoding) = content_type.and_then(header_charset) {
        return encoding.decode_without_bom_handling(bytes).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && !looks_like_iso_2022_jp(bytes)
    {
        return text.to_owned();
    }
    match declared(bytes) {
        Some(encoding) if encoding != UTF_8 => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        Some(_) => decode_broken_utf8(bytes),
        None => guess(bytes).decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// The `charset` parameter of a Content-Type header.
fn header_charset(content_type: &str) -> Option<&'static Encoding> {
    let (_, value) = split_ignoring_case(content_type, "charset=")?;
    let label = value.trim_start_matches(['"', '\'', ' ']).split(['"', '\'', ';', ' ', ',']).next()?;
    Encoding::for_label(label.as_bytes())
}

fn split_ignoring_case<'a>(text: &'a str, needle: &str) -> Option<(&'a str, &'a str)> {
    let at = text.to_ascii_lowercase().find(needle)?;
    Some((text.get(..at)?, text.get(at + needle.len()..)?))
}

/// What the page's own `<meta>` or XML declaration says.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(META_BYTES))?;
    let mut rest = head;
    while let Some(at) =
        find(rest, b"charset").or_else(|| rest.starts_with(b"<?xml").then(|| find(rest, b"encoding")).flatten())
    {
        let before = rest.get(..at)?;
        let after = rest.get(at..)?;
        let opens = before.iter().rposition(|&b| b == b'<');
        let tag = opens.and_then(|open| before.get(open..)).unwrap_or_default();
        if starts_ignoring_case(tag, b"<meta") || tag.starts_with(b"<?xml") {
            let value = after.iter().position(|&b| b == b'=').filter(|&p| p <= 10).and_then(|p| after.get(p + 1..));
            if let Some(encoding) = value.and_then(label) {
                return Some(encoding);
            }
        }
        rest = rest.get(at + 7..)?;
    }
    None
}

fn label(value: &[u8]) -> Option<&'static Encoding> {
    let start = value.iter().position(|b| !b" \t\r\n\"'".contains(b))?;
    let value = value.get(start..)?;
    let end = value.iter().position(|b| b" \t\r\n\"';>/?".contains(b))?;
    match Encoding::for_label(value.get(..end)?)? {
        encoding if encoding == UTF_16BE || encoding == UTF_16LE => Some(UTF_8),
        encoding if encoding == X_USER_DEFINED => Some(WINDOWS_1252),
        encoding => Some(encoding),
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
}

fn starts_ignoring_case(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.get(..needle.len()).is_some_and(|head| head.eq_ignore_ascii_case(needle))
}

/// A page that calls itself UTF-8 and is not: a stray byte stays a U+FFFD, a page of another encoding is guessed.
fn decode_broken_utf8(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let broken = text.matches('\u{fffd}').count();
    let sound = text.chars().filter(|c| !c.is_ascii()).count() - broken;
    if broken > 3 && broken > sound { guess(bytes).decode_without_bom_handling(bytes).0.into_owned() } else { text }
}

/// ISO-2022-JP is plain ASCII to a UTF-8 decoder; its escape sequences betray it.
fn looks_like_iso_2022_jp(bytes: &[u8]) -> bool {
    bytes.is_ascii() && (find(bytes, b"\x1b$B").is_some() || find(bytes, b"\x1b$@").is_some())
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes.get(..bytes.len().min(GUESS_BYTES)).unwrap_or_default(), true);
    detector.guess(None, Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], content_type: Option<&str>, expect: &str) {
        let text = decode(bytes, content_type);
        assert!(text.contains(expect), "{text:?} does not hold {expect:?}");
    }

    #[test]
    fn the_order_of_evidence_is_that_of_browsers() {
        let (cyrillic, _, _) = encoding_rs::WINDOWS_1251.encode("<meta charset=windows-1251><p>Новости");
        check(&cyrillic, None, "Новости");
        let (cyrillic, _, _) = encoding_rs::WINDOWS_1251.encode("<p>Новости");
        check(&cyrillic, Some("text/html; charset=Windows-1251"), "Новости");
        check(&cyrillic, Some("text/html; Charset=\"cp1251\""), "Новости");
        check("\u{feff}<meta charset=windows-1251><p>Новости".as_bytes(), Some("text/html; charset=koi8-r"), "Новости");
        let (japanese, _, _) = encoding_rs::SHIFT_JIS
            .encode("<meta http-equiv=content-type content=\"text/html; charset=Shift_JIS\"><p>日本語の記事");
        check(&japanese, None, "日本語の記事");
        let (japanese, _, _) = encoding_rs::EUC_JP.encode("<?xml version='1.0' encoding='EUC-JP'?><p>日本語の記事");
        check(&japanese, None, "日本語の記事");
        let (japanese, _, _) = encoding_rs::ISO_2022_JP.encode("<p>日本語の記事です");
        check(&japanese, None, "日本語の記事です");
    }

    #[test]
    fn nothing_declared_is_guessed() {
        let (greek, _, _) =
            encoding_rs::ISO_8859_7.encode("<p>Η κυβέρνηση ανακοίνωσε σήμερα νέα μέτρα για την οικονομία της χώρας");
        check(&greek, None, "κυβέρνηση ανακοίνωσε");
        check("<p>plain ascii".as_bytes(), None, "plain ascii");
    }

    #[test]
    fn bytes_are_believed_over_a_stale_meta() {
        check("<meta charset=iso-8859-1><p>déjà vu à Orléans".as_bytes(), None, "déjà vu à Orléans");
        let (latin, _, _) =
            WINDOWS_1252.encode("<meta charset=utf-8><p>déjà vu à Orléans, où l'été s'étire; créé à côté");
        check(&latin, None, "déjà vu à Orléans");
        check(b"<meta charset=utf-8><p>d\xc3\xa9j\xc3\xa0 \xff vu, \xc3\xa9t\xc3\xa9", None, "déjà \u{fffd} vu");
    }

    #[test]
    fn any_bytes_decode() {
        for bytes in [
            &b""[..],
            b"<meta charset",
            b"<meta charset=",
            b"<?xml encoding",
            b"\x1b$B",
            b"\xff\xfe",
            b"charset=<meta charset=x>",
        ] {
            let _ = decode(bytes, Some("charset="));
        }
    }
}
