//! When nothing is to be fetched: the disk is nearly full, or we are cut off from the network. Told in the log, once each way.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::store::{free_bytes, size_text};

/// How often the disk is looked at. In that time the reserve takes what is in flight: 256 MB a second would be needed to fill the default in it.
const LOOK: Duration = Duration::from_secs(2);

/// Fetching goes on only when there is a quarter more room than it needs, so that it does not go on and off with every file.
const AGAIN: (u64, u64) = (5, 4);

/// Whether anything is to be fetched at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Halt {
    /// It is.
    #[default]
    No,
    /// We are cut off from the network.
    CutOff,
    /// The disk is nearly full.
    DiskLow,
}

/// Watches the network and the disk of the database `db` until `stop`: with fewer free bytes than `min_free` nothing is fetched; 0 never minds.
#[must_use]
pub fn watch_halt(
    mut cut_off: watch::Receiver<bool>,
    db: PathBuf,
    min_free: u64,
    stop: CancellationToken,
) -> watch::Receiver<Halt> {
    let first = look(&db, min_free, Halt::No, *cut_off.borrow_and_update());
    if first != Halt::No {
        tell(Halt::No, first, &db, min_free);
    }
    let (told, halt) = watch::channel(first);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(LOOK);
        loop {
            let before = *told.borrow();
            let now = look(&db, min_free, before, *cut_off.borrow_and_update());
            if now != before {
                tell(before, now, &db, min_free);
                told.send_replace(now);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = told.closed() => return,
                _ = tick.tick() => {}
                changed = cut_off.changed() => if changed.is_err() { return },
            }
        }
    });
    halt
}

fn look(db: &Path, min_free: u64, before: Halt, cut_off: bool) -> Halt {
    let needed = if before == Halt::DiskLow { min_free / AGAIN.1 * AGAIN.0 } else { min_free };
    // A disk that does not say is taken for a roomy one: writing will tell.
    if free_bytes(db).is_ok_and(|free| free < needed) {
        Halt::DiskLow
    } else if cut_off {
        Halt::CutOff
    } else {
        Halt::No
    }
}

fn tell(before: Halt, now: Halt, db: &Path, min_free: u64) {
    match now {
        Halt::DiskLow => {
            let free = free_bytes(db).map_or_else(|_| "?".to_owned(), size_text);
            tracing::error!(database = %db.display(), free, needed = size_text(min_free), "the disk is nearly full: nothing is fetched until there is room again; free some, or lower `store.min_free`");
        }
        Halt::CutOff => {
            tracing::warn!(
                "no host can be reached, whichever is asked: nothing is fetched until one answers; is there a network, and a resolver?"
            );
        }
        Halt::No if before == Halt::DiskLow => tracing::info!("there is room on the disk again; fetching goes on"),
        Halt::No => tracing::info!("the network is back; fetching goes on"),
    }
}
