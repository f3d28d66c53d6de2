//! The one seam: queue → fetch → clean → recorder (group → store).
//!
//! [`Pipeline`] takes the entries that are due from the database, fetches and cleans them side by side, and hands each outcome to the one
//! [`Recorder`], a thread that owns the writing connection and the grouping index. Daemon and backfill differ only in where entries come from.
//!
//! Invariants: an entry is in one of three places: in the queue, taken (here, in memory), or ended by a committed transaction; what is taken and
//! not ended when the process dies is in the queue still. The recorder's channel is bounded: a slow disk slows fetching.

mod clock;
mod found;
mod halt;
mod lasting;
mod looks;
mod message;
mod progress;
mod reclean;
mod recorder;
mod stages;
mod story;
mod work;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use clock::Clock;
pub use halt::{Halt, Halts};
pub use message::{Committed, Conclude, Message, Poll, Sender, ping};
pub use progress::{Progress, Snapshot};
pub use reclean::{Edit, Reclean, Recleaned, Sample, reclean};
pub use recorder::Recorder;
pub use stages::{Assign, Clean, Stages};

use self::looks::Looks;
use crate::event::ArticleId;
use crate::fetch::{Client, FeedHeaders};
use crate::schedule::Rechecks;
use crate::store::{self, Capture, Captured, EntryId, FeedId, Item, Queued, Reader};
use crate::{clean, group};

/// What the pipeline must know of a feed to work off its entries.
#[derive(Debug, Clone, Default)]
pub struct FeedRules {
    /// Sent to the feed's origin only.
    pub headers: Option<FeedHeaders>,
    /// The zone of dates that name none.
    pub timezone: Option<TimeZone>,
    /// The language of articles that do not say.
    pub language: Option<String>,
    /// Where the text is.
    pub text: TextIn,
}

/// Where the text of an article is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TextIn {
    /// On the page of the entry.
    #[default]
    Page,
    /// In the announcement.
    Announcement,
}

/// How the pipeline works.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database.
    pub db: PathBuf,
    /// How long raw pages are kept; zero keeps none.
    pub keep_html: Duration,
    /// How articles are grouped.
    pub group: group::Options,
    /// How pages are cleaned.
    pub clean: clean::Options,
    /// The longest wait between two attempts at one entry.
    pub max_interval: Duration,
    /// When stored stories are looked at again.
    pub rechecks: Rechecks,
    /// How much is kept.
    pub retention: store::Retention,
    /// What cleans and groups.
    pub stages: Stages,
}

/// When a run of the pipeline ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When it is told to stop.
    Stopped,
    /// When the sources have ended and each entry that is due was tried once.
    WorkedOff,
}

/// Which entries go next, and how each is worked off.
pub struct Pipeline {
    client: Client,
    options: Arc<Options>,
    rules: Arc<HashMap<FeedId, FeedRules>>,
    recorder: Sender,
    ended: mpsc::UnboundedReceiver<Ended>,
    /// Everything between the queue and a commit.
    taken: HashMap<EntryId, String>,
    /// By domain, what the queue may still show and must not be taken: everything taken and, where each entry is tried once, what was put back.
    held: HashMap<String, HashSet<EntryId>>,
    domains: HashMap<String, Domain>,
    /// When each domain that has entries waiting may be looked at next.
    turns: BinaryHeap<Reverse<(Instant, String)>>,
    in_flight: JoinSet<String>,
    /// Stored stories that are looked at again; `None` where that is not this pipeline's business.
    looks: Option<Looks>,
    /// Nothing is begun while this says so.
    halts: Halts,
    /// When one page may be asked for though we are cut off.
    probe_at: Option<Instant>,
    until: Until,
}

/// News from the recorder.
#[derive(Debug)]
pub enum Ended {
    /// These entries were stored, rejected or put back, durably.
    Entries(Vec<(EntryId, Fate)>),
    /// These stories were looked at again; what came of it is durable.
    Looked(Vec<ArticleId>),
    /// Entries were queued.
    Queued,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Stored or rejected.
    Done,
    /// Queued for another attempt.
    PutBack,
}

#[derive(Debug, Default)]
struct Domain {
    waiting: VecDeque<Queued>,
    in_flight: usize,
    /// The last look into the queue brought as many as were asked for: there may be more.
    more: bool,
    has_turn: bool,
}

/// Entries of one domain in memory at once.
const PER_DOMAIN: usize = 64;

/// INTERFACE: never more than two requests at once to one domain.
const IN_FLIGHT_PER_DOMAIN: usize = 2;

/// The lane of entries whose pages are at hand: no domain has an empty name.
const AT_HAND: &str = "";

/// Pages at hand under way at once: cleaning is bounded by the processors, the rest is waiting for the recorder.
const AT_HAND_AT_ONCE: usize = 16;

/// Entries in memory at once: their announcements can carry whole texts.
const WAITING: usize = 20_000;

/// The queue is looked at this often at the least: another process may have announced something.
const LOOK: Duration = Duration::from_secs(2);

/// How often the network is tried while we are cut off. Polls are tried sooner.
const PROBE: Duration = Duration::from_secs(10);

/// How long what is in flight may take to finish when told to stop. Below the 10 s that a stop may take in all.
const GRACE: Duration = Duration::from_secs(6);

impl Pipeline {
    /// A pipeline over the database that `recorder` writes.
    #[must_use]
    pub fn new(
        client: Client,
        options: Options,
        rules: HashMap<FeedId, FeedRules>,
        recorder: Sender,
        ended: mpsc::UnboundedReceiver<Ended>,
        until: Until,
    ) -> Self {
        Self {
            client,
            options: Arc::new(options),
            rules: Arc::new(rules),
            recorder,
            ended,
            taken: HashMap::new(),
            held: HashMap::new(),
            domains: HashMap::new(),
            turns: BinaryHeap::new(),
            in_flight: JoinSet::new(),
            looks: None,
            halts: Halts::never(),
            probe_at: None,
            until,
        }
    }

    /// Begins nothing while `halts` say so.
    #[must_use]
    pub fn halted_by(self, halts: Halts) -> Self {
        Self { halts, ..self }
    }

    /// Looks at stored stories again too, where nothing else is to do.
    #[must_use]
    pub fn looking_again(mut self) -> Self {
        self.looks = (!self.options.rechecks.after.is_empty()).then(|| Looks::new(&self.client, &self.options));
        self
    }

    /// Works off the queue. `sources` is cancelled when nothing more will be announced, `stop` when the run is to end early.
    ///
    /// # Errors
    /// When the queue cannot be read. A recorder that died ends the run too; it reports by itself.
    pub async fn run(mut self, sources: CancellationToken, stop: CancellationToken) -> Result<(), store::Error> {
        let reader = Reader::open(&self.options.db)?;
        let mut look = true;
        let mut next_look = Instant::now();
        loop {
            if look || Instant::now() >= next_look {
                self.look(&reader)?;
                look = false;
                next_look = Instant::now() + LOOK;
            }
            self.start_ready();
            if self.until == Until::WorkedOff && self.is_idle() && sources.is_cancelled() {
                // Whatever the sources queued last was committed before they ended.
                self.look(&reader)?;
                self.start_ready();
                if self.is_idle() {
                    return Ok(());
                }
            }
            let halted = self.halts.now() != Halt::No;
            let turn = self.next_turn().filter(|_| !halted).map_or(next_look, |at| at.min(next_look));
            tokio::select! {
                () = stop.cancelled() => break,
                ended = self.ended.recv() => match ended {
                    Some(ended) => look |= self.note(ended),
                    None => return Ok(()),
                },
                Some(done) = self.in_flight.join_next() => look |= self.landed(done),
                Some(dry) = landed(&mut self.looks) => look |= dry,
                () = self.halts.changed() => {}
                () = tokio::time::sleep_until(turn) => {}
                () = sources.cancelled(), if self.until == Until::WorkedOff && self.is_idle() => {}
            }
        }
        // What is in flight may finish; what does not is in the queue still.
        let grace = Instant::now() + GRACE;
        while tokio::time::timeout_at(grace, self.in_flight.join_next()).await.is_ok_and(|done| done.is_some()) {}
        self.in_flight.shutdown().await;
        if let Some(looks) = self.looks {
            looks.shutdown(grace).await;
        }
        Ok(())
    }

    fn is_idle(&self) -> bool {
        self.taken.is_empty() && self.in_flight.is_empty() && self.looks.as_ref().is_none_or(Looks::is_idle)
    }

    /// Whether the queue is worth a look.
    fn note(&mut self, ended: Ended) -> bool {
        match ended {
            Ended::Queued => true,
            Ended::Looked(stories) => {
                if let Some(looks) = &mut self.looks {
                    looks.let_go(&stories, self.until);
                }
                false
            }
            Ended::Entries(entries) => {
                for (entry, fate) in entries {
                    self.let_go(entry, fate);
                }
                false
            }
        }
    }

    /// Whether the queue is worth a look: the domain ran dry and there was more.
    fn landed(&mut self, done: Result<String, tokio::task::JoinError>) -> bool {
        let name = match done {
            Ok(name) => name,
            Err(error) => {
                // Tasks catch the panics of cleaning; one that gets here is a fault of ours. Its entry stays taken until the next start.
                tracing::error!(%error, "an entry's task broke down; its entry is tried again after the next start");
                return false;
            }
        };
        let Some(domain) = self.domains.get_mut(&name) else { return false };
        domain.in_flight -= 1;
        let dry = domain.waiting.is_empty() && domain.more;
        if domain.waiting.is_empty() && domain.in_flight == 0 && !domain.more {
            self.domains.remove(&name);
        } else {
            self.give_turn(name, Instant::now());
        }
        dry
    }

    fn let_go(&mut self, entry: EntryId, fate: Fate) {
        let Some(name) = self.taken.remove(&entry) else { return };
        if fate == Fate::PutBack && self.until == Until::WorkedOff {
            return;
        }
        if let Some(held) = self.held.get_mut(&name) {
            held.remove(&entry);
            if held.is_empty() {
                self.held.remove(&name);
            }
        }
    }

    /// Fills up what waits in memory from the queue.
    fn look(&mut self, reader: &Reader) -> Result<(), store::Error> {
        #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
        let now = Timestamp::now();
        let mut room = WAITING.saturating_sub(self.domains.values().map(|domain| domain.waiting.len()).sum());
        let due = tokio::task::block_in_place(|| reader.due_domains(now))?;
        for name in std::iter::once(AT_HAND.to_owned()).chain(due) {
            if room == 0 {
                break;
            }
            if let Some(domain) = self.domains.get(&name).filter(|domain| domain.waiting.len() >= PER_DOMAIN / 2) {
                let old = domain.waiting.back().is_some_and(|last| last.urgency == Item::Backfill);
                if name == AT_HAND || !old || !tokio::task::block_in_place(|| reader.has_live(&name, now))? {
                    continue;
                }
            }
            let held = self.held.entry(name.clone()).or_default();
            // Entries that are held are read again, but for those at hand: their pages are large.
            let limit = PER_DOMAIN + if name == AT_HAND { 0 } else { held.len() };
            let mut entries = tokio::task::block_in_place(|| match name.as_str() {
                AT_HAND => reader.due_at_hand(now, held, limit),
                name => reader.due_entries(name, now, limit),
            })?;
            let more = entries.len() >= limit;
            entries.retain(|entry| !held.contains(&entry.id));
            entries.truncate(room);
            room -= entries.len();
            held.extend(entries.iter().map(|entry| entry.id));
            if held.is_empty() {
                self.held.remove(&name);
            }
            if entries.is_empty() {
                continue;
            }
            self.taken.extend(entries.iter().map(|entry| (entry.id, name.clone())));
            let domain = self.domains.entry(name.clone()).or_default();
            domain.more = more;
            // Live entries go before the old ones that wait already.
            let live = entries.iter().take_while(|entry| entry.urgency == Item::Live).count();
            let at = domain.waiting.partition_point(|entry| entry.urgency == Item::Live);
            let mut behind = domain.waiting.split_off(at);
            domain.waiting.extend(entries.drain(..live));
            domain.waiting.append(&mut behind);
            domain.waiting.extend(entries);
            self.give_turn(name, Instant::now());
        }
        if let Some(looks) = &mut self.looks {
            looks.fill(reader, now, self.until)?;
        }
        Ok(())
    }

    fn give_turn(&mut self, name: String, at: Instant) {
        if let Some(domain) = self.domains.get_mut(&name)
            && !domain.has_turn
            && !domain.waiting.is_empty()
        {
            domain.has_turn = true;
            self.turns.push(Reverse((at, name)));
        }
    }

    /// Starts what has its turn: entries first, then looks at stories of domains that have no entry waiting.
    fn start_ready(&mut self) {
        match self.halts.now() {
            Halt::No => self.probe_at = None,
            Halt::CutOff => return self.probe(),
            Halt::DiskLow => return,
        }
        self.start_entries(self.client.calls());
        if let Some(looks) = &mut self.looks {
            looks.start(
                |domain| self.domains.contains_key(domain),
                &self.rules,
                &self.client,
                &self.options,
                &self.recorder,
            );
        }
    }

    /// When something may be started next, if nothing lands before. What has its turn and finds no room has to wait for that.
    fn next_turn(&self) -> Option<Instant> {
        let has_room = self.in_flight.len() < self.client.calls();
        let entry = self.turns.peek().filter(|_| has_room).map(|Reverse((at, _))| *at);
        let look = self.looks.as_ref().and_then(|looks| looks.next_turn(|domain| self.domains.contains_key(domain)));
        entry.into_iter().chain(look).min()
    }

    /// Now and then one page is asked for though we are cut off: there may be no feed whose poll would tell that we are no more.
    fn probe(&mut self) {
        let now = Instant::now();
        let at = *self.probe_at.get_or_insert(now + PROBE);
        if now >= at && self.in_flight.is_empty() {
            self.probe_at = Some(now + PROBE);
            self.start_entries(1);
        }
    }

    /// Starts every entry whose domain has its turn, until `most` are in flight.
    fn start_entries(&mut self, most: usize) {
        let now = Instant::now();
        while self.in_flight.len() < most {
            if self.turns.peek().is_none_or(|Reverse((at, _))| *at > now) {
                return;
            }
            let Some(Reverse((_, name))) = self.turns.pop() else { return };
            let Some(domain) = self.domains.get_mut(&name) else { continue };
            domain.has_turn = false;
            // At the limit: the next one to land gives the turn back.
            if domain.in_flight >= if name == AT_HAND { AT_HAND_AT_ONCE } else { IN_FLIGHT_PER_DOMAIN } {
                continue;
            }
            let Some(next) = domain.waiting.front() else { continue };
            let wait = asked(next).map_or(Duration::ZERO, |url| self.client.ready_in(url));
            if !wait.is_zero() {
                self.give_turn(name, now + wait);
                continue;
            }
            let Some(queued) = domain.waiting.pop_front() else { continue };
            domain.in_flight += 1;
            let rules = queued.feed.and_then(|feed| self.rules.get(&feed)).cloned().unwrap_or_default();
            let (client, options, recorder) = (self.client.clone(), Arc::clone(&self.options), self.recorder.clone());
            self.in_flight.spawn(work::work_off(queued, rules, client, options, recorder));
            self.give_turn(name, now);
        }
    }
}

/// The lane of an entry: the domain that is asked for its page.
fn lane(queued: &Queued) -> &str {
    if asked(queued).is_some() { &queued.domain } else { AT_HAND }
}

/// Where an entry's page is fetched. `None`: it is at hand.
fn asked(queued: &Queued) -> Option<&Url> {
    match &queued.capture {
        None => Some(&queued.entry.url),
        Some(Capture { page: Captured::At(url), .. }) => Some(url),
        Some(Capture { page: Captured::Page { .. }, .. }) => None,
    }
}

/// Opens the writer and starts the recorder on its thread.
///
/// # Errors
/// When the database cannot be opened.
pub fn start_recorder(
    writer: store::Writer,
    options: &Options,
) -> Result<(Recorder, Sender, mpsc::UnboundedReceiver<Ended>), store::Error> {
    let pages = if options.keep_html.is_zero() { None } else { Some(store::Pages::open(&options.db)?) };
    Ok(Recorder::start(writer, pages, options))
}

/// The next look that lands; never where there are none.
async fn landed(looks: &mut Option<Looks>) -> Option<bool> {
    match looks {
        Some(looks) => looks.landed().await,
        None => None,
    }
}
