//! The page, flattened: its elements in document order, and the blocks of text between their edges.
//!
//! Must not judge. Everything after this works on indices: no pass walks the DOM again, and none recurses.

use std::ops::Range;

use foldhash::{HashMap, HashSet};
use html5ever::{LocalName, local_name};
use scraper::node::Element as DomElement;
use scraper::{Html, Node};

use super::marks::{self, Marks};
use super::tag::Tag;
use super::text::Writer;

/// Elements nested deeper are read as if their tags were not there.
const MAX_DEPTH: usize = 512;

/// A flattened page.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// In document order: an element's descendants are those that follow it up to its `end`. The first is the root.
    pub(super) elements: Vec<Element>,
    /// In document order.
    pub(super) blocks: Vec<Block>,
    /// What pictures say of themselves to those who cannot see them.
    pub(super) alternatives: HashSet<String>,
}

/// An element that is not purely inline.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) tag: Tag,
    pub(super) marks: Marks,
    /// Index of the parent; the root is its own.
    pub(super) parent: usize,
    /// One past the last descendant.
    pub(super) end: usize,
    /// The blocks inside.
    pub(super) blocks: Range<usize>,
    /// Equal for elements of the same tag and classes.
    pub(super) shape: u64,
    /// Equal for elements of the same first class, if that is no abbreviation, else of the same tag and classes.
    pub(super) family: u64,
    /// It has a class.
    pub(super) classed: bool,
    /// Inside an `<a>`.
    pub(super) linked: bool,
    /// A picture stands in it before any text.
    pub(super) pictured: bool,
}

/// What a block is in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Running text.
    Paragraph,
    /// A heading and its level, 1–6.
    Heading(u8),
    /// An item of a list.
    Item,
    /// A quotation set apart.
    Quote,
    /// Text whose line breaks and spaces count.
    Preformatted,
    /// A cell of a table.
    Cell,
    /// Words under a picture.
    Caption,
}

/// A run of text without a block edge in it.
#[derive(Debug)]
pub(super) struct Block {
    /// Index of the innermost element around it.
    pub(super) element: usize,
    pub(super) kind: Kind,
    /// White space folded, invisible characters dropped, NFC.
    pub(super) text: String,
    /// Length in letters of an alphabet: an ideograph counts [`WIDE`].
    pub(super) length: usize,
    /// The part of `length` inside links.
    pub(super) linked: usize,
    /// The part of `length` in bold or italics.
    pub(super) stressed: usize,
}

impl Block {
    /// A plain paragraph of no page: words that are judged as if they stood in one.
    pub(super) fn of_words(words: &str) -> Self {
        let (text, length) = (words.to_owned(), words.chars().count());
        Self { element: 0, kind: Kind::Paragraph, text, length, linked: 0, stressed: 0 }
    }
}

/// How many letters of an alphabet an ideograph is worth. English text is 2.6 times as long as the same in Chinese (measured
/// on translated news, 2026-11).
const WIDE: usize = 3;

/// `part / whole`, 0 where there is nothing.
#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

/// What holds inside the element being read, to be restored at its end.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each holds or not, whatever the others do")]
struct State {
    element: usize,
    kind: Kind,
    link: bool,
    /// Inside bold or italics.
    stress: bool,
    /// Inside a paragraph, heading or other element that holds running text.
    running: bool,
    /// The element ends a block at its edges.
    edge: bool,
}

impl Outline {
    pub(super) fn of(dom: &Html) -> Self {
        Reader::default().read(dom)
    }

    /// The table row around `element`.
    pub(super) fn row(&self, element: usize) -> Option<usize> {
        self.around(element).find(|&at| self.elements.get(at).is_some_and(|element| element.tag == Tag::Row))
    }

    /// `element` and its ancestors, innermost first, without the root.
    pub(super) fn around(&self, element: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(element), |&at| Some(self.elements.get(at)?.parent)).take_while(|&at| at != 0)
    }
}

#[derive(Default)]
struct Reader<'a> {
    outline: Outline,
    writer: Writer,
    linked: usize,
    stressed: usize,
    length: usize,
    /// Pages repeat their class lists; each is read once.
    known: HashMap<&'a str, Marks>,
}

impl<'a> Reader<'a> {
    fn read(mut self, dom: &'a Html) -> Outline {
        let root = State { element: 0, kind: Kind::Paragraph, link: false, stress: false, running: false, edge: false };
        self.outline.elements.push(Element {
            tag: Tag::Other,
            marks: Marks::NONE,
            parent: 0,
            end: 0,
            blocks: 0..0,
            shape: 0,
            family: 0,
            classed: false,
            linked: false,
            pictured: false,
        });
        let mut states = vec![root];
        let mut at = dom.tree.root();
        loop {
            let state = states.last().copied().unwrap_or(root);
            let entered = match at.value() {
                Node::Text(text) => {
                    self.text(text, &state);
                    None
                }
                // A reading in brackets is text (`<rp>（</rp><rt>よみ</rt>`), one above the line is not.
                Node::Element(element)
                    if element.name() == "rt" && follows_bracket(at.prev_sibling().map(|node| node.value())) =>
                {
                    Some(State { edge: false, ..state })
                }
                Node::Element(element) => self.enter(element, &state, states.len()),
                Node::Document | Node::Fragment => Some(state),
                _ => None,
            };
            if let (Some(inside), Some(child)) = (entered, at.first_child()) {
                states.push(inside);
                at = child;
                continue;
            }
            if let Some(inside) = entered {
                self.leave(&inside, &state);
            }
            loop {
                if let Some(next) = at.next_sibling() {
                    at = next;
                    break;
                }
                let Some(parent) = at.parent() else {
                    self.flush(&root);
                    return self.finish();
                };
                let inside = states.pop().unwrap_or(root);
                let outside = states.last().copied().unwrap_or(root);
                self.leave(&inside, &outside);
                at = parent;
            }
        }
    }

    fn finish(mut self) -> Outline {
        let (elements, blocks) = (self.outline.elements.len(), self.outline.blocks.len());
        if let Some(root) = self.outline.elements.first_mut() {
            root.end = elements;
            root.blocks = 0..blocks;
        }
        self.outline
    }

    /// What holds inside `element`, or `None` where nothing in it is text of the page.
    fn enter(&mut self, element: &'a DomElement, outside: &State, depth: usize) -> Option<State> {
        let tag = Tag::of(element.name());
        if tag == Tag::Break {
            self.writer.line_break();
        }
        if tag.is_void() {
            if element.name() == "img" {
                self.picture(outside.element);
                self.outline.alternatives.extend(attribute(element, &local_name!("alt")).and_then(alternative));
            }
            if tag == Tag::Rule {
                self.flush(outside);
            }
            return None;
        }
        if depth >= MAX_DEPTH {
            return Some(State { edge: false, ..*outside });
        }
        if tag == Tag::Custom && element.name().ends_with("-img") {
            self.picture(outside.element);
        }
        let marks = self.marks(element, tag);
        let inline = tag.is_inline() || outside.running && tag == Tag::Custom;
        if inline && (marks.any(Marks::HIDDEN) || outside.running && marks.any(Marks::POPUP) && pops_up(element)) {
            return None;
        }
        let mut inside = *outside;
        inside.edge = false;
        inside.link |= tag == Tag::Link;
        inside.stress |= tag == Tag::Strong;
        // A span outside running text that names its business is a block of its own (`<span class="caption">`).
        let apart = inline && !outside.running && (!marks.is_empty() || tag == Tag::Time);
        if inline && !apart {
            return Some(inside);
        }
        self.flush(outside);
        inside.edge = true;
        inside.element = self.outline.elements.len();
        inside.kind = match tag {
            Tag::Heading(level) => Kind::Heading(level),
            Tag::Item => Kind::Item,
            Tag::Quote => Kind::Quote,
            Tag::Preformatted => Kind::Preformatted,
            Tag::Cell => Kind::Cell,
            Tag::Figcaption => Kind::Caption,
            // A page laid out as a table has its paragraphs in cells.
            Tag::Paragraph if outside.kind == Kind::Cell => Kind::Paragraph,
            _ => outside.kind,
        };
        inside.running |= matches!(tag, Tag::Paragraph | Tag::Heading(_));
        let blocks = self.outline.blocks.len();
        let classes = attribute(element, &local_name!("class")).unwrap_or_default();
        self.outline.elements.push(Element {
            tag,
            marks,
            parent: outside.element,
            end: 0,
            blocks: blocks..blocks,
            shape: shape(element.name(), classes),
            family: family(element.name(), classes),
            classed: !classes.trim().is_empty(),
            linked: inside.link,
            pictured: false,
        });
        Some(inside)
    }

    /// Notes a picture in the elements around it that have no text yet.
    fn picture(&mut self, element: usize) {
        let blocks = self.outline.blocks.len();
        let mut at = element;
        while at != 0 && self.writer.is_empty() {
            let Some(element) = self.outline.elements.get_mut(at) else { break };
            if element.pictured || element.blocks.start < blocks {
                break;
            }
            element.pictured = true;
            at = element.parent;
        }
    }

    fn leave(&mut self, inside: &State, outside: &State) {
        if !inside.edge || inside.element == outside.element {
            return;
        }
        self.flush(inside);
        let (elements, blocks) = (self.outline.elements.len(), self.outline.blocks.len());
        if let Some(element) = self.outline.elements.get_mut(inside.element) {
            element.end = elements;
            element.blocks.end = blocks;
        }
    }

    fn text(&mut self, text: &str, state: &State) {
        let mut from = text;
        // Two line breaks in a row part paragraphs as surely as `<p>` does.
        if !text.trim().is_empty() && self.writer.breaks() > 1 && state.kind != Kind::Preformatted {
            self.flush(state);
        }
        if state.kind == Kind::Preformatted && from.starts_with('\n') && self.writer.is_empty() {
            from = from.get(1..).unwrap_or_default();
        }
        let length = if state.kind == Kind::Preformatted {
            self.writer.push_preformatted(from)
        } else {
            self.writer.push(from, is_wide, WIDE)
        };
        self.length += length;
        self.linked += if state.link { length } else { 0 };
        self.stressed += if state.stress { length } else { 0 };
    }

    fn flush(&mut self, state: &State) {
        let text = self.writer.take();
        if !text.is_empty() {
            let (length, linked, stressed) = (self.length, self.linked, self.stressed);
            self.outline.blocks.push(Block {
                element: state.element,
                kind: state.kind,
                text,
                length,
                linked,
                stressed,
            });
        }
        (self.length, self.linked, self.stressed) = (0, 0, 0);
    }

    fn marks(&mut self, element: &'a DomElement, tag: Tag) -> Marks {
        let mut found = tag.marks();
        if tag == Tag::Custom {
            found |= marks::of_words(element.name());
        }
        if element.name() == "dialog" && element.attr("open").is_none() {
            found |= Marks::HIDDEN;
        }
        for (name, value) in element.attrs() {
            match name {
                "class" | "id" | "data-component" | "data-hook" | "data-testid" | "data-test" | "data-qa"
                | "data-module" | "data-type" | "data-role" | "data-block-type" | "aria-label" | "data-widget-type"
                | "data-module-name" | "data-ad" => {
                    let value: &'a str = value;
                    if name == "aria-label" && value.len() > 40 {
                        continue;
                    }
                    found |= *self.known.entry(value).or_insert_with(|| marks::of_words(value));
                }
                "role" => found |= marks::of_role(value),
                "itemprop" => match value {
                    "articleBody" => found |= Marks::BODY | Marks::DECLARED,
                    "author" | "creator" => found |= Marks::AUTHOR,
                    "datePublished" | "dateModified" | "dateCreated" => found |= Marks::TIME,
                    "comment" => found |= Marks::COMMENTS,
                    "caption" | "copyrightHolder" => found |= Marks::CAPTION,
                    "headline" => found |= Marks::HEADLINE,
                    "description" | "keywords" | "mainEntityOfPage" | "publisher" | "image" | "logo"
                    | "interactionCount" => found |= Marks::META,
                    _ => {}
                },
                "property" if value == "articleBody" || value == "schema:articleBody" => {
                    found |= Marks::BODY | Marks::DECLARED;
                }
                "rel" if value == "author" => found |= Marks::AUTHOR,
                "popover" => found |= Marks::HIDDEN,
                // On paragraphs it hides the story of those who have not paid.
                "aria-hidden" if value == "true" && tag != Tag::Paragraph => found |= Marks::SILENT,
                "hidden" if value != "until-found" => found |= Marks::HIDDEN,
                "style" if hides(value) => found |= Marks::HIDDEN,
                _ => {}
            }
        }
        found
    }
}

/// Found without a hash of the name, which [`DomElement::attr`] makes at each call.
fn attribute<'a>(element: &'a DomElement, name: &LocalName) -> Option<&'a str> {
    element.attrs.iter().find(|(known, _)| known.local == *name).map(|(_, value)| &**value)
}

/// As a block would have it. A word or two names the picture rather than telling of it; longer ones than a caption are none.
fn alternative(text: &str) -> Option<String> {
    if !(12..=1_000).contains(&text.len()) {
        return None;
    }
    let mut writer = Writer::default();
    writer.push(text, is_wide, WIDE);
    Some(writer.take())
}

/// Whether a part of a sentence is what pops up over it, rather than the word that calls it up: `tooltiptext`, `popover-body`.
fn pops_up(element: &DomElement) -> bool {
    let is_content = |class: &str| {
        let class = class.to_ascii_lowercase();
        ["tooltip", "popover", "popup", "tippy"].iter().any(|word| class.contains(word))
            && ["text", "content", "body", "inner", "box", "definition", "description", "__popup", "-popup"]
                .iter()
                .any(|part| class.ends_with(part))
    };
    element.attr("role").is_some_and(|role| matches!(role, "tooltip" | "dialog"))
        || element.attr("class").is_some_and(|classes| classes.split_ascii_whitespace().any(is_content))
}

fn follows_bracket(before: Option<&Node>) -> bool {
    before.and_then(Node::as_element).is_some_and(|element| element.name() == "rp")
}

fn hides(style: &str) -> bool {
    (style.contains("display") || style.contains("visibility")) && {
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        style.contains("display:none") || style.contains("visibility:hidden")
    }
}

/// Of the tag and the first two classes, sorted out by nothing: lists repeat them in the same order.
fn shape(tag: &str, classes: &str) -> u64 {
    fnv(tag.bytes().chain(classes.split_ascii_whitespace().take(2).flat_map(str::bytes)))
}

fn family(tag: &str, classes: &str) -> u64 {
    let class = classes.split_ascii_whitespace().next();
    class.filter(|class| class.len() >= NAME).map_or_else(|| shape(tag, classes), |class| fnv(class.bytes()))
}

/// Bytes of a class that names what it is for; shorter ones mostly say how it looks (`mb-4`, `col-12`).
const NAME: usize = 9;

/// FNV-1a.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
