//! Tokens → entries: what a name means, and where.

use url::Url;

use super::reader::is_web;
use super::tokens::Token;
use super::{Found, Kind, Options, Page, Sitemap};
use crate::archive::{date, html};

/// What a token meant.
pub(super) enum Step {
    On,
    /// The root tells what the document is.
    Is(Kind),
    /// An entry is whole.
    Entry,
}

/// Where in a document the tokens are.
#[derive(Default)]
pub(super) struct Walk {
    inside: Option<Element>,
    entry: Draft,
    field: Option<Field>,
    /// An element that is passed over with all that it holds: its name, and how many of the same stand within it.
    passed: Option<(String, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Page,
    Sitemap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Loc,
    Lastmod,
    Published,
    Title,
    Language,
}

/// What an element's name means, whatever its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Root(Kind),
    Entry(Element),
    Field(Field),
    /// Elements of the news extension that hold others.
    Group,
    Other,
}

impl Name {
    fn of(name: &str) -> Self {
        match name {
            "url" => Self::Entry(Element::Page),
            "loc" => Self::Field(Field::Loc),
            "lastmod" => Self::Field(Field::Lastmod),
            "sitemap" => Self::Entry(Element::Sitemap),
            "publication_date" => Self::Field(Field::Published),
            "title" => Self::Field(Field::Title),
            "language" => Self::Field(Field::Language),
            "news" | "publication" => Self::Group,
            "urlset" | "sitemapindex" => Self::Root(Kind::Xml),
            "rss" | "feed" | "rdf" => Self::Root(Kind::Feed),
            "html" => Self::Root(Kind::Html),
            _ if name.len() <= 16 && name.bytes().any(|b| b.is_ascii_uppercase()) => {
                Self::of(&name.to_ascii_lowercase())
            }
            _ => Self::Other,
        }
    }
}

impl Walk {
    pub(super) fn step(&mut self, token: Token<'_>, options: &Options) -> Step {
        match token {
            Token::Text(text) => {
                if let Some(field) = self.field {
                    append(self.entry.field(field), text, options.max_field_bytes);
                }
                Step::On
            }
            Token::Cdata(text) => {
                if let Some(field) = self.field {
                    append(self.entry.field(field), &text.replace('&', "&amp;"), options.max_field_bytes);
                }
                Step::On
            }
            Token::Start(name) => self.start(name),
            Token::End(name) => self.end(name),
        }
    }

    fn start(&mut self, name: &str) -> Step {
        match Name::of(name) {
            Name::Entry(element) => {
                // A missing end tag costs nothing.
                let step = if self.inside.is_some() { Step::Entry } else { Step::Is(Kind::Xml) };
                if matches!(step, Step::Entry) {
                    self.entry.next = Some(element);
                } else {
                    self.entry.begin(element);
                }
                self.inside = Some(element);
                (self.field, self.passed) = (None, None);
                step
            }
            Name::Root(kind) => Step::Is(kind),
            Name::Field(field) if self.inside.is_some() && self.passed.is_none() => {
                // Of several addresses the first is meant.
                self.field = self.entry.field(field).is_empty().then_some(field);
                Step::On
            }
            Name::Other if self.inside.is_some() => {
                match &mut self.passed {
                    None => {
                        self.field = None;
                        self.passed = Some((name.to_owned(), 0));
                    }
                    Some((passed, depth)) if passed == name => *depth += 1,
                    Some(_) => {}
                }
                Step::On
            }
            _ => Step::On,
        }
    }

    fn end(&mut self, name: &str) -> Step {
        match Name::of(name) {
            Name::Entry(_) if self.inside.take().is_some() => {
                (self.field, self.passed) = (None, None);
                Step::Entry
            }
            Name::Field(_) => {
                self.field = None;
                Step::On
            }
            Name::Other => {
                match &mut self.passed {
                    Some((passed, 0)) if passed == name => self.passed = None,
                    Some((passed, depth)) if passed == name => *depth -= 1,
                    _ => {}
                }
                Step::On
            }
            _ => Step::On,
        }
    }

    /// The entry that is whole; `None` without an address.
    pub(super) fn take(&mut self, base: &Url, options: &Options) -> Option<Found> {
        self.entry.found(base, options)
    }

    pub(super) fn is_inside_entry(&self) -> bool {
        self.inside.is_some()
    }

    pub(super) fn has_whole_address(&self) -> bool {
        self.field != Some(Field::Loc) && !self.entry.loc.is_empty()
    }
}

/// An entry while it is read; references are not resolved.
#[derive(Default)]
struct Draft {
    element: Option<Element>,
    /// What begins when this one has been taken.
    next: Option<Element>,
    loc: String,
    lastmod: String,
    published: String,
    title: String,
    language: String,
}

impl Draft {
    fn begin(&mut self, element: Element) {
        self.element = Some(element);
        for field in [&mut self.loc, &mut self.lastmod, &mut self.published, &mut self.title, &mut self.language] {
            field.clear();
        }
    }

    fn field(&mut self, field: Field) -> &mut String {
        match field {
            Field::Loc => &mut self.loc,
            Field::Lastmod => &mut self.lastmod,
            Field::Published => &mut self.published,
            Field::Title => &mut self.title,
            Field::Language => &mut self.language,
        }
    }

    /// The entry, taken; `None` without an address.
    fn found(&mut self, base: &Url, options: &Options) -> Option<Found> {
        let found = self.read(base, options);
        match self.next.take() {
            Some(element) => self.begin(element),
            None => self.element = None,
        }
        found
    }

    fn read(&self, base: &Url, options: &Options) -> Option<Found> {
        let loc = self.loc.trim();
        if loc.is_empty() || self.loc.len() > options.max_field_bytes {
            return None;
        }
        let loc = html::decode(loc);
        let url = base.join(loc.trim()).ok().filter(is_web)?;
        let lastmod = date::parse(&self.lastmod);
        let text = |field: &str| if field.is_empty() { None } else { html::plain(&html::decode(field)) };
        Some(match self.element? {
            Element::Sitemap => Found::Sitemap(Sitemap { url, lastmod }),
            Element::Page => Found::Page(Page {
                url,
                lastmod,
                published: date::parse(&self.published),
                title: text(&self.title),
                language: text(&self.language),
            }),
        })
    }
}

/// Appends as much as may be kept; what is too long is one byte longer than it may be.
pub(super) fn append(field: &mut String, text: &str, max: usize) {
    let room = (max + 1).saturating_sub(field.len());
    let end = (0..=room.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
    field.push_str(text.get(..end).unwrap_or_default());
    // A character that does not fit must not make the rest look whole.
    while end < text.len() && field.len() <= max {
        field.push(' ');
    }
}
