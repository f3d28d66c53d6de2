//! The memory that all bodies share: bounded, so that hostile servers cannot fill it, and never so scarce that nobody gets on.
//!
//! A body's share stays with it until whoever asked for it is done: fetching waits for cleaning, not memory for both.
//!
//! Every body has [`FREE_BYTES`] of its own. What it needs beyond that comes from one budget, piece by piece; when that is spent,
//! one body at a time may go on regardless of it, so that something always ends and gives back what it holds.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// What every body may hold (news pages have 174 KB on average, measured 2026-11).
pub(super) const FREE_BYTES: u64 = 256 * 1024;

/// What a body gets from the budget at a time.
const PIECE_BYTES: u64 = 256 * 1024;

/// The budget.
const BUDGET_BYTES: u64 = 48 * 1024 * 1024;

/// Bodies that are decompressed at once, with up to 16 MB of window and `max_body` of result each. It takes milliseconds.
const DECODERS: usize = 2;

/// The budget of all bodies.
pub(super) struct Memory {
    decoders: Semaphore,
    pieces: Arc<Semaphore>,
    last_resort: Arc<Semaphore>,
}

/// What one body holds of the budget; given back when dropped.
#[derive(Debug, Default)]
pub(super) struct Share {
    bytes: u64,
    pieces: Option<OwnedSemaphorePermit>,
    last_resort: Option<OwnedSemaphorePermit>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self {
            decoders: Semaphore::new(DECODERS),
            pieces: Arc::new(Semaphore::new((BUDGET_BYTES / PIECE_BYTES) as usize)),
            last_resort: Arc::new(Semaphore::new(1)),
        }
    }

    /// Waits for the right to decompress.
    pub(super) async fn decoder(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        self.decoders.acquire().await.ok()
    }

    /// Waits until a body that holds `share` may hold `bytes` in all.
    pub(super) async fn grow(&self, share: &mut Share, bytes: u64) {
        while share.bytes + FREE_BYTES < bytes && share.last_resort.is_none() {
            // The semaphores are never closed.
            tokio::select! {
                biased;
                Ok(piece) = Arc::clone(&self.pieces).acquire_owned() => match &mut share.pieces {
                    Some(pieces) => pieces.merge(piece),
                    none => *none = Some(piece),
                },
                Ok(permit) = Arc::clone(&self.last_resort).acquire_owned() => share.last_resort = Some(permit),
            }
            share.bytes += PIECE_BYTES;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_body_gets_on_when_the_budget_is_spent() {
        let memory = Memory::new();
        let (mut hoarder, mut lucky, mut waiting) = (Share::default(), Share::default(), Share::default());
        memory.grow(&mut hoarder, BUDGET_BYTES + FREE_BYTES).await;
        assert!(hoarder.last_resort.is_none());
        memory.grow(&mut lucky, BUDGET_BYTES).await;
        assert!(lucky.last_resort.is_some() && lucky.pieces.is_none());
        memory.grow(&mut waiting, FREE_BYTES).await;
        let third = memory.grow(&mut waiting, FREE_BYTES + 1);
        tokio::pin!(third);
        assert!(futures_util::poll!(&mut third).is_pending());
        drop(lucky);
        third.await;
    }
}
