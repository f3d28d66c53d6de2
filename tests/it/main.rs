//! The integration tests, one binary.
#![expect(unreachable_pub, reason = "a binary of tests: modules share their helpers, nobody outside uses them")]

mod cli;
mod crash;
mod fetch;
mod layers;
mod line;
mod newsroom;
mod press;
mod schema;
