//! The passes in order, and what they leave.

use scraper::Html;

use super::boilerplate::{self, Known};
use super::metadata::Metadata;
use super::outline::Outline;
use super::verdict::Verdicts;
use super::{Page, extract, prune, standfirst};

pub use super::outline::Kind;

/// The story, and what was taken out of it for fields of its own.
#[derive(Debug)]
pub struct Body {
    /// In reading order.
    pub passages: Vec<Passage>,
    /// The standfirst.
    pub subtitle: Option<String>,
    /// "Source:" lines and agency tails.
    pub credits: Vec<String>,
}

/// A paragraph, heading, list item or other piece of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What it is.
    pub kind: Kind,
    /// Plain text; a line break inside it is the author's.
    pub text: String,
}

impl Body {
    /// The story on a page.
    #[must_use]
    pub fn of(dom: &Html, page: &Page<'_>, meta: &Metadata) -> Self {
        let outline = Outline::of(dom);
        let (verdicts, subtitle) = decide(&outline, &Known::of(page, meta));
        let kept = verdicts.kept().filter_map(|at| outline.blocks.get(at));
        let passages = kept.map(|block| Passage { kind: block.kind, text: block.text.clone() }).collect();
        let credits =
            verdicts.credits().filter_map(|at| outline.blocks.get(at)).map(|block| block.text.clone()).collect();
        Self { passages, subtitle, credits }
    }

    /// The story's text, paragraphs parted by an empty line.
    #[must_use]
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.passages.iter().map(|passage| passage.text.trim()).collect();
        texts.join("\n\n")
    }
}

/// Runs the passes; what each decided, and the standfirst.
pub(super) fn decide(outline: &Outline, known: &Known<'_>) -> (Verdicts, Option<String>) {
    let mut verdicts = Verdicts::none(outline);
    let headline = boilerplate::find_headline(outline, known);
    prune::echoed(outline, &mut verdicts);
    prune::marked(outline, &mut verdicts);
    prune::repeated(outline, &mut verdicts);
    extract::before(outline, &mut verdicts, headline);
    extract::outside(outline, &mut verdicts);
    boilerplate::headline(outline, &mut verdicts, known);
    let subtitle = standfirst::take(outline, &mut verdicts, known, headline);
    boilerplate::credits(outline, &mut verdicts);
    boilerplate::links(outline, &mut verdicts);
    boilerplate::phrases(outline, &mut verdicts);
    boilerplate::duplicates(outline, &mut verdicts);
    boilerplate::head(outline, &mut verdicts, known);
    boilerplate::tail(outline, &mut verdicts);
    boilerplate::empty_headings(outline, &mut verdicts);
    (verdicts, subtitle)
}
