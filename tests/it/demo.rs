//! The whole line over the bundled press: what its publishers wrote is what the database holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use dateline::daemon::{self, Daemon, Mode, Source};
use dateline::demo::{Press, Told, Truth, truth};
use dateline::fetch::{self, Client, Resolver};
use dateline::pipeline::{self, FeedRules};
use dateline::store::{Lock, Writer};
use dateline::{clean, group, schedule};
use rusqlite::{Connection, Row};
use tokio_util::sync::CancellationToken;
use url::Url;

#[tokio::test(flavor = "multi_thread")]
async fn only_stories_are_stored_each_once_and_events_are_as_told() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("demo.db");
    let press = Press::serve().await.unwrap();
    let truth = truth().unwrap();
    ingest(&press, &database).await;
    let first = stored(&database);
    let mut faults = lost(&truth, &first);
    faults.extend(invented(&truth, &first, &rejected(&database)));
    faults.extend(events(&truth, &first));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));

    let asked = press.answers().len();
    ingest(&press, &database).await;
    assert_eq!(stored(&database).len(), first.len(), "a second run adds nothing");
    assert_eq!(miscounted(&database), [0_i64; 0], "events say what their articles say");
    let mut again = press.answers().split_off(asked);
    again.retain(|answer| !answer.url.ends_with("/robots.txt"));
    let asked: BTreeSet<&str> = again.iter().map(|answer| answer.url.as_str()).collect();
    let feeds: BTreeSet<&str> = press.feeds().iter().map(|feed| feed.url.as_str()).collect();
    assert_eq!(asked, feeds, "only feeds are asked for");
    assert!(again.iter().all(|answer| answer.status == 304), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_is_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("demo.db");
    let press = Press::serve().await.unwrap();
    let truth = truth().unwrap();
    ingest(&press, &database).await;
    let faults = fields(&truth, &stored(&database));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn lost(truth: &Truth, stored: &[Stored]) -> Vec<String> {
    let have: BTreeSet<&str> = stored.iter().map(|stored| stored.url.as_str()).collect();
    assert_eq!(have.len(), stored.len(), "an article is stored once");
    let lost = truth.articles.iter().filter(|told| !have.contains(told.url.as_str()));
    lost.map(|told| format!("{} lost", told.url)).collect()
}

fn invented(truth: &Truth, stored: &[Stored], rejected: &BTreeSet<String>) -> Vec<String> {
    let told: BTreeSet<&str> = truth.articles.iter().map(|told| told.url.as_str()).collect();
    let invented = stored.iter().filter(|stored| !told.contains(stored.url.as_str()));
    let mut faults: Vec<String> = invented.map(|stored| format!("{} is no article", stored.url)).collect();
    faults
        .extend(truth.rejected.iter().filter(|url| !rejected.contains(*url)).map(|url| format!("{url} not rejected")));
    faults
}

fn fields(truth: &Truth, stored: &[Stored]) -> Vec<String> {
    let mut faults = Vec::new();
    let by_url: HashMap<&str, &Stored> = stored.iter().map(|stored| (stored.url.as_str(), stored)).collect();
    for told in &truth.articles {
        let Some(stored) = by_url.get(told.url.as_str()) else { continue };
        let mut check = |field: &str, want: &dyn Debug, have: &dyn Debug| {
            let (want, have) = (format!("{want:?}"), format!("{have:?}"));
            if want != have {
                faults.push(format!("{} {field}\n  want {want}\n  have {have}", told.url));
            }
        };
        check("title", &Some(folded(&told.title)), &stored.title.as_deref().map(folded));
        check("subtitle", &told.subtitle, &stored.subtitle);
        check("authors", &told.authors, &stored.authors);
        check("published_at", &Some(told.published_at.to_string()), &stored.published_at);
        check("language", &Some(&told.language), &stored.language.as_ref());
        check("dateline", &told.dateline, &stored.dateline);
        check("attribution", &told.attribution, &stored.attribution);
        let (want, have) = differing(&told.text, &stored.text);
        check("text", &want, &have);
    }
    faults
}

/// What two texts do not have in common at their beginning and end; white space is not compared.
fn differing(a: &str, b: &str) -> (String, String) {
    let (a, b) = (folded(a), folded(b));
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    (a[..a.len() - same].join(" "), b[..b.len() - same].join(" "))
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn events(truth: &Truth, stored: &[Stored]) -> Vec<String> {
    let by_url: HashMap<&str, &Told> = truth.articles.iter().map(|told| (told.url.as_str(), told)).collect();
    let mut told: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    let mut found: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    let mut faults = Vec::new();
    for article in stored {
        let Some(true_article) = by_url.get(article.url.as_str()) else { continue };
        found.entry(article.event_id).or_default().insert(true_article.event);
        if !true_article.later {
            told.entry(true_article.event).or_default().insert(article.event_id);
        }
        if article.duplicate_of != true_article.duplicate_of {
            let (have, want) = (&article.duplicate_of, &true_article.duplicate_of);
            faults.push(format!("{} is a copy\n  want {want:?}\n  have {have:?}", article.url));
        }
    }
    faults.extend(found.values().filter(|of| of.len() > 1).map(|of| format!("one event of {of:?}")));
    faults.extend(
        told.iter()
            .filter(|(_, ids)| ids.len() > 1)
            .map(|(event, ids)| format!("`{event}` came out as events {ids:?}")),
    );
    faults
}

/// Events whose own columns differ from what their articles, counted together, say.
fn miscounted(database: &Path) -> Vec<i64> {
    let connection = Connection::open(database).unwrap();
    let mut select = connection
        .prepare(
            "SELECT e.id FROM events e WHERE merged_into IS NULL AND
               (first_published_at, last_published_at, article_count, publisher_count, languages) IS NOT
               (SELECT min(coalesce(published_at, fetched_at)), max(coalesce(published_at, fetched_at)), count(*), count(DISTINCT publisher),
                  (SELECT json_group_array(language) FROM
                     (SELECT DISTINCT language FROM articles WHERE event_id = e.id AND language IS NOT NULL ORDER BY language))
                FROM articles WHERE event_id = e.id)",
        )
        .unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn rejected(database: &Path) -> BTreeSet<String> {
    let connection = Connection::open(database).unwrap();
    let mut statement = connection.prepare("SELECT url FROM entries WHERE state = 'rejected'").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A row of the view, with the copied article's address in place of its id.
struct Stored {
    url: String,
    event_id: i64,
    duplicate_of: Option<String>,
    title: Option<String>,
    subtitle: Option<String>,
    authors: Vec<String>,
    published_at: Option<String>,
    language: Option<String>,
    dateline: Option<String>,
    attribution: Option<String>,
    text: String,
}

fn stored(database: &Path) -> Vec<Stored> {
    let connection = Connection::open(database).unwrap();
    let sql = "SELECT a.canonical_url, a.event_id, original.canonical_url, a.title, a.subtitle, a.authors, a.published_at,
        a.language, a.dateline, a.attribution, a.text FROM articles a LEFT JOIN articles original ON original.id = a.duplicate_of";
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], read).unwrap().collect::<Result<_, _>>().unwrap()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let authors: String = row.get(5)?;
    Ok(Stored {
        url: row.get(0)?,
        event_id: row.get(1)?,
        duplicate_of: row.get(2)?,
        title: row.get(3)?,
        subtitle: row.get(4)?,
        authors: serde_json::from_str(&authors).unwrap(),
        published_at: row.get(6)?,
        language: row.get(7)?,
        dateline: row.get(8)?,
        attribution: row.get(9)?,
        text: row.get(10)?,
    })
}

async fn ingest(press: &Press, database: &Path) {
    let address = press.address();
    let hosts: HashSet<String> = press.hosts().iter().cloned().collect();
    let client = Client::new(fetch::Options {
        per_host_delay: Duration::ZERO,
        allow_networks: vec!["127.0.0.1/32".parse().unwrap()],
        resolver: Some(Resolver::new(move |host| hosts.contains(host).then(|| vec![address]))),
        ..fetch::Options::default()
    })
    .unwrap();
    let sources = press.feeds().iter().map(|feed| Source {
        name: feed.name.clone(),
        url: Url::parse(&feed.url).unwrap(),
        interval: None,
        rules: FeedRules {
            timezone: feed.timezone.as_deref().map(|name| jiff::tz::TimeZone::get(name).unwrap()),
            ..FeedRules::default()
        },
        filter: dateline::filter::Filter::default(),
    });
    let options = daemon::Options {
        pipeline: pipeline::Options {
            db: database.to_owned(),
            keep_html: Duration::ZERO,
            group: group::Options::default(),
            clean: clean::Options::default(),
            max_interval: Duration::from_secs(86_400),
            rechecks: dateline::schedule::Rechecks::default(),
            retention: dateline::store::Retention::default(),
            stages: pipeline::Stages::default(),
        },
        schedule: schedule::Options::default(),
        min_free: 0,
    };
    let _lock = Lock::take(database).unwrap();
    let daemon = Daemon::new(Writer::open(database).unwrap(), sources.collect(), client, options, Mode::Once).unwrap();
    let summary = daemon.run(Mode::Once, CancellationToken::new()).await.unwrap();
    assert!(summary.failed_feeds.is_empty(), "{:?}", summary.failed_feeds);
    assert_eq!(summary.done.put_back, 0);
}
