//! The configuration: file, environment and flags in, one checked [`Config`] out, or every fault at once.
//!
//! The only user of the `config` crate, which lays the environment over the file. Faults are told with line and key; unknown keys with the nearest
//! known name. Nothing here opens the database or the network.

mod faults;
mod secrets;
mod section;
mod values;

use std::collections::HashMap;
use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value;
use url::Url;

pub use faults::{Fault, Faults};
use secrets::Secrets;
use section::{Lines, Section};

use crate::fetch::{self, FeedHeaders, Network, Robots};
use crate::filter::{Filter, Patterns};
use crate::store::Retention;
use crate::{group, schedule};

/// What is in force.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// `[store]`
    pub store: Store,
    /// `[fetch]`
    pub fetch: fetch::Options,
    /// `[schedule]`
    pub schedule: schedule::Options,
    /// `[recheck]`
    pub rechecks: schedule::Rechecks,
    /// `[group]`
    pub group: group::Options,
    /// `[metrics]`
    pub metrics: Metrics,
    /// `[[feeds]]`, in the order of the file.
    pub feeds: Vec<Feed>,
    /// Credentials that headers name and that are out of reach here: who fetches must refuse ([`Config::load_to_fetch`]), who reads need not care.
    pub withheld: Vec<Fault>,
}

/// `[metrics]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Where metrics are served; nowhere by default.
    pub listen: Option<SocketAddr>,
    /// Whether there is a line for each feed.
    pub per_feed: bool,
}

/// `[store]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// The database.
    pub path: PathBuf,
    /// How long raw pages are kept; zero keeps none.
    pub keep_html: Duration,
    /// How much is kept of the articles.
    pub retention: Retention,
    /// With fewer free bytes than this on the database's disk nothing is fetched.
    pub min_free: u64,
}

/// One of `[[feeds]]`.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Unique; stands in the `feed` columns.
    pub name: String,
    /// A feed, or a site's home page that names one.
    pub url: Url,
    /// Fixed instead of adaptive.
    pub interval: Option<Duration>,
    /// Of articles that do not say.
    pub language: Option<String>,
    /// Of dates that name none.
    pub timezone: Option<TimeZone>,
    /// Sent to the origin of `url` only.
    pub headers: Option<FeedHeaders>,
    /// Where the text comes from.
    pub content: Content,
    /// Which of its entries are wanted.
    pub filter: Filter,
    /// The folder it came from or goes to in OPML.
    pub group: Option<String>,
}

/// Where the text of a feed's articles comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The page of each entry is fetched.
    Page,
    /// The feed carries the whole text; pages are never fetched.
    Feed,
}

/// Where the configuration is looked for when `--config` and `$DATELINE_CONFIG` are silent.
const PLACES: [&str; 2] = ["config/dateline.toml", "/etc/dateline/dateline.toml"];

/// What is in flight when fetching stops, some hundreds of articles, and the WAL that they go through (64 MB) fit into this.
const MIN_FREE_BYTES: u64 = 100_000_000;

/// A file longer than this is not a configuration: 100,000 feeds are 10 MB.
const MAX_FILE_BYTES: u64 = 64 << 20;

impl Config {
    /// Reads the file that `--config` or `$DATELINE_CONFIG` named, else the first of the usual places, and the environment over it.
    ///
    /// # Errors
    /// Every fault found.
    pub fn load(named: Option<&Path>) -> Result<Self, Faults> {
        let file = match named {
            Some(file) => file.to_owned(),
            None => PLACES.iter().map(PathBuf::from).find(|file| file.exists()).ok_or_else(|| {
                Faults::one(format!(
                    "no configuration: neither `{}` nor `{}` exists; name one with --config FILE",
                    PLACES[0], PLACES[1]
                ))
            })?,
        };
        let unreadable = |error: std::io::Error| Faults::one(format!("cannot read `{}`: {error}", file.display()));
        let length = std::fs::metadata(&file).map_err(unreadable)?.len();
        if length > MAX_FILE_BYTES {
            return Err(Faults::one(format!("`{}` has {length} bytes, too many for a configuration", file.display())));
        }
        let text = std::fs::read_to_string(&file).map_err(unreadable)?;
        let environment =
            env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::parse(&file, &text, environment)
    }

    /// [`load`](Self::load) for a command that fetches from the feeds: the credentials that their headers name must be within reach.
    ///
    /// # Errors
    /// Every fault found.
    pub fn load_to_fetch(named: Option<&Path>) -> Result<Self, Faults> {
        let config = Self::load(named)?;
        if config.withheld.is_empty() {
            return Ok(config);
        }
        Err(Faults { file: config.file, faults: config.withheld })
    }

    /// Checks the text of a configuration file with the variables of the environment laid over it.
    ///
    /// # Errors
    /// Every fault found.
    pub fn parse(
        file: &Path,
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Faults> {
        let lines = Lines::of(text).map_err(|fault| Faults { file: file.to_owned(), faults: vec![fault] })?;
        let environment: HashMap<String, String> = environment.into_iter().collect();
        let mut secrets = Secrets::of(environment.get("CREDENTIALS_DIRECTORY").map(PathBuf::from));
        let merged = merge(text, environment)
            .map_err(|error| Faults { file: file.to_owned(), faults: vec![Fault::new(error)] })?;
        let mut faults = Vec::new();
        let config = read(file, merged, &lines, &mut secrets, &mut faults);
        if faults.is_empty() {
            Ok(config)
        } else {
            faults.sort_by_key(|fault| fault.line.unwrap_or(0));
            Err(Faults { file: file.to_owned(), faults })
        }
    }
}

/// Variables that name a setting have a double underscore: `DATELINE_FETCH__CONCURRENCY`. Others (`DATELINE_CONFIG`) are not settings.
fn merge(text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Value, String> {
    let settings: HashMap<String, String> =
        environment.into_iter().filter(|(name, _)| name.starts_with("DATELINE_") && name.contains("__")).collect();
    config::Config::builder()
        .add_source(config::File::from_str(text, config::FileFormat::Toml))
        .add_source(
            config::Environment::with_prefix("DATELINE")
                .prefix_separator("_")
                .separator("__")
                .source(Some(settings))
                .try_parsing(true),
        )
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| error.to_string())
}

/// A duration as the configuration writes it: `"180d"`.
///
/// # Errors
/// What is wrong with it.
pub fn duration(text: &str) -> Result<Duration, String> {
    values::duration(&text.into())
}

/// A size as the configuration writes it: `"10GB"`.
///
/// # Errors
/// What is wrong with it.
pub fn size(text: &str) -> Result<u64, String> {
    values::size(&text.into())
}

fn read(file: &Path, merged: Value, lines: &Lines, secrets: &mut Secrets, faults: &mut Vec<Fault>) -> Config {
    let mut root = Section::root(merged, lines);
    let mut store = root.table("store", faults);
    let state = env::var_os("STATE_DIRECTORY").and_then(|value| env::split_paths(&value).next());
    let default_path = state.map_or_else(|| PathBuf::from("dateline.db"), |folder| folder.join("dateline.db"));
    let store_read = Store {
        path: store.text("path", faults).map_or(default_path, PathBuf::from),
        keep_html: store.parsed("keep_html", values::duration, faults).unwrap_or(Duration::from_secs(30 * 86_400)),
        retention: Retention {
            age: store.parsed("keep_articles", values::duration, faults).filter(|age| !age.is_zero()),
            size: store.parsed("max_size", values::limit, faults).flatten(),
        },
        min_free: store.parsed("min_free", values::size, faults).unwrap_or(MIN_FREE_BYTES),
    };
    store.finish(faults);

    let mut fetch = root.table("fetch", faults);
    let fetch_read = read_fetch(&mut fetch, faults);
    fetch.finish(faults);

    let mut schedule = root.table("schedule", faults);
    let defaults = schedule::Options::default();
    let schedule_read = schedule::Options {
        min_interval: schedule
            .parsed("min_interval", values::positive_duration, faults)
            .unwrap_or(defaults.min_interval),
        max_interval: schedule
            .parsed("max_interval", values::positive_duration, faults)
            .unwrap_or(defaults.max_interval),
    };
    if schedule_read.min_interval > schedule_read.max_interval {
        faults.push(schedule.fault("min_interval", "is longer than `max_interval`"));
    }
    schedule.finish(faults);

    let mut recheck = root.table("recheck", faults);
    let rechecks = read_rechecks(&mut recheck, faults);
    recheck.finish(faults);

    let mut group = root.table("group", faults);
    let mut group_read = group::Options::default();
    if let Some(window) = group.parsed("window", values::positive_duration, faults) {
        group_read.window = window;
    }
    group.finish(faults);

    let mut metrics = root.table("metrics", faults);
    let metrics_read = Metrics {
        listen: metrics.parsed("listen", values::socket_address, faults),
        per_feed: metrics.flag("per_feed", faults).unwrap_or(false),
    };
    metrics.finish(faults);

    let feeds = read_feeds(&mut root, secrets, faults);
    root.finish(faults);
    Config {
        file: file.to_owned(),
        store: store_read,
        fetch: fetch_read,
        schedule: schedule_read,
        rechecks,
        group: group_read,
        metrics: metrics_read,
        feeds,
        withheld: std::mem::take(&mut secrets.withheld),
    }
}

fn read_fetch(fetch: &mut Section<'_>, faults: &mut Vec<Fault>) -> fetch::Options {
    let defaults = fetch::Options::default();
    fetch::Options {
        user_agent: fetch.parsed("user_agent", values::header_value, faults).unwrap_or(defaults.user_agent),
        concurrency: fetch.parsed("concurrency", values::count, faults).unwrap_or(defaults.concurrency),
        per_host_delay: fetch.parsed("per_host_delay", values::duration, faults).unwrap_or(defaults.per_host_delay),
        timeout: fetch.parsed("timeout", values::positive_duration, faults).unwrap_or(defaults.timeout),
        max_body: fetch.parsed("max_body", values::size, faults).unwrap_or(defaults.max_body),
        robots: match fetch.flag("robots", faults) {
            Some(false) => Robots::Ignore,
            Some(true) | None => Robots::Obey,
        },
        allow_networks: fetch
            .list("allow_networks", |text| text.parse::<Network>().map_err(|error| error.to_string()), faults)
            .unwrap_or_default(),
        roots: defaults.roots,
        resolver: defaults.resolver,
    }
}

fn read_rechecks(recheck: &mut Section<'_>, faults: &mut Vec<Fault>) -> schedule::Rechecks {
    let defaults = schedule::Rechecks::default();
    let age =
        |text: &str| values::positive_duration(&text.into()).map_err(|fault| format!("holds an age that {fault}"));
    let mut after = recheck.list("after", age, faults).unwrap_or(defaults.after);
    after.sort_unstable();
    schedule::Rechecks { after, budget: recheck.parsed("budget", values::share, faults).unwrap_or(defaults.budget) }
}

fn read_feeds(root: &mut Section<'_>, secrets: &mut Secrets, faults: &mut Vec<Fault>) -> Vec<Feed> {
    let mut feeds: Vec<Feed> = Vec::new();
    let mut names: HashMap<String, Option<usize>> = HashMap::new();
    let mut patterns = Patterns::default();
    for mut section in root.tables("feeds", faults) {
        let name = section.required("name", values::name, faults);
        let url = section.required("url", values::web_address, faults);
        let headers = section.headers("headers", url.as_ref(), secrets, faults);
        let read = Feed {
            name: name.clone().unwrap_or_default(),
            url: url.as_ref().map_or_else(|| values::nowhere().clone(), values::without_credentials),
            interval: section.parsed("interval", values::positive_duration, faults),
            language: section.parsed("language", values::language, faults),
            timezone: section.parsed("timezone", values::timezone, faults),
            headers,
            content: section.parsed("content", values::content, faults).unwrap_or(Content::Page),
            filter: read_filter(&mut section, &mut patterns, faults),
            group: section.text("group", faults),
        };
        let line = section.line("name");
        section.finish(faults);
        let Some(name) = name else { continue };
        if let Some(first) = names.insert(name.clone(), line) {
            let before = first.map(|line| format!(" of line {line}")).unwrap_or_default();
            faults.push(Fault {
                line,
                key: "feeds.name".to_owned(),
                message: format!("`{name}` is the name of another feed{before} too; names are unique"),
            });
        } else if url.is_some() {
            feeds.push(read);
        }
    }
    feeds
}

fn read_filter(section: &mut Section<'_>, patterns: &mut Patterns, faults: &mut Vec<Fault>) -> Filter {
    let mut list = |key| section.list(key, |text| values::pattern(patterns, text), faults).unwrap_or_default();
    Filter { include: list("include"), exclude: list("exclude") }
}

#[cfg(test)]
mod tests;
