//! The same on terminals: narrow ones, those that want no colours, and titles that try to drive them.

use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use unicode_width::UnicodeWidthStr;

use super::filled;
use crate::filled::{Library, Told};
use crate::newsroom::dateline;

/// `O_NOCTTY` of Linux: the terminal is not to become ours.
const NO_CONTROL: i32 = 0o400;

/// What a command writes to a terminal of so many columns; `settings` are of its environment.
fn on_terminal(columns: u16, arguments: &[&str], database: &Path, settings: &[(&str, &str)]) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let path = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let end = std::fs::OpenOptions::new().read(true).write(true).custom_flags(NO_CONTROL).open(path).unwrap();
    tcsetwinsize(&terminal, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut command = dateline(arguments);
    command.arg("--database").arg(database).env_remove("NO_COLOR").env("TERM", "xterm");
    let mut child = command.envs(settings.iter().copied()).stdout(Stdio::from(end)).spawn().unwrap();
    // The command holds the other end, too.
    drop(command);
    let (mut bytes, mut part) = (Vec::new(), [0; 4_096]);
    let mut output = std::fs::File::from(terminal);
    // It ends with an error where the last writer has gone.
    while let Ok(read @ 1..) = output.read(&mut part) {
        bytes.extend_from_slice(&part[..read]);
    }
    assert!(child.wait().unwrap().success(), "{arguments:?}");
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

fn without_bold(text: &str) -> String {
    text.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "")
}

#[test]
fn lines_are_no_longer_than_the_terminal_is_wide() {
    let (_folder, database, other) = filled();
    let other = other.to_string();
    for columns in [40, 60, 80, 200] {
        for arguments in
            [&["events"][..], &["events", "1"], &["events", &other], &["search", "出航"], &["search", "ferry"]]
        {
            let told = without_bold(&on_terminal(columns, arguments, &database, &[]));
            // One event's page begins with its whole headline; addresses are whole, so that they can be taken from there.
            let is_page = arguments.len() > 1 && arguments[0] == "events";
            for line in told.lines().skip(usize::from(is_page)).filter(|line| !line.trim().starts_with("https://")) {
                assert!(line.width() <= usize::from(columns), "{arguments:?}: {} of {columns}: {line}", line.width());
            }
            for word in ["出航", "erry"].iter().filter(|_| arguments[0] == "events" && !is_page) {
                assert!(told.contains(word), "{columns} columns show no headline: {told}");
            }
        }
    }
    // A terminal that does not say how wide it is, is taken for a wide one.
    assert!(on_terminal(0, &["events"], &database, &[]).lines().any(|line| line.width() > 100));
}

#[test]
fn a_narrow_page_has_headlines_on_lines_of_their_own() {
    let (_folder, database, _) = filled();
    let told = on_terminal(40, &["events", "1"], &database, &[("NO_COLOR", "1")]);
    let (_, timeline) = told.split_once("\n\n").unwrap();
    let expected = "\
2024-05-20 06:00 post.example
    Ferry sails again
    ← gives the event its title
    https://www.post.example/news/1.html
+30 min herald.example
    (the same headline)
    a copy of what post.example publish…
    credits The Post
    https://www.herald.example/news/2.html
+2 h 5 min kurier.example
    Ferry [finally] sails
    https://www.kurier.example/news/3.html
    headline was: Ferry sails [again]
";
    assert!(timeline.starts_with(expected), "{timeline}");
}

#[test]
fn bold_is_for_terminals_that_want_it() {
    let (_folder, database, _) = filled();
    let check = |told: &str, bold: bool| {
        assert_eq!(told.contains("\u{1b}[1mferry\u{1b}[0m"), bold, "{told}");
        assert_eq!(told.contains("[ferry]"), !bold, "{told}");
    };
    let arguments = ["search", "ferry"];
    check(&on_terminal(80, &arguments, &database, &[]), true);
    check(&on_terminal(80, &arguments, &database, &[("NO_COLOR", "")]), true);
    check(&on_terminal(80, &arguments, &database, &[("NO_COLOR", "1")]), false);
    check(&on_terminal(80, &arguments, &database, &[("TERM", "dumb")]), false);
    check(&super::run(&database, &arguments).0, false);
}

#[test]
fn nothing_that_a_publisher_writes_drives_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("news.db");
    let mut library = Library::open(&database, &["evil"]);
    let evil =
        "\u{1b}]0;owned\u{7}\u{1b}[2JFerry \u{202e}drowned\u{2066}\u{9b}31m\u{85}\u{8}\u{7f} סוף\u{2069}\u{2069}";
    let (at, hostile) = (Some("2024-05-20T06:00:00Z"), Some(evil));
    let told = Told {
        publisher: "post.example",
        feed: Some("evil"),
        title: evil,
        subtitle: hostile,
        text: evil,
        at,
        language: Some("en"),
        authors: &["\u{1b}[31mAda"],
        attribution: hostile,
        dateline: hostile,
        ..Told::default()
    };
    let (first, event) = library.tell(&told);
    let copy = Told { publisher: "herald.example", event: Some(event), copy_of: Some(first), ..told.clone() };
    let (second, _) = library.tell(&copy);
    library.edit(second, &format!("{evil} again"), evil, "2024-05-20T07:00:00Z");
    library.poll("evil", "2024-05-20T08:00:00Z", Err(evil), 3);
    library.checkpoint();
    let event = event.to_string();
    for arguments in [
        &["events"][..],
        &["events", &event],
        &["events", &event, "--explain"],
        &["search", "ferry"],
        &["search", "drowned", evil],
        &["events", "--json"],
        &["events", &event, "--json"],
        &["search", "ferry", "--json"],
        &["tail"],
        &["status"],
        &["status", "--json"],
        &["status", "--feed", "evil"],
    ] {
        let told = match arguments[0] {
            // It tells by its exit code that the feed fails.
            "status" => super::run(&database, arguments).0,
            _ => without_bold(&on_terminal(80, arguments, &database, &[])),
        };
        let drives =
            |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2067}');
        assert!(!told.contains(drives), "{arguments:?}: {told:?}");
        for line in told.lines() {
            let mut open = 0;
            for c in line.chars() {
                open += i32::from(c == '\u{2068}') - i32::from(c == '\u{2069}');
                assert!((0..=1).contains(&open), "{arguments:?}: {line:?}");
            }
            assert_eq!(open, 0, "{arguments:?}: {line:?}");
        }
    }
}
