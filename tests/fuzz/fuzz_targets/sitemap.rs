//! No bytes make the sitemap reader panic, hang or hold more than its bounds; the pieces in which they arrive change nothing. The first byte
//! chooses their size.
#![no_main]

use dateline::archive::sitemap::{self, Found, Options, Reader, Summary};
use dateline::archive::{Range, of_address};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let Some((&piece, bytes)) = bytes.split_first() else { return };
    let whole = read(bytes, bytes.len());
    assert_eq!(read(bytes, usize::from(piece)), whole);
    let since = Timestamp::from_second(1_700_000_000).expect("a sound time");
    let range = Range::new(Some(since), Timestamp::from_second(1_710_000_000).expect("a sound time"));
    let mut sitemaps = Vec::new();
    for one in whole.0 {
        match one {
            Found::Page(page) => {
                let _ = (page.verdict(&range), of_address(&page.url));
            }
            Found::Sitemap(sitemap) => sitemaps.push(sitemap),
        }
    }
    let count = sitemaps.len();
    assert_eq!(sitemap::prune(sitemaps, &range).len(), count);
    let _ = sitemap::from_robots(bytes, &base());
});

fn read(bytes: &[u8], piece: usize) -> (Vec<Found>, Summary) {
    let options = Options { max_bytes: 1 << 20, max_found: 10_000, max_field_bytes: 512 };
    let mut found = Vec::new();
    let mut reader = Reader::new(&base(), None, &options);
    for piece in bytes.chunks(piece.max(1)) {
        reader.push(piece, &mut |one| found.push(one));
    }
    let mut summary = reader.finish(&mut |one| found.push(one));
    assert!(summary.decoded_bytes <= options.max_bytes);
    // A reader that has seen enough has taken the whole piece in.
    summary.decoded_bytes = 0;
    (found, summary)
}

fn base() -> Url {
    Url::parse("https://paper.example/maps/sitemap.xml").expect("a sound address")
}
