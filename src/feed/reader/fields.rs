//! What each field of a feed or an item says, once it has been read.

use std::time::Duration;

use super::Reader;
use crate::feed::Format;
use crate::feed::draft::{self, rank};
use crate::feed::entity::decode;
use crate::feed::field::Field;
use crate::feed::names::{Name, Namespace};
use crate::feed::text::{Kind, html, plain};
use crate::feed::xml::Tag;

impl<'a> Reader<'a> {
    pub(super) fn set(&mut self, name: Name, namespace: Namespace, tag: &Tag<'a>, field: Field) {
        let rank = rank(namespace);
        let timezone = self.source.timezone;
        let text = field.text.trim();
        match name {
            Name::Title | Name::FallbackTitle => {
                let title = plain(&field.text, field.kind);
                self.draft().title.offer(rank, title);
            }
            Name::Description | Name::Subtitle | Name::Summary | Name::FallbackSummary | Name::Content => {
                self.set_text(name, namespace, tag, &field);
            }
            // A cut address is a wrong address, a cut date a wrong date.
            _ if !field.whole => {}
            Name::Id => {
                let permalink =
                    !tag.attribute("ispermalink").is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
                let id = draft::whole_id(text, permalink, self.base());
                self.draft().id.offer(rank, id);
                if permalink {
                    let link = draft::Link::read_id(text);
                    self.draft().link.offer(2, link);
                }
            }
            Name::Link => self.set_link(namespace, tag, text),
            // CDF's own way to give an address; elsewhere a stray piece of HTML.
            Name::Anchor if self.format() == Some(Format::Cdf) => self.set_link(namespace, tag, text),
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
            Name::Called => {
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
                if is_image {
                    let link = draft::Link::read(&address, self.base());
                    self.draft().image.offer(rank, link.map(|link| link.url));
                } else if name == Name::Enclosure && self.draft().id.is_empty() {
                    // A podcast's episode without identifier is known by its file.
                    let link = draft::Link::read(&address, self.base());
                    self.draft().id.offer(0, link.map(|link| link.shown));
                }
            }
            Name::TimeToLive => {
                if let (Ok(minutes), Some(feed)) = (text.parse::<u32>(), &mut self.feed) {
                    feed.update_interval =
                        Some(Duration::from_secs(u64::from(minutes) * 60)).filter(|ttl| !ttl.is_zero());
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

    fn set_text(&mut self, name: Name, namespace: Namespace, tag: &Tag<'a>, field: &Field) {
        let rank = rank(namespace);
        let text = html(&field.text, field.kind, self.base());
        let src = tag.attribute("src").and_then(|src| draft::Link::read(&decode(src), self.base()));
        let draft = self.draft();
        match name {
            Name::Description | Name::Subtitle => draft.description.offer(rank, text),
            Name::Summary => draft.summary.offer(rank, text),
            Name::Content => {
                // The same content as HTML says more than as plain text.
                draft.content.offer(rank * 2 + u8::from(field.kind == Kind::Html), text);
                draft.link.offer(1, src);
            }
            _ => draft.fallback.offer(rank, text),
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
            ("enclosure", _) if in_item => self.draft().id.offer(0, link.map(|link| link.shown)),
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
