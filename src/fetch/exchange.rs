//! One request, one answer: no redirects, no manners, only bounds.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Version};
use tokio::sync::Semaphore;
use url::Url;

use super::body::{Body, BodyError, Pushed};
use super::connect::{Connection, Dialer};
use super::failure::{Error, Failure, FailureKind, shown};
use super::pace::Turn;
use super::pool::Pool;
use super::{Options, body};

/// Longest silence of a server in the middle of an answer, and before it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// What every body may hold; more needs one of [`BIG_BODIES`] places. Most news pages are smaller (174 KB on average, measured 2026-11).
const SMALL_BODY_BYTES: u64 = 512 * 1024;

/// Memory for bodies that are not small, at two copies each (the decoder's window and the result).
const BIG_BODIES_BYTES: u64 = 96 * 1024 * 1024;

/// Sends requests over pooled connections.
pub(super) struct Exchanger {
    dialer: Dialer,
    pool: Pool,
    user_agent: HeaderValue,
    slots: Semaphore,
    big_bodies: Arc<Semaphore>,
}

/// An answer with its body.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

/// What makes one request differ from another to the same address.
pub(super) struct Ask<'a> {
    pub(super) url: &'a Url,
    pub(super) headers: HeaderMap,
    pub(super) max_body: u64,
    /// Taken when a page is asked for: the moment at which the request leaves begins the next one's pause.
    pub(super) turn: Option<Turn>,
}

impl Exchanger {
    pub(super) fn new(options: &Options) -> Result<Self, Error> {
        let big_bodies =
            usize::try_from(BIG_BODIES_BYTES / options.max_body.saturating_mul(2).max(1)).unwrap_or(1).max(1);
        Ok(Self {
            dialer: Dialer::new(options)?,
            pool: Pool::default(),
            user_agent: HeaderValue::from_str(&options.user_agent)
                .map_err(|_| Error::UserAgent(options.user_agent.escape_debug().to_string()))?,
            slots: Semaphore::new(options.concurrency.max(1)),
            big_bodies: Arc::new(Semaphore::new(big_bodies)),
        })
    }

    /// Judges an address before anything else is done with it.
    pub(super) fn judge(&self, url: &Url) -> Result<(), Failure> {
        self.dialer.judge(url)
    }

    /// Sends one request and reads the whole answer. The body of an answer that is no success is not read.
    pub(super) async fn exchange(&self, ask: Ask<'_>) -> Result<Answer, Failure> {
        let Ask { url, headers, max_body, mut turn } = ask;
        let origin = url.origin().ascii_serialization();
        loop {
            let (mut connection, reused) = match self.pool.take(&origin) {
                Some(connection) => (connection, true),
                None => (self.dialer.connect(url).await?, false),
            };
            // The semaphore is never closed.
            let _slot = self.slots.acquire().await;
            if let Some(turn) = turn.take() {
                turn.start();
            }
            let request = self.request(url, &headers, connection.version());
            let response = match tokio::time::timeout(IDLE_TIMEOUT, connection.send(request)).await {
                Err(_) => return Err(silent(url)),
                Ok(Ok(response)) => response,
                // A server may close a connection that waits at any moment: that says nothing about the server.
                Ok(Err(_)) if reused => continue,
                Ok(Err(error)) => return Err(broken(url, &error)),
            };
            return self.read(url, &origin, connection, response, max_body).await;
        }
    }

    async fn read(
        &self,
        url: &Url,
        origin: &str,
        connection: Connection,
        response: Response<Incoming>,
        max_body: u64,
    ) -> Result<Answer, Failure> {
        let (parts, mut incoming) = response.into_parts();
        if !parts.status.is_success() {
            // Only an answer without a body leaves the connection ready for the next request.
            if hyper::body::Body::is_end_stream(&incoming) {
                self.pool.put(origin, connection);
            }
            return Ok(Answer { status: parts.status, headers: parts.headers, bytes: Vec::new() });
        }
        let unreadable = |error: BodyError| {
            let kind =
                if matches!(error, BodyError::TooLarge { .. }) { FailureKind::TooLarge } else { FailureKind::Encoding };
            Failure {
                status: Some(parts.status.as_u16()),
                ..Failure::new(kind, format!("the body of `{}` is {error}", shown(url)))
            }
        };
        let mut body = Body::new(&parts.headers, SMALL_BODY_BYTES, max_body).map_err(unreadable)?;
        let mut big = None;
        loop {
            let frame = match tokio::time::timeout(IDLE_TIMEOUT, incoming.frame()).await {
                Err(_) => return Err(silent(url)),
                Ok(None) => break,
                Ok(Some(frame)) => frame.map_err(|error| broken(url, &error))?,
            };
            let Some(mut data) = frame.data_ref().map(|data| &data[..]) else { continue };
            while body.push(&mut data).map_err(unreadable)? == Pushed::Full {
                big = Arc::clone(&self.big_bodies).acquire_owned().await.ok();
                body.allow_all();
            }
        }
        self.pool.put(origin, connection);
        let bytes = body.finish().map_err(unreadable)?;
        drop(big);
        Ok(Answer { status: parts.status, headers: parts.headers, bytes })
    }

    fn request(&self, url: &Url, headers: &HeaderMap, version: Version) -> Request<Empty<Bytes>> {
        let mut request = Request::new(Empty::new());
        *request.method_mut() = Method::GET;
        *request.version_mut() = version;
        *request.uri_mut() = uri(url, version).unwrap_or_default();
        let map = request.headers_mut();
        map.insert(header::USER_AGENT, self.user_agent.clone());
        map.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPT_ENCODING));
        for (name, value) in headers {
            map.insert(name, value.clone());
        }
        if version == Version::HTTP_11 {
            let host = url.host_str().unwrap_or_default();
            let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            if let Ok(host) = HeaderValue::from_str(&host) {
                map.insert(header::HOST, host);
            }
        }
        request
    }
}

/// The request's target: the path alone in HTTP/1.1 (RFC 9112 §3.2.1), everything but the fragment in HTTP/2.
fn uri(url: &Url, version: Version) -> Option<hyper::Uri> {
    let start = if version == Version::HTTP_11 { url::Position::BeforePath } else { url::Position::BeforeScheme };
    if version == Version::HTTP_11 {
        return url[start..url::Position::AfterQuery].parse().ok();
    }
    let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
    format!("{}://{authority}{}", url.scheme(), &url[url::Position::BeforePath..url::Position::AfterQuery]).parse().ok()
}

fn silent(url: &Url) -> Failure {
    Failure::new(FailureKind::Timeout, format!("`{}` said nothing for {} s", shown(url), IDLE_TIMEOUT.as_secs()))
}

fn broken(url: &Url, error: &hyper::Error) -> Failure {
    let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(" ({cause})"));
    Failure::new(
        FailureKind::Protocol,
        format!("the answer of `{}` broke off or is no proper HTTP: {error}{cause}", shown(url)),
    )
}
