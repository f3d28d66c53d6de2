//! When nothing is to be fetched: the disk is nearly full, or we are cut off from the network. Told in the log, once each way.
//!
//! Invariant: whoever asks is told what holds at that moment. The task that looks at the disk and writes the log may lag; that we are cut off is known
//! from whoever found it out, before the next thing is begun.

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

/// What halts a run, to be asked at any moment.
#[derive(Debug, Clone)]
pub struct Halts {
    disk_low: watch::Receiver<bool>,
    cut_off: watch::Receiver<bool>,
}

impl Halts {
    /// Of a run that goes on whatever happens.
    #[must_use]
    pub fn never() -> Self {
        Self { disk_low: watch::channel(false).1, cut_off: watch::channel(false).1 }
    }

    /// Watches the network and the disk of the database `db` until `stop`: with fewer free bytes than `min_free` nothing is fetched; 0 never minds.
    #[must_use]
    pub fn watch(cut_off: watch::Receiver<bool>, db: PathBuf, min_free: u64, stop: CancellationToken) -> Self {
        let (low, disk_low) = watch::channel(is_low(&db, min_free, false));
        let halts = Self { disk_low, cut_off };
        let mut watched = halts.clone();
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(LOOK);
            let mut before = Halt::No;
            loop {
                let is_low = is_low(&db, min_free, *low.borrow());
                low.send_if_modified(|was_low| std::mem::replace(was_low, is_low) != is_low);
                let now = watched.now();
                if now != before {
                    tell(before, now, &db, min_free);
                    before = now;
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    _ = tick.tick() => {}
                    () = watched.changed() => {}
                }
            }
        });
        halts
    }

    /// What holds at this moment.
    #[must_use]
    pub fn now(&self) -> Halt {
        if *self.disk_low.borrow() {
            Halt::DiskLow
        } else if self.is_cut_off() {
            Halt::CutOff
        } else {
            Halt::No
        }
    }

    /// Whether we are cut off, however full the disk is.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        *self.cut_off.borrow()
    }

    /// Waits until something may have changed since the last wait; for ever where nothing can any more.
    pub async fn changed(&mut self) {
        tokio::select! {
            Ok(()) = self.disk_low.changed() => {}
            Ok(()) = self.cut_off.changed() => {}
            else => std::future::pending().await,
        }
    }

    /// Waits until there is room on the disk, or nobody looks any more.
    pub async fn room(&mut self) {
        self.disk_low.wait_for(|is_low| !is_low).await.ok();
    }
}

fn is_low(db: &Path, min_free: u64, was_low: bool) -> bool {
    let needed = if was_low { (min_free / AGAIN.1).saturating_mul(AGAIN.0) } else { min_free };
    // A disk that does not say is taken for a roomy one: writing will tell.
    free_bytes(db).is_ok_and(|free| free < needed)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// One thread that does not give way: the task that watches has no turn meanwhile.
    #[tokio::test]
    async fn what_cuts_us_off_is_known_before_the_watcher_has_its_turn() {
        let folder = tempfile::tempdir().unwrap();
        let network = watch::Sender::new(false);
        let mut halts = Halts::watch(network.subscribe(), folder.path().join("news.db"), 0, CancellationToken::new());
        assert_eq!(halts.now(), Halt::No);
        network.send_replace(true);
        assert_eq!(halts.now(), Halt::CutOff);
        halts.changed().await;
        network.send_replace(false);
        assert_eq!(halts.now(), Halt::No);
        assert_eq!(Halts::never().now(), Halt::No);
    }

    #[tokio::test(start_paused = true)]
    async fn a_disk_without_room_goes_before_a_network_that_is_away() {
        let folder = tempfile::tempdir().unwrap();
        let network = watch::Sender::new(true);
        let db = folder.path().join("news.db");
        let mut halts = Halts::watch(network.subscribe(), db, u64::MAX, CancellationToken::new());
        assert_eq!((halts.now(), halts.is_cut_off()), (Halt::DiskLow, true));
        let waited = tokio::time::timeout(Duration::from_secs(60), halts.room()).await;
        assert!(waited.is_err(), "there is no room");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_change_is_woken_by_either() {
        let (disk, network) = (watch::Sender::new(false), watch::Sender::new(false));
        let mut halts = Halts { disk_low: disk.subscribe(), cut_off: network.subscribe() };
        let wait = async |halts: &mut Halts| tokio::time::timeout(Duration::from_secs(60), halts.changed()).await;
        assert!(wait(&mut halts).await.is_err());
        disk.send_replace(true);
        assert!(wait(&mut halts).await.is_ok());
        drop(disk);
        network.send_replace(true);
        assert!(wait(&mut halts).await.is_ok(), "one source is left");
        drop(network);
        assert!(wait(&mut halts).await.is_err(), "nothing changes any more");
    }
}
