//! Furniture inside the story's own container, block by block.

use foldhash::HashSet;

use super::metadata::Metadata;
use super::outline::{Block, Kind, Outline};
use super::phrases;
use super::tag::Tag;
use super::verdict::{Rule, Verdicts};
use super::weigh::{ends_sentence, story};
use super::{Page, biography};

/// What the head of the page says of the article, to be found again in its body and left out there.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    pub(super) titles: Vec<&'a str>,
    pub(super) subtitle: Option<&'a str>,
    pub(super) descriptions: Vec<&'a str>,
    pub(super) authors: Vec<&'a str>,
    /// The page names no person as the author.
    pub(super) unsigned: bool,
}

impl<'a> Known<'a> {
    pub(super) fn of(page: &Page<'a>, meta: &'a Metadata) -> Self {
        let announced = page.announced.and_then(|entry| entry.title.as_deref());
        Self {
            titles: meta.title.as_deref().into_iter().chain(announced).collect(),
            subtitle: meta.subtitle.as_deref(),
            descriptions: meta.descriptions.iter().map(String::as_str).collect(),
            authors: meta.authors.iter().map(String::as_str).collect(),
            unsigned: meta.is_unsigned(),
        }
    }
}

impl Known<'_> {
    fn title_words(&self) -> Vec<Vec<String>> {
        self.titles.iter().map(|title| words(title)).filter(|title| title.len() > 1).collect()
    }
}

/// A block of this much story opens the article.
const OPENING: usize = 60;

/// Where the headline proper stands on the page: the last heading before the story that says the title, else the last of the first
/// level.
pub(super) fn find_headline(outline: &Outline, known: &Known<'_>) -> Option<usize> {
    let titles = known.title_words();
    let headings = outline.blocks.iter().enumerate().filter(|(_, block)| matches!(block.kind, Kind::Heading(_)));
    let (mut said, mut first) = (None, None);
    for (at, block) in headings {
        if is_title(&titles, block) {
            // The first of the highest rank: teasers say it again below.
            let higher = said.is_none_or(|(_, kind)| rank(block.kind) < rank(kind));
            said = if higher { Some((at, block.kind)) } else { said };
        } else if block.kind == Kind::Heading(1) {
            first = first.or(Some(at));
        }
    }
    said.map(|(at, _)| at).or(first)
}

fn rank(kind: Kind) -> u8 {
    if let Kind::Heading(level) = kind { level } else { 7 }
}

fn is_title(titles: &[Vec<String>], block: &Block) -> bool {
    block.length < 250 && says(titles, &block.text)
}

/// Most headings of a page are teasers', whose words need not be read to see that there are too few or too many.
fn says(titles: &[Vec<String>], text: &str) -> bool {
    let count = split(text).count();
    titles.iter().any(|title| comparable(title.len(), count)) && {
        let said = words(text);
        titles.iter().any(|title| same_words(title, &said))
    }
}

/// The title, and under it lines that are no prose: byline and date of a page that parts them by `<br>` alone.
fn is_titled(titles: &[Vec<String>], block: &Block) -> bool {
    let Some((first, rest)) = block.text.split_once('\n') else { return false };
    block.length < 400
        && rest.lines().all(|line| line.chars().count() < 80 || !ends_sentence(line))
        && says(titles, first)
}

/// Drops the headline wherever it stands again, and every heading of the first level before the story.
pub(super) fn headline(outline: &Outline, verdicts: &mut Verdicts, known: &Known<'_>) {
    let titles = known.title_words();
    let opening = opening(outline, verdicts);
    let kept: Vec<usize> = verdicts.kept().collect();
    for at in kept {
        let Some(block) = outline.blocks.get(at) else { continue };
        if matches!(block.kind, Kind::Heading(1)) && at < opening
            || is_title(&titles, block)
            || at <= opening && is_titled(&titles, block)
        {
            verdicts.drop_block(at, Rule::Headline);
        }
    }
}

/// Drops lines that credit others: "Source: …", "(Reporting by …)", an agency's name alone at the end.
pub(super) fn credits(outline: &Outline, verdicts: &mut Verdicts) {
    let Some(last) = verdicts.kept().rfind(|&at| outline.blocks.get(at).is_some_and(|block| story(block) > 0)) else {
        return;
    };
    let kept: Vec<usize> = verdicts.kept().collect();
    for at in kept {
        let Some(block) = outline.blocks.get(at) else { continue };
        let alone = at > last || is_bracketed(&block.text);
        if phrases::credit(block) || alone && block.length < 60 && credits_agency(&block.text) {
            verdicts.drop_block(at, Rule::Credit);
        } else if phrases::picture(block) {
            verdicts.drop_block(at, Rule::Marked("caption"));
        }
    }
    // The line that names the source often stands below the story's own container.
    for at in last + 1..outline.blocks.len().min(last + 1 + SOURCE_REACH) {
        let left_out = matches!(verdicts.blocks.get(at), Some(Some(Rule::Outside | Rule::Marked("metadata"))));
        if left_out
            && outline.blocks.get(at).is_some_and(phrases::source)
            && let Some(verdict) = verdicts.blocks.get_mut(at)
        {
            *verdict = Some(Rule::Credit);
        }
    }
}

/// How many blocks after the story its source may be named.
const SOURCE_REACH: usize = 10;

/// `(Agency)`
fn is_bracketed(text: &str) -> bool {
    text.starts_with(['(', '[', '（', '【']) && text.ends_with([')', ']', '）', '】'])
}

fn credits_agency(text: &str) -> bool {
    super::metadata::attribution(&[text.to_owned()], &Metadata::default()).is_some()
        && !ends_sentence(text.trim_end_matches([')', ']']))
}

/// Drops what stands before the story without being prose: bylines, dates, places, kickers.
///
/// Paragraphs and headings beside the story's first paragraph are its own, unless they name an author or a day.
pub(super) fn head(outline: &Outline, verdicts: &mut Verdicts, known: &Known<'_>) {
    let opening = opening(outline, verdicts);
    let home = outline.blocks.get(opening).map(|block| home(outline, block));
    let kept: Vec<usize> = verdicts.kept().take_while(|&at| at < opening).collect();
    // A heading like those inside the story is the first of them.
    let later: HashSet<(u64, u64)> =
        verdicts.kept().filter(|&at| at > opening).filter_map(|at| heading_shape(outline, at)).collect();
    for at in kept {
        let Some(block) = outline.blocks.get(at) else { continue };
        if heading_shape(outline, at).is_some_and(|shape| later.contains(&shape)) {
            continue;
        }
        let tag = outline.elements.get(block.element).map(|element| element.tag);
        let beside = matches!(tag, Some(Tag::Paragraph | Tag::Heading(_) | Tag::Item))
            && Some(self::home(outline, block)) == home;
        let names = block.length < 80 && {
            let text = block.text.to_lowercase();
            known.authors.iter().any(|author| text.contains(&author.to_lowercase()))
        };
        let short = block.length < 80 && !(ends_sentence(&block.text) && block.length > 25);
        if short
            && !(beside && !names && !is_date(&block.text))
            && !matches!(block.kind, Kind::Heading(2..) if block.length > 50)
        {
            verdicts.drop_block(at, Rule::Byline);
        }
    }
}

/// Drops what is a time or a day and nothing else, as over each entry of a live blog.
pub(super) fn stamps(outline: &Outline, verdicts: &mut Verdicts) {
    for at in verdicts.kept().collect::<Vec<_>>() {
        let Some(block) = outline.blocks.get(at) else { continue };
        let is_time = outline.elements.get(block.element).is_some_and(|element| element.tag == Tag::Time);
        if block.length < STAMP
            && (is_time || block.kind == Kind::Paragraph && super::metadata::is_day_alone(&block.text))
        {
            verdicts.drop_block(at, Rule::Byline);
        }
    }
}

/// A longer text that calls itself a time tells more than one.
const STAMP: usize = 50;

/// For a subheading, the shapes of its element and of what holds that.
fn heading_shape(outline: &Outline, at: usize) -> Option<(u64, u64)> {
    let block = outline.blocks.get(at).filter(|block| matches!(block.kind, Kind::Heading(2..)))?;
    let element = outline.elements.get(block.element)?;
    Some((element.shape, outline.elements.get(element.parent)?.shape))
}

/// The element that the block's own element stands in; for an item, that of its list.
fn home(outline: &Outline, block: &Block) -> usize {
    let element = outline.elements.get(block.element);
    let parent = element.map_or(0, |element| element.parent);
    if element.is_some_and(|element| element.tag == Tag::Item) {
        outline.elements.get(parent).map_or(0, |list| list.parent)
    } else {
        parent
    }
}

/// A third of the letters are digits, or a year stands among few words.
fn is_date(text: &str) -> bool {
    let (mut digits, mut all) = (0, 0);
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        all += 1;
        digits += usize::from(c.is_numeric());
    }
    digits >= 3 && digits * 4 >= all
}

/// Drops what is links and nothing else.
pub(super) fn links(outline: &Outline, verdicts: &mut Verdicts) {
    let kept: Vec<usize> = verdicts.kept().collect();
    for at in kept {
        let Some(block) = outline.blocks.get(at) else { continue };
        let sentence = ends_sentence(&block.text) && block.length > 60;
        if (block.linked * 100 >= block.length * 85
            || phrases::download(block)
            || block.kind == Kind::Paragraph && phrases::pointed(block))
            && block.length < 250
            && !sentence
            && !matches!(block.kind, Kind::Heading(_))
        {
            verdicts.drop_block(at, Rule::Links);
        }
    }
}

/// Drops blocks that are phrases of furniture.
pub(super) fn phrases(outline: &Outline, verdicts: &mut Verdicts) {
    let kept: Vec<usize> = verdicts.kept().collect();
    for at in kept {
        let Some(block) = outline.blocks.get(at) else { continue };
        let furniture =
            if heads_paragraph(outline, verdicts, at) { phrases::furniture_heading } else { phrases::furniture };
        if let Some(what) = furniture(block) {
            verdicts.drop_block(at, Rule::Phrase(what));
        } else if block.kind != Kind::Cell && phrases::networks(block) {
            verdicts.drop_block(at, Rule::Phrase("share"));
        } else if phrases::role(block) {
            verdicts.drop_block(at, Rule::Byline);
        }
    }
}

/// Whether a block is a heading with a paragraph of the story right below it.
fn heads_paragraph(outline: &Outline, verdicts: &Verdicts, at: usize) -> bool {
    let Some(heading) = outline.blocks.get(at) else { return false };
    let below = outline.blocks.get(at + 1).filter(|_| verdicts.blocks.get(at + 1) == Some(&None));
    matches!(heading.kind, Kind::Heading(_))
        && heading.linked == 0
        && below.is_some_and(|below| {
            below.kind == Kind::Paragraph && below.linked * 2 < below.length && ends_sentence(&below.text)
        })
}

/// Drops short quotations and headings that are sentences of the story, set apart to catch the eye.
pub(super) fn pulled(outline: &Outline, verdicts: &mut Verdicts) {
    let kept: Vec<(usize, &Block)> =
        verdicts.kept().take(PULLED_BLOCKS).filter_map(|at| Some((at, outline.blocks.get(at)?))).collect();
    let sources: Vec<(usize, &Block)> =
        kept.iter().copied().filter(|(_, block)| block.text.len() <= PULLED_FROM).collect();
    for &(at, block) in &kept {
        let apart = matches!(block.kind, Kind::Quote | Kind::Heading(_)) && (40..300).contains(&block.length);
        let words = block.text.trim_matches(|c: char| !c.is_alphanumeric());
        if apart
            && sources
                .iter()
                .any(|&(other, longer)| other != at && longer.length > block.length && longer.text.contains(words))
        {
            verdicts.drop_block(at, Rule::Duplicate);
        }
    }
}

/// Among how many blocks pull quotes are looked for: each is compared with each.
const PULLED_BLOCKS: usize = 400;
/// Bytes of a paragraph that a quote may be pulled from; a page of one endless block would be read once a quote.
const PULLED_FROM: usize = 4_000;

/// Drops the lines about the authors that end the story.
pub(super) fn authors(outline: &Outline, verdicts: &mut Verdicts, known: &Known<'_>) {
    let last: Vec<usize> = verdicts.kept().rev().take(AUTHOR_LINES).collect();
    for at in last {
        let Some(block) = outline.blocks.get(at) else { continue };
        let text = block.text.trim_start_matches(|c: char| !c.is_alphanumeric());
        let named = known.authors.iter().any(|author| {
            text.strip_prefix(author)
                .is_some_and(|rest| author.contains(' ') || !author.is_ascii() && rest.len() < SIGNED)
        });
        if block.length < 500 && named || is_signature(&block.text) || is_biography(outline, verdicts, at) {
            verdicts.drop_block(at, Rule::Byline);
        }
    }
}

/// Whether a block tells of one whom the story before it does not name.
fn is_biography(outline: &Outline, verdicts: &Verdicts, at: usize) -> bool {
    let Some(block) = outline.blocks.get(at).filter(|block| block.kind == Kind::Paragraph) else { return false };
    let Some(name) = biography::subject(&block.text, block.stressed * 10 >= block.length * 7) else { return false };
    let family = name.rsplit(' ').next().unwrap_or(name);
    let mut before = verdicts.kept().take_while(|&before| before < at).filter_map(|before| outline.blocks.get(before));
    at > opening(outline, verdicts) && !before.any(|block| block.text.contains(family))
}

/// A name or initials alone, in brackets: `(ab)`, `（港太郎）`.
fn is_signature(text: &str) -> bool {
    let inside = text
        .strip_prefix(['(', '（', '【', '［', '['])
        .and_then(|text| text.strip_suffix([')', '）', '】', '］', ']']));
    inside.is_some_and(|inside| {
        (1..=24).contains(&inside.chars().count())
            && !inside.contains(['(', '（', '。', '!', '?'])
            && !inside.contains(char::is_numeric)
    })
}

/// Bytes after a name written without spaces: the word for reporter and an address.
const SIGNED: usize = 60;

/// How many blocks at the end may tell of the authors.
const AUTHOR_LINES: usize = 3;

/// Blocks are the same if they begin with as many equal characters.
const DUPLICATE: usize = 120;

/// Drops the second and later of equal blocks, and below the story's opening what stands among teasers, too.
pub(super) fn duplicates(outline: &Outline, verdicts: &mut Verdicts) {
    let mut seen = HashSet::default();
    let opening = opening(outline, verdicts);
    let mut whole = 0;
    let repeated = outline.blocks.iter().zip(&verdicts.blocks).filter(|(_, verdict)| **verdict == Some(Rule::Repeated));
    let teasers: HashSet<&str> =
        repeated.map(|(block, _)| block.text.as_str()).filter(|text| text.len() > TEASER).collect();
    let kept: Vec<usize> = verdicts.kept().collect();
    for at in kept {
        let Some(block) = outline.blocks.get(at) else { continue };
        // Headings are listed in tables of contents, too; one of a teaser is left with nothing under it.
        let heads = matches!(block.kind, Kind::Heading(_));
        if at > opening && !heads && teasers.contains(block.text.as_str()) {
            verdicts.drop_block(at, Rule::Repeated);
            continue;
        }
        let may_be_whole = block.length > WHOLE && block.text.len() <= WHOLE_BYTES && whole < WHOLE_BLOCKS;
        whole += usize::from(may_be_whole);
        if may_be_whole && repeats_all(outline, verdicts, at) {
            verdicts.drop_block(at, Rule::Duplicate);
            continue;
        }
        // The whole story once more in one block begins as it began.
        let opening: String = block.text.chars().take(DUPLICATE).collect();
        if block.length > 40 && block.kind != Kind::Cell && !seen.insert(opening) {
            verdicts.drop_block(at, Rule::Duplicate);
        }
    }
}

/// A block of this length may be the whole story over again.
const WHOLE: usize = 600;
/// Bytes of a block, and blocks of a page, in which the whole story is looked for: each is searched for each paragraph.
const WHOLE_BYTES: usize = 50_000;
const WHOLE_BLOCKS: usize = 20;

/// Whether the block holds most of what was kept before it, as the hidden copy for machines does.
fn repeats_all(outline: &Outline, verdicts: &Verdicts, at: usize) -> bool {
    let Some(block) = outline.blocks.get(at) else { return false };
    let told = verdicts.kept().take_while(|&before| before < at).take(PULLED_BLOCKS);
    let told = told.filter_map(|before| outline.blocks.get(before)).filter(|told| story(told) > 0);
    let (mut all, mut again) = (0, 0);
    for told in told {
        all += told.length;
        again += if block.text.contains(told.text.as_str()) { told.length } else { 0 };
        // What has gone on for so long without being said again is another text.
        if all > WHOLE && again == 0 {
            return false;
        }
    }
    all > WHOLE && again * 2 > all
}

/// Bytes of a teaser's headline; less is a label that stands anywhere.
const TEASER: usize = 25;

/// Drops paragraphs below the story's opening that are what a picture says of itself.
pub(super) fn captions(outline: &Outline, verdicts: &mut Verdicts) {
    let opening = opening(outline, verdicts);
    let kept: Vec<usize> = verdicts.kept().filter(|&at| at > opening).collect();
    for at in kept {
        let Some(block) = outline.blocks.get(at) else { continue };
        if matches!(block.kind, Kind::Paragraph | Kind::Caption) && outline.alternatives.contains(&block.text) {
            verdicts.drop_block(at, Rule::Marked("caption"));
        }
    }
}

/// Drops headings that head nothing: what stood below was furniture, or nothing did.
pub(super) fn empty_headings(outline: &Outline, verdicts: &mut Verdicts) {
    let kept: Vec<usize> = verdicts.kept().collect();
    let mut next: Option<(usize, u8)> = None;
    let mut ended = true;
    for &at in kept.iter().rev() {
        let Some(block) = outline.blocks.get(at) else { continue };
        if let Kind::Heading(level) = block.kind {
            let furnished = next.is_some_and(|(following, rank)| {
                let between = verdicts.blocks.get(at + 1..following).unwrap_or_default();
                rank <= level
                    && between.iter().flatten().any(|rule| {
                        matches!(
                            rule,
                            Rule::Links
                                | Rule::Repeated
                                | Rule::Form
                                | Rule::Phrase("related" | "comments" | "newsletter" | "share")
                                | Rule::Marked("related" | "newsletter" | "comments")
                        )
                    })
            });
            if ended || furnished || block.linked * 2 > block.length && next.is_some() {
                verdicts.drop_block(at, Rule::EmptyHeading);
                continue;
            }
            next = Some((at, level));
        } else {
            ended = false;
            next = None;
        }
    }
}

/// Drops what trails the story without being prose, unless it stands among its paragraphs.
pub(super) fn tail(outline: &Outline, verdicts: &mut Verdicts) {
    let Some(last) = verdicts.kept().rfind(|&at| outline.blocks.get(at).is_some_and(is_prose)) else { return };
    let home = outline.blocks.get(last).map(|block| home(outline, block));
    let kept: Vec<usize> = verdicts.kept().skip_while(|&at| at <= last).collect();
    // Several are what the story lists at its end.
    let end = if let [end] = kept.as_slice() { Some(*end) } else { None };
    for at in kept {
        let Some(block) = outline.blocks.get(at) else { continue };
        let tag = outline.elements.get(block.element).map(|element| element.tag);
        let among = matches!(tag, Some(Tag::Paragraph | Tag::Item | Tag::Cell | Tag::Preformatted | Tag::Quote))
            && Some(self::home(outline, block)) == home;
        let signs_off = Some(at) == end && block.kind == Kind::Paragraph && phrases::signs_off(block);
        let no_line = phrases::ornament(block) || phrases::pointer(block) || phrases::addressed(block) || signs_off;
        if !among || block.linked * 5 > block.length * 4 || no_line {
            verdicts.drop_block(at, Rule::Tail);
        }
    }
}

fn is_prose(block: &Block) -> bool {
    story(block) > 0 || block.length > 20 && ends_sentence(&block.text) && block.linked * 2 < block.length
}

/// The first kept block that opens the story; one past the last where none does.
pub(super) fn opening(outline: &Outline, verdicts: &Verdicts) -> usize {
    verdicts
        .kept()
        .find(|&at| outline.blocks.get(at).is_some_and(|block| story(block) >= OPENING))
        .unwrap_or(outline.blocks.len())
}

pub(super) fn words(text: &str) -> Vec<String> {
    split(text).map(str::to_lowercase).collect()
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// So many words may be the same ones.
fn comparable(left: usize, right: usize) -> bool {
    let (longer, shorter) = (left.max(right), left.min(right));
    shorter > 0 && shorter * 10 >= longer * 8
}

/// Nine words in ten are the same, in the same order from the front or counted.
pub(super) fn same_words(left: &[String], right: &[String]) -> bool {
    if !comparable(left.len(), right.len()) {
        return false;
    }
    let (longer, shorter) = if left.len() >= right.len() { (left, right) } else { (right, left) };
    let known: HashSet<&String> = longer.iter().collect();
    shorter.iter().filter(|word| known.contains(word)).count() * 10 >= longer.len() * 8
}
