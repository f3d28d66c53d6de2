//! A press of our own on loopback: any number of hosts behind one listener, each answering as scripted, faults included.
//!
//! Speaks HTTP/1.1 on raw sockets, so that it can answer as no proper server would. Keeps a log of every request with its times;
//! politeness is read from that log, never from what the client says of itself.

mod answer;
mod tls;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dateline::fetch::{Client, Options, Resolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

pub(crate) use answer::{Answer, Step};
pub(crate) use tls::TlsPress;

/// A running press; it stops when the last handle to its runtime does.
#[derive(Clone)]
pub(crate) struct Press {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    hung_up: watch::Sender<u32>,
}

#[derive(Default)]
struct State {
    routes: HashMap<(String, String), Vec<Answer>>,
    visits: Vec<Visit>,
    connections: usize,
}

/// One request, as the press saw it.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The host asked for, without port.
    pub(crate) host: String,
    /// Path and query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// When the head had arrived.
    pub(crate) began: Instant,
    /// When the answer was ready to be written, if it was.
    pub(crate) ended: Option<Instant>,
}

impl Visit {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Press {
    /// Opens on a free port of 127.0.0.1.
    pub(crate) async fn open() -> Self {
        Self::open_at((Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// Opens on an address of the caller's choice.
    pub(crate) async fn open_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let press =
            Self { address: listener.local_addr().unwrap(), state: Arc::default(), hung_up: watch::Sender::new(0) };
        let accepting = press.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                accepting.state.lock().unwrap().connections += 1;
                tokio::spawn(accepting.clone().serve(socket));
            }
        });
        press
    }

    /// Where the press listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers `path` of `host` like this from now on. `*` as a path is every path that has no answer of its own.
    pub(crate) fn set(&self, host: &str, path: &str, answer: Answer) {
        self.set_each(host, path, vec![answer]);
    }

    /// Answers with one after the other; the last one stays.
    pub(crate) fn set_each(&self, host: &str, path: &str, mut answers: Vec<Answer>) {
        answers.reverse();
        self.state.lock().unwrap().routes.insert((host.to_owned(), path.to_owned()), answers);
    }

    /// How `path` of `host` is answered.
    pub(crate) fn answer(&self, host: &str, path: &str) -> Option<Answer> {
        self.state.lock().unwrap().routes.get(&(host.to_owned(), path.to_owned()))?.last().cloned()
    }

    /// Ends every connection: after its next answer each is closed, and those that wait are closed now.
    pub(crate) fn hang_up(&self) {
        self.hung_up.send_modify(|times| *times += 1);
    }

    /// All requests so far, in order of arrival.
    pub(crate) fn visits(&self) -> Vec<Visit> {
        self.state.lock().unwrap().visits.clone()
    }

    /// The paths asked of `host`, in order of arrival.
    pub(crate) fn paths(&self, host: &str) -> Vec<String> {
        self.visits().into_iter().filter(|visit| visit.host == host).map(|visit| visit.path).collect()
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    /// Resolves every name to this press.
    pub(crate) fn resolver(&self) -> Resolver {
        let address = self.address;
        Resolver::new(move |_| Some(vec![address]))
    }

    /// Options under which every name leads here and nothing waits.
    pub(crate) fn options(&self) -> Options {
        Options {
            per_host_delay: Duration::ZERO,
            timeout: Duration::from_secs(10),
            allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
            resolver: Some(self.resolver()),
            ..Options::default()
        }
    }

    /// A client with [`Press::options`].
    pub(crate) fn client(&self) -> Client {
        Client::new(self.options()).unwrap()
    }

    async fn serve(self, mut socket: TcpStream) {
        let mut buffer = Vec::new();
        let mut hung_up = self.hung_up.subscribe();
        loop {
            let head = tokio::select! {
                head = read_head(&mut socket, &mut buffer) => head,
                _ = hung_up.changed() => None,
            };
            let Some(head) = head else { break };
            let (index, answer) = self.admit(&head);
            // Noted before the last byte leaves: the client may have its next request on the way before we come back from writing.
            let answered = || self.state.lock().unwrap().visits[index].ended = Some(Instant::now());
            if !answer.play(&mut socket, &head, answered).await {
                break;
            }
        }
        // A client that went away first is no concern of the press.
        let _ = socket.shutdown().await;
    }

    fn admit(&self, head: &str) -> (usize, Answer) {
        let mut lines = head.split("\r\n");
        let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let host = headers.iter().find(|(name, _)| name == "host").map(|(_, value)| value.as_str()).unwrap_or_default();
        let host = Url::parse(&format!("http://{host}/"))
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default();
        let mut state = self.state.lock().unwrap();
        let key = [(host.clone(), path.clone()), (host.clone(), "*".to_owned())]
            .into_iter()
            .find(|key| state.routes.contains_key(key));
        let answers =
            key.filter(|key| path != "/robots.txt" || key.1 != "*").and_then(|key| state.routes.get_mut(&key));
        let answer = match answers {
            Some(answers) if answers.len() > 1 => answers.pop(),
            Some(answers) => answers.last().cloned(),
            None => None,
        };
        state.visits.push(Visit { host, path, headers, began: Instant::now(), ended: None });
        (state.visits.len() - 1, answer.unwrap_or_else(|| Answer::status(404)))
    }
}

/// An address of a host of the press.
pub(crate) fn at(host: &str, path: &str) -> Url {
    Url::parse(&format!("http://{host}{path}")).unwrap()
}

async fn read_head(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            buffer.drain(..end + 4);
            return Some(head);
        }
        if socket.read_buf(buffer).await.ok()? == 0 || buffer.len() > 1 << 20 {
            return None;
        }
    }
}
