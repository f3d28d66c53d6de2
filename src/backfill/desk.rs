//! Where announcements and documents become durable: the database, or a scratch database that a dry run leaves behind.
//!
//! Transactions are short: another process may run the pipeline on the same database.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::request::{Request, Subject};
use super::step::{self, Seed};
use super::{End, Error, Plan, now};
use crate::address;
use crate::entry::Entry;
use crate::pipeline::{Message, Sender};
use crate::store::{
    BackfillId, Capture, Counts, Document, DocumentEnd, DocumentId, Error as StoreError, FeedId, Future, NewDocument,
    Next, Old, Reader, Waiting, Writer,
};

/// Entries of one transaction: some 20 ms.
pub(super) const CHUNK: usize = 500;

/// Documents of one source: an index of sitemaps lists at most 50,000 (<https://www.sitemaps.org/protocol.html>).
const MOST_DOCUMENTS: i64 = 100_000;

/// Whether entries are queued or counted.
pub(super) enum Kind {
    /// Queued; pages of files are handed over for this.
    Real(Future),
    /// Counted; what is known is looked up here.
    Dry(Option<Reader>),
}

/// An entry of an old article, and where its page is if not at its address.
#[derive(Debug, Clone)]
pub(super) struct Announcement {
    pub(super) entry: Entry,
    pub(super) capture: Option<Capture>,
}

/// Whether more may be announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Yes.
    Left,
    /// The limit of this run is reached: what was not announced is announced by the next.
    None,
}

pub(super) struct Desk {
    id: BackfillId,
    request: Request,
    subjects: Vec<Known>,
    inner: Mutex<Inner>,
    full: AtomicBool,
    /// Told that entries were queued.
    nudge: Mutex<Option<Sender>>,
}

/// A subject and the number of its feed.
struct Known {
    subject: Subject,
    feed: Option<FeedId>,
}

struct Inner {
    writer: Writer,
    kind: Kind,
    left: Option<u64>,
}

impl Desk {
    /// A desk for a backfill; its first documents are in the database then. Gives back the names of the subjects too.
    pub(super) fn open(
        mut writer: Writer,
        id: BackfillId,
        request: &Request,
        subjects: Vec<Subject>,
        limit: Option<u64>,
        kind: Kind,
    ) -> Result<(Self, Vec<String>), Error> {
        let mut known = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let feed = match &subject.feed {
                Some(feed) => writer.feed(&feed.name)?,
                None => None,
            };
            known.push(Known { subject, feed });
        }
        let batch = writer.batch()?;
        for Known { subject, .. } in &known {
            for seed in step::seeds(request, subject)? {
                batch.add_document(id, &document(request, &subject.name, &seed), now())?;
            }
        }
        batch.reopen_documents(id, step::Source::Urls.as_str())?;
        batch.commit()?;
        let names = known.iter().map(|known| known.subject.name.clone()).collect();
        let inner = Mutex::new(Inner { writer, kind, left: limit });
        let full = AtomicBool::new(limit == Some(0));
        let request = request.clone();
        Ok((Self { id, request, subjects: known, inner, full, nudge: Mutex::default() }, names))
    }

    pub(super) fn id(&self) -> BackfillId {
        self.id
    }

    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    pub(super) fn subject(&self, name: &str) -> Option<&Subject> {
        self.subjects.iter().map(|known| &known.subject).find(|subject| subject.name == name)
    }

    /// Whether a page of a file is one of those asked for: without sites and feeds, all are.
    pub(super) fn wants_site_of(&self, url: &url::Url) -> bool {
        let mut sites = self.subjects.iter().filter_map(|known| known.subject.site.as_ref()).peekable();
        let publisher = address::publisher(url);
        sites.peek().is_none() || sites.any(|site| address::publisher(site) == publisher)
    }

    /// Whether the limit of this run is reached.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// What becomes of pages that are handed over; `None`: none are.
    pub(super) fn future_of_pages(&self) -> Option<Future> {
        match self.inner().kind {
            Kind::Real(future) => Some(future),
            Kind::Dry(_) => None,
        }
    }

    /// From now on `sender` is told when entries are queued; `None`: nobody.
    pub(super) fn tell(&self, sender: Option<Sender>) {
        *self.nudge.lock().unwrap_or_else(PoisonError::into_inner) = sender;
    }

    /// What comes next of a subject's documents.
    pub(super) fn next(&self, subject: &str) -> Result<Next, StoreError> {
        blocking(|| self.inner().writer.next_document(self.id, subject, now()))
    }

    /// Queues what a source announced, as far as it is new, and remembers how far the document was read.
    pub(super) fn announce(
        &self,
        subject: &str,
        document: &Document,
        announcements: &[Announcement],
        outside: i64,
        step: Option<&str>,
    ) -> Result<Room, StoreError> {
        let feed = self.subjects.iter().find(|known| known.subject.name == subject).and_then(|known| known.feed);
        let room = blocking(|| {
            let mut inner = self.inner();
            let Inner { writer, kind, left } = &mut *inner;
            let batch = writer.batch()?;
            let mut counts = Counts { outside, ..Counts::default() };
            let mut room = Room::Left;
            for Announcement { entry, capture } in announcements {
                if *left == Some(0) {
                    room = Room::None;
                    break;
                }
                let mut old = batch.announce_old(self.id, feed, entry, capture.as_ref(), now())?;
                if let Kind::Dry(Some(known)) = kind
                    && old == Old::Queued
                    && known.knows(&entry.url)?
                {
                    batch.set_aside(&entry.url)?;
                    old = Old::Known;
                }
                match old {
                    Old::Repeated => continue,
                    Old::Outside => counts.outside += 1,
                    Old::Known | Old::Watched => counts.known += 1,
                    Old::Queued => {
                        counts.queued += 1;
                        *left = left.map(|left| left.saturating_sub(1));
                    }
                }
                counts.announced += i64::from(old != Old::Outside);
            }
            batch.count(self.id, &document.source, &counts)?;
            if let (Some(step), Room::Left) = (step, room) {
                batch.advance_document(document.id, step)?;
            }
            batch.commit()?;
            if counts.queued > 0 {
                self.nudge();
            }
            Ok::<_, StoreError>(room)
        })?;
        if room == Room::None {
            self.full.store(true, Ordering::Relaxed);
        }
        Ok(room)
    }

    /// Ends a document and adds those that it names.
    pub(super) fn conclude(
        &self,
        subject: &str,
        of: &Document,
        end: DocumentEnd<'_>,
        named: &[Seed],
    ) -> Result<(), StoreError> {
        blocking(|| {
            let mut inner = self.inner();
            let batch = inner.writer.batch()?;
            batch.end_document(of.id, end)?;
            let counts = match end {
                DocumentEnd::Read => Counts { documents: 1, ..Counts::default() },
                DocumentEnd::Failed(_) => Counts { failed: 1, ..Counts::default() },
                DocumentEnd::Absent => Counts::default(),
            };
            batch.count(self.id, &of.source, &counts)?;
            let mut room = MOST_DOCUMENTS;
            for source in named.iter().map(|seed| seed.source).collect::<std::collections::BTreeSet<_>>() {
                room = room.min(MOST_DOCUMENTS - batch.documents_of(self.id, source.as_str())?);
            }
            for seed in named.iter().take(usize::try_from(room).unwrap_or(0)) {
                batch.add_document(self.id, &document(&self.request, subject, seed), now())?;
            }
            batch.commit()
        })
    }

    /// Leaves a document for another attempt.
    pub(super) fn retry(&self, document: DocumentId, problem: &str, after: Duration) -> Result<(), StoreError> {
        let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
        let at = now().checked_add(after).unwrap_or(Timestamp::MAX);
        blocking(|| {
            let mut inner = self.inner();
            let batch = inner.writer.batch()?;
            batch.retry_document(document, problem, at)?;
            batch.commit()
        })
    }

    /// Pages at hand that wait to be cleaned.
    pub(super) fn pages_at_hand(&self) -> Result<i64, StoreError> {
        blocking(|| self.inner().writer.pages_at_hand())
    }

    /// Says that somebody still works on it.
    pub(super) fn touch(&self) -> Result<(), StoreError> {
        blocking(|| self.inner().writer.touch_backfill(self.id, now()))
    }

    /// Ends the backfill, if nothing is left to do; its days and `window` days after each are to be grouped once more.
    pub(super) fn end(&self, window: i32) -> Result<bool, StoreError> {
        blocking(|| self.inner().writer.end_backfill(self.id, window, now()))
    }

    /// What a dry run found.
    pub(super) fn plan(&self, end: End) -> Result<Plan, Error> {
        let writer = std::mem::replace(&mut self.inner().writer, Writer::scratch()?);
        let reader = writer.into_reader();
        let Waiting { domains, at_hand, .. } = reader.queued_by_domain()?;
        Ok(Plan { row: reader.backfill(self.id)?, domains, at_hand, failed: reader.failed_documents(self.id)?, end })
    }

    fn nudge(&self) {
        if let Some(sender) = &*self.nudge.lock().unwrap_or_else(PoisonError::into_inner) {
            // A full channel means that the pipeline is at work; it looks by itself before long.
            sender.try_send(Message::Queued).ok();
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn document<'a>(request: &Request, subject: &'a str, seed: &'a Seed) -> NewDocument<'a> {
    NewDocument {
        subject,
        source: seed.source.as_str(),
        place: request.place(seed.source),
        rank: seed.rank,
        url: &seed.url,
        step: &seed.step,
    }
}

/// The database may let us wait: not at the cost of the network.
fn blocking<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}
