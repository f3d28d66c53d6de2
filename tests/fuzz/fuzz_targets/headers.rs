//! No header makes us panic, wait for years, leave http or keep a control character; no body outgrows its limit. The first byte chooses
//! the compression, each line is one header in turn, the rest is the body.
#![no_main]

use dateline::fetch::body::{Encoding, Limit, Received};
use dateline::fetch::headers;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use url::Url;

const NAMES: &[HeaderName] =
    &[header::RETRY_AFTER, header::CACHE_CONTROL, header::EXPIRES, header::DATE, header::AGE, header::LOCATION, header::CONTENT_ENCODING];
const MAX: u64 = 100_000;
const YEAR: u64 = 366 * 24 * 3600;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, bytes)) = bytes.split_first() else { return };
    let mut map = HeaderMap::new();
    for (name, line) in NAMES.iter().zip(bytes.split(|&byte| byte == b'\n')) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            map.append(name, value);
        }
    }
    let now = Timestamp::UNIX_EPOCH;
    for wait in [headers::retry_after(&map, now), headers::fresh_for(&map, now)].into_iter().flatten() {
        assert!(wait.as_secs() <= YEAR);
    }
    let from = Url::parse("https://paper.example/a").expect("a sound address");
    if let Some(target) = headers::location(&map, &from) {
        assert!(target.username().is_empty() && target.password().is_none());
    }
    let _ = Encoding::of(&map);
    let encoding = [Encoding::Identity, Encoding::Gzip, Encoding::Brotli, Encoding::Zstd][usize::from(choice % 4)];
    for limit in [Limit::Fail(MAX), Limit::Cut(MAX)] {
        let mut received = Received::default();
        received.push(bytes);
        if let Ok(body) = received.decode(encoding, limit) {
            assert!(body.len() as u64 <= MAX);
        }
    }
});
