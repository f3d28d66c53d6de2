//! Bringing a database up to date: forward only, one transaction a step, a copy before the first. A new one is there at once, in one.
//!
//! To change the schema, add a file with the next number and name it in [`MIGRATIONS`]; what was released is never edited. `tests/it/upgrade`
//! says what else belongs to it. Keep steps small: a new column with a constant default costs nothing, an index costs a walk over its table.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::backup::{self, Existing};
use super::error::Doing;
use super::schema::APPLICATION_ID;
use super::{Error, Lock, files, room};

/// The schema that this binary writes: the number of migrations.
#[expect(clippy::cast_possible_wrap, reason = "a handful of migrations")]
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_backfill.sql"),
    include_str!("migrations/0003_recheck.sql"),
    include_str!("migrations/0004_event_publishers.sql"),
    include_str!("migrations/0005_keeping.sql"),
    include_str!("migrations/0006_health.sql"),
    include_str!("migrations/0007_readers.sql"),
    include_str!("migrations/0008_causes.sql"),
    include_str!("migrations/0009_seen.sql"),
];

/// Brings a database from schema `from` (0: empty) to [`SCHEMA_VERSION`].
///
/// An older database is copied first to `<db>.schema-<from>.bak`. Only the holder of the database's lock may do this: another process that has it open
/// expects the schema that it found.
pub(super) fn migrate(conn: &Connection, path: &Path, from: i64) -> Result<(), Error> {
    if from == SCHEMA_VERSION {
        return Ok(());
    }
    // Steps that build a table anew would trip over references to it.
    conn.pragma_update(None, "foreign_keys", false).doing(DOING)?;
    if from == 0 {
        return create(conn);
    }
    let _right = Right::take(path, from)?;
    let copy = files::beside(path, &format!("schema-{from}.bak"));
    tracing::info!(from, to = SCHEMA_VERSION, copy = %copy.display(), "the schema is brought up to date; the database is copied first");
    let bytes = backup::copy(conn, path, &copy, Existing::Replace, |_, _| {})?;
    // What a step needs beside the copy: at worst it writes every page into the WAL.
    room::ensure(path, bytes)?;
    for (version, sql) in (1_i64..).zip(MIGRATIONS) {
        if version > from {
            step(conn, version, sql)?;
        }
    }
    tracing::info!(schema = SCHEMA_VERSION, "the schema is up to date");
    Ok(())
}

const DOING: &str = "migrating the schema";

/// Nobody finds a new database half made: a reader would take it for one of an older binary.
fn create(conn: &Connection) -> Result<(), Error> {
    let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate).doing(DOING)?;
    for (version, sql) in (1_i64..).zip(MIGRATIONS) {
        apply(&tx, version, sql)?;
    }
    tx.commit().doing(DOING)
}

fn step(conn: &Connection, version: i64, sql: &str) -> Result<(), Error> {
    let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate).doing(DOING)?;
    apply(&tx, version, sql)?;
    tx.commit().doing(DOING)
}

/// Nothing when another process has done it since this one looked.
fn apply(tx: &Transaction<'_>, version: i64, sql: &str) -> Result<(), Error> {
    let found: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0)).doing(DOING)?;
    if found >= version {
        return Ok(());
    }
    tx.execute_batch(sql).doing(DOING)?;
    tx.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version};"))
        .doing(DOING)
}

/// The right to change the schema of a database that has articles.
enum Right {
    /// This process runs the pipeline on it.
    Held,
    /// Nobody does; nobody begins to before the schema is up to date.
    Taken { _lock: Lock },
}

impl Right {
    fn take(path: &Path, found: i64) -> Result<Self, Error> {
        match Lock::take(path) {
            Ok(lock) => Ok(Self::Taken { _lock: lock }),
            Err(Error::Locked { holder, .. }) if holder == std::process::id().to_string() => Ok(Self::Held),
            Err(Error::Locked { holder, .. }) => {
                Err(Error::HeldBack { path: path.to_owned(), found, known: SCHEMA_VERSION, holder })
            }
            Err(other) => Err(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_leaves_the_schema_as_it_was() {
        let conn = Connection::open_in_memory().unwrap();
        step(&conn, 1, MIGRATIONS[0]).unwrap();
        step(&conn, 2, "CREATE TABLE half (x); CREATE TABLE half (x);").unwrap_err();
        let left: (i64, i64) = conn
            .query_row("SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema WHERE name = 'half')", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(left, (1, 0));
    }
}
