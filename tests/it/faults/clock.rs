//! A clock that jumps.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{SHORT, converge, converged, stories};
use crate::newsroom::{Newsroom, host};
use crate::press::Answer;

/// The library that lies to a process about the time; `None` (and said so) where it is not installed.
fn faketime() -> Option<String> {
    let found = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        .map(|machine| format!("/usr/lib/{machine}/faketime/libfaketimeMT.so.1"))
        .into_iter()
        .find(|path| Path::new(path).exists());
    if found.is_none() {
        eprintln!("SKIPPED: libfaketime is not installed");
    }
    found
}

async fn run_at(newsroom: &Newsroom, library: &str, time: &str) -> Option<i32> {
    let mut command = newsroom.command(&["run", "--once"]);
    command.env("LD_PRELOAD", library).env("FAKETIME", time).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    eprintln!("{time}: {}", String::from_utf8_lossy(&ended.stderr));
    ended.status.code()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_either_way_and_the_year_2038_lose_nothing() {
    let Some(library) = faketime() else { return };
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    let ill = stories(2, 10)[9].clone();
    for (run, time) in ["+0", "+1h", "-1h", "@2038-01-19 03:14:00", "@2060-01-01 00:00:00", "+0"].iter().enumerate() {
        newsroom.publish(2, &stories(2, 10)[..(2 + 2 * run).min(10)]);
        // What is put off while the clock stands wrong must not wait until it is right.
        newsroom.press.set(&host(2), &ill.path(), Answer::status(503));
        let code = run_at(&newsroom, &library, time).await;
        assert!(matches!(code, Some(0 | 3)), "{time}: {code:?}");
    }
    newsroom.publish(2, &stories(2, 10));
    converge(&newsroom, &[2], 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_whose_clock_is_set_back_polls_on() {
    let Some(library) = faketime() else { return };
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    newsroom.publish(2, &stories(2, 2));
    let time = newsroom.folder.path().join("time");
    std::fs::write(&time, "+12y").unwrap();
    let mut command = newsroom.command(&["run"]);
    command
        .env("LD_PRELOAD", &library)
        .env("FAKETIME_TIMESTAMP_FILE", &time)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .stdout(Stdio::null());
    let child = command.spawn().unwrap();
    let polls = |newsroom: &Newsroom| newsroom.press.paths(&host(2)).iter().filter(|path| *path == "/rss").count();
    for step in ["+12y", "+0", "-1h"] {
        std::fs::write(&time, step).unwrap();
        let before = polls(&newsroom);
        for _ in 0..300 {
            if polls(&newsroom) >= before + 3 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(polls(&newsroom) >= before + 3, "{step}: it polls on");
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    converged(&newsroom, &[2], 2).unwrap();
}
