//! `[metrics] listen`: `/metrics` in Prometheus' text, `/healthz` with 200 or 503.
//!
//! Answers from the counters of this process and from the database, read anew for each request. What comes in is hostile: few connections at once,
//! each bounded in time, nothing read but the head.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::config;
use crate::daemon::Watch;
use crate::health;
use crate::metrics::{Exposition, Kind, METRICS};
use crate::pipeline::Snapshot;
use crate::store::{FeedRow, Reader, Vitals};

/// Connections at once: a Prometheus, a second one, a load balancer, a person.
const CONNECTIONS: usize = 16;

/// What a connection may take in all: Prometheus gives up after ten seconds.
const LONGEST: Duration = Duration::from_secs(30);

/// The open door; closes when dropped.
#[derive(Debug)]
pub(super) struct Exporter {
    address: SocketAddr,
    source: Arc<Source>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct Source {
    db: PathBuf,
    per_feed: AtomicBool,
    counts: Mutex<Counts>,
}

/// Counters must not go back when a reload starts a new run.
#[derive(Debug, Default)]
struct Counts {
    before: Snapshot,
    run: Option<Watch>,
}

impl Exporter {
    /// Opens the door that the settings name, if they name one.
    pub(super) async fn open(settings: &config::Metrics, db: &Path) -> anyhow::Result<Option<Self>> {
        let Some(address) = settings.listen else { return Ok(None) };
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot serve metrics on `{address}`; name another with `[metrics] listen`; under systemd it takes the drop-in metrics.conf"))?;
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "metrics are served to other machines, without a password");
        }
        let source = Arc::new(Source { db: db.to_owned(), per_feed: AtomicBool::default(), counts: Mutex::default() });
        let serving = tokio::spawn(serve(listener, Arc::clone(&source)));
        Ok(Some(Self { address, source, serving }))
    }

    /// Where the door is.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this run is told of, as these settings say.
    pub(super) fn follow(&self, run: Watch, settings: &config::Metrics) {
        self.source.per_feed.store(settings.per_feed, Ordering::Relaxed);
        let mut counts = self.source.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.before = counts.now();
        counts.run = Some(run);
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Counts {
    fn now(&self) -> Snapshot {
        let run = self.run.as_ref().map(Watch::done).unwrap_or_default();
        Snapshot {
            announced: self.before.announced + run.announced,
            stored: self.before.stored + run.stored,
            edited: self.before.edited + run.edited,
            rejected: self.before.rejected + run.rejected,
            put_back: self.before.put_back + run.put_back,
            ..run
        }
    }
}

async fn serve(listener: TcpListener, source: Arc<Source>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((socket, _)) = listener.accept().await else {
            // Out of descriptors, for example: a moment later there may be some.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let source = Arc::clone(&source);
        tokio::spawn(async move {
            // Who hangs up or says nothing loses only their answer.
            let _ = tokio::time::timeout(LONGEST, converse(socket, source)).await;
            drop(place);
        });
    }
}

async fn converse(socket: TcpStream, source: Arc<Source>) -> hyper::Result<()> {
    let service = service_fn(move |request| {
        let source = Arc::clone(&source);
        async move { Ok::<_, Infallible>(answer(&request, source).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST / 3)
        .keep_alive(false)
        .serve_connection(TokioIo::new(socket), service)
        .await
}

async fn answer(request: &Request<Incoming>, source: Arc<Source>) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return response(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    let page = match request.uri().path() {
        "/metrics" => metrics,
        "/healthz" => healthz,
        _ => return response(StatusCode::NOT_FOUND, "/metrics or /healthz\n"),
    };
    match tokio::task::spawn_blocking(move || page(&source)).await {
        Ok(Ok((status, text))) => response(status, text),
        Ok(Err(error)) => response(StatusCode::SERVICE_UNAVAILABLE, format!("{error:#}\n")),
        Err(_) => response(StatusCode::INTERNAL_SERVER_ERROR, "broke down\n"),
    }
}

fn response(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn healthz(source: &Source) -> anyhow::Result<(StatusCode, String)> {
    let problems = health::problems(&vitals(&Reader::open(&source.db)?, source)?);
    if problems.is_empty() {
        return Ok((StatusCode::OK, "ok\n".to_owned()));
    }
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Ok((StatusCode::SERVICE_UNAVAILABLE, lines.join("\n") + "\n"))
}

fn metrics(source: &Source) -> anyhow::Result<(StatusCode, String)> {
    let reader = Reader::open(&source.db)?;
    let vitals = vitals(&reader, source)?;
    let done = source.counts.lock().unwrap_or_else(PoisonError::into_inner).now();
    let mut text = Exposition::default();
    text.family("dateline_build_info", Kind::Gauge, "The version that runs.");
    text.sample("dateline_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    let counters = [
        ("dateline_entries_announced_total", "Entries queued, for the first time or again.", done.announced),
        ("dateline_articles_stored_total", "New articles.", done.stored),
        ("dateline_articles_edited_total", "Articles whose words changed.", done.edited),
        ("dateline_entries_rejected_total", "Entries that ended without an article.", done.rejected),
        ("dateline_entries_put_back_total", "Attempts that failed and left the entry queued.", done.put_back),
    ];
    for (name, help, value) in counters {
        text.single(name, Kind::Counter, help, value);
    }
    METRICS.expose(&mut text);
    expose_vitals(&vitals, &mut text);
    if source.per_feed.load(Ordering::Relaxed) {
        expose_feeds(&reader.feeds()?, &mut text);
    }
    expose_process(&mut text);
    Ok((StatusCode::OK, text.into_text()))
}

fn vitals(reader: &Reader, source: &Source) -> anyhow::Result<Vitals> {
    #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
    let now = Timestamp::now();
    Ok(reader.vitals(&source.db, now)?)
}

fn expose_vitals(vitals: &Vitals, text: &mut Exposition) {
    let well = u8::from(health::problems(vitals).is_empty());
    text.single("dateline_healthy", Kind::Gauge, "1 if all is well, 0 if /healthz names a problem.", well);
    text.family("dateline_feeds", Kind::Gauge, "Configured feeds by state.");
    for (state, count) in &vitals.feeds {
        text.sample("dateline_feeds", &[("state", state)], count);
    }
    let sizes = &vitals.sizes;
    let gauges = [
        ("dateline_feeds_overdue", "Feeds whose poll is more than a minute late.", vitals.overdue),
        ("dateline_schedule_lag_seconds", "How late the latest poll is.", vitals.lag_s),
        ("dateline_queue_entries", "Entries that wait.", vitals.queued),
        ("dateline_queue_due_entries", "Entries that wait and are due.", vitals.due),
        ("dateline_queue_age_seconds", "How long ago the oldest waiting entry was announced.", vitals.queue_age_s),
        ("dateline_database_bytes", "Size of the database file.", sizes.database_bytes),
        ("dateline_wal_bytes", "Size of the write-ahead log.", sizes.wal_bytes),
        ("dateline_pages_bytes", "Size of the kept raw pages.", sizes.pages_bytes),
        ("dateline_disk_free_bytes", "What is left on the disk of the database.", sizes.disk_free_bytes),
        ("dateline_disk_size_bytes", "Size of the disk of the database.", sizes.disk_bytes),
    ];
    for (name, help, value) in gauges {
        text.single(name, Kind::Gauge, help, value);
    }
}

fn expose_feeds(feeds: &[FeedRow], text: &mut Exposition) {
    type Value<'a> = &'a dyn Fn(&FeedRow) -> Option<i64>;
    let time =
        |at: &Option<String>| at.as_deref().and_then(|at| at.parse::<Timestamp>().ok()).map(Timestamp::as_second);
    let families: [(&str, &str, Value<'_>); 4] = [
        ("dateline_feed_articles", "Articles that came from a feed.", &|feed| Some(feed.articles)),
        ("dateline_feed_failures_in_row", "Polls of a feed that failed since the last one that did not.", &|feed| {
            Some(feed.failures_in_row)
        }),
        ("dateline_feed_last_success_timestamp_seconds", "When a feed was last read.", &|feed| {
            time(&feed.last_success_at)
        }),
        ("dateline_feed_next_poll_timestamp_seconds", "When a feed is due.", &|feed| time(&feed.next_poll_at)),
    ];
    for (name, help, value) in families {
        text.family(name, Kind::Gauge, help);
        for feed in feeds {
            if let Some(value) = value(feed) {
                text.sample(name, &[("feed", &feed.name)], value);
            }
        }
    }
}

/// The process metrics that every Prometheus client library exposes, as far as the system tells them.
fn expose_process(text: &mut Exposition) {
    // Fields 14, 15, 22 and 24 of proc(5)'s stat, counted behind the command's closing parenthesis; ticks are 1/100 s and pages 4 KB on every
    // Linux that we are built for.
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return };
    let fields: Vec<u64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    if let (Some(user), Some(system), Some(resident)) = (fields.get(11), fields.get(12), fields.get(21)) {
        let ticks = user + system;
        let cpu = format!("{}.{:02}", ticks / 100, ticks % 100);
        text.single("process_cpu_seconds_total", Kind::Counter, "Processor time, user and system.", cpu);
        text.single("process_resident_memory_bytes", Kind::Gauge, "Resident memory.", resident * 4_096);
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        text.single("process_open_fds", Kind::Gauge, "Open file descriptors.", open.count());
    }
}
