//! How much room there is on a disk, and how much files take.

use std::path::Path;

use super::Error;

/// Free bytes on the disk that `path` lies on (a file that need not exist yet, or a folder), as far as this user may fill them.
///
/// # Errors
/// When the folder does not exist or the system does not say.
pub fn free_bytes(path: &Path) -> std::io::Result<u64> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Bytes of a file; none where there is no such file.
pub(super) fn file_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Refuses what would fill the disk: `needed` bytes at `path` must leave a little over.
pub(super) fn ensure(path: &Path, needed: u64) -> Result<(), Error> {
    /// What other programs on the same disk may need meanwhile.
    const SPARE: u64 = 16 << 20;
    let free = free_bytes(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    if free < needed.saturating_add(SPARE) {
        return Err(Error::NoRoom { path: path.to_owned(), needed: size_text(needed), free: size_text(free) });
    }
    Ok(())
}

/// A number of bytes for a person: `1.4 GB`, units of 1000.
#[must_use]
pub fn size_text(bytes: u64) -> String {
    for (unit, size) in [("GB", 1_000_000_000_u64), ("MB", 1_000_000), ("kB", 1_000)] {
        if bytes >= size {
            let tenths = bytes / (size / 10);
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_before_it_is_begun() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.db");
        ensure(&path, 1).unwrap();
        let refused = ensure(&path, 1 << 60).unwrap_err().to_string();
        assert!(refused.contains("1152921504.6 GB"), "{refused}");
    }

    #[test]
    fn sizes_read_well() {
        for (bytes, text) in [(0, "0 bytes"), (999, "999 bytes"), (1_450, "1.4 kB"), (334_000_000, "334.0 MB")] {
            assert_eq!(size_text(bytes), text);
        }
    }
}
