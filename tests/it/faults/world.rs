//! Publishers by name, a daemon of this process over them, and the switch of its network.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dateline::daemon::{self, Daemon, Mode, Source};
use dateline::fetch::{Client, Resolver};
use dateline::pipeline::{self, FeedRules, Stages};
use dateline::schedule::{self, Rechecks};
use dateline::store::{Lock, Writer};

use crate::newsroom::{Story, column, read_only};
use crate::press::{Answer, Press, at};

/// When every story was published.
pub(super) const PUBLISHED: &str = "2024-08-05T16:20:00Z";

/// Publishers, and a folder for the database.
pub(super) struct World {
    pub(super) press: Press,
    pub(super) folder: tempfile::TempDir,
    pub(super) up: Arc<AtomicBool>,
    pub(super) stages: Stages,
}

impl World {
    pub(super) async fn new() -> Self {
        Self {
            press: Press::open().await,
            folder: tempfile::tempdir().unwrap(),
            up: Arc::new(AtomicBool::new(true)),
            stages: Stages::default(),
        }
    }

    pub(super) fn publish(&self, host: &str, stories: &[Story]) {
        let mut items = String::new();
        for story in stories {
            let url = at(host, &story.path());
            items.extend(["<item><title>", &story.title, "</title><link>", url.as_str(), "</link></item>"]);
            let text = story.paragraphs.join("</p><p>");
            let page = format!(
                "<html><title>{0}</title><meta property=\"article:published_time\" content=\"{PUBLISHED}\"><h1>{0}</h1><article><p>{text}</p></article></html>",
                story.title
            );
            self.press.set(host, &story.path(), Answer::page(page));
        }
        self.press.set(
            host,
            "/rss",
            Answer::feed(format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>")),
        );
    }

    pub(super) fn daemon(&self, hosts: &[&str], interval: Duration, mode: Mode) -> (Lock, Daemon) {
        let db = self.folder.path().join("news.db");
        let lock = Lock::take(&db).unwrap();
        let sources = hosts
            .iter()
            .map(|host| Source {
                name: (*host).to_owned(),
                url: at(host, "/rss"),
                interval: Some(interval),
                rules: FeedRules::default(),
                filter: dateline::filter::Filter::default(),
            })
            .collect();
        let options = daemon::Options {
            pipeline: self.options(),
            schedule: schedule::Options { min_interval: interval, max_interval: Duration::from_secs(3_600) },
            min_free: 0,
        };
        (lock, Daemon::new(Writer::open(&db).unwrap(), sources, self.client(Duration::ZERO), options, mode).unwrap())
    }

    /// Finds every host at the press, while the network is there.
    pub(super) fn client(&self, per_host_delay: Duration) -> Client {
        let (up, address) = (Arc::clone(&self.up), self.press.address());
        let resolver = Resolver::new(move |host| {
            let known = up.load(Ordering::SeqCst) && !host.starts_with("dead");
            Some(if known { vec![address] } else { Vec::new() })
        });
        let resolver = Some(resolver);
        Client::new(dateline::fetch::Options { resolver, per_host_delay, ..self.press.options() }).unwrap()
    }

    pub(super) fn options(&self) -> pipeline::Options {
        pipeline::Options {
            db: self.folder.path().join("news.db"),
            keep_html: Duration::ZERO,
            group: dateline::group::Options::default(),
            clean: dateline::clean::Options::default(),
            max_interval: Duration::from_secs(1),
            rechecks: Rechecks::default(),
            retention: dateline::store::Retention::default(),
            stages: self.stages,
        }
    }

    pub(super) fn one(&self, sql: &str) -> String {
        column(&read_only(&self.folder.path().join("news.db")), sql).join(" ")
    }
}

pub(super) async fn wait(world: &World, sql: &str, expect: &str) {
    let mut got = String::new();
    for _ in 0..400 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        got = world.one(sql);
        if got == expect {
            return;
        }
    }
    panic!("{sql}: {got}, not {expect}");
}
