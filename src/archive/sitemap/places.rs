//! Where a site keeps its sitemaps.

use url::Url;

/// robots.txt is read up to here (RFC 9309, 2.5: at least 500 KiB).
const MAX_ROBOTS_BYTES: usize = 512 << 10;
/// Sites name a handful; some name every file of their index.
const MAX_SITEMAPS: usize = 10_000;

/// Where sitemaps lie by habit, the likeliest first: the protocol's own example, what the usual content systems write (`WordPress` since 5.5,
/// Yoast, Google XML Sitemaps, Drupal, Joomla, Hugo, Squarespace, Ghost), and what newspapers call their archives.
const PATHS: &[&str] = &[
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/sitemap-index.xml",
    "/wp-sitemap.xml",
    "/sitemap.xml.gz",
    "/sitemap_index.xml.gz",
    "/sitemapindex.xml",
    "/sitemap/sitemap.xml",
    "/sitemaps/sitemap.xml",
    "/sitemap/index.xml",
    "/sitemaps/index.xml",
    "/sitemap/",
    "/sitemap",
    "/sitemaps.xml",
    "/sitemap-archive.xml",
    "/archive-sitemap.xml",
    "/sitemap-news.xml",
    "/news-sitemap.xml",
    "/sitemap.txt",
];

/// The sitemaps that a robots.txt names (<https://www.sitemaps.org/protocol.html#submit_robots>), in order, each once; `base` is where it was.
#[must_use]
pub fn from_robots(robots: &[u8], base: &Url) -> Vec<Url> {
    let text = String::from_utf8_lossy(robots.get(..MAX_ROBOTS_BYTES).unwrap_or(robots));
    let mut found: Vec<Url> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
        let Some((key, value)) = line.split_once(':') else { continue };
        if !key.trim().eq_ignore_ascii_case("sitemap") {
            continue;
        }
        // A comment is parted by a space; a `#` within an address is none.
        let value = value.split_ascii_whitespace().next().unwrap_or_default();
        let Ok(mut url) = base.join(value) else { continue };
        url.set_fragment(None);
        if value.is_empty() || !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            continue;
        }
        if found.len() < MAX_SITEMAPS && seen.insert(url.clone()) {
            found.push(url);
        }
    }
    found
}

/// Where the sitemaps of a site may be when robots.txt names none, the likeliest first; only one of them is meant.
#[must_use]
pub fn from_habit(site: &Url) -> Vec<Url> {
    PATHS.iter().filter_map(|path| site.join(path).ok()).collect()
}
