//! The passes in order, and what they leave.

use scraper::Html;

use super::boilerplate::{self, Known};
use super::metadata::Metadata;
use super::outline::Outline;
use super::verdict::{Rule, Verdicts};
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
    /// Blocks of teaser lists that were left out.
    pub teasers: usize,
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
        let passages = passages(&outline, &verdicts);
        let credits =
            verdicts.credits().filter_map(|at| outline.blocks.get(at)).map(|block| block.text.clone()).collect();
        let teasers = verdicts.blocks.iter().filter(|verdict| **verdict == Some(Rule::Repeated)).count();
        Self { passages, subtitle, credits, teasers }
    }

    /// The story as Markdown: headings, lists, quotations and code marked as such.
    #[must_use]
    pub fn markdown(&self) -> String {
        let render = |passage: &Passage| match passage.kind {
            Kind::Heading(level) => format!("{} {}", "#".repeat(usize::from(level)), passage.text),
            Kind::Item => format!("- {}", passage.text),
            Kind::Quote => format!("> {}", passage.text.replace('\n', "\n> ")),
            Kind::Preformatted => format!("```\n{}\n```", passage.text),
            Kind::Paragraph | Kind::Cell | Kind::Caption => passage.text.clone(),
        };
        let rendered: Vec<String> = self.passages.iter().map(render).collect();
        rendered.join("\n\n")
    }

    /// The story's text, paragraphs parted by an empty line.
    #[must_use]
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.passages.iter().map(|passage| passage.text.trim()).collect();
        texts.join("\n\n")
    }
}

/// A cell longer than this is a paragraph of a page laid out as a table.
const CELL: usize = 120;

/// Text below which the page is read again, trusting fewer marks.
const MEAGRE: usize = 250;

/// Runs the passes; what each decided, and the standfirst.
pub(super) fn decide(outline: &Outline, known: &Known<'_>) -> (Verdicts, Option<String>) {
    let strict = run(outline, known, prune::marked);
    let length = |verdicts: &Verdicts| {
        verdicts.kept().filter_map(|at| outline.blocks.get(at)).map(|block| block.length).sum::<usize>()
    };
    let found = length(&strict.0);
    if found >= MEAGRE {
        return strict;
    }
    let lenient = run(outline, known, prune::surely_marked);
    if length(&lenient.0) > 2 * found { lenient } else { strict }
}

fn run(outline: &Outline, known: &Known<'_>, marked: fn(&Outline, &mut Verdicts)) -> (Verdicts, Option<String>) {
    let mut verdicts = Verdicts::none(outline);
    let headline = boilerplate::find_headline(outline, known);
    prune::echoed(outline, &mut verdicts);
    marked(outline, &mut verdicts);
    prune::commented(outline, &mut verdicts);
    prune::repeated(outline, &mut verdicts);
    extract::before(outline, &mut verdicts, headline);
    extract::outside(outline, &mut verdicts);
    boilerplate::headline(outline, &mut verdicts, known);
    let subtitle = standfirst::take(outline, &mut verdicts, known, headline);
    boilerplate::credits(outline, &mut verdicts);
    boilerplate::links(outline, &mut verdicts);
    boilerplate::phrases(outline, &mut verdicts);
    boilerplate::duplicates(outline, &mut verdicts);
    boilerplate::pulled(outline, &mut verdicts);
    boilerplate::head(outline, &mut verdicts, known);
    boilerplate::authors(outline, &mut verdicts, known);
    boilerplate::tail(outline, &mut verdicts);
    boilerplate::empty_headings(outline, &mut verdicts);
    (verdicts, subtitle)
}

/// The kept blocks; the short cells of a table row are one passage.
fn passages(outline: &Outline, verdicts: &Verdicts) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut row = None;
    for block in verdicts.kept().filter_map(|at| outline.blocks.get(at)) {
        let own = Some(block)
            .filter(|block| block.kind == Kind::Cell && block.length < CELL)
            .and_then(|block| outline.row(block.element));
        match passages.last_mut() {
            Some(last) if own.is_some() && own == row => {
                last.text.push_str(" | ");
                last.text.push_str(&block.text);
            }
            _ => passages.push(Passage { kind: block.kind, text: block.text.clone() }),
        }
        row = own;
    }
    passages
}
