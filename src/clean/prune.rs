//! Furniture by structure: forms, landmarks, what is marked as something else, lists of teasers.
//!
//! A mark is trusted only as far as the page can do without what it marks.

use std::collections::HashMap;

use super::marks::Marks;
use super::outline::{Block, Kind, Outline, share};
use super::phrases;
use super::tag::Tag;
use super::verdict::{Rule, Verdicts};
use super::weigh::{Weights, story};

/// What a mark is called, and the share of the page's story that may go with it. Measured on the labelled pages, 2026-11: more than
/// this, and the word meant the page around the story.
const LIMITS: &[(Marks, &str, f64)] = &[
    (Marks::HIDDEN, "hidden", 0.6),
    (Marks::SILENT, "hidden", 0.2),
    (Marks::COMMENTS, "comments", 0.9),
    (Marks::NAV, "navigation", 0.3),
    (Marks::FOOTER, "footer", 0.3),
    (Marks::RELATED, "related", 0.5),
    (Marks::NEWSLETTER, "newsletter", 0.3),
    (Marks::POPUP, "popup", 0.3),
    (Marks::SHARE, "share", 0.2),
    (Marks::AD, "advertising", 0.3),
    (Marks::SIDEBAR, "sidebar", 0.4),
    (Marks::POLL, "poll", 0.2),
    (Marks::TAGS, "tags", 0.2),
    (Marks::META, "metadata", 0.2),
    (Marks::MEDIA, "media", 0.2),
    (Marks::AUTHOR, "author", 0.2),
    (Marks::TIME, "time", 0.1),
    (Marks::CAPTION, "caption", 0.2),
    (Marks::TEASER, "teaser", 0.3),
];

/// The same, for pages that keep nothing otherwise.
const SURE_LIMITS: &[(Marks, &str, f64)] = &[
    (Marks::NAV, "navigation", 0.2),
    (Marks::FOOTER, "footer", 0.2),
    (Marks::COMMENTS, "comments", 0.5),
    (Marks::SIDEBAR, "sidebar", 0.2),
    (Marks::CAPTION, "caption", 0.2),
];

/// What an element is that calls itself this, even where it calls itself a body as well.
const NEVER_BODY: Marks = Marks::HIDDEN.or(Marks::COMMENTS).or(Marks::RELATED).or(Marks::TEASER);

/// What a heading that calls itself this is not one of the story's.
const NEVER_HEADING: Marks = Marks::HIDDEN
    .or(Marks::COMMENTS)
    .or(Marks::RELATED)
    .or(Marks::TEASER)
    .or(Marks::NEWSLETTER)
    .or(Marks::SHARE)
    .or(Marks::AD)
    .or(Marks::POPUP)
    .or(Marks::NAV)
    .or(Marks::AUTHOR)
    .or(Marks::CAPTION);

/// Drops what is marked as furniture.
pub(super) fn marked(outline: &Outline, verdicts: &mut Verdicts) {
    by_marks(outline, verdicts, LIMITS);
}

/// Drops only what is marked so that no story ever is.
pub(super) fn surely_marked(outline: &Outline, verdicts: &mut Verdicts) {
    by_marks(outline, verdicts, SURE_LIMITS);
}

fn by_marks(outline: &Outline, verdicts: &mut Verdicts, limits: &[(Marks, &'static str, f64)]) {
    let weights = Weights::of(outline, verdicts);
    let total = weights.total();
    let anchors = anchors(outline, &weights);
    let alike = alike(outline, &weights);
    for (at, element) in outline.elements.iter().enumerate().skip(1) {
        if !verdicts.stands(at) || element.tag == Tag::Body {
            continue;
        }
        let weight = share(weights.story(outline, at), total);
        let anchored = anchors.get(element.end).copied().unwrap_or(0) > anchors.get(at).copied().unwrap_or(0);
        if element.tag == Tag::Figure && weight < 0.1 && is_picture(outline, at) {
            verdicts.drop_element(outline, at, Rule::Marked("caption"));
            continue;
        }
        if weight < 0.1 && is_captioned(outline, at) {
            verdicts.drop_element(outline, at, Rule::Marked("caption"));
            continue;
        }
        if element.tag == Tag::Form && weight < 0.3 && !anchored {
            verdicts.drop_element(outline, at, Rule::Form);
            continue;
        }
        // `widget-title`, `meta-heading`: what a theme calls its headings.
        if matches!(element.tag, Tag::Heading(_)) && !element.marks.any(NEVER_HEADING) {
            continue;
        }
        let said_body = element.marks.any(Marks::BODY) && !element.marks.any(NEVER_BODY);
        if element.marks.is_empty() || anchored || said_body && weight > 0.05 {
            continue;
        }
        let weight = weight.max(share(alike.get(&element.shape).copied().unwrap_or(0), total));
        if let Some((_, name, _)) = limits.iter().find(|(mark, _, limit)| element.marks.any(*mark) && weight <= *limit)
        {
            verdicts.drop_element(outline, at, Rule::Marked(name));
        }
    }
}

/// A picture with one line under it, which is no paragraph.
fn is_captioned(outline: &Outline, at: usize) -> bool {
    let Some(element) = outline.elements.get(at) else { return false };
    let [line] = blocks(outline, at) else { return false };
    let own = outline.elements.get(line.element).map_or(Tag::Other, |element| element.tag);
    element.pictured
        && matches!(element.tag, Tag::Division | Tag::Table)
        && line.element != at
        && matches!(own, Tag::Division | Tag::Cell)
        && line.length <= CAPTION
}

/// A longer line under a picture may be the story's.
const CAPTION: usize = 250;

/// A figure of words alone: no quotation, table or code that it would set apart.
fn is_picture(outline: &Outline, at: usize) -> bool {
    let Some(element) = outline.elements.get(at) else { return false };
    outline
        .elements
        .get(at..element.end)
        .into_iter()
        .flatten()
        .all(|inner| !matches!(inner.tag, Tag::Quote | Tag::Table | Tag::Preformatted))
}

/// The story in all elements of one shape: a class that every paragraph bears is none that marks furniture.
fn alike(outline: &Outline, weights: &Weights) -> HashMap<u64, usize> {
    let mut sums = HashMap::new();
    for (at, element) in outline.elements.iter().enumerate() {
        // Teasers are alike too, but have links; elements without a class are not alike.
        if !element.marks.is_empty()
            && element.classed
            && !element.linked
            && weights.linked(outline, at) * 4 <= weights.length(outline, at)
        {
            *sums.entry(element.shape).or_insert(0) += weights.story(outline, at);
        }
    }
    sums
}

/// Before each element, how many anchors there were: headlines and the page's own word for its story.
fn anchors(outline: &Outline, weights: &Weights) -> Vec<usize> {
    let mut sums = vec![0];
    let mut sum = 0;
    for (at, element) in outline.elements.iter().enumerate() {
        let body = element.marks.any(Marks::BODY) && share(weights.story(outline, at), weights.total()) > 0.3;
        let quoted = element.tag == Tag::Quote && element.marks.any(Marks::EMBED) && !element.blocks.is_empty();
        sum += usize::from(body || quoted || element.tag == Tag::Heading(1) && !element.blocks.is_empty());
        sums.push(sum);
    }
    sums
}

/// Drops every text that stands three times or more on the page: labels, placeholders, captions of a gallery.
pub(super) fn echoed(outline: &Outline, verdicts: &mut Verdicts) {
    let mut seen: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, block) in outline.blocks.iter().enumerate() {
        if block.length > 12 && block.kind != Kind::Cell {
            seen.entry(&block.text).or_default().push(at);
        }
    }
    let total = Weights::of(outline, verdicts).total();
    let echoes: Vec<usize> = seen.into_values().filter(|places| places.len() >= 3).flatten().collect();
    let lost = echoes.iter().filter_map(|&at| outline.blocks.get(at)).map(story).sum();
    // Some pages carry their whole story thrice, for three layouts.
    if share(lost, total) < 0.4 {
        for at in echoes {
            verdicts.drop_block(at, Rule::Duplicate);
        }
    }
}

/// Drops what a heading of comments heads, to the end of the element that it stands in.
pub(super) fn commented(outline: &Outline, verdicts: &mut Verdicts) {
    let (mut told, mut done) = (0, 0);
    for (at, block) in outline.blocks.iter().enumerate() {
        told += if verdicts.keeps(at) { story(block) } else { 0 };
        if at < done
            || !matches!(block.kind, Kind::Heading(_))
            || told < 200
            || phrases::furniture(block) != Some("comments")
        {
            continue;
        }
        let parent = outline.elements.get(block.element).and_then(|element| outline.elements.get(element.parent));
        done = parent.map_or(at, |parent| parent.blocks.end);
        for at in at..done {
            verdicts.drop_block(at, Rule::Marked("comments"));
        }
    }
}

/// Drops lists of teasers: three or more alike side by side, each with a link, that are links above all.
pub(super) fn repeated(outline: &Outline, verdicts: &mut Verdicts) {
    let weights = Weights::of(outline, verdicts);
    let mut groups: HashMap<(usize, u64), Vec<usize>> = HashMap::new();
    for (at, element) in outline.elements.iter().enumerate().skip(1) {
        if verdicts.stands(at)
            && !element.blocks.is_empty()
            && !matches!(element.tag, Tag::Paragraph | Tag::Heading(_) | Tag::Row | Tag::Cell)
        {
            groups.entry((element.parent, element.shape)).or_default().push(at);
        }
    }
    for members in groups.values().filter(|members| members.len() < 3) {
        for &at in members.iter().filter(|&&at| is_lone_teaser(outline, &weights, at)) {
            verdicts.drop_element(outline, at, Rule::Repeated);
        }
    }
    for members in groups.into_values().filter(|members| members.len() >= 3) {
        let linked: usize = members.iter().map(|&at| weights.linked(outline, at)).sum();
        let length: usize = members.iter().map(|&at| weights.length(outline, at)).sum();
        let with_links = members.iter().filter(|&&at| weights.linked(outline, at) > 0).count();
        let headed = members.iter().filter(|&&at| has_linked_heading(outline, at)).count();
        let opened = members.iter().filter(|&&at| opens_with_link(outline, at)).count();
        let cut = members.iter().filter(|&&at| is_cut(outline, at)).count();
        if cut * 10 >= members.len() * 8 {
            for at in members {
                verdicts.drop_element(outline, at, Rule::Repeated);
            }
            continue;
        }
        if with_links * 10 < members.len() * 8 || length > members.len() * 800 {
            continue;
        }
        let told = share(members.iter().map(|&at| weights.story(outline, at)).sum(), weights.total());
        if linked * 2 > length || headed * 10 >= members.len() * 8 || opened * 10 >= members.len() * 8 && told < 0.6 {
            for at in members {
                verdicts.drop_element(outline, at, Rule::Repeated);
            }
        }
    }
}

/// A headline that is a link, and under it words that are cut off: a teaser also where it stands alone in the story.
fn is_lone_teaser(outline: &Outline, weights: &Weights, at: usize) -> bool {
    let Some(element) = outline.elements.get(at) else { return false };
    let is_headline = |block: &Block| block.length >= HEADLINE && block.linked * 10 > block.length * 9;
    (2..=4).contains(&element.blocks.len())
        && weights.length(outline, at) < LONE_TEASER
        && is_cut(outline, at)
        && blocks(outline, at).iter().any(is_headline)
}

/// What is longer holds more than a teaser.
const LONE_TEASER: usize = 600;

/// The last words are cut off, as in a teaser.
fn is_cut(outline: &Outline, at: usize) -> bool {
    let Some(element) = outline.elements.get(at) else { return false };
    let mut blocks = outline.blocks.get(element.blocks.clone()).into_iter().flatten();
    blocks.next_back().is_some_and(|block| {
        block.text.ends_with("...")
            || block.text.ends_with('…')
            || block.text.ends_with("[…]")
            || block.text.ends_with("[...]")
    })
}

fn has_linked_heading(outline: &Outline, at: usize) -> bool {
    blocks(outline, at).iter().any(|block| matches!(block.kind, Kind::Heading(_)) && block.linked * 2 > block.length)
}

/// It opens with a link as long as a headline, and goes on.
fn opens_with_link(outline: &Outline, at: usize) -> bool {
    let [first, _, ..] = blocks(outline, at) else { return false };
    first.length >= HEADLINE && first.linked * 10 > first.length * 9
}

fn blocks(outline: &Outline, at: usize) -> &[Block] {
    outline.elements.get(at).and_then(|element| outline.blocks.get(element.blocks.clone())).unwrap_or_default()
}

/// A link shorter than this is a label or a name, not the headline of a teaser.
const HEADLINE: usize = 20;
