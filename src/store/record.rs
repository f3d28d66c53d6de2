//! Articles, revisions and events: what a fetched and cleaned page becomes.
//!
//! Two steps, because grouping stands between them: [`Batch::resolve`] says whether the article is known and reserves the ids of a new one;
//! [`Batch::insert`], [`Batch::revise`] or [`Batch::regroup`] write it with the event it was given.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, ToSql, named_params, params};
use sha2::{Digest, Sha256};

use super::error::Doing;
use super::queue::{EntryId, Queued};
use super::{Batch, Error, time_text};
use crate::address;
use crate::article::{Article, Precision};
use crate::event::{ArticleId, EventId};

pub(super) const ADDED: &str = "added";
pub(super) const EDITED: &str = "edited";

/// What the database knows of a cleaned article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Not seen before: the ids it gets, and the id of a new event should it need one.
    New {
        /// Its number.
        article: ArticleId,
        /// The number of the event, if it is a new one.
        fresh: EventId,
    },
    /// Known, and what it says so far.
    Known(ArticleId, Words),
}

/// Where grouping put an article, and what else that moved.
#[derive(Debug, Clone)]
pub struct Grouped {
    /// The article's event.
    pub event: EventId,
    /// The article it is a copy of.
    pub duplicate_of: Option<ArticleId>,
    /// Events that turned out to be one: from, into.
    pub merged: Vec<(EventId, EventId)>,
    /// Earlier originals that turned up: the first and every copy of it are copies of the second now.
    pub recopied: Vec<(ArticleId, ArticleId)>,
    /// The article whose title stands for the event.
    pub lead: ArticleId,
    /// The day of publication that its signature is filed under, since 1970-01-01.
    pub day: i32,
    /// The signature, to rebuild the index from.
    pub signature: Vec<u8>,
}

/// A stored signature with what its article was given.
#[derive(Debug, Clone)]
pub struct Filed {
    /// The article.
    pub article: ArticleId,
    /// Its event.
    pub event: EventId,
    /// The article it is a copy of.
    pub duplicate_of: Option<ArticleId>,
    /// Its signature as stored.
    pub signature: Vec<u8>,
}

impl Batch<'_> {
    /// Whether the article behind an entry is known: by the entry itself, by its canonical address, or by its content.
    ///
    /// A canonical address that another page with other words already has is not believed: the article is then known by the address it was found
    /// at, which is set in `article`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn resolve(&self, queued: &Queued, article: &mut Article) -> Result<Recorded, Error> {
        let hash = content_hash(article);
        let own: Option<i64> = self
            .tx
            .prepare_cached("SELECT article_id FROM entry WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([queued.id.0], |row| row.get(0)))
            .doing("looking up an entry")?;
        if let Some(id) = own {
            return self.known(id);
        }
        if let Some(id) = self.article_at(article.canonical_url.as_str())? {
            let words = self.words_of(id)?;
            if words.tells_the_same(article) {
                return Ok(Recorded::Known(ArticleId(id), words));
            }
            article.canonical_url = address::canonical(&article.url);
            if let Some(id) = self.article_at(article.canonical_url.as_str())? {
                return self.known(id);
            }
        }
        let twin: Option<i64> = self
            .tx
            .prepare_cached("SELECT id FROM article WHERE publisher = ?1 AND content_hash = ?2 LIMIT 1")
            .and_then(|mut statement| {
                statement.query_row(params![article.publisher, hash], |row| row.get(0)).optional()
            })
            .doing("looking up a text")?;
        if let Some(id) = twin {
            return self.known(id);
        }
        Ok(Recorded::New { article: ArticleId(self.next_id("article")?), fresh: EventId(self.next_id("event")?) })
    }

    /// Writes a new article with its event and ends its entry.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn insert(
        &self,
        queued: &Queued,
        id: ArticleId,
        article: &Article,
        grouped: &Grouped,
        now: Timestamp,
    ) -> Result<(), Error> {
        let at = time_text(now);
        let action = self.ensure_event(grouped.event)?;
        let seq = self.change(&at, "article", id.0, ADDED)?;
        let columns = Columns::of(article);
        let (published_at, precision) =
            (article.published_at.map(time_text), article.published_precision.map(Precision::as_str));
        let (url, canonical_url) = (article.url.as_str(), article.canonical_url.as_str());
        let (duplicate_of, feed) = (grouped.duplicate_of.map(|id| id.0), queued.feed.map(|feed| feed.0));
        let mut parameters = columns.named();
        parameters.extend_from_slice(named_params! {
            ":id": id.0, ":seq": seq, ":event_id": grouped.event.0, ":duplicate_of": duplicate_of, ":url": url,
            ":canonical_url": canonical_url, ":publisher": article.publisher, ":feed_id": feed, ":published_at": published_at,
            ":published_precision": precision, ":fetched_at": at,
        });
        self.tx
            .prepare_cached(
                "INSERT INTO article (id, seq, event_id, duplicate_of, url, canonical_url, publisher, feed_id, title, subtitle, authors, published_at,
                   published_precision, modified_at, fetched_at, language, dateline, attribution, categories, image, text, word_count, content_hash,
                   feed)
                 VALUES (:id, :seq, :event_id, :duplicate_of, :url, :canonical_url, :publisher, :feed_id, :title, :subtitle, :authors, :published_at,
                   :published_precision, :modified_at, :fetched_at, :language, :dateline, :attribution, :categories, :image, :text, :word_count,
                   :content_hash, (SELECT name FROM feed WHERE id = :feed_id))",
            )
            .and_then(|mut statement| statement.execute(&*parameters))
            .doing("writing an article")?;
        self.file(id, grouped)?;
        self.settle(id, grouped, &at)?;
        self.join_event(id, grouped, action, &at)?;
        self.stored(queued.id, id, &at)
    }

    /// Writes down that a story's words changed; what it said before goes to `revision`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn revise(&self, id: ArticleId, article: &Article, now: Timestamp) -> Result<(), Error> {
        let at = time_text(now);
        self.keep_revision(id)?;
        let columns = Columns::of(article);
        let sql = format!(
            "UPDATE article SET {}, fetched_at = :fetched_at, revision = revision + 1 WHERE id = :id",
            Columns::SET
        );
        let mut parameters = columns.named();
        parameters.extend_from_slice(named_params! { ":fetched_at": at, ":id": id.0 });
        self.tx
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.execute(&*parameters))
            .doing("writing an edited article")?;
        self.change_article(id, EDITED, &at)?;
        let event = self.event_of(id)?;
        self.refresh_event(event, None, EDITED, &at)
    }

    /// Puts an edited article where grouping put it after the edit.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn regroup(&self, id: ArticleId, grouped: &Grouped, now: Timestamp) -> Result<(), Error> {
        let at = time_text(now);
        let before = self.event_of(id)?;
        self.file(id, grouped)?;
        let action = self.ensure_event(grouped.event)?;
        self.tx
            .prepare_cached("UPDATE article SET event_id = ?2, duplicate_of = ?3 WHERE id = ?1")
            .and_then(|mut statement| {
                statement.execute(params![id.0, grouped.event.0, grouped.duplicate_of.map(|id| id.0)])
            })
            .doing("moving an article")?;
        if before != grouped.event {
            self.change_article(id, "moved", &at)?;
            self.refresh_event(before, None, EDITED, &at)?;
        }
        self.settle(id, grouped, &at)?;
        self.refresh_event(grouped.event, Some(grouped.lead), action, &at)
    }

    /// Ends an entry whose article is known.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn end(&self, queued: &Queued, id: ArticleId, now: Timestamp) -> Result<(), Error> {
        self.stored(queued.id, id, &time_text(now))
    }

    /// What a stored article says; `None` where it is no more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn words(&self, id: ArticleId) -> Result<Option<Words>, Error> {
        self.tx
            .prepare_cached("SELECT title, subtitle, text FROM article WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id.0], words).optional())
            .doing("looking up an article")
    }

    pub(super) fn edited(&self, id: ArticleId, at: &str) -> Result<(), Error> {
        self.change_article(id, EDITED, at)
    }

    /// The signatures of the articles published on one day.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn signatures(&self, day: i32) -> Result<Vec<Filed>, Error> {
        self.tx
            .prepare_cached(
                "SELECT s.article_id, a.event_id, a.duplicate_of, s.bytes FROM signature s JOIN article a ON a.id = s.article_id
                 WHERE s.day = ?1 ORDER BY s.article_id",
            )
            .and_then(|mut statement| statement.query_map([day], filed)?.collect())
            .doing("loading signatures")
    }

    /// An article as it is filed for grouping, and whether it is the only one of its event.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn filed(&self, id: ArticleId) -> Result<Option<(Filed, bool)>, Error> {
        self.tx
            .prepare_cached(
                "SELECT s.article_id, a.event_id, a.duplicate_of, s.bytes,
                   NOT EXISTS (SELECT 1 FROM article b WHERE b.event_id = a.event_id AND b.id <> a.id)
                 FROM signature s JOIN article a ON a.id = s.article_id WHERE a.id = ?1",
            )
            .and_then(|mut statement| statement.query_row([id.0], |row| Ok((filed(row)?, row.get(4)?))).optional())
            .doing("looking up a signature")
    }

    pub(super) fn event_of(&self, id: ArticleId) -> Result<EventId, Error> {
        self.tx
            .prepare_cached("SELECT event_id FROM article WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id.0], |row| row.get(0)))
            .doing("looking up an article")
            .map(EventId)
    }

    fn article_at(&self, canonical: &str) -> Result<Option<i64>, Error> {
        self.tx
            .prepare_cached("SELECT id FROM article WHERE canonical_url = ?1")
            .and_then(|mut statement| statement.query_row([canonical], |row| row.get(0)).optional())
            .doing("looking up an article")
    }

    fn words_of(&self, id: i64) -> Result<Words, Error> {
        self.words(ArticleId(id)).map(Option::unwrap_or_default)
    }

    fn known(&self, id: i64) -> Result<Recorded, Error> {
        Ok(Recorded::Known(ArticleId(id), self.words_of(id)?))
    }

    /// What an article says now goes to `revision`.
    pub(super) fn keep_revision(&self, id: ArticleId) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "INSERT INTO revision (article_id, revision, seen_at, title, text) SELECT id, revision, fetched_at, title, text FROM article WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute([id.0]))
            .doing("writing a revision")
            .map(drop)
    }

    fn file(&self, id: ArticleId, grouped: &Grouped) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "INSERT INTO signature VALUES (?1, ?2, ?3) ON CONFLICT (article_id) DO UPDATE SET day = excluded.day, bytes = excluded.bytes",
            )
            .and_then(|mut statement| statement.execute(params![id.0, grouped.day, grouped.signature]))
            .doing("filing a signature")
            .map(drop)
    }

    pub(super) fn change_article(&self, id: ArticleId, action: &str, at: &str) -> Result<(), Error> {
        let seq = self.change(at, "article", id.0, action)?;
        self.tx
            .prepare_cached("UPDATE article SET seq = ?2 WHERE id = ?1")
            .and_then(|mut statement| statement.execute([id.0, seq]))
            .doing("writing a change")
            .map(drop)
    }

    fn stored(&self, entry: EntryId, id: ArticleId, at: &str) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "UPDATE entry SET state = 'stored', reason = NULL, cause = NULL, attempts = attempts + 1, next_attempt_at = NULL, done_at = ?3, article_id = ?2,
                   announced = json_set(announced, '$.content', NULL) WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![entry.0, id.0, at]))
            .doing("ending an entry")
            .map(drop)
    }
}

/// The columns that a page alone decides, each with its parameter.
pub(super) struct Columns<'a> {
    article: &'a Article,
    authors: String,
    modified_at: Option<String>,
    categories: String,
    image: Option<&'a str>,
    word_count: i64,
    content_hash: [u8; 16],
}

impl<'a> Columns<'a> {
    /// For `UPDATE`.
    pub(super) const SET: &'static str = "title = :title, subtitle = :subtitle, authors = :authors, modified_at = :modified_at, language = :language,
       dateline = :dateline, attribution = :attribution, categories = :categories, image = :image, text = :text, word_count = :word_count,
       content_hash = :content_hash";

    pub(super) fn of(article: &'a Article) -> Self {
        Self {
            article,
            authors: list(&article.authors),
            modified_at: article.modified_at.map(time_text),
            categories: list(&article.categories),
            image: article.image.as_ref().map(url::Url::as_str),
            word_count: word_count(&article.text),
            content_hash: content_hash(article),
        }
    }

    pub(super) fn named(&self) -> Vec<(&'static str, &dyn ToSql)> {
        let article = self.article;
        vec![
            (":title", &article.title),
            (":subtitle", &article.subtitle),
            (":authors", &self.authors),
            (":modified_at", &self.modified_at),
            (":language", &article.language),
            (":dateline", &article.dateline),
            (":attribution", &article.attribution),
            (":categories", &self.categories),
            (":image", &self.image),
            (":text", &article.text),
            (":word_count", &self.word_count),
            (":content_hash", &self.content_hash),
        ]
    }
}

fn filed(row: &rusqlite::Row<'_>) -> rusqlite::Result<Filed> {
    Ok(Filed {
        article: ArticleId(row.get(0)?),
        event: EventId(row.get(1)?),
        duplicate_of: row.get::<_, Option<i64>>(2)?.map(ArticleId),
        signature: row.get(3)?,
    })
}

fn words(row: &rusqlite::Row<'_>) -> rusqlite::Result<Words> {
    Ok(Words { title: row.get(0)?, subtitle: row.get(1)?, text: row.get(2)? })
}

/// What a stored article says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the view, documented there")]
pub struct Words {
    pub title: Option<String>,
    pub subtitle: Option<String>,
    pub text: String,
}

impl Words {
    /// Whether two pages that claim one address are versions of one story. Same title, or at least half of the words in common.
    #[must_use]
    pub fn tells_the_same(&self, article: &Article) -> bool {
        use std::collections::HashSet;
        if self.title.is_some() && self.title == article.title {
            return true;
        }
        let words = |text: &str| -> HashSet<String> {
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
        };
        let (before, now) = (words(&self.text), words(&article.text));
        2 * before.intersection(&now).count() >= before.len().min(now.len())
    }
}

/// The third key: the same words by the same publisher at the same time are the same article, whatever the address.
fn content_hash(article: &Article) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(article.title.as_deref().unwrap_or_default());
    hash.update([0]);
    hash.update(&article.text);
    hash.update([0]);
    hash.update(article.published_at.map_or(0, Timestamp::as_second).to_be_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}

fn list(values: &[String]) -> String {
    serde_json::to_string(values).unwrap_or_else(|_| "[]".to_owned())
}

fn word_count(text: &str) -> i64 {
    // Scripts without spaces are counted by character, as newsrooms there do.
    let mut count = 0;
    for word in text.split_whitespace() {
        let unspaced = word
            .chars()
            .filter(|&c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{0e00}'..='\u{0eff}'))
            .count();
        count += if unspaced > 0 { unspaced } else { usize::from(word.chars().any(char::is_alphanumeric)) };
    }
    i64::try_from(count).unwrap_or(i64::MAX)
}
