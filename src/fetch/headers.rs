//! What headers say: validators, freshness, Retry-After, redirects; and the headers that a feed's owner configured.
//!
//! Pure: `now` is an argument. Values from a server are hostile: too long, not text, with line breaks; what cannot be used is
//! ignored, never an error.

use std::fmt;
use std::time::Duration;

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use url::{Origin, Url};

use super::failure::Error;

/// Longest validator or content type kept, in bytes.
const MAX_VALUE_BYTES: usize = 1_024;

/// Waits and life times longer than this are cut: nobody plans for more than a year.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// What a server gave to recognise its last answer by (RFC 9110 §8.8), byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, with its quotes.
    pub etag: Option<String>,
    /// `Last-Modified`, unparsed.
    pub last_modified: Option<String>,
}

impl Validators {
    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { etag: text(headers, &header::ETAG), last_modified: text(headers, &header::LAST_MODIFIED) }
    }

    /// Sets the conditional headers. A stored value that no header can carry (a line break in it) is left out.
    pub(crate) fn put_into(&self, headers: &mut HeaderMap) {
        for (name, value) in [(header::IF_NONE_MATCH, &self.etag), (header::IF_MODIFIED_SINCE, &self.last_modified)] {
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
    }
}

/// Headers that a feed's owner configured. They go to the origin of the feed's address and nowhere else.
#[derive(Clone)]
pub struct FeedHeaders {
    origin: Origin,
    headers: HeaderMap,
}

/// Headers that frame the message or that only the client can know.
const RESERVED: &[HeaderName] = &[
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::EXPECT,
    header::ACCEPT_ENCODING,
    header::RANGE,
    header::PROXY_AUTHORIZATION,
];

impl FeedHeaders {
    /// Headers for the origin of `feed`. A user name and password in that address become Basic credentials.
    ///
    /// # Errors
    /// [`Error::Header`] for a name or value that cannot be sent; the value is never told.
    pub fn new<N: AsRef<str>, V: AsRef<str>>(
        feed: &Url,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Error> {
        let mut map = HeaderMap::new();
        if let Some(credentials) = basic_credentials(feed) {
            map.insert(header::AUTHORIZATION, credentials);
        }
        for (name, value) in headers {
            let name = name.as_ref();
            let wrong = |why| Error::Header { name: name.escape_debug().to_string(), why };
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| wrong("a name has only letters, digits and `-`"))?;
            if RESERVED.contains(&parsed) {
                return Err(wrong("it is set by dateline itself"));
            }
            let mut value = HeaderValue::from_str(value.as_ref())
                .map_err(|_| wrong("a value stands on one line, without control characters"))?;
            value.set_sensitive(true);
            map.insert(parsed, value);
        }
        Ok(Self { origin: feed.origin(), headers: map })
    }
}

impl fmt::Debug for FeedHeaders {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedHeaders")
            .field("origin", &self.origin.ascii_serialization())
            .field("names", &self.headers.keys())
            .finish()
    }
}

/// How long to leave the server alone (RFC 9110 §10.2.3): seconds, or a date to be read against `now`.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = text(headers, &header::RETRY_AFTER)?;
    match value.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds).min(LONGEST)),
        Err(_) if value.bytes().all(|byte| byte.is_ascii_digit()) => Some(LONGEST),
        Err(_) => Some(until(&value, sent_at(headers).unwrap_or(now))?.min(LONGEST)),
    }
}

/// How long the answer stays true: `max-age` less `Age`, else `Expires` less `Date` (RFC 9111 §4.2.1). `no-cache` is no time at all.
#[must_use]
pub fn fresh_for(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let directives: Vec<String> = headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
        .collect();
    if directives.iter().any(|directive| matches!(directive.as_str(), "no-cache" | "no-store")) {
        return None;
    }
    if let Some(age) = directives.iter().find_map(|directive| directive.strip_prefix("max-age=")) {
        let seconds: u64 = age.trim_matches('"').parse().ok()?;
        let spent: u64 = text(headers, &header::AGE).and_then(|age| age.parse().ok()).unwrap_or(0);
        return Some(Duration::from_secs(seconds.saturating_sub(spent)).min(LONGEST)).filter(|left| !left.is_zero());
    }
    until(&text(headers, &header::EXPIRES)?, sent_at(headers).unwrap_or(now))
        .map(|left| left.min(LONGEST))
        .filter(|left| !left.is_zero())
}

/// Where a redirect leads, read as browsers do: UTF-8, relative to `from`, without user name and password.
#[must_use]
pub fn location(headers: &HeaderMap, from: &Url) -> Option<Url> {
    let value = headers.get(header::LOCATION)?;
    let target = from.join(String::from_utf8_lossy(value.as_bytes()).trim()).ok()?;
    Some(without_credentials(&target))
}

/// A header's value as text, where it is text of a sane length.
pub(crate) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.as_bytes();
    let value = std::str::from_utf8(value).ok()?.trim();
    let usable = !value.is_empty() && value.len() <= MAX_VALUE_BYTES && !value.chars().any(char::is_control);
    usable.then(|| value.to_owned())
}

fn sent_at(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(&text(headers, &header::DATE)?)
}

fn until(date: &str, now: Timestamp) -> Option<Duration> {
    Some(Duration::try_from(http_date(date)?.duration_since(now)).unwrap_or_default())
}

/// An HTTP date in the form that everyone sends (RFC 9110 §5.6.7, IMF-fixdate).
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

/// `url` without user name and password.
pub(crate) fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    // Fails only for addresses without a host, which the guard refuses.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// What goes to the origin of `url` and nowhere else.
pub(crate) fn private(url: &Url, feed: Option<&FeedHeaders>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(credentials) = basic_credentials(url) {
        headers.insert(header::AUTHORIZATION, credentials);
    }
    if let Some(feed) = feed.filter(|feed| feed.origin == url.origin()) {
        headers.extend(feed.headers.clone());
    }
    headers
}

/// `user:password` of an address as Basic credentials (RFC 7617).
fn basic_credentials(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut plain = percent_decoded(url.username());
    plain.push(b':');
    plain.extend(percent_decoded(url.password().unwrap_or_default()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", base64(&plain))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        if let Some(decoded) = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| byte == b'%') {
            out.push(decoded);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

/// Standard alphabet, padded (RFC 4648 §4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let joined = chunk.iter().fold(0_u32, |joined, &byte| joined << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let index = (joined >> (18 - 6 * position)) & 0x3f;
            out.push(if position <= chunk.len() { char::from(ALPHABET[index as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headers: &[(&'static str, &str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap()))
            .collect()
    }

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (value, expect) in [
            ("120", Some(120)),
            ("0", Some(0)),
            (" 5 ", Some(5)),
            ("Sun, 22 Nov 2026 12:10:00 GMT", Some(600)),
            ("Mon, 22 Nov 2026 12:10:00 GMT", Some(600)),
            ("Sun, 22 Nov 2026 11:00:00 GMT", Some(0)),
            ("999999999999999999999999", Some(LONGEST.as_secs())),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                retry_after(&map(&[("retry-after", value)]), now()).map(|wait| wait.as_secs()),
                expect,
                "{value}"
            );
        }
        let skewed =
            map(&[("retry-after", "Sun, 22 Nov 2026 15:01:00 GMT"), ("date", "Sun, 22 Nov 2026 15:00:00 GMT")]);
        assert_eq!(retry_after(&skewed, now()), Some(Duration::from_secs(60)), "the server's own clock counts");
    }

    #[test]
    fn freshness_is_what_the_server_says() {
        for (headers, expect) in [
            (map(&[("cache-control", "public, max-age=600")]), Some(600)),
            (map(&[("cache-control", "max-age=600"), ("age", "200")]), Some(400)),
            (map(&[("cache-control", "MAX-AGE=\"60\"")]), Some(60)),
            (map(&[("cache-control", "no-cache, max-age=600")]), None),
            (map(&[("cache-control", "max-age=0")]), None),
            (map(&[("cache-control", "max-age=x"), ("expires", "Sun, 22 Nov 2026 12:10:00 GMT")]), None),
            (map(&[("expires", "Sun, 22 Nov 2026 12:10:00 GMT")]), Some(600)),
            (map(&[("expires", "0")]), None),
            (map(&[]), None),
        ] {
            assert_eq!(fresh_for(&headers, now()).map(|left| left.as_secs()), expect, "{headers:?}");
        }
    }

    #[test]
    fn validators_that_cannot_be_sent_are_left_out() {
        let mut headers = HeaderMap::new();
        let stored = Validators {
            etag: Some("\"a\"\r\nX-Injected: 1".into()),
            last_modified: Some("Sun, 22 Nov 2026 12:00:00 GMT".into()),
        };
        stored.put_into(&mut headers);
        assert_eq!(headers, map(&[("if-modified-since", "Sun, 22 Nov 2026 12:00:00 GMT")]));

        let mut hostile = HeaderMap::new();
        hostile.insert(header::ETAG, HeaderValue::from_bytes(b"\"\xff\xfe\"").unwrap());
        hostile.insert(header::LAST_MODIFIED, HeaderValue::from_bytes("x".repeat(2_000).as_bytes()).unwrap());
        assert!(Validators::of(&hostile).is_empty());
    }

    #[test]
    fn redirects_are_read_as_browsers_do() {
        let from = Url::parse("https://a.example/news/1?x#top").unwrap();
        for (value, expect) in [
            ("/2", Some("https://a.example/2")),
            ("2", Some("https://a.example/news/2")),
            ("//b.example/", Some("https://b.example/")),
            (" https://b.example/é ", Some("https://b.example/%C3%A9")),
            ("https://user:secret@b.example/", Some("https://b.example/")),
            ("http://[", None),
        ] {
            assert_eq!(location(&map(&[("location", value)]), &from).as_ref().map(Url::as_str), expect, "{value}");
        }
    }

    #[test]
    fn secrets_of_a_feed_stay_untold() {
        let feed = Url::parse("https://us%65r:p%40ss@a.example/feed").unwrap();
        let headers = FeedHeaders::new(&feed, [("X-API-Key", "secret")]).unwrap();
        let shown = format!("{headers:?} {:?}", private(&feed, Some(&headers)));
        assert!(!shown.contains("secret") && !shown.contains("dXNl"), "{shown}");
        assert_eq!(private(&feed, None).get("authorization").unwrap(), "Basic dXNlcjpwQHNz");
        assert!(private(&Url::parse("https://b.example/").unwrap(), Some(&headers)).is_empty());
        assert!(
            private(&Url::parse("http://a.example/").unwrap(), Some(&headers)).is_empty(),
            "another scheme is another origin"
        );
        for (name, value) in
            [("Host", "b.example"), ("X-A", "1\r\nX-B: 2"), ("X A", "1"), ("", "1"), ("Transfer-Encoding", "chunked")]
        {
            let error = FeedHeaders::new(&feed, [(name, value)]).unwrap_err().to_string();
            assert!(!error.contains("X-B"), "{error}");
        }
    }

    #[test]
    fn base64_is_padded() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("\u{ff}", "w78=")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
