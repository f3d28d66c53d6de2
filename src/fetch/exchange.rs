//! One request, one answer: no redirects, no manners, only bounds.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::response::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};
use jiff::Timestamp;
use tokio::sync::Semaphore;
use url::Url;

use super::body::{Body, BodyError, Pushed};
use super::connect::{Connection, Dialer};
use super::failure::{Error, Failure, FailureKind, shown};
use super::pace::Place;
use super::pool::Pool;
use super::{Options, body, headers};

/// Longest silence of a server in the middle of an answer, and before it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// What every body may hold; more needs one of [`BIG_BODIES`] places. Most news pages are smaller (174 KB on average, measured 2026-11).
const SMALL_BODY_BYTES: u64 = 512 * 1024;

/// Bytes of an error's or a redirect's body that are read to keep its connection.
const DRAINED_BYTES: usize = 64 * 1024;

/// Longest wait for each piece of them.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

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
    /// How long the server asks to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// How long the server says that its answer stays true.
    pub(super) fresh_for: Option<Duration>,
}

impl Answer {
    fn new(head: Parts, bytes: Vec<u8>) -> Self {
        let now = wall_clock();
        let (retry_after, fresh_for) =
            (headers::retry_after(&head.headers, now), headers::fresh_for(&head.headers, now));
        Self { status: head.status, headers: head.headers, bytes, retry_after, fresh_for }
    }
}

/// What makes one request differ from another to the same address.
pub(super) struct Ask<'a> {
    pub(super) url: &'a Url,
    pub(super) headers: HeaderMap,
    pub(super) max_body: u64,
    pub(super) overlong: Overlong,
    /// Told when the request leaves.
    pub(super) place: Place,
}

/// What becomes of a body longer than `max_body`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overlong {
    /// The request failed.
    Fail,
    /// The beginning is enough.
    Cut,
}

impl Exchanger {
    pub(super) fn new(options: Options) -> Result<Self, Error> {
        let big_bodies =
            usize::try_from(BIG_BODIES_BYTES / options.max_body.saturating_mul(2).max(1)).unwrap_or(1).max(1);
        Ok(Self {
            pool: Pool::default(),
            user_agent: HeaderValue::from_str(&options.user_agent)
                .map_err(|_| Error::UserAgent(options.user_agent.escape_debug().to_string()))?,
            slots: Semaphore::new(options.concurrency.max(1)),
            big_bodies: Arc::new(Semaphore::new(big_bodies)),
            dialer: Dialer::new(options)?,
        })
    }

    /// Judges an address before anything else is done with it.
    pub(super) fn judge(&self, url: &Url) -> Result<(), Failure> {
        self.dialer.judge(url)
    }

    /// Sends one request and reads the whole answer. The body of an answer that is no success is not read.
    pub(super) async fn exchange(&self, ask: Ask<'_>) -> Result<Answer, Failure> {
        let Ask { url, headers, max_body, overlong, mut place } = ask;
        let origin = url.origin().ascii_serialization();
        loop {
            let (mut connection, reused) = match self.pool.take(&origin) {
                Some(connection) => (connection, true),
                None => (self.dialer.connect(url).await?, false),
            };
            // The semaphore is never closed.
            let _slot = self.slots.acquire().await;
            place.start();
            let request = self.request(url, &headers, connection.version());
            let response = match tokio::time::timeout(IDLE_TIMEOUT, connection.send(request)).await {
                Err(_) => return Err(silent(url)),
                Ok(Ok(response)) => response,
                // A server may close a connection that waits at any moment: that says nothing about the server.
                Ok(Err(_)) if reused => continue,
                Ok(Err(error)) => return Err(broken(url, &error)),
            };
            return self.read(url, &origin, connection, response, max_body, overlong).await;
        }
    }

    async fn read(
        &self,
        url: &Url,
        origin: &str,
        connection: Connection,
        response: Response<Incoming>,
        max_body: u64,
        overlong: Overlong,
    ) -> Result<Answer, Failure> {
        let (parts, mut incoming) = response.into_parts();
        if !parts.status.is_success() {
            // Reading a short body to its end keeps the connection for the next request.
            if drained(&mut incoming).await {
                self.pool.put(origin, connection);
            }
            return Ok(Answer::new(parts, Vec::new()));
        }
        let status = parts.status.as_u16();
        let unreadable = move |error: BodyError| {
            let kind =
                if matches!(error, BodyError::TooLarge { .. }) { FailureKind::TooLarge } else { FailureKind::Encoding };
            Failure { status: Some(status), ..Failure::new(kind, format!("the body of `{}` is {error}", shown(url))) }
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
            loop {
                match body.push(&mut data) {
                    Ok(Pushed::All) => break,
                    Ok(Pushed::Full) => {
                        big = Arc::clone(&self.big_bodies).acquire_owned().await.ok();
                        body.allow_all();
                    }
                    Err(BodyError::TooLarge { .. }) if overlong == Overlong::Cut => {
                        return Ok(Answer::new(parts, body.cut()));
                    }
                    Err(error) => return Err(unreadable(error)),
                }
            }
        }
        self.pool.put(origin, connection);
        let bytes = body.finish().map_err(unreadable)?;
        drop(big);
        Ok(Answer::new(parts, bytes))
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

/// Whether a body that nobody needs ended soon.
async fn drained(incoming: &mut Incoming) -> bool {
    let mut bytes = 0;
    while bytes <= DRAINED_BYTES {
        match tokio::time::timeout(DRAIN_TIMEOUT, incoming.frame()).await {
            Ok(None) => return true,
            Ok(Some(Ok(frame))) => bytes += frame.data_ref().map_or(0, Bytes::len),
            Ok(Some(Err(_))) | Err(_) => return false,
        }
    }
    false
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

#[expect(clippy::disallowed_methods, reason = "the shell's clock: dates in headers are read against it")]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}
