//! [`State`]: all that scheduling remembers of one feed between two polls.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::identity::Identity;
use super::rhythm::Rhythm;
use super::{Item, Outcome, Seen, elapsed};

/// The bookkeeping of one feed: about 1 KB of JSON. Fields that are missing or unknown are tolerated, so a database of an
/// older or newer version is read; what cannot be read at all is a new feed ([`State::from_json`]).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    polled_at: Option<Timestamp>,
    /// When the feed was last read or said that it had not changed.
    succeeded_at: Option<Timestamp>,
    /// When a whole answer was last asked for and came.
    whole_at: Option<Timestamp>,
    body: Option<u64>,
    shown: u32,
    failures: u32,
    /// Waits between those failures that were twice as long as the one before.
    doublings: u32,
    failing_since: Option<Timestamp>,
    last_error: Option<String>,
    gone: u32,
    retired: bool,
    gap_at: Option<Timestamp>,
    /// The poll at `gap_at` has not been followed by one that overlaps.
    gap_open: bool,
    moved: Option<Moved>,
    validators: Validators,
    /// Times that news were found which "not modified" had denied, since the server last told the truth.
    lies: u32,
    rhythm: Rhythm,
    identity: Identity,
}

/// A permanent redirect on probation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Moved {
    to: Url,
    since: Timestamp,
    sightings: u32,
}

/// Does the server answer conditional requests truthfully?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Validators {
    /// Nobody knows yet.
    #[default]
    Untried,
    /// A conditional request was answered with news.
    Truthful,
    /// A server said "not modified" until it was asked for the whole, and that held news.
    Lying,
}

/// A feed moves after so many sightings of the same permanent redirect, over at least so long.
const MOVE_SIGHTINGS: u32 = 3;
const MOVE_SECONDS: f64 = 86_400.0;

/// An outage is young for so long: of a site's outages few last longer, and a server that is out for a whole night shift is being moved or given up.
const YOUNG_OUTAGE_SECONDS: f64 = 8.0 * 3600.0;

/// So many 410 in a row retire a feed: one alone may be a mistake during maintenance.
const GONE_RETIRES: u32 = 2;

/// Whatever the server says, the whole is fetched once a day: also by polls a day apart that jitter brings forward.
const WHOLE_SECONDS: f64 = 21.0 * 3600.0;

/// A gap stays visible for so long after polls overlap again.
const GAP_SHOWN_SECONDS: f64 = 86_400.0;

/// "Not modified" from a server that has not yet proven itself is believed once, not on the first day, and not where much could
/// be lost; then, if so many items would have been expected since, the whole is asked for. Half the news of an honest feed thus come by a conditional request, which proves it.
const DOUBTED_SILENCE: f64 = 0.3;

/// News that a conditional request had not told of weigh 1, those that are dated before it did not tell 2 (more cannot be
/// had: drafts keep their dates); a server whose lies weigh so much, with no true word in between, has the habit.
const LIES_CONVICT: u32 = 4;

/// An error is kept to this many characters.
const ERROR_CHARS: usize = 300;

impl State {
    /// What was stored; a new feed's state where it cannot be read.
    #[must_use]
    pub fn from_json(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// What is to be stored.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Is this the body that was read last? Then it need not be read again ([`Outcome::SameBody`]).
    #[must_use]
    pub fn same_body(&self, fingerprint: u64) -> bool {
        self.body == Some(fingerprint)
    }

    /// How the entries of this feed are told apart.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Polls that failed since the last one that did not.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Why the last poll failed; `None` after one that did not.
    #[must_use]
    pub fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }

    /// When the feed was last read or said that it had not changed.
    #[must_use]
    pub fn succeeded_at(&self) -> Option<Timestamp> {
        self.succeeded_at
    }

    /// Is it over with this feed? It is not polled any more.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.retired
    }

    /// The state in one word: `new`, `active`, `gap_suspected`, `failing`, `retired`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.retired {
            "retired"
        } else if self.failures > 0 {
            "failing"
        } else if self.gap_visible() {
            "gap_suspected"
        } else if self.succeeded_at.is_none() {
            "new"
        } else {
            "active"
        }
    }

    /// Why the state is what it is, in words; `None` where there is nothing to explain.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let mut reasons = Vec::new();
        if self.retired {
            reasons.push(format!("answered 410 Gone {} times; it is not polled any more", self.gone));
        } else if self.failures > 0 {
            let error = self.last_error.as_deref().unwrap_or("unknown error");
            let times = if self.failures == 1 { String::new() } else { format!(", {} times in a row", self.failures) };
            reasons.push(format!("{error}{times}"));
        } else if let Some(at) = self.gap_at.filter(|_| self.gap_visible()) {
            let at = at.strftime("%Y-%m-%d %H:%M");
            reasons
                .push(format!("every item was new at {at} UTC: some may have come and gone unseen; polled more often"));
        }
        if let Some(moved) = &self.moved {
            reasons.push(format!("redirects for good to {} (seen {} times)", moved.to, moved.sightings));
        }
        if self.validators == Validators::Lying {
            reasons.push("the server claims `not modified` when there is news; always fetched whole".to_owned());
        }
        reasons.extend(self.identity.reason());
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Takes in what a poll came to; returns the new address of a feed that has moved for good.
    pub(super) fn note(&mut self, outcome: &Outcome, moved: Option<&Url>, now: Timestamp) -> Option<Url> {
        self.polled_at = Some(now);
        match outcome {
            Outcome::Read { items, body } => self.read(items, *body, now),
            Outcome::NotModified => {}
            Outcome::SameBody => {
                self.whole_at = Some(now);
                self.rhythm.nothing(now);
            }
            Outcome::Failed { error, .. } => {
                self.gone = 0;
                self.failed(error, now);
                return None;
            }
            Outcome::Gone => {
                self.gone = self.gone.saturating_add(1);
                self.retired = self.gone >= GONE_RETIRES;
                self.failed("HTTP 410: the publisher says that the feed is gone", now);
                return None;
            }
        }
        if !matches!(outcome, Outcome::Read { .. }) {
            // What is shown was shown before: the polls overlap.
            self.gap_open = false;
        }
        self.failures = 0;
        self.doublings = 0;
        self.failing_since = None;
        self.gone = 0;
        self.retired = false;
        self.last_error = None;
        self.succeeded_at = Some(now);
        if matches!(outcome, Outcome::NotModified) {
            self.rhythm.nothing(now);
        }
        self.sight(moved, now)
    }

    pub(super) fn doublings(&self) -> u32 {
        self.doublings
    }

    pub(super) fn double(&mut self) {
        self.doublings = self.doublings.saturating_add(1);
    }

    /// Has the feed failed for so long, or always, that it may well go on to?
    pub(super) fn fails_since_hours(&self, now: Timestamp) -> bool {
        self.succeeded_at.is_none() || self.failing_since.is_none_or(|since| elapsed(since, now) > YOUNG_OUTAGE_SECONDS)
    }

    /// When the feed was last read, if a server that has not proven itself has said "not modified" since. Who has brought no proof in a
    /// week has hardly any news, and is only asked for the whole now and then.
    pub(super) fn doubted_since(&self) -> Option<Timestamp> {
        let whole_at = self.whole_at?;
        let doubted = self.validators == Validators::Untried && self.succeeded_at? > whole_at;
        (doubted && self.rhythm.watched_days() < 7.0).then_some(whole_at)
    }

    pub(super) fn rhythm(&self) -> &Rhythm {
        &self.rhythm
    }

    /// Did the last poll that read the feed find nothing that it knew?
    pub(super) fn gap_suspected(&self) -> bool {
        self.gap_open
    }

    pub(super) fn trusts_validators(&self, now: Timestamp) -> bool {
        let Some(whole_at) = self.whole_at else { return false };
        match self.validators {
            Validators::Lying => false,
            _ if elapsed(whole_at, now) >= WHOLE_SECONDS => false,
            // In any case before half of what the feed shows can have been replaced.
            Validators::Truthful => self.rhythm.expected(whole_at, now) < f64::from(self.rhythm.capacity()) / 2.0,
            Validators::Untried => {
                let believed = self.succeeded_at.is_some_and(|last| last > whole_at);
                let expected = self.rhythm.expected(whole_at, now);
                let at_stake = if believed { DOUBTED_SILENCE } else { f64::from(self.rhythm.capacity()) / 8.0 };
                // A first 304 is taken at its word, and proven by the whole request that follows it.
                (!believed || self.rhythm.watched_days() >= 1.0) && expected < at_stake
            }
        }
    }

    fn read(&mut self, items: &[Item], body: u64, now: Timestamp) {
        let new = items.iter().filter(|item| item.seen == Seen::New).count();
        let first = self.body.is_none();
        if new > 0 && !first {
            self.judge_validators(items, now);
        }
        // A feed of a single item replaces it, and that is no gap.
        let gap = !first && self.shown > 1 && new > 0 && new == items.len();
        self.gap_open = gap;
        if gap {
            self.gap_at = Some(now);
        }
        if self.gap_at.is_some_and(|at| elapsed(at, now) > GAP_SHOWN_SECONDS) {
            self.gap_at = None;
        }
        self.rhythm.read(items, now);
        self.identity.observe(items);
        self.body = Some(body);
        self.shown = u32::try_from(items.len()).unwrap_or(u32::MAX);
        self.whole_at = Some(now);
    }

    /// The feed has news: was the server's word good?
    fn judge_validators(&mut self, items: &[Item], now: Timestamp) {
        if self.trusts_validators(now) {
            self.validators = Validators::Truthful;
            self.lies = 0;
            return;
        }
        // Between the last whole answer and this one the server may have said "not modified": until when?
        let (Some(whole), Some(denied)) = (self.whole_at, self.succeeded_at) else { return };
        let hidden =
            |item: &Item| item.seen == Seen::New && item.published_at.is_some_and(|at| whole < at && at < denied);
        if denied > whole {
            self.lies = self.lies.saturating_add(if items.iter().any(hidden) { 2 } else { 1 });
            if self.lies >= LIES_CONVICT {
                self.validators = Validators::Lying;
            }
        }
    }

    fn failed(&mut self, error: &str, now: Timestamp) {
        self.failing_since.get_or_insert(now);
        self.failures = self.failures.saturating_add(1);
        self.last_error = Some(error.chars().take(ERROR_CHARS).collect());
    }

    fn gap_visible(&self) -> bool {
        match (self.gap_at, self.polled_at) {
            (Some(gap), Some(polled)) => self.gap_open || elapsed(gap, polled) <= GAP_SHOWN_SECONDS,
            _ => false,
        }
    }

    fn sight(&mut self, moved: Option<&Url>, now: Timestamp) -> Option<Url> {
        let Some(to) = moved else {
            self.moved = None;
            return None;
        };
        match &mut self.moved {
            Some(seen) if seen.to == *to => seen.sightings = seen.sightings.saturating_add(1),
            _ => self.moved = Some(Moved { to: to.clone(), since: now, sightings: 1 }),
        }
        let settled = self
            .moved
            .as_ref()
            .is_some_and(|seen| seen.sightings >= MOVE_SIGHTINGS && elapsed(seen.since, now) >= MOVE_SECONDS);
        settled.then(|| self.moved.take().map(|seen| seen.to)).flatten()
    }
}
