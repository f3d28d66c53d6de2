//! What a robots.txt asks of us (RFC 9309).
//!
//! Pure: bytes → [`Rules`]. Never fails: what is not understood asks for nothing. Keeps only the groups that speak to us.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use url::{Position, Url};

/// Bytes of a robots.txt that are read; what lies beyond is not there (RFC 9309 §2.5 asks for at least 500 KiB).
pub const MAX_ROBOTS_BYTES: u64 = 512 * 1024;

/// Longest pause that a `Crawl-delay` can ask for; more is read as this.
pub const MAX_CRAWL_DELAY: Duration = Duration::from_secs(120);

/// What one robots.txt asks of one crawler.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    access: Access,
    /// Percent-encoding made uniform; `*` stands for anything, `$` at the end for the end.
    pattern: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Allow,
    Disallow,
}

impl Rules {
    /// Reads a robots.txt for the crawler whose product token is `agent` (`dateline`).
    #[must_use]
    pub fn parse(bytes: &[u8], agent: &str) -> Self {
        let bytes = bytes.get(..usize::try_from(MAX_ROBOTS_BYTES).unwrap_or(usize::MAX)).unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes);
        let (mut ours, mut everyones) = (None, Self::default());
        // Whom the lines that follow are for, and whether more names may join them.
        let (mut for_us, mut for_everyone, mut naming) = (false, false, false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !naming {
                    (for_us, for_everyone, naming) = (false, false, true);
                }
                for_everyone |= value == "*";
                if product_token(value).eq_ignore_ascii_case(agent) {
                    for_us = true;
                    ours.get_or_insert_default();
                }
                continue;
            }
            let Some(line) = Line::of(&key, value) else { continue };
            naming = false;
            if for_us {
                line.clone().add_to(ours.get_or_insert_default());
            }
            if for_everyone {
                line.add_to(&mut everyones);
            }
        }
        ours.unwrap_or(everyones)
    }

    /// Whether the page at `url` may be asked for: the longest pattern that fits decides, `Allow` among equals (RFC 9309 §2.2.2).
    #[must_use]
    pub fn allow(&self, url: &Url) -> bool {
        let path = uniform(&url[Position::BeforePath..Position::AfterQuery]);
        if path == "/robots.txt" {
            return true;
        }
        let decisive = self
            .rules
            .iter()
            .filter(|rule| fits(&rule.pattern, &path))
            .max_by_key(|rule| (rule.pattern.len(), rule.access == Access::Allow));
        decisive.is_none_or(|rule| rule.access == Access::Allow)
    }

    /// The pause between two requests that it asks for, at most [`MAX_CRAWL_DELAY`].
    #[must_use]
    pub fn crawl_delay(&self) -> Duration {
        self.crawl_delay.unwrap_or_default()
    }

    /// Bytes that these rules keep in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        self.rules.iter().map(|rule| rule.pattern.len() + size_of::<Rule>()).sum()
    }
}

/// A line that asks for something.
#[derive(Clone)]
enum Line {
    Rule(Rule),
    /// A path left empty: it ends a list of names and asks for nothing.
    Nothing,
    CrawlDelay(Duration),
}

impl Line {
    fn of(key: &str, value: &str) -> Option<Self> {
        let access = match key {
            "allow" => Access::Allow,
            "disallow" => Access::Disallow,
            "crawl-delay" => {
                let seconds: f64 = value.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)?;
                return Some(Self::CrawlDelay(Duration::from_secs_f64(seconds.min(MAX_CRAWL_DELAY.as_secs_f64()))));
            }
            _ => return None,
        };
        Some(if value.is_empty() {
            Self::Nothing
        } else {
            Self::Rule(Rule { access, pattern: uniform(value).into_owned() })
        })
    }

    fn add_to(self, rules: &mut Rules) {
        match self {
            Self::Rule(rule) => rules.rules.push(rule),
            Self::Nothing => {}
            Self::CrawlDelay(delay) => rules.crawl_delay = Some(rules.crawl_delay.unwrap_or_default().max(delay)),
        }
    }
}

/// The name by which a crawler is called in robots.txt: `dateline` of `dateline/0.1 (+https://…)`, `NewsBot` of
/// `Mozilla/5.0 (compatible; NewsBot/2.0; …)`.
#[must_use]
pub fn product_token(user_agent: &str) -> &str {
    let named = user_agent.split_once("compatible;").map_or(user_agent, |(_, named)| named);
    named.trim_start().split(['/', ' ', '\t', ';', ',', ')']).next().unwrap_or_default()
}

/// Whether `pattern` fits the beginning of `path`, or all of it when it ends in `$`. Linear in the length of both.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = pattern.strip_suffix('$').map_or((pattern, false), |pattern| (pattern, true));
    let mut parts = pattern.split('*').peekable();
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    if parts.peek().is_none() {
        return !to_the_end || rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if to_the_end && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}

/// One spelling for what may be percent-encoded in several ways (RFC 9309 §2.2.2): what needs no escape has none, anything outside
/// ASCII has one, and the digits are upper case.
fn uniform(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        let escaped = (byte == b'%').then(|| hex_byte(bytes.get(at..at + 2)?)).flatten();
        match escaped {
            Some(plain) => {
                at += 2;
                if plain.is_ascii_alphanumeric() || matches!(plain, b'-' | b'.' | b'_' | b'~') {
                    out.push(char::from(plain));
                } else {
                    push_escaped(&mut out, plain);
                }
            }
            None if byte.is_ascii_graphic() => out.push(char::from(byte)),
            None => push_escaped(&mut out, byte),
        }
    }
    Cow::Owned(out)
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digits =
        std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

fn push_escaped(out: &mut String, byte: u8) {
    // Writing to a string cannot fail.
    let _ = write!(out, "%{byte:02X}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(robots: &str, path: &str, expect: bool) {
        let url = Url::parse(&format!("https://a.example{path}")).unwrap();
        assert_eq!(Rules::parse(robots.as_bytes(), "dateline").allow(&url), expect, "{path} under {robots:?}");
    }

    #[test]
    fn the_longest_pattern_decides() {
        let robots = "User-agent: *\nDisallow: /news/\nAllow: /news/public/\nDisallow: /news/public/drafts";
        check(robots, "/", true);
        check(robots, "/news", true);
        check(robots, "/news/", false);
        check(robots, "/news/public/1", true);
        check(robots, "/news/public/drafts/1", false);
        check("User-agent: *\nDisallow: /page\nAllow: /page", "/page", true);
        check("User-agent: *\nDisallow: /", "/robots.txt", true);
        check("User-agent: *\nDisallow:", "/x", true);
        check("", "/x", true);
    }

    #[test]
    fn stars_and_dollars_hold() {
        check("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", false);
        check("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", true);
        check("User-agent: *\nDisallow: /*.pdf", "/a/b.pdf?x", false);
        check("User-agent: *\nDisallow: /fish*.php", "/fishheads/catfish.php?x", false);
        check("User-agent: *\nDisallow: /fish*.php", "/Fish.PHP", true);
        check("User-agent: *\nDisallow: /*?print=", "/story?print=1", false);
        check("User-agent: *\nDisallow: /*?print=", "/story?p=1", true);
        check("User-agent: *\nDisallow: /a$", "/a", false);
        check("User-agent: *\nDisallow: /a$", "/ab", true);
        check("User-agent: *\nDisallow: /a*b*c$", "/axbxbxc", false);
        check("User-agent: *\nDisallow: /*aa$", "/a", true);
        check("User-agent: *\nDisallow: *", "/x", false);
        check("User-agent: *\nDisallow: /a$b", "/a$b", false);
    }

    #[test]
    fn a_group_of_our_own_replaces_everyones() {
        let robots = "User-agent: *\nDisallow: /\n\nUser-agent: other\nuser-agent: DateLine/9\nDisallow: /private";
        check(robots, "/x", true);
        check(robots, "/private", false);
        let split =
            "User-agent: dateline\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: dateline\nDisallow: /b";
        check(split, "/a", false);
        check(split, "/b", false);
        check(split, "/c", true);
        check("User-agent: datelines\nDisallow: /", "/x", true);
        check("User-agent: dateline\nDisallow:\nUser-agent: *\nDisallow: /", "/x", true);
    }

    #[test]
    fn escapes_are_uniform() {
        check("User-agent: *\nDisallow: /caf%c3%a9", "/caf%C3%A9", false);
        check("User-agent: *\nDisallow: /café", "/caf%C3%A9", false);
        check("User-agent: *\nDisallow: /%7Ejoe", "/~joe", false);
        check("User-agent: *\nDisallow: /a%2Fb", "/a/b", true);
        check("User-agent: *\nDisallow: /100%", "/100%", false);
    }

    #[test]
    fn untidy_files_are_read() {
        check("\u{feff}USER-AGENT : *  # everyone\r\n DISALLOW :/x # no\r\n", "/x", false);
        check("User-agent: *\rDisallow: /x\r", "/x", false);
        check("Disallow: /x", "/x", true);
        check("User-agent: *\nSitemap: https://a.example/s.xml\nUser-agent: y\nDisallow: /x", "/x", false);
        check("<!doctype html><p>Not found: sorry</p>", "/x", true);
    }

    #[test]
    fn crawl_delays_are_capped() {
        for (value, seconds) in
            [("10", 10.0), ("0.5", 0.5), ("86400", 120.0), ("-1", 0.0), ("NaN", 0.0), ("inf", 0.0), ("soon", 0.0)]
        {
            let rules = Rules::parse(format!("User-agent: *\nCrawl-delay: {value}").as_bytes(), "dateline");
            assert_eq!(rules.crawl_delay(), Duration::from_secs_f64(seconds), "{value}");
        }
    }

    #[test]
    fn a_crawler_has_one_name() {
        for (user_agent, token) in [
            ("dateline/0.1 (+https://example.org/bot)", "dateline"),
            ("NewsBot", "NewsBot"),
            ("Mozilla/5.0 (compatible; NewsBot/2.0; +https://example.org)", "NewsBot"),
            ("", ""),
        ] {
            assert_eq!(product_token(user_agent), token);
        }
    }

    #[test]
    fn hostile_patterns_take_no_time() {
        let robots = format!("User-agent: *\nDisallow: /{}b$", "*a".repeat(200_000));
        check(&robots, &format!("/{}", "a".repeat(8_000)), true);
    }
}
