//! Which articles: what `search` and `export` have in common.

use super::range::When;
use crate::store::Selection;

/// Conditions that an article must meet, each where it is given.
#[derive(Debug, clap::Args)]
pub(super) struct Filters {
    /// Published on this day or later; or at this time
    #[arg(long, value_name = "DATE")]
    since: Option<When>,
    /// Published on this day or earlier; or at this time
    #[arg(long, value_name = "DATE")]
    until: Option<When>,
    /// Only of this publisher, `rudaw.net`; may be repeated
    #[arg(long, value_name = "DOMAIN")]
    publisher: Vec<String>,
    /// Only in this language, `en`; may be repeated
    #[arg(long, value_name = "TAG")]
    language: Vec<String>,
    /// Only of this event; may be repeated
    #[arg(long, value_name = "ID")]
    event: Vec<i64>,
}

impl Filters {
    pub(super) fn selection(&self) -> Selection {
        Selection {
            since: self.since.map(When::begin),
            before: self.until.map(When::end),
            publishers: self.publisher.clone(),
            languages: self.language.clone(),
            events: self.event.clone(),
        }
    }
}
