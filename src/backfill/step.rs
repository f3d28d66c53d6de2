//! Which documents there are to begin with, and what must be known to read one.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Error;
pub(super) use super::request::Source;
use super::request::{FILES, Request, Subject};
use crate::archive::sitemap;
use crate::archive::wayback::{self, Wayback};
use crate::archive::wordpress::{self, Api};
use crate::pipeline::TextIn;

/// A document to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seed {
    pub(super) source: Source,
    /// The largest first.
    pub(super) rank: i64,
    /// Address or path.
    pub(super) url: String,
    /// A [`Step`], JSON.
    pub(super) step: String,
}

/// How a document is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "read", rename_all = "snake_case")]
pub(super) enum Step {
    /// A list of addresses, one a line.
    Addresses,
    /// A WARC file, from this place on.
    Warc { offset: u64, inner: u64 },
    /// The page of a site that names its feeds.
    Home,
    /// A feed, and what it names as older; the walk began at `first`.
    Feed { first: Url, guessed: bool },
    /// Page `number` of a WordPress feed.
    PagedFeed { feed: Url, number: u32 },
    /// The page of a site that names its API.
    WordpressHome,
    /// Page `number` of the posts of an API; where there is none, one of `others` may be.
    Posts { root: Url, number: u32, others: Vec<Url>, feed: Option<Url> },
    /// The robots.txt of a site, which names its sitemaps.
    Robots,
    /// A sitemap that something names.
    Sitemap { depth: u32 },
    /// A place where a sitemap may be; where there is none, one of `others` may be.
    MaybeSitemap { others: Vec<Url> },
    /// A page that lists the articles of this time.
    Listing { from: Timestamp, to: Timestamp },
    /// An answer of the index of a web archive.
    Captures,
}

impl Step {
    /// The document of this step.
    pub(super) fn at(&self, source: Source, url: impl Into<String>) -> Seed {
        self.ranked(source, url, 0)
    }

    /// The document of this step among others of its source.
    pub(super) fn ranked(&self, source: Source, url: impl Into<String>, rank: i64) -> Seed {
        Seed { source, rank, url: url.into(), step: serde_json::to_string(self).unwrap_or_default() }
    }

    /// Whether nobody said that the document is there.
    pub(super) fn is_guessed(&self) -> bool {
        match self {
            // The page behind the last is an error of the server's; a day without articles has no listing.
            Self::Home
            | Self::WordpressHome
            | Self::Robots
            | Self::MaybeSitemap { .. }
            | Self::PagedFeed { .. }
            | Self::Posts { .. }
            | Self::Listing { .. } => true,
            Self::Feed { guessed, .. } => *guessed,
            Self::Addresses | Self::Warc { .. } | Self::Sitemap { .. } | Self::Captures => false,
        }
    }

    /// What is tried where a guessed document is not there.
    pub(super) fn otherwise(&self, url: &str) -> Vec<Seed> {
        let site = || Url::parse(url).and_then(|url| url.join("/"));
        match self {
            // Sitemaps and the API may be there without robots.txt and a home page.
            Self::Robots => site().map_or_else(|_| Vec::new(), |site| maybe_sitemaps(&site)),
            Self::WordpressHome => Url::parse(url).map_or_else(|_| Vec::new(), |site| posts_of(&site, None, None)),
            Self::MaybeSitemap { others } => others.split_first().map_or_else(Vec::new, |(next, others)| {
                vec![Self::MaybeSitemap { others: others.to_vec() }.at(Source::Sitemap, next.as_str())]
            }),
            Self::Posts { number: 1, others, feed, .. } => match (others.split_first(), feed) {
                (Some((next, others)), feed) => vec![Self::posts(next, others.to_vec(), feed.clone())],
                (None, Some(feed)) => vec![
                    Self::PagedFeed { feed: feed.clone(), number: 1 }
                        .at(Source::Wordpress, wordpress::paged_feed(feed, 1)),
                ],
                (None, None) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// A feed that a walk begins with.
    pub(super) fn feed(url: &Url, guessed: bool) -> Seed {
        Self::Feed { first: url.clone(), guessed }.at(Source::Archive, url.as_str())
    }

    /// The first page of an API's posts. Its document is named by the API alone: the range stands in the step of the request.
    pub(super) fn posts(root: &Url, others: Vec<Url>, feed: Option<Url>) -> Seed {
        Self::Posts { root: root.clone(), number: 1, others, feed }.at(Source::Wordpress, format!("{root}#1"))
    }
}

/// The documents that a subject begins with.
pub(super) fn seeds(request: &Request, subject: &Subject) -> Result<Vec<Seed>, Error> {
    let mut seeds = Vec::new();
    if subject.name == FILES {
        for path in &request.addresses {
            seeds.push(Step::Addresses.at(Source::Urls, readable(path)?));
        }
        for path in &request.warcs {
            seeds.push(Step::Warc { offset: 0, inner: 0 }.at(Source::Warc, readable(path)?));
        }
        return Ok(seeds);
    }
    let Some(site) = &subject.site else { return Ok(seeds) };
    let pages_are_fetched = subject.feed.as_ref().is_none_or(|feed| feed.rules.text == TextIn::Page);
    for source in &request.sources {
        match source {
            Source::Urls | Source::Warc => {}
            Source::Archive => seeds.push(match &subject.feed {
                Some(feed) => Step::feed(&feed.url, false),
                None => Step::Home.at(Source::Archive, site.as_str()),
            }),
            Source::Wordpress => seeds.push(Step::WordpressHome.at(Source::Wordpress, site.as_str())),
            // What a feed with whole texts does not carry itself is not fetched: its owner said so.
            Source::Sitemap | Source::Listing | Source::Wayback if !pages_are_fetched => {}
            Source::Sitemap => {
                if let Ok(robots) = site.join("/robots.txt") {
                    seeds.push(Step::Robots.at(Source::Sitemap, robots));
                }
            }
            Source::Listing => {
                for (listing, rank) in request
                    .listing
                    .iter()
                    .flat_map(|pattern| pattern.listings(&request.range))
                    .zip((0..).map(|n: i64| -n))
                {
                    let step = Step::Listing { from: listing.span.from, to: listing.span.to };
                    seeds.push(step.ranked(Source::Listing, listing.url, rank));
                }
            }
            Source::Wayback => {
                let url = wayback_of(request).search(&captures_of(request, site), None);
                seeds.push(Step::Captures.at(Source::Wayback, url));
            }
        }
    }
    Ok(seeds)
}

/// The web archive that is asked.
pub(super) fn wayback_of(request: &Request) -> Wayback {
    request.wayback.clone().map_or_else(Wayback::default, Wayback::at)
}

/// What it is asked of a site.
pub(super) fn captures_of(request: &Request, site: &Url) -> wayback::Query {
    let host = site.host_str().unwrap_or_default();
    let host = site.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    wayback::Query { scope: wayback::Scope::Domain(host.trim_start_matches("www.").to_owned()), range: request.range }
}

/// Where the sitemap of a site may be that names none.
pub(super) fn maybe_sitemaps(site: &Url) -> Vec<Seed> {
    Step::MaybeSitemap { others: sitemap::from_habit(site) }.otherwise(site.as_str())
}

/// Where the posts of a site may be: what its page names, else what is usual.
pub(super) fn posts_of(site: &Url, named: Option<Api>, feed: Option<Url>) -> Vec<Seed> {
    let mut roots: Vec<Url> = named.into_iter().map(|api| api.root().clone()).collect();
    if roots.is_empty() {
        roots = Api::from_habit(site).into_iter().map(|api| api.root().clone()).collect();
    }
    let Some((first, others)) = roots.split_first() else { return Vec::new() };
    vec![Step::posts(first, others.to_vec(), feed)]
}

/// The whole name of a file that can be read.
fn readable(path: &Path) -> Result<String, Error> {
    if path.as_os_str() == "-" {
        return Ok("-".to_owned());
    }
    let failed = |source| Error::File { path: path.to_owned(), source };
    std::fs::File::open(path).map_err(failed)?;
    Ok(std::path::absolute(path).map_err(failed)?.to_string_lossy().into_owned())
}
