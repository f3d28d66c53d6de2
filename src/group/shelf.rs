//! The articles of one day, and which of them have a word.
//!
//! Pure. A slot number is good for as long as the shelf is; a removed article leaves its slot empty.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::features::Weights;
use super::index::Member;
use super::statistics::Spread;
use crate::event::ArticleId;

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
    /// Room for adding up; all zero between calls.
    sums: Vec<f32>,
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
        self.sums.push(0.0);
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

    /// How many articles have the word among their weightiest.
    pub(crate) fn frequency(&self, term: u32) -> usize {
        self.postings.get(&term).map_or(0, Vec::len)
    }

    /// The articles that have any of the words, with the sum of what those words count.
    pub(crate) fn matching(&mut self, terms: &[(u32, f32)]) -> Vec<(f32, ArticleId)> {
        let mut touched = Vec::new();
        for (term, counts) in terms {
            for slot in self.postings.get(term).map(Vec::as_slice).unwrap_or_default() {
                let Some(sum) = self.sums.get_mut(*slot as usize) else { continue };
                if *sum == 0.0 {
                    touched.push(*slot);
                }
                *sum += counts;
            }
        }
        let take = |slot: u32| {
            let sum = self.sums.get_mut(slot as usize).map(std::mem::take)?;
            Some((sum, *self.articles.get(slot as usize)?))
        };
        touched.into_iter().filter_map(take).collect()
    }

    pub(crate) fn into_members(self) -> impl Iterator<Item = Member> {
        self.slots.into_iter().flatten().map(|held| held.member)
    }
}
