//! The files of a database: their names, and that they are still the ones that were opened.
//!
//! SQLite cannot tell: a removed WAL is written on, where nobody sees it, and lost with the process.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Error;

/// The files of an open database.
#[derive(Debug)]
pub(super) struct Files {
    db: PathBuf,
    wal: PathBuf,
    opened: Option<(Id, Id)>,
}

/// Device and number on it.
type Id = (u64, u64);

impl Files {
    pub(super) fn of(db: &Path) -> Self {
        Self { db: db.to_owned(), wal: with_suffix(db, "-wal"), opened: None }
    }

    /// The database.
    pub(super) fn db(&self) -> &Path {
        &self.db
    }

    /// Checks that both are there and the same as at the first look, which must come after the first transaction.
    pub(super) fn check(&mut self) -> Result<(), Error> {
        let found = id(&self.db).zip(id(&self.wal));
        match (self.opened, found) {
            (None, _) => self.opened = found,
            (Some(opened), found) if found != Some(opened) => {
                let path = if id(&self.db) == Some(opened.0) { &self.wal } else { &self.db };
                return Err(Error::Replaced { path: path.clone() });
            }
            _ => {}
        }
        Ok(())
    }
}

/// The name of a file beside another: `news.db` → `news.db.partial`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    with_suffix(path, &format!(".{suffix}"))
}

/// The name with something at its end: `news.db` → `news.db-wal`.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a database with what SQLite keeps beside it, as far as it is there.
///
/// # Errors
/// When the folder refuses.
pub fn remove_database(path: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match std::fs::remove_file(with_suffix(path, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn id(path: &Path) -> Option<Id> {
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_removed_or_replaced_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("news.db");
        let mut files = Files::of(&db);
        files.check().unwrap();
        std::fs::write(&db, "").unwrap();
        std::fs::write(&files.wal, "").unwrap();
        files.check().unwrap();
        files.check().unwrap();
        std::fs::remove_file(&files.wal).unwrap();
        assert!(files.check().unwrap_err().to_string().contains("news.db-wal` was removed or replaced"));
        std::fs::write(folder.path().join("other"), "").unwrap();
        std::fs::rename(folder.path().join("other"), &db).unwrap();
        assert!(files.check().unwrap_err().to_string().contains("news.db` was removed or replaced"));
    }
}
