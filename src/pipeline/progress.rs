//! What the recorder has done so far, for whoever shows it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::story::Filed;

/// What was done since the start. Shared with whoever shows progress.
#[derive(Debug, Default)]
pub struct Progress {
    pub(super) announced: AtomicU64,
    pub(super) stored: AtomicU64,
    pub(super) edited: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) outside: AtomicU64,
    pub(super) put_back: AtomicU64,
    pub(super) ended: AtomicU64,
    pub(super) looked: AtomicU64,
    pub(super) gone: AtomicU64,
    pub(super) strides: AtomicU64,
}

/// [`Progress`] at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Entries queued, for the first time or again.
    pub announced: u64,
    /// New articles.
    pub stored: u64,
    /// Articles whose words changed.
    pub edited: u64,
    /// Entries rejected.
    pub rejected: u64,
    /// Entries of a backfill, published outside its range.
    pub outside: u64,
    /// Attempts that failed and left the entry queued.
    pub put_back: u64,
    /// Entries that left the queue.
    pub ended: u64,
    /// Stored stories that were looked at again.
    pub looked: u64,
    /// Stories found to be gone.
    pub gone: u64,
}

impl Progress {
    /// The numbers now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Snapshot {
            announced: read(&self.announced),
            stored: read(&self.stored),
            edited: read(&self.edited),
            rejected: read(&self.rejected),
            outside: read(&self.outside),
            put_back: read(&self.put_back),
            ended: read(&self.ended),
            looked: read(&self.looked),
            gone: read(&self.gone),
        }
    }

    /// How often the recorder has come a step further with work that keeps it from answering for minutes.
    #[must_use]
    pub fn strides(&self) -> u64 {
        self.strides.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, filed: Filed) {
        let counter = match filed {
            Filed::New => &self.stored,
            Filed::Edited => &self.edited,
            Filed::Gone => &self.gone,
            Filed::Outside => &self.outside,
            Filed::Unchanged => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
