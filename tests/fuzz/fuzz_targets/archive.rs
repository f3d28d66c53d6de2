//! No answer of an API, an index or a listing makes us panic or hang, and no address that is asked leaves http. The first byte chooses the
//! source.
#![no_main]

use dateline::archive::listing::{self, Pattern};
use dateline::archive::wordpress::{self, Api, Fields};
use dateline::archive::{Range, Span, of_address, wayback};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, bytes)) = bytes.split_first() else { return };
    let base = Url::parse("https://paper.example/news/").expect("a sound address");
    let now = Timestamp::from_second(1_710_000_000).expect("a sound time");
    let range = Range::new(Some(Timestamp::from_second(1_709_000_000).expect("a sound time")), now);
    let text = String::from_utf8_lossy(bytes);
    match choice % 5 {
        0 => {
            for post in wordpress::parse(bytes, &base).unwrap_or_default() {
                assert!(matches!(post.entry.url.scheme(), "http" | "https"));
            }
        }
        1 => {
            for api in [Api::from_link_header(&text, &base), Api::from_page(&text, &base)].into_iter().flatten() {
                assert!(matches!(api.posts(&range, 1, Fields::Whole).scheme(), "http" | "https"));
            }
        }
        2 => {
            for capture in wayback::parse(bytes).unwrap_or_default().captures {
                let original = wayback::Wayback::default().original(&capture);
                assert_eq!(original.host_str(), Some("web.archive.org"));
            }
        }
        3 => {
            let links = listing::links(&text, &base, Span::at(now));
            assert!(links.iter().all(|url| url.domain().is_some_and(|domain| domain.ends_with("paper.example"))));
        }
        _ => {
            if let Ok(pattern) = text.parse::<Pattern>() {
                assert!(pattern.listings(&range).all(|listing| matches!(listing.url.scheme(), "http" | "https")));
            }
            let _ = Range::parse(Some(&text), Some(&text), now);
            let _ = Url::parse(&text).ok().and_then(|url| of_address(&url));
        }
    }
});
