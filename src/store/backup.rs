//! A consistent copy of a database while others write to it.
//!
//! Page by page through SQLite's online backup, inside one read transaction: the copy is the database at one moment, a writer neither waits nor makes
//! it begin anew. (`VACUUM INTO` is consistent too, but builds every index again, with twice the time and no progress.) The WAL of the original
//! cannot be written back meanwhile: it grows by what is stored while the copy is made.
//!
//! Invariants: a file under its final name is whole, checked and on disk; what is not is called `….partial` and is written over by the next copy.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::error::Doing;
use super::files::beside;
use super::{Error, Pages, room, schema};

/// What happens to a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, nothing is copied.
    Refuse,
    /// The copy takes its place once it is whole.
    Replace,
}

/// Pages copied between two calls of the progress: 8 MB, a few tens of milliseconds.
const STEP: i32 = 2048;

/// How long the copy waits when something else holds one of the files, in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// Copies the database at `db`, whatever its schema, to `to`; gives back the size of the copy. `progress` is told bytes done and bytes in all.
///
/// # Errors
/// When there is no database, `to` exists and may not be replaced, there is no room, or the copy does not pass `PRAGMA quick_check`.
pub fn backup(db: &Path, to: &Path, existing: Existing, progress: impl FnMut(u64, u64)) -> Result<u64, Error> {
    let source = schema::open_of_any_age(db)?;
    copy(&source, db, to, existing, progress)
}

/// Copies the raw pages of the database at `db` beside its copy at `to`, where there are any: under the name that a database at `to` looks for.
///
/// # Errors
/// As for [`backup`].
pub fn backup_pages(
    db: &Path,
    to: &Path,
    existing: Existing,
    progress: impl FnMut(u64, u64),
) -> Result<Option<(PathBuf, u64)>, Error> {
    let (from, to) = (Pages::path(db), Pages::path(to));
    if !from.exists() {
        return Ok(None);
    }
    let source = Connection::open_with_flags(&from, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|source| Error::Open { path: from.clone(), source })?;
    source.busy_timeout(Duration::from_secs(10)).doing("setting the busy timeout")?;
    let bytes = copy(&source, &from, &to, existing, progress)?;
    Ok(Some((to, bytes)))
}

/// Copies the database that `source` has open and that lies at `from`.
pub(super) fn copy(
    source: &Connection,
    from: &Path,
    to: &Path,
    existing: Existing,
    progress: impl FnMut(u64, u64),
) -> Result<u64, Error> {
    let exists = to.exists();
    if exists && is_same_file(from, to) {
        return Err(Error::Itself { path: to.to_owned() });
    }
    if exists && existing == Existing::Refuse {
        return Err(Error::Exists { path: to.to_owned() });
    }
    let partial = beside(to, "partial");
    let io = |source| Error::File { path: partial.clone(), source };
    let file = own(&partial)?;
    let mode = std::fs::metadata(from).map_err(|source| Error::File { path: from.to_owned(), source })?.permissions();
    file.set_permissions(mode).map_err(io)?;

    // The read transaction is what makes all steps see one moment.
    let moment = source.unchecked_transaction().doing("copying the database")?;
    let count = |name| -> Result<u64, Error> {
        let number: i64 = moment.pragma_query_value(None, name, |row| row.get(0)).doing("copying the database")?;
        Ok(number.unsigned_abs())
    };
    let page_bytes = count("page_size")?;
    let bytes = page_bytes * count("page_count")?;
    room::ensure(&partial, bytes)?;
    copy_pages(&moment, &partial, page_bytes, progress)?;
    drop(moment);

    file.sync_all().map_err(io)?;
    std::fs::rename(&partial, to).map_err(|source| Error::File { path: to.to_owned(), source })?;
    sync_folder(to)?;
    Ok(bytes)
}

/// An empty file that no other copy is being written into.
fn own(partial: &Path) -> Result<File, Error> {
    let io = |source| Error::File { path: partial.to_owned(), source };
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(partial).map_err(io)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(Error::Copying { path: partial.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(io(source)),
    }
    file.set_len(0).map_err(io)?;
    Ok(file)
}

fn copy_pages(
    source: &Connection,
    to: &Path,
    page_bytes: u64,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), Error> {
    let mut target = Connection::open(to).map_err(|source| Error::Open { path: to.to_owned(), source })?;
    // Nobody else opens the file, and it is synchronized once, when it is whole.
    target
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        .doing("copying the database")?;
    let copying = Backup::new(source, &mut target).doing("copying the database")?;
    let mut patience = PATIENCE;
    loop {
        let step = copying.step(STEP).doing("copying the database")?;
        let at = copying.progress();
        let [done, total] =
            [at.pagecount - at.remaining, at.pagecount].map(|pages| u64::try_from(pages).unwrap_or(0) * page_bytes);
        progress(done, total);
        match step {
            StepResult::Done => break,
            StepResult::Busy | StepResult::Locked if !patience.is_zero() => {
                let pause = Duration::from_millis(50);
                sleep(pause);
                patience = patience.saturating_sub(pause);
            }
            StepResult::Busy | StepResult::Locked => return Err(Error::Copying { path: to.to_owned() }),
            _ => {}
        }
    }
    drop(copying);
    // One file that is complete by itself: no WAL to lose, readable on a read-only disk.
    target.pragma_update(None, "journal_mode", "delete").doing("copying the database")?;
    let sound: String = target.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).doing("checking the copy")?;
    if sound != "ok" {
        return Err(Error::Unsound { path: to.to_owned(), what: sound });
    }
    Ok(())
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// A rename is durable once its folder is.
fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| Error::File { path: folder.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(path: &Path, rows: usize) -> Connection {
        let conn = schema::open_writing(path).unwrap();
        fill(&conn, rows);
        conn
    }

    fn fill(conn: &Connection, rows: usize) {
        let tx = conn.unchecked_transaction().unwrap();
        for _ in 0..rows {
            conn.execute(
                "INSERT INTO change (at, kind, id, action) VALUES (hex(zeroblob(500000)), 'event', 1, 'edited')",
                [],
            )
            .unwrap();
        }
        tx.commit().unwrap();
    }

    fn rows(path: &Path) -> i64 {
        Connection::open(path).unwrap().query_row("SELECT count(*) FROM change", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_copy_is_one_moment_though_others_write_while_it_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let (db, to) = (folder.path().join("news.db"), folder.path().join("copy.db"));
        // 30 MB: several steps.
        let writer = filled(&db, 30);
        let mut told = Vec::new();
        backup(&db, &to, Existing::Refuse, |done, total| {
            told.push((done, total));
            fill(&writer, 1);
        })
        .unwrap();
        assert!(told.len() > 1 && told.last().is_some_and(|(done, total)| done == total), "{told:?}");
        assert_eq!(rows(&to), 30);
        let mut names: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["copy.db", "news.db", "news.db-shm", "news.db-wal"]);
    }

    #[test]
    fn what_is_there_stays_unless_it_may_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (db, to) = (folder.path().join("news.db"), folder.path().join("copy.db"));
        drop(filled(&db, 3));
        std::fs::write(&to, "precious").unwrap();
        let refused = backup(&db, &to, Existing::Refuse, |_, _| {}).unwrap_err().to_string();
        assert!(refused.contains("--force"), "{refused}");
        assert_eq!(std::fs::read(&to).unwrap(), b"precious");
        backup(&db, &to, Existing::Replace, |_, _| {}).unwrap();
        assert_eq!(rows(&to), 3);
        assert!(matches!(backup(&db, &db, Existing::Replace, |_, _| {}), Err(Error::Itself { .. })));
    }

    #[test]
    fn two_copies_into_one_file_do_not_mix() {
        let folder = tempfile::tempdir().unwrap();
        let (db, to) = (folder.path().join("news.db"), folder.path().join("copy.db"));
        drop(filled(&db, 3));
        let _other = own(&beside(&to, "partial")).unwrap();
        assert!(matches!(backup(&db, &to, Existing::Refuse, |_, _| {}), Err(Error::Copying { .. })));
        assert!(!to.exists());
    }
}
