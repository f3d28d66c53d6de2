//! Why something was not fetched: a value that tells a person what happened and [`verdict`](super::verdict()) what to do about it.
//!
//! Messages hold no secrets: no user name, password or header value ever enters one. Control characters are escaped.

use std::fmt::{self, Write as _};
use std::time::Duration;

use url::Url;

/// A client that could not be built.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The User-Agent has characters that no header can carry.
    #[error("`{0}` cannot be sent as a User-Agent; use printable ASCII on one line")]
    UserAgent(String),
    /// A header of a feed cannot be sent.
    #[error("header `{name}` cannot be sent: {why}")]
    Header {
        /// The header's name; its value may be a secret and is never told.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a network in CIDR notation.
    #[error("`{0}` is no network; write it like `10.1.0.0/16` or `fd00::/8`")]
    Network(String),
    /// The TLS library refused its own configuration.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
}

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind of failure, for [`verdict`](super::verdict()).
    pub kind: FailureKind,
    /// The status code, where a server answered.
    pub status: Option<u16>,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Duration>,
    /// For a person: a lower-case fragment that names the object and, where there is one, the remedy.
    pub message: String,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The address is not one that can be fetched: no `http` or `https`, no host, too long, a port of another service.
    Address,
    /// The address, or one that it leads to, is not public.
    Forbidden,
    /// robots.txt forbids it.
    Robots,
    /// robots.txt could not be read, so nobody knows what it forbids.
    RobotsUnknown,
    /// The name does not resolve.
    Dns,
    /// No connection.
    Connect,
    /// No trusted TLS connection.
    Tls,
    /// A deadline passed.
    Timeout,
    /// The server broke off or spoke no proper HTTP.
    Protocol,
    /// The body could not be decompressed.
    Encoding,
    /// The body is longer than `max_body`.
    TooLarge,
    /// Redirects that lead nowhere: too many, in a circle, from https down to http, without a target.
    Redirect,
    /// A wall in front of the page: for bots, consent, subscribers or members.
    Wall,
    /// The publisher asked to be left alone for a while; nothing was sent.
    Held,
    /// A status that is neither success nor a redirect.
    Status,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, status: None, retry_after: None, message: escaped(&message.into()) }
    }
}

/// An address fit for messages: no credentials, no fragment, no more than 200 characters.
pub(crate) fn shown(url: &Url) -> String {
    const LONGEST: usize = 200;
    let mut url = url.clone();
    url.set_fragment(None);
    // Fails only for addresses that have no host, and those carry no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let text = url.as_str();
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    short.push('…');
    short
}

/// `text` with its control characters written out (`\u{1b}`), so that it can go to a terminal or a log.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            let _ = write!(out, "{}", character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "address",
            Self::Forbidden => "forbidden",
            Self::Robots => "robots",
            Self::RobotsUnknown => "robots unknown",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::Encoding => "encoding",
            Self::TooLarge => "too large",
            Self::Redirect => "redirect",
            Self::Wall => "wall",
            Self::Held => "held",
            Self::Status => "status",
        })
    }
}
