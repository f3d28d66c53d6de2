//! No bytes make the feed parser panic, hang or grow out of proportion; what it reads can be shown.
#![no_main]

use dateline::feed::{self, Options, Source};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let base = Url::parse("https://feed.example/a/feed").expect("a sound address");
    let source = Source { bytes, content_type: None, base: &base, timezone: None };
    if let Ok(feed) = feed::parse(&source, &Options::default()) {
        let shown: usize = feed
            .items
            .iter()
            .flat_map(|item| [&item.title, &item.summary, &item.content, &item.link])
            .flatten()
            .map(String::len)
            .sum();
        assert!(shown <= 64 * bytes.len() + 4096 * feed.items.len());
        drop(feed.into_entries());
    }
    let _ = feed::date::parse(&String::from_utf8_lossy(bytes), None);
});
