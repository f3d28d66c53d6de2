//! `dateline search`: full text.

use std::io::Write;

use clap::Args;
use jiff::Timestamp;

use super::filters::Filters;
use super::table::{Style, fit, isolated, marked, moment, parted, width};
use super::{Outcome, Settings, json};
use crate::store::{Found, Reader};

/// Articles that hold all the words, best match first (among the ten thousand newest).
#[derive(Debug, Args)]
#[command(after_help = "\
Words are looked for as they stand, whatever signs are in them. Operators: \"a phrase\", begin*, -without, OR, AND, NOT,
(parentheses), and title:word, subtitle:word, text:word. Case and accents do not matter.
Example: dateline search 'earthquake -drill' --language en --since 2024-05-01")]
pub(super) struct Arguments {
    /// What to look for
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    #[command(flatten)]
    filters: Filters,
    /// How many articles
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// JSON: a list of articles, each with the words around what was found as `snippet`
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let reader = Reader::open(&settings.database()?)?;
    let query = arguments.query.join(" ");
    let found = reader.search(&query, &arguments.filters.selection(), arguments.limit)?;
    let mut output = std::io::stdout().lock();
    if arguments.json {
        writeln!(output, "{}", json::pretty(&found)?)?;
    } else if found.is_empty() {
        writeln!(output, "nothing found for `{}`", fit(&query, 200))?;
    } else {
        #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
        let now = Timestamp::now();
        for found in &found {
            write!(output, "{}", shown(found, now, width(), Style::of_stdout()))?;
        }
    }
    Ok(Outcome::Done)
}

fn shown(found: &Found, now: Timestamp, width: usize, style: Style) -> String {
    let article = &found.article;
    let title = match &article.title {
        Some(_) => marked(found.title.pieces(), width, style),
        None => "(no title)".to_owned(),
    };
    let snippet = marked(found.snippet.pieces(), width.saturating_sub(4), style);
    let facts = [
        isolated(&fit(&article.publisher, 40.min(width.saturating_sub(4)))),
        moment(article.published_at.as_deref(), now),
        format!("event {}", article.event_id),
    ];
    // The address is whole, so that it can be taken from here.
    format!("{title}\n{}    {snippet}\n    {}\n", parted(&facts, 4, width), fit(&article.url, 200))
}
