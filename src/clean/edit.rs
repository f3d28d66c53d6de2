//! Two readings of one story: is what differs an edit?
//!
//! An edit is what a reader of the story would notice in its sentences, its headline or its lists: a corrected digit is one. How it is set (white space,
//! quotation marks, dashes, entities), what counts and dates it (views, "updated at"), and the order and choice of what stands around it are not.
//! Nor is the opening of a story that has been put behind a paywall since.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;

use super::outline::Block;
use super::phrases;
use super::weigh::ends_sentence;

/// What a story says.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    /// The headline.
    pub title: Option<&'a str>,
    /// The standfirst.
    pub subtitle: Option<&'a str>,
    /// The story, paragraphs parted by an empty line.
    pub text: &'a str,
}

/// What lies between two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing, or nothing that the story says.
    Cosmetic,
    /// The story says something else.
    Edited,
    /// The page shows only the opening now: a wall was put up.
    Shortened,
}

/// Whether the page asks for money or a login before it shows all ([`paywall`](super::paywall())).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// It does not.
    None,
    /// It does.
    Paywall,
}

/// What lies between what a story said `before` and says `now`.
#[must_use]
pub fn compare(before: &Version<'_>, now: &Version<'_>, notice: Notice) -> Change {
    let (old, new) = (Story::of(before), Story::of(now));
    if notice == Notice::Paywall && old.is_opened_by(&new) {
        return Change::Shortened;
    }
    // A page that names no headline any more says nothing about it.
    let title = now.title.is_some() && before.title.map(canonical) != now.title.map(canonical);
    if title || old.differs(&new) { Change::Edited } else { Change::Cosmetic }
}

/// A page shows a teaser when it is at most this part of what was there.
const TEASER: (usize, usize) = (1, 2);

/// A line without a sentence's end is prose from this many characters on.
const PROSE: usize = 80;

/// A line of figures is no longer than this.
const FIGURES: usize = 70;

/// A story as what can be compared: its lines, without how they are set and without figures that move by themselves.
struct Story {
    lines: Vec<String>,
    /// Lines before the first and after the last sentence: whatever the page has around the story.
    around: Vec<usize>,
}

impl Story {
    fn of(version: &Version<'_>) -> Self {
        let all = version.subtitle.into_iter().chain([version.text]).flat_map(str::lines);
        let kept: Vec<&str> = all.filter(|line| !line.trim().is_empty() && !is_figures(line.trim())).collect();
        let is_prose = |line: &&&str| line.chars().count() >= PROSE || ends_sentence(line);
        let first = kept.iter().position(|line| is_prose(&line)).unwrap_or(0);
        let last = kept.iter().rposition(|line| is_prose(&line)).unwrap_or(kept.len());
        Self {
            lines: kept.iter().map(|line| canonical(line)).collect(),
            around: (0..kept.len()).filter(|at| !(first..=last).contains(at)).collect(),
        }
    }

    fn inner(&self) -> String {
        let inner = self.lines.iter().enumerate().filter(|(at, _)| !self.around.contains(at));
        inner.map(|(_, line)| line.as_str()).collect()
    }

    fn outer(&self) -> impl Iterator<Item = &str> {
        self.around.iter().filter_map(|&at| self.lines.get(at)).map(String::as_str)
    }

    fn differs(&self, now: &Self) -> bool {
        if self.lines.concat() == now.lines.concat() {
            return false;
        }
        self.inner() != now.inner() || corrected(self.outer(), now.outer())
    }

    /// Whether `now` is half of this at most, and most of it stands in this.
    fn is_opened_by(&self, now: &Self) -> bool {
        let whole = self.lines.concat();
        let length: usize = now.lines.iter().map(String::len).sum();
        let known: usize = now
            .lines
            .iter()
            .map(|line| line.trim_end_matches('.'))
            .filter(|line| whole.contains(line))
            .map(str::len)
            .sum();
        !whole.is_empty() && length * TEASER.1 <= whole.len() * TEASER.0 && known * 2 >= length
    }
}

/// Whether a line around the story was corrected. One that gave way to an unrelated one is furniture: what else there is to read.
fn corrected<'a>(before: impl Iterator<Item = &'a str>, now: impl Iterator<Item = &'a str>) -> bool {
    let mut counts: HashMap<&str, i32> = HashMap::new();
    before.for_each(|line| *counts.entry(line).or_default() += 1);
    now.for_each(|line| *counts.entry(line).or_default() -= 1);
    let those = |sign: i32| counts.iter().filter(move |(_, count)| count.signum() == sign).map(|(line, _)| *line);
    those(1).any(|old| those(-1).any(|new| is_alike(old, new)))
}

/// Half of the longer line, at least, is what both begin and end with.
fn is_alike(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let start = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
    2 * (start + end) >= left.len().max(right.len())
}

/// Whether a short line only dates or counts: "Updated 14:32", "1,234 views", "Comments (12)".
fn is_figures(line: &str) -> bool {
    if line.chars().count() > FIGURES {
        return false;
    }
    let (mut digits, mut signs) = (0, 0);
    for c in line.chars().filter(|c| !c.is_whitespace()) {
        signs += 1;
        digits += usize::from(c.is_numeric());
    }
    if digits == 0 {
        return false;
    }
    let bare = line.trim_end_matches(['.', '。']);
    let words: Vec<String> =
        bare.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let few = words.len() <= 6;
    let block = Block::of_words(bare);
    // A date or a time and hardly a word; a phrase of furniture; a count of readers.
    digits >= 3 && digits * 3 >= signs && words.len() <= 3 && has_moment(bare)
        || few && phrases::furniture(&block).is_some()
        || few && words.iter().any(|word| COUNTED.contains(&word.as_str()))
        || few && COUNTED_UNSPACED.iter().any(|word| line.contains(word))
}

/// A clock time, or a date in figures.
fn has_moment(text: &str) -> bool {
    let signs: Vec<char> = text.chars().collect();
    signs
        .windows(4)
        .any(|four| matches!(four, [a, ':' | '.' | '/' | '-' | 'h', b, c] if [a, b, c].iter().all(|c| c.is_numeric())))
        || signs.windows(4).any(|four| four.iter().all(|c| c.is_numeric()))
}

/// What pages count: views, reads, shares, comments, votes, readers. Whole words, lower case.
const COUNTED: &[&str] = &[
    "views",
    "view",
    "reads",
    "visits",
    "hits",
    "clicks",
    "shares",
    "likes",
    "comments",
    "comment",
    "votes",
    "followers",
    "readers",
    "aufrufe",
    "ansichten",
    "klicks",
    "kommentare",
    "leser",
    "vues",
    "lectures",
    "partages",
    "commentaires",
    "vistas",
    "visitas",
    "lecturas",
    "comentarios",
    "visualizações",
    "leituras",
    "comentários",
    "visualizzazioni",
    "letture",
    "commenti",
    "просмотров",
    "просмотра",
    "просмотры",
    "просмотр",
    "прочтений",
    "комментариев",
    "комментарии",
    "переглядів",
    "перегляди",
    "görüntülenme",
    "okunma",
    "görüntüleme",
    "yorum",
    "dibaca",
    "dilihat",
    "komentar",
    "wyświetleń",
    "odsłon",
    "komentarzy",
    "weergaven",
    "reacties",
    "visningar",
    "visninger",
    "kommentarer",
    "مشاهدة",
    "مشاهدات",
    "قراءة",
    "قراءات",
    "بازدید",
    "دیدگاه",
    "تعليق",
    "تعليقات",
];
const COUNTED_UNSPACED: &[&str] = &[
    "阅读",
    "閱讀",
    "浏览",
    "瀏覽",
    "点击",
    "點閱",
    "评论",
    "閲覧",
    "ビュー",
    "コメント",
    "조회",
    "댓글",
    "lượt xem",
    "बार देखा",
    "ยอดวิว",
];

/// The signs of a text without how they are set: compatibility forms folded, entities resolved, one kind of quotation mark and of dash, no
/// white space, nothing invisible.
fn canonical(text: &str) -> String {
    let text = resolved(text);
    let mut out = String::with_capacity(text.len());
    for c in text.nfkc() {
        match c {
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fe0e}'
            | '\u{fe0f}' => {}
            c if c.is_whitespace() || c.is_control() => {}
            '\'' | '‘' | '’' | '‚' | '‛' | '‹' | '›' | '`' | '´' | '\u{2b9}' | '\u{2bc}' | '′' => {
                push_quote(&mut out);
            }
            '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '〝' | '〞' => out.push('"'),
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹘' => out.push('-'),
            c => out.push(c),
        }
    }
    out
}

/// Two single quotation marks are a double one.
fn push_quote(out: &mut String) {
    if out.ends_with('\'') {
        out.pop();
        out.push('"');
    } else {
        out.push('\'');
    }
}

/// Entities that were escaped twice, as sloppy systems leave them in the text.
fn resolved(text: &str) -> String {
    const NAMED: [(&str, &str); 12] = [
        ("amp", "&"),
        ("quot", "\""),
        ("apos", "'"),
        ("lt", "<"),
        ("gt", ">"),
        ("nbsp", " "),
        ("rsquo", "'"),
        ("lsquo", "'"),
        ("rdquo", "\""),
        ("ldquo", "\""),
        ("ndash", "-"),
        ("mdash", "-"),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        let known = entity.and_then(|(name, tail)| {
            let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            });
            let sign = number.and_then(char::from_u32).map(String::from);
            let named = NAMED.iter().find(|(known, _)| *known == name).map(|(_, sign)| (*sign).to_owned());
            Some((sign.or(named)?, tail))
        });
        if let Some((sign, tail)) = known {
            out.push_str(&sign);
            rest = tail;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out + rest
}

#[cfg(test)]
mod tests;
