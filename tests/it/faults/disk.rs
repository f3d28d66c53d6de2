//! A disk without room.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;

use super::{SHORT, daemon, end, ended, eventually, stories};
use crate::backfill::site::Site;
use crate::newsroom::{Newsroom, column, read_only};

/// A small disk of its own; `None` (and said so) where this user may not mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "dateline-test"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        eprintln!("SKIPPED: only root may mount a small disk");
        None
    }

    fn fill(&self, leave_bytes: u64) {
        let free = dateline::store::free_bytes(self.0.path()).unwrap();
        std::fs::write(self.ballast(), vec![1; usize::try_from(free.saturating_sub(leave_bytes)).unwrap()]).unwrap();
    }

    fn ballast(&self) -> std::path::PathBuf {
        self.0.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0.path()).status().ok();
    }
}

/// The newsroom's database lies on that disk, behind a link that its folder holds.
fn move_to(newsroom: &Newsroom, disk: &Path, min_free: &str) {
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    let here = newsroom.database().display().to_string();
    let there = disk.join("news.db").display().to_string();
    std::fs::write(
        newsroom.config(),
        config.replace(&here, &there).replace("[store]\n", &format!("[store]\nmin_free = \"{min_free}\"\n")),
    )
    .unwrap();
}

fn count(db: &Path) -> i64 {
    let Ok(db) = Connection::open_with_flags(db, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY) else { return 0 };
    db.query_row("SELECT count(*) FROM article", [], |row| row.get(0)).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn little_room_pauses_fetching_until_there_is_more() {
    let Some(disk) = SmallDisk::mount("40m") else { return };
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    move_to(&newsroom, disk.0.path(), "10MB");
    let db = disk.0.path().join("news.db");
    newsroom.publish(2, &stories(2, 3));
    let child = daemon(&newsroom);
    eventually("three articles", || count(&db) == 3).await;
    disk.fill(5_000_000);
    tokio::time::sleep(Duration::from_secs(3)).await;
    newsroom.publish(2, &stories(2, 6));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(count(&db), 3, "nothing is fetched meanwhile");
    let status = newsroom.run(&["status"]).await;
    assert!(String::from_utf8_lossy(&status.stdout).contains("PAUSED"), "{}", String::from_utf8_lossy(&status.stdout));
    std::fs::remove_file(disk.ballast()).unwrap();
    eventually("six articles", || count(&db) == 6).await;
    let (code, told) = end(child).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("nearly full") && told.contains("room on the disk again"), "{told}");

    disk.fill(5_000_000);
    let once = newsroom.run(&["run", "--once"]).await;
    assert_eq!(once.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&once.stderr).contains("`store.min_free`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn little_room_pauses_a_backfill_until_there_is_more() {
    let Some(disk) = SmallDisk::mount("40m") else { return };
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SHORT);
    move_to(&newsroom, disk.0.path(), "10MB");
    let db = disk.0.path().join("news.db");
    let site = Site::open(&newsroom, 2, 20);
    let list = site.list().display().to_string();
    disk.fill(5_000_000);
    let range = ["backfill", "--since", "2024-01-01", "--until", "2024-12-31", "--source", "urls"];
    let child = newsroom.command(&[&range[..], &[&list]].concat()).stdout(Stdio::null()).spawn().unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(site.requests().iter().sum::<usize>(), 0, "nothing is fetched meanwhile");
    std::fs::remove_file(disk.ballast()).unwrap();
    let (code, told) = ended(child).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("nearly full") && told.contains("room on the disk again"), "{told}");
    assert_eq!(count(&db), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_the_run_and_the_next_goes_on() {
    let Some(disk) = SmallDisk::mount("8m") else { return };
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    move_to(&newsroom, disk.0.path(), "1");
    let db = disk.0.path().join("news.db");
    newsroom.publish(2, &stories(2, 2));
    assert_eq!(newsroom.run(&["run", "--once"]).await.status.code(), Some(0));
    newsroom.publish(2, &stories(2, 80));
    disk.fill(150_000);
    let full = newsroom.run(&["run", "--once"]).await;
    let told = String::from_utf8_lossy(&full.stderr).into_owned();
    assert_eq!(full.status.code(), Some(1), "{told}");
    assert!(told.contains("no room left on the disk"), "{told}");
    std::fs::remove_file(disk.ballast()).unwrap();
    assert_eq!(newsroom.run(&["run", "--once"]).await.status.code(), Some(0));
    assert_eq!(count(&db), 80);
    assert_eq!(column(&read_only(&db), "PRAGMA integrity_check"), ["ok"]);
}
