//! Which rule decided what: the record that the passes write and that `--explain` prints.

use std::fmt;

use super::outline::Outline;

/// Why a block is not part of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Marked by its own words: comments, share bars, teasers, and so on.
    Marked(&'static str),
    /// A form.
    Form,
    /// One of several alike that are links above all.
    Repeated,
    /// Outside the part of the page that holds the story.
    Outside,
    /// The headline, again.
    Headline,
    /// The standfirst, kept as the subtitle.
    Standfirst,
    /// Who wrote it, when, how long it takes to read.
    Byline,
    /// Nothing but links.
    Links,
    /// A phrase that only furniture has.
    Phrase(&'static str),
    /// A heading with nothing left under it.
    EmptyHeading,
    /// The same text a second time.
    Duplicate,
    /// After the end of the story.
    Tail,
    /// A source or agency line, kept as the attribution.
    Credit,
    /// A line that names the author, kept for that.
    Signature,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Marked(what) => write!(f, "marked as {what}"),
            Self::Phrase(what) => write!(f, "phrase of {what}"),
            Self::Form => f.write_str("form"),
            Self::Repeated => f.write_str("repeated teaser"),
            Self::Outside => f.write_str("outside the story"),
            Self::Headline => f.write_str("headline"),
            Self::Standfirst => f.write_str("standfirst"),
            Self::Byline => f.write_str("byline"),
            Self::Links => f.write_str("links"),
            Self::EmptyHeading => f.write_str("heading of nothing"),
            Self::Duplicate => f.write_str("duplicate"),
            Self::Tail => f.write_str("after the story"),
            Self::Credit => f.write_str("credit"),
            Self::Signature => f.write_str("signature"),
        }
    }
}

/// What was decided so far. The first rule that drops something stands.
#[derive(Debug)]
pub(super) struct Verdicts {
    /// By element; an element's descendants have its rule or their own.
    pub(super) elements: Vec<Option<Rule>>,
    /// By block.
    pub(super) blocks: Vec<Option<Rule>>,
}

impl Verdicts {
    pub(super) fn none(outline: &Outline) -> Self {
        Self { elements: vec![None; outline.elements.len()], blocks: vec![None; outline.blocks.len()] }
    }

    pub(super) fn keeps(&self, block: usize) -> bool {
        self.blocks.get(block).is_some_and(Option::is_none)
    }

    pub(super) fn stands(&self, element: usize) -> bool {
        self.elements.get(element).is_some_and(Option::is_none)
    }

    pub(super) fn drop_block(&mut self, block: usize, rule: Rule) {
        if let Some(verdict @ None) = self.blocks.get_mut(block) {
            *verdict = Some(rule);
        }
    }

    /// Takes a block back into the story, but for what no reader of the page sees.
    pub(super) fn restore(&mut self, block: usize) {
        if let Some(verdict) = self.blocks.get_mut(block).filter(|verdict| **verdict != Some(Rule::Marked("hidden"))) {
            *verdict = None;
        }
    }

    /// Drops an element with all that is in it.
    pub(super) fn drop_element(&mut self, outline: &Outline, at: usize, rule: Rule) {
        let Some(element) = outline.elements.get(at) else { return };
        for verdict in self.elements.get_mut(at..element.end).into_iter().flatten() {
            verdict.get_or_insert(rule);
        }
        for block in element.blocks.clone() {
            self.drop_block(block, rule);
        }
    }

    /// The blocks that `rule` decided on, in order.
    pub(super) fn by(&self, rule: Rule) -> impl Iterator<Item = usize> + '_ {
        self.blocks.iter().enumerate().filter(move |(_, verdict)| **verdict == Some(rule)).map(|(at, _)| at)
    }

    /// The blocks that are kept, in order.
    pub(super) fn kept(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.blocks.iter().enumerate().filter(|(_, verdict)| verdict.is_none()).map(|(at, _)| at)
    }
}
