//! What the publishers announce, each in the format it speaks.

use serde_json::json;

use super::library::{FeedSpec, Library, Story, local};
use super::template::{Value, Values, escape, render, texts};
use super::{page, texts as files};

/// A feed's document and its media type.
pub(super) fn document(library: &Library, publisher: usize, feed: &FeedSpec) -> Result<(String, &'static str), String> {
    let mut stories: Vec<&Story> =
        library.stories.iter().filter(|story| story.publisher == publisher && listed(story, feed)).collect();
    stories.sort_by_key(|story| std::cmp::Reverse(story.published.timestamp()));
    if feed.format == "json" {
        return Ok((json_feed(library, publisher, feed, &stories), "application/feed+json"));
    }
    let newest = stories.first().map(|story| page::dates(story, "en")).unwrap_or_default();
    let mut entries: Vec<Values> = stories.iter().map(|story| entry(story, feed)).collect();
    if feed.section.is_none() {
        entries.extend(others(library, publisher)?);
    }
    let who = &library.publishers[publisher];
    let mut values = newest;
    values.extend(texts([
        ("site", escape(&who.name)),
        ("home", format!("http://{}/", who.host)),
        ("self", address(feed)),
        ("language", who.language.clone()),
    ]));
    values.insert("entries", Value::List(entries));
    let (template, media_type) = files::feed(&feed.format);
    Ok((render(template, &values), media_type))
}

/// Where the feed is.
pub(super) fn address(feed: &FeedSpec) -> String {
    format!("http://{}{}", feed.host, feed.path)
}

fn listed(story: &Story, feed: &FeedSpec) -> bool {
    feed.section.as_ref().is_none_or(|section| *section == story.spec.section)
}

fn entry(story: &Story, feed: &FeedSpec) -> Values {
    let mut values = page::dates(story, "en");
    values.extend(texts([
        ("url", escape(&announced(story, feed))),
        ("id", story.number.to_string()),
        ("title", escape(&story.spec.title)),
        ("summary", escape(&story.summary())),
        ("content", page::content(story)),
    ]));
    let authors = story.spec.authors.iter().map(|name| texts([("name", escape(name))]));
    values.insert("authors", Value::List(authors.collect()));
    let tags = story.spec.tags.iter().map(|tag| texts([("tag", escape(tag))]));
    values.insert("tags", Value::List(tags.collect()));
    values
}

/// Announced like any story: that they are none shows only on their pages.
fn others(library: &Library, publisher: usize) -> Result<Vec<Values>, String> {
    let who = &library.publishers[publisher];
    let mine = library.others.iter().filter(|(of, _)| *of == publisher);
    mine.map(|(_, other)| {
        let at = local(other.published, &who.timezone)?;
        let mut values = texts([
            ("url", format!("http://{}{}", who.host, other.path)),
            ("id", other.path.clone()),
            ("title", escape(&other.title)),
            ("summary", escape(&other.summary)),
            ("content", String::new()),
            ("rfc822", at.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()),
            ("iso", at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()),
            ("utc", other.published.to_string()),
            ("local", at.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        ]);
        values.insert("authors", Value::List(Vec::new()));
        values.insert("tags", Value::List(Vec::new()));
        Ok(values)
    })
    .collect()
}

fn announced(story: &Story, feed: &FeedSpec) -> String {
    feed.tracking.as_ref().map_or_else(|| story.url.clone(), |query| format!("{}?{query}", story.url))
}

/// JSON Feed 1.1, <https://www.jsonfeed.org/version/1.1/>.
fn json_feed(library: &Library, publisher: usize, feed: &FeedSpec, stories: &[&Story]) -> String {
    let who = &library.publishers[publisher];
    let items = stories.iter().map(|story| {
        let authors: Vec<_> = story.spec.authors.iter().map(|name| json!({"name": name})).collect();
        json!({
            "id": format!("{}-{}", who.id, story.number),
            "url": announced(story, feed),
            "title": story.spec.title,
            "summary": story.summary(),
            "date_published": story.published.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            "authors": authors,
            "tags": story.spec.tags,
        })
    });
    let others = library.others.iter().filter(|(of, _)| *of == publisher).map(|(_, other)| {
        json!({"id": other.path, "url": format!("http://{}{}", who.host, other.path), "title": other.title, "summary": other.summary, "date_published": other.published.to_string()})
    });
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": who.name,
        "home_page_url": format!("http://{}/", who.host),
        "feed_url": address(feed),
        "language": who.language,
        "items": items.chain(others).collect::<Vec<_>>(),
    })
    .to_string()
}
