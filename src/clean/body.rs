//! The passes in order, and what they leave.

use scraper::Html;

use super::boilerplate::{self, Known};
use super::metadata::Metadata;
use super::outline::Outline;
use super::verdict::{Rule, Verdicts};
use super::{Page, extract, phrases, prune, signature, standfirst, table};

pub use super::outline::Kind;

/// How much of a page there is around the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A whole page.
    Page,
    /// None: a feed's content, in which everything is the story but what is known for furniture.
    Fragment,
}

/// The story, and what was taken out of it for fields of its own.
#[derive(Debug)]
pub struct Body {
    /// In reading order.
    pub passages: Vec<Passage>,
    /// The standfirst.
    pub subtitle: Option<String>,
    /// "Source:" lines and agency tails.
    pub credits: Vec<String>,
    /// The line in which the story names its author.
    pub signature: Option<String>,
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
    pub fn of(dom: &Html, page: &Page<'_>, meta: &Metadata, extent: Extent) -> Self {
        let outline = Outline::of(dom);
        let (verdicts, subtitle) = decide(&outline, &Known::of(page, meta), extent);
        let passages = passages(&outline, &verdicts);
        let texts = |rule| verdicts.by(rule).filter_map(|at| outline.blocks.get(at)).map(|block| block.text.clone());
        let (credits, signature) = (texts(Rule::Credit).collect(), texts(Rule::Signature).next());
        let teasers = verdicts.blocks.iter().filter(|verdict| **verdict == Some(Rule::Repeated)).count();
        Self { passages, subtitle, credits, signature, teasers }
    }

    /// The story as `CommonMark`: headings, lists, quotations and code marked as such, what else could be a mark escaped.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        let mut previous = None;
        for passage in &self.passages {
            out.push_str(match (previous, passage.kind) {
                (None, _) => "",
                (Some(Kind::Item), Kind::Item) => "\n",
                _ => "\n\n",
            });
            out.push_str(&render(passage));
            previous = Some(passage.kind);
        }
        out
    }

    /// The story's text, paragraphs parted by an empty line.
    #[must_use]
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.passages.iter().map(|passage| passage.text.trim()).collect();
        texts.join("\n\n")
    }
}

fn render(passage: &Passage) -> String {
    let text = escaped(&passage.text);
    match passage.kind {
        Kind::Heading(level) => format!("{} {}", "#".repeat(usize::from(level)), text.replace('\n', " ")),
        Kind::Item => format!("- {}", text.replace('\n', "\n  ")),
        Kind::Quote => format!("> {}", text.replace('\n', "\n> ")),
        Kind::Preformatted => {
            let longest = passage.text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            format!("{fence}\n{}\n{fence}", passage.text)
        }
        Kind::Paragraph | Kind::Cell | Kind::Caption => text,
    }
}

/// The text without a meaning in `CommonMark` (0.31, sections 2.4 and 4–6) of its own.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut opens = true;
    for (at, c) in text.char_indices() {
        let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
        let marks_line =
            opens && (matches!(c, '#' | '>' | '=') || matches!(c, '-' | '+') && rest.starts_with([' ', '-', '\n']));
        // `1. ` at the beginning of a line opens a list.
        let numbers_line = matches!(c, '.' | ')') && rest.starts_with(' ') && {
            let line = text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
            (1..=9).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit())
        };
        if matches!(c, '\\' | '*' | '_' | '[' | ']' | '<' | '`' | '~') || marks_line || numbers_line {
            out.push('\\');
        }
        out.push(c);
        opens = c == '\n';
    }
    out
}

/// A cell longer than this is a paragraph of a page laid out as a table.
const CELL: usize = 120;

/// A shorter block that asks for something is dropped whole.
const APPEALED: usize = 240;

/// Text below which the page is read again, trusting fewer marks.
const MEAGRE: usize = 250;

/// Runs the passes; what each decided, and the standfirst.
pub(super) fn decide(outline: &Outline, known: &Known<'_>, extent: Extent) -> (Verdicts, Option<String>) {
    let strict = run(outline, known, extent, prune::marked);
    let length = |verdicts: &Verdicts| {
        verdicts.kept().filter_map(|at| outline.blocks.get(at)).map(|block| block.length).sum::<usize>()
    };
    let found = length(&strict.0);
    if found >= MEAGRE {
        return strict;
    }
    let lenient = run(outline, known, extent, prune::surely_marked);
    if length(&lenient.0) > 2 * found { lenient } else { strict }
}

fn run(
    outline: &Outline,
    known: &Known<'_>,
    extent: Extent,
    marked: fn(&Outline, &mut Verdicts),
) -> (Verdicts, Option<String>) {
    let mut verdicts = Verdicts::none(outline);
    let headline = boilerplate::find_headline(outline, known);
    prune::echoed(outline, &mut verdicts);
    marked(outline, &mut verdicts);
    prune::commented(outline, &mut verdicts);
    prune::repeated(outline, &mut verdicts);
    if extent == Extent::Page {
        extract::before(outline, &mut verdicts, headline);
        extract::next(outline, &mut verdicts, headline);
        extract::outside(outline, &mut verdicts);
    }
    boilerplate::headline(outline, &mut verdicts, known);
    let subtitle = match extent {
        Extent::Page => standfirst::take(outline, &mut verdicts, known, headline),
        Extent::Fragment => None,
    };
    signature::take(outline, &mut verdicts, known);
    boilerplate::credits(outline, &mut verdicts);
    boilerplate::links(outline, &mut verdicts);
    boilerplate::phrases(outline, &mut verdicts);
    boilerplate::duplicates(outline, &mut verdicts);
    boilerplate::captions(outline, &mut verdicts);
    boilerplate::pulled(outline, &mut verdicts);
    boilerplate::head(outline, &mut verdicts, known);
    boilerplate::stamps(outline, &mut verdicts);
    boilerplate::authors(outline, &mut verdicts, known);
    boilerplate::tail(outline, &mut verdicts);
    table::rows(outline, &mut verdicts);
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
            _ if (block.length > APPEALED || block.text.contains('\n'))
                && matches!(block.kind, Kind::Paragraph | Kind::Item) =>
            {
                passages.push(Passage { kind: block.kind, text: phrases::without_appeals(&block.text).to_owned() });
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
        let tells = "<p>{s}</p><p>{s}</p><p>{s}</p>";
        check(&format!("<h1>Pier</h1>{tells}<p>Ada Quay is a staff writer at the Mirror.</p>"), "");
        check(
            &format!("<h1>Pier</h1>{tells}<p>Mr. Quay left.</p><p>Ada Quay is a writer.</p>"),
            "Mr. Quay left. Ada Quay is a writer.",
        );
        check(
            "<h1>Pier</h1><p>{s}</p><div aria-hidden=true>Tap for all the pictures of the storm.</div><p>{s}</p><p>{s}</p>",
            "",
        );
        check("<h1>Pier</h1><p>{s}</p><p>{s}</p><p aria-hidden=true>{s}</p>", "");
        check("<h1>Pier</h1><main aria-hidden=true><p>{s}</p><p>{s}</p><p>{s}</p></main>", "");
        let row = |inner: &str| format!("<div class=row><div class=column>{inner}</div></div>");
        let told = "It was a long evening, and nobody left before the end of it.".repeat(12);
        check(
            &format!(
                "<h1>Pier</h1><article>{}{}<div><img src=x></div>{}</article>",
                row("<p>{s}</p><p>{s}</p>"),
                row("<div>Go on</div>"),
                row(&format!("<p>{{s}}</p><p>{told}</p>"))
            ),
            &told,
        );
        let reader = |i: usize| {
            format!(
                "<li><p>Reader {i} thinks that the pier should have been built of stone in the first place, and says so at length here.</p></li>"
            )
        };
        let readers: String = (0..40).map(reader).collect();
        check(
            &format!(
                "<h1>Pier</h1><article itemprop=articleBody><p>{{s}}</p><p>{{s}}</p><p>{{s}}</p><p>{told}</p></article><ul>{readers}</ul>"
            ),
            &told,
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

    #[test]
    fn the_next_article_is_another_story() {
        let next = "<article><h1><a href=/f>Ferry runs aground</a></h1><p>Divers went down to the wreck on Monday and found the hull whole, \
                    the coast guard said.</p><p>The captain said in the evening that the light had been out for a week and more.</p></article>";
        check(
            &format!("<title>Pier</title><h1>Pier</h1><article><p>{{s}}</p><p>{{s}}</p><p>{{s}}</p></article>{next}"),
            "",
        );
        check(
            &format!(
                "<title>Pier</title><div><article><h1>Pier</h1><p>{{s}}</p><p>{{s}}</p><p>{{s}}</p></article>{next}</div>"
            ),
            "",
        );
        check("<h1>Pier</h1><article><h1>Pier</h1><p>{s}</p><p>{s}</p><p>{s}</p></article>", "");
    }

    #[test]
    fn what_pops_up_over_a_word_is_no_part_of_its_sentence() {
        for (opening, closing) in [
            ("<span class=tooltiptext>", "</span>"),
            ("<span class='glossary-tooltip__content'>", "</span>"),
            ("<span role=tooltip>", "</span>"),
            ("<span popover id=p>", "</span>"),
            ("<span class=tippy-box>", "</span>"),
            ("<span hidden>", "</span>"),
            ("<span style='display: none'>", "</span>"),
            ("<span class=visually-hidden>", "</span>"),
            ("<template>", "</template>"),
        ] {
            let words = "A walkway over water. More in our glossary.";
            check(
                &format!(
                    "<h1>Pier</h1><p>The <span class=tooltip>mole{opening}{words}{closing}</span> is old. {{s}}</p><p>{{s}}</p><p>{{s}}</p>"
                ),
                "The mole is old.",
            );
        }
    }

    #[test]
    fn a_row_that_is_kept_is_kept_whole() {
        check(
            "<h1>Pier</h1><p>{s}</p><table><tr><th>Boat</th><th>Boats lost</th></tr><tr><td>Trawlers lost that night</td>\
             <td class=ticker>7</td><td>64%</td></tr></table><p>{s}</p><p>{s}</p>",
            "Boat | Boats lost Trawlers lost that night | 7 | 64%",
        );
    }

    #[test]
    fn rows_of_figures_stay_with_the_row_that_heads_them() {
        for (opens, closes) in [("", ""), ("<thead>", "</thead><tbody>")] {
            check(
                &format!(
                    "<h1>Pier</h1><p>{{s}}</p><table>{opens}<tr><th>Year</th><th>Ships</th></tr>{closes}<tr><td>2021</td><td>340</td></tr>\
                     <tr><td>2022</td><td>361</td></tr></table><p>{{s}}</p><p>{{s}}</p>"
                ),
                "Year | Ships 2021 | 340 2022 | 361",
            );
        }
    }

    #[test]
    fn a_heading_of_paragraphs_may_open_like_furniture() {
        check(
            "<h1>Pier</h1><p>{s}</p><h2>Follow the money</h2><p>{s}</p><h2>More on the boats</h2><p>{s}</p><h2>More on this story</h2>\
             <ul><li><a href=/f>Ferry runs aground off the point</a></li></ul>",
            "Follow the money More on the boats",
        );
    }

    #[test]
    fn headings_are_the_storys_whatever_their_theme_calls_them() {
        check(
            "<h1>Pier</h1><p>{s}</p><h2 class=widget-title>The engineer</h2><p>{s}</p><h2 class=widget-title>Eleven boats</h2><p>{s}</p>",
            "The engineer Eleven boats",
        );
    }

    #[test]
    fn a_picture_tells_its_caption() {
        let words = "Fishermen at the northern pier on the morning after";
        check(
            &format!(
                "<h1>Pier</h1><p>{{s}}</p><div><img src=x alt='{words}'></div><p>{words}</p><p>{{s}}</p><p>{{s}}</p>"
            ),
            "",
        );
    }

    #[test]
    fn teasers_stand_alone_or_twice() {
        check(
            "<h1>Pier</h1><p>{s}</p><div class=box-17><a href=/f>Ferry runs aground off the eastern point</a><p>Divers went down to the \
             wreck on Monday and found the hull...</p></div><p>{s}</p><p>{s}</p>",
            "",
        );
    }

    #[test]
    fn the_first_paragraph_may_stand_outside() {
        check(
            "<h1>Pier</h1><section><div><div class=media><p class='story-paragraph speakable'>{s}</p></div>\
             <div class=rest><div class=story-paragraph>{s}</div><div class=ad-slot></div><div class=story-paragraph>{s}</div></div></div></section>",
            "",
        );
    }

    #[test]
    fn what_machines_are_told_is_not_told_again() {
        check(
            "<h1>Pier</h1><div><p>{s}</p><p>{s}</p><p>{s}</p></div><div><div itemprop=publisher><div itemprop=name>The Harbour Post</div></div>\
             <div itemprop=datePublished>2026-03-11T08:57:40+01:00</div></div>",
            "",
        );
    }

    #[test]
    fn markdown_has_marks_and_no_others() {
        let url = Url::parse("https://harbour.example/x").unwrap();
        let html = "<h1>Pier</h1><article><p>The council voted on Tuesday evening to rebuild the *northern* pier for 1_000 guests.</p>\
            <h2>What comes next</h2><ul><li>Plans are drawn up in the spring.</li><li>Work begins in the autumn.</li></ul>\
            <blockquote>We have waited long enough for this, said the harbour master on Wednesday.</blockquote>\
            <p>1. is how the mayor began her speech, and she went on for an hour and a half.</p></article>";
        let page = Page { url: &url, html, announced: None, timezone: None, fetched_at: None };
        let (_, body) = super::super::clean_with_body(&page, &Options::default()).unwrap();
        assert_eq!(
            body.markdown(),
            "The council voted on Tuesday evening to rebuild the \\*northern\\* pier for 1\\_000 guests.\n\n## What comes next\n\n\
             - Plans are drawn up in the spring.\n- Work begins in the autumn.\n\n\
             > We have waited long enough for this, said the harbour master on Wednesday.\n\n\
             1\\. is how the mayor began her speech, and she went on for an hour and a half."
        );
    }
}
