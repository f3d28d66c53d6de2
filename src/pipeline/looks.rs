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

/// What is due is looked for this often at the least: nobody waits for it to the second.
const FILL: Duration = Duration::from_secs(5);

/// Stories in memory at once.
const WAITING: usize = 5_000;

/// The looks of one pipeline.
pub(super) struct Looks {
    domains: HashMap<String, Domain>,
    /// Everything between the database and a commit, and its domain.
    taken: HashMap<ArticleId, String>,
    next_fill: Instant,
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
    /// What the database may still show and must not be taken: everything taken and, where each story is looked at once, what was looked at.
    held: HashSet<ArticleId>,
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
            taken: HashMap::new(),
            next_fill: Instant::now(),
            in_flight: JoinSet::new(),
            most,
            pause: client.pause().div_f64(budget),
        }
    }

    /// Takes what is due from the database: when some time has passed, or a domain that had more ran dry.
    pub(super) fn fill(&mut self, reader: &Reader, now: Timestamp, until: Until) -> Result<(), Error> {
        let dry = self.domains.values().any(Domain::is_dry);
        if until == Until::Stopped && !dry && Instant::now() < self.next_fill {
            return Ok(());
        }
        self.next_fill = Instant::now() + FILL;
        let due = tokio::task::block_in_place(|| reader.recheck_domains(now))?;
        self.domains.retain(|_, domain| !domain.is_over());
        for name in due {
            let room = WAITING.saturating_sub(self.taken.len());
            let domain = self.domains.entry(name.clone()).or_default();
            if !domain.waiting.is_empty() || room == 0 {
                continue;
            }
            let limit = PER_DOMAIN + domain.held.len();
            let mut stories = tokio::task::block_in_place(|| reader.rechecks(&name, now, limit))?;
            domain.more = stories.len() == limit;
            stories.retain(|story| !domain.held.contains(&story.article));
            stories.truncate(PER_DOMAIN.min(room));
            domain.held.extend(stories.iter().map(|story| story.article));
            self.taken.extend(stories.iter().map(|story| (story.article, name.clone())));
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

    /// When the next story may be looked at, of the domains that are not busy with entries.
    pub(super) fn next_turn(&self, is_busy: impl Fn(&str) -> bool) -> Option<Instant> {
        if self.in_flight.len() >= self.most {
            return None;
        }
        let free = self.domains.iter().filter(|(name, _)| !is_busy(name)).map(|(_, domain)| domain);
        free.filter(|domain| !domain.waiting.is_empty() && !domain.in_flight).filter_map(|domain| domain.next).min()
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
        Some(domain.is_dry())
    }

    /// These looks are durable.
    pub(super) fn let_go(&mut self, stories: &[ArticleId], until: Until) {
        for story in stories {
            let domain = self.taken.remove(story).and_then(|name| self.domains.get_mut(&name));
            if let Some(domain) = domain.filter(|_| until == Until::Stopped) {
                domain.held.remove(story);
            }
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.taken.is_empty() && self.in_flight.is_empty()
    }

    /// What is in flight may finish until `deadline`.
    pub(super) async fn shutdown(mut self, deadline: Instant) {
        while tokio::time::timeout_at(deadline, self.in_flight.join_next()).await.is_ok_and(|done| done.is_some()) {}
        self.in_flight.shutdown().await;
    }
}

impl Domain {
    /// Whether the database holds more than was taken.
    fn is_dry(&self) -> bool {
        self.waiting.is_empty() && self.more
    }

    /// Whether nothing need be known of it any more.
    fn is_over(&self) -> bool {
        self.waiting.is_empty()
            && self.held.is_empty()
            && !self.in_flight
            && self.next.is_none_or(|next| next <= Instant::now())
    }
}
