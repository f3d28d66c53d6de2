//! Which part of the page holds the story.

use super::marks::Marks;
use super::outline::{Outline, share};
use super::tag::Tag;
use super::verdict::{Rule, Verdicts};
use super::weigh::Weights;

/// An only child that holds this much of its parent's story holds the story.
const DOMINANT: f64 = 0.75;
/// An element that calls itself the body must hold this much of what was found without its word.
const BODY: f64 = 0.5;

/// Drops everything outside the element that holds the story; returns that element.
pub(super) fn outside(outline: &Outline, verdicts: &mut Verdicts) -> usize {
    let weights = Weights::of(outline, verdicts);
    let root = root(outline, verdicts, &weights);
    let inside = outline.elements.get(root).map_or(0..0, |element| element.blocks.clone());
    for at in 0..outline.blocks.len() {
        if !inside.contains(&at) {
            verdicts.drop_block(at, Rule::Outside);
        }
    }
    root
}

fn root(outline: &Outline, verdicts: &Verdicts, weights: &Weights) -> usize {
    let found = descend(outline, verdicts, weights, 0);
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
