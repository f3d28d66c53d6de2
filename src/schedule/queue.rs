//! [`Queue`]: which feeds are due, soonest first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use jiff::Timestamp;

/// A set of feeds, each with the moment it is due. Setting and taking cost O(log n).
///
/// Feeds are told by a number of the caller's choice, such as their row in the database.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    due: HashMap<i64, Timestamp>,
    /// Holds every entry of `due`, and stale ones, which are dropped when they surface.
    heap: BinaryHeap<Reverse<(Timestamp, i64)>>,
}

impl Queue {
    /// Sets when a feed is due, whether or not it was in the queue.
    pub fn set(&mut self, feed: i64, at: Timestamp) {
        if self.due.insert(feed, at) != Some(at) {
            self.heap.push(Reverse((at, feed)));
        }
        // Feeds that are set again and again before they come due must not make the heap grow.
        if self.heap.len() > 2 * self.due.len() + 64 {
            self.heap = self.due.iter().map(|(&feed, &at)| Reverse((at, feed))).collect();
        }
    }

    /// Takes a feed out.
    pub fn remove(&mut self, feed: i64) {
        self.due.remove(&feed);
    }

    /// When the next feed is due.
    pub fn next_at(&mut self) -> Option<Timestamp> {
        self.drop_stale();
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out the feed that has been due longest, if any is due at `now`.
    pub fn pop(&mut self, now: Timestamp) -> Option<i64> {
        self.drop_stale();
        let &Reverse((at, feed)) = self.heap.peek()?;
        if at > now {
            return None;
        }
        self.heap.pop();
        self.due.remove(&feed);
        Some(feed)
    }

    /// How many feeds wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.due.len()
    }

    /// Does no feed wait?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    fn drop_stale(&mut self) {
        while let Some(Reverse((at, feed))) = self.heap.peek() {
            if self.due.get(feed) == Some(at) {
                return;
            }
            self.heap.pop();
        }
    }
}
