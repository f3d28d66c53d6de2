//! The writing connection and its transactions.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, ErrorCode, InterruptHandle, OptionalExtension, Transaction, TransactionBehavior, params};

use super::error::Doing;
use super::files::Files;
use super::vitals::HISTORY_CHARS;
use super::{Error, FeedSettings, PastPoll, files, room, schema, time_text};

/// The number of a feed in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedId(pub i64);

/// What the database remembers of a feed when the daemon starts.
#[derive(Debug, Clone)]
pub struct FeedState {
    /// Its number.
    pub id: FeedId,
    /// Its name in the configuration.
    pub name: String,
    /// Where it is polled now: the configured address, or where that moved for good.
    pub url: String,
    /// The scheduler's bookkeeping, JSON.
    pub schedule: String,
    /// Validator of the last body.
    pub etag: Option<String>,
    /// Validator of the last body.
    pub last_modified: Option<String>,
    /// When it is due; `None` when it was never polled.
    pub next_poll_at: Option<Timestamp>,
}

/// What one poll leaves in the feed's row. Commits together with the entries that it announced.
#[derive(Debug, Clone)]
pub struct PollRecord {
    /// Where to poll from now on.
    pub url: String,
    /// The feed's own title; `None` keeps the one known.
    pub title: Option<String>,
    /// The scheduler's bookkeeping, JSON.
    pub schedule: String,
    /// The state in a word, as the `feeds` view shows it.
    pub state: String,
    /// Validators for the next conditional request.
    pub etag: Option<String>,
    /// Validators for the next conditional request.
    pub last_modified: Option<String>,
    /// When this poll was.
    pub polled_at: Timestamp,
    /// Entries that were queued.
    pub new: usize,
    /// Entries that were known.
    pub known: usize,
    /// Whether the feed could be read, or the reason why not.
    pub outcome: Result<(), String>,
    /// Why its state is what it is, where there is something to say about a feed that could be read.
    pub remark: Option<String>,
    /// How many polls failed in a row, this one included.
    pub failures_in_row: u32,
    /// When it is due again; `None` when it is retired.
    pub next_poll_at: Option<Timestamp>,
}

/// How long a checkpoint waits for readers to let go of old snapshots: those of a moment are let go of by then.
const CHECKPOINT_WAIT: Duration = Duration::from_millis(200);

/// Busy timeouts that a transaction waits for another process that writes: 5 minutes in all, more than any backup or repair by hand takes.
const MOST_WAITS: u32 = 10;

/// Nothing is put off for longer: looks at stories for a week, attempts for a day, or as long as a publisher asked, which is no month.
const LONGEST_WAIT: Duration = Duration::from_secs(32 * 86_400);

/// Breaks off statements of a connection, from any thread: what was being done did not happen, and its error says so
/// ([`Error::is_broken_off`]).
pub struct Interrupt(InterruptHandle);

impl Interrupt {
    pub(super) fn of(conn: &Connection) -> Self {
        Self(conn.get_interrupt_handle())
    }

    /// Breaks off the statement under way, if there is one.
    pub fn break_off(&self) {
        self.0.interrupt();
    }
}

impl std::fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupt")
    }
}

/// The writing connection of this process.
#[derive(Debug)]
pub struct Writer {
    pub(super) conn: Connection,
    /// `None` where nobody else sees them.
    pub(super) files: Option<Files>,
}

impl Writer {
    /// Opens the database, creating it and bringing its schema up to date.
    ///
    /// # Errors
    /// When the file cannot be opened, is not dateline's, or is newer than this binary.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { conn: schema::open_writing(path)?, files: Some(Files::of(path)) })
    }

    /// An empty database that nobody else sees and that goes with this value.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn scratch() -> Result<Self, Error> {
        Ok(Self { conn: schema::open_scratch()?, files: None })
    }

    /// What was written, to be read.
    #[must_use]
    pub fn into_reader(self) -> super::Reader {
        super::Reader { conn: self.conn, path: std::path::PathBuf::new(), file: None }
    }

    /// Breaks off the statement that another thread has this connection run.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        Interrupt::of(&self.conn)
    }

    /// The number of a feed that is in the database.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn feed(&self, name: &str) -> Result<Option<FeedId>, Error> {
        self.conn
            .query_row("SELECT id FROM feed WHERE name = ?1", [name], |row| row.get(0).map(FeedId))
            .optional()
            .doing("looking up a feed")
    }

    /// Makes the `feed` rows agree with the configuration and returns what is known of each, in the order given.
    ///
    /// A feed whose configured address changed starts over; one that is configured no more is kept for its articles.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn configure(&mut self, feeds: &[FeedSettings]) -> Result<Vec<FeedState>, Error> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).doing("reading the feeds")?;
        tx.execute("UPDATE feed SET configured = 0", []).doing("reading the feeds")?;
        let mut states = Vec::with_capacity(feeds.len());
        for feed in feeds {
            tx.prepare_cached(
                "INSERT INTO feed (name, configured_url, url) VALUES (?1, ?2, ?2)
                 ON CONFLICT (name) DO UPDATE SET configured = 1,
                   url = iif(configured_url = ?2, url, ?2), etag = iif(configured_url = ?2, etag, NULL),
                   last_modified = iif(configured_url = ?2, last_modified, NULL), schedule = iif(configured_url = ?2, schedule, '{}'),
                   state = iif(configured_url = ?2, state, 'new'), next_poll_at = iif(configured_url = ?2, next_poll_at, NULL),
                   configured_url = ?2",
            )
            .and_then(|mut statement| statement.execute(params![feed.name, feed.url]))
            .doing("writing a feed")?;
            let state = tx
                .prepare_cached("SELECT id, url, schedule, etag, last_modified, next_poll_at FROM feed WHERE name = ?1")
                .and_then(|mut statement| {
                    statement.query_row([&feed.name], |row| {
                        Ok(FeedState {
                            id: FeedId(row.get(0)?),
                            name: feed.name.clone(),
                            url: row.get(1)?,
                            schedule: row.get(2)?,
                            etag: row.get(3)?,
                            last_modified: row.get(4)?,
                            next_poll_at: row.get::<_, Option<String>>(5)?.and_then(|text| text.parse().ok()),
                        })
                    })
                })
                .doing("reading a feed")?;
            states.push(state);
        }
        tx.commit().doing("writing the feeds")?;
        Ok(states)
    }

    /// Begins the transaction that everything handed over next belongs to. Waits for another process that writes.
    ///
    /// # Errors
    /// When another writer keeps the database for longer than `MOST_WAITS` busy timeouts; when the files were taken away.
    pub fn batch(&mut self) -> Result<Batch<'_>, Error> {
        if let Some(Err(error)) = self.files.as_mut().map(Files::check) {
            // Into the database file, if that is still ours; whoever opens it next finds everything there.
            self.checkpoint().ok();
            return Err(error);
        }
        for _ in 0..MOST_WAITS {
            match Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate) {
                Ok(tx) => return Ok(Batch { tx }),
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                    let waited_s = schema::BUSY_WAIT.as_secs();
                    tracing::warn!(
                        waited_s,
                        "another process keeps the database locked; what was fetched waits for it"
                    );
                }
                error => return error.map(|tx| Batch { tx }).doing("beginning a transaction"),
            }
        }
        Err(Error::Busy { minutes: (schema::BUSY_WAIT * MOST_WAITS).as_secs() / 60 })
    }

    /// Brings back what was put off while the clock stood wrong: by `set_back` where that is known, else what lies further ahead than anything is put off.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn bring_back(&mut self, set_back: Option<Duration>, now: Timestamp) -> Result<usize, Error> {
        let ahead = |wait: Duration| {
            let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
            time_text(now.checked_add(wait).unwrap_or(Timestamp::MAX))
        };
        let (limit, earlier) = match set_back {
            Some(set_back) => (ahead(Duration::ZERO), format!("-{} seconds", set_back.as_secs())),
            None => (ahead(LONGEST_WAIT), "-1000 years".to_owned()),
        };
        let batch = self.batch()?;
        let mut moved = 0;
        for sql in [
            "UPDATE entry SET next_attempt_at = max(?3, strftime('%Y-%m-%dT%H:%M:%SZ', next_attempt_at, ?2))
             WHERE state = 'queued' AND next_attempt_at > ?1",
            "UPDATE recheck SET due_at = max(?3, strftime('%Y-%m-%dT%H:%M:%SZ', due_at, ?2)) WHERE due_at > ?1",
        ] {
            moved += batch.tx.execute(sql, params![limit, earlier, time_text(now)]).doing("mending the queue")?;
        }
        batch.commit()?;
        Ok(moved)
    }

    /// Bytes of the WAL beside the database.
    #[must_use]
    pub fn wal_bytes(&self) -> u64 {
        self.conn.path().map_or(0, |path| room::file_bytes(&files::with_suffix(Path::new(path), "-wal")))
    }

    /// Writes the WAL back into the database file.
    ///
    /// Returns whether the whole WAL could be written back: not while a reader holds an old snapshot.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn checkpoint(&self) -> Result<bool, Error> {
        // A reader that holds an old snapshot is not waited for: everything else would wait with us, the end of the daemon too.
        self.conn.busy_timeout(CHECKPOINT_WAIT).doing("setting the busy timeout")?;
        let busy = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        self.conn.busy_timeout(schema::BUSY_WAIT).doing("setting the busy timeout")?;
        let busy = busy.doing("writing the WAL back")?;
        Ok(busy == 0)
    }

    /// Lets SQLite refresh its query statistics of what is large.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn optimize(&self) -> Result<(), Error> {
        schema::optimize(&self.conn)
    }
}

/// One transaction. Dropped without [`Batch::commit`], nothing of it happened.
#[derive(Debug)]
pub struct Batch<'a> {
    pub(super) tx: Transaction<'a>,
}

impl Batch<'_> {
    /// Makes everything since [`Writer::batch`] durable, as one.
    ///
    /// # Errors
    /// When the disk refuses: then nothing of it happened.
    pub fn commit(self) -> Result<(), Error> {
        self.tx.commit().doing("committing")
    }

    /// Writes down how a poll went.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn poll(&self, feed: FeedId, poll: &PollRecord) -> Result<(), Error> {
        let polled_at = time_text(poll.polled_at);
        let past = PastPoll {
            at: polled_at.clone(),
            new: poll.new as u64,
            known: poll.known as u64,
            error: poll.outcome.as_ref().err().cloned(),
        };
        self.tx
            .prepare_cached(
                "UPDATE feed SET url = ?2, title = coalesce(?3, title), schedule = ?4, state = ?5, etag = ?6, last_modified = ?7,
                   last_polled_at = ?8, last_success_at = iif(?9 IS NULL, ?8, last_success_at), last_error = coalesce(?9, ?12),
                   failures_in_row = ?10, next_poll_at = ?11, history = ?13 || char(10) || substr(history, 1, ?14) WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    feed.0,
                    poll.url,
                    poll.title,
                    poll.schedule,
                    poll.state,
                    poll.etag,
                    poll.last_modified,
                    polled_at,
                    poll.outcome.as_ref().err(),
                    poll.failures_in_row,
                    poll.next_poll_at.map(time_text),
                    poll.remark,
                    past.to_line(),
                    HISTORY_CHARS,
                ])
            })
            .doing("writing a poll")
            .map(drop)
    }

    /// The learnt word statistics, by key.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn statistics(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        self.tx
            .prepare_cached("SELECT key, bytes FROM statistics ORDER BY key")
            .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .doing("reading the word statistics")
    }

    /// Keeps rows of learnt word statistics; `None` deletes.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn keep_statistics(&self, rows: &[(String, Option<Vec<u8>>)]) -> Result<(), Error> {
        keep_rows(&self.tx, "statistics", rows)
    }

    pub(super) fn change(&self, at: &str, kind: &str, id: i64, action: &str) -> Result<i64, Error> {
        self.tx
            .prepare_cached("INSERT INTO change (at, kind, id, action) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut statement| statement.insert(params![at, kind, id, action]))
            .doing("writing a change")
    }

    /// The next id of a table with AUTOINCREMENT. Safe because this process alone inserts there (see [`super::Lock`]).
    pub(super) fn next_id(&self, table: &str) -> Result<i64, Error> {
        self.tx
            .prepare_cached("SELECT seq + 1 FROM sqlite_sequence WHERE name = ?1")
            .and_then(|mut statement| statement.query_row([table], |row| row.get(0)).optional())
            .doing("reading the next id")
            .map(|id| id.unwrap_or(1))
    }
}

/// Keeps rows of learnt word statistics in a table of theirs; `None` deletes.
pub(super) fn keep_rows(conn: &Connection, table: &str, rows: &[(String, Option<Vec<u8>>)]) -> Result<(), Error> {
    for (key, bytes) in rows {
        match bytes {
            Some(bytes) => conn
                .prepare_cached(&format!(
                    "INSERT INTO {table} VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes"
                ))
                .and_then(|mut statement| statement.execute(params![key, bytes])),
            None => conn
                .prepare_cached(&format!("DELETE FROM {table} WHERE key = ?1"))
                .and_then(|mut statement| statement.execute([key])),
        }
        .doing("writing the word statistics")?;
    }
    Ok(())
}
