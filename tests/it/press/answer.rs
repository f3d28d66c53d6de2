//! What the press answers: proper responses, and the faults of the world.

use std::fmt::Write as _;
use std::time::Duration;

use hyper::body::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// A scripted answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    delay: Duration,
    /// Played instead of a proper response.
    script: Option<Vec<Step>>,
}

/// A piece of a response that is not proper.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// These bytes.
    Send(Bytes),
    /// These bytes for ever, as fast as they are read.
    Flood(Vec<u8>),
    /// These bytes for ever, again and again after this long.
    Drip(Vec<u8>, Duration),
    /// Nothing more, the connection stays open.
    Hang,
    /// The end of what we send, while the connection stays open the other way.
    HalfClose,
    /// A reset of the connection.
    Reset,
}

impl Answer {
    /// An answer without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), delay: Duration::ZERO, script: None }
    }

    /// A page.
    pub(crate) fn page(body: impl Into<Vec<u8>>) -> Self {
        Self { body: Bytes::from(body.into()), ..Self::status(200) }.with("content-type", "text/html; charset=utf-8")
    }

    /// A feed.
    pub(crate) fn feed(body: impl Into<Vec<u8>>) -> Self {
        Self { body: Bytes::from(body.into()), ..Self::status(200) }.with("content-type", "application/rss+xml")
    }

    /// A robots.txt.
    pub(crate) fn robots(body: &str) -> Self {
        Self { body: body.to_owned().into(), ..Self::status(200) }.with("content-type", "text/plain")
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).with("location", to)
    }

    /// Whatever these steps amount to, from the status line on; the connection closes after the last.
    pub(crate) fn script(steps: Vec<Step>) -> Self {
        Self { script: Some(steps), ..Self::status(200) }
    }

    /// These bytes, said to be compressed like this.
    pub(crate) fn coded(encoding: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::page(body).with("content-encoding", encoding)
    }

    /// With this header too.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// After this long.
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Writes the answer; says whether the connection stays open. A matching `If-None-Match` gets 304.
    pub(super) async fn play(self, socket: &mut TcpStream, head: &str, answered: impl FnOnce()) -> bool {
        tokio::time::sleep(self.delay).await;
        if let Some(script) = self.script {
            for step in script {
                if !step.play(socket).await {
                    break;
                }
            }
            answered();
            return false;
        }
        answered();
        let etag = self.headers.iter().find(|(name, _)| name == "etag").map(|(_, value)| value.as_str());
        let asked = head
            .split("\r\n")
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("if-none-match"));
        let unchanged = etag.is_some() && asked.map(|(_, value)| value) == etag;
        let (status, body) = if unchanged { (304, &[][..]) } else { (self.status, &self.body[..]) };
        let mut text = format!("HTTP/1.1 {status} Scripted\r\n");
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        if status != 304 && status != 204 {
            write!(text, "content-length: {}\r\n", body.len()).unwrap();
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        // In one packet where it fits, as servers do.
        bytes.extend_from_slice(body);
        socket.write_all(&bytes).await.is_ok()
    }
}

impl Step {
    /// Plays the step; says whether the client still listens.
    async fn play(self, socket: &mut TcpStream) -> bool {
        match self {
            Self::Send(bytes) => socket.write_all(&bytes).await.is_ok(),
            Self::Flood(bytes) => {
                let bytes = bytes.repeat((64 * 1024_usize).div_ceil(bytes.len()));
                while socket.write_all(&bytes).await.is_ok() {}
                false
            }
            Self::Drip(bytes, pause) => {
                while socket.write_all(&bytes).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
                false
            }
            Self::Hang => Self::until_the_client_leaves(socket).await,
            Self::HalfClose => {
                let _ = socket.shutdown().await;
                Self::until_the_client_leaves(socket).await
            }
            Self::Reset => {
                // Closing a socket that lingers for no time sends a reset.
                let _ = socket.set_zero_linger();
                false
            }
        }
    }

    async fn until_the_client_leaves(socket: &mut TcpStream) -> bool {
        // Nothing else makes the socket readable.
        let _ = socket.readable().await;
        false
    }
}
