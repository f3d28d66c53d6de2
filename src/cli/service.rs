//! What systemd is told of a running daemon: that it is ready, what it is doing, that it lives. Where there is no systemd, nothing.
//!
//! A sign of life (`WATCHDOG=1`) is sent for each answer of the recorder, the one thread that everything ends up at: a recorder that is stuck is
//! restarted; a slow network, a quiet night and a full queue are not its fault. Protocol: `sd_notify(3)`.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

use super::logging;
use crate::daemon::Watch;
use crate::metrics::METRICS;

/// How often the status line is brought up to date.
const STATUS_EVERY: Duration = Duration::from_secs(5);

/// The service works, on so many feeds.
pub(super) fn ready(feeds: usize) {
    notify(&[NotifyState::Ready, NotifyState::Status(&format!("{feeds} feeds, the first polls are on their way"))]);
}

/// The configuration is being read again; [`ready`] or [`reload_refused`] ends it.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "systemd could not be told"),
    }
}

/// The service works on as before.
pub(super) fn reload_refused() {
    notify(&[NotifyState::Ready, NotifyState::Status("the new configuration is faulty; the old one is in force")]);
}

/// The service is on its way down.
pub(super) fn stopping() {
    notify(&[NotifyState::Stopping, NotifyState::Status("stopping: what is in flight may finish")]);
}

/// Says what is being done until `stop`, and how often lines of the log were held back.
pub(super) async fn tell(watch: Watch, stop: CancellationToken) {
    let mut said = String::new();
    let mut tick = tokio::time::interval(STATUS_EVERY);
    // The first tick is at once: what `ready` said may stand a while.
    tick.tick().await;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        logging::tell_what_was_held_back();
        let status = status(&watch);
        if status != said {
            notify(&[NotifyState::Status(&status)]);
            said = status;
        }
    }
}

/// Sends the watchdog's sign of life until `stop`, thrice in each of its periods, each time that the recorder answers, or has come further without.
pub(super) async fn live(watch: Watch, stop: CancellationToken) {
    let Some(period) = sd_notify::watchdog_enabled() else { return };
    let mut tick = tokio::time::interval(period / 3);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            alive = alive(watch.ping(), || watch.strides(), period / 3) => if alive { notify(&[NotifyState::Watchdog]) },
        }
    }
}

/// Waits until the recorder answers, or comes a step further; whether it is there.
async fn alive(answer: impl Future<Output = bool>, strides: impl Fn() -> u64, look: Duration) -> bool {
    let before = strides();
    let further = async {
        while strides() == before {
            tokio::time::sleep(look).await;
        }
    };
    tokio::select! {
        answered = answer => answered,
        () = further => true,
    }
}

fn status(watch: &Watch) -> String {
    let done = watch.done();
    let failed = METRICS.polls_failed.get();
    format!(
        "{} feeds: {} polls, {} fetches under way; since the start {} polls ({failed} failed), {} articles stored, {} rejected, {} put back",
        watch.feeds,
        METRICS.poll.in_flight(),
        METRICS.fetch.in_flight(),
        watch.polls(),
        done.stored,
        done.rejected,
        done.put_back,
    )
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd could not be told");
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::time::timeout;

    use super::*;

    const LOOK: Duration = Duration::from_secs(120);

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_is_alive_only_while_the_work_goes_on() {
        let strides = AtomicU64::new(0);
        let further = || strides.fetch_add(1, Ordering::Relaxed);
        assert!(timeout(2 * LOOK, alive(pending(), further, LOOK)).await.unwrap());
        assert!(timeout(100 * LOOK, alive(pending(), || 7, LOOK)).await.is_err());
        assert!(alive(ready(true), || 7, LOOK).await);
        assert!(!alive(ready(false), || 7, LOOK).await);
    }
}
