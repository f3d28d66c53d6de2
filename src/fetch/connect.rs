//! From an address to an open connection: resolve, judge, dial, TLS, HTTP handshake.
//!
//! Invariant: a socket is connected only to an address that the guard was asked about, here, just before. What a name resolved to
//! earlier or elsewhere counts for nothing.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::failure::{Error, Failure, FailureKind};
use super::guard::Guard;
use super::reach::Reach;
use super::{Options, Resolver};
use crate::address;

/// Longest time to resolve, dial and shake hands, all attempts together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The next address of a name is tried when the one before has not answered for this long (RFC 8305 §8).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 8;

/// Names that are looked up at once: each lookup blocks a thread of the runtime, for half a minute where a name server is dead.
const MOST_LOOKUPS: usize = 128;

/// How long a name's addresses are remembered, and how many names: what the system's resolver says of life times we never see.
const NAME_LIFE: Duration = Duration::from_secs(60);
const MOST_NAMES: usize = 4_096;

/// Longest head of an answer, in bytes, and most of a body that is read ahead; real heads with every security and cookie header stay
/// below 20 KB.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Most headers of an answer.
const MAX_HEADERS: usize = 256;

/// Bytes of a body that an HTTP/2 server may send ahead of us.
const H2_WINDOW_BYTES: u32 = 256 * 1024;

/// TLS sessions remembered for resumption.
const TLS_SESSIONS: usize = 2_048;

/// Opens connections.
pub(super) struct Dialer {
    guard: Guard,
    resolver: Option<Resolver>,
    tls: TlsConnector,
    lookups: Arc<Semaphore>,
    names: Mutex<HashMap<String, (Instant, Vec<SocketAddr>)>>,
    connecting: Semaphore,
    reach: Reach,
    timeout: Duration,
}

/// An open connection, free for one request.
pub(super) enum Connection {
    Http1(http1::SendRequest<Empty<Bytes>>),
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl Connection {
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Http1(sender) => !sender.is_closed(),
            Self::Http2(sender) => !sender.is_closed(),
        }
    }

    /// The version that requests must carry.
    pub(super) fn version(&self) -> Version {
        match self {
            Self::Http1(_) => Version::HTTP_11,
            Self::Http2(_) => Version::HTTP_2,
        }
    }

    pub(super) async fn send(&mut self, request: Request<Empty<Bytes>>) -> hyper::Result<Response<Incoming>> {
        match self {
            Self::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Self::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }
}

impl Dialer {
    pub(super) fn new(options: Options) -> Result<Self, Error> {
        Ok(Self {
            guard: Guard::new(options.allow_networks),
            resolver: options.resolver,
            tls: TlsConnector::from(Arc::new(tls_config(&options.roots)?)),
            lookups: Arc::new(Semaphore::new(MOST_LOOKUPS)),
            names: Mutex::default(),
            connecting: Semaphore::new(connecting_at_once(options.concurrency)),
            reach: Reach::default(),
            timeout: CONNECT_TIMEOUT.min(options.timeout),
        })
    }

    /// Judges an address before anything else is done with it.
    pub(super) fn judge(&self, url: &Url) -> Result<(), Failure> {
        self.guard.host(url)
    }

    /// An open connection to the origin of `url`.
    pub(super) async fn connect(&self, url: &Url) -> Result<Connection, Failure> {
        let host = url.host_str().unwrap_or_default();
        // The semaphore is never closed.
        let _connecting = self.connecting.acquire().await;
        let deadline = self.timeout;
        let opened = match tokio::time::timeout(deadline, self.open(url, host)).await {
            Ok(opened) => opened,
            Err(_) => Err(Failure::new(
                FailureKind::Timeout,
                format!("no connection to `{host}` within {} s", deadline.as_secs_f32()),
            )),
        };
        match &opened {
            Ok(_) => self.reach.reached(),
            Err(failure) => match failure.kind {
                FailureKind::Dns | FailureKind::Connect | FailureKind::Timeout => {
                    self.reach.missed(address::publisher(url));
                }
                FailureKind::Tls | FailureKind::Protocol => self.reach.reached(),
                // Nobody was asked.
                _ => {}
            },
        }
        opened
    }

    /// Whether everything is out of reach; told of every change.
    pub(super) fn cut_off(&self) -> watch::Receiver<bool> {
        self.reach.watch()
    }

    async fn open(&self, url: &Url, host: &str) -> Result<Connection, Failure> {
        let addresses = self.resolve(url, host).await?;
        let mut public = Vec::new();
        let mut refused = None;
        for address in addresses {
            match self.guard.dial(host, address.ip()) {
                Ok(()) => public.push(address),
                Err(failure) => refused = Some(failure),
            }
        }
        if public.is_empty() {
            return Err(refused.unwrap_or_else(|| Failure::new(FailureKind::Dns, format!("`{host}` has no address"))));
        }
        let socket = dial(host, interleaved(public)).await?;
        if url.scheme() == "https" { self.shake_hands(url, host, socket).await } else { http1(socket, host).await }
    }

    async fn resolve(&self, url: &Url, host: &str) -> Result<Vec<SocketAddr>, Failure> {
        let port = url.port_or_known_default().unwrap_or(80);
        let name = match url.host() {
            Some(Host::Ipv4(address)) => return Ok(vec![SocketAddr::new(IpAddr::V4(address), port)]),
            Some(Host::Ipv6(address)) => return Ok(vec![SocketAddr::new(IpAddr::V6(address), port)]),
            Some(Host::Domain(name)) => name,
            None => return Err(Failure::new(FailureKind::Address, "an address without a host")),
        };
        if let Some(answers) = self.resolver.as_ref().and_then(|resolver| resolver.answer(name)) {
            return Ok(answers);
        }
        self.look_up(name, port)
            .await
            .map_err(|error| Failure::new(FailureKind::Dns, format!("`{host}` does not resolve: {error}")))
    }

    /// Asks the system, unless it was asked within [`NAME_LIFE`]. The ports of the answers are `port`.
    async fn look_up(&self, name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let known = self.names.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let mut found = match known {
            Some((since, addresses)) if since.elapsed() < NAME_LIFE => addresses,
            _ => {
                let permit = Arc::clone(&self.lookups).acquire_owned().await;
                let asked = name.to_owned();
                // The thread keeps its permit until the system answers, however early we stop waiting for it.
                let lookup = tokio::task::spawn_blocking(move || {
                    let found = (asked.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
                    drop(permit);
                    found
                });
                let found = lookup.await.map_err(io::Error::other)??;
                let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
                if names.len() >= MOST_NAMES {
                    names.clear();
                }
                names.insert(name.to_owned(), (Instant::now(), found.clone()));
                found
            }
        };
        for address in &mut found {
            address.set_port(port);
        }
        Ok(found)
    }

    async fn shake_hands(&self, url: &Url, host: &str, socket: TcpStream) -> Result<Connection, Failure> {
        let name = match url.host() {
            Some(Host::Ipv4(address)) => ServerName::from(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => ServerName::from(IpAddr::V6(address)),
            _ => ServerName::try_from(host.trim_end_matches('.').to_owned()).map_err(|_| {
                Failure::new(FailureKind::Address, format!("`{host}` cannot be the name of a TLS server"))
            })?,
        };
        let stream = self.tls.connect(name, socket).await.map_err(|error| {
            let kind = if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) {
                FailureKind::Tls
            } else {
                FailureKind::Connect
            };
            Failure::new(kind, format!("no TLS connection to `{host}`: {error}"))
        })?;
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            http2(stream, host).await
        } else {
            http1(stream, host).await
        }
    }
}

/// How many connections may be opened at once: more than requests in flight, so that hosts that never answer keep nobody waiting.
pub(super) fn connecting_at_once(concurrency: usize) -> usize {
    concurrency.saturating_mul(4).clamp(64, 256)
}

/// Connects to the first of `addresses` that answers, starting one attempt after the other (RFC 8305 §5).
async fn dial(host: &str, addresses: Vec<SocketAddr>) -> Result<TcpStream, Failure> {
    let mut attempts = FuturesUnordered::new();
    let mut addresses = addresses.into_iter().take(MOST_ADDRESSES);
    let mut last: Option<io::Error> = None;
    loop {
        match addresses.next() {
            Some(address) => attempts.push(TcpStream::connect(address)),
            None if attempts.is_empty() => break,
            None => {}
        }
        let next_attempt: Pin<Box<dyn Future<Output = ()> + Send>> = if addresses.len() > 0 {
            Box::pin(tokio::time::sleep(ATTEMPT_DELAY))
        } else {
            Box::pin(std::future::pending())
        };
        tokio::select! {
            Some(attempt) = attempts.next() => match attempt {
                Ok(socket) => {
                    // Only a hint to the kernel; without it the connection works all the same.
                    let _ = socket.set_nodelay(true);
                    return Ok(socket);
                }
                Err(error) => last = Some(error),
            },
            () = next_attempt => {}
        }
    }
    let why = last.map_or_else(|| "no address".to_owned(), |error| error.to_string());
    Err(Failure::new(FailureKind::Connect, format!("no connection to `{host}`: {why}")))
}

/// IPv6 and IPv4 in turn, beginning with the resolver's first (RFC 8305 §4).
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut one, mut other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut out = Vec::with_capacity(one.len() + other.len());
    one.reverse();
    other.reverse();
    while !one.is_empty() || !other.is_empty() {
        out.extend(one.pop());
        out.extend(other.pop());
    }
    out
}

async fn http1<S>(stream: S, host: &str) -> Result<Connection, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES)
        .ignore_invalid_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| handshake_failed(host, &error))?;
    // Ends when its sender is dropped; its errors reach the request that meets them.
    tokio::spawn(connection);
    Ok(Connection::Http1(sender))
}

async fn http2<S>(stream: S, host: &str) -> Result<Connection, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(H2_WINDOW_BYTES)
        .initial_connection_window_size(H2_WINDOW_BYTES * 2)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| handshake_failed(host, &error))?;
    tokio::spawn(connection);
    Ok(Connection::Http2(sender))
}

fn handshake_failed(host: &str, error: &hyper::Error) -> Failure {
    Failure::new(FailureKind::Protocol, format!("`{host}` spoke no proper HTTP: {error}"))
}

/// TLS with the machine's own trusted roots, or with Mozilla's where the machine has none (a bare container).
fn tls_config(further: &[CertificateDer<'static>]) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    let machine = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(machine.certs);
    for error in machine.errors {
        tracing::warn!(%error, "cannot read some of this machine's trusted certificates");
    }
    if roots.is_empty() {
        tracing::info!("this machine has no trusted certificates of its own; using Mozilla's, as of this build");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots.add_parsable_certificates(further.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption = rustls::client::Resumption::in_memory_sessions(TLS_SESSIONS);
    Ok(config)
}
