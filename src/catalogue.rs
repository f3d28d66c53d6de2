//! Feeds on paper: names for feeds that come without one, and `[[feeds]]` blocks to paste into a configuration.
//!
//! Pure. Knows nothing of where a feed was found (`discover`, `opml`) nor of how the configuration is read.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use url::Url;

use crate::address::publisher;

/// A feed as a list of feeds names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The name in the configuration: lower-case words with hyphens, unique in its list. Empty until [`name_all`].
    pub name: String,
    /// Where the feed is.
    pub url: Url,
    /// What the feed calls itself.
    pub title: Option<String>,
    /// The home page that it belongs to.
    pub site: Option<Url>,
    /// The folder that it is kept in; folders in folders are parted by `/`.
    pub group: Option<String>,
}

/// A name is cut to about this many characters, at a word.
const NAME_CHARS: usize = 40;

/// Gives each feed that has no name one of its own, from its title, else from its publisher.
pub fn name_all(listings: &mut [Listing], taken: &BTreeSet<String>) {
    let mut taken = taken.clone();
    taken.extend(listings.iter().filter(|listing| !listing.name.is_empty()).map(|listing| listing.name.clone()));
    for listing in listings.iter_mut().filter(|listing| listing.name.is_empty()) {
        let slug = listing.title.as_deref().map(slug).filter(|slug| !slug.is_empty());
        let base = slug.unwrap_or_else(|| self::slug(&publisher(&listing.url)));
        let base = if base.is_empty() { "feed".to_owned() } else { base };
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{base}-{number}");
            number += 1;
        }
        listing.name = name;
    }
}

/// The feeds as `[[feeds]]` blocks.
#[must_use]
pub fn toml(listings: &[Listing]) -> String {
    let mut text = String::new();
    for listing in listings {
        if !text.is_empty() {
            text.push('\n');
        }
        if let Some(title) = &listing.title {
            let _ = writeln!(text, "# {}", one_line(title));
        }
        let _ = writeln!(text, "[[feeds]]\nname = {}\nurl = {}", quoted(&listing.name), quoted(listing.url.as_str()));
        if let Some(group) = &listing.group {
            let _ = writeln!(text, "group = {}", quoted(group));
        }
    }
    text
}

/// Letters and digits of any script, in lower case; everything else parts words.
fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = String::new();
    for word in words {
        if !slug.is_empty() && slug.chars().count() + 1 + word.chars().count() > NAME_CHARS {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(word.chars().take(NAME_CHARS));
    }
    slug
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

fn quoted(text: &str) -> String {
    // JSON's escapes are all TOML's; only DEL must not stand bare there.
    serde_json::Value::from(text.replace('\u{7f}', " ")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(title: Option<&str>, url: &str) -> Listing {
        Listing {
            name: String::new(),
            url: Url::parse(url).unwrap(),
            title: title.map(str::to_owned),
            site: None,
            group: None,
        }
    }

    #[test]
    fn every_feed_gets_a_name_of_its_own() {
        let mut listings = [
            listing(Some("The Harbour Post — World!"), "https://a.example/rss"),
            listing(Some("The Harbour Post: World"), "https://b.example/rss"),
            listing(None, "https://www.harbour.example/rss"),
            listing(Some("新聞 速報"), "https://c.example/rss"),
            listing(Some("…"), "https://taken.example/rss"),
        ];
        name_all(&mut listings, &BTreeSet::from(["taken-example".to_owned()]));
        let names = listings.each_ref().map(|listing| listing.name.as_str());
        assert_eq!(
            names,
            ["the-harbour-post-world", "the-harbour-post-world-2", "harbour-example", "新聞-速報", "taken-example-2"]
        );
    }

    #[test]
    fn blocks_are_toml_whatever_the_feed_is_called() {
        let mut wild = listing(Some("a\n[[feeds]]\nname = 'x'"), "https://a.example/?q=\"'");
        wild.name = "quote\" and \\ and\nline".to_owned();
        wild.group = Some("News/World".to_owned());
        let parsed: toml::Table = toml(&[wild.clone()]).parse().unwrap();
        let feeds = parsed["feeds"].as_array().unwrap();
        assert_eq!(feeds.len(), 1);
        assert_eq!(feeds[0]["name"].as_str(), Some(wild.name.as_str()));
        assert_eq!(feeds[0]["group"].as_str(), Some("News/World"));
    }
}
