//! An index of 1,000 files and 2 million addresses, read as it would arrive.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufReader, Read, Write as _};
use std::path::Path;

use dateline::archive::sitemap::{Found, Options, Reader};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use jiff::ToSpan;
use jiff::civil::Date;
use quick_xml::events::Event;
use url::Url;

use super::cost::{self, peak_mb};

const FILES: usize = 1_000;
const ADDRESSES: usize = 2_000;
/// As an answer arrives from the network.
const PIECE: usize = 16 * 1024;

pub(super) fn table() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, packed) = write(folder.path());
    println!("{FILES} sitemaps of {ADDRESSES} addresses: {} MB, {} MB compressed", plain >> 20, packed >> 20);
    println!("{:<34} {:>10} {:>10} {:>8} {:>8} {:>9}", "", "pages", "MB/s", "cpu s", "wall s", "peak MB");
    let mut speeds = Vec::new();
    for (name, what) in [
        ("gunzip + quick-xml, events counted", "bare-sitemaps"),
        ("archive::sitemap, addresses parsed", "read-sitemaps"),
    ] {
        let cost = cost::again(&[what.as_ref(), folder.path().as_os_str()]);
        let (pages, peak) = cost.printed.trim().split_once(' ').unwrap();
        assert_eq!(pages, (FILES * ADDRESSES).to_string());
        let speed = mega(plain) / cost.cpu.as_secs_f64();
        let (cpu, wall) = (cost.cpu.as_secs_f64(), cost.wall.as_secs_f64());
        println!("{name:<34} {pages:>10} {speed:>10.1} {cpu:>8.2} {wall:>8.2} {peak:>9}");
        speeds.push(speed);
    }
    println!("of the speed of bare reading: {:.2}\n", speeds[1] / speeds[0]);
}

/// Reads the index, then each file that it lists.
pub(super) fn read(folder: &Path) {
    let index = Url::parse("https://press.example/sitemap.xml").unwrap();
    let mut files = Vec::new();
    each(&folder.join("sitemap.xml"), &index, &mut |found| {
        if let Found::Sitemap(sitemap) = found {
            files.push(sitemap);
        }
    });
    assert_eq!(files.len(), FILES);
    let mut pages = 0;
    let mut dated = 0;
    for sitemap in files {
        let name = sitemap.url.path().trim_start_matches('/').to_owned();
        each(&folder.join(name), &sitemap.url, &mut |found| {
            if let Found::Page(page) = found {
                pages += 1;
                dated += usize::from(page.lastmod.is_some() && page.address_date().is_some());
            }
        });
    }
    assert_eq!(pages, dated);
    println!("{pages} {}", peak_mb());
}

fn each(path: &Path, url: &Url, sink: &mut dyn FnMut(Found)) {
    let mut file = File::open(path).unwrap();
    let mut reader = Reader::new(url, None, &Options::default());
    let mut piece = vec![0; PIECE];
    loop {
        let length = file.read(&mut piece).unwrap();
        if length == 0 {
            break;
        }
        reader.push(&piece[..length], sink);
    }
    assert_eq!(reader.finish(sink).broken, None);
}

/// The same bytes through the bare parser: decompressed, cut into events, entries counted; no address is parsed.
pub(super) fn bare(folder: &Path) {
    let mut pages = 0;
    for number in 0..FILES {
        let file = MultiGzDecoder::new(BufReader::new(File::open(folder.join(name(number))).unwrap()));
        let mut reader = quick_xml::Reader::from_reader(BufReader::new(file));
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer).unwrap() {
                Event::Start(tag) if tag.local_name().as_ref() == "url" => pages += 1,
                Event::Eof => break,
                _ => {}
            }
            buffer.clear();
        }
    }
    println!("{pages} {}", peak_mb());
}

fn name(number: usize) -> String {
    format!("sitemap-{number}.xml.gz")
}

/// Writes index and files; returns their bytes, plain and compressed.
fn write(folder: &Path) -> (u64, u64) {
    let first = Date::constant(2019, 1, 1);
    let mut index =
        String::from("<?xml version=\"1.0\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">");
    let (mut plain, mut packed) = (0, 0);
    for number in 0..FILES {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
        );
        let day = first.checked_add(i64::try_from(2 * number).unwrap().days()).unwrap();
        for address in 0..ADDRESSES {
            let story = number * ADDRESSES + address;
            write!(
                text,
                "  <url>\n    <loc>https://press.example/{}/harbour-council-votes-on-bridge-{story}?a=1&amp;b=2</loc>\n    \
                 <lastmod>{day}T10:{:02}:00+02:00</lastmod>\n    <changefreq>never</changefreq>\n    <priority>0.5</priority>\n  </url>\n",
                day.strftime("%Y/%m/%d"),
                address % 60
            )
            .unwrap();
        }
        text += "</urlset>\n";
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        let bytes = encoder.finish().unwrap();
        fs::write(folder.join(name(number)), &bytes).unwrap();
        plain += text.len() as u64;
        packed += bytes.len() as u64;
        write!(index, "<sitemap><loc>/{}</loc><lastmod>{day}</lastmod></sitemap>", name(number)).unwrap();
    }
    fs::write(folder.join("sitemap.xml"), index + "</sitemapindex>").unwrap();
    (plain, packed)
}

#[expect(clippy::cast_precision_loss, reason = "some hundred megabytes")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
