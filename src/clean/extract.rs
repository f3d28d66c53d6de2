//! Which part of the page holds the story.

use std::collections::HashMap;

use super::marks::Marks;
use super::outline::{Block, Element, Kind, Outline, share};
use super::tag::Tag;
use super::verdict::{Rule, Verdicts};
use super::weigh::{self, Weights};

/// An only child that holds this much of its parent's story holds the story.
const DOMINANT: f64 = 0.75;
/// An element that calls itself the body must hold this much of what was found without its word.
const BODY: f64 = 0.5;
/// How far up from the story's element its other parts are looked for.
const KIN_LEVELS: usize = 5;

/// Drops what stands before the headline, where the story comes after it.
pub(super) fn before(outline: &Outline, verdicts: &mut Verdicts, headline: Option<usize>) {
    let Some(headline) = headline else { return };
    let story = |blocks: &[Block]| blocks.iter().map(weigh::story).sum::<usize>();
    let (before, after) = outline.blocks.split_at(headline.min(outline.blocks.len()));
    if story(after) > story(before) / 2 {
        for at in 0..headline {
            verdicts.drop_block(at, Rule::Outside);
        }
    }
}

/// Drops the articles that follow the story under headlines of their own, as pages do that never end.
pub(super) fn next(outline: &Outline, verdicts: &mut Verdicts, headline: Option<usize>) {
    let is_first = |at: usize| outline.blocks.get(at).is_some_and(|block| block.kind == Kind::Heading(1));
    let Some(headline) = headline.filter(|&at| is_first(at)) else { return };
    for (at, element) in outline.elements.iter().enumerate() {
        let start = element.blocks.start;
        if element.tag == Tag::Article && start > headline && is_first(start) && !element.blocks.is_empty() {
            let told = outline.blocks.get(headline..start).unwrap_or_default();
            if told.iter().map(weigh::story).sum::<usize>() >= TOLD {
                verdicts.drop_element(outline, at, Rule::Outside);
            }
        }
    }
}

/// Letters of a story that another article may follow.
const TOLD: usize = 250;

/// Drops everything outside the element that holds the story, but for paragraphs of its kind around it.
pub(super) fn outside(outline: &Outline, verdicts: &mut Verdicts) {
    let weights = Weights::of(outline, verdicts);
    let root = root(outline, verdicts, &weights);
    let inside = outline.elements.get(root).map_or(0..0, |element| element.blocks.clone());
    let kin = kin(outline, verdicts, &weights, root);
    for at in 0..outline.blocks.len() {
        if !inside.contains(&at) && !kin.contains(&at) {
            verdicts.drop_block(at, Rule::Outside);
        }
    }
}

/// The paragraphs near the root that are like those in it: of the same class, or plain ones beside it. A story is cut into
/// several containers by what stands between them.
fn kin(outline: &Outline, verdicts: &Verdicts, weights: &Weights, root: usize) -> Vec<usize> {
    let total = weights.story(outline, root);
    let mut shapes: HashMap<u64, usize> = HashMap::new();
    let inside = outline.elements.get(root).map_or(0..0, |element| element.blocks.clone());
    let element_of = |block: &Block| outline.elements.get(block.element);
    for block in outline.blocks.get(inside.clone()).unwrap_or_default() {
        if let Some(element) = element_of(block).filter(|element| element.classed) {
            *shapes.entry(element.family).or_insert(0) += weigh::story(block);
        }
    }
    let near = outline
        .around(root)
        .skip(1)
        .take(KIN_LEVELS)
        .take_while(|&at| outline.elements.get(at).is_some_and(|element| element.tag != Tag::Body));
    let near: Vec<&Element> = near.filter_map(|at| outline.elements.get(at)).collect();
    let Some(reach) = near.last().map(|element| element.blocks.clone()) else { return Vec::new() };
    let beside = near.get(1).or(near.first()).map_or(0..0, |element| element.blocks.clone());
    let same = |at: usize| {
        let element = outline.blocks.get(at).and_then(element_of);
        element.is_some_and(|element| {
            element.classed && shapes.get(&element.family).is_some_and(|&story| story * 3 >= total)
        })
    };
    let open = |at: usize| !inside.contains(&at) && verdicts.keeps(at);
    let tells = |at: usize| outline.blocks.get(at).is_some_and(|block| weigh::story(block) > 0);
    let mut found: Vec<usize> = reach.filter(|&at| open(at) && tells(at) && same(at)).collect();
    // Plain paragraphs are of the story as far as nothing else comes between.
    let plain = |at: usize| {
        outline.blocks.get(at).is_some_and(|block| {
            let tag = element_of(block).map(|element| (element.tag, element.classed));
            tag == Some((Tag::Paragraph, false)) && block.linked * 5 < block.length
        })
    };
    let before = (beside.start..inside.start).rev().filter(|&at| open(at)).take_while(|&at| plain(at));
    let after = (inside.end..beside.end).filter(|&at| open(at)).take_while(|&at| plain(at));
    found.extend(before.chain(after).filter(|&at| tells(at)));
    found.extend(twins(outline, verdicts, weights, root).into_iter().filter(|&at| open(at)));
    found
}

/// The blocks of elements that are set as the root is, in a row of their own each: pages that are cut by pictures over their whole width.
fn twins(outline: &Outline, verdicts: &Verdicts, weights: &Weights, root: usize) -> Vec<usize> {
    let parent = |at: usize| outline.elements.get(at).map(|element| element.parent);
    let shape = |at: usize| outline.elements.get(at).filter(|element| element.classed).map(|element| element.shape);
    let (Some(row), Some(own)) = (parent(root), shape(root)) else { return Vec::new() };
    let (Some(rows), Some(row_shape)) = (parent(row), shape(row)) else { return Vec::new() };
    if outline.elements.get(rows).is_none_or(|element| element.tag == Tag::Body) {
        return Vec::new();
    }
    let prose = |at: usize| {
        let paragraphs = children(outline, at).filter(|&child| {
            outline.elements.get(child).is_some_and(|child| child.tag == Tag::Paragraph)
                && weights.story(outline, child) > 0
        });
        paragraphs.count() >= 2 && weights.linked(outline, at) * 5 < weights.length(outline, at)
    };
    let others = children(outline, rows).filter(|&other| other != row && shape(other) == Some(row_shape));
    others
        .flat_map(|row| children(outline, row))
        .filter(|&at| verdicts.stands(at) && shape(at) == Some(own) && prose(at))
        .filter_map(|at| outline.elements.get(at))
        .flat_map(|element| element.blocks.clone())
        .collect()
}

fn root(outline: &Outline, verdicts: &Verdicts, weights: &Weights) -> usize {
    let found = descend(outline, verdicts, weights, 0);
    if let Some(declared) = declared_before(outline, verdicts, weights, found) {
        return descend(outline, verdicts, weights, declared);
    }
    let enough = share_of(weights.story(outline, found), BODY);
    let said = outline
        .elements
        .iter()
        .enumerate()
        .filter(|(at, element)| {
            verdicts.stands(*at)
                && element.tag != Tag::Body
                && element.marks.any(Marks::BODY)
                && weights.story(outline, *at) > enough
        })
        .map(|(at, element)| (at, element.marks.any(Marks::DECLARED), weights.story(outline, at)))
        // The heaviest; of equals the innermost, which comes last.
        .max_by_key(|&(at, declared, story)| (declared, story, at));
    match said {
        Some((at, ..)) => descend(outline, verdicts, weights, at),
        None => found,
    }
}

/// The story that the page declares before the heaviest element of it: what readers write below may be far more.
fn declared_before(outline: &Outline, verdicts: &Verdicts, weights: &Weights, found: usize) -> Option<usize> {
    outline
        .elements
        .iter()
        .enumerate()
        .take(found)
        .filter(|(at, element)| {
            element.marks.any(Marks::DECLARED)
                && element.end <= found
                && verdicts.stands(*at)
                && weights.story(outline, *at) >= DECLARED
        })
        .map(|(at, _)| at)
        .max_by_key(|&at| weights.story(outline, at))
}

/// Letters of a declared story that are no summary.
const DECLARED: usize = 1_000;

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length, far below 2^52"
)]
fn share_of(length: usize, factor: f64) -> usize {
    (length as f64 * factor) as usize
}

/// From an element down to the innermost that still holds nearly all of its story.
fn descend(outline: &Outline, verdicts: &Verdicts, weights: &Weights, from: usize) -> usize {
    let mut at = from;
    loop {
        let story = weights.story(outline, at);
        let heavy = children(outline, at)
            .find(|&child| verdicts.stands(child) && share(weights.story(outline, child), story) >= DOMINANT);
        match heavy {
            Some(child) if outline.elements.get(child).is_some_and(|element| element.tag != Tag::Paragraph) => {
                at = child;
            }
            _ => return at,
        }
    }
}

/// The element's children, in order.
pub(super) fn children(outline: &Outline, at: usize) -> impl Iterator<Item = usize> + '_ {
    let end = outline.elements.get(at).map_or(0, |element| element.end);
    let first = Some(at + 1).filter(|&child| child < end);
    std::iter::successors(first, move |&child| {
        outline.elements.get(child).map(|element| element.end).filter(|&next| next < end)
    })
}
