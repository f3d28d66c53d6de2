//! An event as a person reads it: what happened, who told it when, in which words.

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::table::{Style, ago, fit, isolated, marked, minute, moment};
use super::wording::differing;
use crate::group::{Story, explain};
use crate::store::{ArticleRow, EventPage};

/// Stands before a headline that an article had.
const WAS: &str = "headline was: ";

/// Stands behind the headline that the event has.
const LEADS: &str = "  ← gives the event its title";

/// An event with the first `most` of its articles.
pub(super) fn summary(page: &EventPage, most: usize, now: Timestamp, width: usize) -> String {
    let event = &page.event;
    let mut text = format!(
        "#{} {}\n    {} · {} · {}\n",
        event.id,
        isolated(&fit(event.title.as_deref().unwrap_or("(no title)"), width.saturating_sub(10))),
        moment(event.first_published_at.as_deref(), now),
        counted(event.article_count, "article"),
        counted(event.publisher_count, "publisher"),
    );
    let shown = || page.articles.iter().take(most);
    let column = publisher_column(shown());
    for article in shown() {
        let copy = article.duplicate_of.map(|original| format!("  (copy of article {original})")).unwrap_or_default();
        let left = width.saturating_sub(6 + column + copy.width());
        let title = isolated(&fit(article.title.as_deref().unwrap_or("(no title)"), left));
        let _ = writeln!(text, "    {}{title}{copy}", padded(&fit(&article.publisher, column), column + 2));
    }
    let rest = page.articles.len().saturating_sub(most);
    if rest > 0 {
        let _ = writeln!(text, "    … and {rest} more: dateline events {}", event.id);
    }
    text
}

/// Everything about an event. `earlier` are headlines that its articles had before they were edited.
pub(super) fn timeline(
    page: &EventPage,
    asked: i64,
    earlier: &HashMap<i64, Vec<String>>,
    now: Timestamp,
    width: usize,
    style: Style,
) -> String {
    let event = &page.event;
    let mut text = String::new();
    if event.id != asked {
        let _ = writeln!(text, "event {asked} turned out to be part of event {}", event.id);
    }
    let title = event.title.as_deref().unwrap_or("(no title)");
    let _ = writeln!(text, "#{} {}", event.id, isolated(&fit(title, 200)));
    let _ = writeln!(
        text,
        "{} by {} · {} to {} · {} · languages: {}",
        counted(event.article_count, "article"),
        counted(event.publisher_count, "publisher"),
        minute(event.first_published_at.as_deref()),
        minute(event.last_published_at.as_deref()),
        ago(event.last_published_at.as_deref(), now),
        event.languages.join(", "),
    );
    if let Some(first) = page.articles.first() {
        let _ = writeln!(text, "first told by {}, {}\n", fit(&first.publisher, 60), minute(appeared(first)));
    }
    let column = publisher_column(page.articles.iter());
    let begin = page.articles.first().and_then(appeared).and_then(|at| at.parse::<Timestamp>().ok());
    for (place, article) in page.articles.iter().enumerate() {
        entry(&mut text, page, article, place, (title, begin), (column, width, style));
        for before in earlier.get(&article.id).into_iter().flatten() {
            let now_says = article.title.as_deref().unwrap_or_default();
            let was = marked(differing(before, now_says).into_iter(), width.saturating_sub(19 + WAS.width()), style);
            let _ = writeln!(text, "{:19}{WAS}{was}", "");
        }
    }
    text.push_str(&copies(page));
    text
}

/// One article of the timeline.
fn entry(
    text: &mut String,
    page: &EventPage,
    article: &ArticleRow,
    place: usize,
    (lead_title, begin): (&str, Option<Timestamp>),
    (column, width, style): (usize, usize, Style),
) {
    let after = match (begin, appeared(article).and_then(|at| at.parse::<Timestamp>().ok())) {
        (Some(begin), Some(at)) if place > 0 => later(at.as_second() - begin.as_second()),
        _ => minute(appeared(article)),
    };
    let leads = page.event.lead_article_id == Some(article.id);
    let own = article.title.as_deref().unwrap_or("(no title)");
    let left = width.saturating_sub(21 + column);
    // Marked are the words in which a headline differs from the event's; the event's own has none.
    let title = if article.duplicate_of.is_some() && own == lead_title {
        "(the same headline)".to_owned()
    } else if leads {
        format!("{}{LEADS}", isolated(&fit(own, left.saturating_sub(LEADS.width()))))
    } else {
        marked(differing(own, lead_title).into_iter(), left, style)
    };
    let _ = writeln!(text, "{after:>16}   {}{title}", padded(&fit(&article.publisher, column), column + 2));
    if let Some(original) = article.duplicate_of {
        let whose = page.articles.iter().find(|other| other.id == original);
        let whose = whose.map_or_else(|| format!("article {original}"), |other| other.publisher.clone());
        let _ = writeln!(text, "{:19}a copy of what {} published", "", fit(&whose, 60));
    }
    if let Some(credit) = &article.attribution {
        let _ = writeln!(text, "{:19}credits {}", "", isolated(&fit(credit, 80)));
    }
    let _ = writeln!(text, "{:19}{}", "", fit(&article.url, 200));
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

/// When an article was published; where nobody says, when it was fetched.
fn appeared(article: &ArticleRow) -> Option<&str> {
    article.published_at.as_deref().or(Some(&article.fetched_at))
}

fn counted(count: i64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// `+2 h 5 min`.
fn later(seconds: i64) -> String {
    match seconds / 60 {
        minutes @ ..60 => format!("+{minutes} min"),
        minutes @ 60..2_880 => format!("+{} h {} min", minutes / 60, minutes % 60),
        minutes => format!("+{} d {} h", minutes / 1_440, minutes % 1_440 / 60),
    }
}

fn publisher_column<'a>(articles: impl Iterator<Item = &'a ArticleRow>) -> usize {
    articles.map(|article| fit(&article.publisher, 30).width()).max().unwrap_or(0).max(12)
}

/// The text and spaces up to `width` columns.
fn padded(text: &str, width: usize) -> String {
    format!("{}{}", isolated(text), " ".repeat(width.saturating_sub(text.width())))
}
