//! What each stage costs by itself on the pages of the press, and the store beside bare SQLite.
//!
//! Both processors do the same at the same time: one alone would have the caches to itself, which it has not end to end.

use std::hint::black_box;
use std::path::Path;

use dateline::article::Article;
use dateline::clean::{self, Page};
use dateline::entry::Entry;
use dateline::event::{ArticleId, EventId};
use dateline::group::{self, Index, Signature, Story};
use dateline::store::{Grouped, Reader, Recorded, Writer};
use jiff::Timestamp;
use rusqlite::{Connection, params_from_iter, types::Value};
use scraper::Html;
use url::Url;

use super::measure::own_seconds;
use super::page::page;
use super::press::{host, published};

/// Seconds of processor an article, stage by stage.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    pub(crate) parse: f64,
    pub(crate) clean: f64,
    pub(crate) sign: f64,
    pub(crate) assign: f64,
    pub(crate) store: f64,
    /// The same rows by bare rusqlite into the same schema.
    pub(crate) bare_store: f64,
}

/// Articles in one transaction, as in the recorder.
const BATCH: usize = 100;

/// The tables that an article ends in, in an order that keeps references whole.
const TABLES: [&str; 6] = ["feed", "event", "article", "entry", "signature", "change"];

/// Takes `articles` pages through every stage.
pub(crate) fn measure(folder: &Path, articles: usize, hosts: usize) -> anyhow::Result<Stages> {
    let [one, other] = side_by_side(|half| {
        let folder = folder.join(format!("half-{half}"));
        std::fs::create_dir_all(&folder)?;
        taken_apart(&folder, (half..articles).step_by(2), hosts)
    })?;
    let mean = |of: fn(&Stages) -> f64| (of(&one) + of(&other)) / super::small(articles);
    Ok(Stages {
        parse: mean(|half| half.parse),
        clean: mean(|half| half.clean),
        sign: mean(|half| half.sign),
        assign: mean(|half| half.assign),
        store: mean(|half| half.store),
        bare_store: mean(|half| half.bare_store),
    })
}

/// Seconds of processor that bare html5ever takes for a page.
pub(crate) fn parse(articles: usize, hosts: usize) -> anyhow::Result<f64> {
    let halves = side_by_side(|half| {
        let mut spent = 0.0;
        for number in (half..articles).step_by(2) {
            let html = page(number, &host(number % hosts).to_string(), &published(number));
            timed(&mut spent, || black_box(Html::parse_document(&html)));
        }
        Ok(spent)
    })?;
    Ok(halves.iter().sum::<f64>() / super::small(articles))
}

/// Each half of the work in a thread of its own.
fn side_by_side<T: Send>(work: impl Fn(usize) -> anyhow::Result<T> + Sync) -> anyhow::Result<[T; 2]> {
    let work = &work;
    std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| scope.spawn(move || work(half)));
        let [one, other] =
            halves.map(|half| half.join().map_err(|_| anyhow::anyhow!("a half of the bench panicked"))?);
        Ok([one?, other?])
    })
}

/// Seconds of processor, of all these pages together.
fn taken_apart(folder: &Path, numbers: impl Iterator<Item = usize>, hosts: usize) -> anyhow::Result<Stages> {
    let mut stages = Stages::default();
    let mut cleaned: Vec<(Article, Signature)> = Vec::new();
    for number in numbers {
        let host = host(number % hosts).to_string();
        let html = page(number, &host, &published(number));
        let url = Url::parse(&format!("http://{host}/story/{number}"))?;
        let page = Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None };
        timed(&mut stages.parse, || black_box(Html::parse_document(&html)));
        let article = timed(&mut stages.clean, || clean::clean(&page, &clean::Options::default()))
            .map_err(|rejection| anyhow::anyhow!("page {number} was rejected: {rejection}"))?;
        let signature = timed(&mut stages.sign, || {
            Signature::of(&Story {
                url: article.url.as_str(),
                title: article.title.as_deref(),
                text: &article.text,
                published_at: article.published_at,
                seen_at: None,
                language: article.language.as_deref(),
                publisher: &article.publisher,
                attribution: None,
                dateline: None,
            })
        });
        cleaned.push((article, signature));
    }
    let mut index = Index::new(group::Options::default());
    let grouped: Vec<Grouped> = cleaned
        .iter()
        .zip(1_i64..)
        .map(|((_, signature), id)| {
            let (day, bytes) = (signature.day(), signature.to_bytes());
            let done = timed(&mut stages.assign, || index.assign(ArticleId(id), EventId(id), signature.clone()));
            Grouped {
                event: done.event,
                duplicate_of: done.duplicate_of,
                merged: done.merged,
                recopied: done.recopied,
                lead: done.lead,
                day,
                signature: bytes,
            }
        })
        .collect();
    let (own, bare) = (folder.join("own.db"), folder.join("bare.db"));
    stages.store = store(&own, &cleaned, &grouped)?;
    stages.bare_store = copy(&own, &bare)?;
    Ok(stages)
}

fn timed<T>(sum: &mut f64, work: impl FnOnce() -> T) -> T {
    let before = own_seconds();
    let done = work();
    *sum += own_seconds() - before;
    done
}

fn store(path: &Path, cleaned: &[(Article, Signature)], grouped: &[Grouped]) -> anyhow::Result<f64> {
    let mut writer = Writer::open(path)?;
    let at: Timestamp = published(0).parse()?;
    let mut spent = 0.0;
    let mut place = 0;
    for chunk in cleaned.chunks(BATCH) {
        timed(&mut spent, || -> anyhow::Result<()> {
            let batch = writer.batch()?;
            for (article, _) in chunk {
                batch.announce(None, &Entry::at(article.url.clone()), at)?;
            }
            batch.commit()?;
            Ok(())
        })?;
        let reader = Reader::open(path)?;
        let mut queued = Vec::new();
        for domain in reader.due_domains(at)? {
            queued.extend(reader.due_entries(&domain, at, BATCH)?);
        }
        timed(&mut spent, || -> anyhow::Result<()> {
            let batch = writer.batch()?;
            for (article, _) in chunk {
                let mut article = article.clone();
                let Some(entry) = queued.iter().find(|queued| queued.entry.url == article.url) else {
                    anyhow::bail!("`{}` is not in the queue", article.url);
                };
                // Grouping happened with numbers in order of arrival: those that the database gives too.
                if let Recorded::New { article: id, .. } = batch.resolve(entry, &mut article)? {
                    batch.insert(entry, id, &article, &grouped[place], at)?;
                }
                place += 1;
            }
            batch.commit()?;
            Ok(())
        })?;
    }
    Ok(spent)
}

/// Inserts the rows of one database into another, as many in a transaction as belong to a hundred articles.
fn copy(from: &Path, to: &Path) -> anyhow::Result<f64> {
    drop(Writer::open(to)?);
    let from = Connection::open(from)?;
    let mut to = Connection::open(to)?;
    to.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -32768;")?;
    let articles: u32 = from.query_row("SELECT count(*) FROM article", [], |row| row.get(0))?;
    let articles = usize::try_from(articles)?;
    let mut rows: Vec<(&str, usize, Vec<Vec<Value>>)> = Vec::new();
    for table in TABLES {
        let mut select = from.prepare(&format!("SELECT * FROM {table} ORDER BY rowid"))?;
        let columns = select.column_count();
        let values = select
            .query_map([], |row| (0..columns).map(|at| row.get::<_, Value>(at)).collect())?
            .collect::<Result<Vec<Vec<Value>>, _>>()?;
        rows.push((table, columns, values));
    }
    let mut spent = 0.0;
    let batches = articles.div_ceil(BATCH);
    for batch in 0..batches {
        timed(&mut spent, || -> anyhow::Result<()> {
            let tx = to.transaction()?;
            for (table, columns, values) in &rows {
                let marks = vec!["?"; *columns].join(", ");
                let mut insert = tx.prepare_cached(&format!("INSERT INTO {table} VALUES ({marks})"))?;
                let (begin, end) = (values.len() * batch / batches, values.len() * (batch + 1) / batches);
                for row in &values[begin..end] {
                    insert.execute(params_from_iter(row))?;
                }
            }
            tx.commit()?;
            Ok(())
        })?;
    }
    Ok(spent)
}
