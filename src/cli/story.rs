//! An event as a person reads it: what happened, who told it when, in which words.

use std::fmt::Write as _;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::table::{Style, ago, fit, isolated, marked, minute, moment, parted};
use super::timeline::{Telling, Timeline};
use super::wording::differing;
use crate::group::{Story, explain};
use crate::store::{ArticleRow, EventPage};

/// Stands before a headline that an article had.
const WAS: &str = "headline was: ";

/// Stands with the headline that the event has.
const LEADS: &str = "← gives the event its title";

/// A headline that would have fewer columns than this beside its publisher stands on a line of its own.
const CRAMPED: usize = 24;

/// An event with the first `most` of its articles.
pub(super) fn summary(page: &EventPage, most: usize, now: Timestamp, width: usize) -> String {
    let event = &page.event;
    let mut text = format!(
        "#{} {}\n",
        event.id,
        isolated(&fit(event.title.as_deref().unwrap_or("(no title)"), width.saturating_sub(10))),
    );
    let facts = [
        moment(event.first_published_at.as_deref(), now),
        counted(event.article_count, "article"),
        counted(event.publisher_count, "publisher"),
    ];
    text.push_str(&parted(&facts, 4, width));
    let shown = || page.articles.iter().take(most);
    let column = publisher_column(shown());
    for article in shown() {
        let copy = article.duplicate_of.map(|original| format!("  (copy of article {original})")).unwrap_or_default();
        let title = article.title.as_deref().unwrap_or("(no title)");
        let left = width.saturating_sub(6 + column + copy.width());
        let _ = if left < CRAMPED {
            let whose = isolated(&fit(&article.publisher, width.saturating_sub(4 + copy.width())));
            writeln!(text, "    {whose}{copy}\n      {}", isolated(&fit(title, width.saturating_sub(6))))
        } else {
            let whose = padded(&fit(&article.publisher, column), column + 2);
            writeln!(text, "    {whose}{}{copy}", isolated(&fit(title, left)))
        };
    }
    let rest = page.articles.len().saturating_sub(most);
    if rest > 0 {
        let _ = writeln!(text, "    … and {rest} more: dateline events {}", event.id);
    }
    text
}

/// Everything about an event.
pub(super) fn page(timeline: &Timeline<'_>, asked: i64, now: Timestamp, width: usize, style: Style) -> String {
    let event = &timeline.page.event;
    let mut text = String::new();
    if event.id != asked {
        let _ = writeln!(text, "event {asked} turned out to be part of event {}", event.id);
    }
    let title = event.title.as_deref().unwrap_or("(no title)");
    let _ = writeln!(text, "#{} {}", event.id, isolated(&fit(title, 200)));
    let facts = [
        format!("{} by {}", counted(event.article_count, "article"), counted(event.publisher_count, "publisher")),
        format!("{} to {}", minute(event.first_published_at.as_deref()), minute(event.last_published_at.as_deref())),
        ago(event.last_published_at.as_deref(), now),
        format!("languages: {}", fit(&event.languages.join(", "), 200)),
    ];
    text.push_str(&parted(&facts, 0, width));
    if let Some(first) = timeline.tellings.first() {
        let whose = format!("first told by {},", fit(first.publisher, width.saturating_sub(15)));
        let when = minute(Some(first.at));
        let between = if whose.width() + when.width() < width { " " } else { "\n  " };
        let _ = writeln!(text, "{whose}{between}{when}\n");
    }
    let column = publisher_column(timeline.page.articles.iter());
    for telling in &timeline.tellings {
        text.push_str(&entry(telling, column, width, style));
    }
    text.push_str(&copies(timeline.page));
    text
}

/// One article of the timeline.
fn entry(telling: &Telling<'_>, column: usize, width: usize, style: Style) -> String {
    let left = width.saturating_sub(21 + column);
    let is_cramped = left < CRAMPED;
    let (indent, room) = if is_cramped { (4, width.saturating_sub(4)) } else { (19, left) };
    let mut notes = Vec::new();
    let own = telling.headline.unwrap_or("(no title)");
    // Marked are the words in which a headline differs from the event's; the event's own has none.
    let title = if telling.copy_of.is_some() && telling.same_headline {
        "(the same headline)".to_owned()
    } else if !telling.leads {
        marked(telling.pieces.iter().copied(), room, style)
    } else if room < LEADS.width() + 2 + CRAMPED {
        notes.push(LEADS.to_owned());
        isolated(&fit(own, room))
    } else {
        format!("{}  {LEADS}", isolated(&fit(own, room - LEADS.width() - 2)))
    };
    let when = telling.minutes_later.map_or_else(|| minute(Some(telling.at)), later);
    let mut text = if is_cramped {
        format!("{when} {}\n    {title}\n", isolated(&fit(telling.publisher, width.saturating_sub(when.width() + 1))))
    } else {
        format!("{when:>16}   {}{title}\n", padded(&fit(telling.publisher, column), column + 2))
    };
    let room = width.saturating_sub(indent);
    if let Some(original) = telling.copy_of {
        let whose = telling.copied_from.map_or_else(|| format!("article {original}"), str::to_owned);
        notes.push(fit(&format!("a copy of what {whose} published"), room));
    }
    if let Some(credit) = telling.credits {
        notes.push(format!("credits {}", isolated(&fit(credit, room.saturating_sub(8)))));
    }
    // Whole, so that it can be taken from here.
    notes.push(fit(telling.url, 200));
    for before in &telling.earlier_headlines {
        let was = differing(before, telling.headline.unwrap_or_default());
        notes.push(format!("{WAS}{}", marked(was.into_iter(), room.saturating_sub(WAS.width()), style)));
    }
    for note in notes {
        let _ = writeln!(text, "{:indent$}{note}", "");
    }
    text
}

/// Who copied whom.
fn copies(page: &EventPage) -> String {
    let mut text = String::new();
    for original in &page.articles {
        let copies: Vec<String> = page
            .articles
            .iter()
            .filter(|copy| copy.duplicate_of == Some(original.id))
            .map(|copy| fit(&copy.publisher, 60))
            .collect();
        if !copies.is_empty() {
            let _ = writeln!(text, "\n{} copied by {}", fit(&original.publisher, 60), copies.join(", "));
        }
    }
    text
}

/// Why each article is in the event: what speaks for and against, compared with the article that gives the title.
pub(super) fn reasons(page: &EventPage) -> String {
    let mut text = String::new();
    let Some(lead) = page.articles.iter().find(|article| page.event.lead_article_id == Some(article.id)) else {
        return text;
    };
    let _ = writeln!(text, "\nCompared with what {} told, each article for itself:", fit(&lead.publisher, 60));
    for article in page.articles.iter().filter(|article| article.id != lead.id) {
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

fn counted(count: i64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// `+2 h 5 min`.
fn later(minutes: i64) -> String {
    match minutes {
        ..60 => format!("+{minutes} min"),
        60..2_880 => format!("+{} h {} min", minutes / 60, minutes % 60),
        _ => format!("+{} d {} h", minutes / 1_440, minutes % 1_440 / 60),
    }
}

fn publisher_column<'a>(articles: impl Iterator<Item = &'a ArticleRow>) -> usize {
    articles.map(|article| fit(&article.publisher, 30).width()).max().unwrap_or(0).max(12)
}

/// The text and spaces up to `width` columns.
fn padded(text: &str, width: usize) -> String {
    format!("{}{}", isolated(text), " ".repeat(width.saturating_sub(text.width())))
}
