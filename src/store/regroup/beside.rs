//! A partition of all articles is collected in a file beside the database, `<db>.regroup`: a run that was stopped, or killed, goes on where it was.
//!
//! Whether that file is still good it says itself: what it was made of must be what there is now. Anything else about it, damage included, makes it
//! worth nothing, and it is made anew.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{DOING, Reached};
use crate::store::error::Doing;
use crate::store::{Error, files};

/// The file's name within the connection.
pub(super) const NAME: &str = "collected";

/// `<db>.regroup`.
pub(super) fn path(db: &Path) -> PathBuf {
    files::beside(db, "regroup")
}

/// The articles as they are and what groups them, in short: every change of an article moves the end of `change`, pruning takes articles away.
pub(super) fn made_of(conn: &Connection, made_by: &str) -> Result<String, Error> {
    conn.query_row(
        "SELECT (SELECT max(seq) FROM change), (SELECT count(*) FROM article), (SELECT max(id) FROM article)",
        [],
        |row| {
            let number = |at: usize| row.get::<_, Option<i64>>(at).map(Option::unwrap_or_default);
            Ok(format!("{made_by}; change {}, {} articles up to {}", number(0)?, number(1)?, number(2)?))
        },
    )
    .doing(DOING)
}

/// Opens the file: the one that was left, if it is whole and was made of the same, and says how far the run had come that left it; else an empty one.
pub(super) fn attach(conn: &Connection, path: &Path, made_of: &str) -> Result<Option<Reached>, Error> {
    if path.exists()
        && let Some(reached) = left(conn, path, made_of)
    {
        return Ok(Some(reached));
    }
    remove(conn, path)?;
    open(conn, path)?;
    Ok(None)
}

fn left(conn: &Connection, path: &Path, made_of: &str) -> Option<Reached> {
    open(conn, path).ok()?;
    let reached = conn.query_row("SELECT place, broken FROM collected.reached WHERE made_of = ?1", [made_of], |row| {
        Ok(Reached { place: row.get(0)?, broken: row.get::<_, i64>(1)?.unsigned_abs() })
    });
    let reached = reached.ok()?;
    let said: String = conn.query_row("PRAGMA collected.quick_check(1)", [], |row| row.get(0)).ok()?;
    // What the end of a run fills in, it fills in anew.
    (said == "ok" && conn.execute_batch("UPDATE collected.grouped SET becomes = NULL").is_ok()).then_some(reached)
}

/// Closes the file and removes it.
pub(super) fn remove(conn: &Connection, path: &Path) -> Result<(), Error> {
    let attached: bool = conn
        .query_row("SELECT count(*) FROM pragma_database_list WHERE name = ?1", [NAME], |row| row.get(0))
        .doing(DOING)?;
    if attached {
        conn.execute_batch("DETACH collected").doing(DOING)?;
    }
    files::remove_database(path).map_err(|source| Error::File { path: path.to_owned(), source })
}

fn open(conn: &Connection, path: &Path) -> Result<(), Error> {
    conn.execute("ATTACH ?1 AS collected", [path.to_string_lossy()]).doing(DOING)?;
    conn.execute_batch("PRAGMA collected.journal_mode = wal; PRAGMA collected.synchronous = normal; PRAGMA collected.cache_size = -32768;").doing(DOING)
}
