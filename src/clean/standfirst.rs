//! The standfirst: what the page sets between its headline and its story.
//!
//! A plain first paragraph is the story's, whatever the description in the head repeats of it.

use super::boilerplate::{Known, opening, same_words, words};
use super::marks::Marks;
use super::outline::{Block, Kind, Outline};
use super::tag::Tag;
use super::verdict::{Rule, Verdicts};
use super::weigh::ends_sentence;

/// How many blocks after the headline it may stand: bylines, dates and share bars come between.
const REACH: usize = 30;
const SHORTEST: usize = 25;
const LONGEST: usize = 900;

/// Drops the standfirst from the body and returns it.
pub(super) fn take(
    outline: &Outline,
    verdicts: &mut Verdicts,
    known: &Known<'_>,
    headline: Option<usize>,
) -> Option<String> {
    let said: Vec<Vec<String>> = known
        .subtitle
        .iter()
        .chain(&known.descriptions)
        .map(|text| words(text))
        .filter(|text| text.len() > 3)
        .collect();
    let opening = opening(outline, verdicts);
    let from = headline.map_or_else(|| opening.saturating_sub(4), |at| at + 1);
    let mut found: Vec<usize> = Vec::new();
    for at in from..outline.blocks.len().min(from + REACH) {
        let Some(block) = outline.blocks.get(at) else { break };
        let Some(verdict) = verdicts.blocks.get(at) else { break };
        if at > opening || found.len() >= 4 {
            break;
        }
        let open = matches!(
            verdict,
            None | Some(Rule::Outside | Rule::Duplicate | Rule::Marked("teaser" | "metadata" | "author"))
        );
        let fits = open && (SHORTEST..LONGEST).contains(&block.length) && block.linked * 2 <= block.length;
        if !fits {
            continue;
        }
        let marked = is_marked(outline, block, Marks::STANDFIRST);
        let repeated = said.iter().any(|text| begins_alike(text, &words(&block.text)));
        let apart = at < opening
            && headline.is_some_and(|headline| {
                matches!(block.kind, Kind::Heading(2..=4))
                    && (block.length > 60 || at == headline + 1 && block.text.ends_with(['.', '。', '।', '۔']))
                    || ends_sentence(&block.text) && shares_head(outline, headline, at, opening)
            });
        let repeated =
            repeated && !(at >= opening || beside(outline, block, opening) && !matches!(block.kind, Kind::Heading(_)));
        let led = is_marked(outline, block, Marks::LEAD)
            && at < opening
            && !beside(outline, block, opening)
            && !describes(outline, block);
        let own = at >= opening && !marked;
        if (marked || led || repeated || apart) && !own {
            found.push(at);
            // What is one with the story's first paragraphs is followed by nothing of its kind.
            if at >= opening {
                break;
            }
        }
    }
    let text: Vec<&str> =
        found.iter().filter_map(|&at| outline.blocks.get(at)).map(|block| block.text.as_str()).collect();
    let text = text.join("\n");
    for &at in &found {
        if let Some(verdict) = verdicts.blocks.get_mut(at) {
            *verdict = Some(Rule::Standfirst);
        }
    }
    // The same words once more, inside the story's container.
    for at in verdicts.kept().take(6).collect::<Vec<_>>() {
        if !text.is_empty()
            && outline.blocks.get(at).is_some_and(|block| same_words(&words(&text), &words(&block.text)))
        {
            verdicts.drop_block(at, Rule::Standfirst);
        }
    }
    if text.is_empty() { None } else { Some(text) }
}

/// The block, or what holds it and little else, calls itself a standfirst.
fn is_marked(outline: &Outline, block: &Block, mark: Marks) -> bool {
    outline
        .around(block.element)
        .take(3)
        .filter_map(|at| outline.elements.get(at))
        .any(|element| element.marks.any(mark) && element.blocks.len() <= 6)
}

/// Whether the block stands with a picture and little else: its caption, whatever it is called.
fn describes(outline: &Outline, block: &Block) -> bool {
    let near = outline.around(block.element).take(2).filter_map(|at| outline.elements.get(at));
    near.into_iter().any(|element| element.pictured && element.blocks.len() <= 3)
}

/// Whether an element holds the headline and the block, and the story's first paragraph not.
fn shares_head(outline: &Outline, headline: usize, at: usize, opening: usize) -> bool {
    let Some(block) = outline.blocks.get(at) else { return false };
    outline
        .around(block.element)
        .filter_map(|at| outline.elements.get(at))
        .any(|element| element.blocks.contains(&headline) && !element.blocks.contains(&opening))
}

/// Whether the block stands in the same element as the story's first paragraph.
fn beside(outline: &Outline, block: &Block, opening: usize) -> bool {
    let parent = |block: &Block| {
        outline
            .elements
            .get(block.element)
            .map(|element| if element.tag == Tag::Division { block.element } else { element.parent })
    };
    outline.blocks.get(opening).is_some_and(|opening| parent(opening) == parent(block))
}

/// The shorter, cut or not, is how the longer begins.
fn begins_alike(said: &[String], block: &[String]) -> bool {
    let shorter = said.len().min(block.len());
    shorter >= 5
        && shorter * 10 >= block.len() * 4
        && said.iter().zip(block).take(shorter).filter(|(left, right)| left == right).count() * 10 >= shorter * 9
}
