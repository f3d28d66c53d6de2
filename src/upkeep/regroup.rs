//! Stored articles grouped anew, in the order in which they were published: all, or those of the days that a backfill stirred up.
//!
//! The index holds the days around the article at hand, as it does in the pipeline, so memory does not grow with the database. The result is collected
//! beside the partition that stands and replaces it in one transaction: stopped at any moment before that, nothing has happened to it, and the next run
//! over all goes on where this one was.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use serde::Serialize;

use crate::event::{ArticleId, EventId};
use crate::group::{Assignment, Day, Index, Member, Options, Signature, Story};
use crate::store::{Difference, Error, Move, Placed, Reached, Regrouping, Stored, Writer};

/// Articles read at once.
const STEP: u32 = 500;

/// Articles in the index, beyond those of the days around the article at hand.
const INDEXED: usize = 200_000;

/// A partition that was collected.
#[derive(Debug)]
pub struct Regrouped {
    /// How it differs from the one that stands.
    pub difference: Difference,
    /// Some of the articles that change their event.
    pub moves: Vec<Move>,
    /// Articles on which the grouper broke down: each is an event of its own.
    pub broken: u64,
    /// How many articles an earlier run had grouped, if one was stopped on its way.
    pub resumed_after: Option<u64>,
}

/// Of so many earlier articles the words are learnt once more, in the order in which they appeared, so that a day is judged by what was known then: the
/// statistics in force know it, and what came after, which moved 1.1 % of 12,000 articles in a database that began with them (2026-11-23). Beyond,
/// they hardly change any more, and reading takes seconds.
const LEARNT_AGAIN: i64 = 50_000;

/// What grouping days once more did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Articles looked at.
    pub articles: i64,
    /// Of these, those that changed their event.
    pub moved: i64,
    /// Events that became part of others.
    pub events_merged: i64,
}

impl std::ops::AddAssign for Settled {
    fn add_assign(&mut self, more: Self) {
        self.articles += more.articles;
        self.moved += more.moved;
        self.events_merged += more.events_merged;
    }
}

/// What groups the articles, in short: what another version or other options began is not gone on with.
#[must_use]
pub fn made_by(options: Options) -> String {
    format!("dateline {}, {options:?}", env!("CARGO_PKG_VERSION"))
}

/// Groups every stored article anew. `progress` is told articles done and articles in all; `samples` is how many moves are named.
///
/// # Errors
/// When the database or the disk of temporary files refuses.
pub fn regroup(
    regrouping: &Regrouping<'_>,
    options: Options,
    samples: usize,
    mut progress: impl FnMut(u64, u64),
) -> Result<Regrouped, Error> {
    let mut index = Index::new(options);
    index.restore_statistics(regrouping.learnt()?);
    let resumed_after = Some(regrouping.reached().place.unsigned_abs()).filter(|grouped| *grouped > 0);
    let collected = collect(regrouping, &mut index, |index, reached, total| {
        progress(reached.place.unsigned_abs(), total);
        regrouping.keep(reached, &index.statistics_to_save())?;
        Ok(ControlFlow::Continue(()))
    })?;
    let (ControlFlow::Continue(broken) | ControlFlow::Break(broken)) = collected;
    let difference = regrouping.compare()?;
    let moves = regrouping.moves(samples)?;
    Ok(Regrouped { difference, moves, broken, resumed_after })
}

/// Groups some of the days once more that backfills [owe](Writer::owed), some `most` articles, in the order in which they were published. `None`: nothing
/// is owed, or `go_on`, told how many articles are done, breaks it off: one day may have any number. The word statistics that are stored stay: these
/// articles were counted.
///
/// # Errors
/// When the database or the disk of temporary files refuses: then these days are still owed.
pub fn settle(
    writer: &mut Writer,
    options: Options,
    most: i64,
    now: Timestamp,
    go_on: impl Fn(u64) -> ControlFlow<()>,
) -> Result<Option<Settled>, Error> {
    let Some(days) = writer.owed(most)? else { return Ok(None) };
    let mut index = Index::new(options);
    let learn = |bytes: &[u8]| {
        if let Some(signature) = Signature::from_bytes(bytes) {
            index.learn(&signature);
        }
    };
    if !writer.signatures_before(*days.start(), LEARNT_AGAIN, learn)? {
        index.restore_statistics(writer.batch()?.statistics()?);
    }
    let regrouping = writer.regrouping_of(&days, options.window_days())?;
    let first = regrouping.reached().place;
    if collect(&regrouping, &mut index, |_, reached, _| Ok(go_on((reached.place - first).unsigned_abs())))?.is_break() {
        return Ok(None);
    }
    let Difference { articles, moved, events_merged, .. } = regrouping.compare()?;
    regrouping.done()?;
    let batch = writer.batch()?;
    batch.regroup_collected(now)?;
    batch.pay(&days)?;
    batch.commit()?;
    tracing::info!(days = days.count(), articles, moved, events_merged, "old articles were grouped once more");
    Ok(Some(Settled { articles, moved, events_merged }))
}

/// Puts every article that has a turn in its place, as long as `progress` lets it, which is told how far it came and how many turns there are; gives
/// back on how many the grouper broke down.
fn collect(
    regrouping: &Regrouping<'_>,
    index: &mut Index,
    mut progress: impl FnMut(&mut Index, Reached, u64) -> Result<ControlFlow<()>, Error>,
) -> Result<ControlFlow<u64, u64>, Error> {
    load(regrouping, index)?;
    let total = regrouping.count()?;
    let mut reached = regrouping.reached();
    loop {
        if progress(index, reached, total)?.is_break() {
            return Ok(ControlFlow::Break(reached.broken));
        }
        let turns = regrouping.turns(reached.place, STEP)?;
        let Some(turn) = turns.last() else { return Ok(ControlFlow::Continue(reached.broken)) };
        reached.place = turn.place;
        for turn in turns {
            let stored = turn.signature.as_deref().and_then(Signature::from_bytes);
            let (signature, signed) = if let Some(signature) = stored {
                (signature, None)
            } else {
                let signature = sign(&regrouping.stored(turn.article)?);
                let signed = (signature.day(), signature.to_bytes());
                (signature, Some(signed))
            };
            let days = index.days_needed(&signature);
            // Among the articles of an event those that appeared first come first, whatever the order in which they were stored.
            let article = ArticleId(turn.place);
            let fresh = EventId(regrouping.fresh() + turn.place);
            let assigned = assign(index, article, fresh, signature);
            index.evict(&days, INDEXED);
            reached.broken += u64::from(assigned.is_none());
            let Assignment { event, duplicate_of, merged, recopied, lead } =
                assigned.unwrap_or_else(|| alone(article, fresh));
            regrouping.place(&Placed { article, event, duplicate_of, merged, recopied, lead, signed })?;
        }
    }
}

/// The articles that have their events already.
fn load(regrouping: &Regrouping<'_>, index: &mut Index) -> Result<(), Error> {
    let mut days: BTreeMap<Day, Vec<Member>> = BTreeMap::new();
    for standing in regrouping.standing(index.options().window_days())? {
        let Some(signature) = Signature::from_bytes(&standing.signature) else { continue };
        days.entry(standing.day).or_default().push(Member {
            article: ArticleId(standing.place),
            event: standing.event,
            duplicate_of: standing.duplicate_of.map(ArticleId),
            signature,
        });
    }
    for (day, members) in days {
        index.load(day, members);
    }
    Ok(())
}

/// Puts the partition of all articles that was collected on this writer's connection in the place of the one that stands.
///
/// # Errors
/// When the database refuses: then the old one stands, and the next run goes on with what was collected.
pub fn apply(writer: &mut Writer, now: Timestamp) -> Result<(), Error> {
    let batch = writer.batch()?;
    batch.regroup_all(now)?;
    batch.commit()?;
    writer.forget_regrouping()
}

/// `None` where the grouper breaks down on a story: one story must not keep the others from being grouped.
fn assign(index: &mut Index, article: ArticleId, fresh: EventId, signature: Signature) -> Option<Assignment> {
    let assigned = catch_unwind(AssertUnwindSafe(|| index.assign(article, fresh, signature)));
    if assigned.is_err() {
        tracing::error!(
            article = article.0,
            "the grouper broke down on an article, which becomes an event of its own; please report it"
        );
    }
    assigned.ok()
}

fn alone(article: ArticleId, event: EventId) -> Assignment {
    Assignment { event, duplicate_of: None, merged: Vec::new(), recopied: Vec::new(), lead: article }
}

fn sign(stored: &Stored) -> Signature {
    Signature::of(&Story {
        url: &stored.url,
        title: stored.title.as_deref(),
        text: &stored.text,
        published_at: stored.published_at,
        seen_at: stored.fetched_at,
        language: stored.language.as_deref(),
        publisher: &stored.publisher,
        attribution: stored.attribution.as_deref(),
        dateline: stored.dateline.as_deref(),
    })
}
