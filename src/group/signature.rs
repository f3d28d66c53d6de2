//! What grouping needs to know of one story, and nothing else.
//!
//! Pure: a function of the story and of the tables built into the program, so it can be computed anywhere, in parallel, and kept
//! beside the article. Word weights are not part of it, since they change as the database grows.

use jiff::Timestamp;

use super::statistics::{self, tag_number};
use super::token::{self, Shape, Token};
use super::words::{self, Meaning};
use super::{Day, Story, dates};

/// Words of the text that are looked at: news says what happened first. Chosen, not measured.
const TEXT_WORDS: usize = 400;
/// Words of the title that are looked at.
const TITLE_WORDS: usize = 40;
/// Words of the text that count as its lead.
const LEAD_WORDS: usize = 60;
/// Distinct words kept of one story.
const TERMS: usize = 160;
/// Words that a story is found by. Chosen for memory, not measured.
const KEYS: usize = 32;
/// Shingles kept for finding copies: the smallest hashes.
const SHINGLES: usize = 64;
/// Days spoken of that are kept.
const DAYS: usize = 12;
/// Words of the text that are looked at for copies.
const COPY_WORDS: usize = 2000;
/// Words in a shingle.
const SHINGLE_WORDS: usize = 5;
/// A date this far after the fetch is not believed (`INTERFACE.md`).
const FUTURE_SECONDS: i64 = 86_400;
/// First byte of the stored form; another number means that the signature must be computed again.
const VERSION: u8 = 2;

/// What grouping needs of one story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Day that the story counts for: of publication, else of the fetch.
    pub(crate) day: Day,
    /// When it was published, in seconds since the epoch; `None` where that is not known.
    pub(crate) published: Option<i64>,
    /// Primary language, as [`tag_number`] of its tag.
    pub(crate) language: u32,
    /// Hashes of the distinct words, ascending.
    pub(crate) terms: Box<[u32]>,
    /// Of each word: how often (low bits) and where it stands.
    pub(crate) marks: Box<[u8]>,
    /// Positions of the weightiest words among `terms`: those that other stories find it by.
    pub(crate) keys: Box<[u8]>,
    /// What title and text are about.
    pub(crate) meaning: Meaning,
    /// What title and lead are about.
    pub(crate) lead_meaning: Meaning,
    /// The days spoken of, as [`dates::Mention::to_code`], in the order of the text.
    pub(crate) days: Box<[i32]>,
    /// The smallest shingle hashes, ascending.
    pub(crate) shingles: Box<[u32]>,
    /// Words looked at.
    pub(crate) words: u16,
}

/// Of a word: its count, at most 15.
pub(crate) const COUNT: u8 = 0x0f;
/// The word stands in the title.
pub(crate) const TITLE: u8 = 0x10;
/// The word stands in the lead.
pub(crate) const LEAD: u8 = 0x20;
/// The word looks like a name.
pub(crate) const NAME: u8 = 0x40;
/// The word has a digit.
pub(crate) const NUMBER: u8 = 0x80;

impl Signature {
    /// The signature of a story.
    #[must_use]
    pub fn of(story: &Story<'_>) -> Self {
        let title = story.title.unwrap_or_default();
        let title = if title.trim().is_empty() { opening(story.text) } else { title };
        let published = believable(story.published_at, story.seen_at);
        let moment = published.or(story.seen_at);
        let head = token::tokens(title, TITLE_WORDS);
        let body = token::tokens(story.text, COPY_WORDS);
        let language = language_of(story);
        let day = moment.map_or(0, day_of);
        let language_number = tag_number(&language);
        let (terms, marks) = bag(&head, body.get(..TEXT_WORDS.min(body.len())).unwrap_or(&body));
        // By what is bundled alone: what a story is found by must not change as the database learns.
        let rarities: Vec<f32> = terms.iter().map(|term| statistics::rarity(language_number, None, *term)).collect();
        let about = |of: u8| {
            if language != words::LANGUAGE {
                return Meaning::default();
            }
            let words = terms.iter().zip(&marks).zip(&rarities);
            let chosen = words.filter(|((_, mark), _)| of == 0 || **mark & of != 0);
            Meaning::of(chosen.map(|((term, mark), rarity)| (*term, rarity * (1.0 + f32::from(mark & COUNT).ln()))))
        };
        let (meaning, lead_meaning) = (about(0), about(TITLE | LEAD));
        let keys = keys(&terms, &marks, &rarities);
        Self {
            day,
            published: published.map(Timestamp::as_second),
            language: language_number,
            meaning,
            lead_meaning,
            days: spoken_of(story, &language, published.map(|_| day)),
            keys,
            terms,
            marks,
            shingles: shingles(&body),
            words: u16::try_from(head.len() + body.len()).unwrap_or(u16::MAX),
        }
    }

    /// Day of publication, or of the fetch where that is not known; days since 1970-01-01.
    #[must_use]
    pub fn day(&self) -> Day {
        self.day
    }

    /// The same story, told at the time of an earlier version of it.
    #[must_use]
    pub fn at_the_time_of(self, before: &Self) -> Self {
        Self { day: before.day, published: before.published, ..self }
    }

    /// The words that other stories find this one by.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u32> {
        self.keys.iter().filter_map(|at| self.terms.get(usize::from(*at)).copied())
    }

    /// Up to where every shingle of the text is among those kept.
    pub(crate) fn shingles_end(&self) -> u32 {
        match self.shingles.last() {
            Some(last) if self.shingles.len() >= SHINGLES => *last,
            _ => u32::MAX,
        }
    }

    /// The stored form. Little-endian, first byte the version.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend(self.day.to_le_bytes());
        out.push(u8::from(self.published.is_some()));
        out.extend(self.published.unwrap_or_default().to_le_bytes());
        out.extend(self.language.to_le_bytes());
        out.extend(self.words.to_le_bytes());
        put_words(&mut out, &self.terms);
        out.extend(self.marks.iter());
        put_bytes(&mut out, &self.keys);
        put_words(&mut out, &self.shingles);
        out.push(u8::try_from(self.days.len()).unwrap_or(u8::MAX));
        out.extend(self.days.iter().flat_map(|day| day.to_le_bytes()));
        for meaning in [&self.meaning, &self.lead_meaning] {
            put_bytes(&mut out, &meaning.to_bytes().collect::<Vec<u8>>());
        }
        out
    }

    /// Reads the stored form; `None` where it is of another version or damaged: compute it again from the story.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut read = Reader(bytes);
        if read.byte()? != VERSION {
            return None;
        }
        let day = i32::from_le_bytes(read.array()?);
        let dated = read.byte()? == 1;
        let published = i64::from_le_bytes(read.array()?);
        let language = u32::from_le_bytes(read.array()?);
        let words = u16::from_le_bytes(read.array()?);
        let terms = read.words()?;
        let marks = read.take(terms.len())?.into();
        let keys = usize::from(read.byte()?);
        let keys = read.take(keys)?.into();
        let shingles = read.words()?;
        let days = read.words()?.iter().map(|code| code.cast_signed()).collect();
        let meaning = read.meaning()?;
        let lead_meaning = read.meaning()?;
        let published = dated.then_some(published);
        read.0.is_empty().then_some(Self {
            day,
            published,
            language,
            terms,
            marks,
            keys,
            meaning,
            lead_meaning,
            days,
            shingles,
            words,
        })
    }
}

/// The date of publication, unless it lies more than a day after the fetch.
fn believable(published: Option<Timestamp>, seen: Option<Timestamp>) -> Option<Timestamp> {
    published.filter(|at| seen.is_none_or(|seen| at.as_second() <= seen.as_second().saturating_add(FUTURE_SECONDS)))
}

fn day_of(at: Timestamp) -> Day {
    i32::try_from(at.as_second().div_euclid(86_400)).unwrap_or(0)
}

/// The first line of a text without a title, which stands for it.
fn opening(text: &str) -> &str {
    text.trim_start().split(['\n', '。']).next().and_then(|line| line.split(". ").next()).unwrap_or_default()
}

/// The days that title and text speak of.
fn spoken_of(story: &Story<'_>, language: &str, published: Option<Day>) -> Box<[i32]> {
    let mut days: Vec<i32> = Vec::new();
    for text in [story.title.unwrap_or_default(), story.text] {
        days.extend(dates::mentions(text, language, published).into_iter().map(dates::Mention::to_code));
    }
    days.truncate(DAYS);
    days.into()
}

/// The primary language: as declared, else as the text looks.
fn language_of(story: &Story<'_>) -> String {
    if let Some(tag) = story.language {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        if !primary.is_empty() && primary != "und" {
            return primary;
        }
    }
    let sample: String =
        story.title.unwrap_or_default().chars().chain([' ']).chain(story.text.chars()).take(400).collect();
    whatlang::detect_lang(&sample).map(two_letters).unwrap_or_default().to_owned()
}

/// The ISO 639-1 code of a language, which is what tags use (BCP 47).
fn two_letters(language: whatlang::Lang) -> &'static str {
    match language.code() {
        "afr" => "af",
        "aka" => "ak",
        "amh" => "am",
        "ara" => "ar",
        "aze" => "az",
        "bel" => "be",
        "ben" => "bn",
        "bul" => "bg",
        "cat" => "ca",
        "ces" => "cs",
        "cmn" => "zh",
        "cym" => "cy",
        "dan" => "da",
        "deu" => "de",
        "ell" => "el",
        "eng" => "en",
        "epo" => "eo",
        "est" => "et",
        "fin" => "fi",
        "fra" => "fr",
        "guj" => "gu",
        "heb" => "he",
        "hin" => "hi",
        "hrv" => "hr",
        "hun" => "hu",
        "hye" => "hy",
        "ind" => "id",
        "ita" => "it",
        "jav" => "jv",
        "jpn" => "ja",
        "kan" => "kn",
        "kat" => "ka",
        "khm" => "km",
        "kor" => "ko",
        "lat" => "la",
        "lav" => "lv",
        "lit" => "lt",
        "mal" => "ml",
        "mar" => "mr",
        "mkd" => "mk",
        "mya" => "my",
        "nep" => "ne",
        "nld" => "nl",
        "nob" => "nb",
        "ori" => "or",
        "pan" => "pa",
        "pes" => "fa",
        "pol" => "pl",
        "por" => "pt",
        "ron" => "ro",
        "rus" => "ru",
        "sin" => "si",
        "slk" => "sk",
        "slv" => "sl",
        "sna" => "sn",
        "spa" => "es",
        "srp" => "sr",
        "swe" => "sv",
        "tam" => "ta",
        "tel" => "te",
        "tgl" => "tl",
        "tha" => "th",
        "tuk" => "tk",
        "tur" => "tr",
        "ukr" => "uk",
        "urd" => "ur",
        "uzb" => "uz",
        "vie" => "vi",
        "yid" => "yi",
        "zul" => "zu",
        other => other,
    }
}

/// The distinct words of title and text with their marks, ascending by hash.
fn bag(head: &[Token], body: &[Token]) -> (Box<[u32]>, Box<[u8]>) {
    let mut seen: Vec<(u32, u8)> = Vec::with_capacity(head.len() + body.len());
    // Where most words of a title are capitalized, that says nothing of any one.
    let names = head.iter().filter(|token| token.shape == Shape::Name).count();
    let cased = if names * 2 > head.len() { !NAME } else { u8::MAX };
    for token in head {
        seen.push((token.hash, TITLE | shape_mark(*token) & cased));
    }
    for (at, token) in body.iter().enumerate() {
        seen.push((token.hash, if at < LEAD_WORDS { LEAD } else { 0 } | shape_mark(*token)));
    }
    // The earlier words win where there are too many.
    let mut order: Vec<u32> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for (hash, mark) in seen {
        let entry = known.entry(hash).or_insert_with(|| {
            order.push(hash);
            0_u8
        });
        let count = ((*entry & COUNT) + 1).min(COUNT);
        *entry = ((*entry | mark) & !COUNT) | count;
    }
    order.truncate(TERMS);
    order.sort_unstable();
    let marks = order.iter().map(|hash| known.get(hash).copied().unwrap_or(1)).collect();
    (order.into(), marks)
}

/// Positions of the weightiest words.
fn keys(terms: &[u32], marks: &[u8], rarities: &[f32]) -> Box<[u8]> {
    let mut order: Vec<(f32, u32, u8)> = (0..)
        .zip(terms.iter().zip(marks).zip(rarities))
        .map(|(at, ((term, mark), rarity))| {
            let prominence = if mark & TITLE != 0 {
                2.0
            } else if mark & LEAD != 0 {
                1.4
            } else {
                1.0
            };
            let weight = (1.0 + f32::from(mark & COUNT).ln()) * prominence * rarity;
            (-weight, *term, at)
        })
        .collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    order.into_iter().take(KEYS).map(|(_, _, at)| at).collect()
}

fn shape_mark(token: Token) -> u8 {
    match token.shape {
        Shape::Plain | Shape::Bigram => 0,
        Shape::Name => NAME,
        Shape::Number => NUMBER,
    }
}

/// The smallest hashes of runs of words: two texts share about as large a part of them as they share text (Broder 1997).
fn shingles(body: &[Token]) -> Box<[u32]> {
    let mut hashes: Vec<u32> = body
        .windows(SHINGLE_WORDS)
        .map(|run| {
            let mixed = run.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, token| {
                (hash ^ u64::from(token.hash)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
            });
            u32::try_from(mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).unwrap_or(0)
        })
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(SHINGLES);
    hashes.into()
}

fn put_words(out: &mut Vec<u8>, words: &[u32]) {
    out.push(u8::try_from(words.len()).unwrap_or(u8::MAX));
    for word in words {
        out.extend(word.to_le_bytes());
    }
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
    out.extend(bytes);
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, len: usize) -> Option<&[u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn meaning(&mut self) -> Option<Meaning> {
        let len = usize::from(self.byte()?);
        (len == 0 || len == words::DIMENSIONS).then_some(())?;
        Some(Meaning::from_bytes(self.take(len)?))
    }

    fn words(&mut self) -> Option<Box<[u32]>> {
        let len = usize::from(self.byte()?);
        Some(self.take(len * 4)?.chunks_exact(4).filter_map(|c| c.try_into().ok().map(u32::from_le_bytes)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_form_comes_back() {
        let story =
            Story { title: Some("Ferry aground off Kelm"), text: "A ferry ran aground on Monday.", ..Story::default() };
        let signature = Signature::of(&story);
        let bytes = signature.to_bytes();
        assert_eq!(Signature::from_bytes(&bytes), Some(signature));
        for len in 0..bytes.len() {
            assert_eq!(Signature::from_bytes(bytes.get(..len).unwrap()), None, "cut at {len}");
        }
    }

    #[test]
    fn a_date_in_the_future_is_not_believed() {
        let seen: Timestamp = "2024-08-05T12:00:00Z".parse().unwrap();
        let story = |at: &str| Story {
            text: "x",
            published_at: Some(at.parse().unwrap()),
            seen_at: Some(seen),
            ..Story::default()
        };
        assert_eq!(Signature::of(&story("2024-09-01T00:00:00Z")).day(), day_of(seen));
        assert_eq!(Signature::of(&story("2024-08-06T00:00:00Z")).day(), day_of(seen) + 1);
    }
}
