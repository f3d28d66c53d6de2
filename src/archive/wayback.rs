//! Indexes of web archives: what was captured of a site, and where its original bytes are
//! (<https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server>).
//!
//! The time of a capture is not that of publication: a story is captured when somebody comes by, often the same day, sometimes months
//! later, never before it appeared. So the index is asked for more than the range, and the page decides.

use std::collections::HashMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::Range;
use super::date::later;
use crate::address;

/// Where the index of the Internet Archive is.
pub const ENDPOINT: &str = "https://web.archive.org/";

/// How long after the range captures of its stories are looked for.
pub const CAPTURE_MARGIN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Captures of one answer.
pub const LIMIT: u32 = 5_000;

/// A web archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wayback {
    endpoint: Url,
}

/// What is asked of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Whose pages.
    pub scope: Scope,
    /// When they were published.
    pub range: Range,
}

/// Whose pages an index is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A host and all below it.
    Domain(String),
    /// Addresses that begin with this one.
    Prefix(Url),
}

/// One capture of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// The address of the page when it was captured.
    pub url: Url,
    /// When it was captured.
    pub captured_at: Timestamp,
    /// The same as the archive writes it: fourteen digits.
    pub timestamp: String,
    /// As captured.
    pub mimetype: Option<String>,
    /// Of the captured answer.
    pub status: Option<u16>,
    /// Of its content: captures of one digest hold the same bytes.
    pub digest: Option<String>,
}

/// An answer of an index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// In the order of the index: by address, then by time.
    pub captures: Vec<Capture>,
    /// Where to go on; `None`: there is no more.
    pub resume_key: Option<String>,
    /// Lines that could not be read.
    pub broken: u64,
}

/// Why an answer is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Neither JSON nor lines of an index.
    #[error("no index of captures; the answer begins `{start}`")]
    NotAnIndex {
        /// The first characters.
        start: String,
    },
}

impl Default for Wayback {
    fn default() -> Self {
        Self { endpoint: Url::parse(ENDPOINT).unwrap_or_else(|_| unreachable!("a constant address")) }
    }
}

impl Wayback {
    /// An archive whose index is at `cdx/search/cdx` and whose captures are at `web/` below `endpoint`.
    #[must_use]
    pub fn at(endpoint: Url) -> Self {
        Self { endpoint }
    }

    /// The address of an answer: the first, or the one that goes on at `resume_key`.
    #[must_use]
    pub fn search(&self, query: &Query, resume_key: Option<&str>) -> Url {
        let mut url = self.below("cdx/search/cdx");
        {
            let mut pairs = url.query_pairs_mut();
            match &query.scope {
                Scope::Domain(host) => pairs.append_pair("url", host).append_pair("matchType", "domain"),
                Scope::Prefix(prefix) => pairs.append_pair("url", prefix.as_str()).append_pair("matchType", "prefix"),
            };
            if let Some(since) = query.range.since() {
                pairs.append_pair("from", &digits(since));
            }
            pairs.append_pair("to", &digits(later(query.range.end(), CAPTURE_MARGIN)));
            pairs.append_pair("filter", "statuscode:200").append_pair("filter", "mimetype:text/html");
            pairs.append_pair("collapse", "urlkey").append_pair("output", "json");
            pairs.append_pair("fl", "timestamp,original,mimetype,statuscode,digest");
            pairs.append_pair("showResumeKey", "true").append_pair("limit", &LIMIT.to_string());
            if let Some(key) = resume_key {
                pairs.append_pair("resumeKey", key);
            }
        }
        url
    }

    /// The address of the bytes as they were captured, without what the archive adds to a page.
    #[must_use]
    pub fn original(&self, capture: &Capture) -> Url {
        let mut url = self.below("web/");
        // The address of the page stands in the path as it is, its query being the query.
        let path = format!("{}{}id_/{}", url.path(), capture.timestamp, capture.url);
        let (path, query) = path.split_once('?').map_or((path.as_str(), None), |(path, query)| (path, Some(query)));
        url.set_path(path);
        url.set_query(query);
        url
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.endpoint.clone();
        url.set_query(None);
        url.set_fragment(None);
        let whole = format!("{}/{path}", url.path().trim_end_matches('/'));
        url.set_path(&whole);
        url
    }
}

/// Reads an answer: arrays in JSON, or lines.
///
/// # Errors
/// When it is neither; an empty answer is an answer.
pub fn parse(bytes: &[u8]) -> Result<Answer, Error> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim();
    let not_an_index = || Error::NotAnIndex { start: text.chars().take(40).collect() };
    if text.is_empty() {
        return Ok(Answer::default());
    }
    if text.starts_with('[') {
        return json(text).ok_or_else(not_an_index);
    }
    let answer = lines(text);
    if answer.captures.is_empty() && answer.resume_key.is_none() { Err(not_an_index()) } else { Ok(answer) }
}

/// The capture that shows a story as it was first published: the first that is not older.
#[must_use]
pub fn first_after(captures: &[Capture], published_at: Timestamp) -> Option<&Capture> {
    captures.iter().filter(|capture| capture.captured_at >= published_at).min_by_key(|capture| capture.captured_at)
}

/// Of each page its first capture, in the order of the index: the index collapses, but each answer for itself.
#[must_use]
pub fn first_captures(captures: Vec<Capture>) -> Vec<Capture> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut first: Vec<Capture> = Vec::new();
    for capture in captures {
        match places.get(&address::key(&capture.url)).and_then(|&place| first.get_mut(place)) {
            Some(known) if capture.captured_at < known.captured_at => *known = capture,
            Some(_) => {}
            None => {
                places.insert(address::key(&capture.url), first.len());
                first.push(capture);
            }
        }
    }
    first
}

/// `[["timestamp","original",…],["20240305101500","http://…",…],[],["resume key"]]`
fn json(text: &str) -> Option<Answer> {
    // A broken end costs the rows behind the break.
    let rows: Vec<Vec<String>> = match serde_json::from_str(text) {
        Ok(rows) => rows,
        Err(_) => text.lines().filter_map(row).collect(),
    };
    let mut rows = rows.into_iter();
    let Some(names) = rows.next() else { return Some(Answer::default()) };
    let place = |name: &str| names.iter().position(|one| one == name);
    let (time, original) = (place("timestamp")?, place("original")?);
    let (mimetype, status, digest) = (place("mimetype"), place("statuscode"), place("digest"));
    let mut answer = Answer::default();
    let mut ended = false;
    for row in rows {
        if row.is_empty() {
            ended = true;
        } else if ended {
            answer.resume_key = row.into_iter().next().filter(|key| !key.is_empty());
        } else {
            let field = |place: Option<usize>| place.and_then(|place| row.get(place)).map(String::as_str);
            match capture(field(Some(time)), field(Some(original)), field(mimetype), field(status), field(digest)) {
                Some(capture) => answer.captures.push(capture),
                None => answer.broken += 1,
            }
        }
    }
    Some(answer)
}

/// One row where each stands on a line of its own, as the index writes them.
fn row(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    let line = line.strip_prefix("[[").map_or_else(|| line.to_owned(), |rest| format!("[{rest}"));
    let line = line.strip_suffix("]]").map_or_else(|| line.clone(), |rest| format!("{rest}]"));
    serde_json::from_str(line.trim_end_matches(',')).ok()
}

/// `urlkey timestamp original mimetype statuscode digest length`, or the fields that are asked for here; a resume key stands alone behind an
/// empty line.
fn lines(text: &str) -> Answer {
    let mut answer = Answer::default();
    let mut ended = false;
    for line in text.lines() {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        match *fields.as_slice() {
            [] => ended = true,
            [key] if ended => answer.resume_key = Some(key.to_owned()),
            _ => {
                // The address stands behind the time, whichever fields come before it.
                let time = fields.iter().take(2).position(|field| field.len() == 14 && is_digits(field));
                let field = |behind: usize| time.and_then(|time| fields.get(time + behind)).copied();
                match capture(field(0), field(1), field(2), field(3), field(4)) {
                    Some(capture) => answer.captures.push(capture),
                    None => answer.broken += 1,
                }
            }
        }
    }
    answer
}

fn capture(
    time: Option<&str>,
    original: Option<&str>,
    mimetype: Option<&str>,
    status: Option<&str>,
    digest: Option<&str>,
) -> Option<Capture> {
    let timestamp = time?;
    let captured_at = moment(timestamp)?;
    let url = Url::parse(original?).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
    let known = |field: Option<&str>| field.filter(|field| *field != "-" && !field.is_empty()).map(str::to_owned);
    Some(Capture {
        url,
        captured_at,
        timestamp: timestamp.to_owned(),
        mimetype: known(mimetype),
        status: status.and_then(|status| status.parse().ok()),
        digest: known(digest),
    })
}

/// `20240305101500`
fn moment(text: &str) -> Option<Timestamp> {
    if text.len() != 14 || !is_digits(text) {
        return None;
    }
    let at = DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
    TimeZone::UTC.to_timestamp(at).ok()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn digits(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).strftime("%Y%m%d%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(answer: &Answer) -> Vec<String> {
        answer.captures.iter().map(|one| format!("{} {}", one.timestamp, one.url)).collect()
    }

    #[test]
    fn both_forms_are_read() {
        let json = r#"[["timestamp","original","mimetype","statuscode","digest"],
["20240305101500","http://a.example:80/harbour?x=1","text/html","200","AAA"],
["20240306000000","https://a.example/storm","text/html","-","BBB"],
["2024","https://a.example/short","text/html","200","CCC"],
[],
["com,example)/storm 20240306000000"]]"#;
        let lines = "com,example)/harbour 20240305101500 http://a.example:80/harbour?x=1 text/html 200 AAA 4711\n\
                     20240306000000 https://a.example/storm text/html - BBB\nnonsense in a line\n\ncom%2Cexample%29%2Fstorm+2024\n";
        for (text, key) in [(json, "com,example)/storm 20240306000000"), (lines, "com%2Cexample%29%2Fstorm+2024")] {
            let answer = parse(text.as_bytes()).unwrap();
            assert_eq!(
                shown(&answer),
                ["20240305101500 http://a.example/harbour?x=1", "20240306000000 https://a.example/storm"]
            );
            assert_eq!((answer.resume_key.as_deref(), answer.broken), (Some(key), 1));
            assert_eq!(answer.captures[0].captured_at.to_string(), "2024-03-05T10:15:00Z");
            assert_eq!((answer.captures[0].status, answer.captures[1].status), (Some(200), None));
            assert_eq!(answer.captures[0].digest.as_deref(), Some("AAA"));
        }
        // Broken off in the middle of a row.
        let cut = json.split_at(json.find("https://a.example/storm").unwrap()).0;
        assert_eq!(shown(&parse(cut.as_bytes()).unwrap()), ["20240305101500 http://a.example/harbour?x=1"]);
    }

    #[test]
    fn an_empty_answer_is_one_and_a_page_is_none() {
        assert_eq!(parse(b""), Ok(Answer::default()));
        assert_eq!(parse(b"[]"), Ok(Answer::default()));
        assert_eq!(
            parse(b"<html>Too Many Requests").unwrap_err().to_string(),
            "no index of captures; the answer begins `<html>Too Many Requests`"
        );
        assert!(parse(br#"[["a","b"]]"#).is_err());
    }

    #[test]
    fn the_index_is_asked_for_more_than_the_range() {
        let range = Range::parse(Some("2024-03-01"), Some("2024-03-31"), Timestamp::UNIX_EPOCH).unwrap();
        let query = Query { scope: Scope::Domain("a.example".to_owned()), range };
        let fixed = "filter=statuscode%3A200&filter=mimetype%3Atext%2Fhtml&collapse=urlkey&output=json\
                     &fl=timestamp%2Coriginal%2Cmimetype%2Cstatuscode%2Cdigest&showResumeKey=true&limit=5000";
        assert_eq!(
            Wayback::default().search(&query, None).as_str(),
            format!(
                "https://web.archive.org/cdx/search/cdx?url=a.example&matchType=domain&from=20240301000000&to=20240630000000&{fixed}"
            )
        );
        let local = Wayback::at(Url::parse("http://127.0.0.1:9000/archive").unwrap());
        let prefix = Url::parse("https://a.example/news/").unwrap();
        let query = Query { scope: Scope::Prefix(prefix), range: Range::new(None, range.end()) };
        assert_eq!(
            local.search(&query, Some("a b")).as_str(),
            format!(
                "http://127.0.0.1:9000/archive/cdx/search/cdx?url=https%3A%2F%2Fa.example%2Fnews%2F&matchType=prefix&to=20240630000000&{fixed}&resumeKey=a+b"
            )
        );
    }

    #[test]
    fn captures_are_addressed_and_chosen() {
        let text = "20240307000000 https://a.example/x?a=1&b=%20 text/html 200 A\n20240305101500 http://www.a.example/x?b=%20&a=1 text/html 200 B\n\
                    20240301000000 https://a.example/y text/html 200 C";
        let captures = parse(text.as_bytes()).unwrap().captures;
        assert_eq!(
            Wayback::default().original(&captures[0]).as_str(),
            "https://web.archive.org/web/20240307000000id_/https://a.example/x?a=1&b=%20"
        );
        let after = first_after(&captures, "2024-03-05T00:00:00Z".parse().unwrap());
        assert_eq!(after.unwrap().digest.as_deref(), Some("B"));
        let digests: Vec<String> = first_captures(captures).into_iter().filter_map(|one| one.digest).collect();
        assert_eq!(digests, ["B", "C"]);
    }

    proptest! {
        #[test]
        fn any_answer_is_read(text in "\\PC{0,200}", json in "[\\[\\]\",a-z0-9: \n]{0,200}") {
            let _ = (parse(text.as_bytes()), parse(json.as_bytes()), parse(format!("[[{json}").as_bytes()));
        }
    }
}
