//! The REST API of WordPress (<https://developer.wordpress.org/rest-api/reference/posts/>), and its paged feeds for where it is closed.
//!
//! Posts are asked newest first and by date; what the answer says in UTC (`date_gmt`) decides, for old versions read `after` and
//! `before` in the site's own zone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use url::Url;

use super::date::{earlier, later};
use super::{Range, html};
use crate::entry::Entry;

/// The most that WordPress gives at once.
pub const PER_PAGE: u32 = 100;

/// The relation of the `Link` header and element that lead to the API
/// (<https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/>).
const RELATION: &str = "https://api.w.org/";

/// `after` and `before` are read in the site's zone by versions before 5.3: what is asked for is wider by the zones of the earth.
const ZONE_SLACK: SignedDuration = SignedDuration::from_hours(26);

/// Answers are searched for JSON no further than this: warnings of PHP stand before it.
const MAX_NOISE_BYTES: usize = 64 << 10;
/// Places in it at which an answer may begin; a few brackets stand in the noise too.
const MAX_TRIES: usize = 16;

/// The root of a site's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    root: Url,
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The post as an entry; its content is there if it was asked for.
    pub entry: Entry,
    /// Whether the time of publication is certain: the answer gave it in UTC.
    pub is_utc: bool,
}

/// How many posts there are, by the headers of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// `X-WP-Total`: posts in the range.
    pub posts: Option<u64>,
    /// `X-WP-TotalPages`: answers that hold them.
    pub pages: Option<u32>,
}

/// How much of each post is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fields {
    /// All but the text: where the pages themselves will be fetched.
    Brief,
    /// The text too.
    Whole,
}

/// Why an answer holds no posts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such page: the one before was the last.
    #[error("the page is behind the last")]
    BehindTheEnd,
    /// The site has closed its API, or the kind of posts has another name there.
    #[error("the API answers `{code}`: {message}")]
    Refused {
        /// The code of the error.
        code: String,
        /// The site's own words.
        message: String,
    },
    /// There is no JSON in the answer.
    #[error("no JSON; the answer begins `{start}`")]
    NotJson {
        /// The first characters.
        start: String,
    },
}

impl Api {
    /// The API whose root is known: `https://a.example/wp-json/`, `https://a.example/?rest_route=/`.
    #[must_use]
    pub fn at(root: Url) -> Self {
        Self { root }
    }

    /// Where the API is, by the values of the `Link` headers of any page of the site (RFC 8288).
    #[must_use]
    pub fn from_link_header(value: &str, page: &Url) -> Option<Self> {
        let mut rest = value;
        while let Some((target, after)) = rest.split_once('<').and_then(|(_, from)| from.split_once('>')) {
            let (parameters, next) =
                after.split_once(",<").or_else(|| after.split_once(", <")).map_or((after, ""), |_| {
                    let end = after.find('<').unwrap_or(after.len());
                    after.split_at_checked(end).unwrap_or((after, ""))
                });
            if parameters.contains(RELATION) {
                return Some(Self { root: page.join(target.trim()).ok().filter(is_web)? });
            }
            rest = next;
        }
        None
    }

    /// Where the API is, by what a page of the site says in its head.
    #[must_use]
    pub fn from_page(html: &str, page: &Url) -> Option<Self> {
        html::tags(html, "link").find_map(|tag| {
            let relation = html::decode(tag.attribute("rel")?);
            let is_api = relation
                .split_ascii_whitespace()
                .any(|one| one.trim_end_matches('/') == RELATION.trim_end_matches('/'));
            let href = tag.attribute("href").filter(|_| is_api)?;
            Some(Self { root: page.join(html::decode(href).trim()).ok().filter(is_web)? })
        })
    }

    /// Where the API of a site may be that does not say: with pretty addresses and without.
    #[must_use]
    pub fn from_habit(site: &Url) -> Vec<Self> {
        let mut found = Vec::new();
        for path in ["wp-json/", "?rest_route=/", "/wp-json/", "/?rest_route=/"] {
            let Ok(root) = folder(site).join(path) else { continue };
            if !found.contains(&Self { root: root.clone() }) {
                found.push(Self { root });
            }
        }
        found
    }

    /// The root, as a name of the source.
    #[must_use]
    pub fn root(&self) -> &Url {
        &self.root
    }

    /// The address of one page of the posts in a range, the first being 1.
    #[must_use]
    pub fn posts(&self, range: &Range, page: u32, fields: Fields) -> Url {
        let mut url = self.root.clone();
        url.set_fragment(None);
        let route = "wp/v2/posts";
        let in_query = self.root.query_pairs().any(|(name, _)| name == "rest_route");
        if in_query {
            let pairs: Vec<(String, String)> = self
                .root
                .query_pairs()
                .map(|(name, value)| {
                    let value = if name == "rest_route" {
                        format!("{}/{route}", value.trim_end_matches('/'))
                    } else {
                        value.into_owned()
                    };
                    (name.into_owned(), value)
                })
                .collect();
            url.query_pairs_mut().clear().extend_pairs(pairs);
        } else {
            url.set_path(&format!("{}/{route}", self.root.path().trim_end_matches('/')));
        }
        let second = |at: Timestamp| TimeZone::UTC.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut query = url.query_pairs_mut();
        if let Some(since) = range.since() {
            query.append_pair("after", &second(earlier(since, ZONE_SLACK)));
        }
        query.append_pair("before", &second(later(range.end(), ZONE_SLACK)));
        query.append_pair("per_page", &PER_PAGE.to_string());
        query.append_pair("page", &page.max(1).to_string());
        query.append_pair("orderby", "date").append_pair("order", "desc");
        let brief = "id,guid,date,date_gmt,modified_gmt,link,title,excerpt,_links,_embedded";
        let wanted = match fields {
            Fields::Brief => brief.to_owned(),
            Fields::Whole => format!("{brief},content"),
        };
        query.append_pair("_fields", &wanted).append_pair("_embed", "author");
        drop(query);
        url
    }
}

impl Totals {
    /// Reads `X-WP-Total` and `X-WP-TotalPages`.
    #[must_use]
    pub fn of(total: Option<&str>, total_pages: Option<&str>) -> Self {
        let posts = total.and_then(|value| value.trim().parse().ok());
        Self { posts, pages: total_pages.and_then(|value| value.trim().parse().ok()) }
    }

    /// Whether a page follows `page`, which held `posts` posts. Where proxies have dropped the headers, a full page is followed by another.
    #[must_use]
    pub fn has_after(&self, page: u32, posts: usize) -> bool {
        match self.pages {
            Some(pages) => page < pages,
            None => u32::try_from(posts).is_ok_and(|posts| posts >= PER_PAGE),
        }
    }
}

/// The address of page `number` of a site's feed, the first being 1.
#[must_use]
pub fn paged_feed(feed: &Url, number: u32) -> Url {
    let mut url = feed.clone();
    let others: Vec<(String, String)> = feed
        .query_pairs()
        .filter(|(name, _)| name != "paged")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !others.is_empty() || number > 1 {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(others);
        if number > 1 {
            query.append_pair("paged", &number.to_string());
        }
    }
    url
}

/// Reads an answer; what stands before the JSON is passed over. `base` is where it was found. Posts without an address are left out.
///
/// # Errors
/// When the answer is an error or no JSON; the page behind the last is one.
pub fn parse(bytes: &[u8], base: &Url) -> Result<Vec<Post>, Error> {
    let text = String::from_utf8_lossy(bytes);
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if let Some(answer) = json(start) {
        return posts(answer, base);
    }
    let noise = start.char_indices().take_while(|(at, _)| *at < MAX_NOISE_BYTES);
    let starts = noise.filter(|(at, c)| {
        let next = start.get(at + 1..).map(str::trim_start).unwrap_or_default();
        match c {
            '[' => next.starts_with(['{', ']']),
            '{' => next.starts_with('"'),
            _ => false,
        }
    });
    let found = starts.take(MAX_TRIES).find_map(|(at, _)| json(start.get(at..)?));
    match found {
        Some(answer) => posts(answer, base),
        None => Err(Error::NotJson { start: start.chars().take(40).collect() }),
    }
}

/// What the API answers, as far as it is read.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Posts(Vec<serde_json::Value>),
    Error {
        code: String,
        #[serde(default)]
        message: Option<String>,
    },
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    guid: Option<Rendered>,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    date_gmt: Option<String>,
    #[serde(default)]
    modified_gmt: Option<String>,
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    title: Option<Rendered>,
    #[serde(default)]
    excerpt: Option<Rendered>,
    #[serde(default)]
    content: Option<Rendered>,
    #[serde(default, rename = "_embedded")]
    embedded: Option<serde_json::Value>,
}

/// Plugins send the bare text where an object belongs, or nothing.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rendered {
    Object {
        #[serde(default)]
        rendered: Option<String>,
    },
    Text(String),
    Other(serde::de::IgnoredAny),
}

impl Rendered {
    fn text(self) -> Option<String> {
        match self {
            Self::Object { rendered } => rendered,
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
        .filter(|text| !text.trim().is_empty())
    }
}

/// The first JSON value of a text; what follows it is passed over.
fn json(text: &str) -> Option<Answer> {
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}

fn posts(answer: Answer, base: &Url) -> Result<Vec<Post>, Error> {
    match answer {
        Answer::Posts(posts) => Ok(posts
            .into_iter()
            .filter_map(|post| serde_json::from_value::<Raw>(post).ok())
            .filter_map(|raw| post(raw, base))
            .collect()),
        Answer::Error { code, .. } if code == "rest_post_invalid_page_number" => Err(Error::BehindTheEnd),
        Answer::Error { code, message } => {
            let message = message.as_deref().and_then(html::plain).unwrap_or_default();
            Err(Error::Refused { code, message: message.chars().take(200).collect() })
        }
    }
}

fn post(raw: Raw, base: &Url) -> Option<Post> {
    let url = base.join(raw.link?.trim()).ok().filter(is_web)?;
    let utc = |date: Option<&String>| moment(date?);
    let published_utc = utc(raw.date_gmt.as_ref());
    let entry = Entry {
        guid: raw.guid.and_then(Rendered::text).map(|guid| html::decode(&guid).into_owned()),
        title: raw.title.and_then(Rendered::text).and_then(|title| html::plain(&title)),
        summary: raw.excerpt.and_then(Rendered::text),
        content: raw.content.and_then(Rendered::text),
        authors: authors(raw.embedded.as_ref()),
        // In the site's own zone, which the answer does not name: nearer than nothing.
        published_at: published_utc.or_else(|| utc(raw.date.as_ref())),
        updated_at: utc(raw.modified_gmt.as_ref()),
        ..Entry::at(url)
    };
    Some(Post { entry, is_utc: published_utc.is_some() })
}

/// `2024-03-05T10:15:00`; drafts have `0000-00-00T00:00:00`.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let zoned = || text.parse::<Timestamp>().ok();
    zoned()
        .or_else(|| TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok())
        .filter(|at| *at > Timestamp::UNIX_EPOCH)
}

fn authors(embedded: Option<&serde_json::Value>) -> Vec<String> {
    let of = |embedded: &serde_json::Value| {
        let authors = embedded.get("author")?.as_array()?.iter().take(20);
        Some(authors.filter_map(|author| html::plain(author.get("name")?.as_str()?)).collect())
    };
    embedded.and_then(of).unwrap_or_default()
}

/// The address of a site with a slash at its end, so that what is joined lies below it.
fn folder(site: &Url) -> Url {
    let mut url = site.clone();
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

#[cfg(test)]
mod tests;
