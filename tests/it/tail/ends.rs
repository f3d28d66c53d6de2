//! What a follower meets on its way: pruned changes, a restored or damaged database, readers that are slow or gone, signals.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::{Follower, end, folder, put, seqs, story, tail, tell, tell_first};
use crate::filled::{Library, Told};
use crate::newsroom::{column, dateline, dateline_with_signals, read_only};

#[test]
fn changes_that_were_pruned_before_they_were_seen_are_told_as_missing() {
    let (_folder, database) = folder();
    let mut library = Library::open(&database, &[]);
    tell_first(&mut library, 4);
    rusqlite::Connection::open(&database).unwrap().execute("DELETE FROM change WHERE seq < 5", []).unwrap();
    let check = |after: &str, missed: bool| {
        let (changes, code, told) = tail(&database, &["--after", after]);
        assert_eq!((seqs(&changes).first(), code), (Some(&5), Some(0)));
        assert_eq!(told.contains("were pruned"), missed, "--after {after}: {told}");
    };
    check("0", false);
    check("2", true);
    check("4", false);
}

#[test]
fn a_copy_that_is_put_in_place_slowly_is_waited_for() {
    let (folder, database) = folder();
    let mut library = Library::open(&database, &[]);
    tell_first(&mut library, 40);
    let copy = folder.path().join("copy.db");
    read_only(&database).execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let mut library = Library::open(&copy, &[]);
    tell(&mut library, 40);
    library.checkpoint();
    let bytes = fs::read(&copy).unwrap();
    let follower = Follower::start(&database, &["--kind", "article", "--after", "78"]);
    assert_eq!(follower.next()["article"]["title"], story(39).0);
    for suffix in ["-wal", "-shm", ""] {
        fs::remove_file(format!("{}{suffix}", database.display())).unwrap();
    }
    let mut file = fs::File::create(&database).unwrap();
    for part in bytes.chunks(bytes.len() / 3 + 1) {
        file.write_all(part).unwrap();
        std::thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(follower.next()["article"]["title"], story(40).0);
}

#[test]
fn a_follower_whose_lines_nobody_takes_keeps_nothing_from_being_written_back() {
    let (_folder, database) = folder();
    let mut library = Library::open(&database, &[]);
    tell(&mut library, 0);
    let mut child = dateline(&["tail", "--follow", "--kind", "article", "--database"]).arg(&database).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    let text = "The ferry left Skellwick on Monday. ".repeat(1_000);
    for number in 1..20 {
        let (title, at) = (story(number).0, Some("2024-05-20T15:00:00Z"));
        library.tell(&Told { publisher: "post.example", title: &title, text: &text, at, ..Told::default() });
    }
    // It stands with a full pipe by now, or will: either way it holds no snapshot.
    std::thread::sleep(Duration::from_millis(500));
    let written: (i64, i64, i64) = rusqlite::Connection::open(&database)
        .unwrap()
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    assert_eq!(written, (0, 0, 0), "busy, pages in the WAL, pages written back");
    let rest: Vec<Value> = lines.by_ref().take(19).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert_eq!(rest[18]["article"]["title"], story(19).0);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_signal_ends_it_between_lines() {
    for (signal, number) in [("-INT", 2), ("-TERM", 15)] {
        let (_folder, database) = folder();
        let mut library = Library::open(&database, &[]);
        tell(&mut library, 0);
        let mut child = dateline_with_signals(&["tail", "--follow", "--database"]).arg(&database).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut told = String::new();
        output.read_line(&mut told).unwrap();
        let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().signal(), Some(number), "as any follower, so that shells and systemd know");
        while output.read_line(&mut told).unwrap() > 0 {}
        assert!(told.ends_with('\n') && told.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{told}");
    }
}

#[test]
fn whoever_takes_a_line_and_goes_hears_nothing() {
    let (_folder, database) = folder();
    let mut library = Library::open(&database, &[]);
    let text = "The ferry left Skellwick on Monday. ".repeat(1_000);
    for number in 0..20 {
        let (title, at) = (story(number).0, Some("2024-05-20T15:00:00Z"));
        library.tell(&Told { publisher: "post.example", title: &title, text: &text, at, ..Told::default() });
    }
    for arguments in [&["tail"][..], &["export"], &["export", "--format", "csv"], &["events", "--json"]] {
        let mut child = dateline(arguments).arg("--database").arg(&database).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut String::new()).unwrap();
        drop(output);
        assert_eq!(end(&mut child), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn a_damaged_database_ends_it_with_a_word() {
    let (folder, database) = folder();
    let mut library = Library::open(&database, &[]);
    tell_first(&mut library, 40);
    library.checkpoint();
    drop(library);
    let all = column(&read_only(&database), "SELECT count(*) FROM changes")[0].parse::<usize>().unwrap();
    // The bytes of one page in the middle are those of no page.
    let damaged = folder.path().join("damaged.db");
    put(&database, &damaged);
    let mut bytes = fs::read(&damaged).unwrap();
    let place = bytes.windows(8).position(|found| found == b"Ferry 20").unwrap() / 4_096 * 4_096;
    bytes[place..place + 4_096].fill(0xff);
    fs::write(&damaged, bytes).unwrap();
    let (told, code, said) = tail(&damaged, &["--follow"]);
    assert_eq!(code, Some(1));
    assert!(told.len() < all && said.contains("the database refused while reading"), "{} lines, {said}", told.len());
}
