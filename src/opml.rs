//! OPML: lists of feeds, as feed readers exchange them.
//!
//! Pure. Reads what readers write (OPML 1.0, 1.1, 2.0; <http://opml.org/spec2.opml>) and what people do to it by hand: bare
//! ampersands, other capitals, a missing `type`. Folders become groups. Input is bounded in bytes, depth and count.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use thiserror::Error;
use url::Url;

use crate::address::canonical;
use crate::catalogue::{Listing, name_all};

/// What a list held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// What the list calls itself.
    pub title: Option<String>,
    /// The feeds, in their order, each address once, each with a name.
    pub feeds: Vec<Listing>,
    /// What was left out, and why, in words.
    pub skipped: Vec<String>,
}

/// Why a file is no list of feeds.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// It holds no outline at all.
    #[error("this is no OPML: no `<outline>` found{0}")]
    NoOutline(String),
    /// It is larger than any list of feeds.
    #[error("the file has {bytes} bytes; OPML is read up to {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// What is read at most.
        max: usize,
    },
}

/// A list of 100,000 feeds has about 30 MB.
const MAX_BYTES: usize = 64 << 20;
const MAX_FEEDS: usize = 200_000;
/// Folders deeper than this are folded into the one above.
const MAX_DEPTH: usize = 16;
/// Complaints beyond this are not worth reading.
const MAX_SKIPPED: usize = 1000;

/// Reads a list. `taken` are the names already in use.
///
/// # Errors
/// When nothing in it looks like OPML. A file that breaks off gives the feeds before the break.
pub fn import(bytes: &[u8], taken: &BTreeSet<String>) -> Result<Import, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLarge { bytes: bytes.len(), max: MAX_BYTES });
    }
    let text = decode(bytes);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;

    let mut import = Import::default();
    let mut known = HashSet::new();
    let mut folders: Vec<Option<String>> = Vec::new();
    let mut in_title = false;
    let mut outlines = 0usize;
    let mut broken = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) if is_outline(&tag) => {
                outlines += 1;
                let outline = Outline::of(&tag);
                folders.push(if outline.xml_url.is_some() { None } else { outline.label() });
                let above = folders.len() - 1;
                take(&outline, &folders[..above], &mut known, &mut import);
            }
            Ok(Event::Empty(tag)) if is_outline(&tag) => {
                outlines += 1;
                take(&Outline::of(&tag), &folders, &mut known, &mut import);
            }
            Ok(Event::End(tag)) if tag.local_name().as_ref().eq_ignore_ascii_case("outline") => {
                folders.pop();
            }
            Ok(Event::Start(tag)) => {
                in_title = outlines == 0 && tag.local_name().as_ref().eq_ignore_ascii_case("title");
            }
            Ok(Event::End(_)) => in_title = false,
            Ok(Event::Text(text)) if in_title => {
                import.title.get_or_insert_default().push_str(&text);
            }
            Ok(Event::GeneralRef(entity)) if in_title => {
                let entity = format!("&{};", &*entity);
                import.title.get_or_insert_default().push_str(&unescape(&entity));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                broken = format!("; it breaks off at byte {}: {error}", reader.error_position());
                break;
            }
        }
        if import.feeds.len() >= MAX_FEEDS {
            skip(&mut import, format!("everything after the first {MAX_FEEDS} feeds"));
            break;
        }
    }
    if outlines == 0 {
        return Err(Error::NoOutline(broken));
    }
    if !broken.is_empty() {
        skip(&mut import, format!("the rest of the file{broken}"));
    }
    import.title = import.title.as_deref().and_then(clean);
    name_all(&mut import.feeds, taken);
    Ok(import)
}

/// Writes a list that feed readers read; [`import`] gives the same feeds back.
#[must_use]
pub fn export(title: &str, feeds: &[Listing]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n");
    let _ = writeln!(text, "    <title>{}</title>\n  </head>\n  <body>", escape(plain(title)));
    // Feeds without a folder first, then the folders in the order of their first feed. Folders in folders are written as one
    // with a path for a name: few readers nest, and all keep names.
    let mut groups: Vec<Option<&str>> = vec![None];
    let mut seen = HashSet::from([None]);
    groups.extend(feeds.iter().map(|feed| feed.group.as_deref()).filter(|group| seen.insert(*group)));
    let mut members: HashMap<Option<&str>, Vec<&Listing>> = HashMap::new();
    for feed in feeds {
        members.entry(feed.group.as_deref()).or_default().push(feed);
    }
    for group in groups {
        let indent = if let Some(group) = group {
            let _ = writeln!(text, "    <outline text=\"{0}\" title=\"{0}\">", escape(plain(group)));
            "      "
        } else {
            "    "
        };
        for feed in members.get(&group).into_iter().flatten() {
            let label = plain(feed.title.as_deref().unwrap_or(&feed.name));
            let _ = write!(
                text,
                "{indent}<outline type=\"rss\" text=\"{0}\" title=\"{0}\" xmlUrl=\"{1}\"",
                escape(&label),
                escape(feed.url.as_str())
            );
            if let Some(site) = &feed.site {
                let _ = write!(text, " htmlUrl=\"{}\"", escape(site.as_str()));
            }
            text.push_str("/>\n");
        }
        if group.is_some() {
            text.push_str("    </outline>\n");
        }
    }
    text.push_str("  </body>\n</opml>\n");
    text
}

/// The attributes of an `<outline>` that matter here.
#[derive(Debug, Default)]
struct Outline {
    text: Option<String>,
    title: Option<String>,
    xml_url: Option<String>,
    html_url: Option<String>,
    category: Option<String>,
}

impl Outline {
    fn of(tag: &BytesStart<'_>) -> Self {
        let mut outline = Self::default();
        for attribute in tag.html_attributes().with_checks(false).flatten() {
            let value = clean(&unescape(&attribute.value));
            let slot = match attribute.key.local_name().as_ref().to_ascii_lowercase().as_str() {
                "text" => &mut outline.text,
                "title" => &mut outline.title,
                "xmlurl" => &mut outline.xml_url,
                "htmlurl" => &mut outline.html_url,
                "category" => &mut outline.category,
                _ => continue,
            };
            if slot.is_none() {
                *slot = value;
            }
        }
        outline
    }

    fn label(&self) -> Option<String> {
        self.text.clone().or_else(|| self.title.clone())
    }
}

fn is_outline(tag: &BytesStart<'_>) -> bool {
    tag.local_name().as_ref().eq_ignore_ascii_case("outline")
}

fn take(outline: &Outline, folders: &[Option<String>], known: &mut HashSet<Url>, import: &mut Import) {
    let Some(address) = &outline.xml_url else { return };
    let title = outline.title.clone().or_else(|| outline.text.clone());
    let Some(url) = feed_url(address) else {
        skip(import, format!("`{}`: `{address}` is no web address", title.unwrap_or_default()));
        return;
    };
    if !known.insert(canonical(&url)) {
        skip(import, format!("`{}`: `{url}` is in the list already", title.unwrap_or_default()));
        return;
    }
    let path: Vec<&str> = folders.iter().flatten().take(MAX_DEPTH).map(String::as_str).collect();
    let category = || {
        outline
            .category
            .as_deref()?
            .split(',')
            .map(|one| one.trim().trim_matches('/').to_owned())
            .find(|one| !one.is_empty())
    };
    let group = if path.is_empty() { category() } else { Some(path.join("/")) };
    let site = outline.html_url.as_deref().and_then(web_url);
    import.feeds.push(Listing { name: String::new(), url, title, site, group });
}

fn skip(import: &mut Import, why: String) {
    if import.skipped.len() < MAX_SKIPPED {
        import.skipped.push(why);
    }
}

/// `feed:` in front is how browsers once handed addresses to readers: `feed://a.example/x`, `feed:https://a.example/x`.
fn feed_url(address: &str) -> Option<Url> {
    match address.strip_prefix("feed:") {
        Some(rest) if rest.starts_with("//") => web_url(&format!("http:{rest}")),
        Some(rest) => web_url(rest),
        None => web_url(address),
    }
}

fn web_url(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// UTF-8 unless a byte order mark or the declaration says otherwise.
fn decode(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(200)).unwrap_or_default()).to_ascii_lowercase();
    let declared = head.split("encoding=").nth(1).and_then(|rest| rest.split(['"', '\'']).nth(1));
    let encoding =
        declared.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes())).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(bytes).0
}

/// White space folded; `None` where nothing is left.
fn clean(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Without what XML cannot hold.
fn plain(text: &str) -> String {
    text.chars().filter(|&c| !c.is_control() && c != '\u{fffe}' && c != '\u{ffff}').collect()
}

/// Character references, as far as they are known; a bare ampersand stays one.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let reference = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        if let Some((c, tail)) = reference.and_then(|(name, tail)| Some((resolve(name)?, tail))) {
            out.push(c);
            rest = tail;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn resolve(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINIFLUX: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
    <head><title>Miniflux</title><dateCreated>Fri, 01 Aug 2025 10:00:00 UTC</dateCreated></head>
    <body>
        <outline text="News &amp; Weather">
            <outline title="Harbour Post" text="Harbour Post" xmlUrl="https://harbour.example/rss?a=1&amp;b=2" htmlUrl="https://harbour.example/" description="" type="rss"></outline>
            <outline title="Hill Times" text="Hill Times" xmlUrl="https://hill.example/atom.xml" htmlUrl="https://hill.example/" type="rss"></outline>
        </outline>
        <outline text="All"><outline title="Valley" text="Valley" xmlUrl="https://valley.example/feed" type="rss"/></outline>
    </body>
</opml>"#;

    const FRESHRSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<opml xmlns:frss="https://freshrss.org/opml" version="2.0">
  <head><title>FreshRSS</title></head>
  <body>
    <outline text="Top" frss:opmlUrl="">
      <outline text="Sub">
        <outline text="Élan" type="rss" xmlUrl="https://elan.example/rss" htmlUrl="https://elan.example/" description="x" frss:priority="main"/>
      </outline>
      <outline text="Élan again" type="rss" xmlUrl="https://elan.example/rss"/>
      <outline text="mail" type="rss" xmlUrl="mailto:x@y.example"/>
    </outline>
    <outline text="Loose" TYPE="RSS" XMLURL="feed://loose.example/?x=1&y=2" category="/Tech/Web,other"/>
  </body>
</opml>"#;

    fn read(text: &str) -> Import {
        import(text.as_bytes(), &BTreeSet::new()).unwrap()
    }

    fn summary(import: &Import) -> Vec<(&str, &str, Option<&str>)> {
        import.feeds.iter().map(|feed| (feed.name.as_str(), feed.url.as_str(), feed.group.as_deref())).collect()
    }

    #[test]
    fn a_miniflux_export_is_read() {
        let import = read(MINIFLUX);
        assert_eq!(import.title.as_deref(), Some("Miniflux"));
        assert_eq!(
            summary(&import),
            [
                ("harbour-post", "https://harbour.example/rss?a=1&b=2", Some("News & Weather")),
                ("hill-times", "https://hill.example/atom.xml", Some("News & Weather")),
                ("valley", "https://valley.example/feed", Some("All")),
            ]
        );
        assert_eq!(import.feeds[0].site.as_ref().map(Url::as_str), Some("https://harbour.example/"));
    }

    #[test]
    fn a_freshrss_export_is_read_and_what_is_left_out_is_said() {
        let import = read(FRESHRSS);
        assert_eq!(
            summary(&import),
            [
                ("élan", "https://elan.example/rss", Some("Top/Sub")),
                ("loose", "http://loose.example/?x=1&y=2", Some("Tech/Web")),
            ]
        );
        assert_eq!(
            import.skipped,
            [
                "`Élan again`: `https://elan.example/rss` is in the list already",
                "`mail`: `mailto:x@y.example` is no web address"
            ]
        );
    }

    #[test]
    fn a_list_comes_back_from_a_round_trip() {
        for text in [MINIFLUX, FRESHRSS] {
            let first = read(text);
            let again = read(&export("A & B", &first.feeds));
            assert_eq!(again.title.as_deref(), Some("A & B"));
            let mut want = first.feeds;
            want.sort_by_key(|feed| feed.group.is_some());
            assert_eq!(again.feeds, want);
        }
    }

    #[test]
    fn a_file_that_breaks_off_gives_what_came_before() {
        let (before, _) = MINIFLUX.split_once("title=\"Hill").unwrap();
        let import = read(before);
        assert_eq!(import.feeds.len(), 1);
        assert!(import.skipped[0].starts_with("the rest of the file"), "{:?}", import.skipped);
    }

    #[test]
    fn what_is_no_opml_is_refused() {
        let error = import(b"<html><body>no</body></html>", &BTreeSet::new()).unwrap_err();
        assert_eq!(error.to_string(), "this is no OPML: no `<outline>` found");
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = import(&bytes, &BTreeSet::new());
        }

        #[test]
        fn any_title_and_group_survive(title in "\\PC{1,40}", group in "[^/\\pC\\s]{1,20}") {
            let feed = Listing {
                name: String::new(),
                url: Url::parse("https://a.example/x?a=1&b='\"").unwrap(),
                title: clean(&title),
                site: None,
                group: Some(group),
            };
            let again = import(export("t", std::slice::from_ref(&feed)).as_bytes(), &BTreeSet::new()).unwrap();
            prop_assert_eq!(again.feeds[0].group.clone(), feed.group);
            if feed.title.is_some() {
                prop_assert_eq!(again.feeds[0].title.clone(), feed.title);
            }
        }
    }
}
