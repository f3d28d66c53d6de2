//! One request, one answer: no redirects, no manners, only bounds.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::response::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};
use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::Instant;
use url::Url;

use super::body::{BodyError, Encoding, Limit, Received};
use super::connect::{Connection, Dialer};
use super::failure::{Error, Failure, FailureKind, shown};
use super::memory::{Memory, Share};
use super::pace::Place;
use super::patience::Patience;
use super::pool::Pool;
use super::{Options, body, headers};

/// Longest silence of a server in the middle of an answer, and before it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// A new connection that waited this long for a slot may have been closed again.
const STALE_AFTER: Duration = Duration::from_secs(1);

/// Bytes of an error's or a redirect's body that are read to keep its connection.
const DRAINED_BYTES: usize = 64 * 1024;

/// Longest wait for each piece of them.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// Sends requests over pooled connections.
pub(super) struct Exchanger {
    dialer: Dialer,
    pool: Pool,
    user_agent: HeaderValue,
    slots: Semaphore,
    /// For requests that have waited long for their answer.
    waiting: Semaphore,
    patience: Patience,
    memory: Memory,
    /// Bytes of bodies received so far, as they came over the network.
    received_bytes: AtomicU64,
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
    /// From sending the request to the last byte.
    pub(super) took: Duration,
    /// The body's share of the memory for all.
    pub(super) share: Share,
}

impl Answer {
    fn new(head: Parts, bytes: Vec<u8>) -> Self {
        let now = wall_clock();
        let (retry_after, fresh_for) =
            (headers::retry_after(&head.headers, now), headers::fresh_for(&head.headers, now));
        Self {
            status: head.status,
            headers: head.headers,
            bytes,
            retry_after,
            fresh_for,
            took: Duration::ZERO,
            share: Share::default(),
        }
    }
}

/// What makes one request differ from another to the same address.
pub(super) struct Ask<'a> {
    pub(super) url: &'a Url,
    pub(super) headers: HeaderMap,
    pub(super) limit: Limit,
    /// Told when the request leaves.
    pub(super) place: &'a mut Place,
    /// Longest time from sending the request to the last byte.
    pub(super) left: Duration,
}

/// Whether an answer was read to its end, so that its connection can serve the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Read,
    Left,
}

impl Exchanger {
    pub(super) fn new(options: Options) -> Result<Self, Error> {
        Ok(Self {
            pool: Pool::default(),
            user_agent: HeaderValue::from_str(&options.user_agent)
                .map_err(|_| Error::UserAgent(options.user_agent.escape_debug().to_string()))?,
            slots: Semaphore::new(options.concurrency.max(1)),
            waiting: Semaphore::new(options.concurrency.saturating_mul(2)),
            patience: Patience::default(),
            memory: Memory::new(),
            received_bytes: AtomicU64::new(0),
            dialer: Dialer::new(options)?,
        })
    }

    /// Bytes of bodies received so far.
    pub(super) fn received_bytes(&self) -> u64 {
        self.received_bytes.load(Ordering::Relaxed)
    }

    /// Judges an address before anything else is done with it.
    pub(super) fn judge(&self, url: &Url) -> Result<(), Failure> {
        self.dialer.judge(url)
    }

    /// Whether everything is out of reach; told of every change.
    pub(super) fn cut_off(&self) -> watch::Receiver<bool> {
        self.dialer.cut_off()
    }

    /// Sends one request and reads the whole answer. The body of an answer that is no success is not read.
    pub(super) async fn exchange(&self, ask: Ask<'_>) -> Result<Answer, Failure> {
        let Ask { url, headers, limit, place, left } = ask;
        let origin = url.origin().ascii_serialization();
        let mut waiting = self.pool.take(&origin);
        let mut tries = 2;
        loop {
            tries -= 1;
            let (mut connection, reused) = match waiting.take() {
                Some(connection) => (connection, true),
                None => (self.dialer.connect(url).await?, false),
            };
            let opened = Instant::now();
            // The semaphore is never closed.
            let slot = self.slots.acquire().await.ok();
            // A server may close a connection that waits at any moment: that says nothing about the server.
            let may_be_stale = tries > 0 && (reused || opened.elapsed() > STALE_AFTER);
            place.start();
            let request = self.request(url, &headers, connection.version());
            let sent = Instant::now();
            let talk = async {
                let (slot, head) = self.head(url, &mut connection, request, slot).await?;
                let read = match head {
                    Ok(response) => self.read(url, response, limit).await.map(Some),
                    Err(_) if may_be_stale => Ok(None),
                    Err(error) => Err(broken(url, &error)),
                };
                drop(slot);
                read
            };
            let (mut answer, whole) = match tokio::time::timeout(left, talk).await {
                Err(_) => return Err(overdue(url)),
                Ok(Err(failure)) => return Err(failure),
                Ok(Ok(None)) => continue,
                Ok(Ok(Some(read))) => read,
            };
            if whole == Whole::Read {
                self.pool.put(&origin, connection);
            }
            answer.took = sent.elapsed();
            return Ok(answer);
        }
    }

    /// Sends a request and waits for the head of its answer. A server that lets us wait gives its slot to others meanwhile.
    async fn head<'a>(
        &'a self,
        url: &Url,
        connection: &mut Connection,
        request: Request<Empty<Bytes>>,
        slot: Option<SemaphorePermit<'a>>,
    ) -> Result<(Option<SemaphorePermit<'a>>, hyper::Result<Response<Incoming>>), Failure> {
        let mut sending = pin!(connection.send(request));
        let began = Instant::now();
        let patience = self.patience.get();
        if let Ok(head) = tokio::time::timeout(patience, &mut sending).await {
            self.patience.learn(began.elapsed());
            return Ok((slot, head));
        }
        self.patience.learn(patience);
        let Ok(waiting) = self.waiting.try_acquire() else {
            let head = tokio::time::timeout(IDLE_TIMEOUT, sending).await.map_err(|_| silent(url))?;
            return Ok((slot, head));
        };
        drop(slot);
        let head = tokio::time::timeout(IDLE_TIMEOUT, sending).await.map_err(|_| silent(url))?;
        drop(waiting);
        Ok((self.slots.acquire().await.ok(), head))
    }

    async fn read(&self, url: &Url, response: Response<Incoming>, limit: Limit) -> Result<(Answer, Whole), Failure> {
        let (head, mut incoming) = response.into_parts();
        if !head.status.is_success() {
            let whole = drained(&mut incoming).await;
            return Ok((Answer::new(head, Vec::new()), whole));
        }
        let status = head.status.as_u16();
        let unreadable = move |error: BodyError| {
            let kind =
                if matches!(error, BodyError::TooLarge { .. }) { FailureKind::TooLarge } else { FailureKind::Encoding };
            Failure { status: Some(status), ..Failure::new(kind, format!("the body of `{}` is {error}", shown(url))) }
        };
        let encoding = Encoding::of(&head.headers).map_err(unreadable)?;
        let max = limit.bytes();
        if matches!(limit, Limit::Fail(_)) && hyper::body::Body::size_hint(&incoming).lower() > max {
            return Err(unreadable(BodyError::TooLarge { max }));
        }
        let mut received = Received::default();
        let mut share = Share::default();
        let mut whole = Whole::Read;
        while let Some(frame) = tokio::time::timeout(IDLE_TIMEOUT, incoming.frame()).await.map_err(|_| silent(url))? {
            let frame = frame.map_err(|error| broken(url, &error))?;
            let data = frame.data_ref().map_or(&[][..], |data| data);
            self.received_bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
            received.push(data);
            if received.len() > max {
                if matches!(limit, Limit::Fail(_)) {
                    return Err(unreadable(BodyError::TooLarge { max }));
                }
                whole = Whole::Left;
                break;
            }
            self.memory.grow(&mut share, received.len()).await;
        }
        let decoder = self.memory.decoder().await;
        let bytes = received.decode(encoding, limit).map_err(unreadable)?;
        self.memory.grow(&mut share, bytes.len() as u64).await;
        drop(decoder);
        Ok((Answer { share, ..Answer::new(head, bytes) }, whole))
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

/// Reads a body that nobody needs, when it is short: that keeps the connection for the next request.
async fn drained(incoming: &mut Incoming) -> Whole {
    let mut bytes = 0;
    while bytes <= DRAINED_BYTES {
        match tokio::time::timeout(DRAIN_TIMEOUT, incoming.frame()).await {
            Ok(None) => return Whole::Read,
            Ok(Some(Ok(frame))) => bytes += frame.data_ref().map_or(0, Bytes::len),
            Ok(Some(Err(_))) | Err(_) => return Whole::Left,
        }
    }
    Whole::Left
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

fn overdue(url: &Url) -> Failure {
    Failure::new(FailureKind::Timeout, format!("`{}` was not read in the time allowed by `fetch.timeout`", shown(url)))
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
