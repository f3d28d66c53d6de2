//! `dateline clean`: the cleaner alone, over one page or many.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::{Outcome, Settings, engine, json, lines};
use crate::article::Article;
use crate::clean::{self, Body, Options, Page};

/// Prints the article on a page: the story and nothing else.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dateline clean page.html --url https://www.example.org/news/1\n  \
    curl -s https://www.example.org/news/1 | dateline clean - --url https://www.example.org/news/1 --format text\n  \
    dateline clean --jsonl < pages.jsonl > articles.jsonl")]
pub(super) struct Arguments {
    /// A file, an address, or `-` for stdin
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl", value_name = "FILE|URL|-")]
    page: Option<String>,
    /// Where the page came from, for a file or stdin
    #[arg(long)]
    url: Option<Url>,
    /// What to print
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// Print block by block what was kept or dropped, and which rule decided
    #[arg(long, conflicts_with_all = ["jsonl", "format"])]
    explain: bool,
    /// A filter: `{id, url, html}` or `{id, url, path}` a line in, one article a line out in the same order, with `id` and `error`
    #[arg(long)]
    jsonl: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The article as one JSON object
    Json,
    /// Title, standfirst and text
    Text,
    /// The same with Markdown's marks
    Markdown,
}

/// Stands for the address of a page of which none is known; never printed.
const NOWHERE: &str = "http://nowhere.invalid/";

/// The most that is read of one page.
const MAX_BYTES: u64 = 64 << 20;

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let Some(page) = &arguments.page else { return filter() };
    let (bytes, content_type, found_at) = read_page(page, settings)?;
    let url = arguments.url.clone().or(found_at);
    let html = clean::decode(&bytes, content_type.as_deref());
    if arguments.explain {
        return explain(&html, url.as_ref());
    }
    match clean_one(&html, url.as_ref()) {
        Ok((article, body)) => print(&article, &body, arguments.format),
        Err(reason) => bail!("no article in `{page}`: {reason}"),
    }
}

fn read_page(page: &str, settings: &Settings) -> anyhow::Result<(Vec<u8>, Option<String>, Option<Url>)> {
    if let Some(url) = super::web_address(page) {
        let client = engine::client(settings.fetch_options()?)?;
        let page = engine::runtime()?.block_on(client.page(&url, None))?;
        return Ok((page.bytes, page.content_type, Some(page.final_url)));
    }
    if page == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes).context("reading the page on stdin")?;
        return Ok((bytes, None, None));
    }
    Ok((read_file(Path::new(page))?, None, None))
}

fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
    let mut bytes = Vec::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::MultiGzDecoder::new(file).take(MAX_BYTES).read_to_end(&mut bytes)
    } else {
        file.take(MAX_BYTES).read_to_end(&mut bytes)
    }
    .with_context(|| format!("cannot read `{name}`"))?;
    Ok(bytes)
}

fn clean_one(html: &str, url: Option<&Url>) -> Result<(Article, Body), String> {
    let nowhere = Url::parse(NOWHERE).map_err(|error| error.to_string())?;
    let page = Page { url: url.unwrap_or(&nowhere), html, announced: None, timezone: None, fetched_at: None };
    catch_unwind(AssertUnwindSafe(|| clean::clean_with_body(&page, &Options::default())))
        .map_err(|_| "the cleaner broke down on this page; please report it".to_owned())?
        .map_err(|rejection| rejection.to_string())
}

fn explain(html: &str, url: Option<&Url>) -> anyhow::Result<Outcome> {
    let nowhere = Url::parse(NOWHERE)?;
    let page = Page { url: url.unwrap_or(&nowhere), html, announced: None, timezone: None, fetched_at: None };
    write!(io::stdout().lock(), "{}", clean::explain(&page, &Options::default()))?;
    Ok(Outcome::Done)
}

/// The article's fields, null where the page's address is not known.
fn fields(article: &Article) -> Map<String, Value> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(article) else { return Map::new() };
    if article.url.as_str() == NOWHERE {
        fields.insert("url".to_owned(), Value::Null);
        if article.canonical_url.as_str() == NOWHERE {
            fields.insert("canonical_url".to_owned(), Value::Null);
        }
        let canonical = Some(crate::address::publisher(&article.canonical_url))
            .filter(|_| article.canonical_url.as_str() != NOWHERE);
        fields.insert("publisher".to_owned(), json!(canonical));
    }
    fields
}

fn print(article: &Article, body: &Body, format: Format) -> anyhow::Result<Outcome> {
    let mut output = io::stdout().lock();
    let heading = |mark: &'static str, text: &Option<String>| {
        text.as_ref().map(|text| format!("{mark}{text}\n\n")).unwrap_or_default()
    };
    let written = match format {
        Format::Json => json::pretty(&fields(article))?,
        Format::Text => format!("{}{}{}", heading("", &article.title), heading("", &article.subtitle), article.text),
        Format::Markdown => {
            format!(
                "{}{}{}",
                heading("# ", &article.title),
                heading("**", &article.subtitle.as_ref().map(|text| format!("{text}**"))),
                body.markdown()
            )
        }
    };
    writeln!(output, "{written}")?;
    Ok(Outcome::Done)
}

#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    url: Option<String>,
    html: Option<String>,
    path: Option<String>,
}

fn filter() -> anyhow::Result<Outcome> {
    let failed = AtomicBool::new(false);
    lines::filter(io::stdin().lock(), BufWriter::new(io::stdout().lock()), |line| {
        let (id, result) = clean_line(line);
        let (mut fields, error) = match result {
            Ok(article) => (fields(&article), Value::Null),
            Err(Failed::Rejected(reason)) => (nulls(), reason.into()),
            Err(Failed::Unreadable(reason)) => {
                failed.store(true, Ordering::Relaxed);
                (nulls(), reason.into())
            }
        };
        fields.insert("id".to_owned(), id);
        fields.insert("error".to_owned(), error);
        Value::Object(fields).to_string()
    })
    .context("cleaning pages on stdin")?;
    Ok(if failed.into_inner() { Outcome::SomeFailed } else { Outcome::Done })
}

enum Failed {
    /// The page was read, and is no article.
    Rejected(String),
    /// There was no page to clean.
    Unreadable(String),
}

fn clean_line(line: &str) -> (Value, Result<Article, Failed>) {
    let value: Value = match serde_json::from_str(line) {
        Ok(value) => value,
        Err(error) => return (Value::Null, Err(Failed::Unreadable(format!("not JSON: {error}")))),
    };
    let id = value.get("id").cloned().unwrap_or(Value::Null);
    let unreadable = |reason: String| Err(Failed::Unreadable(reason));
    let line: Line = match serde_json::from_value(value) {
        Ok(line) => line,
        Err(error) => {
            return (id, unreadable(format!("not a line of `{{id, url, html}}` or `{{id, url, path}}`: {error}")));
        }
    };
    let html = match (line.html, line.path) {
        (Some(html), _) => html,
        (None, Some(path)) => match read_file(Path::new(&path)) {
            Ok(bytes) => clean::decode(&bytes, None),
            Err(error) => return (line.id, unreadable(format!("{error:#}"))),
        },
        (None, None) => return (line.id, unreadable("neither `html` nor `path`".to_owned())),
    };
    let url =
        line.url.as_deref().and_then(|url| Url::parse(url).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
    (line.id, clean_one(&html, url.as_ref()).map(|(article, _)| article).map_err(Failed::Rejected))
}

/// The article's fields when there is none.
fn nulls() -> Map<String, Value> {
    const FIELDS: [&str; 15] = [
        "url",
        "canonical_url",
        "publisher",
        "title",
        "subtitle",
        "authors",
        "published_at",
        "published_precision",
        "modified_at",
        "language",
        "dateline",
        "attribution",
        "categories",
        "image",
        "text",
    ];
    FIELDS.iter().map(|field| ((*field).to_owned(), Value::Null)).collect()
}
