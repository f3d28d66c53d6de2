//! `dateline search`: full text.

use std::io::Write;

use clap::Args;

use super::table::{fit, minute};
use super::{Outcome, Settings};
use crate::store::Reader;

/// Articles that hold all the words, best match first.
#[derive(Debug, Args)]
#[command(after_help = "Words, \"a phrase\", prefix*, OR, NOT, and columns (title: visit) as in SQLite's FTS5.\n\
    Example: dateline search 'earthquake NOT drill'")]
pub(super) struct Arguments {
    /// What to look for
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// How many articles
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// JSON: a list of articles
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let reader = Reader::open(&settings.database()?)?;
    let query = arguments.query.join(" ");
    let found = reader.search(&query, arguments.limit)?;
    let mut output = std::io::stdout().lock();
    if arguments.json {
        writeln!(output, "{}", serde_json::to_string_pretty(&found)?)?;
    } else if found.is_empty() {
        writeln!(output, "nothing found for `{}`", fit(&query, 200))?;
    } else {
        for article in &found {
            let title = fit(article.title.as_deref().unwrap_or("(no title)"), 100);
            writeln!(
                output,
                "{}  {:<24} {title}",
                minute(article.published_at.as_deref()),
                fit(&article.publisher, 24)
            )?;
            writeln!(output, "                  event {} · {}", article.event_id, fit(&article.url, 160))?;
        }
    }
    Ok(Outcome::Done)
}
