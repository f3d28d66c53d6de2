//! One story on its way into the database: new, edited, gone, or as it was; and where it belongs.
//!
//! Runs on the recorder's thread, inside its transaction. Grouping happens beside the insert, so memory and disk cannot disagree.

use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::Assign;
use super::message::{Finding, KeptPage, Looked, Reading};
use crate::address;
use crate::article::Article;
use crate::clean::edit::{self, Change, Version};
use crate::event::{ArticleId, EventId};
use crate::fetch::Validators;
use crate::group::{Assignment, Day, Index, Member, Signature, compare};
use crate::metrics::METRICS;
use crate::schedule::{self, Rechecks};
use crate::store::{Batch, Before, Cause, Error, Grouped, Look, Queued, Recheck, Recorded, Words};

/// Articles in the grouping index, beyond those of the days around the article at hand.
const INDEXED: usize = 200_000;

/// What became of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filed {
    /// It was stored.
    New,
    /// Its words changed.
    Edited,
    /// It was marked as gone.
    Gone,
    /// It was published outside the range of the backfill that found it, and not stored.
    Outside,
    /// It stands as it did.
    Unchanged,
}

/// What filing a story takes.
pub(super) struct Filing<'a> {
    pub(super) batch: &'a Batch<'a>,
    pub(super) index: &'a mut Index,
    pub(super) rechecks: &'a Rechecks,
    pub(super) assign: Assign,
}

impl Filing<'_> {
    /// Files what an entry's page says, and ends the entry.
    pub(super) fn record(
        &mut self,
        queued: &Queued,
        reading: &mut Reading,
    ) -> Result<(Option<ArticleId>, Filed), Error> {
        let at = reading.fetched_at;
        match self.batch.resolve(queued, &mut reading.article)? {
            Recorded::New { article: id, fresh } => {
                if let Some(reason) = self.batch.outside_range(queued.id, &reading.article)? {
                    self.batch.reject(queued.id, Cause::Range, &reason, at)?;
                    return Ok((None, Filed::Outside));
                }
                let grouped = self.assign(id, fresh, reading.signature.clone())?;
                self.batch.insert(queued, id, &reading.article, &grouped, at)?;
                if let Some(validators) = &reading.validators {
                    let article = &reading.article;
                    let since = schedule::since(article.published_at.zip(article.published_precision), at);
                    let look = planned(self.rechecks.next(since, at), validators);
                    self.batch.plan(id, queued.id, &article.url, since, &look)?;
                }
                Ok((Some(id), Filed::New))
            }
            Recorded::Known(id, words) => {
                // What an archive remembers is no news of a story that is known.
                let filed = if reading.seen_at < at { Filed::Unchanged } else { self.revise(id, &words, reading)? };
                self.batch.end(queued, id, at)?;
                Ok((Some(id), filed))
            }
        }
    }

    /// Files what came of another look at a story, and plans the next. Gives back a page to keep.
    pub(super) fn look(&mut self, looked: Looked) -> Result<(Filed, Option<(KeptPage, Timestamp)>), Error> {
        let Looked { recheck, at, finding } = looked;
        let id = recheck.article;
        let Some(words) = self.batch.words(id)? else { return Ok((Filed::Unchanged, None)) };
        let known = Validators { etag: recheck.etag.clone(), last_modified: recheck.last_modified.clone() };
        let mut next = self.rechecks.next(recheck.since, at);
        let (filed, validators, page) = match finding {
            Finding::Same(validators) => {
                self.batch.found(id, at)?;
                (Filed::Unchanged, validators, None)
            }
            Finding::Read(reading) if leads_elsewhere(&recheck, &reading.article, &words) => {
                (self.gone(&recheck, at, &mut next)?, known, None)
            }
            Finding::Read(mut reading) => {
                let page = reading.kept.take().map(|kept| (kept, at));
                let filed = self.revise(id, &words, &reading)?;
                (filed, reading.validators.unwrap_or_default(), page)
            }
            Finding::Gone(_) => (self.gone(&recheck, at, &mut next)?, known, None),
            Finding::Unclear(_) => (Filed::Unchanged, known, None),
            Finding::Failed { next_attempt_at } => {
                let look = Look { attempts: recheck.attempts + 1, ..planned(Some(next_attempt_at), &known) };
                self.batch.plan_next(id, &look)?;
                return Ok((Filed::Unchanged, None));
            }
        };
        self.batch.plan_next(id, &planned(next, &validators))?;
        Ok((filed, page))
    }

    /// Marks a story as gone; one that was there before is looked at once more, soon.
    fn gone(&mut self, recheck: &Recheck, at: Timestamp, next: &mut Option<Timestamp>) -> Result<Filed, Error> {
        if !self.batch.gone(recheck.article, at)? {
            return Ok(Filed::Unchanged);
        }
        *next = self.rechecks.proof(recheck.since, at);
        Ok(Filed::Gone)
    }

    /// Files what the page of a known story says now.
    fn revise(&mut self, id: ArticleId, words: &Words, reading: &Reading) -> Result<Filed, Error> {
        let (article, at) = (&reading.article, reading.fetched_at);
        self.batch.found(id, at)?;
        let before = Version { title: words.title.as_deref(), subtitle: words.subtitle.as_deref(), text: &words.text };
        let now =
            Version { title: article.title.as_deref(), subtitle: article.subtitle.as_deref(), text: &article.text };
        let Some(change) = unless_it_panics(|| edit::compare(&before, &now, reading.notice)) else {
            tracing::error!(
                article = id.0,
                "an article could not be compared with what it said before, which stays; please report it"
            );
            return Ok(Filed::Unchanged);
        };
        if change != Change::Edited {
            return Ok(Filed::Unchanged);
        }
        self.batch.revise(id, article, at)?;
        self.reconsider(id, reading.signature.clone(), at)?;
        Ok(Filed::Edited)
    }

    /// Files what the kept page of a known story says to today's cleaner. A story that tells something else, or of another day, is grouped anew.
    pub(super) fn amend(
        &mut self,
        id: ArticleId,
        reading: &Reading,
        before: Before,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.batch.amend(id, &reading.article, before, now)?;
        let Some((filed, alone)) = self.batch.filed(id)? else { return Ok(()) };
        let signature = reading.signature.clone();
        let stays = Signature::from_bytes(&filed.signature)
            .is_some_and(|before| before.day() == signature.day() && compare(&before, &signature).same);
        if stays {
            return self.refile(id, signature);
        }
        self.move_to(id, alone.then_some(filed.event), signature, now)
    }

    /// An article that tells something else after an edit is grouped anew; one that tells the same keeps its place, and is found by its new words
    /// from now on.
    fn reconsider(&mut self, id: ArticleId, signature: Signature, at: Timestamp) -> Result<(), Error> {
        let Some((filed, alone)) = self.batch.filed(id)? else { return Ok(()) };
        match Signature::from_bytes(&filed.signature) {
            Some(before) if compare(&before, &signature).same => self.refile(id, signature.at_the_time_of(&before)),
            _ => self.move_to(id, alone.then_some(filed.event), signature, at),
        }
    }

    /// Files an article that keeps its place under its new words.
    fn refile(&mut self, id: ArticleId, signature: Signature) -> Result<(), Error> {
        self.batch.sign(id, signature.day(), &signature.to_bytes())?;
        self.index.refile(id, signature);
        Ok(())
    }

    /// Groups a stored article anew; `own` is its event where it is the only one of it.
    fn move_to(
        &mut self,
        id: ArticleId,
        own: Option<EventId>,
        signature: Signature,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.load(&self.index.days_needed(&signature))?;
        let orphaned = self.index.remove(id);
        let fresh = match own {
            Some(event) => event,
            None => self.batch.fresh_event()?,
        };
        let mut grouped = self.assign(id, fresh, signature)?;
        // Copies of what it said before are copies of one another now.
        grouped.recopied.splice(0..0, orphaned);
        self.batch.regroup(id, &grouped, at)
    }

    fn assign(&mut self, id: ArticleId, fresh: EventId, signature: Signature) -> Result<Grouped, Error> {
        let _passage = METRICS.group.enter();
        let days = self.index.days_needed(&signature);
        self.load(&days)?;
        let (day, bytes) = (signature.day(), signature.to_bytes());
        let Some(assigned) = unless_it_panics(|| (self.assign)(self.index, id, fresh, signature)) else {
            tracing::error!(
                article = id.0,
                "the grouper broke down on an article, which becomes an event of its own; please report it"
            );
            // What it left half done is forgotten: the index is a cache. The article stays out of it until `dateline regroup`.
            #[expect(clippy::reversed_empty_ranges, reason = "no day is kept")]
            self.index.evict(&(1..=0), 0);
            let alone =
                Assignment { event: fresh, duplicate_of: None, merged: Vec::new(), recopied: Vec::new(), lead: id };
            return Ok(grouped(alone, day, Vec::new()));
        };
        self.index.evict(&days, INDEXED);
        Ok(grouped(assigned, day, bytes))
    }

    /// The index is a cache of the database: days are loaded when an article of that time arrives.
    fn load(&mut self, days: &RangeInclusive<Day>) -> Result<(), Error> {
        for day in days.clone() {
            if self.index.is_loaded(day) {
                continue;
            }
            let members = self.batch.signatures(day)?.into_iter().filter_map(|filed| {
                let signature = Signature::from_bytes(&filed.signature)?;
                Some(Member { article: filed.article, event: filed.event, duplicate_of: filed.duplicate_of, signature })
            });
            self.index.load(day, members);
        }
        Ok(())
    }
}

fn grouped(assigned: Assignment, day: Day, signature: Vec<u8>) -> Grouped {
    let Assignment { event, duplicate_of, merged, recopied, lead } = assigned;
    Grouped { event, duplicate_of, merged, recopied, lead, day, signature }
}

/// One story that breaks the grouper must not end the daemon, again after every start.
fn unless_it_panics<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn planned(due_at: Option<Timestamp>, validators: &Validators) -> Look<'_> {
    Look { due_at, attempts: 0, etag: validators.etag.as_deref(), last_modified: validators.last_modified.as_deref() }
}

/// Whether a story's address leads to another page now, which tells something else: the home page, a section, another story.
fn leads_elsewhere(recheck: &Recheck, article: &Article, words: &Words) -> bool {
    address::key(&recheck.url) != address::key(&article.url) && !words.tells_the_same(article)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer() {
        assert_eq!(unless_it_panics(|| 7), Some(7));
        assert_eq!(unless_it_panics(|| -> i32 { panic!("a story of an unheard-of shape") }), None);
    }
}
