//! Opening the file: pragmas, identity.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::Error;
use super::error::Doing;
use super::migrate::{SCHEMA_VERSION, migrate};

/// `PRAGMA application_id` of dateline's databases: "dtln".
pub const APPLICATION_ID: i64 = 0x6474_6c6e;

/// How long a statement waits for another process that writes.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(30);

/// Opens for writing, creating and migrating as needed.
pub(super) fn open_writing(path: &Path) -> Result<Connection, Error> {
    create_group_readable(path)?;
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(|source| Error::Open { path: path.to_owned(), source })?;
    conn.busy_timeout(BUSY_WAIT).doing("setting the busy timeout")?;
    let version = identify(&conn, path)?;
    if version == 0 {
        // So that the file can get smaller. It can be said of an empty file only, and before the WAL makes it one with a header.
        conn.pragma_update(None, "auto_vacuum", "incremental").doing("setting pragmas")?;
    }
    conn.pragma_update(None, "journal_mode", "wal").map_err(|source| Error::Open { path: path.to_owned(), source })?;
    // FULL: a committed article survives a power cut. The WAL is kept on close, so it is bounded here.
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -32768;")
        .doing("setting pragmas")?;
    keep_wal_on_close(&conn)?;
    // A batch has more kinds of statement than the 16 that are kept by default, and none is worth planning anew for each row's values.
    conn.set_prepared_statement_cache_capacity(128);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).doing("keeping query plans")?;
    migrate(&conn, path, version)?;
    conn.pragma_update(None, "foreign_keys", true).doing("setting pragmas")?;
    forget_small(&conn)?;
    Ok(conn)
}

/// Tables of fewer rows are planned for as if nothing were known of them: what is true of them will not be for long.
const SETTLED: i64 = 10_000;

/// A table is looked at again when it has grown, or shrunk, so many times (that of `PRAGMA optimize`).
const GROWN: i64 = 10;

/// Rows of an index that are looked at, of which the others are judged (that of `PRAGMA optimize`).
const LOOKED_AT: i64 = 2_000;

/// Lets SQLite refresh its query statistics: of each table when it has [`SETTLED`], and ten, a hundred, a thousand times later.
///
/// `PRAGMA optimize` would do so each time, for as long as any index of a table is empty, as those of what is queued or gone mostly are, and count
/// all entries of all of its indexes: 690 MB read in a database of a million short articles (2026-11-23).
///
/// Of a table with one row it learns that reading all of it costs nothing; the join that loads a day of the index then walked over all articles for
/// each, a million by then, for ten minutes (2026-11-23). So statistics of what is still small are none.
pub(super) fn optimize(conn: &Connection) -> Result<(), Error> {
    let doing = "optimizing";
    for table in outgrown(conn)? {
        conn.execute_batch(&format!("PRAGMA analysis_limit = {LOOKED_AT}; ANALYZE {table};")).doing(doing)?;
    }
    forget_small(conn)
}

/// The tables whose rows have numbers given in order, of which the oldest go first: the span of the numbers tells how many there are. Counting would
/// read them all. The others are small, or looked up by their keys alone.
const NUMBERED: [&str; 5] = ["article", "change", "entry", "event", "signature"];

/// Tables that have another order of magnitude than when they were last looked at.
fn outgrown(conn: &Connection) -> Result<Vec<&'static str>, Error> {
    let doing = "reading the query statistics";
    let is_known = has_statistics(conn)?;
    let mut outgrown = Vec::new();
    for table in NUMBERED {
        let span = format!("SELECT (SELECT max(rowid) FROM {table}) - (SELECT min(rowid) FROM {table}) + 1");
        let rows: Option<i64> = conn.query_row(&span, [], |row| row.get(0)).doing(doing)?;
        let known: Option<i64> = if is_known {
            conn.query_row("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = ?1", [table], |row| {
                row.get(0)
            })
            .doing(doing)?
        } else {
            None
        };
        let (rows, known) = (rows.unwrap_or(0), known.unwrap_or(0));
        if rows >= SETTLED && (rows / GROWN >= known || known / GROWN >= rows) {
            outgrown.push(table);
        }
    }
    Ok(outgrown)
}

fn has_statistics(conn: &Connection) -> Result<bool, Error> {
    conn.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1')", [], |row| row.get(0))
        .doing("reading the query statistics")
}

fn forget_small(conn: &Connection) -> Result<(), Error> {
    let doing = "reading the query statistics";
    if has_statistics(conn)? {
        // The first number is that of the rows (sqlite.org/fileformat2.html, 2.6.3); ANALYZE of the schema reads what is left.
        let forgotten =
            conn.execute("DELETE FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) < ?1", [SETTLED]).doing(doing)?;
        if forgotten > 0 {
            conn.execute_batch("ANALYZE sqlite_schema").doing(doing)?;
        }
    }
    Ok(())
}

/// Opens an empty database that nobody else sees and that goes with its connection.
pub(super) fn open_scratch() -> Result<Connection, Error> {
    // The empty name: a file of SQLite's own, deleted when closed (sqlite.org/inmemorydb.html).
    let conn = Connection::open("").doing("opening a scratch database")?;
    conn.pragma_update(None, "synchronous", "off").doing("setting pragmas")?;
    migrate(&conn, Path::new(""), 0)?;
    conn.pragma_update(None, "foreign_keys", true).doing("setting pragmas")?;
    Ok(conn)
}

/// Opens with read-only rights; the file must exist and have the schema that this binary writes: what reads it asks for its columns.
pub(super) fn open_reading(path: &Path) -> Result<Connection, Error> {
    let conn = open_of_any_age(path)?;
    match identify(&conn, path)? {
        SCHEMA_VERSION => Ok(conn),
        found => Err(Error::Older { path: path.to_owned(), found, known: SCHEMA_VERSION }),
    }
}

/// Opens with read-only rights, whatever schema that this binary knows; the file must exist.
pub(super) fn open_of_any_age(path: &Path) -> Result<Connection, Error> {
    if !path.exists() {
        return Err(Error::Missing { path: path.to_owned() });
    }
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|source| Error::Open { path: path.to_owned(), source })?;
    conn.busy_timeout(Duration::from_secs(10)).doing("setting the busy timeout")?;
    keep_wal_on_close(&conn)?;
    match identify(&conn, path)? {
        0 => Err(Error::Missing { path: path.to_owned() }),
        _ => Ok(conn),
    }
}

/// Readers without write permission need the WAL and its index to be there, also after the last writer has gone.
fn keep_wal_on_close(conn: &Connection) -> Result<(), Error> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).doing("keeping the WAL on close").map(drop)
}

/// The schema version of a database that is ours; 0 for a new, empty file.
fn identify(conn: &Connection, path: &Path) -> Result<i64, Error> {
    // Of one moment: another process may be making it just now.
    let look = || -> rusqlite::Result<(i64, i64, i64)> {
        let tx = conn.unchecked_transaction()?;
        let tables = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let pragma = |name: &str| tx.pragma_query_value(None, name, |row| row.get(0));
        Ok((tables, pragma("application_id")?, pragma("user_version")?))
    };
    let (tables, application, version) = look().map_err(|source| Error::Open { path: path.to_owned(), source })?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(Error::Foreign { path: path.to_owned(), found: application });
    }
    if version > SCHEMA_VERSION {
        return Err(Error::Newer { path: path.to_owned(), found: version, known: SCHEMA_VERSION });
    }
    Ok(version)
}

/// SQLite gives `-wal` and `-shm` the mode of the database: made readable to the group once, all three stay so.
fn create_group_readable(path: &Path) -> Result<(), Error> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    }
    let io = |source| Error::File { path: path.to_owned(), source };
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = file.metadata().map_err(io)?.permissions();
        permissions.set_mode(permissions.mode() | 0o640);
        file.set_permissions(permissions).map_err(io)?;
    }
    drop(file);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_and_a_newer_database_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let foreign = folder.path().join("foreign.db");
        Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
        assert!(matches!(open_writing(&foreign), Err(Error::Foreign { .. })));

        let newer = folder.path().join("newer.db");
        open_writing(&newer).unwrap().pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
        let refused = open_writing(&newer).unwrap_err();
        assert!(refused.to_string().contains("newer dateline"), "{refused}");
        assert!(matches!(open_reading(&newer), Err(Error::Newer { .. })));
    }

    #[test]
    fn an_older_database_is_read_by_nothing_but_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.db");
        open_writing(&path).unwrap().pragma_update(None, "user_version", SCHEMA_VERSION - 1).unwrap();
        if SCHEMA_VERSION > 1 {
            let refused = open_reading(&path).unwrap_err().to_string();
            assert!(refused.contains("`dateline run`"), "{refused}");
            open_of_any_age(&path).unwrap();
        }
    }

    #[test]
    fn a_small_table_says_nothing_of_how_a_large_one_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.db");
        let conn = open_writing(&path).unwrap();
        conn.execute_batch(
            "INSERT INTO event (id) VALUES (1);
             INSERT INTO article (event_id, url, canonical_url, publisher, authors, fetched_at, categories, text, word_count, content_hash)
               VALUES (1, '', '', '', '[]', '', '[]', '', 0, x'');
             INSERT INTO signature VALUES (1, 0, x''); ANALYZE;",
        )
        .unwrap();
        let plan = |conn: &Connection| -> Vec<String> {
            let sql = "EXPLAIN QUERY PLAN SELECT a.event_id FROM signature s JOIN article a ON a.id = s.article_id WHERE s.day = ?1";
            let mut statement = conn.prepare(sql).unwrap();
            statement.query_map([1], |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap()
        };
        let scans = |conn: &Connection| plan(conn).iter().any(|step| step.starts_with("SCAN"));
        assert!(scans(&conn), "one row is as quickly read as found: {:?}", plan(&conn));
        optimize(&conn).unwrap();
        assert!(!scans(&conn), "{:?}", plan(&conn));
        conn.execute_batch("ANALYZE").unwrap();
        drop(conn);
        assert!(!scans(&open_writing(&path).unwrap()));
    }

    #[test]
    fn a_large_table_is_looked_at_once_for_each_order_of_magnitude() {
        let folder = tempfile::tempdir().unwrap();
        let conn = open_writing(&folder.path().join("news.db")).unwrap();
        let grow = |from: i64, to: i64| {
            let rows = format!("WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})");
            conn.execute_batch(&format!("{rows} INSERT INTO event (id) SELECT i FROM n;")).unwrap();
        };
        let check = |expect: &[&str]| {
            assert_eq!(outgrown(&conn).unwrap(), expect);
            optimize(&conn).unwrap();
            assert!(outgrown(&conn).unwrap().is_empty(), "though indexes of it are empty");
        };
        conn.execute_batch(&format!("INSERT INTO seen VALUES ({}), ({})", i64::MIN, i64::MAX)).unwrap();
        grow(1, SETTLED - 1);
        check(&[]);
        grow(SETTLED, SETTLED);
        check(&["event"]);
        grow(SETTLED + 1, 9 * SETTLED);
        check(&[]);
        grow(9 * SETTLED + 1, 10 * SETTLED);
        check(&["event"]);
        conn.execute("DELETE FROM event WHERE id <= ?1", [9 * SETTLED]).unwrap();
        check(&["event"]);
    }

    #[test]
    fn a_database_that_is_just_made_is_missing_and_then_there() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..40 {
            let path = folder.path().join(format!("{round}.db"));
            let look = || loop {
                match open_reading(&path) {
                    Err(Error::Missing { .. }) => {}
                    opened => return opened.map(drop),
                }
            };
            std::thread::scope(|scope| {
                let readers = [scope.spawn(look), scope.spawn(look)];
                open_writing(&path).unwrap();
                for reader in readers {
                    reader.join().unwrap().unwrap();
                }
            });
        }
    }

    #[test]
    fn wal_and_shm_stay_when_the_last_connection_closes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.db");
        drop(open_writing(&path).unwrap());
        drop(open_reading(&path).unwrap());
        assert!(folder.path().join("news.db-wal").exists());
        assert!(folder.path().join("news.db-shm").exists());
    }
}
