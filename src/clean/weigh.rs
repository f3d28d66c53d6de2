//! How much story is where: the one measure that every pass uses.

use super::outline::{Block, Kind, Outline};
use super::verdict::Verdicts;

/// Below this length a text without a sentence's end is no paragraph.
const PARAGRAPH: usize = 80;
const SENTENCE: usize = 35;

/// How much of a story the block is, as a length: its own words where it reads like prose, nothing where it is a heading or a
/// list of links.
pub(super) fn story(block: &Block) -> usize {
    let own = block.length.saturating_sub(block.linked);
    match block.kind {
        Kind::Heading(_) | Kind::Caption => 0,
        _ if block.linked * 2 > block.length => 0,
        _ if block.length >= SENTENCE && ends_sentence(&block.text) => own,
        _ if block.length >= PARAGRAPH => own * 2 / 3,
        _ => 0,
    }
}

/// Whether the text ends as a sentence does, in any script.
pub(super) fn ends_sentence(text: &str) -> bool {
    let closes = |c: &char| {
        matches!(
            c,
            '"' | '”'
                | '“'
                | '»'
                | '«'
                | '\''
                | '’'
                | '‘'
                | ')'
                | ']'
                | '」'
                | '』'
                | '）'
                | '›'
                | '‹'
                | '*'
                | ' '
        )
    };
    let ends = |c: char| {
        matches!(
            c,
            '.' | '!'
                | '?'
                | '…'
                | ':'
                | ';'
                | '。'
                | '！'
                | '？'
                | '؟'
                | '۔'
                | '।'
                | '॥'
                | '։'
                | '።'
                | '፡'
                | '．'
                | '｡'
                | '။'
                | '។'
        )
    };
    text.chars().rev().find(|c| !closes(c)).is_some_and(ends)
}

/// Running totals, so that the weight of any element is one subtraction.
pub(super) struct Weights {
    /// Story before each block; one more than there are blocks.
    story: Vec<usize>,
    length: Vec<usize>,
    linked: Vec<usize>,
}

impl Weights {
    /// Of the blocks that are still kept.
    pub(super) fn of(outline: &Outline, verdicts: &Verdicts) -> Self {
        let (mut weights, mut sums) = (Self { story: vec![0], length: vec![0], linked: vec![0] }, (0, 0, 0));
        for (at, block) in outline.blocks.iter().enumerate() {
            if verdicts.keeps(at) {
                sums = (sums.0 + story(block), sums.1 + block.length, sums.2 + block.linked);
            }
            weights.story.push(sums.0);
            weights.length.push(sums.1);
            weights.linked.push(sums.2);
        }
        weights
    }

    pub(super) fn total(&self) -> usize {
        self.story.last().copied().unwrap_or(0)
    }

    pub(super) fn story(&self, outline: &Outline, element: usize) -> usize {
        within(&self.story, outline, element)
    }

    pub(super) fn length(&self, outline: &Outline, element: usize) -> usize {
        within(&self.length, outline, element)
    }

    pub(super) fn linked(&self, outline: &Outline, element: usize) -> usize {
        within(&self.linked, outline, element)
    }
}

fn within(sums: &[usize], outline: &Outline, element: usize) -> usize {
    let Some(blocks) = outline.elements.get(element).map(|element| &element.blocks) else { return 0 };
    let at = |block: usize| sums.get(block).copied().unwrap_or(0);
    at(blocks.end).saturating_sub(at(blocks.start))
}
