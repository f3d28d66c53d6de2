//! The store: one SQLite file, written by one recorder, read by everybody.
//!
//! - [`Writer`] is the only writing connection of a process; each of its verbs runs inside the transaction of a [`Batch`], and the batch commits
//!   as one: article, event, revision, change rows and the end of the queue entry together, or none of them.
//! - [`queue`] says which entries are due; an entry waits in the database until it is stored or rejected.
//! - [`Reader`] answers what the commands ask, with read-only rights, beside a running writer.
//! - [`backup()`] makes a consistent copy while others write.
//! - A backfill's request, documents and entries are kept here ([`BackfillId`]), so that it goes on where it was.
//! - [`Lock`] makes sure that one process at a time runs the pipeline.
//!
//! Knows nothing of how entries are fetched, cleaned or grouped: it is handed the outcome.
//!
//! Invariants: times are RFC 3339 UTC text in whole seconds; ids are never reused; every change of an article or event has a row in
//! `change`; the schema changes by migrations only, forward only.

mod announce;
mod backfill;
mod backup;
mod documents;
mod error;
mod events;
mod files;
mod follow;
mod lock;
mod migrate;
mod owed;
mod pages;
mod prune;
pub mod queue;
mod reader;
mod recheck;
mod reclean;
mod record;
mod regroup;
mod room;
mod schema;
mod search;
mod seen;
mod selection;
mod vitals;
mod writer;

pub use announce::{Announced, FeedSettings, Item};
pub use backfill::{BackfillId, BackfillRow, Begun, Capture, Captured, Counts, Old, Rejections, SourceRow, Waiting};
pub use backup::{Existing, backup, backup_pages};
pub use documents::{Document, DocumentEnd, DocumentId, NewDocument, Next};
pub use error::Error;
pub use files::remove_database;
pub use follow::{Change, ChangeRow, Changes, Kind, Record};
pub use lock::Lock;
pub use migrate::SCHEMA_VERSION;
pub use pages::{Future, Kept, Packer, Pages};
pub use prune::{Pruned, Retention};
pub use queue::{Cause, EntryId, Queued};
pub use reader::{ArticleRow, EventPage, EventRow, FeedRow, Reader, Totals};
pub use recheck::{Look, Recheck};
pub use reclean::{Before, Scope, StoredArticle};
pub use record::{Grouped, Recorded, Words};
pub use regroup::{Difference, Move, Placed, Reached, Regrouping, Standing, Stored, Turn};
pub use room::{free_bytes, size_text};
pub use schema::APPLICATION_ID;
pub use search::{Found, Marked};
pub use selection::Selection;
pub use vitals::{Intake, PUNCTUAL_S, PastPoll, Sizes, Vitals};
pub use writer::{Batch, FeedId, FeedState, Interrupt, PollRecord, Writer};

use jiff::Timestamp;

/// A moment as it stands in the database: RFC 3339, UTC, whole seconds.
#[must_use]
pub fn time_text(moment: Timestamp) -> String {
    let seconds = Timestamp::from_second(moment.as_second()).unwrap_or(moment);
    seconds.to_string()
}
