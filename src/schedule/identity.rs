//! [`Identity`]: by what a feed's entries are told apart, its guids or its addresses.
//!
//! A guid is the publisher's promise that an item stays the same when its address is edited. Feeds that break the promise
//! (guids that number the places of a list, that change with every reading, that several items share) are demoted to
//! addresses by themselves, and stay demoted.

use serde::{Deserialize, Serialize};

use super::{Item, Seen};

/// What is known of a feed's guids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// Items whose guid had changed, over all readings.
    changed: u32,
    /// Items whose guid belonged to another address, over all readings.
    reused: u32,
    demoted: bool,
}

/// Guids that changed before a feed is demoted: a new content system changes all once, so the count only matters where
/// most items of a reading are spared.
const CHANGED_DEMOTES: u32 = 5;

/// Guids that turned up at another address before a feed is demoted. One alone is an edited address, which is what guids are
/// for; so they count only where they are a good part of a reading.
const REUSED_DEMOTES: u32 = 3;

impl Identity {
    /// Are the feed's guids not to be relied on?
    #[must_use]
    pub fn is_demoted(&self) -> bool {
        self.demoted
    }

    /// Why the guids are not relied on, in words.
    pub(super) fn reason(&self) -> Option<String> {
        let what = if self.reused >= REUSED_DEMOTES { "are shared by several items" } else { "change" };
        self.demoted.then(|| format!("its guids {what}; items are told apart by address"))
    }

    pub(super) fn observe(&mut self, items: &[Item]) {
        let count = |seen| u32::try_from(items.iter().filter(|item| item.seen == seen).count()).unwrap_or(u32::MAX);
        let reused = count(Seen::GuidReused);
        // Editors change an address now and then; a list's numbers change with every reading.
        if reused >= 2 && u64::from(reused) * 4 >= items.len() as u64 {
            self.reused = self.reused.saturating_add(reused);
        }
        self.changed = self.changed.saturating_add(count(Seen::GuidChanged));
        self.demoted |= self.reused >= REUSED_DEMOTES || self.changed >= CHANGED_DEMOTES;
    }
}
