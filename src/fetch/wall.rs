//! Walls in front of a page, as far as status, headers and address tell: for bots, consent, members or subscribers.
//!
//! Pure. What only the page's content tells is the cleaner's to recognise.

use hyper::StatusCode;
use hyper::header::HeaderMap;
use url::Url;

use crate::address;

/// The wall that an answer is, when it is one: a lower-case fragment for a person.
///
/// `asked` is the address asked for, `answered` the one that answered after redirects.
pub(super) fn wall(status: StatusCode, headers: &HeaderMap, asked: &Url, answered: &Url) -> Option<&'static str> {
    if let Some(keeper) = bot_wall(status, headers) {
        return Some(keeper);
    }
    match status.as_u16() {
        401 | 407 => return Some("a login wall"),
        402 => return Some("a paywall"),
        403 => return Some("a refusal, as bots get it"),
        451 => return Some("a refusal for legal reasons"),
        // LinkedIn's own, for crawlers.
        999 => return Some("a bot wall"),
        _ => {}
    }
    if !status.is_success() || asked == answered {
        return None;
    }
    led_astray(asked, answered)
}

/// What the keepers of bot walls say in headers, each as its own documentation has it (2026-11).
fn bot_wall(status: StatusCode, headers: &HeaderMap) -> Option<&'static str> {
    let says = |name: &str, words: &[&str]| {
        let value = headers.get(name).map(|value| value.as_bytes().to_ascii_lowercase());
        value.is_some_and(|value| words.iter().any(|word| value == word.as_bytes()))
    };
    if says("cf-mitigated", &["challenge"]) {
        return Some("a bot wall (Cloudflare)");
    }
    if says("x-amzn-waf-action", &["challenge", "captcha"]) {
        return Some("a bot wall (AWS WAF)");
    }
    if says("x-vercel-mitigated", &["challenge", "deny"]) {
        return Some("a bot wall (Vercel)");
    }
    if status == StatusCode::FORBIDDEN || status == StatusCode::TOO_MANY_REQUESTS {
        if headers.contains_key("x-datadome") || headers.contains_key("x-dd-b") {
            return Some("a bot wall (DataDome)");
        }
        if status == StatusCode::FORBIDDEN && headers.contains_key("x-iinfo") {
            return Some("a bot wall (Imperva)");
        }
        if status == StatusCode::FORBIDDEN && says("server", &["akamaighost"]) {
            return Some("a bot wall (Akamai)");
        }
    }
    None
}

/// Where a redirect ended that should have led to the page. Only a word that the address asked for does not have itself counts.
fn led_astray(asked: &Url, answered: &Url) -> Option<&'static str> {
    const CONSENT: &[&str] =
        &["consent", "cookiewall", "cookie-wall", "privacygate", "privacy-gate", "cookie-consent", "collectconsent"];
    const LOGIN: &[&str] = &[
        "login",
        "log-in",
        "signin",
        "sign-in",
        "sso",
        "auth",
        "oauth",
        "account",
        "accounts",
        "register",
        "subscribe",
        "subscription",
    ];
    let before = words(asked);
    let new =
        |kinds: &[&str]| words(answered).iter().any(|word| kinds.contains(&word.as_str()) && !before.contains(word));
    if new(CONSENT) {
        Some("a consent wall")
    } else if new(LOGIN) {
        Some("a login wall")
    } else {
        None
    }
}

/// The labels of the host before its registrable domain and the segments of the path, without file endings, in lower case.
fn words(url: &Url) -> Vec<String> {
    let host = url.host_str().unwrap_or_default();
    let labels = host.strip_suffix(&address::publisher(url)).unwrap_or_default().split('.');
    let segments = url.path().split('/').map(|segment| segment.split('.').next().unwrap_or_default());
    labels.chain(segments).map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    fn check(status: u16, headers: &[(&str, &str)], answered: &str, expect: Option<&str>) {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
            })
            .collect();
        let asked = Url::parse("https://www.paper.example/2026/11/a-login-scandal").unwrap();
        let answered = asked.join(answered).unwrap();
        assert_eq!(
            wall(StatusCode::from_u16(status).unwrap(), &headers, &asked, &answered),
            expect,
            "{status} {answered}"
        );
    }

    #[test]
    fn walls_have_names() {
        check(200, &[], "", None);
        check(404, &[], "", None);
        check(503, &[("server", "cloudflare")], "", None);
        check(403, &[("cf-mitigated", "challenge")], "", Some("a bot wall (Cloudflare)"));
        check(202, &[("x-amzn-waf-action", "challenge")], "", Some("a bot wall (AWS WAF)"));
        check(403, &[("server", "AkamaiGHost")], "", Some("a bot wall (Akamai)"));
        check(200, &[("server", "AkamaiGHost")], "", None);
        check(401, &[], "", Some("a login wall"));
        check(403, &[], "", Some("a refusal, as bots get it"));
        check(999, &[], "", Some("a bot wall"));
    }

    #[test]
    fn redirects_to_walls_are_seen() {
        check(200, &[], "https://consent.portal.example/collect?back=1", Some("a consent wall"));
        check(200, &[], "/login?next=/2026/11/a-login-scandal", Some("a login wall"));
        check(200, &[], "https://sso.paper.example/", Some("a login wall"));
        check(200, &[], "/2026/11/a-login-scandal.html", None);
        check(200, &[], "/2026/11/authors-meet", None);
        check(200, &[], "https://register.example/2026/11/a-login-scandal", None);
        check(404, &[], "/login", None);
    }
}
