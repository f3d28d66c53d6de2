//! What publishers write in a field → what a reader gets: plain titles, HTML with whole addresses, names without mail addresses.
//!
//! Knows nothing of feed formats. All functions take time in proportion to their input.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use memchr::{memchr, memchr2, memmem};
use url::Url;

use super::entity::{decode, escape_into};
use super::xml::{Token, Tokens, split_name};

/// How the text of a field is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Characters that mean themselves.
    Plain,
    /// Markup.
    Html,
}

/// Elements of HTML that occur in feeds, obsolete ones included; what is not here is text between angle brackets.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "big",
    "blink",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "map",
    "mark",
    "meta",
    "nav",
    "nobr",
    "noscript",
    "object",
    "ol",
    "p",
    "param",
    "picture",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "script",
    "section",
    "select",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "math",
];
/// Elements that part words.
const BLOCKS: &[&str] = &[
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];
/// Attributes whose value is an address (HTML standard, "URL-valued attributes"), as far as they occur in feeds.
const ADDRESSES: &[&str] = &["action", "cite", "data", "href", "longdesc", "poster", "src"];

/// One line of plain text: no markup, no references, white space folded. `None` where nothing is left.
pub(super) fn plain(text: &str, kind: Kind) -> Option<String> {
    let text = unmangled(text);
    let read: Cow<'_, str> = match kind {
        Kind::Html => strip_tags(&text),
        Kind::Plain if looks_like_html(&text) => strip_tags(&text),
        Kind::Plain => decode(&text),
    };
    let mut folded = fold(&read);
    // References or tags that are left: the title was escaped twice.
    if looks_like_html(&folded) {
        folded = fold(&strip_tags(&folded));
    } else if memchr(b'&', folded.as_bytes()).is_some() {
        folded = fold(&decode(&folded));
    }
    (!folded.is_empty()).then_some(folded)
}

/// HTML as announced, but relative addresses made whole and a second layer of escaping removed. `None` where nothing is left.
pub(super) fn html(text: &str, kind: Kind, base: &Url) -> Option<String> {
    let text = text.trim();
    // A section that was escaped along with what it holds.
    let text =
        text.strip_prefix("<![CDATA[").map_or(text, |inside| inside.strip_suffix("]]>").unwrap_or(inside).trim());
    if text.is_empty() {
        return None;
    }
    let text = unmangled(text);
    if kind == Kind::Plain && !looks_like_html(&text) {
        let mut out = String::with_capacity(text.len() + 16);
        escape_into(&text, &mut out);
        return Some(out);
    }
    let text = unescaped_twice(text);
    Some(resolve_addresses(&text, base).unwrap_or_else(|| text.into_owned()))
}

/// Words parted by single spaces; control characters and zero-width marks at the ends are gone.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    let trimmed = out.trim_matches(['\u{FEFF}', '\u{200B}']);
    if trimmed.len() == out.len() { out } else { trimmed.trim().to_owned() }
}

/// The name in an author field, without mail addresses and the brackets around either: `ann@x.example (Ann Bo)`, `Ann Bo <ann@x.example>`, `Ann Bo`.
pub(super) fn names(text: &str) -> Vec<String> {
    let Some(text) = plain(text, Kind::Plain) else { return Vec::new() };
    let text = if memchr2(b'<', b'>', text.as_bytes()).is_some() { fold(&text.replace(['<', '>'], " ")) } else { text };
    if memchr2(b'@', b'(', text.as_bytes()).is_none() {
        return vec![text];
    }
    let words: Vec<&str> = text.split(' ').filter(|word| !is_mail(word)).collect();
    let name = words.join(" ");
    let mut name = name.replace("()", "");
    // `(Ann Bo)`: brackets that set the name apart from the address, not part of it as in `Ann Bo (Reuters)`.
    if let Some(inside) = name.strip_prefix('(').and_then(|name| name.strip_suffix(')')) {
        name = inside.to_owned();
    }
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '-'));
    if name.is_empty() { Vec::new() } else { vec![name.to_owned()] }
}

fn is_mail(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.trim_start_matches("mailto:")
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
}

fn is_element(name: &str) -> bool {
    let mut lower = [0_u8; 12];
    let Some(slot) = lower.get_mut(..name.len()) else { return false };
    slot.copy_from_slice(name.as_bytes());
    slot.make_ascii_lowercase();
    let slot: &[u8] = slot;
    ELEMENTS.iter().any(|known| known.as_bytes() == slot)
}

/// Whether text that is declared plain is HTML all the same: it closes a tag or holds a reference, and knows no tag but HTML's.
fn looks_like_html(text: &str) -> bool {
    if memchr(b'<', text.as_bytes()).is_none() {
        return false;
    }
    let mut markup = false;
    for token in Tokens::new(text) {
        match token {
            Token::Start(tag) if !is_element(split_name(tag.name).1) => return false,
            Token::Start(tag) => {
                markup |= tag.closed || !tag.is_bare() || matches!(tag.name, "p" | "br" | "P" | "BR" | "img" | "IMG");
            }
            Token::End(name) if !is_element(split_name(name).1) => return false,
            Token::End(_) => markup = true,
            _ => {}
        }
    }
    markup
}

fn strip_tags(text: &str) -> Cow<'_, str> {
    if memchr(b'<', text.as_bytes()).is_none() {
        return decode(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut hidden: Option<&str> = None;
    let mut tokens = Tokens::new(text);
    let mut before = 0;
    while let Some(token) = tokens.next() {
        let raw = text.get(before..tokens.offset()).unwrap_or_default();
        before = tokens.offset();
        let (name, is_end) = match token {
            Token::Start(tag) => (tag.name, false),
            Token::End(name) => (name, true),
            Token::Text(part) | Token::Cdata(part) => {
                if hidden.is_none() {
                    out.push_str(&decode(part));
                }
                continue;
            }
            // "<!DOCTYPE" in a headline is about the doctype.
            Token::Doctype(_) => {
                out.push_str(raw);
                continue;
            }
        };
        let local = split_name(name).1;
        if !is_element(local) && !name.contains(':') {
            if hidden.is_none() {
                out.push_str(&decode(raw));
            }
        } else if let Some(element) = hidden {
            if is_end && local.eq_ignore_ascii_case(element) {
                hidden = None;
            }
        } else if !is_end && (local.eq_ignore_ascii_case("script") || local.eq_ignore_ascii_case("style")) {
            hidden = Some(local);
        } else if BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(local)) {
            out.push(' ');
        }
    }
    if let Some(rest) = tokens.cut.and_then(|at| text.get(at..)) {
        out.push_str(&decode(rest));
    }
    Cow::Owned(out)
}

/// `&lt;p&gt;` where markup should be: some publishers escape twice.
fn unescaped_twice(text: Cow<'_, str>) -> Cow<'_, str> {
    let escaped_tag = |part: &str| {
        let name = part.trim_start_matches('/');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        name.get(..end).is_some_and(is_element) && name.contains("&gt;")
    };
    if memchr(b'<', text.as_bytes()).is_some()
        || memmem::find(text.as_bytes(), b"&lt;").is_none()
        || !text.split("&lt;").skip(1).any(escaped_tag)
    {
        return text;
    }
    Cow::Owned(decode(&text).into_owned())
}

/// UTF-8 that was read as windows-1252 and encoded again, undone. Safe: the reading must succeed for every character.
fn unmangled(text: &str) -> Cow<'_, str> {
    // Every sequence begins with a byte C2–F4 and goes on with one of 80–BF: `Ã©` may be one, `éa` is none.
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let Some((at, first)) = text.char_indices().find(|(_, c)| !c.is_ascii()) else { return Cow::Borrowed(text) };
    let next = text.get(at + first.len_utf8()..).and_then(|rest| rest.chars().next());
    if !('\u{C2}'..='\u{F4}').contains(&first) || next.is_none_or(|next| next.is_ascii()) {
        return Cow::Borrowed(text);
    }
    let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
    match std::str::from_utf8(&bytes) {
        Ok(repaired) if !unmappable => Cow::Owned(repaired.to_owned()),
        _ => Cow::Borrowed(text),
    }
}

/// The HTML with relative addresses made whole; `None` where there are none.
fn resolve_addresses(text: &str, base: &Url) -> Option<String> {
    memchr(b'<', text.as_bytes())?;
    let mut out = String::new();
    let mut copied = 0;
    // A long base and many short links must not multiply.
    let limit = text.len() * 8 + 4096;
    for token in Tokens::new(text) {
        let Token::Start(tag) = token else { continue };
        if out.len() > limit {
            break;
        }
        for (name, value) in tag.attributes() {
            if !ADDRESSES.iter().any(|address| address.eq_ignore_ascii_case(name)) || is_whole(value) {
                continue;
            }
            let Ok(whole) = base.join(decode(value).trim()) else { continue };
            let start = value.as_ptr().addr() - text.as_ptr().addr();
            out.push_str(text.get(copied..start)?);
            escape_into(whole.as_str(), &mut out);
            copied = start + value.len();
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(text.get(copied..)?);
    Some(out)
}

/// Whether an address stands by itself, or is none (empty, a fragment).
fn is_whole(value: &str) -> bool {
    let value = value.trim_ascii();
    let scheme = value.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')).count();
    value.is_empty() || value.starts_with('#') || (scheme > 0 && value.as_bytes().get(scheme) == Some(&b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_plain_text() {
        for (text, kind, want) in [
            ("AT&amp;T's  <b>new</b>\n plan", Kind::Html, "AT&T's new plan"),
            ("Using <blink> and <T> in 5 < 6", Kind::Plain, "Using <blink> and <T> in 5 < 6"),
            ("A generic Vec<T> and <em>more</em>", Kind::Html, "A generic Vec<T> and more"),
            ("Tom &#8217; Co", Kind::Plain, "Tom ’ Co"),
            ("One<br/>two<script>x()</script>", Kind::Html, "One two"),
            ("<p>a</p>", Kind::Plain, "a"),
            ("Tom &amp;amp; Co&amp;#8217;s 5 m&lt;sup&gt;2&lt;/sup&gt;", Kind::Html, "Tom & Co’s 5 m2"),
            ("<!DOCTYPE html> explained", Kind::Html, "<!DOCTYPE html> explained"),
            ("Ã‰lections Ã\u{A0} Paris", Kind::Plain, "Élections à Paris"),
            ("Élections à Paris", Kind::Plain, "Élections à Paris"),
        ] {
            assert_eq!(plain(text, kind).as_deref(), Some(want), "{text}");
        }
        assert_eq!(plain(" <b> </b>&#160;", Kind::Html), None);
    }

    #[test]
    fn html_keeps_its_markup_and_gets_whole_addresses() {
        let base = Url::parse("https://a.example/x/").unwrap();
        for (text, kind, want) in [
            ("<a href=\"/y?a=1&amp;b=2\">z</a>", Kind::Html, "<a href=\"https://a.example/y?a=1&amp;b=2\">z</a>"),
            (
                "<img src=i.png><a href='mailto:a@b.example'>",
                Kind::Html,
                "<img src=https://a.example/x/i.png><a href='mailto:a@b.example'>",
            ),
            ("<a href=\" y \">z</a>", Kind::Html, "<a href=\"https://a.example/x/y\">z</a>"),
            ("a < b & c", Kind::Plain, "a &lt; b &amp; c"),
            ("&lt;p&gt;twice &amp;amp; more&lt;/p&gt;", Kind::Html, "<p>twice &amp; more</p>"),
            ("<code>&lt;br /></code>", Kind::Html, "<code>&lt;br /></code>"),
            ("if a &lt; b", Kind::Html, "if a &lt; b"),
            ("<![CDATA[<p>a</p>]]>", Kind::Html, "<p>a</p>"),
        ] {
            assert_eq!(html(text, kind, &base).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn names_lose_their_addresses() {
        for (text, want) in [
            ("ann@x.example (Ann Bo)", vec!["Ann Bo"]),
            ("Ann Bo (ann@x.example)", vec!["Ann Bo"]),
            ("Ann Bo <ann@x.example>", vec!["Ann Bo"]),
            ("Ann Bo (Reuters)", vec!["Ann Bo (Reuters)"]),
            ("ann@x.example", vec![]),
            ("  ", vec![]),
        ] {
            assert_eq!(names(text), want, "{text}");
        }
    }
}
