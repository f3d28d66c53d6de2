use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use super::*;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// A record with its end.
fn record(kind: &str, more: &str, block: &[u8]) -> Vec<u8> {
    let head = format!("WARC/1.0\r\nWARC-Type: {kind}\r\n{more}Content-Length: {}\r\n\r\n", block.len());
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn http(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{head}\r\n").as_bytes(), body].concat()
}

fn response(number: usize, head: &str, body: &[u8]) -> Vec<u8> {
    let more = format!(
        "WARC-Target-URI: https://a.example/{number}\r\nWARC-Date: 2024-03-05T10:15:00Z\r\n\
         Content-Type: application/http; msgtype=response\r\n"
    );
    record("response", &more, &http(head, body))
}

fn story(number: usize) -> Vec<u8> {
    format!("<html><p>story {number}</p></html>").into_bytes()
}

fn stories(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| response(number, "", &story(number))).collect()
}

fn read_at(bytes: &[u8], place: Place, piece: usize, options: &Options) -> (Vec<Page>, Counts, Place) {
    let mut pages = Vec::new();
    let mut reader = Reader::at(place, options);
    let from = usize::try_from(place.offset).unwrap();
    for piece in bytes[from..].chunks(piece.max(1)) {
        reader.push(piece, &mut |page| pages.push(page));
    }
    let place = reader.place();
    let counts = reader.finish(&mut |page| pages.push(page));
    (pages, counts, place)
}

fn read(bytes: &[u8]) -> (Vec<Page>, Counts) {
    let (pages, counts, _) = read_at(bytes, Place::default(), 8192, &Options::default());
    (pages, counts)
}

/// The numbers in the addresses of what was read, and how often the file was broken.
#[track_caller]
fn check(bytes: &[u8], want: &[usize], broken: u64) {
    let (pages, counts) = read(bytes);
    let number = |page: &Page| page.url.path().trim_start_matches('/').parse::<usize>().unwrap();
    let numbers: Vec<usize> = pages.iter().map(number).collect();
    assert_eq!((numbers.as_slice(), counts.broken), (want, broken));
    for page in &pages {
        assert_eq!(page.body, story(number(page)), "{}", page.url);
    }
}

#[test]
fn plain_and_compressed_files_hold_the_same() {
    let records = stories(5);
    let plain = records.concat();
    check(&plain, &[0, 1, 2, 3, 4], 0);
    check(&records.iter().flat_map(|record| gzip(record)).collect::<Vec<u8>>(), &[0, 1, 2, 3, 4], 0);
    check(&gzip(&plain), &[0, 1, 2, 3, 4], 0);
    // Blocks that know nothing of records.
    check(&plain.chunks(100).flat_map(gzip).collect::<Vec<u8>>(), &[0, 1, 2, 3, 4], 0);
    let (pages, _) = read(&plain);
    assert_eq!(pages[0].captured_at.unwrap().to_string(), "2024-03-05T10:15:00Z");
    assert_eq!((pages[0].status, pages[0].is_cut), (200, false));
    assert_eq!(pages[0].content_type.as_deref(), Some("text/html; charset=utf-8"));
}

#[test]
fn what_is_no_page_is_passed_over() {
    let uri = "WARC-Target-URI: <https://a.example/1>\r\nContent-Type: application/http;msgtype=response\r\n";
    let file = [
        record("warcinfo", "Content-Type: application/warc-fields\r\n", b"software: x\r\n"),
        record("request", uri, b"GET /1 HTTP/1.1\r\nHost: a.example\r\n\r\n"),
        record("revisit", uri, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"),
        record("response", uri, b"HTTP/1.1 301 Moved\r\nContent-Type: text/html\r\n\r\n<html>moved"),
        record("response", uri, b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n<png>"),
        record("response", "WARC-Target-URI: dns:a.example\r\nContent-Type: text/dns\r\n", b"a.example. 1.2.3.4"),
        record("metadata", uri, b"x"),
        record("response", uri, &http("", &story(1))),
    ]
    .concat();
    check(&file, &[1], 0);
    let counts = read(&file).1;
    assert_eq!((counts.records, counts.pages, counts.others), (8, 1, 7));
}

#[test]
fn versions_and_line_ends_vary() {
    let old = "WARC/0.17\nWARC-Type: response\nWARC-Target-URI: https://a.example/1\nContent-Type: application/http\nContent-Length: 44\n\n\
               HTTP/1.0 200 OK\n\n<html><p>story 1</p></html>\n\n";
    check(old.as_bytes(), &[1], 0);
    let bare = "WARC-Target-URI: https://a.example/1\r\nContent-Type: text/html\r\n";
    check(&record("resource", bare, &story(1)), &[1], 0);
    let new = String::from_utf8(stories(2).concat())
        .unwrap()
        .replace("WARC/1.0", "WARC/1.1")
        .replace("WARC-Type", "warc-type");
    check(new.as_bytes(), &[0, 1], 0);
}

#[test]
fn payloads_are_made_plain() {
    let plain = story(1);
    let chunked = [
        format!("{:x};x=y\r\n", plain.len() - 5).as_bytes(),
        &plain[..plain.len() - 5],
        b"\r\n5\r\n",
        &plain[plain.len() - 5..],
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(&plain).unwrap();
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(&plain).unwrap();
    for (head, body) in [
        ("Transfer-Encoding: chunked\r\n", chunked.clone()),
        ("Content-Encoding: gzip\r\n", gzip(&plain)),
        ("Content-Encoding: deflate\r\n", zlib.finish().unwrap()),
        ("Content-Encoding: deflate\r\n", deflate.finish().unwrap()),
        ("Content-Encoding: zstd\r\n", zstd::bulk::compress(&plain, 3).unwrap()),
        ("Content-Encoding: identity\r\n", plain.clone()),
        ("", gzip(&plain)),
        // As CC-NEWS has them: the headers stayed, the codings are gone.
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", plain.clone()),
        ("Content-Encoding: br\r\n", plain.clone()),
        ("Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", {
            let coded = gzip(&plain);
            [format!("{:X}\r\n", coded.len()).as_bytes(), &coded, b"\r\n0\r\n\r\n"].concat()
        }),
    ] {
        check(&response(1, head, &body), &[1], 0);
    }
    let (pages, _) = read(&response(1, "Content-Encoding: gzip\r\n", &gzip(&[b'x'; 5000])[..40]));
    assert!(pages[0].is_cut);
    let (pages, _) = read(&response(1, "Transfer-Encoding: chunked\r\n", &chunked[..chunked.len() - 12]));
    assert!(pages[0].is_cut);
}

#[test]
fn broken_records_cost_only_themselves() {
    let mut records = stories(5);
    let whole = records.concat();
    check(&whole[..whole.len() - 30], &[0, 1, 2, 3], 1);
    let compressed: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    let all = compressed.concat();
    check(&all[..all.len() - 30], &[0, 1, 2, 3], 1);

    // Bytes turned over within a member.
    let mut damaged = compressed.clone();
    for byte in &mut damaged[2][20..60] {
        *byte = !*byte;
    }
    check(&damaged.concat(), &[0, 1, 3, 4], 1);
    // A member that was cut, the next begins behind it.
    let mut cut = compressed.clone();
    cut[2].truncate(80);
    check(&cut.concat(), &[0, 1, 3, 4], 1);
    // The record is cut, its member sound.
    let mut short = compressed;
    let length = records[2].len() - 40;
    short[2] = gzip(&records[2][..length]);
    check(&short.concat(), &[0, 1, 3, 4], 1);

    // Lengths that are too long, too short, none; a header that is none.
    for (number, from, to) in [
        (2, "Content-Length: 8", "Content-Length: 18"),
        (2, "Content-Length: 8", "Content-Length: "),
        (2, "Content-Length", "Content-Width"),
        (2, "WARC/1.0", "WARK/1.0"),
    ] {
        let mut wrong = records.clone();
        let text = String::from_utf8(wrong[number].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        wrong[number] = text.replace(from, to).into_bytes();
        let (pages, counts) = read(&wrong.concat());
        let numbers: Vec<&str> = pages.iter().map(|page| page.url.path()).collect();
        assert!(numbers.starts_with(&["/0", "/1"]) && numbers.ends_with(&["/4"]), "{to}: {numbers:?}");
        assert!(!numbers.contains(&"/2") && counts.broken >= 1, "{to}: {numbers:?} {counts:?}");
    }
    records.insert(2, b"garbage WARC/1.0 of all kinds\n\n".to_vec());
    check(&records.concat(), &[0, 1, 2, 3, 4], 1);
    check(b"", &[], 0);
    check(b"<html>no archive", &[], 1);
}

#[test]
fn long_records_are_passed_over() {
    let options = Options { max_body: 1000 };
    let bomb = gzip(&vec![b'x'; 5_000_000]);
    let file = [
        response(0, "", &vec![b'x'; 2_000_000]),
        response(1, "", &vec![b'x'; 1_001]),
        response(2, "Content-Encoding: gzip\r\n", &bomb),
        response(3, "", &story(3)),
    ]
    .concat();
    let (pages, counts, _) = read_at(&file, Place::default(), 4096, &options);
    assert_eq!((pages.len(), counts.too_large, counts.broken), (1, 3, 0));
}

#[test]
fn reading_goes_on_where_it_was() {
    let plain = stories(6).concat();
    let files = [
        plain.clone(),
        stories(6).iter().flat_map(|record| gzip(record)).collect(),
        gzip(&plain),
        plain.chunks(97).flat_map(gzip).collect(),
    ];
    for file in files {
        let (pages, counts, _) = read_at(&file, Place::default(), 8192, &Options::default());
        assert_eq!(pages.len(), 6);
        for (number, page) in pages.iter().enumerate() {
            let (rest, again, _) = read_at(&file, page.place, 8192, &Options::default());
            assert_eq!((rest.as_slice(), again.broken), (&pages[number..], counts.broken));
        }
        // Stopped anywhere: what was handed on and what is read from the place that was told are the whole.
        for end in (0..file.len()).step_by(13) {
            let mut before = Vec::new();
            let mut reader = Reader::new(&Options::default());
            reader.push(&file[..end], &mut |page| before.push(page));
            let (behind, _, _) = read_at(&file, reader.place(), 8192, &Options::default());
            let all: Vec<Page> = before.into_iter().chain(behind).collect();
            assert_eq!(all, pages, "stopped at {end}");
        }
    }
}

proptest! {
    #[test]
    fn pieces_change_nothing(cuts in prop::collection::vec((0_usize..3000, any::<u8>()), 0..4), packed in 0_usize..4, piece in 1_usize..200) {
        let plain = stories(8).concat();
        let mut file = match packed {
            0 => plain,
            1 => gzip(&plain),
            2 => plain.chunks(97).flat_map(gzip).collect(),
            _ => stories(8).iter().flat_map(|record| gzip(record)).collect(),
        };
        for (at, byte) in cuts {
            let at = at % file.len();
            file[at] = byte;
        }
        let whole = read_at(&file, Place::default(), usize::MAX, &Options::default());
        let pieces = read_at(&file, Place::default(), piece, &Options::default());
        prop_assert_eq!((&pieces.0, pieces.1), (&whole.0, whole.1));
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400), piece in 1_usize..50) {
        for start in [&b""[..], b"\x1f\x8b\x08", b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200\r\n"] {
            let file = [start, &bytes].concat();
            let whole = read_at(&file, Place::default(), usize::MAX, &Options::default());
            let pieces = read_at(&file, Place::default(), piece, &Options::default());
            prop_assert_eq!((&pieces.0, pieces.1), (&whole.0, whole.1));
        }
    }
}
