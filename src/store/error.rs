//! What can go wrong with the database, in words for the person who has to mend it.

use std::path::PathBuf;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or its folder cannot be opened or made.
    #[error("cannot open the database `{path}`; check that its folder exists and is writable")]
    Open {
        /// The database.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// There is no database yet.
    #[error("no database at `{path}`; `dateline run` creates it, or name another with `[store] path`")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is a database of another program.
    #[error(
        "`{path}` is a database, but not dateline's (application_id {found}); name another file with `[store] path`"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its `PRAGMA application_id`.
        found: i64,
    },
    /// Written by a newer dateline.
    #[error("`{path}` has schema {found}, this binary knows {known}; install the newer dateline that wrote it")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its `PRAGMA user_version`.
        found: i64,
        /// The newest version this binary knows.
        known: i64,
    },
    /// Written by an older dateline, and what is asked needs the present schema.
    #[error(
        "`{path}` has schema {found}, this binary reads schema {known}; `dateline run` brings it up to date and keeps a copy"
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its `PRAGMA user_version`.
        found: i64,
        /// The version this binary reads.
        known: i64,
    },
    /// The schema is to be brought up to date while another process has the database open.
    #[error(
        "`{path}` has schema {found} and process {holder} runs on it; stop that one first, then it is brought up to schema {known}"
    )]
    HeldBack {
        /// The file.
        path: PathBuf,
        /// Its `PRAGMA user_version`.
        found: i64,
        /// The version it would get.
        known: i64,
        /// The holder's process id as it wrote it, or `?`.
        holder: String,
    },
    /// Another process runs the pipeline on this database.
    #[error("`{path}` is in use by process {holder}; stop it first, or name another database")]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The holder's process id as it wrote it, or `?`.
        holder: String,
    },
    /// The lock file cannot be made or read.
    #[error("cannot take the lock `{path}`; check that its folder is writable")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file beside the database cannot be used.
    #[error("cannot use `{path}` beside the database; check its owner and mode")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The disk is too full for what is to be written.
    #[error("no room for `{path}`: {needed} are needed, {free} are free; make room, or name a place on another disk")]
    NoRoom {
        /// What is to be written.
        path: PathBuf,
        /// Its size.
        needed: String,
        /// What the disk has.
        free: String,
    },
    /// A copy must not replace what is there.
    #[error("`{path}` exists; name another file, or replace it with `--force`")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A copy would replace what it copies.
    #[error("`{path}` is the original itself; name another file")]
    Itself {
        /// The file.
        path: PathBuf,
    },
    /// Another process writes the same copy.
    #[error("`{path}` is being written by another process; wait for it, or name another file")]
    Copying {
        /// The unfinished copy.
        path: PathBuf,
    },
    /// A copy is not what it should be.
    #[error(
        "the copy `{path}` is damaged ({what}) and was not put in place; check the disk, and the original with `PRAGMA integrity_check`"
    )]
    Unsound {
        /// The unfinished copy.
        path: PathBuf,
        /// What `PRAGMA quick_check` said first.
        what: String,
    },
    /// A file of the database was taken away under us.
    #[error(
        "`{path}` was removed or replaced while it was in use; what was committed is in the database file as far as it is still there, start again"
    )]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// Another process writes and does not end.
    #[error(
        "another process has kept the database locked for {minutes} minutes; end it and start again, nothing is lost"
    )]
    Busy {
        /// For how long we waited.
        minutes: u64,
    },
    /// The disk is full.
    #[error(
        "no room left on the disk of the database while {doing}; free some and start again, nothing that was stored is lost"
    )]
    Full {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// What was typed is no query.
    #[error("cannot search for `{query}`: {problem}")]
    Query {
        /// What was typed.
        query: String,
        /// What is wrong with it, and the remedy.
        problem: String,
    },
    /// A statement failed.
    #[error("the database refused while {doing}")]
    Sql {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// A stored value cannot be read back.
    #[error("{what} in the database is damaged; restore a backup, or run `PRAGMA integrity_check`")]
    Damaged {
        /// Which value.
        what: String,
    },
}

impl Error {
    /// Whether a statement was broken off ([`Interrupt`](super::Interrupt)).
    #[must_use]
    pub fn is_broken_off(&self) -> bool {
        matches!(self, Self::Sql { source, .. } if source.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted))
    }
}

/// Names what was being done when a statement failed.
pub(crate) trait Doing<T> {
    fn doing(self, what: &'static str) -> Result<T, Error>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, what: &'static str) -> Result<T, Error> {
        self.map_err(|source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Error::Full { doing: what, source },
            _ => Error::Sql { doing: what, source },
        })
    }
}
