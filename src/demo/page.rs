//! A story in its publisher's layout.
//!
//! The templates under `press/pages` hold the layouts; this module gathers what they may show.

use serde_json::json;

use super::library::{Block, Library, Publisher, Story};
use super::template::{Value, Values, escape, render, texts};

/// Month names by language; Japanese counts its months.
const MONTHS: &[(&str, [&str; 12])] = &[
    (
        "en",
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    ),
    (
        "de",
        [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
    ),
    (
        "fr",
        [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
    ),
    (
        "es",
        [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
    ),
    (
        "ar",
        ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"],
    ),
];

/// Where the story's page is.
pub(super) fn address(story: &Story, publisher: &Publisher) -> String {
    let mut values = dates(story, &publisher.language);
    values.extend(texts([
        ("slug", story.spec.slug.clone()),
        ("section", story.spec.section.clone()),
        ("number", story.number.to_string()),
    ]));
    format!("http://{}{}", publisher.host, render(&publisher.path, &values))
}

/// The page of `library.stories[index]` as HTML.
pub(super) fn html(library: &Library, index: usize) -> String {
    let story = &library.stories[index];
    let publisher = &library.publishers[story.publisher];
    let mut values = dates(story, &publisher.language);
    values.extend(site(library, story.publisher));
    values.extend(neighbours(library, index));
    let spec = &story.spec;
    values.extend(texts([
        ("url", escape(&story.url)),
        ("number", story.number.to_string()),
        ("title", escape(&spec.title)),
        ("subtitle", escape(spec.subtitle.as_deref().unwrap_or_default())),
        ("summary", escape(&story.summary())),
        ("section", escape(&spec.section)),
        ("credit", escape(spec.credit.as_deref().unwrap_or_default())),
        ("caption", escape(spec.caption.as_deref().unwrap_or_default())),
        ("image", image(story, publisher)),
        ("jsonld", json_ld(story, publisher)),
        ("byline", escape(&spec.authors.join(", "))),
    ]));
    let authors = spec.authors.iter().map(|name| texts([("name", escape(name)), ("handle", slug(name))]));
    values.insert("authors", Value::List(authors.collect()));
    let tags = spec.tags.iter().map(|tag| texts([("tag", escape(tag)), ("tagslug", slug(tag))]));
    values.insert("tags", Value::List(tags.collect()));
    values.insert("body", Value::List(body(story)));
    render(super::texts::page(&publisher.id), &values)
}

/// A page that is no article.
pub(super) fn other(library: &Library, index: usize) -> String {
    let (publisher, other) = &library.others[index];
    let mut values = site(library, *publisher);
    values.extend(texts([("title", escape(&other.title)), ("summary", escape(&other.summary))]));
    let teasers = library.stories.iter().filter(|story| story.publisher == *publisher).take(5).map(teaser);
    values.insert("related", Value::List(teasers.collect()));
    render(super::texts::page(&other.page), &values)
}

/// The running text as HTML, as a feed carries it.
pub(super) fn content(story: &Story) -> String {
    let blocks = story.blocks.iter().map(|block| match block {
        Block::Paragraph(text) => format!("<p>{}</p>\n", inline(text)),
        Block::Heading { text, .. } => format!("<h2>{}</h2>\n", inline(text)),
    });
    blocks.collect()
}

/// Day and hour of the story in every form a template asks for.
pub(super) fn dates(story: &Story, language: &str) -> Values {
    let at = &story.published;
    let month = usize::try_from(at.month() - 1).unwrap_or(0);
    let name =
        MONTHS.iter().find(|(of, _)| *of == language).map_or(String::new(), |(_, names)| names[month].to_owned());
    texts([
        ("iso", at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()),
        ("utc", at.timestamp().to_string()),
        ("local", at.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        ("rfc822", at.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()),
        ("year", at.year().to_string()),
        ("month", name),
        ("mm", format!("{:02}", at.month())),
        ("day", at.day().to_string()),
        ("dd", format!("{:02}", at.day())),
        ("time", at.strftime("%H:%M").to_string()),
        ("time12", at.strftime("%-I:%M %p").to_string()),
        ("zone", at.strftime("%Z").to_string()),
    ])
}

fn site(library: &Library, publisher: usize) -> Values {
    let publisher = &library.publishers[publisher];
    texts([
        ("site", escape(&publisher.name)),
        ("home", format!("http://{}/", publisher.host)),
        ("host", publisher.host.clone()),
        ("language", publisher.language.clone()),
    ])
}

/// Teasers of the publisher's other stories: first what stands near this one in time, then the rest.
fn neighbours(library: &Library, index: usize) -> Values {
    let here = &library.stories[index];
    let mut others: Vec<&Story> = library
        .stories
        .iter()
        .enumerate()
        .filter(|(at, story)| *at != index && story.publisher == here.publisher)
        .map(|(_, story)| story)
        .collect();
    others
        .sort_by_key(|story| (story.published.timestamp().as_second() - here.published.timestamp().as_second()).abs());
    let list = |stories: &[&Story]| Value::List(stories.iter().map(|story| teaser(story)).collect());
    let (near, far) = others.split_at(others.len().min(4));
    let popular: Vec<&Story> = far.iter().chain(near).take(5).copied().collect();
    Values::from([("related", list(near)), ("popular", list(&popular))])
}

fn teaser(story: &Story) -> Values {
    let mut values = texts([
        ("to", escape(&story.url)),
        ("headline", escape(&story.spec.title)),
        ("teaser", escape(&story.summary())),
        ("day", story.published.day().to_string()),
        ("mm", format!("{:02}", story.published.month())),
    ]);
    values.insert("photo", Value::Text(format!("/media/{}-small.jpg", story.number)));
    values
}

fn body(story: &Story) -> Vec<Values> {
    let paragraphs = story.blocks.len();
    let blocks = story.blocks.iter().enumerate().map(|(index, block)| {
        let (paragraph, heading, stamp) = match block {
            Block::Paragraph(text) => (inline(text), String::new(), String::new()),
            Block::Heading { stamp, text } => (String::new(), inline(text), stamp.clone().unwrap_or_default()),
        };
        let mark = |yes: bool| if yes { "1".to_owned() } else { String::new() };
        texts([
            ("paragraph", paragraph),
            ("heading", heading),
            ("stamp", stamp),
            ("first", mark(index == 0)),
            ("second", mark(index == 1)),
            ("middle", mark(index == 3 && paragraphs > 5)),
        ])
    });
    blocks.collect()
}

/// The notation of the data files as HTML.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(at) = rest.find(['{', '[']) {
        let (before, marked) = rest.split_at(at);
        out.push_str(&escape(before));
        let (end, ruby) = if marked.starts_with('{') { ('}', true) } else { (']', false) };
        let Some((inner, after)) = marked.split_once(end) else { break };
        let inner: String = inner.chars().skip(1).collect();
        match inner.split_once('|') {
            Some((base, reading)) if ruby => {
                out.extend(["<ruby>", &escape(base), "<rp>（</rp><rt>", &escape(reading), "</rt><rp>）</rp></ruby>"]);
            }
            _ => out.extend(["<a href=\"/topics/", &slug(&inner), "\">", &escape(&inner), "</a>"]),
        }
        rest = after;
    }
    out + &escape(rest)
}

/// `NewsArticle` as <https://schema.org/NewsArticle> has it, safe inside a `script` element.
fn json_ld(story: &Story, publisher: &Publisher) -> String {
    let spec = &story.spec;
    let mut people: Vec<_> = spec.authors.iter().map(|name| json!({"@type": "Person", "name": name})).collect();
    people.extend(spec.credit.iter().map(|name| json!({"@type": "Organization", "name": name})));
    let value = json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": story.url},
        "headline": spec.title,
        "description": story.summary(),
        "datePublished": story.published.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        "author": people,
        "publisher": {"@type": "NewsMediaOrganization", "name": publisher.name, "logo": {"@type": "ImageObject", "url": format!("http://{}/logo.png", publisher.host)}},
        "image": [image(story, publisher)],
        "articleSection": spec.section,
        "keywords": spec.tags,
        "inLanguage": publisher.language,
    });
    value.to_string().replace('<', "\\u003c")
}

fn image(story: &Story, publisher: &Publisher) -> String {
    format!("http://{}/media/{}.jpg", publisher.host, story.number)
}

/// Words of an address: lower case, anything else than letters and digits becomes one hyphen.
fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    url::form_urlencoded::byte_serialize(words.join("-").as_bytes()).collect()
}
