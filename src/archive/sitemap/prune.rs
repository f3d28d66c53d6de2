//! Which sitemaps, and which pages, cannot hold what was asked for.
//!
//! Invariant: no article is lost. A time of change bounds publication from above only. A date in an address is believed as far as its
//! neighbours bear it out: a number is a date where it is one in all addresses of the same shape; the file of a date may hold what
//! lies between the dates before and after it; the oldest may hold what is older, the newest what is newer.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::{Page, Sitemap};
use crate::archive::date::{Named, Unit, earlier, later, named};
use crate::archive::{Range, Span, Verdict};

/// How far the date in an article's address may be from its publication, either way: drafts are named before they appear, and
/// stories move. Of 74 labelled pages with a day in their address 73 appeared within a day of it, one a month before (2026-11).
const ADDRESS_SLACK: SignedDuration = SignedDuration::from_hours(48);
/// How far the day that a file is named for may be from that of its articles.
const FILE_SLACK: SignedDuration = SignedDuration::from_hours(24);
/// Clocks differ, and a file may be listed before it is written.
const LASTMOD_SLACK: SignedDuration = SignedDuration::from_hours(24);

impl Sitemap {
    /// What the time of its last change says about the range. What its address says is told by [`prune`], which sees its neighbours.
    #[must_use]
    pub fn verdict(&self, range: &Range) -> Verdict {
        by_lastmod(self.lastmod, range)
    }
}

impl Page {
    /// What the sitemap says about whether the article appeared in the range; the page itself decides.
    #[must_use]
    pub fn verdict(&self, range: &Range) -> Verdict {
        if let Some(published) = self.published {
            // The publisher's own word; a day more for zones and for stories that appear again.
            return match range.judge(published.widened(SignedDuration::from_hours(24))) {
                Verdict::Outside => Verdict::Outside,
                _ if range.judge(published) == Verdict::Inside => Verdict::Inside,
                _ => Verdict::MayHold,
            };
        }
        let by_address = self.address_date().map_or(Verdict::MayHold, |span| range.judge(span.widened(ADDRESS_SLACK)));
        by_address.min(by_lastmod(self.lastmod, range))
    }
}

/// Sitemaps of one index with what each may hold, newest first; those that were changed or are named last come first.
#[must_use]
pub fn prune(sitemaps: Vec<Sitemap>, range: &Range) -> Vec<(Sitemap, Verdict)> {
    let names: Vec<Option<Named>> = sitemaps.iter().map(|sitemap| named(&sitemap.url)).collect();
    let mut shapes: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, sitemap) in sitemaps.iter().enumerate() {
        shapes.entry(shape(sitemap.url.as_str())).or_default().push(place);
    }
    let mut spans: Vec<Option<Span>> = vec![None; sitemaps.len()];
    for places in shapes.into_values() {
        // A number that is no date in one address is none in its neighbours.
        let dated: Option<Vec<(usize, Named)>> =
            places.iter().map(|&place| Some((place, names.get(place).copied().flatten()?))).collect();
        for (place, span) in dated.map(by_neighbours).unwrap_or_default() {
            if let Some(slot) = spans.get_mut(place) {
                *slot = Some(span);
            }
        }
    }
    let mut judged: Vec<(Sitemap, Verdict, Timestamp)> = sitemaps
        .into_iter()
        .zip(spans)
        .map(|(sitemap, span)| {
            let by_name = span.map_or(Verdict::MayHold, |span| range.judge(span));
            let verdict = by_name.min(sitemap.verdict(range));
            let newest = span.map(|span| span.to).into_iter().chain(sitemap.lastmod.map(|span| span.to)).min();
            (sitemap, verdict, newest.unwrap_or(Timestamp::MAX))
        })
        .collect();
    judged.sort_by_key(|(_, _, newest)| std::cmp::Reverse(*newest));
    judged.into_iter().map(|(sitemap, verdict, _)| (sitemap, verdict)).collect()
}

fn by_lastmod(lastmod: Option<Span>, range: &Range) -> Verdict {
    match lastmod {
        Some(lastmod) if range.begins_after(later(lastmod.to, LASTMOD_SLACK)) => Verdict::Outside,
        _ => Verdict::MayHold,
    }
}

/// An address with its numbers made alike: `/sitemap-2024-03.xml` → `/sitemap-#-#.xml`; a part of a month is not a shape of its own.
fn shape(address: &str) -> String {
    let mut shape = String::with_capacity(address.len());
    for c in address.chars() {
        if !c.is_ascii_digit() {
            shape.push(c);
        } else if !shape.ends_with('#') {
            shape.push('#');
        }
    }
    shape
}

/// What files of one shape hold, by the dates in their names.
fn by_neighbours(files: Vec<(usize, Named)>) -> Vec<(usize, Span)> {
    let unit = |unit: Unit| files.iter().all(|(_, named)| named.unit == unit);
    let mut files: Vec<(usize, Named)> = if unit(Unit::Day) && days_are_parts(&files) {
        let month =
            |named: Named| Span::month(named.first.year(), named.first.month()).map(|span| Named { span, ..named });
        files.iter().filter_map(|(place, named)| Some((*place, month(*named)?))).collect()
    } else {
        files
    };
    files.sort_by_key(|(_, named)| (named.span.from, named.span.to));
    let mut dates: Vec<Span> = files.iter().map(|(_, named)| named.span).collect();
    dates.dedup();
    // One date for all is when the files were written.
    if dates.len() < 2 {
        return Vec::new();
    }
    let bounds: HashMap<Span, Span> = dates
        .iter()
        .enumerate()
        .map(|(place, span)| {
            let before = place.checked_sub(1).and_then(|place| dates.get(place));
            let after = dates.get(place + 1);
            let from = before.map_or(Timestamp::MIN, |before| earlier(span.from.min(before.to), FILE_SLACK));
            let to = after.map_or(Timestamp::MAX, |after| later(span.to.max(after.from), FILE_SLACK));
            (*span, Span { from, to })
        })
        .collect();
    files.into_iter().filter_map(|(place, named)| Some((place, *bounds.get(&named.span)?))).collect()
}

/// Whether what looks like days are the numbered parts of months: no second half of a month in three months.
fn days_are_parts(files: &[(usize, Named)]) -> bool {
    let months: std::collections::HashSet<(i16, i8)> =
        files.iter().map(|(_, named)| (named.first.year(), named.first.month())).collect();
    months.len() >= 3 && files.iter().all(|(_, named)| named.first.day() <= 15)
}
