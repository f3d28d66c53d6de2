//! The articles of one day, and which of them have a word.
//!
//! Pure. A slot number is good for as long as the shelf is; a removed article leaves its slot empty.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::features::Weights;
use super::index::Member;
use super::statistics::Spread;
use crate::event::ArticleId;

/// Articles looked at more closely for one story. Chosen for time, not measured.
const CANDIDATES: usize = 30;
/// Postings walked for one story on a shelf of its own day, of the days beside it, of any other; the rarest words first. Bounds the time whatever the size
/// of the window. What happened is mostly told within a day.
const POSTINGS: [usize; 3] = [4_000, 3_000, 700];

/// An article and its words' weights.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) member: Member,
    pub(crate) weights: Weights,
    /// The save point that the weights are of; `None` until they are made.
    pub(crate) generation: Option<u32>,
}

/// One day.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    slots: Vec<Option<Held>>,
    /// The article of each slot: reading it there spares a search through memory for each that shares a word.
    articles: Vec<ArticleId>,
    postings: HashMap<u32, Vec<u32>, BuildHasherDefault<Spread>>,
    /// When it was last needed.
    pub(crate) used: u64,
}

impl Shelf {
    /// Puts an article on the shelf: its slot.
    pub(crate) fn insert(&mut self, held: Held) -> u32 {
        let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        for term in held.member.signature.keys() {
            self.postings.entry(term).or_default().push(slot);
        }
        self.articles.push(held.member.article);
        self.slots.push(Some(held));
        slot
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Option<Member> {
        let held = self.slots.get_mut(slot as usize)?.take()?;
        for term in held.member.signature.keys() {
            if let Some(list) = self.postings.get_mut(&term) {
                list.retain(|other| *other != slot);
            }
        }
        Some(held.member)
    }

    pub(crate) fn get(&self, slot: u32) -> Option<&Held> {
        self.slots.get(slot as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut Held> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    /// The slots of the articles that have the word among their weightiest.
    fn having(&self, term: u32) -> &[u32] {
        self.postings.get(&term).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn into_members(self) -> impl Iterator<Item = Member> {
        self.slots.into_iter().flatten().map(|held| held.member)
    }
}

/// The articles on these shelves, each so many days away, that share most with a story, best first: `words` are its weightiest, with what each counts.
/// `sums` is room for adding up, all zero between calls.
pub(crate) fn sharing_most(shelves: &[(u32, &Shelf)], words: Vec<(u32, f32)>, sums: &mut Vec<f32>) -> Vec<ArticleId> {
    // Each word is looked up once on each shelf: memory is slower than arithmetic.
    let having: Vec<&[u32]> =
        words.iter().flat_map(|(term, _)| shelves.iter().map(|(_, shelf)| shelf.having(*term))).collect();
    let mut words: Vec<Word<'_>> = having
        .chunks(shelves.len().max(1))
        .zip(words)
        .map(|(having, (term, counts))| {
            let frequency = having.iter().map(|slots| slots.len()).sum();
            Word { frequency, term, counts, having }
        })
        .collect();
    words.sort_unstable_by_key(|word| (word.frequency, word.term));
    let mut best = Best::default();
    // The newest first: most stories are told again within hours, and what comes after has more to beat.
    for (at, (days, shelf)) in shelves.iter().enumerate().rev() {
        if sums.len() < shelf.slots.len() {
            sums.resize(shelf.slots.len(), 0.0);
        }
        let most = POSTINGS.get(*days as usize).or(POSTINGS.last()).copied().unwrap_or_default();
        let lists = || {
            let here = words.iter().filter_map(|word| Some((*word.having.get(at)?, word.counts)));
            let mut walked = 0;
            here.take_while(move |(slots, _)| {
                walked += slots.len();
                walked <= most
            })
        };
        for (slots, counts) in lists() {
            for slot in slots {
                if let Some(sum) = sums.get_mut(*slot as usize) {
                    *sum += counts;
                }
            }
        }
        for slot in lists().flat_map(|(slots, _)| slots) {
            if let Some(sum) = sums.get_mut(*slot as usize).map(std::mem::take).filter(|sum| *sum >= best.least)
                && let Some(article) = shelf.articles.get(*slot as usize)
            {
                best.add(sum, *article);
            }
        }
    }
    best.into_articles()
}

/// A word of the story that is compared.
struct Word<'a> {
    /// Articles that have it.
    frequency: usize,
    term: u32,
    counts: f32,
    /// The slots of those, shelf by shelf.
    having: &'a [&'a [u32]],
}

/// The best candidates so far.
struct Best {
    found: Vec<(f32, ArticleId)>,
    /// What another must have at the least.
    least: f32,
}

impl Default for Best {
    fn default() -> Self {
        // What shares words that count for nothing shares nothing.
        Self { found: Vec::with_capacity(2 * CANDIDATES), least: f32::MIN_POSITIVE }
    }
}

impl Best {
    fn add(&mut self, sum: f32, article: ArticleId) {
        self.found.push((sum, article));
        if self.found.len() == 2 * CANDIDATES {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.found.len() > CANDIDATES {
            let (_, (least, _), _) = self.found.select_nth_unstable_by(CANDIDATES - 1, best_first);
            self.least = *least;
            self.found.truncate(CANDIDATES);
        }
    }

    fn into_articles(mut self) -> Vec<ArticleId> {
        self.cut();
        self.found.sort_unstable_by(best_first);
        self.found.into_iter().map(|(_, article)| article).collect()
    }
}

fn best_first(a: &(f32, ArticleId), b: &(f32, ArticleId)) -> Ordering {
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
}
