//! A partition of all articles is collected in a file beside the database, `<db>.regroup`: a run that was stopped, or killed, goes on where it was.
//!
//! Whether that file is still good it says itself: what it was made of must be what there is now. Anything else about it, damage included, makes it
//! worth nothing, and it is made anew.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use super::{DOING, Reached};
use crate::store::Error;
use crate::store::error::Doing;

/// The file's name within the connection.
pub(super) const NAME: &str = "collected";

/// `<db>.regroup`.
pub(super) fn path(db: &Path) -> PathBuf {
    let mut path = db.as_os_str().to_owned();
    path.push(".regroup");
    PathBuf::from(path)
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

/// Opens the file: the one that was left, if it is whole and was made of the same.
pub(super) fn attach(conn: &Connection, path: &Path, made_of: &str) -> Result<(), Error> {
    if path.exists() && is_good(conn, path, made_of) {
        return Ok(());
    }
    remove(conn, path)?;
    open(conn, path)
}

fn is_good(conn: &Connection, path: &Path, made_of: &str) -> bool {
    let text = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0)).ok();
    open(conn, path).is_ok()
        && text("SELECT made_of FROM collected.reached").is_some_and(|left| left == made_of)
        && text("PRAGMA collected.quick_check(1)").is_some_and(|said| said == "ok")
        // What the end of a run fills in, it fills in anew.
        && conn.execute_batch("UPDATE collected.grouped SET becomes = NULL").is_ok()
}

/// How far the run had come that left the file.
pub(super) fn reached(conn: &Connection) -> Result<Option<Reached>, Error> {
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM collected.sqlite_schema WHERE name = 'reached'", [], |row| row.get(0))
        .doing(DOING)?;
    if tables == 0 {
        return Ok(None);
    }
    conn.query_row("SELECT place, broken FROM collected.reached", [], |row| {
        Ok(Reached { place: row.get(0)?, broken: row.get::<_, i64>(1)?.unsigned_abs() })
    })
    .optional()
    .doing(DOING)
}

/// Closes the file and removes it.
pub(super) fn remove(conn: &Connection, path: &Path) -> Result<(), Error> {
    let attached: bool = conn
        .query_row("SELECT count(*) FROM pragma_database_list WHERE name = ?1", [NAME], |row| row.get(0))
        .doing(DOING)?;
    if attached {
        conn.execute_batch("DETACH collected").doing(DOING)?;
    }
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::File { path: file.into(), source: error });
            }
            _ => {}
        }
    }
    Ok(())
}

fn open(conn: &Connection, path: &Path) -> Result<(), Error> {
    conn.execute("ATTACH ?1 AS collected", [path.to_string_lossy()]).doing(DOING)?;
    conn.execute_batch("PRAGMA collected.journal_mode = wal; PRAGMA collected.synchronous = normal; PRAGMA collected.cache_size = -32768;").doing(DOING)
}
