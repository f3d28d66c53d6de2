//! The press over TLS: HTTP/2 where the client wants it, under an authority of its own.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::service::service_fn;
use hyper::{Request, Response, Version, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A running press that speaks TLS.
pub(crate) struct TlsPress {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What to trust it by.
    pub(crate) root: CertificateDer<'static>,
    /// The version and the `host` or authority of each request, in order of arrival.
    pub(crate) requests: Arc<Mutex<Vec<(Version, String)>>>,
}

impl TlsPress {
    /// Opens with a certificate for `names`; every path answers with a page, `/away` with a redirect to `away`.
    pub(crate) async fn open(names: &[&str], alpn: &[&[u8]], away: &'static str) -> Self {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let root = cert.der().clone();
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![root.clone()], key)
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::default();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let log = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), socket, Arc::clone(&log), away));
            }
        });
        Self { address, root, requests }
    }
}

async fn serve(acceptor: TlsAcceptor, socket: TcpStream, log: Arc<Mutex<Vec<(Version, String)>>>, away: &'static str) {
    // A client that does not trust us ends the handshake.
    let Ok(stream) = acceptor.accept(socket).await else { return };
    let answer = service_fn(move |request: Request<Incoming>| {
        let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok().map(str::to_owned));
        let authority = request.uri().authority().map(ToString::to_string);
        log.lock().unwrap().push((request.version(), authority.or(named).unwrap_or_default()));
        let mut response = Response::new(Full::new(Bytes::from_static(b"<p>over TLS</p>")));
        if request.uri().path() == "/away" {
            *response.status_mut() = hyper::StatusCode::MOVED_PERMANENTLY;
            response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(away));
        }
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let over_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let io = TokioIo::new(stream);
    // Ends when the client leaves.
    if over_http2 {
        let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(io, answer).await;
    } else {
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, answer).await;
    }
}
