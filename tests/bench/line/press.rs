//! The made-up press on loopback, a process of its own so that its share of the processors can be told apart.
//!
//! Addresses: `127.1.X.Y`, each a publisher. `/story/N` is a page, gzip as real servers send it; `/feed/N` announces the publisher's pages,
//! `/stories/FROM/TO/N` those of its stories that have these numbers, with the whole text.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::page::page;
use super::prose::{Story, story};

/// The network that the press lives in.
pub(crate) const NETWORK: &str = "127.1.0.0/16";

/// When article 0 appeared; each next one ten seconds later.
const BEGAN: i64 = 1_722_816_000;

/// A running press.
pub(crate) struct Press {
    process: Child,
    pub(crate) port: u16,
    pub(crate) hosts: usize,
}

impl Press {
    /// Starts one with `articles` pages, spread over `hosts` publishers; returns when it answers.
    pub(crate) fn start(hosts: usize, articles: usize) -> anyhow::Result<Self> {
        Self::serving(hosts, articles, articles)
    }

    /// Starts one whose stories stand in the feeds alone.
    pub(crate) fn start_plain(hosts: usize, articles: usize) -> anyhow::Result<Self> {
        Self::serving(hosts, articles, 0)
    }

    fn serving(hosts: usize, articles: usize, pages: usize) -> anyhow::Result<Self> {
        Self::spawn(&["serve".to_owned(), hosts.to_string(), articles.to_string(), pages.to_string()], hosts)
    }

    /// Runs this program once more, as a server that says on which port it listens.
    pub(crate) fn spawn(arguments: &[String], hosts: usize) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the press")?;
        let mut line = String::new();
        let out = process.stdout.take().context("the press has no output")?;
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)?;
        let port = line.trim().parse().context("the press did not start")?;
        Ok(Self { process, port, hosts })
    }

    /// Seconds of processor it has used.
    pub(crate) fn worked(&self) -> anyhow::Result<f64> {
        super::measure::processor_seconds(self.process.id())
    }

    /// `[[feeds]]` blocks, `feeds` in all, each with the line `more`.
    pub(crate) fn blocks(&self, feeds: usize, kind: &str, more: &str) -> String {
        (0..feeds).fold(String::new(), |mut text, at| {
            let url = format!("http://{}:{}/{kind}/{at}", host(at % self.hosts), self.port);
            write!(text, "[[feeds]]\nname = \"{kind}/{at}\"\nurl = \"{url}\"\n{more}\n").ok();
            text
        })
    }
}

impl Drop for Press {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

pub(crate) fn host(at: usize) -> Ipv4Addr {
    let [.., third, fourth] = u32::try_from(at + 1).unwrap_or(1).to_be_bytes();
    Ipv4Addr::new(127, 1, third, fourth)
}

/// RFC 3339, for article `number`.
pub(crate) fn published(number: usize) -> String {
    let second = BEGAN + 10 * i64::try_from(number).unwrap_or(0);
    jiff::Timestamp::from_second(second).unwrap_or_default().to_string()
}

/// Everything is made before the first request: what is measured is not the making.
struct Site {
    hosts: usize,
    port: u16,
    articles: usize,
    pages: Vec<Bytes>,
}

/// Serves until killed.
pub(crate) fn serve(hosts: usize, articles: usize, pages: usize) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let mut listeners = vec![TcpListener::bind((host(0), 0)).await?];
        let port = listeners[0].local_addr()?.port();
        for at in 1..hosts {
            listeners.push(TcpListener::bind((host(at), port)).await?);
        }
        let made = move |number| compressed(&page(number, &host(number % hosts).to_string(), &published(number)));
        let halves = [0, 1].map(|half| {
            std::thread::spawn(move || {
                (half..pages).step_by(2).map(|number| (number, made(number))).collect::<Vec<_>>()
            })
        });
        let mut made: Vec<_> = halves.into_iter().flat_map(|half| half.join().unwrap_or_default()).collect();
        made.sort_by_key(|(number, _)| *number);
        let site = Arc::new(Site { hosts, port, articles, pages: made.into_iter().map(|(_, page)| page).collect() });
        let accepting: Vec<_> = listeners
            .into_iter()
            .enumerate()
            .map(|(at, listener)| tokio::spawn(accept(listener, at, Arc::clone(&site))))
            .collect();
        println!("{port}");
        std::io::stdout().flush()?;
        for task in accepting {
            task.await?;
        }
        Ok(())
    })
}

/// Pages and a feed of their stories, as files.
pub(crate) fn write(folder: &Path, articles: usize) -> anyhow::Result<()> {
    for number in 0..articles {
        std::fs::write(folder.join(format!("{number}.html")), page(number, "paper.example", &published(number)))?;
    }
    let site = Site { hosts: 1, port: 80, articles, pages: Vec::new() };
    std::fs::write(folder.join("feed.xml"), feed(&site, 0, Some(&(0..articles))))?;
    Ok(())
}

/// As real servers send it.
pub(crate) fn compressed(page: &str) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(page.as_bytes()).ok();
    Bytes::from(gzip.finish().unwrap_or_default())
}

async fn accept(listener: TcpListener, at: usize, site: Arc<Site>) {
    while let Ok((stream, _)) = listener.accept().await {
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let response = answer(&site, at, &request);
                async { Ok::<_, Infallible>(response) }
            });
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
        });
    }
}

fn answer(site: &Site, at: usize, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    let mut parts = request.uri().path().trim_start_matches('/').split('/');
    let kind = parts.next().unwrap_or_default();
    let numbers: Vec<usize> = parts.filter_map(|number| number.parse().ok()).collect();
    let headers = response.headers_mut();
    match (kind, numbers.as_slice()) {
        ("story", &[number]) if number < site.pages.len() => {
            headers.insert("content-type", HeaderValue::from_static("text/html; charset=utf-8"));
            headers.insert("content-encoding", HeaderValue::from_static("gzip"));
            *response.body_mut() = Full::new(site.pages[number].clone());
        }
        ("feed" | "stories", _) if request.headers().contains_key("if-none-match") => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        ("feed" | "stories", &[.., _]) => {
            headers.insert("content-type", HeaderValue::from_static("application/rss+xml"));
            headers.insert("etag", HeaderValue::from_static("\"1\""));
            let whole = if let &[from, to, _] = numbers.as_slice() { Some(from..to) } else { None };
            *response.body_mut() = Full::new(feed(site, at, whole.as_ref()).into());
        }
        _ => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}

/// A publisher's addresses, or those of its stories that have the numbers `whole`, with their text.
fn feed(site: &Site, at: usize, whole: Option<&Range<usize>>) -> String {
    let mut xml = format!(
        "<rss version=\"2.0\"><channel><title>Paper {at}</title><link>http://{}:{}/</link>",
        host(at),
        site.port
    );
    for number in (at..site.articles).step_by(site.hosts) {
        let link = format!("http://{}:{}/story/{number}", host(at), site.port);
        match whole {
            None => write!(xml, "<item><title>{number}</title><link>{link}</link><guid>{link}</guid></item>").ok(),
            Some(numbers) if !numbers.contains(&number) => None,
            Some(_) => {
                let Story { title, author, paragraphs } = story(number);
                let text = format!("&lt;p&gt;{}&lt;/p&gt;", paragraphs.join("&lt;/p&gt;&lt;p&gt;"));
                let day = published(number);
                write!(
                    xml,
                    "<item><title>{title}</title><author>{author}</author><link>{link}</link><pubDate>{day}</pubDate><description>{text}</description></item>"
                )
                .ok()
            }
        };
    }
    xml + "</channel></rss>"
}
