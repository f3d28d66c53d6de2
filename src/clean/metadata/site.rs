//! The site's own names, and headlines and bylines without them.

use url::Url;

use super::evidence::Evidence;
use super::json_ld::Linked;
use super::plain::plain;
use crate::address;

/// What stands between a headline and the name of the site.
const SEPARATORS: &[&str] = &[
    " | ", " - ", " – ", " — ", " · ", " • ", " :: ", " » ", " « ", " › ", " ‹ ", " / ", " ~ ", "｜", " |", "| ", "_",
    " -- ", " ― ", "：", ": ",
];

/// The names that a site goes by.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// As written, the best first.
    pub(super) names: Vec<String>,
    keys: Vec<String>,
    host: String,
}

impl Site {
    pub(super) fn new(evidence: &Evidence<'_>, linked: &Linked, url: &Url) -> Self {
        let names: Vec<String> = evidence
            .meta(&[
                "og:site_name",
                "application-name",
                "apple-mobile-web-app-title",
                "al:ios:app_name",
                "al:android:app_name",
                "publisher",
                "dc.publisher",
                "twitter:app:name:iphone",
            ])
            .filter_map(plain)
            .chain(linked.publishers.iter().cloned())
            .chain(linked.site_names.iter().cloned())
            .filter(|name| name.chars().count() <= 80)
            .collect();
        let keys = names.iter().map(|name| key(name)).filter(|key| key.chars().count() >= 2).collect();
        Self { names, keys, host: key(&address::publisher(url)) }
    }

    /// Whether `text` is nothing but a name of the site.
    pub(super) fn is_site(&self, text: &str) -> bool {
        let key = key(text);
        if key.is_empty() {
            return false;
        }
        let bare = without_article(&key);
        self.keys.iter().any(|known| *known == key || without_article(known) == bare)
            || self.host == key
            || (key.len() >= 3
                && (self.label() == key
                    || self.label() == bare
                    || Some(key.as_str()) == self.label().strip_prefix("www")))
            || (key.len() >= 6
                && self.label().len() >= 4
                && key.starts_with(self.label())
                && key.len() <= self.label().len() + 6)
    }

    /// The host without its suffix: `spiegel` of `spiegel.de`. Keys hold no dots, so the suffix is cut by length.
    fn label(&self) -> &str {
        &self.host
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
        for separator in SEPARATORS {
            if let Some((head, tail)) = title.rsplit_once(separator)
                && !head.trim().is_empty()
                && self.is_site(tail)
            {
                return Some(head.trim());
            }
            if let Some((head, tail)) = title.split_once(separator)
                && !tail.trim().is_empty()
                && self.is_site(head)
            {
                return Some(tail.trim());
            }
        }
        None
    }
}

/// Letters and digits in lower case.
pub(super) fn key(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn without_article(key: &str) -> &str {
    ["the", "der", "die", "das", "le", "la", "el", "il"]
        .iter()
        .find_map(|article| key.strip_prefix(article).filter(|rest| rest.len() >= 3))
        .unwrap_or(key)
}
