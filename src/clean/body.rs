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
    let mut cell = None;
    for block in verdicts.kept().filter_map(|at| outline.blocks.get(at)) {
        let own = Some(block)
            .filter(|block| block.kind == Kind::Cell && block.length < CELL)
            .and_then(|block| outline.row(block.element));
        match passages.last_mut() {
            // Paragraphs of one cell are no cells of a row.
            Some(last) if own.is_some() && own == row && cell != Some(block.element) => {
                last.text.push_str(" | ");
                last.text.push_str(&block.text);
            }
            _ => passages.push(Passage { kind: block.kind, text: block.text.clone() }),
        }
        row = own;
        cell = Some(block.element);
    }
    passages
}

#[cfg(test)]
mod tests {
    use super::super::{Options, clean};
    use super::Page;
    use url::Url;

    /// `{s}` in the page is a sentence of the story; `left` is what the text has besides.
    fn check(html: &str, left: &str) {
        let sentences = [
            "The harbour council voted on Tuesday evening to rebuild the northern pier, which a storm had torn away.",
            "Work is to begin in the spring and will take two years, said the engineer who has drawn up the plans.",
            "Fishermen had asked for it since the autumn, when eleven boats were lost at their moorings in one night.",
        ];
        let mut html = html.to_owned();
        for sentence in sentences {
            html = html.replacen("{s}", sentence, 1);
        }
        let url = Url::parse("https://harbour.example/x").unwrap();
        let page = Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None };
        let mut text = clean(&page, &Options::default()).unwrap().text;
        for sentence in sentences {
            assert!(text.contains(sentence), "{text}");
            text = text.replace(sentence, "");
        }
        assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), left, "{html}");
    }

    #[test]
    fn furniture_without_words_of_its_own_is_told_by_its_place() {
        let teaser = |i: usize| {
            format!(
                "<div class=k><a href=/{i}>Ferry number {i} runs aground off the point</a><div>Divers went down to the \
                 wreck number {i} on Monday and found the hull whole, the coast guard said in the evening.</div></div>"
            )
        };
        let story = "<div class=c><p>{s}</p><p>{s}</p><p>{s}</p></div>";
        check(&format!("<h1>Pier</h1>{story}<div class=q>{}</div>", (0..3).map(teaser).collect::<String>()), "");
        check(
            "<h1>Pier</h1><div class=a><div class=b><img src=x><div class=d>Waves on the pier on Monday.</div></div>\
             <div class=e>{s}</div><div class=e>{s}</div><div class=e>{s}</div></div>",
            "",
        );
        check(
            "<h1>Pier</h1><p>{s}</p><x-ad><div>Yours for less. Now in all shops.</div></x-ad><p>{s}</p><p>{s}</p>",
            "",
        );
        check("<h1>桟橋</h1><p>{s}</p><p>{s}</p><p>{s}</p><p>（港太郎）</p>", "");
    }

    #[test]
    fn a_page_without_headings_has_its_headline_told_from_its_story() {
        check(
            "<title>Pier to be rebuilt</title><table><tr><td><font><b>Pier to be rebuilt</b></font><br>\
             <font>By Ada Quay</font><br><font>Posted May 22, 2026, 9:20 PM</font><hr>{s}<br><br>{s}<br><br>{s}</td></tr></table>",
            "",
        );
    }

    #[test]
    fn the_first_subheading_is_kept_like_the_others() {
        check(
            "<h1>Pier</h1><div><div class=h><time>10:20</time><h3>All clear</h3></div><div class=t><p>{s}</p></div>\
             <div class=h><time>10:10</time><h3>At the pier</h3></div><div class=t><p>{s}</p><p>{s}</p></div></div>",
            "All clear At the pier",
        );
    }
}
