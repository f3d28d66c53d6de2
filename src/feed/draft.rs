//! A feed's head or an item while it is being read: of several elements that say the same, which one counts.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use super::names::Namespace;
use super::{Feed, Item, date};

/// How much the word of a namespace counts: an item's own element before an extension's.
pub(super) fn rank(namespace: Namespace) -> u8 {
    match namespace {
        Namespace::Content => 7,
        Namespace::Core | Namespace::Atom => 6,
        Namespace::News => 5,
        Namespace::DublinCore => 4,
        Namespace::Xhtml | Namespace::Itunes => 3,
        Namespace::Media => 2,
        _ => 1,
    }
}

/// A value and how much its source counts.
#[derive(Debug)]
pub(super) struct Slot<T> {
    rank: u8,
    value: Option<T>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { rank: 0, value: None }
    }
}

impl<T> Slot<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.value.is_none()
    }

    /// Takes a value that counts more than the one held.
    pub(super) fn offer(&mut self, rank: u8, value: Option<T>) {
        if value.is_some() && (self.value.is_none() || rank > self.rank) {
            *self = Self { rank, value };
        }
    }

    /// Takes a value that counts at least as much.
    pub(super) fn replace(&mut self, rank: u8, value: Option<T>) {
        if value.is_some() && (self.value.is_none() || rank >= self.rank) {
            *self = Self { rank, value };
        }
    }
}

/// Names gathered from the elements that count most.
#[derive(Debug, Default)]
pub(super) struct People {
    rank: u8,
    names: Vec<String>,
}

impl People {
    pub(super) fn offer(&mut self, rank: u8, names: Vec<String>) {
        if names.is_empty() || rank < self.rank {
            return;
        }
        if rank > self.rank {
            *self = Self { rank, names: Vec::new() };
        }
        self.names.extend(names);
    }
}

/// A date as written and as understood; one that is understood counts more than any that is not.
#[derive(Debug, Default)]
pub(super) struct Moment {
    rank: u8,
    raw: Option<String>,
    at: Option<Timestamp>,
}

impl Moment {
    pub(super) fn offer(&mut self, rank: u8, raw: &str, timezone: Option<&TimeZone>) {
        let raw = raw.trim();
        if raw.is_empty() || (self.at.is_some() && rank <= self.rank) {
            return;
        }
        let at = date::parse(raw, timezone);
        if at.is_some() || self.raw.is_none() {
            *self = Self { rank, raw: Some(raw.to_owned()), at };
        }
    }
}

/// An address as announced and as it is dialled.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) shown: String,
    pub(super) url: Url,
}

impl Link {
    /// An address, made whole if it is relative.
    pub(super) fn read(text: &str, base: &Url) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        Self::read_absolute(text)
            .or_else(|| base.join(text).ok().map(|url| Self { shown: url.as_str().to_owned(), url }))
    }

    /// An identifier that is the address of a page.
    pub(super) fn read_id(id: &str) -> Option<Self> {
        Self::read_absolute(id).filter(|link| matches!(link.url.scheme(), "http" | "https"))
    }

    fn read_absolute(text: &str) -> Option<Self> {
        let text = text.trim();
        // Escaped twice; `&amp;` never occurs in an address that was meant so.
        let url =
            if text.contains("&amp;") { Url::parse(&text.replace("&amp;", "&")) } else { Url::parse(text) }.ok()?;
        // White space inside is a line break that a formatter put there.
        let shown = if text.contains(char::is_whitespace) { url.as_str().to_owned() } else { text.to_owned() };
        Some(Self { shown, url })
    }
}

/// The identifier as announced, unless it is a path that stands for an address.
pub(super) fn whole_id(text: &str, is_address: bool, base: &Url) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let whole = base.join(text).ok().filter(|_| is_address && text.starts_with('/'));
    Some(whole.map_or_else(|| text.to_owned(), Url::into))
}

/// What is known of a feed or an item so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) id: Slot<String>,
    pub(super) link: Slot<Link>,
    pub(super) original: Slot<Url>,
    pub(super) title: Slot<String>,
    pub(super) description: Slot<String>,
    pub(super) summary: Slot<String>,
    pub(super) content: Slot<String>,
    /// What extensions offer where the feed has no description of its own.
    pub(super) fallback: Slot<String>,
    pub(super) people: People,
    pub(super) categories: Vec<String>,
    pub(super) published: Moment,
    pub(super) updated: Moment,
    pub(super) language: Slot<String>,
    pub(super) image: Slot<Url>,
}

impl Draft {
    pub(super) fn into_feed(self, feed: &mut Feed) {
        feed.title = self.title.value;
        feed.url = self.link.value.map(|link| link.shown);
        feed.description = self.description.value.or(self.summary.value).or(self.fallback.value);
        feed.language = self.language.value;
    }

    pub(super) fn into_item(self) -> Item {
        let (summary, content) = match (self.summary.value, self.description.value) {
            // Where both stand, the description is the text (RSS with Atom's `summary`).
            (Some(summary), Some(description)) => (Some(summary), self.content.value.or(Some(description))),
            (summary, description) => (summary.or(description).or(self.fallback.value), self.content.value),
        };
        let (link, url) = self.link.value.map(|link| (link.shown, link.url)).unzip();
        Item {
            id: self.id.value,
            link,
            url: self.original.value.or(url),
            title: self.title.value,
            summary,
            content,
            authors: distinct(self.people.names),
            categories: distinct(self.categories),
            published_at: self.published.at,
            updated_at: self.updated.at,
            published_raw: self.published.raw,
            updated_raw: self.updated.raw,
            language: self.language.value,
            image: self.image.value,
        }
    }
}

/// The values in order, each once. Bounded: what a hostile feed repeats without end is not news.
pub(super) fn distinct(values: Vec<String>) -> Vec<String> {
    const MAX: usize = 200;
    let mut out: Vec<String> = Vec::new();
    for value in values {
        if out.len() < MAX && !out.contains(&value) {
            out.push(value);
        }
    }
    out
}

/// Base64 with any white space in it (RFC 4648 §4). `None` where it is something else.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xFF).unwrap_or_default());
        }
    }
    (!out.is_empty()).then_some(out)
}
