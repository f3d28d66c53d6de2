//! JSON Feed 1.0 and 1.1 (jsonfeed.org).

use serde_json::{Map, Value};
use url::Url;

use super::draft::{Draft, Link, distinct};
use super::text::{Kind, html, names, plain};
use super::{Feed, Format, Item, Options, Source};

/// Reads a document. `None` when it neither has items nor says that it is a feed.
pub(super) fn read(text: &str, source: &Source<'_>, options: &Options) -> Option<Feed> {
    let (document, broken) = parse(text)?;
    let head = document.as_object()?;
    let claims = head.get("version").and_then(Value::as_str).is_some_and(|version| version.contains("jsonfeed.org"));
    let items = head.get("items").and_then(Value::as_array);
    let items = items.map(Vec::as_slice).or(claims.then_some(&[]))?;
    let base = head.get("feed_url").and_then(Value::as_str).and_then(|url| source.base.join(url).ok());
    let base = base.as_ref().unwrap_or(source.base);
    let mut feed = Feed {
        format: Format::Json,
        title: field(head, "title").and_then(|title| plain(&title, Kind::Plain)),
        url: field(head, "home_page_url").and_then(|url| Link::read(&url, base)).map(|link| link.shown),
        description: field(head, "description").and_then(|text| html(&text, Kind::Plain, base)),
        language: field(head, "language"),
        next: field(head, "next_url").and_then(|url| base.join(&url).ok()),
        self_url: field(head, "feed_url").and_then(|url| source.base.join(&url).ok()),
        hub: head
            .get("hubs")
            .and_then(|hubs| hubs.as_array()?.iter().find_map(|hub| base.join(hub.get("url")?.as_str()?).ok())),
        broken,
        ..Feed::default()
    };
    if items.len() > options.max_items {
        feed.broken.get_or_insert(format!("more than {} items; the rest was left out", options.max_items));
    }
    feed.items = items
        .iter()
        .filter_map(Value::as_object)
        .take(options.max_items)
        .map(|item| read_item(item, base, source))
        .collect();
    Some(feed)
}

fn read_item(item: &Map<String, Value>, base: &Url, source: &Source<'_>) -> Item {
    let mut draft = Draft::default();
    let id = field(item, "id");
    for (rank, link) in [(3, field(item, "url")), (2, field(item, "external_url"))] {
        draft.link.offer(rank, link.and_then(|link| Link::read(&link, base)));
    }
    // The specification recommends the address as the identifier.
    draft.link.offer(1, id.as_deref().and_then(Link::read_id));
    draft.id.offer(1, id);
    draft.title.offer(1, field(item, "title").and_then(|title| plain(&title, Kind::Plain)));
    draft.summary.offer(1, field(item, "summary").and_then(|text| html(&text, Kind::Plain, base)));
    draft.content.offer(2, field(item, "content_html").and_then(|text| html(&text, Kind::Html, base)));
    draft.content.offer(1, field(item, "content_text").and_then(|text| html(&text, Kind::Plain, base)));
    draft.published.offer(1, &field(item, "date_published").unwrap_or_default(), source.timezone);
    draft.updated.offer(1, &field(item, "date_modified").unwrap_or_default(), source.timezone);
    draft.language.offer(1, field(item, "language"));
    for name in ["image", "banner_image"] {
        draft.image.offer(1, field(item, name).and_then(|url| base.join(&url).ok()));
    }
    // 1.0 has `author`, 1.1 `authors`; some write a bare name.
    let authors = item
        .get("authors")
        .and_then(Value::as_array)
        .map_or_else(|| item.get("author").into_iter().collect(), |all| all.iter().collect::<Vec<_>>());
    let named = authors.into_iter().filter_map(|author| author.as_str().or_else(|| author.get("name")?.as_str()));
    draft.people.offer(1, named.flat_map(names).collect());
    let tags = item.get("tags").and_then(Value::as_array).into_iter().flatten();
    draft.categories = distinct(tags.filter_map(|tag| plain(tag.as_str()?, Kind::Plain)).collect());
    draft.into_item()
}

/// A string, or a number where one was due.
fn field(object: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The document, or what of it stands before the place where it breaks off.
fn parse(text: &str) -> Option<(Value, Option<String>)> {
    // Only the first value counts: servers append things.
    let first = serde_json::Deserializer::from_str(text).into_iter::<Value>().next()?;
    match first {
        Ok(value) => Some((value, None)),
        Err(error) => {
            let whole = whole_items(text)?;
            let value = serde_json::from_str(&whole).ok()?;
            Some((value, Some(format!("the document breaks off at line {}: {error}", error.line()))))
        }
    }
}

/// The document up to the end of its last whole item, closed.
fn whole_items(text: &str) -> Option<String> {
    let (mut depth, mut in_string, mut escaped, mut end) = (0_usize, false, false, None);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 2 && byte == b'}' {
                    end = Some(at + 1);
                }
            }
            _ => {}
        }
    }
    Some(format!("{}]}}", text.get(..end?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Option<Feed> {
        let base = Url::parse("https://a.example/feed.json").unwrap();
        let source = Source { bytes: text.as_bytes(), content_type: None, base: &base, timezone: None };
        read(text, &source, &Options::default())
    }

    #[test]
    fn both_versions_are_read() {
        let feed = read_all(
            r#"{"version":"https://jsonfeed.org/version/1.1","title":"Harbour Post","home_page_url":"/","language":"en","next_url":"?page=2",
                "items":[{"id":7,"url":"/a","title":"Ferry <T> back","content_text":"1 < 2","authors":[{"name":"Ann Bo"}],"tags":["sea","sea"],
                          "date_published":"2025-09-25T11:14:55+02:00"},
                         {"id":"https://a.example/b","author":{"name":"Cy Do"},"content_html":"<p>x</p>"}]}"#,
        )
        .unwrap();
        assert_eq!(feed.url.as_deref(), Some("https://a.example/"));
        assert_eq!(feed.next.as_ref().map(Url::as_str), Some("https://a.example/feed.json?page=2"));
        let [first, second] = feed.items.as_slice() else { panic!("two items") };
        assert_eq!((first.id.as_deref(), first.link.as_deref()), (Some("7"), Some("https://a.example/a")));
        assert_eq!((first.title.as_deref(), first.content.as_deref()), (Some("Ferry <T> back"), Some("1 &lt; 2")));
        assert_eq!(
            (first.authors.as_slice(), first.categories.as_slice()),
            (["Ann Bo".to_owned()].as_slice(), ["sea".to_owned()].as_slice())
        );
        assert_eq!(first.published_at.unwrap().to_string(), "2025-09-25T09:14:55Z");
        assert_eq!(
            (second.link.as_deref(), second.authors.as_slice()),
            (Some("https://a.example/b"), ["Cy Do".to_owned()].as_slice())
        );
    }

    #[test]
    fn a_cut_document_gives_its_whole_items() {
        let feed = read_all(r#"{"title":"t","items":[{"id":"1","title":"a}"},{"id":"2","title":"cut of"#).unwrap();
        assert_eq!(feed.items.len(), 1);
        assert!(feed.broken.is_some());
    }

    #[test]
    fn other_json_is_no_feed() {
        assert_eq!(read_all(r#"{"error":"not found"}"#), None);
        assert_eq!(read_all("[1,2]"), None);
        assert!(read_all(r#"{"version":"https://jsonfeed.org/version/1"}"#).is_some());
    }
}
