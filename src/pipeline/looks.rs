//! Looks at stored stories: which are due, and how many of them politeness and the budget allow.
//!
//! A look comes last: never while its domain has an entry waiting or in flight, never more often than the budget's share of the domain's pace, never
//! more at once than its share of what may be in flight. What is taken and not ended when the process dies is due still.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::message::Sender;
use super::{FeedRules, Options, Until, work};
use crate::event::ArticleId;
use crate::fetch::Client;
use crate::store::{Error, FeedId, Reader, Recheck};

/// Stories of one domain in memory at once.
const PER_DOMAIN: usize = 16;

/// Stories in memory at once.
const WAITING: usize = 5_000;

/// The looks of one pipeline.
pub(super) struct Looks {
    domains: HashMap<String, Domain>,
    /// Everything taken; where each story is looked at once, what was looked at too.
    held: HashSet<ArticleId>,
    taken: usize,
    in_flight: JoinSet<String>,
    most: usize,
    pause: Duration,
}

#[derive(Default)]
struct Domain {
    waiting: VecDeque<Recheck>,
    in_flight: bool,
    /// The last look into the database brought as many as were asked for: there may be more.
    more: bool,
    /// When the budget allows the next.
    next: Option<Instant>,
}

impl Looks {
    pub(super) fn new(client: &Client, options: &Options) -> Self {
        let budget = options.rechecks.budget.clamp(0.01, 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a part of at most some thousands"
        )]
        let most = ((client.calls() as f64 * budget) as usize).max(1);
        Self {
            domains: HashMap::new(),
            held: HashSet::new(),
            taken: 0,
            in_flight: JoinSet::new(),
            most,
            pause: client.pause().div_f64(budget),
        }
    }

    /// Takes what is due from the database.
    pub(super) fn fill(&mut self, reader: &Reader, now: Timestamp) -> Result<(), Error> {
        let due = tokio::task::block_in_place(|| reader.recheck_domains(now))?;
        self.domains.retain(|_, domain| !domain.is_over());
        for name in due {
            let room = WAITING.saturating_sub(self.taken);
            let domain = self.domains.entry(name.clone()).or_default();
            if !domain.waiting.is_empty() || room == 0 {
                continue;
            }
            let limit = PER_DOMAIN + self.held.len();
            let mut stories = tokio::task::block_in_place(|| reader.rechecks(&name, now, limit))?;
            stories.retain(|story| !self.held.contains(&story.article));
            domain.more = stories.len() > PER_DOMAIN;
            stories.truncate(PER_DOMAIN.min(room));
            self.held.extend(stories.iter().map(|story| story.article));
            self.taken += stories.len();
            domain.waiting.extend(stories);
        }
        Ok(())
    }

    /// Starts what politeness and the budget allow now. `is_busy` tells whether a domain has entries to work off.
    pub(super) fn start(
        &mut self,
        is_busy: impl Fn(&str) -> bool,
        rules: &HashMap<FeedId, FeedRules>,
        client: &Client,
        options: &Arc<Options>,
        recorder: &Sender,
    ) {
        let now = Instant::now();
        for (name, domain) in &mut self.domains {
            if self.in_flight.len() >= self.most {
                return;
            }
            let early = domain.next.is_some_and(|next| next > now);
            let Some(next) = domain.waiting.front().filter(|_| !early && !domain.in_flight && !is_busy(name)) else {
                continue;
            };
            let wait = client.ready_in(&next.url);
            if !wait.is_zero() {
                domain.next = Some(now + wait);
                continue;
            }
            let Some(recheck) = domain.waiting.pop_front() else { continue };
            domain.in_flight = true;
            domain.next = Some(now + self.pause);
            let rules = recheck.feed.and_then(|feed| rules.get(&feed)).cloned().unwrap_or_default();
            let (client, options, recorder) = (client.clone(), Arc::clone(options), recorder.clone());
            self.in_flight.spawn(work::look_again(recheck, rules, client, options, recorder));
        }
    }

    /// When the next story may be looked at.
    pub(super) fn next_turn(&self) -> Option<Instant> {
        if self.in_flight.len() >= self.most {
            return None;
        }
        let waiting = self.domains.values().filter(|domain| !domain.waiting.is_empty() && !domain.in_flight);
        waiting.filter_map(|domain| domain.next).min()
    }

    /// Waits for a look to land. Says whether its domain ran dry and there was more; never where none is in flight.
    pub(super) async fn landed(&mut self) -> Option<bool> {
        let name = match self.in_flight.join_next().await? {
            Ok(name) => name,
            Err(error) => {
                // Tasks catch the panics of cleaning; one that gets here is a fault of ours.
                tracing::error!(%error, "a look at a story broke down; it is looked at after the next start");
                return Some(false);
            }
        };
        let domain = self.domains.entry(name).or_default();
        domain.in_flight = false;
        Some(domain.waiting.is_empty() && domain.more)
    }

    /// These looks are durable.
    pub(super) fn let_go(&mut self, stories: &[ArticleId], until: Until) {
        self.taken = self.taken.saturating_sub(stories.len());
        if until == Until::Stopped {
            for story in stories {
                self.held.remove(story);
            }
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.taken == 0 && self.in_flight.is_empty()
    }

    /// What is in flight may finish until `deadline`.
    pub(super) async fn shutdown(mut self, deadline: Instant) {
        while tokio::time::timeout_at(deadline, self.in_flight.join_next()).await.is_ok_and(|done| done.is_some()) {}
        self.in_flight.shutdown().await;
    }
}

impl Domain {
    /// Whether nothing need be known of it any more.
    fn is_over(&self) -> bool {
        self.waiting.is_empty() && !self.in_flight && self.next.is_none_or(|next| next <= Instant::now())
    }
}
