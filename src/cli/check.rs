//! `dateline check`: what is in force, and every fault at once.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use super::table::Table;
use super::{Outcome, Settings, engine, json};
use crate::config::{Config, Content, Feed};
use crate::feed;
use crate::fetch::{Client, Condition, PollRequest, Polled, Robots};
use crate::schedule::Rechecks;
use crate::store::{Retention, size_text};

/// Reads the configuration and prints what is in force, or every fault (exit 78).
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Poll each feed once, without storing anything; exit 3 if one fails
    #[arg(long)]
    online: bool,
    /// JSON: `{file, store, fetch, schedule, group, metrics, feeds, withheld}`
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let config = if arguments.online {
        Config::load_to_fetch(settings.config.as_deref())?
    } else {
        Config::load(settings.config.as_deref())?
    };
    let polled = if arguments.online { Some(engine::runtime()?.block_on(poll_all(&config))?) } else { None };
    let failed = polled.as_ref().is_some_and(|polled| polled.iter().any(Result::is_err));
    let mut output = std::io::stdout().lock();
    if arguments.json {
        writeln!(output, "{}", json::pretty(&as_json(&config, polled.as_deref()))?)?;
    } else {
        write!(output, "{}", as_text(&config, polled.as_deref()))?;
    }
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

/// What each feed announces now, or why it cannot be read.
type FeedCheck = Result<String, String>;

async fn poll_all(config: &Config) -> anyhow::Result<Vec<FeedCheck>> {
    use futures_util::StreamExt;
    let client = engine::client(config.fetch.clone())?;
    let bar = super::run::progress_bar(config.feeds.len());
    let checks = futures_util::stream::iter(&config.feeds).map(|feed| {
        let (client, bar) = (client.clone(), bar.clone());
        async move {
            let check = poll_one(feed, &client).await;
            bar.inc(1);
            check
        }
    });
    let checked = checks.buffered(16).collect().await;
    bar.finish_and_clear();
    Ok(checked)
}

async fn poll_one(feed: &Feed, client: &Client) -> FeedCheck {
    let request =
        PollRequest { url: feed.url.clone(), headers: feed.headers.clone(), condition: Condition::Unconditional };
    let page = match client.poll(&request).await.map_err(|failure| failure.to_string())? {
        Polled::Body(page) => page,
        Polled::NotModified(_) => return Err("the server answered 304 to a request without a condition".to_owned()),
    };
    let source = feed::Source {
        bytes: &page.bytes,
        content_type: page.content_type.as_deref(),
        base: &page.final_url,
        timezone: feed.timezone.as_ref(),
    };
    let read = feed::parse(&source, &feed::Options::default()).map_err(|error| error.to_string())?;
    let broken = read.broken.as_ref().map(|broken| format!(", broken: {broken}")).unwrap_or_default();
    Ok(format!("{} with {} entries{broken}", read.format.as_str(), read.items.len()))
}

fn as_json(config: &Config, polled: Option<&[FeedCheck]>) -> Value {
    let seconds = |duration: std::time::Duration| duration.as_secs();
    let feeds: Vec<Value> = config
        .feeds
        .iter()
        .enumerate()
        .map(|(place, feed)| {
            let mut value = json!({
                "name": feed.name, "url": feed.url, "interval_s": feed.interval.map(seconds), "language": feed.language,
                "timezone": feed.timezone.as_ref().and_then(|zone| zone.iana_name()), "content": word(feed.content),
            });
            if let Some(check) = polled.and_then(|polled| polled.get(place)) {
                value["online"] = match check {
                    Ok(found) => json!({ "ok": true, "found": found }),
                    Err(error) => json!({ "ok": false, "error": error }),
                };
            }
            value
        })
        .collect();
    json!({
        "file": config.file,
        "store": { "path": config.store.path, "keep_html_s": seconds(config.store.keep_html),
            "keep_articles_s": config.store.retention.age.map(seconds), "max_size_bytes": config.store.retention.size,
            "min_free_bytes": config.store.min_free },
        "fetch": {
            "user_agent": config.fetch.user_agent, "concurrency": config.fetch.concurrency,
            "per_host_delay_ms": u64::try_from(config.fetch.per_host_delay.as_millis()).unwrap_or(u64::MAX),
            "timeout_s": seconds(config.fetch.timeout), "max_body_bytes": config.fetch.max_body, "robots": config.fetch.robots == Robots::Obey,
            "allow_networks": config.fetch.allow_networks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        },
        "schedule": { "min_interval_s": seconds(config.schedule.min_interval), "max_interval_s": seconds(config.schedule.max_interval) },
        "recheck": { "after_s": config.rechecks.after.iter().copied().map(seconds).collect::<Vec<_>>(), "budget": config.rechecks.budget },
        "metrics": { "listen": config.metrics.listen, "per_feed": config.metrics.per_feed },
        "withheld": config.withheld.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "group": { "window_s": seconds(config.group.window) },
        "feeds": feeds,
    })
}

fn kept(retention: &Retention) -> String {
    let age = retention.age.map_or_else(|| "for ever".to_owned(), |age| format!("for {age:?}"));
    let size = retention.size.map(|size| format!(", the database up to {}", size_text(size)));
    age + &size.unwrap_or_default()
}

fn word(content: Content) -> &'static str {
    match content {
        Content::Page => "page",
        Content::Feed => "feed",
    }
}

fn rechecks(rechecks: &Rechecks) -> String {
    if rechecks.after.is_empty() {
        return "never".to_owned();
    }
    let ages: Vec<String> = rechecks.after.iter().map(|age| format!("{age:?}")).collect();
    format!("after {}, with {:.0} % of the requests", ages.join(", "), rechecks.budget * 100.0)
}

fn as_text(config: &Config, polled: Option<&[FeedCheck]>) -> String {
    use std::fmt::Write as _;
    let robots = if config.fetch.robots == Robots::Obey { "obeyed" } else { "ignored" };
    let mut text = format!(
        "{} is good\n\nstore     {} (raw pages kept for {:?}, articles {}, nothing is fetched with less than {} free)\nfetch     {} pages at once, {:?} between two of one domain, {:?} at most for each, {} bytes at most, robots.txt {robots}\n          as {}\nschedule  every {:?} to {:?}\nrecheck   {}\ngroup     within {:?}\n\n",
        config.file.display(),
        config.store.path.display(),
        config.store.keep_html,
        kept(&config.store.retention),
        crate::store::size_text(config.store.min_free),
        config.fetch.concurrency,
        config.fetch.per_host_delay,
        config.fetch.timeout,
        config.fetch.max_body,
        config.fetch.user_agent,
        config.schedule.min_interval,
        config.schedule.max_interval,
        rechecks(&config.rechecks),
        config.group.window,
    );
    if let Some(listen) = config.metrics.listen {
        let _ = writeln!(text, "metrics   http://{listen}/metrics\n");
    }
    for fault in &config.withheld {
        let _ = writeln!(text, "note: {fault}\n");
    }
    let mut table = Table::new(&["FEED", "ADDRESS", if polled.is_some() { "NOW" } else { "" }]);
    for (place, feed) in config.feeds.iter().enumerate() {
        let now = match polled.and_then(|polled| polled.get(place)) {
            None => String::new(),
            Some(Ok(found)) => format!("ok: {found}"),
            Some(Err(error)) => format!("FAILED: {error}"),
        };
        table.row(&[&feed.name, feed.url.as_str(), &now], 100);
    }
    text.push_str(&table.to_string());
    text
}
