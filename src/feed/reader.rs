//! XML dialects → [`Feed`]: one walk over the tokens, one vocabulary for all of them.
//!
//! Invariants: one pass, no recursion; an element is read where it may stand (`title` in an item, not in its `image`) and whatever
//! is unknown is passed over with all that it holds; a missing end tag costs at most its own field.

mod fields;

use url::Url;

use super::draft::{Draft, rank};
use super::entity::{Entities, decode};
use super::field::{FieldReader, Form};
use super::names::{Name, Namespace, meaning};
use super::scope::Scope;
use super::text::names;
use super::xml::{Tag, Token, Tokens, split_name};
use super::{Feed, Format, Options, Source, draft};

/// Reads a document. `None` when nothing in it is the root of a feed.
pub(super) fn read(text: &str, source: &Source<'_>, options: &Options) -> Option<Feed> {
    let mut reader = Reader {
        tokens: Tokens::new(text),
        source,
        options,
        entities: Entities::default(),
        scope: Scope::new(source.base),
        open: Vec::new(),
        ignored_depth: 0,
        feed: None,
        about: Draft::default(),
        item: None,
        person: None,
        period: None,
        frequency: 1,
    };
    reader.run();
    reader.finish()
}

/// Where the walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    /// Outside of any feed: what is unknown is walked through.
    Outside,
    Feed,
    Item,
    /// Inside an item, around more of its fields.
    Group,
    Person,
    Skip,
}

struct Frame<'a> {
    name: &'a str,
    node: Node,
}

/// An author while it is being read.
struct Person {
    rank: u8,
    text: String,
    name: Option<String>,
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    source: &'a Source<'a>,
    options: &'a Options,
    entities: Entities,
    scope: Scope<'a>,
    open: Vec<Frame<'a>>,
    ignored_depth: usize,
    feed: Option<Feed>,
    about: Draft,
    item: Option<Draft>,
    person: Option<Person>,
    period: Option<u64>,
    frequency: u64,
}

impl<'a> Reader<'a> {
    fn run(&mut self) {
        while let Some(token) = self.tokens.next() {
            match token {
                Token::Start(tag) => self.start(tag),
                Token::End(name) => self.end(name),
                Token::Text(raw) => {
                    if let Some(person) = &mut self.person {
                        self.entities.decode_into(raw, &mut person.text);
                    }
                }
                Token::Cdata(raw) => {
                    if let Some(person) = &mut self.person {
                        person.text.push_str(raw);
                    }
                }
                Token::Doctype(doctype) => self.entities.declare(doctype),
            }
            if self.feed.as_ref().is_some_and(|feed| feed.items.len() >= self.options.max_items) {
                self.note(format!("more than {} items; the rest was left out", self.options.max_items));
                self.item = None;
                self.open.clear();
                return;
            }
        }
    }

    fn finish(mut self) -> Option<Feed> {
        if self.item.is_some() {
            self.note("the document ends inside an item".to_owned());
            self.commit_item();
        } else if let Some(at) = self.tokens.cut {
            self.note(format!("the document ends inside a tag that begins at byte {at}"));
        } else if let Some(frame) = self.open.iter().rfind(|frame| frame.node == Node::Feed) {
            let name = frame.name.to_owned();
            self.note(format!("the document ends before `</{name}>`"));
        }
        let mut feed = self.feed?;
        if let Some(period) = self.period {
            feed.update_interval = Some(std::time::Duration::from_secs(period / self.frequency.max(1)));
        }
        self.about.into_feed(&mut feed);
        Some(feed)
    }

    fn note(&mut self, what: String) {
        if let Some(feed) = &mut self.feed {
            feed.broken.get_or_insert(what);
        }
    }

    fn node(&self) -> Node {
        self.open.last().map_or(Node::Outside, |frame| frame.node)
    }

    fn format(&self) -> Option<Format> {
        self.feed.as_ref().map(|feed| feed.format)
    }

    fn base(&self) -> &Url {
        self.scope.base()
    }

    fn draft(&mut self) -> &mut Draft {
        self.item.as_mut().unwrap_or(&mut self.about)
    }

    fn start(&mut self, tag: Tag<'a>) {
        let mut language = self.scope.enter(&tag, self.open.len() + 1);
        let (prefix, local) = split_name(tag.name);
        let (namespace, name) = if self.feed.is_none() {
            self.start_root(prefix, local);
            (Namespace::Core, meaning(Namespace::Core, local))
        } else {
            let namespace = self.scope.namespace(prefix);
            (namespace, meaning(namespace, local))
        };
        let begins_item = self.begins_item(name);
        if begins_item && self.node() != Node::Feed {
            // An item inside an item, or inside something unknown: an end tag is missing.
            self.scope.leave(self.open.len() + 1);
            self.close_down_to_feed();
            language = self.scope.enter(&tag, self.open.len() + 1);
        }
        let depth = self.open.len() + 1;
        if depth > self.options.max_depth {
            self.scope.leave(depth);
            self.ignored_depth += usize::from(!tag.closed);
            return;
        }
        let node = if begins_item { Some(Node::Item) } else { self.place(name, namespace) };
        match node {
            // What stands around a feed is walked through without a trace.
            Some(Node::Outside) => return self.scope.leave(depth),
            Some(Node::Feed) => self.about.language.offer(1, language),
            Some(Node::Item) => {
                let mut item = Draft::default();
                item.language.offer(1, language);
                self.item = Some(item);
            }
            _ => {}
        }
        match (node, name) {
            (Some(node), _) => {
                self.opened(node, namespace, &tag);
                if tag.closed {
                    self.closed(node);
                    self.scope.leave(depth);
                } else {
                    self.open.push(Frame { name: tag.name, node });
                }
            }
            (None, Some(name)) => {
                let form = Form::of(&tag, namespace, self.format());
                let open = &self.open;
                let is_open = |name: &str| open.iter().any(|frame| frame.name.eq_ignore_ascii_case(name));
                let (tokens, entities, scope, options) = (&mut self.tokens, &self.entities, &self.scope, self.options);
                let field = FieldReader { tokens, entities, scope, options, is_open: &is_open }.read(&tag, name, form);
                self.set(name, namespace, &tag, field);
                self.scope.leave(depth);
            }
            (None, None) => self.scope.leave(depth),
        }
    }

    fn begins_item(&self, name: Option<Name>) -> bool {
        let sitemap = matches!(self.format(), Some(Format::Sitemap | Format::SitemapIndex));
        match name {
            Some(Name::Item) => self.feed.is_some() && !sitemap && self.person.is_none(),
            Some(Name::Url | Name::Sitemap) => sitemap && self.node() == Node::Feed,
            _ => false,
        }
    }

    /// The kind of place that an element opens; `None` for a field.
    fn place(&mut self, name: Option<Name>, namespace: Namespace) -> Option<Node> {
        match self.node() {
            Node::Outside => Some(if self.feed.is_some() { Node::Feed } else { Node::Outside }),
            Node::Skip => Some(Node::Skip),
            Node::Person if name == Some(Name::Called) => None,
            Node::Person => match name {
                // What stands beside a name is an address or a picture; elements of RDF and FOAF may stand around it.
                None if !matches!(namespace, Namespace::Core | Namespace::Atom) => Some(Node::Person),
                _ => Some(Node::Skip),
            },
            Node::Feed => match name {
                Some(Name::Rss | Name::Rdf | Name::Feed | Name::Channel | Name::UrlSet | Name::SitemapIndex) => {
                    Some(Node::Feed)
                }
                None
                | Some(
                    Name::Person | Name::Called | Name::Group | Name::Item | Name::Url | Name::Sitemap | Name::Content,
                ) => Some(Node::Skip),
                Some(_) => None,
            },
            Node::Item | Node::Group => match name {
                Some(Name::Group) => Some(Node::Group),
                Some(Name::Person) => {
                    // RSS means `author` for a mail address; the name stands in `dc:creator` where there is one.
                    let rank = if namespace == Namespace::DublinCore { 7 } else { rank(namespace) };
                    self.person = Some(Person { rank, text: String::new(), name: None });
                    Some(Node::Person)
                }
                None
                | Some(
                    Name::Rss
                    | Name::Rdf
                    | Name::Feed
                    | Name::Channel
                    | Name::UrlSet
                    | Name::SitemapIndex
                    | Name::Item
                    | Name::Url
                    | Name::Sitemap
                    | Name::Called,
                ) => Some(Node::Skip),
                Some(_) => None,
            },
        }
    }

    /// The first element that can be the root of a feed is; its own namespace is the feed's, whatever its address.
    fn start_root(&mut self, prefix: &str, local: &str) {
        let format = match meaning(Namespace::Core, local) {
            Some(Name::Rdf) => Format::Rdf,
            Some(Name::Feed) => Format::Atom,
            // CDF is written in capitals; otherwise it is an RSS channel that lost its root.
            Some(Name::Channel) if local == "CHANNEL" => Format::Cdf,
            Some(Name::Rss | Name::Channel) => Format::Rss,
            Some(Name::UrlSet) => Format::Sitemap,
            Some(Name::SitemapIndex) => Format::SitemapIndex,
            _ => return,
        };
        self.feed = Some(Feed { format, ..Feed::default() });
        if format != Format::Rdf {
            self.scope.claim(prefix);
        }
    }

    /// Reads what the tag itself says about the place it opens.
    fn opened(&mut self, node: Node, namespace: Namespace, tag: &Tag<'a>) {
        if tag.is_bare() {
            return;
        }
        match node {
            Node::Item => {
                // RSS 1.0 names an item by `rdf:about`; CDF gives its address and time as attributes.
                if let Some(about) = tag.attribute("about").map(decode) {
                    self.draft().id.offer(1, Some(about.trim().to_owned()));
                    let link = draft::Link::read(&about, self.base());
                    self.draft().link.offer(2, link);
                }
                self.cdf_attributes(tag);
            }
            Node::Feed if self.format() == Some(Format::Cdf) => self.cdf_attributes(tag),
            Node::Group if namespace == Namespace::Media => {
                let is_image = |name: &str| tag.attribute(name).is_some_and(|value| value.starts_with("image"));
                if is_image("type") || is_image("medium") {
                    let url = tag.attribute("url").and_then(|url| self.base().join(decode(url).trim()).ok());
                    self.draft().image.offer(rank(namespace), url);
                }
            }
            _ => {}
        }
    }

    fn cdf_attributes(&mut self, tag: &Tag<'a>) {
        let link = tag.attribute("href").and_then(|href| draft::Link::read(&decode(href), self.base()));
        self.draft().link.offer(5, link);
        if let Some(raw) = tag.attribute("lastmod").map(decode) {
            let timezone = self.source.timezone;
            self.draft().updated.offer(3, &raw, timezone);
        }
    }

    fn end(&mut self, name: &str) {
        if self.ignored_depth > 0 {
            self.ignored_depth -= 1;
            return;
        }
        // An end tag that nothing opened is passed over.
        let Some(at) = self.open.iter().rposition(|frame| frame.name.eq_ignore_ascii_case(name)) else { return };
        self.close_down_to(at);
    }

    fn close_down_to_feed(&mut self) {
        self.ignored_depth = 0;
        let keep = self.open.iter().rposition(|frame| frame.node == Node::Feed).map_or(0, |at| at + 1);
        self.close_down_to(keep);
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.scope.leave(self.open.len());
            if let Some(frame) = self.open.pop() {
                self.closed(frame.node);
            }
        }
    }

    fn closed(&mut self, node: Node) {
        match node {
            Node::Item => self.commit_item(),
            Node::Person if self.node() != Node::Person => {
                if let Some(person) = self.person.take() {
                    let names = person.name.map_or_else(|| names(&person.text), |name| names(&name));
                    self.draft().people.offer(person.rank, names);
                }
            }
            _ => {}
        }
    }

    fn commit_item(&mut self) {
        let (Some(draft), Some(feed)) = (self.item.take(), &mut self.feed) else { return };
        feed.items.push(draft.into_item());
    }
}
