//! Open connections that wait for their next request.
//!
//! Bounded in number and in time. Never holds a connection whose address was not judged by the guard when it was dialled.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::connect::Connection;

/// Longest time that a connection waits. Servers commonly close after 5 to 75 s (nginx 75 s); longer waits meet closed ones.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Connections that wait at once, so that file descriptors do not run out (1,024 by default on Linux).
const MOST: usize = 256;

/// The waiting connections, by origin.
#[derive(Default)]
pub(super) struct Pool(Mutex<HashMap<String, Vec<(Instant, Connection)>>>);

impl Pool {
    /// A connection to `origin` that waits and is still open.
    pub(super) fn take(&self, origin: &str) -> Option<Connection> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = waiting.get_mut(origin)?;
        let mut found = None;
        while let Some((since, connection)) = connections.pop() {
            if connection.is_open() && since.elapsed() < LONGEST_WAIT {
                found = Some(connection);
                break;
            }
        }
        if connections.is_empty() {
            waiting.remove(origin);
        }
        found
    }

    /// Keeps a connection to `origin` for the next request; drops what waited too long.
    pub(super) fn put(&self, origin: &str, connection: Connection) {
        if !connection.is_open() {
            return;
        }
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = waiting.values().map(Vec::len).sum();
        if all >= MOST {
            waiting.retain(|_, connections| {
                connections.retain(|(since, connection)| connection.is_open() && since.elapsed() < LONGEST_WAIT);
                !connections.is_empty()
            });
            if waiting.values().map(Vec::len).sum::<usize>() >= MOST {
                return;
            }
        }
        waiting.entry(origin.to_owned()).or_default().push((Instant::now(), connection));
    }
}
