//! The bundled press as data: who publishes, what they wrote, and which story tells of which event.
//!
//! Everything is fictional and written for this demonstration. Knows nothing of HTTP or of page layouts.

use std::collections::HashMap;

use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde::Deserialize;

use super::texts;

/// A publisher and its feeds. Its page template has the name of its `id`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Publisher {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) host: String,
    /// Template of a story's path: `slug`, `section`, `year`, `mm`, `dd`, `number`.
    pub(super) path: String,
    pub(super) language: String,
    /// IANA name; dates are shown in it.
    pub(super) timezone: String,
    /// Of the pages, as a label of the Encoding standard; UTF-8 when missing.
    pub(super) encoding: Option<String>,
    pub(super) feeds: Vec<FeedSpec>,
}

/// One feed of a publisher.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedSpec {
    pub(super) format: String,
    pub(super) host: String,
    pub(super) path: String,
    /// Query that the feed adds to every address.
    pub(super) tracking: Option<String>,
    /// Only stories of this section.
    pub(super) section: Option<String>,
}

/// One story by one publisher.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) event: &'static str,
    pub(super) publisher: usize,
    pub(super) number: usize,
    pub(super) spec: StorySpec,
    pub(super) published: Zoned,
    pub(super) blocks: Vec<Block>,
    pub(super) url: String,
    /// Index of the story this one repeats.
    pub(super) original: Option<usize>,
}

/// A story as the data files hold it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StorySpec {
    publisher: String,
    pub(super) slug: String,
    pub(super) section: String,
    /// A later development of the event, which one may also call an event of its own.
    #[serde(default)]
    pub(super) later: bool,
    pub(super) title: String,
    pub(super) subtitle: Option<String>,
    #[serde(default)]
    pub(super) authors: Vec<String>,
    /// RFC 3339.
    published: Timestamp,
    /// Whom the publisher names as its source.
    pub(super) credit: Option<String>,
    /// `publisher/slug` of the story this one repeats.
    copy_of: Option<String>,
    /// The place the text opens with.
    pub(super) dateline: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    pub(super) caption: Option<String>,
    /// Blocks parted by empty lines; a copy without text of its own repeats the original's.
    #[serde(default)]
    text: String,
    /// How many blocks a copy leaves out at the end.
    #[serde(default)]
    cut: usize,
}

/// A piece of a story in the order it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// Running text in the notation of [`plain`].
    Paragraph(String),
    /// `## 14:05 | Divers reach the hull`: the clock time, which only live reports have, and the heading.
    Heading { stamp: Option<String>, text: String },
}

/// A page that a feed announces and that is no article.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Other {
    publisher: String,
    pub(super) path: String,
    /// Name of the page's template.
    pub(super) page: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) published: Timestamp,
}

/// Everything there is.
#[derive(Debug)]
pub(super) struct Library {
    pub(super) publishers: Vec<Publisher>,
    pub(super) stories: Vec<Story>,
    /// With the index of the publisher.
    pub(super) others: Vec<(usize, Other)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublishersFile {
    publishers: Vec<Publisher>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventFile {
    articles: Vec<StorySpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OthersFile {
    others: Vec<Other>,
}

/// Reads the bundled files.
///
/// # Errors
/// A fault in one of them, named by its file; the tests read them all, so a released binary has none.
pub(super) fn load() -> Result<Library, String> {
    let publishers: PublishersFile = parse("publishers", texts::PUBLISHERS)?;
    let publishers = publishers.publishers;
    let by_id: HashMap<&str, usize> =
        publishers.iter().enumerate().map(|(index, one)| (one.id.as_str(), index)).collect();
    let find =
        |id: &str| by_id.get(id).copied().ok_or_else(|| format!("no publisher `{id}`; add it to publishers.toml"));

    let mut stories: Vec<Story> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for &(event, file) in texts::EVENTS {
        let file: EventFile = parse(event, file)?;
        for spec in file.articles {
            let by = find(&spec.publisher)?;
            let published = local(spec.published, &publishers[by].timezone)?;
            let original = match &spec.copy_of {
                Some(name) => {
                    Some(*by_name.get(name).ok_or_else(|| format!("no story `{name}` above its copy; put it there"))?)
                }
                None => None,
            };
            let mut blocks = match original {
                Some(original) if spec.text.is_empty() => stories[original].blocks.clone(),
                _ => blocks(&spec.text),
            };
            blocks.truncate(blocks.len().saturating_sub(spec.cut));
            by_name.insert(format!("{}/{}", spec.publisher, spec.slug), stories.len());
            let number = 48_211 + stories.len() * 37;
            let url = String::new();
            stories.push(Story { event, publisher: by, number, spec, published, blocks, url, original });
        }
    }
    let others: OthersFile = parse("others", texts::OTHERS)?;
    let others =
        others.others.into_iter().map(|other| Ok((find(&other.publisher)?, other))).collect::<Result<_, String>>()?;
    for story in &mut stories {
        story.url = super::page::address(story, &publishers[story.publisher]);
    }
    Ok(Library { publishers, stories, others })
}

/// `timestamp` on the clocks of `timezone`.
///
/// # Errors
/// An unknown zone.
pub(super) fn local(timestamp: Timestamp, timezone: &str) -> Result<Zoned, String> {
    let zone = TimeZone::get(timezone).map_err(|error| error.to_string())?;
    Ok(timestamp.to_zoned(zone))
}

impl Story {
    /// The story's words as a reader sees them, blocks parted by an empty line.
    pub(super) fn text(&self) -> String {
        let blocks: Vec<String> = self.blocks.iter().map(|block| plain(block.text())).collect();
        blocks.join("\n\n")
    }

    /// What a feed or a teaser says about the story.
    pub(super) fn summary(&self) -> String {
        let first = self.blocks.iter().find(|block| matches!(block, Block::Paragraph(_))).map(Block::text);
        self.spec.subtitle.clone().unwrap_or_else(|| first.map(plain).unwrap_or_default())
    }
}

impl Block {
    /// The words in the notation of the data files.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Paragraph(text) | Self::Heading { text, .. } => text,
        }
    }
}

/// The notation as plain text has it: `{瀬戸浜|せとはま}` is a word with its reading, which stands in brackets where it cannot stand
/// above; `[harbour board]` is linked.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut reading = false;
    for c in text.chars() {
        match c {
            '{' | '[' | ']' => {}
            '|' => {
                reading = true;
                out.push('（');
            }
            '}' if std::mem::take(&mut reading) => out.push('）'),
            _ => out.push(c),
        }
    }
    out
}

fn parse<T: for<'de> Deserialize<'de>>(name: &str, text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| format!("bundled file `{name}`: {error}"))
}

fn blocks(text: &str) -> Vec<Block> {
    text.split("\n\n")
        .map(|block| block.trim().replace('\n', " "))
        .filter(|block| !block.is_empty())
        .map(block)
        .collect()
}

fn block(text: String) -> Block {
    match text.strip_prefix("## ") {
        None => Block::Paragraph(text),
        Some(heading) => match heading.split_once(" | ") {
            Some((stamp, text)) => Block::Heading { stamp: Some(stamp.to_owned()), text: text.to_owned() },
            None => Block::Heading { stamp: None, text: heading.to_owned() },
        },
    }
}
