//! TLS and HTTP/2.

use dateline::fetch::{Client, FailureKind, Options, Resolver};
use hyper::Version;
use rustls::pki_types::CertificateDer;
use url::Url;

use crate::press::{Press, TlsPress};

/// A client that trusts the press and whom else the machine does.
async fn client(tls: &TlsPress) -> Client {
    client_with(tls, vec![tls.root.clone()]).await
}

async fn client_with(tls: &TlsPress, roots: Vec<CertificateDer<'static>>) -> Client {
    let address = tls.address;
    let resolver = Some(Resolver::new(move |_| Some(vec![address])));
    Client::new(Options { roots, resolver, ..Press::open().await.options() }).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[tokio::test]
async fn https_speaks_http_2_over_one_connection() {
    let tls = TlsPress::open(&["paper.example"], &[b"h2", b"http/1.1"], "").await;
    let client = client(&tls).await;
    for path in ["1", "2", "3"] {
        let page = client.page(&url(&format!("https://paper.example/{path}")), None).await.unwrap();
        assert_eq!(page.bytes, b"<p>over TLS</p>");
    }
    let requests = tls.requests.lock().unwrap().clone();
    assert_eq!(requests, vec![(Version::HTTP_2, "paper.example".to_owned()); 4]);
}

#[tokio::test]
async fn https_falls_back_to_http_1() {
    let tls = TlsPress::open(&["paper.example"], &[], "").await;
    client(&tls).await.page(&url("https://paper.example/1"), None).await.unwrap();
    assert!(
        tls.requests
            .lock()
            .unwrap()
            .iter()
            .all(|(version, host)| *version == Version::HTTP_11 && host == "paper.example")
    );
}

#[tokio::test]
async fn who_cannot_be_trusted_is_not_asked() {
    let tls = TlsPress::open(&["paper.example"], &[], "").await;
    for (roots, address) in [(vec![], "https://paper.example/"), (vec![tls.root.clone()], "https://other.example/")] {
        let failure = client_with(&tls, roots).await.page(&url(address), None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    }
    assert!(tls.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn https_never_leads_down_to_http() {
    let tls = TlsPress::open(&["paper.example"], &[b"h2"], "http://paper.example/plain").await;
    let failure = client(&tls).await.page(&url("https://paper.example/away"), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Redirect);
    assert!(failure.to_string().contains("down to http"), "{failure}");
}
