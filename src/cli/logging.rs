//! Where log lines go and how many of them: a person's terminal, systemd's journal with its fields, JSON.
//!
//! Who reads with a program gets nothing but such lines on stderr: the end of a command that failed and a panic are logged, too.
//!
//! A warning or an error that repeats is held back after some lines and counted: an outage of a thousand feeds is told in ten lines and a number.
//! Knows nothing of what is logged.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

/// How to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// The journal where systemd has connected stderr to it, else text
    Auto,
    /// One readable line an event
    Text,
    /// One JSON object a line
    Json,
    /// systemd's journal, with fields: `journalctl FEED=rudaw`
    Journal,
}

/// Who reads stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// What is said to them beside the log is plain text.
    People,
    /// Everything is a line of the log.
    Programs,
}

/// So many lines of one kind are logged in [`WINDOW`]; the rest is counted.
const LINES: u32 = 10;

/// How long lines of one kind are counted together.
pub(super) const WINDOW: Duration = Duration::from_secs(60);

/// Starts logging for the whole process; gives back for whom.
pub(super) fn start(level: &str, format: Format) -> Readers {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let logging = tracing_subscriber::registry().with(filter).with(Limit);
    let text = || fmt::layer().with_writer(io::stderr).with_target(false).with_ansi(io::stderr().is_terminal());
    let to_journal = format == Format::Journal || (format == Format::Auto && stderr_is_the_journal());
    match (format, to_journal.then(tracing_journald::layer)) {
        (Format::Json, _) => {
            logging.with(fmt::layer().json().flatten_event(true).with_writer(io::stderr).with_target(false)).init();
            log_panics();
            Readers::Programs
        }
        // Our field names have no prefix: they are searched for by hand.
        (_, Some(Ok(journal))) => {
            logging.with(journal.with_field_prefix(None).with_syslog_identifier("dateline".to_owned())).init();
            log_panics();
            Readers::Programs
        }
        (_, Some(Err(error))) => {
            logging.with(text()).init();
            tracing::warn!(%error, "the journal cannot be reached; logging text instead");
            Readers::People
        }
        (_, None) => {
            logging.with(text()).init();
            Readers::People
        }
    }
}

/// A panic is one line of the log, not several of text. What is caught and goes on says so by itself.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let reason = panic.payload_as_str().unwrap_or("no reason given");
        tracing::error!(place, reason, "a part of the program broke down; please report it");
    }));
}

/// systemd says in `$JOURNAL_STREAM` which file it connected; stderr may have been redirected since (systemd.exec(5)).
fn stderr_is_the_journal() -> bool {
    let Some(told) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    rustix::fs::fstat(io::stderr()).is_ok_and(|stderr| told == format!("{}:{}", stderr.st_dev, stderr.st_ino))
}

/// Tells how many lines were held back since this was last called, and lets lines of each kind through again.
pub(super) fn tell_what_was_held_back() {
    let mut held: Vec<(String, u64)> = Vec::new();
    kinds().retain(|_, kind| {
        if kind.began.elapsed() < WINDOW {
            return true;
        }
        if kind.held_back > 0 {
            held.push((std::mem::take(&mut kind.message), kind.held_back));
        }
        false
    });
    for (message, times) in held {
        tracing::warn!(times, line = message, "more of the same was not logged");
    }
}

/// Tells all of it: the end.
pub(super) fn tell_all_that_was_held_back() {
    for kind in kinds().values_mut() {
        kind.began = kind.began.checked_sub(WINDOW).unwrap_or(kind.began);
    }
    tell_what_was_held_back();
}

/// Lines of one kind: those of one place in the source.
struct Kind {
    began: Instant,
    lines: u32,
    held_back: u64,
    message: String,
}

fn kinds() -> std::sync::MutexGuard<'static, HashMap<tracing::callsite::Identifier, Kind>> {
    static KINDS: LazyLock<Mutex<HashMap<tracing::callsite::Identifier, Kind>>> = LazyLock::new(Mutex::default);
    KINDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Holds back what repeats.
struct Limit;

impl<S: Subscriber> Layer<S> for Limit {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        // Warnings and errors; `Level` orders the chattier above.
        if *event.metadata().level() > Level::WARN {
            return true;
        }
        #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
        let now = Instant::now();
        let mut kinds = kinds();
        let kind = kinds.entry(event.metadata().callsite()).or_insert_with(|| Kind {
            began: now,
            lines: 0,
            held_back: 0,
            message: message_of(event),
        });
        if now.duration_since(kind.began) >= WINDOW && kind.held_back == 0 {
            (kind.began, kind.lines) = (now, 0);
        }
        if kind.lines < LINES {
            kind.lines += 1;
            return true;
        }
        kind.held_back += 1;
        false
    }
}

fn message_of(event: &Event<'_>) -> String {
    #[derive(Default)]
    struct Message(String);
    impl Visit for Message {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            if field.name() == "message" {
                self.0 = format!("{value:?}");
            }
        }
    }
    let mut message = Message::default();
    event.record(&mut message);
    message.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_held_back_and_counted() {
        let lines = Lines::default();
        let logging = tracing_subscriber::registry()
            .with(Limit)
            .with(fmt::layer().with_writer(lines.writer()).with_ansi(false).without_time());
        tracing::subscriber::with_default(logging, || {
            for number in 0..25 {
                tracing::warn!(number, "the hull leaks");
                tracing::info!(number, "all is well");
            }
            tell_what_was_held_back();
            tell_all_that_was_held_back();
            tracing::warn!("the hull leaks elsewhere");
        });
        let text = lines.text();
        let count = |part: &str| text.lines().filter(|line| line.contains(part)).count();
        assert_eq!(count("number"), 10 + 25, "{text}");
        assert_eq!(count("all is well"), 25);
        assert_eq!(count("more of the same was not logged"), 1);
        assert!(text.contains("times=15 line=\"the hull leaks\""), "{text}");
        assert_eq!(count("the hull leaks elsewhere"), 1);
    }

    #[test]
    fn a_panic_is_a_line_of_the_log() {
        let lines = Lines::default();
        let before = std::panic::take_hook();
        log_panics();
        let logging =
            tracing_subscriber::registry().with(fmt::layer().json().flatten_event(true).with_writer(lines.writer()));
        let broken = tracing::subscriber::with_default(logging, || {
            std::panic::catch_unwind(|| std::panic::panic_any(format!("the hull\n{}", "breaks")))
        });
        std::panic::set_hook(before);
        assert!(broken.is_err());
        let text = lines.text();
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["level"], &line["reason"]), (&"ERROR".into(), &"the hull\nbreaks".into()), "{text}");
        assert!(line["place"].as_str().unwrap().contains("logging.rs:"), "{text}");
    }

    /// What was logged.
    #[derive(Clone, Default)]
    struct Lines(std::sync::Arc<Mutex<Vec<u8>>>);

    impl Lines {
        fn writer(&self) -> impl Fn() -> Self + 'static {
            let lines = self.clone();
            move || lines.clone()
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
