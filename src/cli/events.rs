//! `dateline events`: what happened, and who told of it.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::bail;
use clap::Args;

use super::table::{fit, minute};
use super::{Outcome, Settings};
use crate::group::{Story, explain};
use crate::store::{ArticleRow, EventPage, Reader};

/// Recent events, newest first, with their articles; or one event with its timeline.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The number of one event
    #[arg(value_name = "ID")]
    id: Option<i64>,
    /// With ID: say of each article why it is in the event, against the one that gives the title
    #[arg(long, requires = "id", conflicts_with = "json")]
    explain: bool,
    /// How many events
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// JSON: a list of events, or one event
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let reader = Reader::open(&settings.database()?)?;
    let mut output = std::io::stdout().lock();
    let Some(id) = arguments.id else {
        let events = reader.events(arguments.limit)?;
        if arguments.json {
            writeln!(output, "{}", serde_json::to_string_pretty(&events)?)?;
        } else if events.is_empty() {
            writeln!(output, "no events yet; `dateline run` collects them, `dateline status` says how it goes")?;
        } else {
            for event in &events {
                write!(output, "{}", summary(event, 6))?;
            }
        }
        return Ok(Outcome::Done);
    };
    let Some(event) = reader.event(id)? else { bail!("no event {id}; `dateline events` lists them") };
    if arguments.json {
        writeln!(output, "{}", serde_json::to_string_pretty(&event)?)?;
    } else {
        write!(output, "{}", timeline(&event, id))?;
        if arguments.explain {
            write!(output, "{}", reasons(&event))?;
        }
    }
    Ok(Outcome::Done)
}

/// An event with the first `most` of its articles.
pub(super) fn summary(event: &EventPage, most: usize) -> String {
    let mut text = format!(
        "#{} {}\n    {} · {} · {}\n",
        event.event.id,
        fit(event.event.title.as_deref().unwrap_or("(no title)"), 100),
        minute(event.event.first_published_at.as_deref()),
        counted(event.event.article_count, "article"),
        counted(event.event.publisher_count, "publisher"),
    );
    for article in event.articles.iter().take(most) {
        let copy = article.duplicate_of.map(|original| format!("  (copy of article {original})")).unwrap_or_default();
        let _ = writeln!(
            text,
            "    {:<26} {}{copy}",
            fit(&article.publisher, 26),
            fit(article.title.as_deref().unwrap_or("(no title)"), 80)
        );
    }
    let rest = event.articles.len().saturating_sub(most);
    if rest > 0 {
        let _ = writeln!(text, "    … and {rest} more: dateline events {}", event.event.id);
    }
    text
}

fn counted(count: i64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Everything about an event: who told it first, who copied whom.
fn timeline(event: &EventPage, asked: i64) -> String {
    let mut text = String::new();
    if event.event.id != asked {
        let _ = writeln!(text, "event {asked} turned out to be part of event {}", event.event.id);
    }
    let _ = writeln!(text, "#{} {}", event.event.id, fit(event.event.title.as_deref().unwrap_or("(no title)"), 200));
    let _ = writeln!(
        text,
        "{} by {}, {} to {}, languages: {}\n",
        counted(event.event.article_count, "article"),
        counted(event.event.publisher_count, "publisher"),
        minute(event.event.first_published_at.as_deref()),
        minute(event.event.last_published_at.as_deref()),
        event.event.languages.join(", "),
    );
    for article in &event.articles {
        let lead = if event.event.lead_article_id == Some(article.id) { "  ← gives the event its title" } else { "" };
        let _ = writeln!(text, "{}  {}{lead}", minute(article.published_at.as_deref()), fit(&article.publisher, 60));
        let _ = writeln!(text, "    {}", fit(article.title.as_deref().unwrap_or("(no title)"), 160));
        if let Some(original) = article.duplicate_of {
            let whose = event
                .articles
                .iter()
                .find(|other| other.id == original)
                .map_or_else(|| format!("article {original}"), |other| other.publisher.clone());
            let _ = writeln!(text, "    a copy of what {} published", fit(&whose, 60));
        }
        if let Some(credit) = &article.attribution {
            let _ = writeln!(text, "    credits {}", fit(credit, 80));
        }
        let _ = writeln!(text, "    {}", fit(&article.url, 200));
    }
    text
}

/// Why each article is in the event: what speaks for and against, compared with the article that gives the title.
fn reasons(event: &EventPage) -> String {
    let mut text = String::new();
    let Some(lead) = event.articles.iter().find(|article| event.event.lead_article_id == Some(article.id)) else {
        return text;
    };
    let _ = writeln!(text, "\nCompared with what {} told, each article for itself:", fit(&lead.publisher, 60));
    for article in event.articles.iter().filter(|article| article.id != lead.id) {
        let comparison = explain(&story(lead), &story(article));
        let _ = writeln!(text, "{:.2}  {}", comparison.score, fit(&article.publisher, 60));
        for why in &comparison.why {
            let _ = writeln!(text, "      {}", fit(why, 160));
        }
    }
    text
}

fn story(article: &ArticleRow) -> Story<'_> {
    let moment = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    Story {
        url: &article.url,
        title: article.title.as_deref(),
        text: &article.text,
        published_at: moment(article.published_at.as_deref()),
        seen_at: moment(Some(&article.fetched_at)),
        language: article.language.as_deref(),
        publisher: &article.publisher,
        attribution: article.attribution.as_deref(),
        dateline: article.dateline.as_deref(),
    }
}
