//! `kill -9` in the middle of ingestion, while publishers publish, edit and break down: nothing lost, nothing twice.
//!
//! Every run begins with a seed of its own, which is printed; the same seed does the same to the publishers, but not to the clock. 500 kills:
//!
//! ```sh
//! DATELINE_CRASH_KILLS=500 cargo test --release --test it crash:: -- --nocapture       # and DATELINE_CRASH_SEED=…
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;

use crate::newsroom::{Newsroom, Story, column, host, read_only};
use crate::press::{Answer, Step};
use crate::sound::assert_sound;

const PUBLISHERS: [u8; 3] = [2, 3, 4];

/// A changed announcement is followed at once this often; after that it waits for minutes.
const EDITS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_nothing_and_repeat_nothing() {
    let seed = number("DATELINE_CRASH_SEED").unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(1, |now| u64::from(now.subsec_nanos()) << 32 | now.as_secs())
    });
    let kills = number("DATELINE_CRASH_KILLS").unwrap_or(40);
    eprintln!("{kills} kills, DATELINE_CRASH_SEED={seed}");
    let newsroom = Newsroom::open().await;
    newsroom.configure(&PUBLISHERS, "[schedule]\nmin_interval = \"1s\"\nmax_interval = \"1s\"\n");
    let mut world = World::new(seed);
    let mut follower: Option<Follower> = None;
    let mut busy = 0;
    for _ in 0..kills {
        world.turn(&newsroom);
        let how: &[&str] = if world.chance.below(4) == 0 { &["run", "--once"] } else { &["run"] };
        let mut child = newsroom.command(how).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(world.chance.below(700))).await;
        child.kill().unwrap();
        tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
        if follower.is_none() && has_articles(&newsroom) {
            follower = Some(Follower::start(newsroom.database()));
        }
        busy += usize::from(
            follower.is_some()
                && column(&newsroom.read(), "SELECT 1 FROM entries WHERE state = 'queued' LIMIT 1").len() == 1,
        );
    }
    world.heal(&newsroom);
    // What changed while it was being fetched is fetched again.
    for _ in 0..2 {
        an_hour_passes(&newsroom);
        let ended = newsroom.run(&["run", "--once"]).await;
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    }

    let db = Connection::open(newsroom.database()).unwrap();
    let told = follower.map(Follower::stop).unwrap_or_default();
    let all = changes(&db, 0);
    assert_eq!(told, all, "a reader that followed all along saw every change, once, in order");
    world.check(&newsroom, &db);
    assert_sound(&db);
    eprintln!(
        "{kills} kills, {busy} of them with entries in the queue: {} articles, {} revisions, {} changes as expected",
        column(&db, "SELECT count(*) FROM articles")[0],
        column(&db, "SELECT count(*) FROM revisions")[0],
        all.len(),
    );
}

/// What the publishers have said so far.
struct World {
    chance: Chance,
    /// The stories of each publisher as they are now.
    stories: BTreeMap<u8, Vec<Story>>,
    /// Every headline that a story has had, by publisher and path.
    titles: BTreeMap<(u8, String), Vec<String>>,
    next: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        Self { chance: Chance(seed.max(1)), stories: BTreeMap::new(), titles: BTreeMap::new(), next: 0 }
    }

    /// Something happens: stories appear everywhere, one is edited somewhere, some pages or a feed break down.
    fn turn(&mut self, newsroom: &Newsroom) {
        for _ in 0..=self.chance.below(2) {
            let story = Story::new(self.next);
            self.next += 1;
            for n in PUBLISHERS {
                self.titles.insert((n, story.path()), vec![story.title.clone()]);
                self.stories.entry(n).or_default().push(story.clone());
            }
        }
        for n in PUBLISHERS {
            if self.chance.below(2) == 0 {
                self.edit(n);
            }
            newsroom.publish(n, &self.stories[&n]);
            for _ in 0..self.chance.below(3) {
                let broken = self.any(n);
                newsroom.press.set(&host(n), &self.stories[&n][broken].path(), self.fault());
            }
            if self.chance.below(6) == 0 {
                newsroom.press.set(&host(n), "/rss", self.fault());
            }
        }
    }

    fn heal(&self, newsroom: &Newsroom) {
        for n in PUBLISHERS {
            newsroom.publish(n, &self.stories[&n]);
        }
    }

    fn edit(&mut self, n: u8) {
        const ENDINGS: [&str; EDITS] = ["after a long night", "against the mayor's advice", "by a single voice"];
        let place = self.any(n);
        let Some(story) = self.stories.get_mut(&n).and_then(|stories| stories.get_mut(place)) else { return };
        let Some(titles) = self.titles.get_mut(&(n, story.path())) else { return };
        let Some(ending) = ENDINGS.get(titles.len() - 1) else { return };
        story.title = format!("{} {ending}", titles[0]);
        story.paragraphs.push(format!("The vote was taken {ending}, said a clerk who had counted the hands twice."));
        titles.push(story.title.clone());
    }

    fn any(&mut self, n: u8) -> usize {
        usize::try_from(self.chance.below(self.stories[&n].len() as u64)).unwrap()
    }

    fn fault(&mut self) -> Answer {
        match self.chance.below(4) {
            0 => Answer::status(503),
            1 => Answer::script(vec![Step::Reset]),
            2 => Answer::script(vec![Step::Send(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9000\r\n\r\n<html><p>Half a".into(),
            )]),
            _ => Answer::script(vec![Step::Hang]),
        }
    }

    /// Every article, entry and revision once, saying what its publisher says.
    fn check(&self, newsroom: &Newsroom, db: &Connection) {
        let expected: BTreeMap<String, &Vec<String>> =
            self.titles.iter().map(|((n, path), titles)| (newsroom.url(*n, path), titles)).collect();
        let urls: Vec<String> = expected.keys().cloned().collect();
        assert_eq!(column(db, "SELECT url FROM entries ORDER BY url"), urls);
        assert_eq!(column(db, "SELECT DISTINCT state FROM entries"), ["stored"]);
        assert_eq!(column(db, "SELECT url FROM articles ORDER BY url"), urls);
        for (url, titles) in &expected {
            let said = column(db, &format!(
                "SELECT title FROM (SELECT r.revision, r.title FROM revisions r JOIN articles a ON a.id = r.article_id WHERE a.url = '{url}'
                   UNION ALL SELECT revision, title FROM articles WHERE url = '{url}') ORDER BY revision"
            ));
            assert_eq!(said.last(), titles.last(), "{url} says what its publisher says last");
            let places: Vec<Option<usize>> =
                said.iter().map(|title| titles.iter().position(|known| known == title)).collect();
            assert!(
                places.iter().all(Option::is_some) && places.is_sorted_by(|a, b| a < b),
                "{url}: {said:?} of {titles:?}"
            );
        }
        let edited: BTreeSet<&String> =
            self.titles.iter().filter(|(_, titles)| titles.len() > 1).map(|((_, path), _)| path).collect();
        for story in self.stories[&PUBLISHERS[0]].iter().filter(|story| !edited.contains(&story.path())) {
            let sql = format!(
                "SELECT count(DISTINCT event_id) || ' ' || count(duplicate_of) FROM articles WHERE url LIKE '%{}'",
                story.path()
            );
            assert_eq!(column(db, &sql), ["1 2"], "{}: one event, one original and two copies", story.path());
        }
    }
}

/// A program downstream that follows the changes while everything else is killed and started again.
struct Follower {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Changed>>,
}

type Changed = (i64, String, i64, String);

impl Follower {
    fn start(database: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let db = read_only(&database);
            db.busy_timeout(Duration::from_secs(10)).unwrap();
            let mut seen: Vec<Changed> = Vec::new();
            loop {
                let last_look = ends.load(Ordering::Relaxed);
                for change in changes(&db, seen.last().map_or(0, |last| last.0)) {
                    assert_eq!(
                        change.0,
                        seen.last().map_or(0, |last| last.0) + 1,
                        "no change is missing, none appears late"
                    );
                    seen.push(change);
                }
                if last_look {
                    return seen;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Self { stop, thread }
    }

    fn stop(self) -> Vec<Changed> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn changes(db: &Connection, after: i64) -> Vec<Changed> {
    let mut statement =
        db.prepare_cached("SELECT seq, kind, id, action FROM changes WHERE seq > ?1 ORDER BY seq").unwrap();
    let rows = statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn has_articles(newsroom: &Newsroom) -> bool {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = Connection::open_with_flags(newsroom.database(), flags);
    db.and_then(|db| db.query_row("SELECT EXISTS (SELECT 1 FROM articles)", [], |row| row.get(0))).unwrap_or(false)
}

/// What waits for another attempt is due.
fn an_hour_passes(newsroom: &Newsroom) {
    let db = Connection::open(newsroom.database()).unwrap();
    db.busy_timeout(Duration::from_secs(10)).unwrap();
    db.execute("UPDATE entry SET next_attempt_at = '2024-01-01T00:00:00Z' WHERE state = 'queued'", []).unwrap();
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fails_stays_queued_and_is_told_by_exit_3() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let stories: Vec<Story> = (0..3).map(Story::new).collect();
    newsroom.publish(2, &stories);
    newsroom.press.set(&host(2), &stories[1].path(), Answer::status(503));
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
    let db = newsroom.read();
    assert_eq!(column(&db, "SELECT state || attempts FROM entries ORDER BY url"), ["stored1", "queued1", "stored1"]);
    assert_eq!(column(&db, "SELECT next_attempt_at > announced_at FROM entries WHERE state = 'queued'"), ["1"]);
}

/// A chance that is the same for the same seed (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
