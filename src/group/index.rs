//! The articles of the days around, and which event each belongs to.
//!
//! Pure. A cache of the database: whatever is decided depends on the stored articles of [`Index::days_needed`] alone, members
//! ordered by article number, so it makes no difference what else is loaded or in which order it came.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use super::signature::Signature;
use super::similarity::{SAME, score, shared_text};
use super::statistics::{SavedRow, Statistics};
use super::{Day, Options};
use crate::event::{ArticleId, EventId};

/// Candidates looked at more closely (30 did as well as 100, 2026-11).
const CANDIDATES: usize = 30;
/// Members of an event that a story is compared with: the first that told it and the newest (average over these lost nothing
/// against all, 2026-11).
const FIRST: usize = 2;
const NEWEST: usize = 6;
/// Share of the shorter text from which it is a copy.
const COPY: f64 = 0.3;

/// A stored article, as the index needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The article.
    pub article: ArticleId,
    /// Its event, after all merges.
    pub event: EventId,
    /// The original that it is a copy of.
    pub duplicate_of: Option<ArticleId>,
    /// Its signature.
    pub signature: Signature,
}

/// Where an article belongs, and what else changed by its coming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its event.
    pub event: EventId,
    /// The original that it is a copy of.
    pub duplicate_of: Option<ArticleId>,
    /// Events that turned out to be one: every article of the first, loaded or not, now belongs to the second, the older.
    pub merged: Vec<(EventId, EventId)>,
    /// An earlier original turned up: the first and every copy of it, loaded or not, are now copies of the second.
    pub recopied: Vec<(ArticleId, ArticleId)>,
    /// The article that tells the event best, and gives it its title.
    pub lead: ArticleId,
}

/// The articles of some days, ready to be compared with.
#[derive(Debug)]
pub struct Index {
    options: Options,
    days: BTreeMap<Day, Shelf>,
    places: HashMap<ArticleId, Place>,
    /// Loaded articles of each event, ascending.
    events: HashMap<EventId, Vec<ArticleId>>,
    /// Counts the calls, to know which days are cold.
    clock: u64,
    statistics: Statistics,
}

#[derive(Debug, Default)]
struct Shelf {
    slots: Vec<Option<Member>>,
    postings: HashMap<u32, Vec<u32>>,
    used: u64,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    day: Day,
    slot: u32,
}

impl Index {
    /// An index with nothing loaded.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            days: BTreeMap::new(),
            places: HashMap::new(),
            events: HashMap::new(),
            clock: 0,
            statistics: Statistics::default(),
        }
    }

    /// Takes back the word statistics as last stored: every row that [`Index::statistics_to_save`] gave, in any order.
    pub fn restore_statistics(&mut self, rows: impl IntoIterator<Item = (String, Vec<u8>)>) {
        self.statistics = Statistics::restore(rows);
    }

    /// The rows of word statistics that changed since the last call: key, and the new value or `None` to delete it; apply them in order.
    ///
    /// Store them in the transaction of the articles assigned since then. A row is small (a few hundred bytes an article), but
    /// at a save point the snapshot of a language is written anew (at most 2.4 MB, ever more seldom).
    #[must_use]
    pub fn statistics_to_save(&mut self) -> Vec<SavedRow> {
        self.statistics.take_rows()
    }

    /// The days that must be loaded before this story is assigned.
    #[must_use]
    pub fn days_needed(&self, signature: &Signature) -> RangeInclusive<Day> {
        let days = i32::try_from(self.options.window.as_secs().div_ceil(86_400)).unwrap_or(i32::MAX);
        signature.day.saturating_sub(days)..=signature.day.saturating_add(days)
    }

    /// Whether a day was loaded (and not dropped since).
    #[must_use]
    pub fn is_loaded(&self, day: Day) -> bool {
        self.days.contains_key(&day)
    }

    /// Takes in all stored articles of one day. What was held of that day is forgotten.
    pub fn load(&mut self, day: Day, rows: impl IntoIterator<Item = Member>) {
        self.drop_day(day);
        self.days.insert(day, Shelf { used: self.clock, ..Shelf::default() });
        for member in rows {
            self.insert(day, member);
        }
    }

    /// Drops the days needed longest ago, but none of `keep`, until at most `most` articles are held.
    pub fn evict(&mut self, keep: &RangeInclusive<Day>, most: usize) {
        while self.places.len() > most {
            let cold =
                self.days.iter().filter(|(day, _)| !keep.contains(day)).min_by_key(|(day, shelf)| (shelf.used, **day));
            let Some((&day, _)) = cold else { return };
            self.drop_day(day);
        }
    }

    /// Articles held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether no article is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Gives a story its event: an existing one, or `fresh` where none fits. The days of [`Index::days_needed`] must be loaded.
    pub fn assign(&mut self, article: ArticleId, fresh: EventId, signature: Signature) -> Assignment {
        self.remove(article);
        self.clock += 1;
        let near = self.days_needed(&signature);
        for (_, shelf) in self.days.range_mut(near.clone()) {
            shelf.used = self.clock;
        }
        let candidates = self.candidates(&signature, &near);
        let original = self.original(&signature, &candidates);
        let mut passing = self.passing(&signature, &candidates, &near);
        if let Some(copied) = original.and_then(|of| self.member(of)).map(|m| m.event) {
            passing.retain(|event| *event != copied);
            passing.insert(0, copied);
        }
        let mut merged = Vec::new();
        let mut event = passing.first().copied().unwrap_or(fresh);
        if let [best, second, ..] = passing[..] {
            let (from, into) = if best < second { (second, best) } else { (best, second) };
            self.merge(from, into);
            merged.push((from, into));
            event = into;
        }
        let mut recopied = Vec::new();
        let mut duplicate_of = original.map(|of| self.member(of).and_then(|m| m.duplicate_of).unwrap_or(of));
        if let Some(root) = duplicate_of {
            let earlier =
                self.member(root).is_some_and(|r| (signature.published, article) < (r.signature.published, r.article));
            if earlier && signature.published.is_some() {
                self.recopy(root, article);
                recopied.push((root, article));
                duplicate_of = None;
            }
        }
        self.statistics.count(&signature);
        let day = signature.day;
        self.insert(day, Member { article, event, duplicate_of, signature });
        Assignment { event, duplicate_of, merged, recopied, lead: self.lead(event, &near).unwrap_or(article) }
    }

    /// Forgets an article: it was pruned, or was edited and will be assigned anew.
    pub fn remove(&mut self, article: ArticleId) {
        let Some(place) = self.places.remove(&article) else { return };
        let Some(shelf) = self.days.get_mut(&place.day) else { return };
        let Some(member) = shelf.slots.get_mut(place.slot as usize).and_then(Option::take) else { return };
        for term in &member.signature.terms {
            if let Some(list) = shelf.postings.get_mut(term) {
                list.retain(|slot| *slot != place.slot);
            }
        }
        self.leave(member.event, article);
    }

    fn leave(&mut self, event: EventId, article: ArticleId) {
        if let Some(members) = self.events.get_mut(&event) {
            members.retain(|m| *m != article);
            if members.is_empty() {
                self.events.remove(&event);
            }
        }
    }

    fn drop_day(&mut self, day: Day) {
        let Some(shelf) = self.days.remove(&day) else { return };
        for member in shelf.slots.into_iter().flatten() {
            self.places.remove(&member.article);
            self.leave(member.event, member.article);
        }
    }

    fn insert(&mut self, day: Day, member: Member) {
        let shelf = self.days.entry(day).or_default();
        let Ok(slot) = u32::try_from(shelf.slots.len()) else { return };
        for term in &member.signature.terms {
            shelf.postings.entry(*term).or_default().push(slot);
        }
        self.places.insert(member.article, Place { day, slot });
        let members = self.events.entry(member.event).or_default();
        if let Err(at) = members.binary_search(&member.article) {
            members.insert(at, member.article);
        }
        shelf.slots.push(Some(member));
    }

    fn member(&self, article: ArticleId) -> Option<&Member> {
        let place = self.places.get(&article)?;
        self.days.get(&place.day)?.slots.get(place.slot as usize)?.as_ref()
    }

    fn member_mut(&mut self, article: ArticleId) -> Option<&mut Member> {
        let place = self.places.get(&article)?;
        self.days.get_mut(&place.day)?.slots.get_mut(place.slot as usize)?.as_mut()
    }

    /// The stored articles that share most with the story, best first.
    fn candidates(&self, signature: &Signature, near: &RangeInclusive<Day>) -> Vec<ArticleId> {
        let mut found: Vec<(f64, ArticleId)> = Vec::new();
        let total: usize = self.days.range(near.clone()).map(|(_, shelf)| shelf.slots.len()).sum();
        for (_, shelf) in self.days.range(near.clone()) {
            let mut sums = vec![0.0; shelf.slots.len()];
            for term in &signature.terms {
                let Some(list) = shelf.postings.get(term) else { continue };
                let frequency: usize =
                    self.days.range(near.clone()).filter_map(|(_, s)| s.postings.get(term)).map(Vec::len).sum();
                let weight = (f64::from(u32::try_from(total).unwrap_or(u32::MAX)) + 1.0)
                    / (f64::from(u32::try_from(frequency).unwrap_or(u32::MAX)) + 0.5);
                for slot in list {
                    if let Some(sum) = sums.get_mut(*slot as usize) {
                        *sum += weight.ln();
                    }
                }
            }
            found.extend(
                shelf
                    .slots
                    .iter()
                    .zip(&sums)
                    .filter_map(|(m, sum)| (*sum > 0.0).then_some((*sum, m.as_ref()?.article))),
            );
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.into_iter().take(CANDIDATES).map(|(_, article)| article).collect()
    }

    /// The candidate that the story shares most of its text with, if it is a copy.
    fn original(&self, signature: &Signature, candidates: &[ArticleId]) -> Option<ArticleId> {
        let shares =
            candidates.iter().filter_map(|id| Some((shared_text(signature, &self.member(*id)?.signature), *id)));
        shares
            .filter(|(share, _)| *share >= COPY)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
            .map(|(_, id)| id)
    }

    /// The candidates' events that the story fits into, best first.
    fn passing(&self, signature: &Signature, candidates: &[ArticleId], near: &RangeInclusive<Day>) -> Vec<EventId> {
        let mut events: Vec<EventId> = candidates.iter().filter_map(|id| Some(self.member(*id)?.event)).collect();
        events.sort_unstable();
        events.dedup();
        let mut scored: Vec<(f64, EventId)> = Vec::new();
        for event in events {
            let members = self.representatives(event, near);
            let sum: f64 = members.iter().map(|m| score(signature, &m.signature)).sum();
            let mean = sum / f64::from(u32::try_from(members.len().max(1)).unwrap_or(1));
            if mean >= SAME {
                scored.push((mean, event));
            }
        }
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.into_iter().map(|(_, event)| event).collect()
    }

    /// The members of an event that stand for it among the days given.
    fn representatives(&self, event: EventId, near: &RangeInclusive<Day>) -> Vec<&Member> {
        let members = self.events.get(&event).map(Vec::as_slice).unwrap_or_default();
        let held: Vec<&Member> =
            members.iter().filter_map(|id| self.member(*id)).filter(|m| near.contains(&m.signature.day)).collect();
        let newest = held.len().saturating_sub(NEWEST).max(FIRST.min(held.len()));
        held.iter().take(FIRST).chain(held.get(newest..).unwrap_or_default()).copied().collect()
    }

    /// The representative most like the others; of equals the earliest.
    fn lead(&self, event: EventId, near: &RangeInclusive<Day>) -> Option<ArticleId> {
        let members = self.representatives(event, near);
        let mut best: Option<(f64, ArticleId)> = None;
        for member in members.iter().filter(|m| m.duplicate_of.is_none()) {
            let others = members.iter().filter(|m| m.article != member.article);
            let sum: f64 = others.map(|m| score(&member.signature, &m.signature)).sum();
            if best.is_none_or(|(most, _)| sum > most) {
                best = Some((sum, member.article));
            }
        }
        best.map(|(_, article)| article)
    }

    fn merge(&mut self, from: EventId, into: EventId) {
        for article in self.events.remove(&from).unwrap_or_default() {
            if let Some(member) = self.member_mut(article) {
                member.event = into;
            }
            let members = self.events.entry(into).or_default();
            if let Err(at) = members.binary_search(&article) {
                members.insert(at, article);
            }
        }
    }

    fn recopy(&mut self, from: ArticleId, to: ArticleId) {
        for member in self.days.values_mut().flat_map(|shelf| shelf.slots.iter_mut().flatten()) {
            if member.article == from || member.duplicate_of == Some(from) {
                member.duplicate_of = Some(to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Story;

    fn story(title: &str, text: &str, day: &str) -> Signature {
        let at = Some(format!("{day}T12:00:00Z").parse().unwrap());
        Signature::of(&Story { title: Some(title), text, published_at: at, language: Some("en"), ..Story::default() })
    }

    #[test]
    fn an_earlier_original_takes_the_copies_over() {
        let text = "A ferry with forty people on board ran aground off Kelm on Monday morning and nobody was hurt, the coast guard said.";
        let mut index = Index::new(Options::default());
        let first = index.assign(ArticleId(1), EventId(1), story("Ferry aground", text, "2024-03-05"));
        assert_eq!((first.event, first.duplicate_of), (EventId(1), None));
        let second = index.assign(ArticleId(2), EventId(2), story("Ferry runs aground", text, "2024-03-06"));
        assert_eq!((second.event, second.duplicate_of), (EventId(1), Some(ArticleId(1))));
        let third = index.assign(ArticleId(3), EventId(3), story("Ferry off Kelm", text, "2024-03-04"));
        assert_eq!((third.event, third.duplicate_of), (EventId(1), None));
        assert_eq!(third.recopied, [(ArticleId(1), ArticleId(3))]);
    }
}
