//! dateline: configured feeds in, event-grouped articles in one SQLite file out.
//!
//! One article travels one way: **announce → fetch → clean → group → store**.

pub mod address;
pub mod article;
pub mod clean;
pub mod entry;
pub mod event;
pub mod group;
pub mod store;
pub mod schedule;
