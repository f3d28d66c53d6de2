//! What is asked for: which range, of whom, from which sources.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::{Error, Feed};
use crate::archive::Range;
use crate::archive::listing::Pattern;
use crate::store::BackfillRow;

/// Where announcements of old articles are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Addresses that were given.
    Urls,
    /// Files of web archives that were given.
    Warc,
    /// Archived and paged feeds (RFC 5005).
    Archive,
    /// The API of WordPress, else its paged feed.
    Wordpress,
    /// Sitemaps.
    Sitemap,
    /// Pages that list the articles of a day.
    Listing,
    /// The index of a web archive.
    Wayback,
}

impl Source {
    /// The word that commands and the database use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Urls => "urls",
            Self::Warc => "warc",
            Self::Archive => "archive",
            Self::Wordpress => "wordpress",
            Self::Sitemap => "sitemap",
            Self::Listing => "listing",
            Self::Wayback => "wayback",
        }
    }
}

/// What a backfill is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// When the articles were published.
    pub range: Range,
    /// The range as it was given.
    pub given: (Option<String>, Option<String>),
    /// Names of configured feeds.
    pub feeds: Vec<String>,
    /// Sites.
    pub sites: Vec<Url>,
    /// Where to look, in this order; addresses and files that are given come first.
    pub sources: Vec<Source>,
    /// Lists of addresses, one a line; `-` is the standard input.
    pub addresses: Vec<PathBuf>,
    /// Files of web archives.
    pub warcs: Vec<PathBuf>,
    /// Where days are listed.
    pub listing: Option<Pattern>,
    /// The web archive to ask, where it is not the Internet Archive.
    pub wayback: Option<Url>,
}

/// A site or feed that is filled, or the files that were given.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// Its name: that of the feed, or the site's address, or `files`.
    pub(super) name: String,
    /// Its feed.
    pub(super) feed: Option<Feed>,
    /// The root of its site; none of files.
    pub(super) site: Option<Url>,
}

/// The subject of files and lists of addresses.
pub(super) const FILES: &str = "files";

impl Request {
    /// The place of a source in the order in which they are tried.
    pub(super) fn place(&self, source: Source) -> usize {
        self.sources.iter().position(|one| *one == source).map_or(0, |place| place + 1)
    }

    /// What makes two requests the same. A relative name of a file is another file elsewhere.
    pub(super) fn key(&self) -> String {
        let mut feeds = self.feeds.clone();
        feeds.sort_unstable();
        let mut sites: Vec<&str> = self.sites.iter().map(Url::as_str).collect();
        sites.sort_unstable();
        let mut sources = self.sources.clone();
        sources.sort_unstable();
        let sources: Vec<&str> = sources.into_iter().map(Source::as_str).collect();
        let files = |paths: &[PathBuf]| {
            let whole = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
            paths
                .iter()
                .map(|path| if path.as_os_str() == "-" { path.clone() } else { whole(path) })
                .map(|path| path.to_string_lossy().into_owned())
                .collect::<Vec<_>>()
        };
        json!({
            "since": self.given.0, "until": self.given.1, "feeds": feeds, "sites": sites, "sources": sources,
            "urls": files(&self.addresses), "warc": files(&self.warcs),
            "listing": self.listing.as_ref().map(ToString::to_string), "wayback": self.wayback,
        })
        .to_string()
    }

    /// The same with the range that an unfinished backfill has.
    pub(super) fn with_range_of(&self, row: &BackfillRow) -> Self {
        let moment = |text: &str| text.parse::<Timestamp>().ok();
        let since = row.since.as_deref().and_then(moment);
        let range = moment(&row.until).map_or(self.range, |until| Range::new(since, until));
        Self { range, ..self.clone() }
    }

    /// Whose articles are asked for.
    pub(super) fn subjects(&self, feeds: &[Feed]) -> Result<Vec<Subject>, Error> {
        let mut subjects = Vec::new();
        if !self.addresses.is_empty() || !self.warcs.is_empty() {
            subjects.push(Subject { name: FILES.to_owned(), feed: None, site: None });
        }
        for name in &self.feeds {
            let feed = feeds.iter().find(|feed| feed.name == *name).ok_or_else(|| Error::NoFeed(name.clone()))?;
            subjects.push(Subject { name: name.clone(), site: Some(root(&feed.url)), feed: Some(feed.clone()) });
        }
        for site in &self.sites {
            subjects.push(Subject { name: site.to_string(), feed: None, site: Some(site.clone()) });
        }
        Ok(subjects)
    }
}

/// The root of the site that an address belongs to.
fn root(url: &Url) -> Url {
    url.join("/").unwrap_or_else(|_| url.clone())
}
