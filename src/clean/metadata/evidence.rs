//! One walk over the tree that gathers what elements say about the article. Nothing is decided here.
//!
//! Invariants: each node is visited once, no recursion, every list and text is bounded.

use std::ops::Range;

use ego_tree::{NodeRef, iter::Edge};
use html5ever::local_name;
use scraper::{Html, Node, node::Element};

use super::cues;
use super::marks::{Marks, Vocabulary};
use super::name_words::is_author_address;
use super::opener;
use super::plain::{Inline, fold, gather, prefix};

/// Candidates kept of each kind; honest pages have few, the first ones matter.
const MAX_CANDIDATES: usize = 120;
/// Bytes of text read of a byline or a date.
const MAX_SHORT: usize = 300;

/// Where a candidate stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Bytes of visible text before it.
    pub(super) at: usize,
    /// The regions around it.
    pub(super) region: Marks,
}

/// Bytes of text between the headline and `at`; what stands before the headline is further.
pub(super) fn distance(headline: Option<&Range<usize>>, at: usize) -> usize {
    match headline {
        Some(headline) if at < headline.start => 2 * (headline.start - at),
        Some(headline) => at.saturating_sub(headline.end),
        None => at / 2,
    }
}

/// What names a candidate as what it is, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Microdata,
    Rel,
    Element,
    Class,
    Link,
    Words,
    /// A name and a place.
    Placed,
}

#[derive(Debug)]
pub(super) struct Heading {
    pub(super) level: u8,
    pub(super) text: String,
    /// The texts of the elements inside, in order: an overline and the headline proper, for instance.
    pub(super) parts: Vec<String>,
    pub(super) place: Place,
    pub(super) named: bool,
}

#[derive(Debug)]
pub(super) struct Byline {
    pub(super) text: String,
    pub(super) source: Source,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) struct Moment {
    pub(super) raw: String,
    pub(super) source: Source,
    pub(super) modified: bool,
    pub(super) place: Place,
}

/// Everything gathered.
#[derive(Default)]
pub(super) struct Evidence<'a> {
    pub(super) language: Option<&'a str>,
    pub(super) metas: Vec<(&'a str, &'a str)>,
    pub(super) links: Vec<(&'a str, &'a str)>,
    pub(super) document_title: Option<String>,
    pub(super) headings: Vec<Heading>,
    pub(super) subtitles: Vec<(String, Place)>,
    pub(super) bylines: Vec<Byline>,
    pub(super) moments: Vec<Moment>,
    pub(super) linked_data: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) sections: Vec<String>,
    pub(super) sources: Vec<(String, Place)>,
}

impl Evidence<'_> {
    /// The contents of the metas named, in the order of the names.
    pub(super) fn meta<'s>(&'s self, names: &'s [&'s str]) -> impl Iterator<Item = &'s str> + 's {
        names.iter().flat_map(move |name| {
            self.metas
                .iter()
                .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, content)| content.trim())
                .filter(|content| !content.is_empty())
        })
    }

    /// The addresses of the links with this relation.
    pub(super) fn link<'s>(&'s self, relation: &'s str) -> impl Iterator<Item = &'s str> + 's {
        self.links
            .iter()
            .filter(move |(rel, _)| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(relation)))
            .map(|(_, href)| href.trim())
    }
}

/// The attributes that matter, read in one pass.
#[derive(Default)]
struct Attributes<'a> {
    marks: Marks,
    itemprop: &'a str,
    rel: &'a str,
    href: &'a str,
    content: Option<&'a str>,
    name: &'a str,
    datetime: Option<&'a str>,
    title: Option<&'a str>,
    language: Option<&'a str>,
    kind: &'a str,
    hidden: bool,
}

/// Walks `dom` once.
pub(super) fn gather_evidence(dom: &Html) -> Evidence<'_> {
    let mut evidence = Evidence::default();
    let mut vocabulary = Vocabulary::default();
    let mut regions: Vec<Marks> = Vec::with_capacity(64);
    let mut at = 0;
    let mut silent = 0_usize;
    for edge in dom.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    let region = regions.last().copied().unwrap_or_default();
                    let attributes = attributes(element, &mut vocabulary);
                    let inner = region.with(region_of(element, &attributes, region));
                    regions.push(inner);
                    if is_silent(element) {
                        silent += 1;
                    }
                    if silent == 0 || element.name.local == local_name!("script") {
                        evidence.take(node, element, &attributes, Place { at, region: inner });
                    }
                }
                Node::Text(text) if silent == 0 => {
                    let trimmed = text.trim();
                    if !trimmed.is_empty() {
                        evidence.take_text(
                            node,
                            trimmed,
                            Place { at, region: regions.last().copied().unwrap_or_default() },
                        );
                        at += trimmed.len();
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    regions.pop();
                    if is_silent(element) {
                        silent = silent.saturating_sub(1);
                    }
                }
            }
        }
    }
    evidence
}

fn is_silent(element: &Element) -> bool {
    let name = &element.name.local;
    *name == local_name!("script")
        || *name == local_name!("style")
        || *name == local_name!("template")
        || *name == local_name!("noscript")
        || *name == local_name!("svg")
}

fn attributes<'a>(element: &'a Element, vocabulary: &mut Vocabulary<'a>) -> Attributes<'a> {
    let mut found = Attributes::default();
    for (name, value) in &element.attrs {
        let value: &str = value;
        let name = &name.local;
        if *name == local_name!("class")
            || *name == local_name!("id")
            || &**name == "data-testid"
            || &**name == "data-qa"
            || &**name == "data-hook"
        {
            found.marks = found.marks.with(vocabulary.marks(value));
            // Wix: elsewhere `user-name` is as often the reader's.
            if &**name == "data-hook" && value == "user-name" {
                found.marks = found.marks.with(Marks::AUTHOR);
            }
        } else if *name == local_name!("itemprop") {
            found.itemprop = value;
        } else if *name == local_name!("rel") {
            found.rel = value;
        } else if *name == local_name!("href") {
            found.href = value;
        } else if *name == local_name!("content") {
            found.content = Some(value);
        } else if *name == local_name!("name") || &**name == "property" {
            found.name = value;
        } else if *name == local_name!("datetime") {
            found.datetime = Some(value);
        } else if *name == local_name!("title") {
            found.title = Some(value);
        } else if *name == local_name!("lang") {
            found.language = Some(value);
        } else if *name == local_name!("type") {
            found.kind = value;
        } else if *name == local_name!("hidden") {
            found.hidden = true;
        } else if (*name == local_name!("http-equiv") || &**name == "itemtype") && found.name.is_empty() {
            found.name = value;
        }
    }
    found
}

/// The regions that an element opens.
fn region_of(element: &Element, attributes: &Attributes<'_>, around: Marks) -> Marks {
    let name = &element.name.local;
    let inherited = Marks::COMMENT
        .with(Marks::ASIDE)
        .with(Marks::BIOGRAPHY)
        .with(Marks::CAPTION)
        .with(Marks::BREADCRUMB)
        .with(Marks::TAG)
        .with(Marks::HIDDEN)
        .with(Marks::ARTICLE);
    let mut marks = attributes.marks.only(inherited);
    // What frames the whole page names its layout.
    if *name == local_name!("body") || *name == local_name!("html") || *name == local_name!("main") {
        marks = Marks::default();
    }
    // The foot of an article holds its date and byline, that of a page nothing of the article.
    let is_footer = *name == local_name!("footer") || attributes.marks.has(Marks::FOOTER);
    if *name == local_name!("aside") || *name == local_name!("nav") || (is_footer && !around.has(Marks::ARTICLE)) {
        marks = marks.with(Marks::ASIDE);
    } else if *name == local_name!("figure") || *name == local_name!("figcaption") {
        marks = marks.with(Marks::CAPTION);
    } else if *name == local_name!("article") || *name == local_name!("main") {
        marks = marks.with(Marks::ARTICLE);
    } else if *name == local_name!("a") {
        marks = marks.with(Marks::LINKED);
    }
    if attributes.hidden {
        marks = marks.with(Marks::HIDDEN);
    }
    marks
}

impl<'a> Evidence<'a> {
    fn take(&mut self, node: NodeRef<'a, Node>, element: &'a Element, attributes: &Attributes<'a>, place: Place) {
        let name = &element.name.local;
        if *name == local_name!("meta") {
            let content = attributes.content.unwrap_or_default();
            if !attributes.name.is_empty() && self.metas.len() < 4 * MAX_CANDIDATES {
                self.metas.push((attributes.name, content));
            }
        } else if *name == local_name!("link") {
            if self.links.len() < 4 * MAX_CANDIDATES {
                self.links.push((attributes.rel, attributes.href));
            }
        } else if *name == local_name!("html") {
            self.language = attributes.language;
        } else if *name == local_name!("title") {
            if self.document_title.is_none() {
                self.document_title =
                    Some(fold(&gather(node, 1_000, Inline::Joined))).filter(|title| !title.is_empty());
            }
            return;
        } else if *name == local_name!("script") {
            if attributes.kind.trim().to_ascii_lowercase().contains("ld+json")
                && self.linked_data.len() < MAX_CANDIDATES
            {
                self.linked_data
                    .extend(node.first_child().and_then(|child| child.value().as_text().map(|text| text.to_string())));
            }
            return;
        }
        self.take_heading(node, element, attributes, place);
        self.take_byline(node, element, attributes, place);
        self.take_moment(node, element, attributes, place);
        self.take_category(node, attributes, place);
    }

    fn take_heading(&mut self, node: NodeRef<'a, Node>, element: &Element, attributes: &Attributes<'_>, place: Place) {
        let name = &element.name.local;
        let named = has_word(attributes.itemprop, "headline");
        let level = match &**name {
            "h1" => 1,
            "h2" => 2,
            "h3" => 3,
            _ if named => 7,
            "div" | "p" | "span" | "header" if attributes.marks.has(Marks::TITLE) => 8,
            _ => 9,
        };
        if attributes.marks.has(Marks::SUBTITLE)
            && !attributes.marks.has(Marks::TITLE)
            && !place.region.has(Marks::ASIDE)
            && level > 1
        {
            if self.subtitles.len() < MAX_CANDIDATES {
                let text = fold(&gather(node, 1_500, Inline::Joined));
                if !text.is_empty() {
                    self.subtitles.push((text, place));
                }
            }
            return;
        }
        let wanted = level == 1 || named || (level <= 8 && attributes.marks.has(Marks::TITLE)) || level == 2;
        // Menus full of headings must not crowd out the headline.
        let room = if level == 1 { 2 * MAX_CANDIDATES } else { MAX_CANDIDATES };
        if wanted && self.headings.len() < room {
            let text =
                attributes.content.filter(|_| named).map_or_else(|| fold(&gather(node, 1_000, Inline::Joined)), fold);
            if !text.is_empty() {
                let parts =
                    gather(node, 1_000, Inline::Parted).lines().map(fold).filter(|part| !part.is_empty()).collect();
                let named = named || attributes.marks.has(Marks::TITLE);
                self.headings.push(Heading { level, text, parts, place, named });
            }
        }
    }

    fn take_byline(&mut self, node: NodeRef<'a, Node>, element: &Element, attributes: &Attributes<'_>, place: Place) {
        if self.bylines.len() >= MAX_CANDIDATES || place.region.has(Marks::COMMENT) {
            return;
        }
        let source = if has_word(attributes.itemprop, "author") || has_word(attributes.itemprop, "creator") {
            Source::Microdata
        } else if has_word(attributes.rel, "author") && element.name.local != local_name!("link") {
            Source::Rel
        } else if attributes.marks.has(Marks::AUTHOR) && element.name.local != local_name!("h1") {
            Source::Class
        } else if element.name.local == local_name!("a") && is_author_address(attributes.href) {
            Source::Link
        } else {
            return;
        };
        if source == Source::Microdata {
            if let Some(content) = attributes.content {
                return self.push_byline(content, source, place);
            }
            let names = names_within(node);
            if !names.is_empty() {
                return names.iter().for_each(|name| self.push_byline(name, source, place));
            }
        }
        let text = gather(node, MAX_SHORT + 1, Inline::Apart);
        if text.len() <= MAX_SHORT {
            self.push_byline(&text, source, place);
        }
    }

    fn push_byline(&mut self, text: &str, source: Source, place: Place) {
        let text = text.trim();
        if !text.is_empty() {
            self.bylines.push(Byline { text: text.to_owned(), source, place });
        }
    }

    fn take_moment(&mut self, node: NodeRef<'a, Node>, element: &Element, attributes: &Attributes<'_>, place: Place) {
        let published = has_word(attributes.itemprop, "datePublished") || has_word(attributes.itemprop, "dateCreated");
        let modified = has_word(attributes.itemprop, "dateModified");
        let is_time = element.name.local == local_name!("time");
        let marked = attributes.marks.has(Marks::DATE);
        if self.moments.len() >= MAX_CANDIDATES
            || !(published || modified || is_time || marked)
            || place.region.has(Marks::COMMENT)
        {
            return;
        }
        let source = match (published || modified, is_time) {
            (true, _) => Source::Microdata,
            (_, true) => Source::Element,
            _ => Source::Class,
        };
        let modified = modified || attributes.marks.has(Marks::MODIFIED);
        let given = attributes
            .content
            .or(attributes.datetime)
            .or(attributes.title.filter(|_| !is_time))
            .filter(|given| given.bytes().any(|byte| byte.is_ascii_digit()));
        if let Some(given) = given {
            self.moments.push(Moment { raw: prefix(given.trim(), MAX_SHORT).to_owned(), source, modified, place });
        }
        if given.is_none() || is_time {
            let text = gather(node, MAX_SHORT + 1, Inline::Apart);
            if text.len() <= MAX_SHORT && !text.trim().is_empty() {
                self.push_moments(&fold(&text), Source::Class, modified, place);
            }
        }
    }

    /// A line that readers see, which may hold the date of the last change beside the story's own.
    fn push_moments(&mut self, line: &str, source: Source, modified: bool, place: Place) {
        let dates = cues::dates(line);
        // What the markup says holds where the line does not tell several apart.
        let said = modified && dates.len() == 1;
        for (changed, date) in dates {
            let raw = date.trim().to_owned();
            self.moments.push(Moment { raw, source, modified: said || changed, place });
        }
    }

    fn take_category(&mut self, node: NodeRef<'a, Node>, attributes: &Attributes<'_>, place: Place) {
        if self.tags.len() < MAX_CANDIDATES && has_word(attributes.rel, "tag") && !place.region.has(Marks::ASIDE) {
            self.tags.push(fold(&gather(node, MAX_SHORT, Inline::Joined)));
        }
        if has_word(attributes.itemprop, "articleSection") && self.sections.len() < MAX_CANDIDATES {
            self.sections.push(attributes.content.map_or_else(|| fold(&gather(node, MAX_SHORT, Inline::Joined)), fold));
        }
        if attributes.marks.has(Marks::SOURCE) && self.sources.len() < MAX_CANDIDATES && !place.region.has(Marks::ASIDE)
        {
            self.sources.push((fold(&gather(node, MAX_SHORT, Inline::Apart)), place));
        }
    }

    fn take_text(&mut self, node: NodeRef<'a, Node>, text: &str, place: Place) {
        if text.len() > MAX_SHORT || place.region.has(Marks::COMMENT) {
            return;
        }
        // Themes call the head of a story a teaser or a widget, too; what stands aside must leave room for the rest.
        let room = if place.region.has(Marks::ASIDE) { MAX_CANDIDATES / 2 } else { MAX_CANDIDATES };
        if self.moments.len() < room && cues::may_be_date(text) {
            self.push_moments(&fold(text), Source::Words, false, place);
        }
        if self.bylines.len() < room && opener::opens(text) {
            let text = block_of(node, text);
            self.push_byline(&text, Source::Words, place);
        } else if self.bylines.len() < room && !place.region.has(Marks::LINKED) && opener::is_placed(text) {
            self.push_byline(text, Source::Placed, place);
        }
    }
}

/// The text that a byline's first words stand in: the element around them or, where that holds nothing else ("By" in a span of its
/// own), the line after it in the next larger one.
fn block_of(node: NodeRef<'_, Node>, words: &str) -> String {
    for around in node.ancestors().take(5) {
        let whole = gather(around, MAX_SHORT + 1, Inline::Apart);
        if whole.len() > MAX_SHORT {
            break;
        }
        let whole = whole.trim();
        if whole != words {
            let mut lines = whole.lines().map(str::trim).skip_while(|line| !line.starts_with(words));
            return match lines.next() {
                Some(line) if line == words && !opener::is_byline(words) => {
                    lines.find(|line| !line.is_empty()).unwrap_or_default().to_owned()
                }
                Some(line) => line.to_owned(),
                None => whole.to_owned(),
            };
        }
    }
    words.to_owned()
}

/// The names inside an element that microdata calls an author.
fn names_within(node: NodeRef<'_, Node>) -> Vec<String> {
    let mut names = Vec::new();
    for child in node.descendants().skip(1).take(64) {
        if let Some(element) = child.value().as_element()
            && element.attr("itemprop").is_some_and(|words| has_word(words, "name"))
        {
            names.push(element.attr("content").map_or_else(|| gather(child, MAX_SHORT, Inline::Apart), str::to_owned));
        }
    }
    names
}

fn has_word(words: &str, word: &str) -> bool {
    !words.is_empty() && words.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}
