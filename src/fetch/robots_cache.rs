//! The robots.txt of every origin that pages are asked from: fetched once, shared, read again after a day.
//!
//! Knows nothing of HTTP: how to fetch is handed in. While one request fetches a file, the others for its origin wait for it.
//! Memory is bounded by [`MOST_BYTES`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Queue;
use tokio::time::Instant;

use super::failure::Failure;
use super::robots::Rules;

/// RFC 9309 §2.4: no longer than a day.
const LIFE: Duration = Duration::from_secs(24 * 3600);

/// A failure is shared with those who waited for the same file, and little longer.
const FAILURE_LIFE: Duration = Duration::from_secs(5);

/// Memory for rules; origins with most common sizes: 20,000.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Memory that an origin takes besides its rules, about.
const ORIGIN_BYTES: usize = 512;

/// Rules by origin.
#[derive(Default)]
pub(super) struct RobotsCache(Mutex<Origins>);

#[derive(Default)]
struct Origins {
    by_name: HashMap<String, Arc<Queue<Option<Known>>>>,
    bytes: usize,
}

struct Known {
    until: Instant,
    rules: Result<Arc<Rules>, Failure>,
}

impl RobotsCache {
    /// The rules of `origin`, fetched with `fetch` unless they are known.
    pub(super) async fn rules(
        &self,
        origin: &str,
        fetch: impl Future<Output = Result<Rules, Failure>>,
    ) -> Result<Arc<Rules>, Failure> {
        let place = self.place(origin);
        let mut known = place.lock().await;
        if let Some(known) = known.as_ref().filter(|known| Instant::now() < known.until) {
            return known.rules.clone();
        }
        let rules = fetch.await.map(Arc::new);
        let life = if rules.is_ok() { LIFE } else { FAILURE_LIFE };
        *known = Some(Known { until: Instant::now() + life, rules: rules.clone() });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes += rules.as_ref().map_or(0, |rules| rules.size());
        rules
    }

    fn place(&self, origin: &str) -> Arc<Queue<Option<Known>>> {
        let mut origins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = origins.by_name.get(origin) {
            return Arc::clone(place);
        }
        origins.bytes += ORIGIN_BYTES;
        if origins.bytes > MOST_BYTES {
            // Whoever is being waited for stays; the rest is fetched again when it is needed.
            origins.by_name.retain(|_, place| Arc::strong_count(place) > 1);
            origins.bytes = (origins.by_name.len() + 1) * ORIGIN_BYTES;
        }
        Arc::clone(origins.by_name.entry(origin.to_owned()).or_default())
    }
}
