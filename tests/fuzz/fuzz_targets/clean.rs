//! Any bytes make an article or a rejection, soon, and never a panic; what is explained is what is cleaned.
#![no_main]

use dateline::clean::{Options, Page, clean, clean_fragment, decode, explain};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let url = Url::parse("https://page.example/2026/03/story").expect("a fixed address");
    let html = decode(bytes, None);
    let page = Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None };
    let options = Options { min_chars: 0, ..Options::default() };
    if let Ok(article) = clean(&page, &options) {
        assert!(!article.text.contains("\n\n\n"), "an empty paragraph");
    }
    let _ = clean_fragment(&page, &options);
    let _ = explain(&page, &options);
});
