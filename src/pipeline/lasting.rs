//! Threads that outlive their work: who works next is given one that is idle.
//!
//! The allocator gives each thread an arena of its own and keeps what was freed in it for that thread. A recorder frees its whole index when the
//! configuration is read again; in a new thread every time, up to eight arenas a processor came to hold an empty index each (60 MB became 213 in twenty
//! rereadings of the soak, 36 of them in use, 2026-11-23).

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Gives back what tells of its end.
type Work = Box<dyn FnOnce() -> Box<dyn FnOnce()> + Send>;

/// Between two calls of [`Running::join_within`]: the next statement may be as slow as the last.
const HURRY: Duration = Duration::from_millis(50);

static IDLE: Mutex<Vec<Sender<Work>>> = Mutex::new(Vec::new());

/// Work under way.
#[derive(Debug)]
pub(super) struct Running<T>(Receiver<thread::Result<T>>);

impl<T> Running<T> {
    /// Waits for its end. A panic of the work goes on here.
    pub(super) fn join(self) -> T {
        let Ok(done) = self.0.recv() else { unreachable!("the thread tells before it takes other work") };
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Waits for its end, and hurries it again and again once `patience` is over.
    pub(super) fn join_within(self, patience: Duration, hurry: impl Fn()) -> T {
        let mut wait = patience;
        loop {
            match self.0.recv_timeout(wait) {
                Ok(done) => return done.unwrap_or_else(|panic| resume_unwind(panic)),
                Err(RecvTimeoutError::Timeout) => hurry(),
                Err(RecvTimeoutError::Disconnected) => unreachable!("the thread tells before it takes other work"),
            }
            wait = HURRY;
        }
    }
}

/// Does the work in a thread that is idle, or in a new one of this name.
///
/// # Panics
/// When the system cannot start a thread: then nothing of us works.
pub(super) fn run<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Running<T> {
    let (sender, receiver) = channel();
    let work: Work = Box::new(move || {
        let done = catch_unwind(AssertUnwindSafe(work));
        // Nobody may wait for it any more.
        Box::new(move || drop(sender.send(done)))
    });
    let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let worker = idle.unwrap_or_else(|| start(name));
    // A thread that waits for work takes it.
    worker.send(work).ok();
    Running(receiver)
}

fn start(name: &str) -> Sender<Work> {
    let (sender, works) = channel::<Work>();
    let again = sender.clone();
    let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
        while let Ok(work) = works.recv() {
            let tell = work();
            // First: whoever waited for the end and has more to do finds the thread.
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(again.clone());
            tell();
        }
    });
    #[expect(clippy::expect_used, reason = "a process that cannot start a thread cannot do anything")]
    thread.expect("a thread can be started");
    sender
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_done_by_the_same_thread() {
        let first = run("worker", || thread::current().id()).join();
        // Other tests may take it in between, but not every time.
        assert!((0..100).any(|_| run("worker", || thread::current().id()).join() == first));
    }

    #[test]
    fn a_panic_goes_on_where_the_end_is_waited_for_and_the_thread_works_on() {
        assert_eq!(run("worker", || 7).join(), 7);
        let broken = run("worker", || resume_unwind(Box::new("broken")));
        assert!(catch_unwind(AssertUnwindSafe(|| broken.join())).is_err());
        assert_eq!(run("worker", || 8).join(), 8);
    }
}
