//! The articles of the days around, and which event each belongs to.
//!
//! Pure. A cache of the database: whatever is decided depends on the stored articles of [`Index::days_needed`] and the word
//! statistics in force alone, members ordered by article number, so it makes no difference what else is loaded or in which
//! order it came.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::ops::RangeInclusive;

use super::features::{Compared, Weights, copied, cosine, features, small};
use super::lookup::Lookup;
use super::model::{Model, log_odds, probability};
use super::shelf::{self, Held, Shelf};
use super::signature::Signature;
use super::statistics::{Language, Numbered, SavedRow, Statistics, rarity};
use super::{Day, Options};
use crate::event::{ArticleId, EventId};

/// Members of an event that a story is compared with: the first that told it and the newest (average over these lost nothing
/// against all, 2026-11).
const FIRST: usize = 2;
const NEWEST: usize = 6;
/// More than rounding makes of their probabilities' sum.
const ROUNDING: f32 = 1e-3;
/// How close to the most central article another must be to lead the event for being earlier.
const CENTRAL: f32 = 0.9;

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
    model: Model,
    days: BTreeMap<Day, Shelf>,
    places: Numbered<ArticleId, Place>,
    /// Loaded articles of each event, ascending.
    events: Numbered<EventId, Vec<ArticleId>>,
    /// Loaded copies of each original, loaded or not.
    copies: Numbered<ArticleId, Vec<ArticleId>>,
    /// Counts the calls, to know which days are cold.
    clock: u64,
    statistics: Statistics,
    /// Room for adding up; all zero between calls.
    sums: Vec<f32>,
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
        Self::with_model(options, Model::bundled().clone())
    }

    /// [`Index::new`] with a model of one's own.
    #[must_use]
    pub fn with_model(options: Options, model: Model) -> Self {
        Self {
            options,
            model,
            days: BTreeMap::new(),
            places: Numbered::default(),
            events: Numbered::default(),
            copies: Numbered::default(),
            clock: 0,
            statistics: Statistics::default(),
            sums: Vec::new(),
        }
    }

    /// Takes back the word statistics as last stored: every row that [`Index::statistics_to_save`] gave, in any order.
    pub fn restore_statistics(&mut self, rows: impl IntoIterator<Item = (String, Vec<u8>)>) {
        self.statistics = Statistics::restore(rows);
    }

    /// The rows of word statistics that changed since the last call: key, and the new value or `None` to delete it; apply them
    /// in order.
    ///
    /// Store them in the transaction of the articles assigned since then. A row is small (a few hundred bytes an article), but
    /// at a save point the snapshot of a language is written anew (at most 2.4 MB, ever more seldom).
    #[must_use]
    pub fn statistics_to_save(&mut self) -> Vec<SavedRow> {
        self.statistics.take_rows()
    }

    /// Learns the words of a story, as [`Index::assign`] does, and nothing else.
    pub fn learn(&mut self, signature: &Signature) {
        self.statistics.count(signature);
    }

    /// How articles are grouped.
    #[must_use]
    pub fn options(&self) -> Options {
        self.options
    }

    /// The days that must be loaded before this story is assigned.
    #[must_use]
    pub fn days_needed(&self, signature: &Signature) -> RangeInclusive<Day> {
        let days = self.options.window_days();
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
        self.days.entry(day).or_default().used = self.clock;
        for member in rows {
            self.insert(day, Held { member, weights: Weights::default(), generation: None });
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
        let learnt = self.statistics.language(signature.language);
        let weights = Weights::of(&signature, |term| rarity(signature.language, learnt, term));
        let generation = Some(learnt.map_or(0, Language::generation));
        let candidates = self.candidates(&signature, &near);
        let story = Compared::new(&signature, &weights);
        let original = self.original((&signature, &story.shingles), &candidates);
        let mut passing = self.passing(&story, &candidates, &near);
        if let Some(copied) = original.and_then(|of| self.member(of)).map(|m| m.event) {
            passing.retain(|event| *event != copied);
            passing.insert(0, copied);
        }
        let mut event = passing.first().copied().unwrap_or(fresh);
        let mut merged = Vec::new();
        for other in passing.into_iter().skip(1) {
            let (from, into) = (event.max(other), event.min(other));
            if self.link(from, into, &near) >= self.model.merge {
                self.merge(from, into);
                merged.push((from, into));
                event = into;
            }
        }
        let (duplicate_of, recopied) = self.copy(article, &signature, original);
        self.statistics.count(&signature);
        let day = signature.day;
        let member = Member { article, event, duplicate_of, signature };
        self.insert(day, Held { member, weights, generation });
        Assignment { event, duplicate_of, merged, recopied, lead: self.lead(event, &near).unwrap_or(article) }
    }

    /// Forgets an article: it was pruned, or was edited and will be assigned anew. Where copies named it their original, the
    /// earliest of those loaded becomes it: every copy of the first, loaded or not, is now one of the second.
    pub fn remove(&mut self, article: ArticleId) -> Option<(ArticleId, ArticleId)> {
        self.forget(article)?;
        let order = |id: ArticleId| self.member(id).map(|m| earlier_first(m.article, &m.signature));
        let heir = self.copies.get(&article)?.iter().copied().min_by_key(|id| order(*id))?;
        self.recopy(article, heir);
        Some((article, heir))
    }

    /// Takes in the new words of an article that keeps its event and its original; of one that is not loaded, nothing.
    pub fn refile(&mut self, article: ArticleId, signature: Signature) {
        let Some(member) = self.forget(article) else { return };
        let day = signature.day;
        let member = Member { signature, ..member };
        self.insert(day, Held { member, weights: Weights::default(), generation: None });
    }

    fn forget(&mut self, article: ArticleId) -> Option<Member> {
        let place = self.places.remove(&article)?;
        let member = self.days.get_mut(&place.day)?.remove(place.slot)?;
        self.leave(&member);
        Some(member)
    }

    fn leave(&mut self, member: &Member) {
        drop_from(&mut self.events, &member.event, member.article);
        if let Some(original) = member.duplicate_of {
            drop_from(&mut self.copies, &original, member.article);
        }
    }

    fn drop_day(&mut self, day: Day) {
        let members = self.days.remove(&day).into_iter().flat_map(Shelf::into_members);
        for member in members {
            self.places.remove(&member.article);
            self.leave(&member);
        }
    }

    fn insert(&mut self, day: Day, held: Held) {
        let article = held.member.article;
        add_to(&mut self.events, held.member.event, article);
        if let Some(original) = held.member.duplicate_of {
            add_to(&mut self.copies, original, article);
        }
        let slot = self.days.entry(day).or_default().insert(held);
        self.places.insert(article, Place { day, slot });
    }

    fn held(&self, article: ArticleId) -> Option<&Held> {
        let place = self.places.get(&article)?;
        self.days.get(&place.day)?.get(place.slot)
    }

    fn member(&self, article: ArticleId) -> Option<&Member> {
        self.held(article).map(|held| &held.member)
    }

    fn member_mut(&mut self, article: ArticleId) -> Option<&mut Member> {
        let place = self.places.get(&article)?;
        self.days.get_mut(&place.day)?.get_mut(place.slot).map(|held| &mut held.member)
    }

    /// The stored articles that share most with the story, best first.
    fn candidates(&mut self, signature: &Signature, near: &RangeInclusive<Day>) -> Vec<ArticleId> {
        let Self { days, statistics, sums, .. } = self;
        let learnt = statistics.language(signature.language);
        let shelves: Vec<(u32, &Shelf)> =
            days.range(near.clone()).map(|(day, shelf)| (day.abs_diff(signature.day), shelf)).collect();
        let counts = |term| rarity(signature.language, learnt, term).powi(2);
        shelf::sharing_most(&shelves, signature.keys().map(|term| (term, counts(term))).collect(), sums)
    }

    /// The candidate that the story shares most of its text with, if it is a copy.
    fn original(&self, story: (&Signature, &Lookup<'_>), candidates: &[ArticleId]) -> Option<ArticleId> {
        let shares = candidates.iter().filter_map(|id| Some((copied(story, &self.member(*id)?.signature)?, *id)));
        shares.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, id)| id)
    }

    /// The candidates' events that the story fits into, best first.
    fn passing(&mut self, story: &Compared<'_>, candidates: &[ArticleId], near: &RangeInclusive<Day>) -> Vec<EventId> {
        let mut events: Vec<EventId> = candidates.iter().filter_map(|id| Some(self.member(*id)?.event)).collect();
        events.sort_unstable();
        events.dedup();
        let mut scored: Vec<(f32, EventId)> = Vec::new();
        for event in events {
            let members = self.representatives(event, near);
            if let Some(score) = self.joins(story, &members) {
                scored.push((score, event));
            }
        }
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.into_iter().map(|(_, event)| event).collect()
    }

    /// Average probability that a story tells of the same as these, where that is enough to join them.
    fn joins(&self, story: &Compared<'_>, members: &[ArticleId]) -> Option<f32> {
        let (mut sum, mut left) = (0.0, small(members.len()));
        let (count, enough) = (left, self.model.join * left - ROUNDING);
        for held in members.iter().filter_map(|id| self.held(*id)) {
            left -= 1.0;
            // Even if the others were certain: so it is soon with most events that share words.
            sum += self.same(story, held, enough - sum - left)?;
        }
        Some(sum / count.max(1.0)).filter(|score| *score >= self.model.join)
    }

    /// Probability that two stories tell of the same event, unless it is less than `least`.
    fn same(&self, story: &Compared<'_>, other: &Held, least: f32) -> Option<f32> {
        let features = features(story, (&other.member.signature, &other.weights));
        self.model.log_odds_from(log_odds(least.max(0.0)), &features).map(probability)
    }

    /// Average probability that members of two events tell of the same.
    fn link(&mut self, a: EventId, b: EventId, near: &RangeInclusive<Day>) -> f32 {
        let [a, b] = [a, b].map(|event| self.representatives(event, near));
        let [a, b] = [&a, &b].map(|members| members.iter().filter_map(|id| self.held(*id)));
        let (mut sum, mut pairs) = (0.0, 0.0_f32);
        for x in a {
            let x = Compared::new(&x.member.signature, &x.weights);
            for y in b.clone() {
                sum += self.same(&x, y, 0.0).unwrap_or_default();
                pairs += 1.0;
            }
        }
        sum / pairs.max(1.0)
    }

    /// The members that stand for an event among the days given, their weights as the statistics in force have them.
    fn representatives(&mut self, event: EventId, near: &RangeInclusive<Day>) -> Vec<ArticleId> {
        let all = self.events.get(&event).map(Vec::as_slice).unwrap_or_default();
        let is_near = |id: &&ArticleId| self.places.get(id).is_some_and(|place| near.contains(&place.day));
        let mut chosen: Vec<ArticleId> = all.iter().rev().filter(is_near).take(NEWEST).copied().collect();
        let first: Vec<ArticleId> =
            all.iter().filter(is_near).take(FIRST).filter(|id| !chosen.contains(id)).copied().collect();
        chosen.extend(first);
        chosen.sort_unstable();
        for article in &chosen {
            self.weigh(*article);
        }
        chosen
    }

    fn weigh(&mut self, article: ArticleId) {
        let Some(place) = self.places.get(&article) else { return };
        let Some(held) = self.days.get_mut(&place.day).and_then(|shelf| shelf.get_mut(place.slot)) else { return };
        let signature = &held.member.signature;
        let learnt = self.statistics.language(signature.language);
        let generation = Some(learnt.map_or(0, Language::generation));
        if held.generation != generation {
            held.weights = Weights::of(signature, |term| rarity(signature.language, learnt, term));
            held.generation = generation;
        }
    }

    /// The representative most like the others; of those nearly as much alike the earliest. Copies do not lead.
    fn lead(&mut self, event: EventId, near: &RangeInclusive<Day>) -> Option<ArticleId> {
        let mut members = self.representatives(event, near);
        members.retain(|id| self.member(*id).is_some_and(|m| m.duplicate_of.is_none()));
        let held: Vec<&Held> = members.iter().filter_map(|id| self.held(*id)).collect();
        let alike = |a: &Held, b: &Held| cosine((&a.member.signature, &a.weights), (&b.member.signature, &b.weights));
        // Two stories are as much alike whichever is asked.
        let mut sums = vec![0.0_f32; held.len()];
        for (at, a) in held.iter().enumerate() {
            for (other, b) in held.iter().enumerate().skip(at + 1) {
                let alike = alike(a, b);
                sums[at] += alike;
                sums[other] += alike;
            }
        }
        let most = sums.iter().fold(0.0_f32, |most, sum| most.max(*sum));
        let central = held.iter().zip(&sums).filter(|(_, sum)| **sum >= most * CENTRAL).map(|(held, _)| &held.member);
        central.min_by_key(|m| earlier_first(m.article, &m.signature)).map(|m| m.article)
    }

    fn merge(&mut self, from: EventId, into: EventId) {
        for article in self.events.remove(&from).unwrap_or_default() {
            if let Some(member) = self.member_mut(article) {
                member.event = into;
            }
            add_to(&mut self.events, into, article);
        }
    }

    /// What a story that shares its text with another is a copy of, and who became a copy of it instead.
    fn copy(
        &mut self,
        article: ArticleId,
        signature: &Signature,
        like: Option<ArticleId>,
    ) -> (Option<ArticleId>, Vec<(ArticleId, ArticleId)>) {
        let Some(like) = like else { return (None, Vec::new()) };
        let root = self.member(like).and_then(|m| m.duplicate_of).unwrap_or(like);
        let later =
            self.member(root).is_some_and(|r| earlier_first(article, signature) < earlier_first(root, &r.signature));
        if later {
            self.recopy(root, article);
            (None, vec![(root, article)])
        } else {
            (Some(root), Vec::new())
        }
    }

    fn recopy(&mut self, from: ArticleId, to: ArticleId) {
        let mut copies = self.copies.remove(&from).unwrap_or_default();
        copies.push(from);
        for copy in copies.into_iter().filter(|copy| *copy != to) {
            if let Some(member) = self.member_mut(copy) {
                member.duplicate_of = Some(to);
                add_to(&mut self.copies, to, copy);
            }
        }
        if let Some(member) = self.member_mut(to) {
            member.duplicate_of = None;
        }
    }
}

/// What orders copies: day of publication, moment where known, arrival.
fn earlier_first(article: ArticleId, signature: &Signature) -> (Day, i64, ArticleId) {
    (signature.day, signature.published.unwrap_or(i64::MAX), article)
}

fn add_to<K: Hash + Eq>(map: &mut Numbered<K, Vec<ArticleId>>, key: K, article: ArticleId) {
    let list = map.entry(key).or_default();
    if let Err(at) = list.binary_search(&article) {
        list.insert(at, article);
    }
}

fn drop_from<K: Hash + Eq>(map: &mut Numbered<K, Vec<ArticleId>>, key: &K, article: ArticleId) {
    let Some(list) = map.get_mut(key) else { return };
    list.retain(|other| *other != article);
    if list.is_empty() {
        map.remove(key);
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

    const TEXT: &str =
        "A ferry with forty people on board ran aground off Kelm on Monday and nobody was hurt, the coast guard said.";

    #[test]
    fn an_earlier_original_takes_the_copies_over() {
        let mut index = Index::new(Options::default());
        let first = index.assign(ArticleId(1), EventId(1), story("Ferry aground", TEXT, "2024-03-05"));
        assert_eq!((first.event, first.duplicate_of), (EventId(1), None));
        let second = index.assign(ArticleId(2), EventId(2), story("Ferry runs aground", TEXT, "2024-03-06"));
        assert_eq!((second.event, second.duplicate_of), (EventId(1), Some(ArticleId(1))));
        let third = index.assign(ArticleId(3), EventId(3), story("Ferry off Kelm", TEXT, "2024-03-04"));
        assert_eq!((third.event, third.duplicate_of), (EventId(1), None));
        assert_eq!(third.recopied, [(ArticleId(1), ArticleId(3))]);
        assert_eq!(index.remove(ArticleId(3)), Some((ArticleId(3), ArticleId(1))));
    }
}
