//! What stays flat: the cost of an article, the start.

use std::fs;

use dateline::store::Writer;
use rusqlite::Connection;

use super::press::{NETWORK, Press};
use super::{configure, measure, small, stored};

/// Publishers: as many domains as are polled and fetched side by side.
const HOSTS: usize = 200;

/// Two runs over one database, half of the articles each, whose pages carry the story and nothing else.
pub(crate) fn flat(articles: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let press = Press::start_plain(HOSTS, articles)?;
    let halves = ["older", "newer"].map(|half| press.blocks(HOSTS, half, "content = \"feed\""));
    println!(
        "{:<12} {:>10} {:>14} {:>10} {:>12} {:>12}",
        "half", "articles", "ms an article", "of first", "peak MB", "database MB"
    );
    let (mut before, mut first) = (0, None);
    for (name, feeds) in ["first", "second"].into_iter().zip(halves) {
        configure(folder.path(), "0d", NETWORK, &feeds)?;
        let run = measure::dateline(folder.path(), &["run", "--once"])?;
        anyhow::ensure!(run.code == 0, "the run ended with exit code {}", run.code);
        let all = stored(folder.path())?;
        let each = 1e3 * run.worked_s / small(all - before);
        let of_first = each / *first.get_or_insert(each);
        println!(
            "{name:<12} {:>10} {each:>14.3} {of_first:>10.2} {:>12.0} {:>12}",
            all - before,
            run.peak_mb,
            database_mb(folder.path())?
        );
        before = all;
    }
    Ok(())
}

/// From the start of the process until every feed of a tiny configuration was polled, on a database of so many articles.
pub(crate) fn start(articles: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let press = Press::start(1, 1)?;
    configure(folder.path(), "0d", NETWORK, &press.blocks(1, "feed", ""))?;
    let run = measure::dateline(folder.path(), &["run", "--once"])?;
    println!("{:<12} {:>10} {:>12}", "articles", "start s", "peak MB");
    println!("{:<12} {:>10.2} {:>12.0}", 1, run.elapsed.as_secs_f64(), run.peak_mb);
    fill(&folder.path().join("line.db"), articles)?;
    let run = measure::dateline(folder.path(), &["run", "--once"])?;
    println!(
        "{articles:<12} {:>10.2} {:>12.0}   database {} MB",
        run.elapsed.as_secs_f64(),
        run.peak_mb,
        database_mb(folder.path())?
    );
    Ok(())
}

/// Rows as the recorder leaves them, a minute apart, by SQL alone: full text is left out, it has no part in starting. Without a journal: the largest would take twice
/// its room on the disk. SQLite knows its sizes, as it does of one that grew.
fn fill(path: &std::path::Path, articles: usize) -> anyhow::Result<()> {
    drop(Writer::open(path)?);
    let db = Connection::open(path)?;
    db.execute_batch(&format!(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000000; PRAGMA foreign_keys = OFF; DROP TRIGGER article_fts_insert; BEGIN;
         CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= {articles}) SELECT i, strftime('%Y-%m-%dT%H:%M:%SZ', 1722816000 - 60 * i, 'unixepoch') AS at FROM n;
         INSERT INTO event (id, seq, title, first_published_at, last_published_at, article_count, publisher_count, lead_article_id) SELECT i, 2 * i, 'Event ' || i, at, at, 1, 1, i FROM n;
         INSERT INTO article (id, seq, event_id, url, canonical_url, publisher, feed_id, title, authors, published_at, published_precision, fetched_at, language, categories, text, word_count, content_hash)
           SELECT i, 2 * i - 1, i, 'http://p.example/' || i, 'http://p.example/' || i, 'p' || (i % 1000) || '.example', 1, 'Title ' || i, '[]', at, 'time', at, 'en', '[]', 'Words of article ' || i, 4, randomblob(16) FROM n;
         INSERT INTO entry (address, url, domain, feed_id, announced, state, announced_at, done_at, article_id) SELECT 'p.example/' || i, 'http://p.example/' || i, 'p.example', 1, '{{}}', 'stored', at, at, i FROM n;
         INSERT INTO signature (article_id, day, bytes) SELECT i, unixepoch(at) / 86400, (SELECT bytes FROM signature WHERE article_id = 1) FROM n;
         INSERT INTO change (at, kind, id, action) SELECT at, 'article', i, 'added' FROM n;
         COMMIT; PRAGMA analysis_limit = 2000; ANALYZE; PRAGMA journal_mode = WAL;"
    ))?;
    drop(db);
    // What is still to be written is not the start's to write.
    fs::File::open(path)?.sync_all()?;
    Ok(())
}

fn database_mb(folder: &std::path::Path) -> anyhow::Result<u64> {
    Ok(fs::metadata(folder.join("line.db"))?.len() / 1_000_000)
}
