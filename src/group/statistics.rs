//! How common each word is, language by language, learnt from the articles themselves.
//!
//! Pure. What is learnt comes into force only at save points: after a number of articles of a language that depends on nothing
//! but how many there were before. So the weights an article is judged with depend on the articles before it alone, not on
//! batches or restarts. What must be stored for that are small rows of key and bytes: one snapshot a language, and the words
//! counted since.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use super::signature::Signature;
use super::{token, words};

/// Articles between two save points: a quarter of those before, within these bounds.
const STEP: std::ops::RangeInclusive<u32> = 250..=20_000;
/// Words kept of one language; beyond it the rarest go.
const MOST_WORDS: usize = 300_000;
/// From here on all counts are halved at a save point, so that the numbers follow the times and stay small.
const MOST_ARTICLES: u32 = 1_000_000;
/// Weight of what a word's shape alone says, in articles.
const PRIOR_ARTICLES: f32 = 200.0;
/// Share of articles that have a word they are found in, by its class of length: geometric means over 12,000 English articles
/// (`tests/bench/group/words.py` prints them).
const EXPECTED: [f32; token::LENGTH_CLASSES] = [0.33, 0.1, 0.03, 0.02];
/// First byte of a snapshot.
const VERSION: u8 = 1;

/// A map whose keys are evenly spread already, or numbers given one after the other.
pub(crate) type Numbered<K, V> = HashMap<K, V, BuildHasherDefault<Spread>>;

/// Word counts.
type Counts = Numbered<u32, u32>;

/// The words of all languages.
#[derive(Debug, Default)]
pub(crate) struct Statistics {
    languages: BTreeMap<u32, Language>,
}

/// One row to keep: `None` deletes it.
pub type SavedRow = (String, Option<Vec<u8>>);

#[derive(Debug, Default)]
pub(crate) struct Language {
    /// In force.
    articles: u32,
    counts: Counts,
    /// Raised at every save point; the weights made with another number are stale.
    generation: u32,
    /// Counted since the save point: articles and their words. Not article by article, which would be 13 MB of a language before the last save points.
    since: u32,
    fresh: Counts,
    /// Those of them that are not stored yet, and in how many rows the others are.
    unsaved: Vec<Box<[u32]>>,
    pieces: u32,
    /// Rows of the time before the save point, to be deleted.
    outdated: u32,
    snapshot_due: bool,
}

impl Statistics {
    /// What is known of a language.
    pub(crate) fn language(&self, tag: u32) -> Option<&Language> {
        self.languages.get(&tag)
    }

    /// Counts the words of one more article.
    pub(crate) fn count(&mut self, signature: &Signature) {
        self.languages.entry(signature.language).or_default().count(signature.terms.clone());
    }

    /// The rows that changed since the last call.
    pub(crate) fn take_rows(&mut self) -> Vec<SavedRow> {
        let mut rows = Vec::new();
        for (tag, language) in &mut self.languages {
            language.take_rows(&tag_text(*tag), &mut rows);
        }
        rows
    }

    /// Takes back stored rows, in any order. Rows that cannot be read are left out.
    pub(crate) fn restore(rows: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut sorted: Vec<(String, Vec<u8>)> = rows.into_iter().collect();
        // "ar/0" (the snapshot) comes before "ar/1/00000000" (a piece).
        sorted.sort();
        let mut statistics = Self::default();
        for (key, value) in sorted {
            let Some((tag, rest)) = key.split_once('/') else { continue };
            let language = statistics.languages.entry(tag_number(tag)).or_default();
            if rest == SNAPSHOT {
                language.read_snapshot(&value);
            } else {
                language.read_piece(&value);
            }
        }
        statistics
    }
}

const SNAPSHOT: &str = "0";

impl Language {
    /// The number of the save point in force.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    fn count(&mut self, terms: Box<[u32]>) {
        self.add(&terms);
        self.unsaved.push(terms);
        if self.since >= (self.articles / 4).clamp(*STEP.start(), *STEP.end()) {
            self.fold();
        }
    }

    fn add(&mut self, terms: &[u32]) {
        self.since += 1;
        for term in terms {
            *self.fresh.entry(*term).or_default() += 1;
        }
    }

    /// The save point: what was counted comes into force.
    fn fold(&mut self) {
        self.articles += std::mem::take(&mut self.since);
        for (term, count) in std::mem::take(&mut self.fresh) {
            *self.counts.entry(term).or_default() += count;
        }
        let mut floor = 0;
        while self.counts.len() > MOST_WORDS {
            floor += 1;
            self.counts.retain(|_, count| *count > floor);
        }
        if self.articles > MOST_ARTICLES {
            self.articles /= 2;
            self.counts.retain(|_, count| {
                *count /= 2;
                *count > 0
            });
        }
        self.generation += 1;
        self.outdated = self.outdated.max(self.pieces);
        self.pieces = 0;
        self.unsaved.clear();
        self.snapshot_due = true;
    }

    fn take_rows(&mut self, tag: &str, rows: &mut Vec<SavedRow>) {
        if std::mem::take(&mut self.snapshot_due) {
            rows.extend((0..std::mem::take(&mut self.outdated)).map(|piece| (piece_key(tag, piece), None)));
            rows.push((format!("{tag}/{SNAPSHOT}"), Some(self.snapshot())));
        }
        if !self.unsaved.is_empty() {
            let mut piece = Vec::new();
            for terms in self.unsaved.drain(..) {
                piece.push(u8::try_from(terms.len()).unwrap_or(u8::MAX));
                piece.extend(terms.iter().take(usize::from(u8::MAX)).flat_map(|term| term.to_le_bytes()));
            }
            rows.push((piece_key(tag, self.pieces), Some(piece)));
            self.pieces += 1;
        }
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut counts: Vec<(u32, u32)> = self.counts.iter().map(|(term, count)| (*term, *count)).collect();
        counts.sort_unstable();
        let mut out = vec![VERSION];
        out.extend(self.articles.to_le_bytes());
        out.extend(self.generation.to_le_bytes());
        out.extend(counts.iter().flat_map(|(term, count)| [term.to_le_bytes(), count.to_le_bytes()]).flatten());
        out
    }

    fn read_snapshot(&mut self, bytes: &[u8]) {
        let Some((&[VERSION, a0, a1, a2, a3, g0, g1, g2, g3], rows)) = bytes.split_first_chunk::<9>() else { return };
        self.articles = u32::from_le_bytes([a0, a1, a2, a3]);
        self.generation = u32::from_le_bytes([g0, g1, g2, g3]);
        let rows = rows.chunks_exact(8).filter_map(|row| row.split_first_chunk::<4>());
        self.counts = rows
            .filter_map(|(term, count)| Some((u32::from_le_bytes(*term), u32::from_le_bytes(count.try_into().ok()?))))
            .collect();
    }

    fn read_piece(&mut self, mut bytes: &[u8]) {
        while let Some((&len, rest)) = bytes.split_first() {
            let Some((terms, rest)) = rest.split_at_checked(usize::from(len) * 4) else { break };
            let terms: Vec<u32> =
                terms.chunks_exact(4).filter_map(|c| c.try_into().ok().map(u32::from_le_bytes)).collect();
            self.add(&terms);
            bytes = rest;
        }
        self.pieces += 1;
    }
}

/// A language tag as a number: its first four letters.
pub(crate) fn tag_number(tag: &str) -> u32 {
    tag.bytes().take(4).fold(0, |number, byte| (number << 8) | u32::from(byte.to_ascii_lowercase()))
}

fn tag_text(number: u32) -> String {
    number.to_be_bytes().iter().filter(|b| b.is_ascii_alphanumeric()).map(|b| char::from(*b)).collect()
}

fn piece_key(tag: &str, piece: u32) -> String {
    format!("{tag}/1/{piece:08}")
}

/// How much a word says: the logarithm of how many articles there are for one that has it, at least 0.
///
/// What was learnt and what is bundled are added up; for a language of which nothing is known there remains what a word's length says.
pub(crate) fn rarity(tag: u32, learnt: Option<&Language>, term: u32) -> f32 {
    let (mut articles, mut count) =
        learnt.map_or((0.0, 0.0), |l| (small(l.articles), small(l.counts.get(&term).copied().unwrap_or(0))));
    if tag == tag_number(words::LANGUAGE) {
        articles += small(words::articles());
        count += f32::from(words::count(term));
    }
    let expected = EXPECTED.get(token::length_class(term)).copied().unwrap_or(0.001);
    ((articles + PRIOR_ARTICLES) / (count + expected * PRIOR_ARTICLES)).ln().max(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of articles; the last digits do not matter")]
fn small(count: u32) -> f32 {
    count as f32
}

/// A hasher for such keys.
#[derive(Debug, Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = (self.0 ^ u64::from(value)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_i64(&mut self, value: i64) {
        self.0 = (self.0 ^ value.cast_unsigned()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Story;

    #[test]
    fn restarts_change_nothing() {
        let mut uncut = Statistics::default();
        let mut cut = Statistics::default();
        let mut stored: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for n in 0..900_u32 {
            let text = format!("the harbour w{} w{}", n % 7, n % 50);
            let signature = Signature::of(&Story { text: &text, language: Some("en"), ..Story::default() });
            uncut.count(&signature);
            cut.count(&signature);
            if n % 13 == 0 {
                for (key, value) in cut.take_rows() {
                    match value {
                        Some(value) => stored.insert(key, value),
                        None => stored.remove(&key),
                    };
                }
            }
            if n % 39 == 0 {
                cut = Statistics::restore(stored.clone());
            }
        }
        let [a, b] = [&uncut, &cut].map(|s| s.languages.get(&tag_number("en")).unwrap());
        assert_eq!((a.articles, &a.counts), (b.articles, &b.counts));
        assert_eq!((a.since, &a.fresh), (b.since, &b.fresh));
        assert!(a.articles >= 750 && stored.len() < 20);
    }
}
