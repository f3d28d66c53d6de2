//! The memory that all bodies share: bounded, so that hostile servers cannot fill it, and never so scarce that nobody gets on.
//!
//! Every body has [`FREE_BYTES`] of its own. What it needs beyond that comes from one budget, piece by piece; when that is spent,
//! one body at a time may go on regardless of it, so that something always ends and gives back what it holds.

use tokio::sync::{Semaphore, SemaphorePermit};

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
    pieces: Semaphore,
    last_resort: Semaphore,
}

/// What one body holds of the budget; given back when dropped.
#[derive(Default)]
pub(super) struct Share<'a> {
    pieces: Option<SemaphorePermit<'a>>,
    last_resort: Option<SemaphorePermit<'a>>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self {
            decoders: Semaphore::new(DECODERS),
            pieces: Semaphore::new((BUDGET_BYTES / PIECE_BYTES) as usize),
            last_resort: Semaphore::new(1),
        }
    }

    /// Waits for the right to decompress.
    pub(super) async fn decoder(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        self.decoders.acquire().await.ok()
    }

    /// Waits until a body that holds `share` may hold more, and says how many bytes more.
    pub(super) async fn grow<'a>(&'a self, share: &mut Share<'a>) -> u64 {
        if share.last_resort.is_none() {
            // The semaphores are never closed.
            tokio::select! {
                biased;
                Ok(piece) = self.pieces.acquire() => match &mut share.pieces {
                    Some(pieces) => pieces.merge(piece),
                    none => *none = Some(piece),
                },
                Ok(permit) = self.last_resort.acquire() => share.last_resort = Some(permit),
            }
        }
        PIECE_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_body_gets_on_when_the_budget_is_spent() {
        let memory = Memory::new();
        let (mut hoarder, mut lucky, mut waiting) = (Share::default(), Share::default(), Share::default());
        for _ in 0..BUDGET_BYTES / PIECE_BYTES {
            memory.grow(&mut hoarder).await;
        }
        assert!(hoarder.last_resort.is_none());
        for _ in 0..100 {
            memory.grow(&mut lucky).await;
        }
        assert!(lucky.last_resort.is_some() && lucky.pieces.is_none());
        let third = memory.grow(&mut waiting);
        tokio::pin!(third);
        assert!(futures_util::poll!(&mut third).is_pending());
        drop(lucky);
        third.await;
    }
}
