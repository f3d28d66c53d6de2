//! The integration tests, one binary.

mod fetch;
mod press;
