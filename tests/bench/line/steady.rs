//! Very many feeds that hardly change, polled hourly, in the middle of their hour: what the daemon takes then.
//!
//! Every feed has a host of its own (`127.A.B.C`), so each poll opens a connection, as it does in the world; all hosts are one process, which
//! tells them apart by the header `Host`. A feed shows twenty items, which all feeds share, so that the first round fetches twenty pages. Of a
//! hundred feeds two have one story more at every poll, of their own (a page of 170 KB), 24 know no validators and send the same again, the
//! others answer 304.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use tokio::net::TcpListener;

use super::page::page;
use super::press::{Press, compressed, published};
use super::prose::{Story, story};
use super::{configure, measure, stored};

/// All hosts.
const NETWORK: &str = "127.0.0.0/8";

/// Hosts to a second byte of the address: what comes first stands in for 0, which ends no address of a host.
const HOSTS: usize = 62_500;

/// Items that every feed shows.
const ITEMS: usize = 20;

/// From the start of the daemon to the window: reading the configuration and the feeds is over then.
const SETTLED: Duration = Duration::from_secs(60);

/// Prepares a database whose polls are spread over the next hour, then watches a daemon over it for so many seconds.
pub(crate) fn measure(feeds: usize, seconds: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let press = Press::spawn(&["serve-steady".to_owned()], 1)?;
    configure(folder.path(), "30d", NETWORK, &blocks(feeds, press.port))?;
    let prepared = measure::dateline(folder.path(), &["run", "--once"])?;
    anyhow::ensure!(prepared.code == 0, "the first round ended with exit code {}", prepared.code);
    println!(
        "first round: {:.1} s of processor, peak {:.0} MB, {} articles",
        prepared.worked_s,
        prepared.peak_mb,
        stored(folder.path())?
    );
    let db = Connection::open(folder.path().join("line.db"))?;
    db.execute_batch(
        "UPDATE feed SET last_polled_at = NULL, next_poll_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', (abs(random()) % 3600) || ' seconds')",
    )?;
    let tally = || -> anyhow::Result<(u32, usize)> {
        let polled = db.query_row("SELECT count(last_polled_at) FROM feed", [], |row| row.get(0))?;
        Ok((polled, stored(folder.path())?))
    };
    let daemon = Daemon::start(folder.path())?;
    let id = daemon.0.id();
    std::thread::sleep(SETTLED);
    let before = (Instant::now(), measure::processor_seconds(id)?, press.worked()?, tally()?);
    std::thread::sleep(Duration::from_secs(seconds.try_into()?));
    let elapsed = before.0.elapsed().as_secs_f64();
    let worked = measure::processor_seconds(id)? - before.1;
    let served = press.worked()? - before.2;
    let after = tally()?;
    let (polls, news) = (after.0 - before.3.0, after.1 - before.3.1);
    println!("start, and the first {} s: {:.1} s of processor", SETTLED.as_secs(), before.1);
    println!(
        "{:<10} {:>8} {:>8} {:>8} {:>14} {:>10} {:>8} {:>8} {:>14}",
        "feeds", "seconds", "polls", "stored", "% of one core", "ms a poll", "MB now", "peak MB", "press, % core"
    );
    println!(
        "{feeds:<10} {elapsed:>8.0} {polls:>8} {news:>8} {:>14.1} {:>10.2} {:>8.0} {:>8.0} {:>14.1}",
        100.0 * worked / elapsed,
        1e3 * worked / f64::from(polls.max(1)),
        measure::status_mb(id, "VmRSS:")?,
        measure::status_mb(id, "VmHWM:")?,
        100.0 * served / elapsed,
    );
    Ok(())
}

/// A daemon that ends with the measurement.
struct Daemon(Child);

impl Daemon {
    fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command.arg("run").current_dir(folder).env("DATELINE_LOG_LEVEL", "warn").stdout(Stdio::null());
        Ok(Self(command.spawn()?))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn blocks(feeds: usize, port: u16) -> String {
    (0..feeds).fold(String::new(), |mut text, at| {
        let kind = match at % 100 {
            0 | 50 => "news",
            rest if rest % 4 == 1 => "whole",
            _ => "quiet",
        };
        let host = Ipv4Addr::from(
            [127, 1 + at / HOSTS, at / 250 % 250, 1 + at % 250].map(|byte| u8::try_from(byte).unwrap_or(255)),
        );
        write!(text, "[[feeds]]\nname = \"{kind}{at}\"\nurl = \"http://{host}:{port}/{kind}\"\ninterval = \"1h\"\n")
            .ok();
        text
    })
}

/// Serves until killed.
pub(crate) fn serve() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        println!("{}", listener.local_addr()?.port());
        std::io::stdout().flush()?;
        let polls: Arc<AtomicUsize> = Arc::default();
        loop {
            let (stream, _) = listener.accept().await?;
            let polls = Arc::clone(&polls);
            tokio::spawn(async move {
                let service = service_fn(|request| {
                    let response = answer(&request, &polls);
                    async { Ok::<_, Infallible>(response) }
                });
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
            });
        }
    })
}

/// `polls` counts those that brought news: each has a story of its own.
fn answer(request: &Request<Incoming>, polls: &AtomicUsize) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let rss = HeaderValue::from_static("application/rss+xml");
    match request.uri().path() {
        "/quiet" if request.headers().contains_key("if-none-match") => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        "/quiet" => {
            response.headers_mut().insert("content-type", rss);
            response.headers_mut().insert("etag", HeaderValue::from_static("\"1\""));
            *response.body_mut() = Full::new(feed(host, None).into());
        }
        "/whole" => {
            response.headers_mut().insert("content-type", rss);
            *response.body_mut() = Full::new(feed(host, None).into());
        }
        "/news" => {
            response.headers_mut().insert("content-type", rss);
            *response.body_mut() = Full::new(feed(host, Some(ITEMS + polls.fetch_add(1, Ordering::Relaxed))).into());
        }
        path => match path.strip_prefix("/story/").and_then(|number| number.parse().ok()) {
            Some(number) => {
                response.headers_mut().insert("content-type", HeaderValue::from_static("text/html; charset=utf-8"));
                response.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
                *response.body_mut() = Full::new(compressed(&page(number, host, &published(number))));
            }
            None => *response.status_mut() = StatusCode::NOT_FOUND,
        },
    }
    response
}

fn feed(host: &str, latest: Option<usize>) -> String {
    let mut xml = format!("<rss version=\"2.0\"><channel><title>Paper of {host}</title><link>http://{host}/</link>");
    let port = host.rsplit(':').next().unwrap_or_default();
    let shared = format!("127.0.0.1:{port}");
    let items =
        latest.map(|number| (host, number)).into_iter().chain((0..ITEMS).map(|number| (shared.as_str(), number)));
    for (host, number) in items {
        let Story { title, paragraphs, .. } = story(number);
        let link = format!("http://{host}/story/{number}");
        write!(
            xml,
            "<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{}</pubDate><description>{}</description></item>",
            published(number),
            paragraphs[0]
        )
        .ok();
    }
    xml + "</channel></rss>"
}
