//! Many hosts at once, some of them dead.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dateline::fetch::{Client, Options, Resolver};
use futures_util::{StreamExt as _, stream};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::press::{Answer, Press, Step, at};

const HOSTS: usize = 2_000;
/// Long enough that the machine has time to spare: what is measured is waiting, not computing.
const LATENCY: Duration = Duration::from_millis(400);

/// A listener whose queue is full: packets to it are dropped, so that connecting takes as long as the client lets it.
struct Hole {
    address: SocketAddr,
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Hole {
    async fn open() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(Ok(filler)) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
            queue.push(filler);
        }
        Self { address, _listener: listener, _queue: queue }
    }
}

/// Pages a second from the living, with `dead_hosts` dead ones among them.
async fn pages_a_second(press: &Press, dead: SocketAddr, dead_hosts: usize) -> f64 {
    let living = press.address();
    let resolver = Resolver::new(move |host| Some(vec![if host.starts_with("dead") { dead } else { living }]));
    let client =
        Client::new(Options { timeout: Duration::from_secs(60), resolver: Some(resolver), ..press.options() }).unwrap();
    let every = HOSTS.checked_div(dead_hosts).unwrap_or(usize::MAX);
    let mut urls = Vec::new();
    for number in 0..HOSTS {
        urls.push(at(&format!("live{number}.example"), "/page"));
        if number.is_multiple_of(every) && dead_hosts > 0 {
            urls.push(at(&format!("dead{number}.example"), "/page"));
        }
    }
    let began = Instant::now();
    let last = Arc::new(std::sync::Mutex::new(began));
    let read = stream::iter(urls)
        .map(|url| {
            let (client, last) = (client.clone(), Arc::clone(&last));
            async move {
                let read = client.page(&url, None).await.is_ok();
                if read {
                    *last.lock().unwrap() = Instant::now();
                }
                read
            }
        })
        .buffer_unordered(client.calls())
        .filter(|read| std::future::ready(*read))
        .count()
        .await;
    assert_eq!(read, HOSTS);
    let took = *last.lock().unwrap() - began;
    f64::from(u32::try_from(HOSTS).unwrap()) / took.as_secs_f64()
}

/// `cargo test --release --test it dead_hosts_slow_nobody -- --ignored --nocapture`
#[ignore = "measures; takes minutes"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_hosts_slow_nobody() {
    let press = Press::open().await;
    for number in 0..HOSTS {
        press.set(&format!("live{number}.example"), "*", Answer::page("<p>story</p>".repeat(1_000)).after(LATENCY));
    }
    let tarpit = Press::open().await;
    for number in 0..HOSTS {
        tarpit.set(&format!("dead{number}.example"), "*", Answer::script(vec![Step::Hang]));
        tarpit.set(&format!("dead{number}.example"), "/robots.txt", Answer::script(vec![Step::Hang]));
    }
    let hole = Hole::open().await;
    let refusing = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let alone = pages_a_second(&press, hole.address, 0).await;
    eprintln!("{HOSTS} hosts, {} ms each, 64 in flight: {alone:.1} pages/s", LATENCY.as_millis());
    for (name, dead) in [("unreachable", hole.address), ("refusing", refusing), ("silent", tarpit.address())] {
        let with = pages_a_second(&press, dead, 100).await;
        eprintln!("with 100 {name} hosts among them: {with:.1} pages/s ({:+.1} %)", (with / alone - 1.0) * 100.0);
    }
}
