//! What stays flat: the cost of an article, the start.

use std::fs;

use dateline::store::Writer;
use rusqlite::Connection;

use super::press::{NETWORK, Press};
use super::{configure, measure, small, stored};

/// Publishers: as many domains as are polled and fetched side by side.
const HOSTS: usize = 200;

/// Articles of one run at most: what feeds of a plain size hold.
const AT_ONCE: usize = 100_000;

/// Runs over one database, one after another as the days go, whose pages carry the story and nothing else: the second half of them against the first.
pub(crate) fn flat(articles: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let press = Press::start_plain(HOSTS, articles)?;
    let each_half = (articles / 2).div_ceil(AT_ONCE).max(1);
    let each_run = articles.div_ceil(2 * each_half);
    println!("{:<12} {:>14} {:>10} {:>12}", "articles", "ms an article", "peak MB", "database MB");
    let mut before = 0;
    let mut halves = [(0.0, 0, 0.0_f64); 2];
    for run in 0..2 * each_half {
        let kind = format!("stories/{}/{}", run * each_run, articles.min((run + 1) * each_run));
        configure(folder.path(), "0d", NETWORK, &press.blocks(HOSTS, &kind, "content = \"feed\""))?;
        let seen = measure::dateline(folder.path(), &["run", "--once"])?;
        anyhow::ensure!(seen.code == 0, "the run ended with exit code {}", seen.code);
        let all = stored(folder.path())?;
        let each = 1e3 * seen.worked_s / small(all - before);
        println!("{all:<12} {each:>14.3} {:>10.0} {:>12}", seen.peak_mb, database_mb(folder.path())?);
        let (worked, stored, peak) = &mut halves[run / each_half];
        (*worked, *stored, *peak) = (*worked + seen.worked_s, *stored + all - before, peak.max(seen.peak_mb));
        before = all;
    }
    let [first, second] = halves.map(|(worked, stored, peak)| (1e3 * worked / small(stored), peak));
    println!(
        "\nthe second half costs {:.2} of the first: {:.3} and {:.3} ms an article, at most {:.0} and {:.0} MB",
        second.0 / first.0,
        first.0,
        second.0,
        first.1,
        second.1
    );
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
