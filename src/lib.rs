//! dateline: configured feeds in, event-grouped articles in one SQLite file out.
//!
//! One article travels one way: **announce → fetch → clean → group → store**. This page is the map; modules stand in the order in which an article
//! meets them.
//!
//! ```text
//!            clock                    ┌───────────── pipeline ─────────────┐
//!              │                      │                                    │
//!  daemon: schedule → fetch → feed ─→ queue ─→ fetch ─→ clean ─→ recorder: group → store
//!                     (polls)     ↗  (in the   (pages)  (processors)  (one thread)    │
//!  backfill: documents → archive ─┘  database)                                   one SQLite file
//! ```
//!
//! # Where things are
//!
//! | module | what | pure? |
//! | --- | --- | --- |
//! | [`entry`], [`article`], [`event`], [`address`] | the nouns: what is announced, stored, grouped; which addresses are one page | yes |
//! | [`feed`] | bytes → what a feed announces | yes |
//! | [`schedule`] | which feed is due when; back-off; feeds that move, lie or die | yes |
//! | [`discover`], [`opml`], [`catalogue`] | finding feeds, exchanging lists of them | yes |
//! | [`filter`] | which entries of a feed are wanted | yes |
//! | [`archive`] | sitemaps, archives, WARC files → what was announced long ago | yes |
//! | [`fetch`] | address → bytes, politely and only from public addresses | no |
//! | [`clean`] | page → article, or the reason why there is none | yes |
//! | [`group`] | article → event; copies | yes |
//! | [`store`] | the database: queue, articles, events, changes; lock; migrations | no |
//! | [`export`] | articles in the formats that other programs load: JSON Lines, CSV, Parquet | no |
//! | [`pipeline`] | the one seam: queue → fetch → clean → recorder (group → store) | no |
//! | [`health`] | is all well? for `status` and `/healthz` | yes |
//! | [`metrics`] | what the process counts and times | no |
//! | [`daemon`] | clock → due feeds → entries, until told to stop; or every feed once | no |
//! | [`backfill`] | archives → entries, until nothing is left to read; then waits until they are worked off | no |
//! | [`upkeep`] | today's cleaner and grouper over what is stored | no |
//! | [`config`] | file and environment → what is in force, or every fault | no |
//! | [`cli`] | one file a command: its arguments and what it prints | no |
//! | [`demo`] | the bundled press: the world outside, on loopback | no |
//!
//! *Pure* is values in, values out: no files, no network, no clock (`now` is an argument), no runtime. Stages import the nouns and never each
//! other; `tests/it/layers.rs` reads the sources and fails on a breach.
//!
//! # The rules that everything else leans on
//!
//! 1. **The queue is in the database.** An entry waits in the `entry` table until it is stored or rejected. A poll commits its entries and the
//!    feed's validators in one transaction: a crash can neither lose an entry nor forget that one was seen.
//! 2. **One recorder.** A thread owns the writing connection and the grouping index, takes messages from one bounded channel, and writes
//!    them in batches, one transaction each. Grouping happens beside the insert, so memory and disk cannot disagree. A failed commit is
//!    fatal: exit, restart, rebuild from the database. A slow disk slows fetching; nothing piles up.
//! 3. **What belongs together commits together**: article, event, revision, change rows and the end of the entry. Exactly once, by three keys: the
//!    canonical address, (feed, guid), and the content.
//! 4. **The index is a cache of the database**, by day of publication: days are loaded when an article of that time arrives and
//!    dropped when cold. A backfill of years ago and today's news use the same code in bounded memory.
//! 5. **Whoever holds `<db>.lock` runs the pipeline**; a second one is refused with the holder's process id. A backfill beside it only announces, in
//!    short transactions, and watches its entries being worked off.
//! 6. **Shutdown is the end of input.** Sources stop, what is in flight may finish for some seconds, the senders are dropped, the recorder commits the
//!    rest and closes. Fetches are aborted, commits never.
//! 7. **Readers downstream are users.** Views are the contract; readers without write permission work while the daemon runs and after it stopped.
//!
//! Deliberately absent: traits with one implementation, a crate-wide error, mocks (HTTP is tested on a loopback server, SQLite on a temporary file),
//! any state outside the database that a crash could lose.

pub mod address;
pub mod archive;
pub mod article;
pub mod backfill;
pub mod catalogue;
pub mod clean;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod demo;
pub mod discover;
pub mod entry;
pub mod event;
pub mod export;
pub mod feed;
pub mod fetch;
pub mod filter;
pub mod group;
pub mod health;
pub mod metrics;
pub mod opml;
pub mod pipeline;
pub mod schedule;
pub mod store;
pub mod upkeep;
