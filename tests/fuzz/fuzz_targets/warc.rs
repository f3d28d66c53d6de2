//! No bytes make the WARC reader panic, hang or hold more than its bounds; the pieces in which they arrive change nothing, and reading goes
//! on where it stopped. The first byte chooses the size of the pieces.
#![no_main]

use dateline::archive::warc::{Options, Page, Reader};
use libfuzzer_sys::fuzz_target;

const MAX: usize = 100_000;

fuzz_target!(|bytes: &[u8]| {
    let Some((&piece, bytes)) = bytes.split_first() else { return };
    let options = Options { max_body: MAX };
    let read = |piece: usize| {
        let mut pages: Vec<Page> = Vec::new();
        let mut reader = Reader::new(&options);
        for piece in bytes.chunks(piece.max(1)) {
            reader.push(piece, &mut |page| pages.push(page));
        }
        let counts = reader.finish(&mut |page| pages.push(page));
        (pages, counts)
    };
    let whole = read(bytes.len());
    assert_eq!(read(usize::from(piece)), whole);
    for page in &whole.0 {
        assert!(page.body.len() <= MAX);
        let from = usize::try_from(page.place.offset).expect("within the file");
        let mut first = None;
        let mut reader = Reader::at(page.place, &options);
        reader.push(&bytes[from..], &mut |page| drop(first.get_or_insert(page)));
        let _counts = reader.finish(&mut |page| drop(first.get_or_insert(page)));
        assert_eq!(first.as_ref().map(|first| first.place), Some(page.place));
    }
});
