//! No robots.txt makes us panic or hang, and none can forbid itself. The first line is the path asked for.
#![no_main]

use dateline::fetch::robots::{self, MAX_CRAWL_DELAY, Rules};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let (path, file) = bytes.split_at(bytes.iter().position(|&byte| byte == b'\n').unwrap_or(0));
    let path = String::from_utf8_lossy(path);
    let rules = Rules::parse(file, robots::product_token(&path));
    assert!(rules.crawl_delay() <= MAX_CRAWL_DELAY);
    assert!(rules.size() <= 64 * (file.len() + 1));
    let root = Url::parse("https://paper.example/").expect("a sound address");
    assert!(rules.allow(&root.join("/robots.txt").expect("a sound path")));
    if let Ok(url) = root.join(&path) {
        assert!(Rules::default().allow(&url));
        let _ = rules.allow(&url);
    }
});
