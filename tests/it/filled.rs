//! A database filled through the store's own verbs, for tests and benches that read: no network, no grouping, no clock.

use std::collections::HashMap;
use std::path::Path;

use dateline::article::{Article, Precision};
use dateline::entry::Entry;
use dateline::event::{ArticleId, EventId};
use dateline::store::{Cause, FeedId, FeedSettings, Grouped, PollRecord, Queued, Reader, Recorded, Writer};
use jiff::Timestamp;
use url::Url;

/// The writer of a database under construction.
pub struct Library {
    writer: Writer,
    reader: Reader,
    feeds: HashMap<String, FeedId>,
    leads: HashMap<i64, i64>,
    told: HashMap<i64, Article>,
    announced: i64,
}

/// One article to be told.
#[derive(Clone, Default)]
pub struct Told<'a> {
    pub publisher: &'a str,
    pub feed: Option<&'a str>,
    pub title: &'a str,
    pub subtitle: Option<&'a str>,
    pub text: &'a str,
    /// RFC 3339; `None` where the page has no date.
    pub at: Option<&'a str>,
    /// RFC 3339; else `at`.
    pub fetched_at: Option<&'a str>,
    pub language: Option<&'a str>,
    pub authors: &'a [&'a str],
    pub categories: &'a [&'a str],
    pub attribution: Option<&'a str>,
    pub dateline: Option<&'a str>,
    /// The event that it belongs to; `None` begins one.
    pub event: Option<i64>,
    pub copy_of: Option<i64>,
    /// An event that this article shows to be the same as its own.
    pub merges: Option<i64>,
}

impl Library {
    /// The database at `path`, a new one where there is none, with these feeds.
    pub fn open(path: &Path, feeds: &[&str]) -> Self {
        let mut writer = Writer::open(path).unwrap();
        let settings: Vec<FeedSettings> = feeds
            .iter()
            .map(|name| FeedSettings { name: (*name).to_owned(), url: format!("https://{name}.example/rss") })
            .collect();
        let states = writer.configure(&settings).unwrap();
        let feeds = states.into_iter().map(|state| (state.name, state.id)).collect();
        let db = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let announced = db.query_row("SELECT count(*) FROM entries", [], |row| row.get(0)).unwrap();
        Self {
            writer,
            reader: Reader::open(path).unwrap(),
            feeds,
            leads: HashMap::new(),
            told: HashMap::new(),
            announced,
        }
    }

    /// Stores one article; returns its number and its event's.
    pub fn tell(&mut self, told: &Told<'_>) -> (i64, i64) {
        let fetched: Timestamp = told.fetched_at.or(told.at).unwrap().parse().unwrap();
        let (queued, mut article) = self.queue(told, told.feed, fetched);
        let batch = self.writer.batch().unwrap();
        let Recorded::New { article: id, fresh } = batch.resolve(&queued, &mut article).unwrap() else {
            panic!("`{}` is known already", told.title)
        };
        let event = told.event.unwrap_or(fresh.0);
        let lead = *self.leads.entry(event).or_insert(id.0);
        let grouped = Grouped {
            event: EventId(event),
            duplicate_of: told.copy_of.map(ArticleId),
            merged: told.merges.map(|from| (EventId(from), EventId(event))).into_iter().collect(),
            recopied: Vec::new(),
            lead: ArticleId(lead),
            day: i32::try_from(fetched.as_second() / 86_400).unwrap(),
            signature: Vec::new(),
        };
        batch.insert(&queued, id, &article, &grouped, fetched).unwrap();
        batch.commit().unwrap();
        self.told.insert(id.0, article);
        (id.0, event)
    }

    /// Lets the publisher change a story.
    pub fn edit(&mut self, id: i64, title: &str, text: &str, at: &str) {
        let article = self.told.get_mut(&id).unwrap();
        title.clone_into(article.title.as_mut().unwrap());
        text.clone_into(&mut article.text);
        let batch = self.writer.batch().unwrap();
        batch.revise(ArticleId(id), article, at.parse().unwrap()).unwrap();
        batch.commit().unwrap();
    }

    /// An address that was announced and is no article, because of `reason`; or, without one, still waits.
    pub fn announce(&mut self, feed: &str, publisher: &str, at: &str, reason: Option<&str>) {
        let at: Timestamp = at.parse().unwrap();
        let (queued, _) = self.queue(&Told { publisher, ..Told::default() }, Some(feed), at);
        if let Some(reason) = reason {
            let batch = self.writer.batch().unwrap();
            batch.reject(queued.id, Cause::Page, reason, at).unwrap();
            batch.commit().unwrap();
        }
    }

    /// A poll of a feed, and how it went.
    pub fn poll(&mut self, feed: &str, at: &str, outcome: Result<(), &str>, failures_in_row: u32) {
        let polled_at: Timestamp = at.parse().unwrap();
        let record = PollRecord {
            new: 0,
            known: 0,
            url: format!("https://{feed}.example/rss"),
            title: Some(format!("The {feed} feed")),
            schedule: "{}".to_owned(),
            state: if outcome.is_ok() { "ok" } else { "failing" }.to_owned(),
            etag: None,
            last_modified: None,
            polled_at,
            outcome: outcome.map_err(str::to_owned),
            remark: None,
            failures_in_row,
            next_poll_at: Some(polled_at + jiff::SignedDuration::from_hours(1)),
        };
        let batch = self.writer.batch().unwrap();
        batch.poll(self.feeds[feed], &record).unwrap();
        batch.commit().unwrap();
    }

    /// Writes the WAL back and refreshes the statistics, as the daemon does now and then.
    pub fn checkpoint(&self) {
        self.writer.checkpoint().unwrap();
    }

    /// Announces what is told: the entry as it waits, and the article that its page shows.
    fn queue(&mut self, told: &Told<'_>, feed: Option<&str>, now: Timestamp) -> (Queued, Article) {
        self.announced += 1;
        let url = Url::parse(&format!("https://www.{}/news/{}.html", told.publisher, self.announced)).unwrap();
        let published_at: Option<Timestamp> = told.at.map(|at| at.parse().unwrap());
        let entry = Entry { title: Some(told.title.to_owned()), published_at, ..Entry::at(url.clone()) };
        let batch = self.writer.batch().unwrap();
        batch.announce(feed.map(|name| self.feeds[name]), &entry, now).unwrap();
        batch.commit().unwrap();
        let mut waiting = self.reader.due_entries(told.publisher, now, usize::MAX).unwrap();
        let place = waiting.iter().position(|queued| queued.entry.url == url).unwrap();
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let article = Article {
            canonical_url: url.clone(),
            url,
            publisher: told.publisher.to_owned(),
            title: Some(told.title.to_owned()),
            subtitle: owned(told.subtitle),
            authors: list(told.authors),
            published_at,
            published_precision: published_at.map(|_| Precision::Time),
            modified_at: None,
            language: owned(told.language),
            dateline: owned(told.dateline),
            attribution: owned(told.attribution),
            categories: list(told.categories),
            image: None,
            text: told.text.to_owned(),
        };
        (waiting.swap_remove(place), article)
    }
}
