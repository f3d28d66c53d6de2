//! Hostile servers: every fault ends within its bound and with its name, and nobody else waits for it.

use std::io::Write as _;
use std::time::Duration;

use dateline::fetch::{Client, FailureKind, Options};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::join_all;

use super::poll_at;
use crate::press::{Answer, Press, Step, at};

const BROTLI_BOMB: &[u8] = include_bytes!("../../fixtures/fetch/zeros-1GiB.br");

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn zeros(megabytes: usize) -> Vec<u8> {
    vec![0; megabytes << 20]
}

/// A response as raw text, then `more`.
fn raw(head: &str, more: Vec<Step>) -> Answer {
    let mut steps = vec![Step::Send(head.replace('\n', "\r\n").into())];
    steps.extend(more);
    Answer::script(steps)
}

/// A chunk of 1,024 bytes.
fn chunk() -> Vec<u8> {
    [&b"400\r\n"[..], &[b'x'; 1_024], b"\r\n"].concat()
}

fn send(bytes: &'static [u8]) -> Step {
    Step::Send(bytes.into())
}

/// What each does, and how it must end; `None` where what arrived is good enough.
fn faults() -> Vec<(&'static str, Answer, Option<FailureKind>)> {
    use FailureKind::{Encoding, Protocol, Redirect, Status, Timeout, TooLarge};
    let second = Duration::from_secs(1);
    let ok = "HTTP/1.1 200 OK\n";
    let mut chain: Vec<(&'static str, Answer, Option<FailureKind>)> = vec![
        ("bomb of brotli", Answer::coded("br", BROTLI_BOMB), Some(TooLarge)),
        ("bomb of gzip", Answer::coded("gzip", gzip(&zeros(64))), Some(TooLarge)),
        ("bomb of zstd", Answer::coded("zstd", zstd::bulk::compress(&zeros(64), 1).unwrap()), Some(TooLarge)),
        ("gzip in gzip", Answer::coded("gzip", gzip(&gzip(&zeros(64)))), None),
        ("gzip twice", Answer::coded("gzip, gzip", gzip(&gzip(&zeros(64)))), Some(Encoding)),
        ("gzip that is none", Answer::coded("gzip", "<html>"), Some(Encoding)),
        ("gzip broken off", Answer::coded("gzip", gzip(b"a long story")[..20].to_vec()), Some(Encoding)),
        ("unknown coding", Answer::coded("x-own", "?"), Some(Encoding)),
        ("endless body", raw(&format!("{ok}\n"), vec![Step::Flood(vec![b'x'; 4096])]), Some(TooLarge)),
        ("endless chunks", raw(&format!("{ok}Transfer-Encoding: chunked\n\n"), vec![Step::Flood(chunk())]), Some(TooLarge)),
        ("endless chunk extension", raw(&format!("{ok}Transfer-Encoding: chunked\n\n1;"), vec![Step::Flood(b"x".to_vec())]), Some(Protocol)),
        ("endless trailers", raw(&format!("{ok}Transfer-Encoding: chunked\n\n0\n"), vec![Step::Flood(b"a: b\r\n".to_vec())]), Some(Protocol)),
        ("a byte a second", raw(&format!("{ok}Content-Length: 100\n\n"), vec![Step::Drip(b"x".to_vec(), second)]), Some(Timeout)),
        ("a header's byte a second", raw(&format!("{ok}X-A: "), vec![Step::Drip(b"x".to_vec(), second)]), Some(Timeout)),
        ("endless headers", raw(ok, vec![Step::Flood(b"X-A: b\r\n".to_vec())]), Some(Protocol)),
        ("endless header", raw(&format!("{ok}X-A: "), vec![Step::Flood(b"x".to_vec())]), Some(Protocol)),
        ("endless status line", raw("HTTP/1.1 200 ", vec![Step::Flood(b"x".to_vec())]), Some(Protocol)),
        ("endless patience", Answer::script(vec![Step::Flood(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())]), Some(Timeout)),
        ("silence", Answer::script(vec![Step::Hang]), Some(Timeout)),
        ("silence after the head", raw(&format!("{ok}Content-Length: 100\n\n"), vec![Step::Hang]), Some(Timeout)),
        ("good-bye", Answer::script(vec![]), Some(Protocol)),
        ("reset", Answer::script(vec![Step::Reset]), Some(Protocol)),
        ("reset in the body", raw(&format!("{ok}Content-Length: 100\n\nxx"), vec![Step::Reset]), Some(Protocol)),
        ("half closed", Answer::script(vec![Step::HalfClose]), Some(Protocol)),
        ("half closed in the body", raw(&format!("{ok}Content-Length: 100\n\nxx"), vec![Step::HalfClose]), Some(Protocol)),
        ("too short", raw(&format!("{ok}Content-Length: 100\n\nxx"), vec![]), Some(Protocol)),
        ("chunks without an end", raw(&format!("{ok}Transfer-Encoding: chunked\n\n2\nxx\n"), vec![]), Some(Protocol)),
        ("too long", raw(&format!("{ok}Content-Length: 1\n\nxxxxxxxx"), vec![]), None),
        ("two lengths", raw(&format!("{ok}Content-Length: 1\nContent-Length: 2\n\nxx"), vec![]), Some(Protocol)),
        ("a length that is none", raw(&format!("{ok}Content-Length: -1\n\nxx"), vec![]), Some(Protocol)),
        ("a length beyond numbers", raw(&format!("{ok}Content-Length: 99999999999999999999999\n\nxx"), vec![]), Some(Protocol)),
        ("a length beyond the limit", raw(&format!("{ok}Content-Length: 9999999999\n\n"), vec![Step::Hang]), Some(TooLarge)),
        ("no HTTP", Answer::script(vec![send(b"SSH-2.0-OpenSSH_9.6\r\n")]), Some(Protocol)),
        ("noise", Answer::script(vec![Step::Flood((0..=255).collect())]), Some(Protocol)),
        ("a status that is none", raw("HTTP/1.1 abc OK\n\n", vec![]), Some(Protocol)),
        ("another protocol", raw("HTTP/1.1 101 Switching Protocols\nUpgrade: x\n\n", vec![Step::Hang]), Some(Status)),
        ("a status of its own", raw("HTTP/1.1 777 Lucky\nContent-Length: 0\n\n", vec![]), Some(Status)),
        ("headers that are no text", Answer::script(vec![send(b"HTTP/1.1 200 OK\r\nContent-Type: \xff\xfe\r\nETag: \"\xff\"\r\nX-\xff: 1\r\nContent-Length: 1\r\n\r\nx")]), None),
        ("a line break in a validator", Answer::script(vec![send(b"HTTP/1.1 200 OK\r\nETag: \"a\rX-Injected: 1\"\r\nContent-Length: 1\r\n\r\nx")]), Some(Protocol)),
        ("304 out of the blue", raw("HTTP/1.1 304 Not Modified\n\n", vec![]), Some(Protocol)),
        ("a circle", Answer::redirect(302, "/"), Some(Redirect)),
        ("a redirect to nowhere", Answer::status(302), Some(Redirect)),
        ("a redirect to no address", Answer::redirect(302, "http://[/"), Some(Redirect)),
        ("a redirect to a file", Answer::redirect(302, "file:///etc/passwd"), Some(FailureKind::Address)),
        ("a redirect to another service", Answer::redirect(302, "http://a.example:25/"), Some(FailureKind::Address)),
        ("a redirect without measure", Answer::redirect(302, &format!("/{}", "x".repeat(50_000))), Some(FailureKind::Address)),
    ];
    chain.push(("an ever longer way", Answer::redirect(302, "x/"), Some(Redirect)));
    chain
}

fn host(number: usize) -> String {
    format!("hostile{number}.example")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_has_an_end_and_a_name_and_delays_nobody() {
    let press = Press::open().await;
    let client = Client::new(Options { timeout: Duration::from_secs(5), concurrency: 16, ..press.options() }).unwrap();
    let faults = faults();
    for (number, (_, answer, _)) in faults.iter().enumerate() {
        press.set(&host(number), "*", answer.clone());
    }
    let hostile: Vec<_> = (0..faults.len())
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move { client.poll(&poll_at(&at(&host(number), "/"))).await })
        })
        .collect();
    press.set("good.example", "*", Answer::feed("<rss/>"));
    let good = join_all((0..100).map(|number| {
        let client = client.clone();
        async move { client.poll(&poll_at(&at("good.example", &format!("/{number}")))).await }
    }));
    assert!(good.await.iter().all(Result::is_ok));
    let silent = faults.iter().position(|(name, ..)| *name == "silence").unwrap();
    assert!(!hostile[silent].is_finished(), "the good feed waited for the silent one");
    for ((name, _, expect), ended) in faults.iter().zip(hostile) {
        let failure = ended.await.unwrap().err();
        let message = failure.as_ref().map(ToString::to_string).unwrap_or_default();
        assert_eq!(failure.map(|failure| failure.kind), *expect, "{name}: {message}");
        assert!(message.len() < 600 && !message.chars().any(char::is_control), "{name}: {message}");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_meanwhile_is_no_failure() {
    let press = Press::open().await;
    // Says that the connection stays open, and closes it.
    let once = Answer::script(vec![send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")]);
    press.set("fickle.example", "*", once);
    let client = press.client();
    for number in 0..20 {
        client.poll(&poll_at(&at("fickle.example", &format!("/{number}")))).await.unwrap();
    }
}

/// `cargo test --release --test it hostile_servers_fill_no_memory -- --ignored --nocapture`
#[ignore = "measures the memory of the whole process: run it alone"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_servers_fill_no_memory() {
    const HOSTS: usize = 400;
    let press = Press::open().await;
    let client = Client::new(Options { timeout: Duration::from_secs(8), ..press.options() }).unwrap();
    let ok = "HTTP/1.1 200 OK\n";
    // As much as may be held, then silence: the worst that a body can do.
    let almost = |coding: &str, coded: Vec<u8>| {
        raw(
            &format!("{ok}Content-Encoding: {coding}\nContent-Length: 14999999\n\n"),
            vec![Step::Send(coded.into()), Step::Hang],
        )
    };
    let plain = zeros(14);
    let shapes = [
        Answer::coded("br", BROTLI_BOMB),
        almost("identity", plain.clone()),
        almost("gzip", gzip(&plain)),
        almost("zstd", zstd::bulk::compress(&plain, 1).unwrap()),
        raw(&format!("{ok}\n"), vec![Step::Flood(vec![b'x'; 4096])]),
        raw(ok, vec![Step::Flood(b"X-A: b\r\n".to_vec())]),
        raw(&format!("{ok}Transfer-Encoding: chunked\n\n"), vec![Step::Flood(chunk())]),
    ];
    for number in 0..HOSTS {
        press.set(&host(number), "*", shapes[number % shapes.len()].clone());
    }
    let before = peak_megabytes();
    let ended = join_all((0..HOSTS).map(|number| {
        let client = client.clone();
        tokio::spawn(async move { client.poll(&poll_at(&at(&host(number), "/"))).await })
    }));
    let failed = ended.await.into_iter().filter(|ended| ended.as_ref().unwrap().is_err()).count();
    eprintln!(
        "{failed} of {HOSTS} hostile servers failed; peak memory {} MB, {before} MB of it the press's",
        peak_megabytes()
    );
    assert_eq!(failed, HOSTS);
    assert!(peak_megabytes() < 256);
}

/// The most memory that this process ever held (`VmHWM`).
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
