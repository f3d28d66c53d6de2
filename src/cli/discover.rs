//! `dateline discover`: the feeds of a site.

use std::collections::{BTreeSet, HashSet};
use std::io::Write;

use anyhow::bail;
use clap::Args;
use futures_util::StreamExt;
use url::Url;

use super::{Outcome, Settings, engine, json};
use crate::catalogue::{self, Listing};
use crate::discover::{self, Candidate};
use crate::feed::{self, Format};
use crate::fetch::{Client, Condition, PollRequest, Polled};
use crate::{address, clean};

/// Finds feeds and news sitemaps of a site and prints them as `[[feeds]]` blocks, ready to paste into the configuration.
///
/// Looks at the page's links, robots.txt and the usual places, and keeps what turns out to be a feed. Exit 1 if there is none.
#[derive(Debug, Args)]
#[command(after_help = "Example: dateline discover https://www.example.org >> config/dateline.toml")]
pub(super) struct Arguments {
    /// A site's home page, or any page of it
    #[arg(value_name = "URL")]
    url: String,
    /// JSON: a list of `{name, url, title, format, entries}`
    #[arg(long)]
    json: bool,
}

/// Candidates that are asked; the likeliest come first.
const ASKED: usize = 30;

/// Candidates that are asked at once. The client keeps to two for each domain.
const AT_ONCE: usize = 4;

/// A candidate that turned out to be a feed.
struct Found {
    listing: Listing,
    format: Format,
    entries: usize,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let text = if arguments.url.contains("://") { arguments.url.clone() } else { format!("https://{}", arguments.url) };
    let Some(url) = super::web_address(&text) else { bail!("`{}` is not an http or https address", arguments.url) };
    let client = engine::client(settings.fetch_options()?)?;
    let mut found = engine::runtime()?.block_on(find(&url, &client))?;
    if found.is_empty() {
        bail!("no feed found at `{url}`; name a page that links to one");
    }
    let mut listings: Vec<Listing> = found.iter().map(|found| found.listing.clone()).collect();
    catalogue::name_all(&mut listings, &BTreeSet::new());
    for (found, listing) in found.iter_mut().zip(&listings) {
        found.listing.name.clone_from(&listing.name);
    }
    let mut output = std::io::stdout().lock();
    if arguments.json {
        let shown: Vec<_> = found
            .iter()
            .map(|Found { listing, format, entries }| {
                serde_json::json!({ "name": listing.name, "url": listing.url, "title": listing.title, "format": format, "entries": entries })
            })
            .collect();
        writeln!(output, "{}", json::pretty(&shown)?)?;
    } else {
        write!(output, "{}", catalogue::toml(&listings))?;
    }
    Ok(Outcome::Done)
}

async fn find(url: &Url, client: &Client) -> anyhow::Result<Vec<Found>> {
    let mut candidates =
        vec![Candidate { url: url.clone(), title: None, evidence: discover::Evidence::Link, narrow: false }];
    let home = ask(url, client).await?;
    let html = clean::decode(&home.bytes, home.content_type.as_deref());
    candidates.extend(discover::from_page(&html, &home.final_url));
    if let Ok(robots) = home.final_url.join("/robots.txt")
        && let Ok(robots) = ask(&robots, client).await
    {
        candidates.extend(discover::from_robots(&String::from_utf8_lossy(&robots.bytes), &home.final_url));
    }
    candidates.extend(discover::from_habit(&home.final_url));
    let ranked = discover::rank(candidates, &home.final_url).into_iter().take(ASKED);
    let asked = futures_util::stream::iter(ranked).map(|candidate| check(candidate, client)).buffered(AT_ONCE);
    let mut seen = HashSet::new();
    let found: Vec<Option<Found>> = asked.collect().await;
    Ok(found.into_iter().flatten().filter(|found| seen.insert(address::canonical(&found.listing.url))).collect())
}

async fn ask(url: &Url, client: &Client) -> anyhow::Result<crate::fetch::Page> {
    let request = PollRequest { url: url.clone(), headers: None, condition: Condition::Unconditional };
    match client.poll(&request).await? {
        Polled::Body(page) => Ok(page),
        Polled::NotModified(_) => bail!("the server answered 304 to a request without a condition"),
    }
}

async fn check(candidate: Candidate, client: &Client) -> Option<Found> {
    let page = ask(&candidate.url, client).await.ok()?;
    let source = feed::Source {
        bytes: &page.bytes,
        content_type: page.content_type.as_deref(),
        base: &page.final_url,
        timezone: None,
    };
    let feed = feed::parse(&source, &feed::Options::default()).ok()?;
    let title = feed.title.or(candidate.title);
    let site = feed.url.as_deref().and_then(|url| Url::parse(url).ok());
    let listing = Listing { name: String::new(), url: page.final_url, title, site, group: None };
    Some(Found { listing, format: feed.format, entries: feed.items.len() })
}
