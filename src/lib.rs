//! dateline: configured feeds in, event-grouped articles in one SQLite file out.
//!
//! One article travels one way: **announce → fetch → clean → group → store**.

pub mod address;
pub mod article;
pub mod catalogue;
pub mod clean;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod demo;
pub mod discover;
pub mod entry;
pub mod event;
pub mod feed;
pub mod fetch;
pub mod group;
pub mod opml;
pub mod pipeline;
pub mod schedule;
pub mod store;
