//! Lists of addresses and WARC files: read on threads of their own, because a pipe may say nothing for hours and a file may be of any size.
//!
//! The pages of a WARC are put beside their entries, a few at a time, for whoever runs the pipeline to take instead of fetching.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::desk::{CHUNK, Desk, Room};
use super::read::{Ended, Reading};
use super::step::Step;
use crate::archive::warc;
use crate::entry::Entry;
use crate::store::{Capture, Captured, Document, Error, Packer};

/// Longer lines hold no address.
const LONGEST_LINE: u64 = 16 * 1024;

/// Pages that wait beside their entries at once, over all processes: some 30 MB. The recorder takes 100 at once and holds the database meanwhile.
const AT_HAND: i64 = 1_024;

/// Pages, and bytes of them, that are handed over at once.
const PAGES: usize = 128;
const BYTES: usize = 4 << 20;

/// How often it is looked whether there is room again.
const LOOK: Duration = Duration::from_millis(20);

/// Announces the addresses of a list.
pub(super) async fn addresses(
    desk: &Desk,
    subject: &str,
    document: &Document,
    stop: &CancellationToken,
) -> Result<Ended, Error> {
    let (sender, mut lines) = mpsc::channel::<io::Result<String>>(2 * CHUNK);
    let path = document.url.clone();
    std::thread::spawn(move || {
        let input: io::Result<Box<dyn Read>> =
            if path == "-" { Ok(Box::new(io::stdin())) } else { File::open(&path).map(|file| Box::new(file) as _) };
        if let Err(error) = input.and_then(|input| read_lines(input, &sender)) {
            sender.blocking_send(Err(error)).ok();
        }
    });
    let reading = Reading { desk, subject, document };
    let mut strange: u64 = 0;
    loop {
        let mut chunk = Vec::new();
        tokio::select! {
            () = stop.cancelled() => return Ok(Ended::Interrupted),
            received = lines.recv_many(&mut chunk, CHUNK) => if received == 0 {
                break;
            }
        }
        let mut offer = reading.offer();
        for line in chunk {
            let line = match line {
                Ok(line) => line,
                Err(error) => return Ok(Ended::Failed(format!("cannot read `{}`: {error}", document.url))),
            };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match Url::parse(line).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
                Some(url) => offer.entry(Entry::at(url)),
                None => strange += 1,
            }
        }
        offer.flush(None);
        if offer.end()? == Room::None {
            return Ok(Ended::Interrupted);
        }
    }
    if strange > 0 {
        return Ok(Ended::Failed(format!(
            "`{}`: {strange} lines are no addresses; the others were read",
            document.url
        )));
    }
    Ok(Ended::Read(Vec::new()))
}

fn read_lines(input: Box<dyn Read>, sender: &mpsc::Sender<io::Result<String>>) -> io::Result<()> {
    let mut input = BufReader::new(input);
    loop {
        let mut line = Vec::new();
        if (&mut input).take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        // Whoever listened has gone.
        if sender.blocking_send(Ok(String::from_utf8_lossy(&line).into_owned())).is_err() {
            return Ok(());
        }
    }
}

/// Some pages of a file, compressed, and where to go on behind them.
struct Chunk {
    pages: Vec<(Entry, Capture)>,
    place: warc::Place,
    /// Places so far where the file was broken.
    broken: u64,
}

/// Announces the pages of a WARC file, from a place on, with their pages.
pub(super) async fn warc(
    desk: &Desk,
    subject: &str,
    document: &Document,
    (offset, inner): (u64, u64),
    stop: &CancellationToken,
) -> Result<Ended, Error> {
    let (sender, mut chunks) = mpsc::channel::<io::Result<Chunk>>(2);
    let path = document.url.clone();
    let future = desk.future_of_pages();
    std::thread::spawn(move || {
        let load = Load { packer: future.map(Packer::new), ..Load::default() };
        if let Err(error) = read_warc(&path, warc::Place { offset, inner }, load, &sender) {
            sender.blocking_send(Err(error)).ok();
        }
    });
    let reading = Reading { desk, subject, document };
    let mut broken = 0;
    loop {
        while desk.pages_at_hand()? >= AT_HAND {
            tokio::select! {
                () = stop.cancelled() => return Ok(Ended::Interrupted),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        let chunk = tokio::select! {
            () = stop.cancelled() => return Ok(Ended::Interrupted),
            chunk = chunks.recv() => chunk,
        };
        let Chunk { pages, place, broken: so_far } = match chunk {
            None => break,
            Some(Ok(chunk)) => chunk,
            Some(Err(error)) => return Ok(Ended::Failed(format!("cannot read `{}`: {error}", document.url))),
        };
        broken = so_far;
        let mut offer = reading.offer();
        for (entry, capture) in pages {
            if !desk.wants_site_of(&entry.url) {
                continue;
            }
            // What was captured before the range began was published before.
            if capture.captured_at.is_some_and(|at| desk.request().range.begins_after(at)) {
                offer.pass_over();
            } else {
                offer.add(entry, Some(capture));
            }
        }
        let behind = Step::Warc { offset: place.offset, inner: place.inner };
        offer.flush(Some(&serde_json::to_string(&behind).unwrap_or_default()));
        if offer.end()? == Room::None {
            return Ok(Ended::Interrupted);
        }
    }
    if broken > 0 {
        let path = &document.url;
        return Ok(Ended::Failed(format!("`{path}`: broken in {broken} places; the rest was read")));
    }
    Ok(Ended::Read(Vec::new()))
}

fn read_warc(
    path: &str,
    place: warc::Place,
    mut load: Load,
    sender: &mpsc::Sender<io::Result<Chunk>>,
) -> io::Result<()> {
    const PIECE: usize = 256 * 1024;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(place.offset))?;
    let mut reader = warc::Reader::at(place, &warc::Options::default());
    let mut buffer = vec![0; PIECE];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        reader.push(buffer.get(..read).unwrap_or_default(), &mut |page| load.add(page));
        // Whoever listened has gone.
        if (load.pages.len() >= PAGES || load.bytes >= BYTES)
            && sender.blocking_send(Ok(load.take(reader.place(), reader.counts().broken))).is_err()
        {
            return Ok(());
        }
    }
    let place = reader.place();
    let warc::Counts { records, pages, too_large, broken, .. } = reader.finish(&mut |page| load.add(page));
    tracing::info!(file = path, records, pages, too_large, broken, "a WARC file was read");
    sender.blocking_send(Ok(load.take(place, broken))).ok();
    Ok(())
}

/// Pages on their way to the desk.
#[derive(Default)]
struct Load {
    pages: Vec<(Entry, Capture)>,
    bytes: usize,
    /// None where pages are only counted.
    packer: Option<Packer>,
}

impl Load {
    fn add(&mut self, page: warc::Page) {
        let compressed = self.packer.as_mut().map_or_else(Vec::new, |packer| packer.pack(&page.body));
        self.bytes += compressed.len();
        let captured = Captured::Page { content_type: page.content_type, compressed };
        self.pages.push((Entry::at(page.url), Capture { captured_at: page.captured_at, page: captured }));
    }

    fn take(&mut self, place: warc::Place, broken: u64) -> Chunk {
        self.bytes = 0;
        Chunk { pages: std::mem::take(&mut self.pages), place, broken }
    }
}
