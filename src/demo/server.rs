//! The loopback web server of the bundled press: every host name of every publisher on one port.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, ETAG, HOST, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// What one address answers.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) media_type: String,
    pub(super) body: Bytes,
    pub(super) etag: String,
    /// As HTTP writes dates.
    pub(super) last_modified: String,
}

/// Answers by host name and path.
pub(super) type Site = HashMap<(String, String), Resource>;

/// One answered request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The address asked for, as `http://host/path?query`.
    pub url: String,
    /// The HTTP status given.
    pub status: u16,
}

/// A running server; dropping it closes the port and every connection.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    answers: Arc<Mutex<Vec<Answer>>>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Binds a free port of 127.0.0.1 and serves `site` until dropped.
    pub(super) async fn start(site: Site) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let answers = Arc::new(Mutex::new(Vec::new()));
        let accepting = tokio::spawn(accept(listener, Arc::new(site), Arc::clone(&answers)));
        Ok(Self { address, answers, accepting })
    }

    /// Every answer given so far, oldest first.
    pub(super) fn answers(&self) -> Vec<Answer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, site: Arc<Site>, answers: Arc<Mutex<Vec<Answer>>>) {
    // Connections live in the set: aborting this task drops it, and them with it.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (site, answers) = (Arc::clone(&site), Arc::clone(&answers));
        connections.spawn(async move {
            let service = service_fn(|request| {
                let response = answer(&site, &request);
                let url = format!("http://{}{}", host(&request), request.uri());
                let status = response.status().as_u16();
                answers.lock().unwrap_or_else(PoisonError::into_inner).push(Answer { url, status });
                async { Ok::<_, Infallible>(response) }
            });
            // A client that hangs up early is its own affair.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

fn answer(site: &Site, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let Some(resource) = site.get(&(host(request).to_owned(), request.uri().path().to_owned())) else {
        return respond(
            StatusCode::NOT_FOUND,
            "text/html; charset=utf-8",
            Bytes::from_static(b"<!doctype html><title>Not found</title><h1>Not found</h1>"),
        );
    };
    let unchanged = match header(request, IF_NONE_MATCH.as_str()) {
        Some(tags) => tags.split(',').any(|tag| tag.trim() == resource.etag),
        None => header(request, IF_MODIFIED_SINCE.as_str()) == Some(&resource.last_modified),
    };
    let mut response = if unchanged {
        respond(StatusCode::NOT_MODIFIED, &resource.media_type, Bytes::new())
    } else {
        respond(StatusCode::OK, &resource.media_type, resource.body.clone())
    };
    for (name, value) in [(ETAG, &resource.etag), (LAST_MODIFIED, &resource.last_modified)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn respond(status: StatusCode, media_type: &str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    if let Ok(value) = HeaderValue::from_str(media_type) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

fn host(request: &Request<Incoming>) -> &str {
    let host = header(request, HOST.as_str()).unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

fn header<'a>(request: &'a Request<Incoming>, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
