//! The site's own names, and headlines and bylines without them.

use public_suffix::DEFAULT_PROVIDER;
use url::Url;

use super::evidence::Evidence;
use super::json_ld::Linked;
use super::plain::plain;
use crate::address;

/// What stands between a headline and the name of the site.
const SEPARATORS: &[&str] = &[
    " | ", " - ", " – ", " — ", " · ", " • ", " :: ", " // ", " » ", " « ", " ǀ ", " : ", " › ", " ‹ ", " / ", " ~ ",
    " -- ", " ― ", "｜", " |", "| ", "_", "：", ": ", "－", "-", "|",
];

/// How names of news sites end in scripts without spaces, where a title puts the site last.
const SITE_ENDINGS: &[&str] =
    &["网", "網", "新闻", "新聞", "日报", "日報", "在线", "電子報", "ニュース", "新聞社", "뉴스", "일보", "신문"];

/// The names that a site goes by.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// As written, the best first.
    pub(super) names: Vec<String>,
    /// The names and the host, letters and digits in lower case.
    keys: Vec<String>,
    /// The registrable domain without its suffix: `spiegel` of `www.spiegel.de`.
    label: String,
}

impl Site {
    pub(super) fn new(evidence: &Evidence<'_>, linked: &Linked, url: &Url) -> Self {
        let metas = [
            "og:site_name",
            "application-name",
            "apple-mobile-web-app-title",
            "al:ios:app_name",
            "al:android:app_name",
            "publisher",
            "dc.publisher",
        ];
        let names: Vec<String> = evidence
            .meta(&metas)
            .filter_map(plain)
            .chain(linked.publishers.iter().cloned())
            .chain(linked.site_names.iter().cloned())
            .filter(|name| name.chars().count() <= 80)
            .collect();
        let publisher = address::publisher(url);
        let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
        let suffix = DEFAULT_PROVIDER.public_suffix(&publisher);
        let label = key(publisher.strip_suffix(suffix).unwrap_or(&publisher));
        let keys = names
            .iter()
            .map(String::as_str)
            .chain([publisher.as_str(), host, label.as_str()])
            .map(key)
            .filter(|key| key.chars().count() >= 3)
            .collect();
        Self { names, keys, label }
    }

    /// The names and the host, letters and digits in lower case.
    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Whether `text` is nothing but a name of the site.
    pub(super) fn is_site(&self, text: &str) -> bool {
        let key = key(text);
        if key.is_empty() {
            return false;
        }
        let bare = without_article(&key);
        self.keys.iter().any(|known| *known == key || without_article(known) == bare)
            || (key.chars().count() >= 3
                && (self.label == key || self.label == bare || without_article(&self.label) == bare))
    }

    /// Whether `text` names the site or something that bears its name.
    pub(super) fn is_related(&self, text: &str) -> bool {
        let key = key(text);
        let shares = |known: &str| known.chars().count() >= 4 && (key.contains(known) || known.contains(&key));
        self.is_site(text)
            || key.chars().count() < 3
            || shares(&self.label)
            || self.keys.iter().any(|known| shares(known))
    }

    /// Whether `text`, one part of a title, can only be there for the site: its name, or a few words with its name among them.
    fn is_site_part(&self, text: &str) -> bool {
        let words = || text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
        self.is_site(text)
            || (words().count() <= 5 && self.label.len() >= 4 && words().any(|word| key(word) == self.label))
            || self
                .keys
                .iter()
                .any(|known| known.len() >= 8 && key(text).starts_with(known.as_str()) && words().count() <= 8)
    }

    /// Whether `text` is a few words that begin with the name of the site's domain.
    fn is_own_part(&self, text: &str) -> bool {
        self.label.len() >= 8 && key(text).starts_with(&self.label) && text.split_whitespace().count() <= 5
    }

    /// `title` without the names of the site before or after it.
    pub(super) fn strip(&self, title: &str) -> String {
        let mut title = title.trim();
        for _ in 0..4 {
            let Some(shorter) = self.strip_once(title) else { break };
            title = shorter;
        }
        title.to_owned()
    }

    fn strip_once<'a>(&self, title: &'a str) -> Option<&'a str> {
        // Headings by the hundred are asked, and few have a mark in them at all.
        if !title.chars().any(|char| !char.is_alphanumeric() && char != ' ') {
            return None;
        }
        for separator in SEPARATORS {
            if let Some((head, tail)) = title.rsplit_once(separator)
                && !head.trim().is_empty()
                && (self.is_site_part(tail)
                    || (tail.chars().count() <= 8 && SITE_ENDINGS.iter().any(|ending| tail.ends_with(ending))))
            {
                return Some(head.trim());
            }
            if let Some((head, tail)) = title.split_once(separator)
                && !tail.trim().is_empty()
                && (self.is_site(head) || (separator.starts_with(' ') && self.is_own_part(head)))
            {
                return Some(tail.trim_start_matches(|char: char| !char.is_alphanumeric() && !is_opening(char)));
            }
        }
        None
    }
}

/// Letters and digits in lower case.
pub(super) fn key(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Marks that a headline may begin with.
fn is_opening(char: char) -> bool {
    matches!(
        char,
        '"' | '\''
            | '“'
            | '”'
            | '„'
            | '‘'
            | '’'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '「'
            | '『'
            | '【'
            | '《'
            | '('
            | '['
            | '¿'
            | '¡'
            | '#'
            | '$'
            | '€'
            | '£'
            | '+'
            | '-'
    )
}

fn without_article(key: &str) -> &str {
    ["the", "a", "der", "die", "das", "le", "la", "el", "il"]
        .iter()
        .find_map(|article| key.strip_prefix(article).filter(|rest| rest.len() >= 3))
        .unwrap_or(key)
}
