//! `dateline feed`: what a feed announces.

use std::fs::File;
use std::io::{Read, Write};

use anyhow::{Context, bail};
use clap::Args;
use url::Url;

use super::{Outcome, Settings, engine, json};
use crate::feed::{self, Feed, Options, Source};
use crate::fetch::{Condition, PollRequest, Polled};

/// Prints what a feed announces as one JSON object; exit 1 if it is no feed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dateline feed https://www.example.org/rss\n  dateline feed saved.xml --base https://www.example.org/rss"
)]
pub(super) struct Arguments {
    /// A file, an address, or `-` for stdin
    #[arg(value_name = "FILE|URL")]
    feed: String,
    /// Where a file came from: relative addresses start here
    #[arg(long, value_name = "URL")]
    base: Option<Url>,
    /// What the server said that a file is
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
}

/// The most that is read of one file.
const MAX_BYTES: u64 = 256 << 20;

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let (bytes, content_type, base) = match super::web_address(&arguments.feed) {
        Some(url) => {
            let client = engine::client(settings.fetch_options()?)?;
            let request = PollRequest { url, headers: None, condition: Condition::Unconditional };
            match engine::runtime()?.block_on(client.poll(&request))? {
                Polled::Body(page) => (page.bytes, page.content_type, page.final_url),
                Polled::NotModified(_) => bail!("the server answered 304 to a request without a condition"),
            }
        }
        None => (read(&arguments.feed)?, None, Url::parse("http://nowhere.invalid/").context("a base")?),
    };
    let content_type = arguments.content_type.clone().or(content_type);
    let base = arguments.base.clone().unwrap_or(base);
    let source = Source { bytes: &bytes, content_type: content_type.as_deref(), base: &base, timezone: None };
    let feed: Feed = feed::parse(&source, &Options::default()).with_context(|| format!("`{}`", arguments.feed))?;
    if let Some(broken) = &feed.broken {
        tracing::warn!(feed = arguments.feed, broken, "the feed is broken; what could be read is shown");
    }
    writeln!(std::io::stdout().lock(), "{}", json::pretty(&feed)?)?;
    Ok(Outcome::Done)
}

fn read(path: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == "-" {
        std::io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes).context("reading the feed on stdin")?;
    } else {
        let file = File::open(path).with_context(|| format!("cannot read `{path}`"))?;
        file.take(MAX_BYTES).read_to_end(&mut bytes).with_context(|| format!("cannot read `{path}`"))?;
    }
    Ok(bytes)
}
