//! One field of a feed: from its start tag to its end, markup in it included.
//!
//! Invariant: a field ends at its end tag, at its parent's, or at a tag that cannot stand in it; at most the document's rest is read.

use super::draft::base64;
use super::entity::{Entities, escape_into};
use super::names::{Name, Namespace, meaning};
use super::scope::Scope;
use super::text::Kind;
use super::xml::{Tag, Token, Tokens, split_name};
use super::{Format, Options};

/// The inside of a field.
pub(super) struct Field {
    pub(super) text: String,
    pub(super) kind: Kind,
    /// Whether the field was ended by its own end tag, or at least by its parent's.
    pub(super) whole: bool,
}

/// What reading a field takes.
pub(super) struct FieldReader<'r, 'a> {
    pub(super) tokens: &'r mut Tokens<'a>,
    pub(super) entities: &'r Entities,
    pub(super) scope: &'r Scope<'a>,
    pub(super) options: &'r Options,
    /// Whether an element of that name stands open around the field.
    pub(super) is_open: &'r dyn Fn(&str) -> bool,
}

impl<'a> FieldReader<'_, 'a> {
    /// Reads a field up to its end tag, markup in it included.
    pub(super) fn read(&mut self, tag: &Tag<'a>, name: Name, form: Form) -> Field {
        let mut field = Field { text: String::new(), kind: form.kind(), whole: true };
        if tag.closed {
            return field;
        }
        let mut inside: Vec<&'a str> = Vec::new();
        let mut ignored_depth = 0_usize;
        let mut markup = form == Form::Markup;
        let mut wrapper = None;
        loop {
            let before = self.tokens.clone();
            let Some(token) = self.tokens.next() else {
                field.whole = false;
                break;
            };
            let full = field.text.len() >= self.options.max_field_bytes;
            match token {
                _ if full && !matches!(token, Token::Start(_) | Token::End(_)) => {}
                Token::Text(raw) if markup => field.text.push_str(raw),
                Token::Text(raw) => self.entities.decode_into(raw, &mut field.text),
                Token::Cdata(raw) if markup => escape_into(raw, &mut field.text),
                Token::Cdata(raw) => field.text.push_str(raw),
                Token::Doctype(_) => {}
                Token::Start(child) => {
                    if inside.is_empty() && self.ends_field(name, &child) {
                        *self.tokens = before;
                        break;
                    }
                    if inside.len() >= self.options.max_depth {
                        ignored_depth += usize::from(!child.closed);
                        continue;
                    }
                    let local = split_name(child.name).1;
                    // Atom's own wrapper around XHTML, and a wrapper that some put around escaped HTML, are not part of the text.
                    if inside.is_empty() && wrapper.is_none() && local.eq_ignore_ascii_case("div") && !child.closed {
                        wrapper = Some(child.name);
                    } else {
                        if !markup {
                            let plain = std::mem::take(&mut field.text);
                            escape_into(&plain, &mut field.text);
                            markup = true;
                            field.kind = Kind::Html;
                        }
                        if !full {
                            child.write_into(self.shown_name(child.name), &mut field.text);
                        }
                    }
                    if !child.closed {
                        inside.push(child.name);
                    }
                }
                Token::End(name) => {
                    if ignored_depth > 0 {
                        ignored_depth -= 1;
                    } else if let Some(at) = inside.iter().rposition(|open| open.eq_ignore_ascii_case(name)) {
                        inside.truncate(at);
                        if (at > 0 || wrapper != Some(name)) && !full {
                            let name = self.shown_name(name);
                            field.text.extend(["</", name, ">"]);
                        }
                    } else if name.eq_ignore_ascii_case(tag.name) {
                        break;
                    } else if (self.is_open)(name) {
                        *self.tokens = before;
                        break;
                    }
                }
            }
        }
        if self.tokens.cut.is_some() {
            field.whole = false;
        }
        if form == Form::Base64 {
            field.decode_base64();
        }
        field
    }

    /// Whether a tag cannot stand inside a field, so that the field's end tag must be missing.
    fn ends_field(&self, field: Name, child: &Tag<'a>) -> bool {
        let (prefix, local) = split_name(child.name);
        let Some(name) = meaning(self.scope.namespace(prefix), local) else { return false };
        match (field, name) {
            (_, Name::Item | Name::PubDate | Name::Published | Name::Updated | Name::Description | Name::Enclosure) => {
                true
            }
            (_, Name::Id) => local.eq_ignore_ascii_case("guid"),
            // HTML's `link` has attributes, that of RSS has none.
            (_, Name::Link) => child.is_bare() && !child.closed,
            // These hold no elements but HTML's.
            (Name::Title | Name::Link | Name::Id | Name::PubDate, name) => {
                !matches!(name, Name::Anchor | Name::Title | Name::Summary)
            }
            _ => false,
        }
    }

    /// XHTML under a prefix loses it, so that it reads as HTML.
    fn shown_name<'n>(&self, name: &'n str) -> &'n str {
        match split_name(name) {
            (prefix, local) if !prefix.is_empty() && self.scope.namespace(prefix) == Namespace::Xhtml => local,
            _ => name,
        }
    }
}

/// How the inside of a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// HTML behind XML's escaping.
    Escaped,
    /// Elements.
    Markup,
    Base64,
}

impl Form {
    /// Atom 1.0 says it by `type` (RFC 4287 §3.1, §4.1.3), Atom 0.3 by `type` and `mode`; everything else is escaped HTML.
    pub(super) fn of(tag: &Tag<'_>, namespace: Namespace, format: Option<Format>) -> Self {
        if namespace == Namespace::Xhtml {
            return Self::Markup;
        }
        let typed = namespace == Namespace::Atom || (namespace == Namespace::Core && format == Some(Format::Atom));
        if !typed {
            // Media RSS calls it `plain` where it is.
            return Self::Escaped;
        }
        let kind = tag.attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
        let mode = tag.attribute("mode").unwrap_or_default().trim().to_ascii_lowercase();
        match (mode.as_str(), kind.as_str()) {
            ("base64", _) => Self::Base64,
            ("escaped", "text/html" | "html" | "application/xhtml+xml") | (_, "html" | "text/html") => Self::Escaped,
            (_, "" | "text" | "plain") => Self::Plain,
            (_, "xhtml") => Self::Markup,
            (_, kind) if kind.ends_with("/xml") || kind.ends_with("+xml") => Self::Markup,
            (_, kind) if kind.starts_with("text/") || !kind.contains('/') => Self::Plain,
            _ => Self::Base64,
        }
    }

    fn kind(self) -> Kind {
        if self == Self::Plain { Kind::Plain } else { Kind::Html }
    }
}

impl Field {
    /// Replaces the text by what it encodes; a picture or the like leaves nothing, what is no base64 stays.
    fn decode_base64(&mut self) {
        if let Some(decoded) = base64(&self.text) {
            self.text = String::from_utf8(decoded).unwrap_or_default();
        }
    }
}
