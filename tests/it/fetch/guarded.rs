//! No request, redirect or resolver leads to an address that is not public.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use dateline::fetch::{Client, FailureKind, Options, Resolver};
use url::Url;

use super::poll_at;
use crate::press::{Answer, Press, at};

/// Two presses: one that may be fetched (127.0.1.1) and one that must never see a connection (127.0.0.1).
struct Two {
    open: Press,
    private: Press,
}

impl Two {
    async fn open() -> Self {
        let open = Press::open_at("127.0.1.1:0".parse().unwrap()).await;
        let private = Press::open().await;
        private.set("127.0.0.1", "*", Answer::page("secret"));
        Self { open, private }
    }

    fn client(&self, resolver: Resolver) -> Client {
        let allow_networks = vec!["127.0.1.0/24".parse().unwrap()];
        Client::new(Options { allow_networks, resolver: Some(resolver), ..self.open.options() }).unwrap()
    }

    /// Addresses of the private press in every notation that its port leaves room for.
    fn notations(&self) -> Vec<Url> {
        let port = self.private.address().port();
        let hosts = [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "0",
            "0.0.0.0",
            "%31%32%37.0.0.1",
            "①②⑦.⓪.⓪.①",
            "127。0。0。1",
            "a.example@127.0.0.1",
            "a.example:80@127.1",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::]",
            "localhost",
        ];
        hosts.iter().map(|host| Url::parse(&format!("http://{host}:{port}/secret")).unwrap()).collect()
    }
}

/// `open.example` is the open press; other names are the system's business.
fn only_open(open: SocketAddr) -> Resolver {
    Resolver::new(move |host| (host == "open.example").then(|| vec![open]))
}

#[tokio::test]
async fn no_notation_reaches_a_private_address() {
    let two = Two::open().await;
    let client = two.client(only_open(two.open.address()));
    for url in two.notations() {
        let failure = client.page(&url, None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Forbidden, "{url}: {failure}");
        let failure = client.poll(&poll_at(&url)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Forbidden, "{url}: {failure}");
    }
    assert_eq!(two.private.connections(), 0);
}

#[tokio::test]
async fn no_redirect_reaches_a_private_address() {
    let two = Two::open().await;
    let client = two.client(only_open(two.open.address()));
    for (number, url) in two.notations().iter().enumerate() {
        for status in [301, 302, 303, 307, 308] {
            let path = format!("/{number}/{status}");
            two.open.set("open.example", &path, Answer::redirect(status, url.as_str()));
            let failure = client.page(&at("open.example", &path), None).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Forbidden, "{url}: {failure}");
        }
    }
    two.open.set("open.example", "/robots.txt", Answer::redirect(302, two.notations()[0].as_str()));
    two.open.set("open.example", "/page", Answer::page("open"));
    let client = two.client(only_open(two.open.address()));
    assert!(
        client.page(&at("open.example", "/page"), None).await.is_ok(),
        "a robots.txt that leads astray forbids nothing"
    );
    assert_eq!(two.private.connections(), 0);
}

#[tokio::test]
async fn no_name_reaches_a_private_address() {
    let two = Two::open().await;
    let (open, private) = (two.open.address(), two.private.address());
    two.open.set("both.example", "*", Answer::page("open"));
    let client = two.client(Resolver::new(move |host| {
        Some(match host {
            "private.example" => vec![private],
            "both.example" => vec![private, open],
            "mapped.example" => {
                vec![SocketAddr::new(IpAddr::V6(std::net::Ipv4Addr::LOCALHOST.to_ipv6_mapped()), private.port())]
            }
            _ => Vec::new(),
        })
    }));
    for host in ["private.example", "mapped.example"] {
        let failure = client.page(&at(host, "/secret"), None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Forbidden, "{failure}");
        assert!(failure.to_string().contains("not public"), "{failure}");
    }
    assert_eq!(client.page(&at("nowhere.example", "/"), None).await.unwrap_err().kind, FailureKind::Dns);
    assert_eq!(client.page(&at("both.example", "/"), None).await.unwrap().bytes, b"open");
    assert_eq!(two.private.connections(), 0);
}

#[tokio::test]
async fn a_name_that_flips_reaches_only_the_public_one() {
    let two = Two::open().await;
    let (open, private) = (two.open.address(), two.private.address());
    let asked = AtomicUsize::new(0);
    let client = two.client(Resolver::new(move |_| {
        Some(vec![if asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) { open } else { private }])
    }));
    let gone = Answer::script(vec![crate::press::Step::Send(
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx".to_vec().into(),
    )]);
    two.open.set("flip.example", "*", gone);
    let mut kinds = Vec::new();
    for number in 0..40 {
        kinds.push(
            client
                .poll(&poll_at(&at("flip.example", &format!("/{number}"))))
                .await
                .map(drop)
                .map_err(|failure| failure.kind),
        );
    }
    assert_eq!(kinds.iter().filter(|kind| **kind == Ok(())).count(), 20);
    assert_eq!(kinds.iter().filter(|kind| **kind == Err(FailureKind::Forbidden)).count(), 20);
    assert_eq!(two.private.connections(), 0);
}
