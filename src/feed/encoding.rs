//! Bytes → text: which encoding a feed is really in, whatever it and its server say.
//!
//! Knows nothing of markup but the XML declaration. Invariants: every input gives text; sound UTF-8 is borrowed, not copied.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};
use memchr::memmem;

/// How far a declaration is looked for; servers put warnings in front of it.
const DECLARATION_WINDOW: usize = 4096;
/// How much is given to the detector; its verdict settles within a few kilobytes.
const DETECTOR_WINDOW: usize = 64 * 1024;

/// The document as text, without byte order mark, C1 controls read as the windows-1252 they were meant as.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    repair_c1(to_text(bytes, content_type))
}

fn to_text<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some(text) = utf32(bytes) {
        return Cow::Owned(text);
    }
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(bom..).unwrap_or_default();
        return if encoding == UTF_8 {
            undeclared(rest, content_type)
        } else {
            encoding.decode_without_bom_handling(rest).0
        };
    }
    // Two bytes a character show as a NUL beside every letter of the markup.
    match bytes {
        [0, 1..=0x7F, 0, 1..=0x7F, ..] => return UTF_16BE.decode_without_bom_handling(bytes).0,
        [1..=0x7F, 0, 1..=0x7F, 0, ..] => return UTF_16LE.decode_without_bom_handling(bytes).0,
        _ => {}
    }
    undeclared(bytes, content_type)
}

/// No byte order mark says it: weigh what the bytes are against what the document and the server say.
fn undeclared<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    let served = content_type.and_then(charset_parameter).and_then(encoding_named);
    let declared = declaration(bytes).and_then(encoding_named);
    // A server's Latin-1 is mostly its default setting, so the document's own word goes first there (RFC 7303 §3 has it the other way).
    let said = match (served, declared) {
        (Some(served), Some(declared)) if served == WINDOWS_1252 => [Some(declared), Some(served)],
        (served, declared) => [served, declared],
    };
    if let Some(text) = sound_utf8(bytes) {
        let legacy = said.into_iter().flatten().find(|encoding| overrides_valid_utf8(encoding, bytes));
        return legacy.map_or(Cow::Borrowed(text), |encoding| encoding.decode_without_bom_handling(bytes).0);
    }
    // Two bytes a character would have shown.
    let said = said.map(|said| said.filter(|encoding| ![UTF_8, UTF_16BE, UTF_16LE].contains(encoding)));
    for encoding in said.into_iter().flatten() {
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            return text;
        }
    }
    if mostly_utf8(bytes) {
        return Cow::Owned(utf8_with_windows_1252(bytes));
    }
    if let Some(encoding) = said.into_iter().flatten().find(|encoding| *encoding != WINDOWS_1252) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..DETECTOR_WINDOW).unwrap_or(bytes), true);
    detector.guess(None, Utf8Detection::Allow).decode_without_bom_handling(bytes).0
}

/// The bytes as UTF-8; a document cut in the middle of a character is sound up to there.
fn sound_utf8(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes)
        .or_else(|error| match error.error_len() {
            None => std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()),
            Some(_) => Err(error),
        })
        .ok()
}

/// Whether bytes that are valid UTF-8 may still be in the legacy encoding that is claimed.
///
/// ISO-2022-JP is all ASCII. Two-byte encodings can look like UTF-8 in a short text, though only as two-byte sequences;
/// a text with three-byte sequences is UTF-8 beyond doubt.
fn overrides_valid_utf8(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    if encoding == ISO_2022_JP {
        return bytes.contains(&0x1B);
    }
    [BIG5, EUC_JP, EUC_KR, GB18030, GBK, SHIFT_JIS].contains(&encoding)
        && bytes.iter().any(|b| !b.is_ascii())
        && !bytes.iter().any(|b| *b >= 0xE0)
        && encoding.decode_without_bom_handling_and_without_replacement(bytes).is_some()
}

/// Whether broken UTF-8 is still UTF-8: more sound sequences than stray bytes.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        broken += chunk.invalid().len();
    }
    sound > broken
}

/// UTF-8 in which stray bytes are what an editor on Windows left behind.
fn utf8_with_windows_1252(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    out
}

fn utf32(bytes: &[u8]) -> Option<String> {
    let (rest, big_endian) = match bytes {
        [0, 0, 0xFE, 0xFF, rest @ ..] => (rest, true),
        [0xFF, 0xFE, 0, 0, rest @ ..] => (rest, false),
        [0, 0, 0, b'<', ..] => (bytes, true),
        [b'<', 0, 0, 0, ..] => (bytes, false),
        _ => return None,
    };
    let code = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
    let (units, _) = rest.as_chunks::<4>();
    Some(units.iter().map(|unit| char::from_u32(code(*unit)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// The `charset` of a Content-Type, with or without quotes, with `:` for `=` as some servers write.
fn charset_parameter(content_type: &str) -> Option<&str> {
    let at = content_type.to_ascii_lowercase().find("charset")?;
    let value = content_type.get(at + "charset".len()..)?.trim_start().strip_prefix(['=', ':'])?;
    let value = value.split(';').next()?.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    (!value.is_empty()).then_some(value)
}

/// The `encoding` of the XML declaration, also where something stands in front of it.
fn declaration(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..DECLARATION_WINDOW).unwrap_or(bytes);
    let start = memmem::find(head, b"<?xml")?;
    let head = head.get(start..)?;
    let head = head.get(..memmem::find(head, b">")?)?;
    let value = head
        .get(memmem::find(head, b"encoding")? + "encoding".len()..)?
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let end = value.iter().position(|b| b == quote)?;
    std::str::from_utf8(value.get(..end)?).ok()
}

/// The encoding that a label means: the WHATWG labels, and the ways of writing them that they lack.
fn encoding_named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim();
    Encoding::for_label_no_replacement(label.as_bytes()).or_else(|| {
        let plain: String = label.to_ascii_lowercase().replace('_', "-");
        let plain = match plain.as_str() {
            "cp936" | "ms936" => "gbk",
            "cp949" | "ms949" | "uhc" => "euc-kr",
            "cp950" | "ms950" => "big5",
            "cp932" | "ms932" | "sjis" => "shift-jis",
            "utf8" | "utf8mb4" | "unicode" => "utf-8",
            other => other,
        };
        Encoding::for_label_no_replacement(plain.as_bytes())
            .or_else(|| Encoding::for_label_no_replacement(plain.replace("win-", "windows-").as_bytes()))
    })
}

/// U+0080–U+009F in text are windows-1252 bytes that went through a Latin-1 converter.
fn repair_c1(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_c1 = |at: usize| text.as_bytes().get(at + 1).is_some_and(|b| *b < 0xA0);
    if !memchr::memchr_iter(0xC2, text.as_bytes()).any(is_c1) {
        return text;
    }
    let repaired = |c: char| match u8::try_from(u32::from(c)) {
        Ok(byte @ 0x80..=0x9F) => WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next().unwrap_or(c),
        _ => c,
    };
    Cow::Owned(text.chars().map(repaired).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], content_type: Option<&str>, want: &str) {
        assert_eq!(decode(bytes, content_type), want, "{bytes:?} {content_type:?}");
    }

    #[test]
    fn the_bytes_outrank_what_is_said_of_them() {
        check("<t>é".as_bytes(), Some("text/xml; charset=iso-8859-1"), "<t>é");
        check("<?xml encoding='windows-1251'?>é".as_bytes(), None, "<?xml encoding='windows-1251'?>é");
        check(b"\xEF\xBB\xBF<t>", Some("text/xml; charset=utf-16"), "<t>");
    }

    #[test]
    fn what_is_said_decides_where_the_bytes_do_not() {
        check(b"<t>\xA3\x93", Some("text/xml; charset=windows-1252"), "<t>£“");
        check(b"<t>\xCF\xF0", Some("text/xml;charset = 'cp1251'"), "<t>Пр");
        check(
            b"<?xml encoding=\"koi8-r\"?>\xF0\xD2",
            Some("text/xml; charset=iso-8859-1"),
            "<?xml encoding=\"koi8-r\"?>Пр",
        );
        check(b"junk <?xml encoding='euc-kr'?>\xB0\xA1", None, "junk <?xml encoding='euc-kr'?>가");
        check(b"<?xml encoding='cp949'?>\xC4\xA1", None, "<?xml encoding='cp949'?>치");
        check(b"<?xml encoding='utf-16'?>\xE9t\xE9", None, "<?xml encoding='utf-16'?>été");
        check(b"<?xml encoding='nonsense'?>\xE9t\xE9", None, "<?xml encoding='nonsense'?>été");
    }

    #[test]
    fn wide_characters_are_recognized_unmarked() {
        for (unit, big) in [(2, true), (2, false), (4, true), (4, false)] {
            let bytes: Vec<u8> = "<t>é"
                .chars()
                .flat_map(|c| {
                    let four = u32::from(c).to_be_bytes();
                    let mut wide = four.get(4 - unit..).unwrap().to_vec();
                    if !big {
                        wide.reverse();
                    }
                    wide
                })
                .collect();
            check(&bytes, None, "<t>é");
        }
    }

    #[test]
    fn stray_bytes_cost_no_more_than_themselves() {
        check(b"na\xC3\xAFve \x93caf\xC3\xA9\x94 \xC3\xA9\xC3\xA9", None, "naïve “café” éé");
        check("don\u{92}t".as_bytes(), None, "don’t");
        check(b"caf\xC3", None, "caf");
    }
}
