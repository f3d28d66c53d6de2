//! The article in the state that a page hands to its own scripts: `__NEXT_DATA__`, `window.__INITIAL_STATE__`, `Fusion.globalContent`.
//!
//! Evidence for pages that say little else; whoever asks does so where a field is missing. Only an object that bears the page's own
//! headline or address is believed: the state holds teasers of other stories as well. Invariants: no recursion, bounded bytes (those of
//! [`json`]), scripts and values.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use super::json;
use super::json_ld::{Agent, AgentKind};
use super::plain::plain;
use super::site::key;

/// What frameworks call their state (Next, Nuxt, Redux, Apollo, Arc, Angular, Gatsby and their like).
const NAMES: &[&str] = &[
    "__NEXT_DATA__",
    "__INITIAL_STATE__",
    "__PRELOADED_STATE__",
    "__APOLLO_STATE__",
    "__INITIAL_DATA__",
    "__INITIAL_PROPS__",
    "__NUXT__",
    "__STATE__",
    "__DATA__",
    "__SSR_DATA__",
    "Fusion.globalContent=",
    "Fusion.globalContent =",
    "id=\"ng-state\"",
    "id=\"serverApp-state\"",
];
/// Scripts read of one page.
const MAX_SCRIPTS: usize = 4;
/// Bytes between the name and its value: attributes, an assignment, a call.
const REACH: usize = 200;
/// Objects looked at.
const MAX_OBJECTS: usize = 20_000;
/// Values of one field looked at.
const MAX_STEPS: usize = 400;

const TITLES: &[&str] = &["headline", "title", "headlines", "heading", "name"];
const ADDRESSES: &[&str] =
    &["url", "canonical_url", "canonicalUrl", "canonical", "link", "path", "uri", "webUrl", "website_url", "slug"];
const PUBLISHED: &[&str] = &[
    "datePublished",
    "date_published",
    "display_date",
    "displayDate",
    "firstPublishedAt",
    "first_published_at",
    "firstPublished",
    "first_publish_date",
    "publishedAt",
    "published_at",
    "publishedDate",
    "published_date",
    "publishDate",
    "publish_date",
    "publicationDate",
    "publication_date",
    "publishTime",
    "publish_time",
    "published",
    "pubDate",
    "pub_date",
    "post_date_gmt",
    "date_gmt",
    "post_date",
    "date",
    "createdAt",
    "created_at",
];
const MODIFIED: &[&str] = &[
    "dateModified",
    "updatedAt",
    "updated_at",
    "modifiedAt",
    "modified_at",
    "lastModified",
    "last_updated_date",
    "modified_gmt",
    "modified",
    "updated",
];
const AUTHORS: &[&str] = &["authors", "author", "byline", "bylines", "writers", "credits", "contributors"];
const BODIES: &[&str] =
    &["articleBody", "content_elements", "body", "bodyHtml", "body_html", "content", "contentHtml", "html", "text"];

/// What the state says of the page's article; strings as given.
#[derive(Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) published: Vec<String>,
    pub(super) modified: Vec<String>,
    pub(super) authors: Vec<Agent>,
    pub(super) body: Option<String>,
}

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(NAMES).ok());

/// Reads the state of the page at `url` whose headline is `title`.
pub(super) fn read(html: &str, url: &Url, title: Option<&str>) -> Option<State> {
    let roots: Vec<Value> = scripts(html).filter_map(|script| json::parse(&script)).collect();
    let title = title.map(key).filter(|title| title.chars().count() >= 8);
    let best = objects(&roots)
        .filter_map(|object| Some((rank(object, url, title.as_deref())?, object)))
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, object)| State {
        published: moments(object, PUBLISHED),
        modified: moments(object, MODIFIED),
        authors: authors(object),
        body: body(object),
    })
}

/// The JSON of the scripts that hold state.
fn scripts(html: &str) -> impl Iterator<Item = String> + '_ {
    let found = AUTOMATON.as_ref().into_iter().flat_map(move |automaton| automaton.find_iter(html));
    let mut done = 0;
    found
        .filter_map(move |name| {
            if name.start() < done {
                return None;
            }
            let rest = html.get(name.end()..)?;
            let open = rest.bytes().take(REACH).position(|byte| matches!(byte, b'{' | b'[' | b'(' | b'<'))?;
            let (before, value) = (rest.get(..open)?, rest.get(open..)?);
            let value = value.split("</script").next()?;
            done = name.end() + open + value.len();
            match value.as_bytes().first()? {
                b'{' | b'[' => Some(value.replace("&q;", "\"")),
                b'(' if before.ends_with("JSON.parse") => literal(value.get(1..)?.trim_start()),
                _ => None,
            }
        })
        .take(MAX_SCRIPTS)
}

/// The text of a string literal that ends a call.
fn literal(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let mut out = String::new();
    let mut chars = text.chars().skip(1);
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    out.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                }
                other => out.push(other),
            },
            _ if char == quote => return Some(out),
            _ => out.push(char),
        }
    }
    None
}

/// Every object, outermost first.
fn objects(roots: &[Value]) -> impl Iterator<Item = &Map<String, Value>> {
    let mut queue: std::collections::VecDeque<&Value> = roots.iter().collect();
    let mut steps = 0;
    std::iter::from_fn(move || {
        while let Some(value) = queue.pop_front() {
            steps += 1;
            if steps > MAX_OBJECTS {
                return None;
            }
            match value {
                Value::Array(items) => queue.extend(items.iter().filter(|item| item.is_object() || item.is_array())),
                Value::Object(object) => {
                    queue.extend(object.values().filter(|item| item.is_object() || item.is_array()));
                    return Some(object);
                }
                _ => {}
            }
        }
        None
    })
}

/// How surely an object is the page's article, and how much it says.
fn rank(object: &Map<String, Value>, url: &Url, title: Option<&str>) -> Option<usize> {
    let strings = |names: &'static [&'static str]| names.iter().filter_map(|name| string(object.get(*name)));
    let titled = title.is_some_and(|title| strings(TITLES).any(|text| key(&text) == title));
    let path = url.path().trim_end_matches('/');
    let addressed = strings(ADDRESSES).any(|address| {
        let own = url.join(&address).is_ok_and(|other| path.len() > 1 && other.path().trim_end_matches('/') == path);
        own || address.len() >= SLUG && path.rsplit('/').next().is_some_and(|last| last.contains(address.as_str()))
    });
    let told = [PUBLISHED, AUTHORS, BODIES].iter().filter(|names| names.iter().any(|name| object.contains_key(*name)));
    let told = told.count();
    ((titled || addressed) && told > 0).then_some(4 * (usize::from(titled) + usize::from(addressed)) + told)
}

/// Bytes of the part of an address that names one story.
const SLUG: usize = 10;

fn string(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => plain(text),
        Value::Object(object) => ["basic", "rendered", "main", "text", "url"]
            .iter()
            .find_map(|name| object.get(*name)?.as_str())
            .and_then(plain),
        _ => None,
    }
}

/// The moments of the first of these fields that has one; seconds or milliseconds since 1970 are written out.
fn moments(object: &Map<String, Value>, names: &[&str]) -> Vec<String> {
    let moment = |value: &Value| match value {
        Value::String(text) if text.len() >= 8 => Some(text.clone()),
        Value::Number(number) => {
            let number = number.as_i64()?;
            let seconds = if number > 100_000_000_000 { number / 1_000 } else { number };
            let at = Timestamp::from_second(seconds).ok().filter(|_| seconds > 600_000_000)?;
            Some(at.to_string())
        }
        Value::Object(inner) => ["iso", "utc", "date", "datetime", "value", "$date"]
            .iter()
            .find_map(|name| inner.get(*name)?.as_str())
            .map(str::to_owned),
        _ => None,
    };
    names.iter().filter_map(|name| object.get(*name)).find_map(moment).into_iter().collect()
}

fn authors(object: &Map<String, Value>) -> Vec<Agent> {
    let mut found: Vec<Agent> = Vec::new();
    for name in AUTHORS {
        let mut pending: Vec<&Value> = object.get(*name).into_iter().collect();
        for _ in 0..MAX_STEPS {
            let Some(value) = pending.pop() else { break };
            match value {
                Value::String(text) => found.extend(plain(text).map(|name| Agent { name, kind: AgentKind::Unknown })),
                Value::Array(items) => pending.extend(items.iter().rev()),
                Value::Object(inner) => {
                    let named = ["name", "fullName", "full_name", "displayName", "display_name"];
                    match named.iter().find_map(|name| inner.get(*name)?.as_str()).and_then(plain) {
                        Some(name) => found.push(Agent { name, kind: AgentKind::Unknown }),
                        None => pending.extend(
                            ["by", "edges", "nodes", "node", "items", "data", "attributes"]
                                .iter()
                                .rev()
                                .filter_map(|name| inner.get(*name)),
                        ),
                    }
                }
                _ => {}
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    found.truncate(40);
    found
}

/// The longest text among the fields for it, as markup.
fn body(object: &Map<String, Value>) -> Option<String> {
    BODIES.iter().filter_map(|name| object.get(*name)).filter_map(markup).max_by_key(String::len)
}

fn markup(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => ["rendered", "html", "processed", "value"]
            .iter()
            .find_map(|name| object.get(*name)?.as_str())
            .map(str::to_owned),
        Value::Array(items) => {
            let paragraphs = items.iter().take(MAX_STEPS).filter_map(|item| match item {
                Value::String(text) => Some(text.clone()),
                Value::Object(object) => ["content", "html", "text", "value"]
                    .iter()
                    .find_map(|name| object.get(*name)?.as_str())
                    .map(str::to_owned)
                    .or_else(|| spans(object.get("children")?)),
                _ => None,
            });
            let text: String = paragraphs.flat_map(|text| ["<p>".to_owned(), text, "</p>".to_owned()]).collect();
            (!text.is_empty()).then_some(text)
        }
        _ => None,
    }
}

/// The words of a paragraph that an editor keeps as spans.
fn spans(children: &Value) -> Option<String> {
    let spans = children.as_array()?.iter().filter_map(|span| span.get("text")?.as_str());
    let text: String = spans.collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, published: Option<&str>, authors: &[&str]) {
        let url = Url::parse("https://a.example/news/northern-pier-to-be-rebuilt").unwrap();
        let html = format!("<h1>Northern pier to be rebuilt</h1>{script}");
        let state = read(&html, &url, Some("Northern pier to be rebuilt")).unwrap_or_default();
        assert_eq!(state.published.first().map(String::as_str), published, "{script}");
        assert_eq!(state.authors.iter().map(|agent| agent.name.as_str()).collect::<Vec<_>>(), authors, "{script}");
    }

    #[test]
    fn the_pages_own_story_is_found_among_others() {
        let other = r#"{"title":"Ferry runs aground","publishedAt":"2026-03-09T07:00:00Z","author":"Cy Reef"}"#;
        let own = r#"{"title":"Northern pier to be rebuilt","publishedAt":"2026-03-11T07:00:00Z","author":{"name":"Ada Quay"}}"#;
        check(
            &format!(r#"<script id="__NEXT_DATA__" type="application/json">{{"props":[{other},{own}]}}</script>"#),
            Some("2026-03-11T07:00:00Z"),
            &["Ada Quay"],
        );
        check(
            &format!(r#"<script id="__NEXT_DATA__" type="application/json">{{"props":[{other}]}}</script>"#),
            None,
            &[],
        );
        check(
            r#"<script>window.__INITIAL_STATE__ = {"story":{"slug":"northern-pier-to-be-rebuilt","published":1773212400000,
                "authors":[{"firstName":"x","fullName":"Ada Quay"},{"name":"Bo Ek"}]}};window.x={}</script>"#,
            Some("2026-03-11T07:00:00Z"),
            &["Ada Quay", "Bo Ek"],
        );
        check(
            &format!(r#"<script>window.__PRELOADED_STATE__ = JSON.parse("{}");</script>"#, own.replace('"', "\\\"")),
            Some("2026-03-11T07:00:00Z"),
            &["Ada Quay"],
        );
        check(
            r#"<script>Fusion.globalContent={"headlines":{"basic":"Northern pier to be rebuilt"},"display_date":"2026-03-11T07:00:00.000Z",
                "credits":{"by":[{"name":"Ada Quay"}]}};Fusion.x=1</script>"#,
            Some("2026-03-11T07:00:00.000Z"),
            &["Ada Quay"],
        );
        check("<script>window.__NUXT__=(function(a,b){return {x:a}}(1,2))</script>", None, &[]);
        check("<script>window.__NUXT__</script>", None, &[]);
        check("__NEXT_DATA__", None, &[]);
    }

    #[test]
    fn the_text_is_read_in_the_shapes_that_editors_keep_it() {
        for (body, expect) in [
            (r#""body":"<p>One.</p>""#, "<p>One.</p>"),
            (r#""content":{"rendered":"<p>One.</p>"}"#, "<p>One.</p>"),
            (
                r#""content_elements":[{"type":"text","content":"One."},{"type":"image"},{"content":"Two."}]"#,
                "<p>One.</p><p>Two.</p>",
            ),
            (r#""body":[{"children":[{"text":"One "},{"text":"word."}]},"Two."]"#, "<p>One word.</p><p>Two.</p>"),
        ] {
            let url = Url::parse("https://a.example/news/northern-pier").unwrap();
            let html = format!(r#"<script id="__NEXT_DATA__">{{"a":{{"slug":"northern-pier",{body}}}}}</script>"#);
            assert_eq!(read(&html, &url, None).and_then(|state| state.body).as_deref(), Some(expect), "{body}");
        }
    }
}
