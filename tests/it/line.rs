//! The whole line over the bundled press: announce → fetch → clean → group → store, against what its authors meant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use dateline::daemon::{Daemon, Mode, Options, Source, Summary};
use dateline::demo::{Press, Told, truth};
use dateline::fetch::{Client, Resolver};
use dateline::pipeline::FeedRules;
use dateline::store::{Reader, Writer};
use dateline::{clean, fetch, group, pipeline, schedule};
use rusqlite::Connection;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::newsroom::{column, read_only};

async fn ingest(press: &Press, db: &Path) -> Summary {
    let address = press.address();
    let options = fetch::Options {
        per_host_delay: Duration::ZERO,
        allow_networks: vec!["127.0.0.1/32".parse().unwrap()],
        resolver: Some(Resolver::new(move |_| Some(vec![address]))),
        ..fetch::Options::default()
    };
    let source = |feed: &dateline::demo::DemoFeed| Source {
        name: feed.name.clone(),
        url: Url::parse(&feed.url).unwrap(),
        interval: None,
        rules: FeedRules {
            timezone: feed.timezone.as_deref().map(|zone| jiff::tz::TimeZone::get(zone).unwrap()),
            ..FeedRules::default()
        },
        include: Vec::new(),
        exclude: Vec::new(),
    };
    let line = Options {
        pipeline: pipeline::Options {
            db: db.to_owned(),
            keep_html: Duration::from_secs(86_400),
            group: group::Options::default(),
            clean: clean::Options::default(),
            max_interval: Duration::from_secs(86_400),
        },
        schedule: schedule::Options::default(),
    };
    let sources = press.feeds().iter().map(source).collect();
    let daemon =
        Daemon::new(Writer::open(db).unwrap(), sources, Client::new(options).unwrap(), line, Mode::Once).unwrap();
    daemon.run(Mode::Once, CancellationToken::new()).await.unwrap()
}

/// A stored article, as far as the truth speaks of it.
#[derive(Debug, PartialEq, Eq)]
struct Stored {
    url: String,
    event: String,
    duplicate_of: Option<String>,
    title: String,
    authors: String,
    published_at: String,
    language: String,
    attribution: Option<String>,
    text: String,
}

fn stored(db: &Connection) -> BTreeMap<String, Stored> {
    let sql = "SELECT a.canonical_url, a.event_id, o.canonical_url, a.title, a.authors, a.published_at, a.language, a.attribution, a.text
               FROM articles a LEFT JOIN articles o ON o.id = a.duplicate_of";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        Ok(Stored {
            url: row.get(0)?,
            event: row.get::<_, i64>(1)?.to_string(),
            duplicate_of: row.get(2)?,
            title: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
            authors: row.get(4)?,
            published_at: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
            language: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
            attribution: row.get(7)?,
            text: row.get(8)?,
        })
    });
    rows.unwrap().map(Result::unwrap).map(|article| (article.url.clone(), article)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_press_comes_out_as_its_authors_meant_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.db");
    let press = Press::serve().await.unwrap();
    let truth = truth().unwrap();
    let first = ingest(&press, &path).await;
    assert!(first.failed_feeds.is_empty(), "{:?}", first.failed_feeds);
    assert_eq!(first.done.put_back, 0);

    let db = read_only(&path);
    let found = stored(&db);
    let expected: BTreeMap<&str, &Told> = truth.articles.iter().map(|told| (told.url.as_str(), told)).collect();
    assert_eq!(found.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected.keys().copied().collect());
    let rejected: BTreeSet<String> =
        column(&db, "SELECT url FROM entries WHERE state = 'rejected'").into_iter().collect();
    assert_eq!(rejected, truth.rejected.iter().cloned().collect());

    let mut faults = Vec::new();
    for (url, told) in &expected {
        let got = &found[*url];
        let mut differ = |field: &str, got: &str, told: &str| {
            if got != told {
                faults.push(format!("{url}\n  {field}: {got:?}\n  meant: {told:?}"));
            }
        };
        differ("title", &got.title, &told.title);
        differ("authors", &got.authors, &serde_json::to_string(&told.authors).unwrap());
        differ("published_at", &got.published_at, &told.published_at.to_string());
        differ("language", &got.language, &told.language);
        differ(
            "attribution",
            got.attribution.as_deref().unwrap_or("none"),
            told.attribution.as_deref().unwrap_or("none"),
        );
        differ(
            "duplicate_of",
            got.duplicate_of.as_deref().unwrap_or("none"),
            told.duplicate_of.as_deref().unwrap_or("none"),
        );
        differ("text", &got.text, &told.text);
    }
    for (url, event) in events_that_differ(&found, &expected) {
        faults.push(format!("{url}: {event}"));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));

    // A second run asks with the validators it was given and finds nothing new.
    let before = press.answers().len();
    let second = ingest(&press, &path).await;
    assert!(second.failed_feeds.is_empty());
    assert_eq!((second.done.announced, second.done.stored, second.done.edited), (0, 0, 0));
    let answers = press.answers();
    let again: Vec<u16> = answers[before..].iter().map(|answer| answer.status).collect();
    assert_eq!(again.len(), press.feeds().len());
    assert!(again.iter().all(|&status| status == 304), "{again:?}");
    assert_eq!(stored(&read_only(&path)), found);
    let totals = Reader::open(&path).unwrap().totals(jiff::Timestamp::MAX).unwrap();
    assert_eq!(totals.queued, 0);
}

/// Articles whose event holds others than it should, with the events that are mixed.
fn events_that_differ(found: &BTreeMap<String, Stored>, expected: &BTreeMap<&str, &Told>) -> Vec<(String, String)> {
    let (mut told_in, mut found_in) =
        (BTreeMap::<&str, BTreeSet<&str>>::new(), BTreeMap::<&str, BTreeSet<&str>>::new());
    for (url, told) in expected {
        let event = found[*url].event.as_str();
        told_in.entry(told.event).or_default().insert(event);
        found_in.entry(event).or_default().insert(told.event);
    }
    let split = told_in
        .iter()
        .filter(|(_, found)| found.len() > 1)
        .map(|(event, found)| ((*event).to_owned(), format!("split over {found:?}")));
    let glued = found_in
        .iter()
        .filter(|(_, told)| told.len() > 1)
        .map(|(event, told)| (format!("event {event}"), format!("glues {told:?}")));
    split.chain(glued).collect()
}
