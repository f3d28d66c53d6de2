//! The bundled word table: how common English words are in the news, and what they are close to in meaning.
//!
//! Pure. Made by `tests/bench/group/words.py` from text that is not in the repository; the table holds hashes and numbers only.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::LazyLock;

use super::statistics::Spread;

/// Numbers of one word vector.
pub(crate) const DIMENSIONS: usize = 64;

/// The language that the table is of.
pub(crate) const LANGUAGE: &str = "en";

/// Little-endian: articles (u32), then for each word its hash (u32), the articles it is in (u16), its vector (i8 each).
static BYTES: &[u8] = include_bytes!("model/words.bin");
const ROW: usize = 6 + DIMENSIONS;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let (head, rows) = BYTES.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let (rows, _) = rows.as_chunks::<ROW>();
    let words = (0..).zip(rows).map(|(at, [a, b, c, d, low, high, ..])| {
        (u32::from_le_bytes([*a, *b, *c, *d]), Word { row: at, count: u16::from_le_bytes([*low, *high]) })
    });
    Table { articles: u32::from_le_bytes(*head), rows, words: words.collect() }
});

struct Table {
    articles: u32,
    rows: &'static [[u8; ROW]],
    words: HashMap<u32, Word, BuildHasherDefault<Spread>>,
}

/// The count stands here too: it is asked for far more often than the vector, and a row is a line of the cache more.
struct Word {
    row: u32,
    count: u16,
}

/// Articles that the table was counted over.
pub(crate) fn articles() -> u32 {
    TABLE.articles
}

/// How many of those articles have the word; 0 where the table does not know it.
pub(crate) fn count(term: u32) -> u16 {
    TABLE.words.get(&term).map_or(0, |word| word.count)
}

/// What the word is close to in meaning.
pub(crate) fn vector(term: u32) -> Option<&'static [u8]> {
    let table = &*TABLE;
    table.words.get(&term).and_then(|word| table.rows.get(word.row as usize)).and_then(|row| row.get(6..))
}

/// What a text is about: the sum of its words' vectors. Empty where the table knows too few of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    vector: Box<[i8]>,
    /// Of its length.
    square: i32,
}

/// Share of the words' weight that must be in the table for a text to have a meaning.
const COVERED: f32 = 0.5;

impl Meaning {
    /// The meaning of words and their weights.
    pub(crate) fn of(words: impl Iterator<Item = (u32, f32)>) -> Self {
        let mut sum = [0.0_f32; DIMENSIONS];
        let (mut all, mut known) = (0.0, 0.0);
        for (term, weight) in words {
            all += weight;
            if let Some(vector) = vector(term) {
                known += weight;
                for (sum, x) in sum.iter_mut().zip(vector) {
                    *sum += weight * f32::from(x.cast_signed());
                }
            }
        }
        let largest = sum.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        if largest <= 0.0 || known < COVERED * all {
            return Self::default();
        }
        Self::new(sum.iter().map(|x| quantized(x / largest)).collect())
    }

    /// Back from the stored form.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(bytes.iter().map(|x| x.cast_signed()).collect())
    }

    fn new(vector: Box<[i8]>) -> Self {
        Self { square: dot(&vector, &vector), vector }
    }

    /// The stored form: [`DIMENSIONS`] bytes or none.
    pub(crate) fn to_bytes(&self) -> impl Iterator<Item = u8> {
        self.vector.iter().map(|x| x.cast_unsigned())
    }

    /// How close two meanings are, -1 to 1; NaN where either is empty.
    pub(crate) fn cosine(&self, other: &Self) -> f32 {
        whole(dot(&self.vector, &other.vector)) / (whole(self.square) * whole(other.square)).sqrt()
    }
}

fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
}

#[expect(clippy::cast_possible_truncation, reason = "at most 127")]
fn quantized(x: f32) -> i8 {
    (x * 127.0).round() as i8
}

#[expect(clippy::cast_precision_loss, reason = "the last digits do not matter")]
fn whole(x: i32) -> f32 {
    x as f32
}
