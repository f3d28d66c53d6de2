//! URL → bytes: politely, and only from public addresses.
//!
//! Shell. Knows nothing of feeds, articles or the database: it is given an address and answers with bytes or with a [`Failure`],
//! and [`verdict()`] says what a failure means for the entry. Who may be asked what, when and at which address is decided here and
//! nowhere else:
//!
//! - [`guard`] judges the host of every hop as parsed *and* every address that is dialled;
//! - [`pace`] spaces page requests to one registrable domain and never lets more than two requests run there at once;
//! - [`robots`] reads what the publisher asks of crawlers;
//! - `connect`, `pool`, `body` speak HTTP, each within bounds of time and size.
//!
//! Invariants: redirects are followed here and nowhere below; no cookie is ever kept; the environment names no proxy; nothing that
//! a server sends can make a request last longer than `timeout` or hold more than `max_body`.

pub mod body;
pub mod guard;
pub mod headers;
pub mod pace;
pub mod robots;

mod client;
mod connect;
mod exchange;
mod failure;
mod memory;
mod patience;
mod pool;
mod reach;
mod robots_cache;
mod verdict;
mod wall;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use url::Url;

pub use client::Client;
pub use failure::{Error, Failure, FailureKind};
pub use guard::Network;
pub use headers::{FeedHeaders, Validators};
pub use verdict::{Verdict, verdict};

/// How to fetch. The defaults are those of the configuration's `[fetch]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Sent with every request; its first product (`dateline`) is the name looked for in robots.txt.
    pub user_agent: String,
    /// Requests in flight at once. Resolving and connecting do not count: a dead host takes no place from a live one.
    pub concurrency: usize,
    /// Between the starts of two page requests to one registrable domain or address.
    pub per_host_delay: Duration,
    /// Longest time from sending a request to the last byte of its answer, all redirects together. Connecting has ten seconds of
    /// its own at most; waiting for the pace does not count.
    pub timeout: Duration,
    /// Longest body in bytes, after decompression.
    pub max_body: u64,
    /// Whether robots.txt is read and obeyed.
    pub robots: Robots,
    /// Networks that may be fetched though they are not public.
    pub allow_networks: Vec<Network>,
    /// Certificates of authorities trusted besides the machine's; never in the configuration (`SSL_CERT_FILE` is read).
    pub roots: Vec<CertificateDer<'static>>,
    /// Answers names in place of the system; never in the configuration.
    pub resolver: Option<Resolver>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            user_agent: PLACEHOLDER_USER_AGENT.to_owned(),
            concurrency: 64,
            per_host_delay: Duration::from_secs(5),
            timeout: Duration::from_secs(60),
            max_body: 15_000_000,
            robots: Robots::Obey,
            allow_networks: Vec::new(),
            roots: Vec::new(),
            resolver: None,
        }
    }
}

/// The User-Agent that stands in the configuration until its owner puts a contact address there.
pub const PLACEHOLDER_USER_AGENT: &str = "dateline/0.1 (+https://example.org/about-our-crawler)";

/// Whether robots.txt binds us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Robots {
    /// Read it and obey it.
    Obey,
    /// Never ask for it.
    Ignore,
}

/// Answers names in place of the system's resolver: `None` leaves a name to the system.
///
/// The port of an answer is dialled whatever port the address names, so that `http://alpha.example/` can reach a listener on
/// any port. Answers are judged by the guard like any others.
#[derive(Clone)]
pub struct Resolver(Arc<Answers>);

type Answers = dyn Fn(&str) -> Option<Vec<SocketAddr>> + Send + Sync;

impl Resolver {
    /// A resolver that asks `answers` with the host in lower case.
    pub fn new(answers: impl Fn(&str) -> Option<Vec<SocketAddr>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(answers))
    }

    fn answer(&self, host: &str) -> Option<Vec<SocketAddr>> {
        (self.0)(host)
    }
}

impl PartialEq for Resolver {
    /// The same one, not one that answers alike.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

/// What to ask for when polling a feed.
#[derive(Debug, Clone)]
pub struct PollRequest {
    /// The feed's address. A user name and password in it are sent as Basic credentials to its origin only.
    pub url: Url,
    /// Sent to this feed's origin only.
    pub headers: Option<FeedHeaders>,
    /// Whether the server may answer that nothing changed.
    pub condition: Condition,
}

/// Whether a server may answer that nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Send the whole body.
    Unconditional,
    /// Send it only if it is not the one that carried these validators.
    IfChanged(Validators),
}

/// The answer to a conditional request.
#[derive(Debug, Clone)]
pub enum Polled {
    /// What was there last time is still there.
    NotModified(NotModified),
    /// There is a body.
    Body(Page),
}

/// A server's word that nothing changed.
#[derive(Debug, Clone)]
pub struct NotModified {
    /// The validators to send next time.
    pub validators: Validators,
    /// Where the address moved for good, when it did.
    pub moved_to: Option<Url>,
    /// How long the server says that its answer stays true (`Cache-Control: max-age`, `Expires`).
    pub fresh_for: Option<Duration>,
}

/// What an address returned.
///
/// Large bodies share a budget of memory (48 MB) and give back what they hold when the page is dropped: drop it as soon as it is read.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where the body came from, after redirects.
    pub final_url: Url,
    /// Where the address moved for good: the last target of a chain of 301 and 308 that begins at the address asked for.
    pub moved_to: Option<Url>,
    /// The status code, 200–299.
    pub status: u16,
    /// The body, decompressed, in whatever character set.
    pub bytes: Vec<u8>,
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    /// To be sent with the next request for the same address.
    pub validators: Validators,
    /// How long the server says that its answer stays true (`Cache-Control: max-age`, `Expires`).
    pub fresh_for: Option<Duration>,
    _share: Arc<memory::Share>,
}
