//! Every stored article grouped anew, in the order in which they were published.
//!
//! The index holds the days around the article at hand, as it does in the pipeline, so memory does not grow with the database. The result is collected
//! beside the partition that stands and replaces it in one transaction: stopped at any moment before that, nothing has happened.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use crate::event::{ArticleId, EventId};
use crate::group::{Assignment, Index, Options, SavedRow, Signature, Story};
use crate::store::{Difference, Error, Move, Placed, Regrouping, Stored, Writer};

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
    statistics: Vec<SavedRow>,
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
    let total = regrouping.count()?;
    let mut index = Index::new(options);
    let (mut place, mut done, mut broken) = (0, 0, 0);
    loop {
        progress(done, total);
        let turns = regrouping.turns(place, STEP)?;
        let Some(last) = turns.last() else { break };
        place = last.place;
        done += turns.len() as u64;
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
            // Any number that no article before had will do for a new event.
            let assigned = assign(&mut index, turn.article, EventId(turn.place), signature);
            index.evict(&days, INDEXED);
            broken += u64::from(assigned.is_none());
            let Assignment { event, duplicate_of, merged, recopied, lead } =
                assigned.unwrap_or_else(|| alone(turn.article, EventId(turn.place)));
            let article = turn.article;
            regrouping.place(&Placed { article, event, duplicate_of, merged, recopied, lead, signed })?;
        }
    }
    let difference = regrouping.compare()?;
    let moves = regrouping.moves(samples)?;
    Ok(Regrouped { difference, moves, broken, statistics: index.statistics_to_save() })
}

/// Puts a partition that was collected on this writer's connection in the place of the one that stands.
///
/// # Errors
/// When the database refuses: then the old one stands.
pub fn apply(writer: &mut Writer, regrouped: &Regrouped, now: Timestamp) -> Result<(), Error> {
    let batch = writer.batch()?;
    batch.regroup_all(&regrouped.statistics, now)?;
    batch.commit()
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
