//! A document → entries and further documents.

use std::collections::HashMap;
use std::time::Duration;

use jiff::SignedDuration;
use url::Url;

use super::desk::{Announcement, CHUNK, Desk, Room};
use super::request::Subject;
use super::step::{self, Seed, Source, Step};
use crate::archive::paged::{self, Walk};
use crate::archive::sitemap::{self, Found, Kind, Sitemap};
use crate::archive::wordpress::{self, Api};
use crate::archive::{Range, Span, Verdict, listing, wayback};
use crate::discover::{self, Evidence};
use crate::entry::Entry;
use crate::feed::{self, Feed};
use crate::fetch::Page;
use crate::store::{Capture, Captured, Document, Error};
use crate::{address, clean};

/// What a feed or an API says of the time of an article may be of the publisher's zone.
const SLACK: SignedDuration = SignedDuration::from_hours(26);

/// Indexes of sitemaps within indexes: the protocol allows none, sites have one.
const DEEPEST: u32 = 4;

/// Feeds of a site whose archives are walked.
const FEEDS: usize = 5;

/// What became of a document.
pub(super) enum Ended {
    /// Read; it names these.
    Read(Vec<Seed>),
    /// Not there, and nobody said that it was.
    Absent,
    /// Given up.
    Failed(String),
    /// To be tried again.
    Later { problem: String, after: Duration },
    /// The run ends before the document does: it is read again by the next.
    Interrupted,
}

/// A document of a subject that is being read.
pub(super) struct Reading<'a> {
    pub(super) desk: &'a Desk,
    pub(super) subject: &'a str,
    pub(super) document: &'a Document,
}

/// Entries on their way to the desk.
pub(super) struct Offer<'a> {
    reading: &'a Reading<'a>,
    about: Option<&'a Subject>,
    range: Range,
    waiting: Vec<Announcement>,
    outside: i64,
    ended: Result<Room, Error>,
}

impl Reading<'_> {
    /// Reads a document that was fetched.
    pub(super) fn read(&self, step: &Step, page: &Page, walks: &mut HashMap<String, Walk>) -> Result<Ended, Error> {
        let mut offer = self.offer();
        let ended = match step {
            Step::Addresses | Step::Warc { .. } => Ended::Absent,
            Step::Home => home(page),
            Step::Feed { first, .. } => self.feed(first, page, &mut offer, walks),
            Step::PagedFeed { feed, number } => self.paged_feed(feed, *number, page, &mut offer, walks),
            Step::WordpressHome => wordpress_home(page, self.about().and_then(|subject| subject.feed.as_ref())),
            Step::Posts { root, number, .. } => posts(root, *number, page, &mut offer, walks),
            Step::Robots => robots(page),
            Step::Sitemap { depth } => self.sitemap(*depth, page, &mut offer),
            Step::MaybeSitemap { .. } => match self.sitemap(0, page, &mut offer) {
                Ended::Failed(_) => Ended::Absent,
                ended => ended,
            },
            Step::Listing { from, to } => {
                let html = clean::decode(&page.bytes, page.content_type.as_deref());
                for url in listing::links(&html, &page.final_url, Span { from: *from, to: *to }) {
                    offer.entry(Entry::at(url));
                }
                Ended::Read(Vec::new())
            }
            Step::Captures => self.captures(page, &mut offer),
        };
        offer.flush(None);
        Ok(match offer.ended? {
            Room::Left => ended,
            Room::None => Ended::Interrupted,
        })
    }

    /// An empty offer.
    pub(super) fn offer(&self) -> Offer<'_> {
        Offer {
            reading: self,
            about: self.about(),
            range: self.desk.request().range,
            waiting: Vec::new(),
            outside: 0,
            ended: Ok(Room::Left),
        }
    }

    fn about(&self) -> Option<&Subject> {
        self.desk.subject(self.subject)
    }

    fn parse(&self, page: &Page) -> Result<Feed, feed::NotAFeed> {
        let timezone = self.about().and_then(|subject| subject.feed.as_ref()?.rules.timezone.as_ref());
        let source = feed::Source {
            bytes: &page.bytes,
            content_type: page.content_type.as_deref(),
            base: &page.final_url,
            timezone,
        };
        feed::parse(&source, &feed::Options::default())
    }

    /// A feed of the archive, and the older one that it names.
    fn feed(&self, first: &Url, page: &Page, offer: &mut Offer<'_>, walks: &mut HashMap<String, Walk>) -> Ended {
        let feed = match self.parse(page) {
            Ok(feed) => feed,
            Err(feed::NotAFeed::Page { feeds }) => {
                return Ended::Read(feeds.iter().take(FEEDS).map(|link| Step::feed(&link.url, true)).collect());
            }
            Err(error) => return Ended::Failed(error.to_string()),
        };
        if feed.format == feed::Format::SitemapIndex {
            return Ended::Read(vec![Step::Sitemap { depth: 0 }.at(Source::Sitemap, page.final_url.as_str())]);
        }
        let older = feed.prev_archive.clone().or_else(|| feed.next.clone());
        let goes_on = offer.goes_on(&format!("feed {first}"), page, feed.into_entries(), older.as_ref(), walks);
        let next = older.filter(|_| goes_on);
        let step = Step::Feed { first: first.clone(), guessed: false };
        Ended::Read(next.map(|url| step.at(Source::Archive, url)).into_iter().collect())
    }

    fn paged_feed(
        &self,
        first: &Url,
        number: u32,
        page: &Page,
        offer: &mut Offer<'_>,
        walks: &mut HashMap<String, Walk>,
    ) -> Ended {
        let Ok(feed) = self.parse(page) else { return Ended::Absent };
        let entries = feed.into_entries();
        let next = wordpress::paged_feed(first, number + 1);
        let is_last = entries.is_empty();
        if !offer.goes_on(&format!("pages {first}"), page, entries, Some(&next), walks) || is_last {
            return Ended::Read(Vec::new());
        }
        Ended::Read(vec![Step::PagedFeed { feed: first.clone(), number: number + 1 }.at(Source::Wordpress, next)])
    }

    fn sitemap(&self, depth: u32, page: &Page, offer: &mut Offer<'_>) -> Ended {
        const PIECE: usize = 256 * 1024;
        let mut sitemaps: Vec<Sitemap> = Vec::new();
        let options = sitemap::Options::default();
        let mut reader = sitemap::Reader::new(&page.final_url, page.content_type.as_deref(), &options);
        let mut sink = |found| match found {
            Found::Page(page) if !offer.is_of_site(&page.url) => {}
            Found::Page(page) if page.verdict(&offer.range) == Verdict::Outside => offer.outside += 1,
            Found::Page(page) => offer.entry(page.into_entry()),
            Found::Sitemap(sitemap) => sitemaps.push(sitemap),
        };
        for piece in page.bytes.chunks(PIECE) {
            if !reader.push(piece, &mut sink) {
                break;
            }
        }
        let summary = reader.finish(&mut sink);
        let problem = match summary.kind {
            Kind::Xml | Kind::Text => None,
            Kind::Empty => Some("the document is empty"),
            Kind::Html => Some("a web page, not a sitemap"),
            Kind::Unknown => Some("no sitemap"),
            Kind::Feed => {
                let Ok(feed) = self.parse(page) else { return Ended::Failed("no sitemap".to_owned()) };
                for entry in feed.into_entries() {
                    offer.dated(entry);
                }
                None
            }
        };
        if let Some(problem) = problem {
            return Ended::Failed(format!("`{}`: {problem}", page.final_url));
        }
        if let Some(broken) = summary.broken {
            tracing::warn!(document = %page.final_url, problem = broken, "a sitemap is broken; what could be read was read");
        }
        sitemaps.retain(|sitemap| {
            offer.is_of_site(&sitemap.url) || address::publisher(&sitemap.url) == address::publisher(&page.final_url)
        });
        if depth >= DEEPEST && !sitemaps.is_empty() {
            return Ended::Failed(format!("`{}`: an index of sitemaps within {depth} others", page.final_url));
        }
        let worth =
            sitemap::prune(sitemaps, &offer.range).into_iter().filter(|(_, verdict)| *verdict != Verdict::Outside);
        let step = Step::Sitemap { depth: depth + 1 };
        // The newest first, and what an index names before the next index.
        let ranks = (0..).map(|place: i64| i64::from(depth + 1) * 1_000_000_000 - place);
        let named = worth.zip(ranks).map(|((sitemap, _), rank)| step.ranked(Source::Sitemap, sitemap.url, rank));
        Ended::Read(named.collect())
    }

    fn captures(&self, page: &Page, offer: &mut Offer<'_>) -> Ended {
        let answer = match wayback::parse(&page.bytes) {
            Ok(answer) => answer,
            Err(error) => return Ended::Failed(error.to_string()),
        };
        let request = self.desk.request();
        let archive = step::wayback_of(request);
        for capture in wayback::first_captures(answer.captures) {
            // What was captured before the range began was published before.
            if is_before(&offer.range, capture.captured_at) {
                offer.outside += 1;
            } else {
                let (url, captured_at) = (archive.original(&capture), Some(capture.captured_at));
                offer.add(Entry::at(capture.url), Some(Capture { captured_at, page: Captured::At(url) }));
            }
        }
        let site = self.about().and_then(|subject| subject.site.as_ref());
        Ended::Read(match (site, answer.resume_key) {
            (Some(site), Some(key)) => {
                let next = archive.search(&step::captures_of(request, site), Some(&key));
                vec![Step::Captures.at(Source::Wayback, next)]
            }
            _ => Vec::new(),
        })
    }
}

impl Offer<'_> {
    /// Takes the entries of one document of a walk; says whether the walk goes on with the older one.
    fn goes_on(
        &mut self,
        walk: &str,
        page: &Page,
        entries: Vec<Entry>,
        older: Option<&Url>,
        walks: &mut HashMap<String, Walk>,
    ) -> bool {
        let document = paged::Document {
            entries: entries.iter().map(|entry| (&entry.url, entry.published_at.or(entry.updated_at))).collect(),
            older,
        };
        let range = self.range;
        let walk = walks.entry(walk.to_owned()).or_insert_with(|| Walk::new(&page.final_url, range));
        let goes_on = matches!(walk.after(&document), paged::Step::Ask(_));
        for entry in entries {
            self.dated(entry);
        }
        goes_on
    }

    /// An entry whose dates are those of the article.
    fn dated(&mut self, entry: Entry) {
        let before = |at| is_before(&self.range, at);
        let outside = match (entry.published_at, entry.updated_at) {
            (Some(at), _) => self.range.judge(Span::at(at).widened(SLACK)) == Verdict::Outside,
            // Nothing is published after its last change.
            (None, Some(at)) => before(at),
            (None, None) => false,
        };
        if outside {
            self.outside += 1;
        } else {
            self.entry(entry);
        }
    }

    /// An entry that may lie within the range.
    pub(super) fn entry(&mut self, entry: Entry) {
        self.add(entry, None);
    }

    pub(super) fn add(&mut self, entry: Entry, capture: Option<Capture>) {
        if !self.wants(&entry) {
            return;
        }
        self.waiting.push(Announcement { entry, capture });
        if self.waiting.len() >= CHUNK {
            self.flush(None);
        }
    }

    /// One that lies outside, as its source says.
    pub(super) fn pass_over(&mut self) {
        self.outside += 1;
    }

    /// Hands over what waits; `step` says how far the document was read.
    pub(super) fn flush(&mut self, step: Option<&str>) {
        if !matches!(self.ended, Ok(Room::Left)) {
            self.waiting.clear();
            return;
        }
        if self.waiting.is_empty() && self.outside == 0 && step.is_none() {
            return;
        }
        let Reading { desk, subject, document } = self.reading;
        let outside = std::mem::take(&mut self.outside);
        self.ended = desk.announce(subject, document, &self.waiting, outside, step);
        self.waiting.clear();
    }

    /// Whether the run may go on with the document.
    pub(super) fn end(self) -> Result<Room, Error> {
        self.ended
    }

    fn is_of_site(&self, url: &Url) -> bool {
        let site = self.about.and_then(|subject| subject.site.as_ref());
        site.is_none_or(|site| address::publisher(site) == address::publisher(url))
    }

    /// What the configuration says of a feed's entries holds for old ones too; a feed with whole texts gives nothing without one.
    fn wants(&self, entry: &Entry) -> bool {
        let Some(feed) = self.about.and_then(|subject| subject.feed.as_ref()) else { return true };
        let has_text = entry.content.is_some() || entry.summary.is_some();
        feed.filter.wants(&entry.url, entry.title.as_deref())
            && (has_text || feed.rules.text == crate::pipeline::TextIn::Page)
    }
}

/// Whether what happened at `at` lies before the range, whatever the zone.
fn is_before(range: &Range, at: jiff::Timestamp) -> bool {
    range.begins_after(at.saturating_add(SLACK).unwrap_or(at))
}

/// The feeds that a site's page names.
fn home(page: &Page) -> Ended {
    let html = clean::decode(&page.bytes, page.content_type.as_deref());
    let candidates = discover::from_page(&html, &page.final_url);
    let likely = candidates
        .into_iter()
        .filter(|candidate| !candidate.narrow && matches!(candidate.evidence, Evidence::Link | Evidence::Generator));
    Ended::Read(likely.take(FEEDS).map(|candidate| Step::feed(&candidate.url, true)).collect())
}

/// Where a site has its API; its feed too, if it is one of WordPress.
fn wordpress_home(page: &Page, configured: Option<&super::Feed>) -> Ended {
    let html = clean::decode(&page.bytes, page.content_type.as_deref());
    let named = Api::from_page(&html, &page.final_url);
    let generated = discover::from_page(&html, &page.final_url)
        .into_iter()
        .any(|candidate| candidate.evidence == Evidence::Generator && candidate.url.path().ends_with("/feed/"));
    let feed = match configured {
        Some(feed) => Some(feed.url.clone()),
        None => page.final_url.join("feed/").ok(),
    };
    Ended::Read(step::posts_of(&page.final_url, named.clone(), feed.filter(|_| generated || named.is_some())))
}

fn robots(page: &Page) -> Ended {
    let named = sitemap::from_robots(&page.bytes, &page.final_url);
    if named.is_empty() {
        return Ended::Read(page.final_url.join("/").map_or_else(|_| Vec::new(), |site| step::maybe_sitemaps(&site)));
    }
    Ended::Read(named.into_iter().map(|url| Step::Sitemap { depth: 0 }.at(Source::Sitemap, url)).collect())
}

fn posts(root: &Url, number: u32, page: &Page, offer: &mut Offer<'_>, walks: &mut HashMap<String, Walk>) -> Ended {
    // What is no answer of the API is a page for readers, or an API that is closed.
    let Ok(posts) = wordpress::parse(&page.bytes, &page.final_url) else { return Ended::Absent };
    let entries: Vec<Entry> = posts.into_iter().map(|post| post.entry).collect();
    let is_last = entries.is_empty();
    let number = number + 1;
    let next = Api::at(root.clone()).posts(&offer.range, number, wordpress::Fields::Whole);
    if !offer.goes_on(&format!("posts {root}"), page, entries, Some(&next), walks) || is_last {
        return Ended::Read(Vec::new());
    }
    let next = Step::Posts { root: root.clone(), number, others: Vec::new(), feed: None };
    Ended::Read(vec![next.at(Source::Wordpress, format!("{root}#{number}"))])
}
