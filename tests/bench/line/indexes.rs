//! What readers cost the writer: the same articles into the whole schema, without the indexes that only readers use, and without the full text too.

use std::path::Path;

use dateline::article::{Article, Precision};
use dateline::entry::Entry;
use dateline::event::{ArticleId, EventId};
use dateline::store::{Grouped, Queued, Reader, Recorded, Writer};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use url::Url;

use super::measure::own_seconds;
use super::{prose, small};

/// Those that no statement of the writer is served by.
const READERS: [&str; 9] = [
    "article_published",
    "article_publisher",
    "article_language",
    "article_feed_name",
    "article_fetched",
    "article_credited",
    "article_seq",
    "event_last",
    "event_seq",
];

/// Articles in one transaction, as in the recorder.
const BATCH: usize = 100;

/// Publishers.
const PUBLISHERS: usize = 500;

/// Stores so many articles three times over, in turns of a batch, so that whatever else the machine does is shared out evenly.
pub(crate) fn indexes(articles: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let without_indexes = format!("DROP INDEX {};", READERS.join("; DROP INDEX "));
    let without_text = format!("{without_indexes} DROP TRIGGER article_fts_insert;");
    let mut stores = Vec::new();
    for (name, change) in [
        ("as it is", ""),
        ("without the readers' indexes", without_indexes.as_str()),
        ("without full text either", without_text.as_str()),
    ] {
        let path = folder.path().join(format!("{}.db", stores.len()));
        drop(Writer::open(&path)?);
        Connection::open(&path)?.execute_batch(change)?;
        stores.push(Store { name, writer: Writer::open(&path)?, reader: Reader::open(&path)?, path, spent: 0.0 });
    }
    for begin in (0..articles).step_by(BATCH) {
        let batch: Vec<(Article, Grouped)> =
            (begin..articles.min(begin + BATCH)).map(article).collect::<Result<_, _>>()?;
        for store in &mut stores {
            store.take(&batch)?;
        }
    }
    println!("{:<32} {:>12} {:>10} {:>12}", "schema", "articles/s", "of bare", "database MB");
    let barest = stores.last().map_or(1.0, |store| store.spent);
    for store in &stores {
        store.writer.checkpoint()?;
        println!(
            "{:<32} {:>12.0} {:>9.2}x {:>12}",
            store.name,
            small(articles) / store.spent,
            store.spent / barest,
            std::fs::metadata(&store.path)?.len() / 1_000_000
        );
    }
    let ratio = stores[0].spent / stores[1].spent;
    println!("the readers' indexes cost {:.0} % of the time of storing without them", 100.0 * (ratio - 1.0));
    Ok(())
}

struct Store {
    name: &'static str,
    writer: Writer,
    reader: Reader,
    path: std::path::PathBuf,
    /// Seconds of processor.
    spent: f64,
}

impl Store {
    fn take(&mut self, articles: &[(Article, Grouped)]) -> anyhow::Result<()> {
        let at: Timestamp = "2026-03-01T00:00:00Z".parse()?;
        let batch = self.writer.batch()?;
        for (article, _) in articles {
            batch.announce(None, &Entry::at(article.url.clone()), at)?;
        }
        batch.commit()?;
        let mut queued: Vec<Queued> = Vec::new();
        for domain in self.reader.due_domains(at)? {
            queued.extend(self.reader.due_entries(&domain, at, BATCH)?);
        }
        let before = own_seconds();
        let batch = self.writer.batch()?;
        for (article, grouped) in articles {
            let mut article = article.clone();
            let Some(entry) = queued.iter().find(|queued| queued.entry.url == article.url) else {
                anyhow::bail!("`{}` is not in the queue of {}", article.url, Path::new(&self.path).display());
            };
            if let Recorded::New { article: id, .. } = batch.resolve(entry, &mut article)? {
                let fetched = article.published_at.unwrap_or(at) + SignedDuration::from_mins(9);
                batch.insert(entry, id, &article, grouped, fetched)?;
            }
        }
        batch.commit()?;
        self.spent += own_seconds() - before;
        Ok(())
    }
}

/// Article `number`, half a minute after the one before, and where it belongs: three in a row are an event.
fn article(number: usize) -> anyhow::Result<(Article, Grouped)> {
    let story = prose::story(number);
    let place = i64::try_from(number)?;
    // A stride that meets every publisher: neighbours are of different ones.
    let publisher = format!("paper-{}.example", number * 7 % PUBLISHERS);
    let url = Url::parse(&format!("https://www.{publisher}/story/{number}"))?;
    let at = "2026-01-01T00:00:00Z".parse::<Timestamp>()? + SignedDuration::from_secs(30 * place);
    let article = Article {
        canonical_url: url.clone(),
        url,
        publisher,
        title: Some(story.title),
        subtitle: None,
        authors: vec![story.author],
        published_at: Some(at),
        published_precision: Some(Precision::Time),
        modified_at: None,
        language: Some(["en", "de", "fr", "ar"][number % 4].to_owned()),
        dateline: None,
        attribution: number.is_multiple_of(5).then(|| "Northern Wire".to_owned()),
        categories: vec!["News".to_owned()],
        image: None,
        text: story.paragraphs.join("\n\n"),
    };
    let lead = place / 3 * 3 + 1;
    let grouped = Grouped {
        event: EventId(place / 3 + 1),
        duplicate_of: None,
        merged: Vec::new(),
        recopied: Vec::new(),
        lead: ArticleId(lead),
        day: i32::try_from(at.as_second() / 86_400)?,
        signature: vec![0; 600],
    };
    Ok((article, grouped))
}
