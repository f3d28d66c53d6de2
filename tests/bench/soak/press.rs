//! A press whose stories appear, change and go as time passes. Everything follows from a story's number and its age.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::prose::story;

/// Stories that a feed shows.
const SHOWN: usize = 20;

/// A running press; it ends with this value.
pub(crate) struct Press {
    site: Arc<Site>,
    port: u16,
    _runtime: Runtime,
}

struct Site {
    hosts: usize,
    rate: f64,
    began: Instant,
    began_at: Timestamp,
    asked: AtomicU64,
}

impl Press {
    /// Publishers at 127.0.0.2 and up; `rate` stories a second over all of them.
    pub(crate) fn open(hosts: usize, rate: f64) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let site =
            Arc::new(Site { hosts, rate, began: Instant::now(), began_at: Timestamp::now(), asked: AtomicU64::new(0) });
        let mut port = 0;
        for at in 0..hosts {
            let listener = runtime.block_on(TcpListener::bind((host(at), port)))?;
            port = listener.local_addr()?.port();
            runtime.spawn(accept(listener, at, Arc::clone(&site)));
        }
        Ok(Self { site, port, _runtime: runtime })
    }

    pub(crate) fn url(&self, at: usize, path: &str) -> String {
        format!("http://{}:{}{path}", host(at), self.port)
    }

    /// Requests so far.
    pub(crate) fn asked(&self) -> u64 {
        self.site.asked.load(Ordering::Relaxed)
    }
}

fn host(at: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, u8::try_from(at + 2).unwrap_or(u8::MAX))
}

async fn accept(listener: TcpListener, at: usize, site: Arc<Site>) {
    while let Ok((stream, _)) = listener.accept().await {
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
                let response = site.answer(at, request.uri().path());
                async { Ok::<_, Infallible>(response) }
            });
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
        });
    }
}

impl Site {
    fn answer(&self, at: usize, path: &str) -> Response<Full<Bytes>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let number = path.strip_prefix("/story/").and_then(|number| number.parse().ok());
        let (kind, body) = match number {
            Some(number) => ("text/html; charset=utf-8", self.page(number)),
            None if path == "/rss" => ("application/rss+xml", Some(self.feed(at))),
            None => ("text/plain", None),
        };
        let mut response = Response::new(Full::new(body.clone().unwrap_or_default().into()));
        if body.is_none() {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
        response.headers_mut().insert("content-type", HeaderValue::from_static(kind));
        response
    }

    fn age_s(&self, number: usize) -> f64 {
        self.began.elapsed().as_secs_f64() - number as f64 / self.rate
    }

    fn feed(&self, at: usize) -> String {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of stories")]
        let newest = (self.began.elapsed().as_secs_f64() * self.rate) as usize;
        let mut xml = format!("<rss version=\"2.0\"><channel><title>Paper {at}</title>");
        let own = (0..newest).rev().filter(|number| number % self.hosts == at).take(SHOWN);
        for number in own {
            let age = SignedDuration::try_from_secs_f64(self.age_s(number)).unwrap_or_default();
            let now = self.began_at + SignedDuration::try_from(self.began.elapsed()).unwrap_or_default();
            let date = (now - age).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            write!(
                xml,
                "<item><title>{}</title><link>/story/{number}</link><pubDate>{date}</pubDate></item>",
                story(number).title
            )
            .ok();
        }
        xml + "</channel></rss>"
    }

    /// `None` once it was taken down.
    fn page(&self, number: usize) -> Option<String> {
        let (age, text) = (self.age_s(number), story(number));
        if age < 0.0 || (number.is_multiple_of(50) && age > 2.0) {
            return None;
        }
        let mut html =
            format!("<html lang=\"en\"><head><title>{0}</title></head><body><article><h1>{0}</h1>", text.title);
        if number.is_multiple_of(3) {
            write!(html, "<p>Updated {:.0}:{:02.0}</p>", (age / 60.0) % 24.0, age % 60.0).ok();
        }
        for (place, paragraph) in text.paragraphs.iter().enumerate() {
            let edited = place == 1 && number.is_multiple_of(7) && age > 2.0;
            let more = if edited { " An earlier version of this report named another day." } else { "" };
            write!(html, "<p>{paragraph}{more}</p>").ok();
        }
        Some(html + "</article></body></html>")
    }
}
