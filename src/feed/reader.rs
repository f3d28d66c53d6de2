//! XML dialects → [`Feed`]: one walk over the tokens, one vocabulary for all of them.
//!
//! Invariants: one pass, no recursion; an element is read where it may stand (`title` in an item, not in its `image`) and whatever
//! is unknown is passed over with all that it holds; a missing end tag costs at most its own field.

use url::Url;

use super::draft::{Draft, rank};
use super::entity::{Entities, decode, escape_into};
use super::names::{Name, Namespace, meaning, namespace_of, usual_namespace};
use super::text::{Kind, html, names, plain};
use super::xml::{Tag, Token, Tokens, split_name};
use super::{Feed, Format, Options, Source, draft};

/// Namespace declarations in force at once; more are not looked at.
const MAX_BINDINGS: usize = 256;

/// Reads a document. `None` when nothing in it is the root of a feed.
pub(super) fn read(text: &str, source: &Source<'_>, options: &Options) -> Option<Feed> {
    let mut reader = Reader {
        tokens: Tokens::new(text),
        source,
        options,
        entities: Entities::default(),
        bindings: Vec::new(),
        bases: Vec::new(),
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

/// A prefix and what it is bound to (`None`: an unknown namespace), since which depth.
struct Binding<'a> {
    depth: usize,
    prefix: &'a str,
    namespace: Option<Namespace>,
}

/// An author while it is being read.
struct Person {
    rank: u8,
    text: String,
    name: Option<String>,
}

/// The inside of a field.
struct Field {
    text: String,
    kind: Kind,
    /// Whether the field was ended by its own end tag, or at least by its parent's.
    whole: bool,
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    source: &'a Source<'a>,
    options: &'a Options,
    entities: Entities,
    bindings: Vec<Binding<'a>>,
    bases: Vec<(usize, Url)>,
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
        self.bases.last().map_or(self.source.base, |(_, base)| base)
    }

    fn draft(&mut self) -> &mut Draft {
        self.item.as_mut().unwrap_or(&mut self.about)
    }

    // ---- elements -------------------------------------------------------------------------------------------------------------

    fn start(&mut self, tag: Tag<'a>) {
        if self.open.len() >= self.options.max_depth {
            self.ignored_depth += usize::from(!tag.closed);
            return;
        }
        let depth = self.open.len() + 1;
        let language = self.enter_scope(&tag, depth);
        let (prefix, local) = split_name(tag.name);
        let (namespace, name) = if self.feed.is_none() {
            self.start_root(prefix, local);
            (Namespace::Core, meaning(Namespace::Core, local))
        } else {
            let namespace = self.namespace(prefix);
            (namespace, meaning(namespace, local))
        };
        let node = self.place(name, namespace);
        if let (Some(language), Node::Feed | Node::Item) = (language, node.unwrap_or(Node::Outside)) {
            if node == Some(Node::Feed) {
                self.about.language.offer(1, Some(language));
            } else {
                self.item.get_or_insert_default().language.offer(1, Some(language));
            }
        }
        match (node, name) {
            (Some(node), _) => {
                self.opened(node, namespace, &tag);
                if tag.closed {
                    self.closed(node);
                    self.leave_scope(depth);
                } else {
                    self.open.push(Frame { name: tag.name, node });
                }
            }
            (None, Some(name)) => {
                let field = self.capture(&tag, namespace);
                self.set(name, namespace, &tag, field);
                self.leave_scope(depth);
            }
            (None, None) => self.leave_scope(depth),
        }
    }

    /// The kind of place that an element opens; `None` for a field.
    fn place(&mut self, name: Option<Name>, namespace: Namespace) -> Option<Node> {
        let sitemap = matches!(self.format(), Some(Format::Sitemap | Format::SitemapIndex));
        let begins_item = match name {
            Some(Name::Item) => self.feed.is_some() && !sitemap && self.person.is_none(),
            Some(Name::Url | Name::Sitemap) => sitemap && self.node() == Node::Feed,
            _ => false,
        };
        if begins_item {
            // An item inside an item, or inside something unknown: an end tag is missing.
            self.close_down_to_feed();
            self.item = Some(Draft::default());
            return Some(Node::Item);
        }
        match self.node() {
            Node::Outside => Some(if self.feed.is_some() { Node::Feed } else { Node::Outside }),
            Node::Skip => Some(Node::Skip),
            Node::Person if name == Some(Name::PersonName) => None,
            Node::Person => match name {
                // Inside a person everything but the name is an address or a picture; unknown elements may wrap the name.
                None => Some(Node::Person),
                Some(_) => Some(Node::Skip),
            },
            Node::Feed => match name {
                Some(Name::Rss | Name::Rdf | Name::Feed | Name::Channel | Name::UrlSet | Name::SitemapIndex) => {
                    Some(Node::Feed)
                }
                None
                | Some(
                    Name::Person
                    | Name::PersonName
                    | Name::Group
                    | Name::Item
                    | Name::Url
                    | Name::Sitemap
                    | Name::Content,
                ) => Some(Node::Skip),
                Some(_) => None,
            },
            Node::Item | Node::Group => match name {
                Some(Name::Group) => Some(Node::Group),
                Some(Name::Person) => {
                    self.person = Some(Person { rank: rank(namespace), text: String::new(), name: None });
                    Some(Node::Person)
                }
                None => Some(Node::Skip),
                Some(
                    Name::Rss
                    | Name::Rdf
                    | Name::Feed
                    | Name::Channel
                    | Name::UrlSet
                    | Name::SitemapIndex
                    | Name::Item
                    | Name::Url
                    | Name::Sitemap
                    | Name::PersonName,
                ) => Some(Node::Skip),
                Some(_) => None,
            },
        }
    }

    /// The first element that can be the root of a feed is; its own namespace is the feed's, whatever its address.
    fn start_root(&mut self, prefix: &str, local: &str) {
        let format = match meaning(Namespace::Core, local) {
            Some(Name::Rss) => Format::Rss,
            Some(Name::Rdf) => Format::Rdf,
            Some(Name::Feed) => Format::Atom,
            Some(Name::Channel) => Format::Cdf,
            Some(Name::UrlSet) => Format::Sitemap,
            Some(Name::SitemapIndex) => Format::SitemapIndex,
            _ => return,
        };
        self.open.clear();
        self.feed = Some(Feed { format, ..Feed::default() });
        if format != Format::Rdf {
            for binding in self.bindings.iter_mut().filter(|binding| binding.prefix == prefix) {
                if binding.namespace != Some(Namespace::Atom) {
                    binding.namespace = Some(Namespace::Core);
                }
            }
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
        let keep = self.open.iter().rposition(|frame| frame.node == Node::Feed).map_or(0, |at| at + 1);
        self.close_down_to(keep);
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.leave_scope(self.open.len());
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

    // ---- namespaces and bases ---------------------------------------------------------------------------------------------------

    /// Takes in `xmlns`, `xml:base` and `xml:lang`; returns the language.
    fn enter_scope(&mut self, tag: &Tag<'a>, depth: usize) -> Option<String> {
        let mut language = None;
        if tag.is_bare() {
            return None;
        }
        for (name, value) in tag.attributes() {
            let Some(rest) = name.strip_prefix("xml") else { continue };
            match rest {
                ":base" => {
                    if let Ok(base) = self.base().join(decode(value).trim()) {
                        self.bases.push((depth, base));
                    }
                }
                ":lang" => language = Some(decode(value).trim().to_owned()).filter(|language| !language.is_empty()),
                _ => {
                    let prefix = rest.strip_prefix("ns").map(|rest| rest.strip_prefix(':').unwrap_or(rest));
                    if let Some(prefix) = prefix.filter(|_| self.bindings.len() < MAX_BINDINGS) {
                        self.bindings.push(Binding { depth, prefix, namespace: namespace_of(value) });
                    }
                }
            }
        }
        language
    }

    fn leave_scope(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
        while self.bases.last().is_some_and(|(since, _)| *since >= depth) {
            self.bases.pop();
        }
    }

    fn namespace(&self, prefix: &str) -> Namespace {
        match self.bindings.iter().rfind(|binding| binding.prefix == prefix) {
            Some(binding) => binding.namespace.unwrap_or(Namespace::Other),
            None => usual_namespace(prefix),
        }
    }

    // ---- fields -----------------------------------------------------------------------------------------------------------------

    /// Reads a field up to its end tag, markup in it included.
    fn capture(&mut self, tag: &Tag<'a>, namespace: Namespace) -> Field {
        let form = Form::of(tag, namespace, self.format());
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
                    if inside.is_empty() && self.ends_field(&child) {
                        self.tokens = before;
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
                    } else if self.open.iter().any(|frame| frame.name.eq_ignore_ascii_case(name)) {
                        self.tokens = before;
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
    fn ends_field(&self, child: &Tag<'a>) -> bool {
        let (prefix, local) = split_name(child.name);
        matches!(
            meaning(self.namespace(prefix), local),
            Some(
                Name::Item
                    | Name::Id
                    | Name::PubDate
                    | Name::Published
                    | Name::Updated
                    | Name::Description
                    | Name::Enclosure
            )
        ) && !local.eq_ignore_ascii_case("id")
    }

    /// XHTML under a prefix loses it, so that it reads as HTML.
    fn shown_name<'n>(&self, name: &'n str) -> &'n str {
        match split_name(name) {
            (prefix, local) if !prefix.is_empty() && self.namespace(prefix) == Namespace::Xhtml => local,
            _ => name,
        }
    }

    fn set(&mut self, name: Name, namespace: Namespace, tag: &Tag<'a>, field: Field) {
        let rank = rank(namespace);
        let timezone = self.source.timezone;
        let text = field.text.trim();
        match name {
            Name::Title | Name::FallbackTitle => {
                let title = plain(&field.text, field.kind);
                self.draft().title.offer(rank, title);
            }
            Name::Description | Name::Subtitle | Name::Summary | Name::FallbackSummary | Name::Content => {
                let text = html(&field.text, field.kind, self.base());
                let src = tag.attribute("src").and_then(|src| draft::Link::read(&decode(src), self.base()));
                let draft = self.draft();
                match name {
                    Name::Description | Name::Subtitle => draft.description.offer(rank, text),
                    Name::Summary => draft.summary.offer(rank, text),
                    Name::Content => {
                        draft.content.offer(rank, text);
                        draft.link.offer(1, src);
                    }
                    _ => draft.fallback.offer(rank, text),
                }
            }
            // A cut address is a wrong address, a cut date a wrong date.
            _ if !field.whole => {}
            Name::Id => {
                let permalink =
                    !tag.attribute("ispermalink").is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
                let id = draft::whole_id(text, permalink, self.base());
                self.draft().id.offer(rank, id);
                if permalink {
                    let link = draft::Link::read_absolute(text);
                    self.draft().link.offer(2, link);
                }
            }
            Name::Link => self.set_link(namespace, tag, text),
            Name::Address => {
                let link = draft::Link::read(text, self.base());
                self.draft().link.offer(rank, link);
            }
            Name::OriginalLink => {
                let url = self.base().join(text).ok().filter(|_| !text.is_empty());
                self.draft().original.offer(rank, url);
            }
            Name::Published | Name::PubDate | Name::Issued | Name::Date | Name::Created => {
                let rank = match name {
                    Name::Published => 5,
                    Name::PubDate => 4,
                    Name::Issued => 3,
                    Name::Date => 2,
                    _ => 1,
                };
                self.draft().published.offer(rank, text, timezone);
            }
            Name::Updated => self.draft().updated.offer(5, text, timezone),
            Name::Modified => self.draft().updated.offer(3, text, timezone),
            Name::Category | Name::Categories => {
                let attribute = ["label", "term", "text"]
                    .into_iter()
                    .find_map(|name| tag.attribute(name).filter(|value| !value.trim().is_empty()));
                let category = attribute
                    .map_or_else(|| plain(&field.text, Kind::Html), |value| plain(&decode(value), Kind::Plain));
                self.draft().categories.extend(category);
            }
            Name::Keywords => {
                let words: Vec<String> = text.split([',', ';']).filter_map(|word| plain(word, Kind::Plain)).collect();
                self.draft().categories.extend(words);
            }
            Name::Language => {
                let language = plain(text, Kind::Plain);
                self.draft().language.offer(rank, language);
            }
            Name::PersonName => {
                if let Some(person) = &mut self.person {
                    person.name.get_or_insert(field.text);
                }
            }
            Name::Image | Name::Enclosure => {
                let is_image =
                    name == Name::Image || tag.attribute("type").is_some_and(|kind| kind.starts_with("image/"));
                let address = ["href", "url"]
                    .into_iter()
                    .find_map(|name| tag.attribute(name))
                    .map_or_else(|| text.into(), decode);
                let url = self.base().join(address.trim()).ok().filter(|_| is_image && !address.trim().is_empty());
                self.draft().image.offer(rank, url);
            }
            Name::TimeToLive => {
                if let (Ok(minutes), Some(feed)) = (text.parse::<u32>(), &mut self.feed) {
                    feed.update_interval =
                        Some(std::time::Duration::from_secs(u64::from(minutes) * 60)).filter(|ttl| !ttl.is_zero());
                }
            }
            // RSS 1.0 Syndication module: so many times in such a period.
            Name::UpdatePeriod => {
                self.period = match text.to_ascii_lowercase().as_str() {
                    "hourly" => Some(3600),
                    "daily" => Some(86_400),
                    "weekly" => Some(7 * 86_400),
                    "monthly" => Some(30 * 86_400),
                    "yearly" => Some(365 * 86_400),
                    _ => None,
                };
            }
            Name::UpdateFrequency => self.frequency = text.parse().unwrap_or(1),
            _ => {}
        }
    }

    /// A link: an address as text (RSS) or an address and its relation as attributes (Atom, CDF).
    fn set_link(&mut self, namespace: Namespace, tag: &Tag<'a>, text: &str) {
        let href = tag.attribute("href").or_else(|| tag.attribute("resource").filter(|_| text.is_empty()));
        let Some(href) = href.map(decode) else {
            let link = draft::Link::read(text, self.base());
            // Of several, the last: a correction stands behind what it corrects.
            self.draft().link.replace(6, link);
            return;
        };
        let relation =
            tag.attribute("rel").map_or_else(|| "alternate".into(), |rel| decode(rel.trim()).to_ascii_lowercase());
        // A relation may be given by its full name in the registry (RFC 4287 §4.2.7.2).
        let relation = relation.rsplit('/').next().unwrap_or_default();
        let kind = tag.attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
        let link = draft::Link::read(&href, self.base());
        let url = link.as_ref().map(|link| link.url.clone());
        let in_item = self.item.is_some();
        match (relation, &mut self.feed) {
            ("hub", Some(feed)) if !in_item => feed.hub = feed.hub.take().or(url),
            ("self", Some(feed)) if !in_item => feed.self_url = feed.self_url.take().or(url),
            ("next", Some(feed)) if !in_item => feed.next = feed.next.take().or(url),
            ("prev-archive", Some(feed)) if !in_item => feed.prev_archive = feed.prev_archive.take().or(url),
            ("enclosure", _) if kind.starts_with("image/") => self.draft().image.offer(1, url),
            ("alternate" | "", _) => {
                let is_page =
                    kind.is_empty() || kind.starts_with("text/html") || kind.starts_with("application/xhtml+xml");
                match (namespace, self.format()) {
                    // An Atom link in an RSS item stands behind the item's own.
                    (Namespace::Atom, Some(Format::Atom)) | (Namespace::Core, _) if is_page => {
                        if namespace == Namespace::Core {
                            self.draft().link.replace(6, link);
                        } else {
                            self.draft().link.offer(6, link);
                        }
                    }
                    _ => self.draft().link.offer(if is_page { 4 } else { 3 }, link),
                }
            }
            _ => {}
        }
    }
}

/// How the inside of a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// HTML behind XML's escaping.
    Escaped,
    /// Elements.
    Markup,
    Base64,
}

impl Form {
    /// Atom 1.0 says it by `type` (RFC 4287 §3.1, §4.1.3), Atom 0.3 by `type` and `mode`; everything else is escaped HTML.
    fn of(tag: &Tag<'_>, namespace: Namespace, format: Option<Format>) -> Self {
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
    /// Replaces the text by what it encodes, if it is base64 of text.
    fn decode_base64(&mut self) {
        if let Some(decoded) = draft::base64(&self.text).and_then(|bytes| String::from_utf8(bytes).ok()) {
            self.text = decoded;
        }
    }
}
