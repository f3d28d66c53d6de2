//! `<db>.lock`: whoever holds it runs the pipeline.
//!
//! An advisory lock of the operating system: it goes with the process, so a crash leaves nothing to clean up.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{Error, files};

/// The right to run the pipeline on one database; given back when dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the database at `db`.
    ///
    /// # Errors
    /// [`Error::Locked`] with the holder's process id when another process has it; [`Error::Lock`] when the file cannot be used.
    pub fn take(db: &Path) -> Result<Self, Error> {
        let path = lock_path(db);
        let io = |source| Error::Lock { path: path.clone(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.take(20).read_to_string(&mut holder).ok();
                let holder = holder.trim();
                let holder = if holder.is_empty() { "?" } else { holder }.to_owned();
                return Err(Error::Locked { path, holder });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(io)?;
        Ok(Self { _file: file })
    }

    /// The process that holds the lock of the database at `db`, if one does.
    #[must_use]
    pub fn holder(db: &Path) -> Option<String> {
        let mut file = File::open(lock_path(db)).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                (&mut file).take(20).read_to_string(&mut holder).ok()?;
                Some(holder.trim().to_owned())
            }
            _ => None,
        }
    }
}

fn lock_path(db: &Path) -> PathBuf {
    files::beside(db, "lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_with_the_first_ones_pid() {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("news.db");
        let first = Lock::take(&db).unwrap();
        let refused = Lock::take(&db).unwrap_err();
        assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
        assert_eq!(Lock::holder(&db), Some(std::process::id().to_string()));
        drop(first);
        assert_eq!(Lock::holder(&db), None);
        Lock::take(&db).unwrap();
    }
}
