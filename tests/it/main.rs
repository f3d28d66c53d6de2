//! The integration tests, one binary.
#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::string_slice,
    clippy::format_collect,
    reason = "a binary of tests: its modules share helpers, a panic is a failure, and the clock is real"
)]

mod announce;
mod backfill;
mod backup;
mod cli;
mod cookbook;
mod crash;
mod demo;
mod export;
mod faults;
mod fetch;
mod filled;
mod identity;
mod layers;
mod litestream;
mod logs;
mod newsroom;
mod pages;
mod press;
mod prune;
mod quality;
mod readers;
mod reading;
mod readme;
mod recheck;
mod reclean;
mod regroup;
mod schema;
mod schema_page;
mod service;
mod sound;
mod streams;
mod tail;
mod upgrade;
mod warnings;
