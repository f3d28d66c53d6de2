//! The phrases of furniture, in the languages that the feeds speak.
//!
//! Words come second: most furniture is gone by structure before a phrase is looked at. A phrase decides about a short block
//! alone, and only where it is the whole block, opens it, or could not stand in a story.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use foldhash::HashSet;

use super::lexicon::{
    ADDRESS, CLOSES, CREDIT_CUES, CREDITS, HOLDS, OPENS, PICTURE_CUES, PICTURES, ROLE_CUES, SURE, TELLS, WHOLE,
};
use super::outline::Block;
use super::weigh::ends_sentence;

/// Longer blocks are the story's, whatever they say.
const LONGEST: usize = 330;
/// A phrase in the middle of a longer block may be quoted there.
const HOLDING: usize = 240;
/// What names a source or a picture before a colon is a line, not a paragraph.
const CUED: usize = 140;
/// What may follow a phrase of [`WHOLE`] that ends in an ellipsis.
const TRAIL: usize = 60;

/// What only the line of those who helped says.
const CONTRIBUTED: &[&str] = &[
    "contributed to this report",
    "contributed to this story",
    "contributed to this article",
    "contributed reporting",
    "contributed from",
];

/// How a phrase must stand in its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is the block.
    Whole,
    /// It opens the block, which is short.
    Label,
    /// It opens the block, which is a link, goes on after a colon, or is no sentence.
    Opens,
    /// It opens the block.
    Sure,
    /// It is in it.
    Holds,
    /// It ends the block, which has a link.
    Closes,
}

#[derive(Debug)]
struct Phrase {
    what: &'static str,
    place: Place,
    /// May go on in the same word.
    stem: bool,
    /// A story may say it, too.
    doubtful: bool,
}

struct Lexicon {
    automaton: AhoCorasick,
    phrases: Vec<Phrase>,
}

static LEXICON: LazyLock<Option<Lexicon>> = LazyLock::new(|| {
    let (mut phrases, mut patterns) = (Vec::new(), Vec::new());
    for (place, table) in [
        (Place::Whole, WHOLE),
        (Place::Opens, OPENS),
        (Place::Sure, SURE),
        (Place::Holds, HOLDS),
        (Place::Closes, CLOSES),
    ] {
        for &(what, list) in table {
            for entry in list.split('|').map(str::trim).filter(|entry| !entry.is_empty()) {
                let (entry, doubtful) = entry.strip_suffix('?').map_or((entry, false), |entry| (entry, true));
                let label = entry.strip_suffix('…');
                let stem = entry.ends_with('*');
                patterns.push(plain(&label.unwrap_or(entry).replace('#', "0")));
                phrases.push(Phrase {
                    what,
                    place: if label.is_some() { Place::Label } else { place },
                    stem,
                    doubtful,
                });
            }
        }
    }
    let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns).ok()?;
    Some(Lexicon { automaton, phrases })
});

/// What furniture a block is, if it is a phrase of it.
pub(super) fn furniture(block: &Block) -> Option<&'static str> {
    found(block, |_| true).map(|phrase| phrase.what)
}

/// The same of a heading with paragraphs of its own, which may open with a word of furniture ("Follow the money").
pub(super) fn furniture_heading(block: &Block) -> Option<&'static str> {
    found(block, |place| matches!(place, Place::Whole | Place::Holds)).map(|phrase| phrase.what)
}

/// The phrase that decides about a block, of those that stand as they may.
fn found(block: &Block, may: fn(Place) -> bool) -> Option<&'static Phrase> {
    if block.length > LONGEST {
        return None;
    }
    let lexicon = LEXICON.as_ref()?;
    let text = plain(&block.text);
    lexicon.automaton.find_overlapping_iter(text.as_str()).find_map(|found| {
        let phrase = lexicon.phrases.get(found.pattern().as_usize()).filter(|phrase| may(phrase.place))?;
        let after = text.get(found.end()..)?;
        let starts_word = found.start() == 0 || is_edge(text.get(..found.start())?, text.get(found.start()..)?);
        let ends_word = phrase.stem || is_edge(text.get(..found.end())?, after);
        let fits = match phrase.place {
            Place::Whole => found.start() == 0 && after.is_empty(),
            Place::Label => {
                found.start() == 0 && after.chars().count() <= TRAIL && ends_word && !ends_sentence(&block.text)
            }
            Place::Opens => {
                found.start() == 0
                    && ends_word
                    && (block.linked * 2 > block.length
                        || !ends_sentence(&block.text)
                        || colon_after(&block.text, found.end()))
            }
            Place::Sure => found.start() == 0 && ends_word,
            Place::Holds => block.length <= HOLDING && starts_word && ends_word,
            Place::Closes => block.length <= HOLDING && block.linked > 0 && starts_word && after.is_empty(),
        };
        (fits && (!phrase.doubtful || !tells(block, &text, phrase))).then_some(phrase)
    })
}

/// Whether a block is a sentence of the story: nobody speaks to the reader in it. `text` is its plain form.
fn tells(block: &Block, text: &str, phrase: &Phrase) -> bool {
    let marked = block.linked * 3 > block.length
        || block.text.contains(['@', '©'])
        || ["http", "www."].iter().any(|address| block.text.contains(address))
        || phrase.what == "copyright" && text.contains('#');
    ends_sentence(&block.text) && !marked && (has_word(text, &TELLING) || !has_word(text, &ADDRESSING))
}

/// Whether one of `words`, which may be several each, is in a plain text.
fn has_word(text: &str, words: &[String]) -> bool {
    words.iter().any(|word| {
        text.match_indices(word.as_str()).any(|(at, word)| {
            let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + word.len()..).unwrap_or_default());
            (before.is_empty() || before.ends_with(' ')) && (after.is_empty() || after.starts_with(' '))
        })
    })
}

/// The text without the last sentences of it that ask the reader to subscribe, follow or comment: the rest of a longer block is the
/// story's. What is quoted is told.
pub(super) fn without_appeals(text: &str) -> &str {
    let mut text = text;
    for _ in 0..APPEALS {
        let Some(at) = last_sentence(text) else { break };
        let (rest, last) = text.split_at(at);
        let pseudo = Block::of_words(last);
        let is_appeal = pseudo.length <= HOLDING
            && !last.contains(['"', '“', '”', '„', '«', '»', '「'])
            && found(&pseudo, |_| true)
                .is_some_and(|phrase| phrase.place == Place::Sure && matches!(phrase.what, "newsletter" | "follow"));
        let is_line = rest.ends_with('\n');
        if !(is_appeal || is_line && cued(&pseudo, &PICTURED)) {
            break;
        }
        text = rest.trim_end();
    }
    text
}

/// So many sentences one after the other ask for something.
const APPEALS: usize = 3;

/// Where the last sentence or line of several begins.
fn last_sentence(text: &str) -> Option<usize> {
    let ends = |(at, c): &(usize, char)| {
        let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
        let next = rest.chars().next();
        match c {
            '\n' => true,
            '.' | '!' | '?' | '…' | '।' | '؟' | '۔' => {
                next.is_some_and(char::is_whitespace) || *c != '.' && next.is_some()
            }
            '。' | '！' | '？' => next.is_some(),
            _ => false,
        }
    };
    let found = text.char_indices().rev().skip(1).find(ends);
    found.map(|(at, c)| at + c.len_utf8())
}

/// Whether a line names, before a colon, one who worked on the story.
pub(super) fn role(block: &Block) -> bool {
    let text = block.text.trim_start_matches(|c: char| !c.is_alphanumeric());
    block.length <= ROLE
        && !ends_sentence(&block.text)
        && text.split_once([':', '：']).is_some_and(|(cue, _)| cue.chars().count() < 24 && ROLES.contains(&plain(cue)))
}

/// What names one who worked on the story is a line.
const ROLE: usize = 80;

/// Whether a line gives somebody's mail address.
pub(super) fn addressed(block: &Block) -> bool {
    let is_address = |word: &str| {
        word.split_once('@').is_some_and(|(name, host)| name.ends_with(char::is_alphanumeric) && host.contains('.'))
    };
    block.length <= ROLE && !ends_sentence(&block.text) && block.text.split_whitespace().any(is_address)
}

/// Whether a line is names of networks above all: a share bar in whatever language.
pub(super) fn networks(block: &Block) -> bool {
    if block.length > CUED || ends_sentence(&block.text) {
        return false;
    }
    let (mut known, mut all) = (0, 0);
    for word in block.text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        all += 1;
        known += usize::from(NETWORKS.iter().any(|network| network.eq_ignore_ascii_case(word)));
    }
    known >= 2 && known * 2 >= all
}

/// Where stories are shared.
const NETWORKS: &[&str] = &[
    "facebook",
    "twitter",
    "whatsapp",
    "telegram",
    "linkedin",
    "pinterest",
    "reddit",
    "messenger",
    "viber",
    "tumblr",
    "bluesky",
    "mastodon",
    "threads",
    "flipboard",
    "xing",
    "vk",
    "zalo",
    "kakaotalk",
    "line",
    "weibo",
    "wechat",
    "x",
    "email",
    "instagram",
    "pocket",
    "copy",
    "link",
];

/// Whether a line is a word or two, a colon and a link: it points elsewhere in whatever language.
pub(super) fn pointed(block: &Block) -> bool {
    if block.length > CUED || ends_sentence(&block.text) {
        return false;
    }
    let Some((label, rest)) = block.text.split_once([':', '：']) else { return false };
    let letters = rest.chars().filter(|c| !c.is_whitespace()).count();
    label.chars().count() <= LABEL
        && !label.contains(char::is_numeric)
        && label.split_whitespace().count() <= LABEL_WORDS
        && rest.split_whitespace().nth(1).is_some()
        && block.linked * 10 >= letters * 9
}

/// Letters and words before the colon.
const LABEL: usize = 30;
const LABEL_WORDS: usize = 4;

/// Whether a line is one word, a colon and a name: at the end of a story, whom it is from.
pub(super) fn signs_off(block: &Block) -> bool {
    let text = block.text.trim();
    block.length <= SIGNED_OFF
        && !ends_sentence(text)
        && text.split_once([':', '：']).is_some_and(|(label, rest)| {
            !label.trim().contains(' ')
                && label.chars().all(|c| c.is_alphabetic() || is_mark(c) || c.is_whitespace())
                && (1..=4).contains(&rest.split_whitespace().count())
                && !rest.contains(char::is_numeric)
        })
}

/// What signs off is a line.
const SIGNED_OFF: usize = 60;

/// Whether a line is a link to a file and what kind and size it has: `Plan of the pier PDF, 2 MB`.
pub(super) fn download(block: &Block) -> bool {
    block.linked * 2 > block.length
        && block.length <= CUED
        && block
            .text
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| FILES.iter().any(|file| file.eq_ignore_ascii_case(word)))
}

/// Kinds and sizes of files.
const FILES: &[&str] = &["pdf", "doc", "docx", "xls", "xlsx", "zip", "kb", "mb", "kib", "mib", "ko", "mo", "кб", "мб"];

/// Whether a line has neither letters nor figures: a rule drawn with signs.
pub(super) fn ornament(block: &Block) -> bool {
    !block.text.chars().any(char::is_alphanumeric)
}

/// Whether a line points elsewhere with its first sign, as no paragraph does.
pub(super) fn pointer(block: &Block) -> bool {
    block.length <= CUED
        && !ends_sentence(&block.text)
        && block.text.starts_with(['▶', '►', '☞', '👉', '➡', '📲', '🔗', '🔔', '📩', '▷'])
}

/// Whether a short block credits others: a cue before a colon ("Source: …", also with nothing after it), or a phrase that only
/// such lines open with.
pub(super) fn credit(block: &Block) -> bool {
    source(block)
        || opens(block, &CREDIT_OPENINGS)
        || block.length <= LONGEST && block.text.contains("ontribut") && {
            let text = plain(&block.text);
            CONTRIBUTED.iter().any(|known| text.contains(known))
        }
}

/// Whether a short block names a source before anything else.
pub(super) fn source(block: &Block) -> bool {
    // "Sources: the ministry would not name them, but three officials did."
    let is_told = ends_sentence(&block.text) && block.text.split_whitespace().nth(SOURCE).is_some();
    !is_told && cued(block, &SOURCES)
}

/// Words of a sentence that does more than to name a source.
const SOURCE: usize = 10;

/// Whether a short block says whose picture it is.
pub(super) fn picture(block: &Block) -> bool {
    cued(block, &PICTURED) || opens(block, &PICTURE_OPENINGS) || credited_at_end(block) || credited_in_brackets(block)
}

/// `Waves over the pier on Monday. (AP Photo/Ann Lee)`
fn credited_in_brackets(block: &Block) -> bool {
    let inside = block.text.trim_end().strip_suffix([')', ']']).and_then(|text| text.rsplit_once(['(', '[']));
    block.length <= LONGEST
        && inside.is_some_and(|(_, inside)| {
            let inside = plain(inside);
            inside.chars().count() <= CREDITED
                && inside.split(' ').take(3).any(|word| {
                    matches!(
                        word,
                        "photo"
                            | "photos"
                            | "foto"
                            | "fotos"
                            | "getty"
                            | "shutterstock"
                            | "bild"
                            | "photographie"
                            | "фото"
                    )
                })
        })
}

/// `The pier after the storm — Photo: Ann Lee`
fn credited_at_end(block: &Block) -> bool {
    if block.length > LONGEST || block.text.contains('\n') || ends_sentence(&block.text) {
        return false;
    }
    let Some((before, name)) = block.text.rsplit_once([':', '：']) else { return false };
    let cue = before.rsplit([' ', '.', '(', '|', '-', '–', '—', '/', '。', '　']).next().unwrap_or_default();
    (2..=CREDITED).contains(&name.trim().chars().count()) && PICTURED.contains(&plain(cue)) && !cue.is_empty()
}

/// Whose picture it is, in characters.
const CREDITED: usize = 60;

static ADDRESSING: LazyLock<Vec<String>> = LazyLock::new(|| ADDRESS.split('|').map(plain).collect());
static TELLING: LazyLock<Vec<String>> = LazyLock::new(|| TELLS.split('|').map(plain).collect());
static SOURCES: LazyLock<HashSet<String>> = LazyLock::new(|| CREDIT_CUES.split('|').map(plain).collect());
static ROLES: LazyLock<HashSet<String>> = LazyLock::new(|| ROLE_CUES.split('|').map(plain).collect());
static PICTURED: LazyLock<HashSet<String>> = LazyLock::new(|| PICTURE_CUES.split('|').map(plain).collect());
static CREDIT_OPENINGS: LazyLock<Vec<&str>> = LazyLock::new(|| CREDITS.split('|').map(str::trim).collect());
static PICTURE_OPENINGS: LazyLock<Vec<&str>> = LazyLock::new(|| PICTURES.split('|').map(str::trim).collect());

/// One of `cues` stands before a colon or dash.
fn cued(block: &Block, cues: &HashSet<String>) -> bool {
    if block.length > CUED {
        return false;
    }
    let text = block.text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let cue = text.split([':', '：', '|', '/', '／', '=', '–', '—', '-']).next().unwrap_or_default();
    cue.len() < text.len() && cue.chars().count() < 24 && cues.contains(&plain(cue))
}

/// The block is short and opens with one of `openings`.
fn opens(block: &Block, openings: &[&str]) -> bool {
    if block.length > LONGEST {
        return false;
    }
    let text = block.text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let opening = plain(&text.chars().take(60).collect::<String>());
    openings
        .iter()
        .any(|known| opening.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

/// Letters and marks in lower case, numbers as `#`, everything else as one space between words.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphabetic() {
            plain.push(c.to_ascii_lowercase());
        } else if c.is_numeric() {
            if !plain.ends_with('#') {
                plain.push('#');
            }
        } else if matches!(c, 'İ' | 'ı') {
            // Turkish capitals: `İLGİLİ` is `ilgili`, `ILICA` is `ılıca`.
            plain.push('i');
        } else if c.is_alphabetic() || is_mark(c) || c == '©' {
            plain.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '’' | '\u{200c}' | '*') && !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// Whether a word ends here; scripts without spaces end words anywhere.
fn is_edge(before: &str, after: &str) -> bool {
    let (Some(last), Some(next)) = (before.chars().next_back(), after.chars().next()) else { return true };
    let spaced = |c: char| c.is_alphanumeric() && c < '\u{2e80}';
    !(spaced(last) && (spaced(next) || is_mark(next)))
}

/// Whether a colon or dash comes near where the phrase ends (its plain form is about as long as the text it was found in).
fn colon_after(text: &str, end: usize) -> bool {
    let near = text.char_indices().filter(|(at, _)| (end.saturating_sub(2)..end + 8).contains(at));
    near.into_iter().any(|(_, c)| matches!(c, ':' | '：' | '|' | '–' | '—' | '»' | '>' | '→' | '►' | '】' | '-'))
}

/// Vowel signs and tone marks, which belong to their letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}')
}

#[cfg(test)]
mod tests;
