//! Addresses as identities: which two addresses are one page, and who published it.
//!
//! Pure. Knows nothing of fetching: whether an address may be dialled is the business of `fetch::guard`.
//!
//! Two strengths: [`canonical`] is an address still, fit to be shown and dialled; [`key`] is only for comparing, and forgets also
//! what publishers answer alike: the scheme, `www.`, mobile and AMP hosts, a trailing slash, the order of parameters.
//! Both are idempotent: what is canonical stays as it is.

use public_suffix::{DEFAULT_PROVIDER, EffectiveTLDProvider};
use url::{Host, Url};

/// Query parameters that say where a reader came from and never which page is meant.
///
/// Gathered from the rules of `ClearURLs` and the documentation of the campaign tools named by the prefixes (2026-11).
const TRACKING_PREFIXES: &[&str] = &[
    "utm_",
    "mtm_",
    "hsa_",
    "oly_",
    "vero_",
    "at_campaign",
    "at_medium",
    "at_link",
    "at_custom",
    "at_ptr",
    "at_bbc",
    "at_format",
    "ns_m",
    "ns_source",
    "ns_campaign",
    "ns_linkname",
    "ns_fee",
    "guce_",
    "amp_",
];
const TRACKING_NAMES: &[&str] = &[
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "wbraid",
    "gbraid",
    "gad_source",
    "gad_campaignid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "igshid",
    "igsh",
    "ttclid",
    "li_fat_id",
    "rdt_cid",
    "epik",
    "srsltid",
    "mkt_tok",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "pk_campaign",
    "pk_kwd",
    "pk_source",
    "pk_medium",
    "pk_content",
    "pk_cpn",
    "cmpid",
    "icid",
    "ito",
    "ocid",
    "traffic_source",
    "ftag",
    "ftcamp",
    "guccounter",
    "spm",
    "_ga",
    "_gl",
    "wt_mc",
    "wt_zmc",
    "wtmc",
    "feedtype",
    "feedname",
    "xtor",
    "trk",
    "trkid",
    "sref",
    "soc_src",
    "soc_trk",
    "ncid",
    "ref_src",
    "ref_url",
    "rss_id",
    "rssid",
    "s_cid",
    "__twitter_impression",
    "usqp",
    "__amp_source_origin",
    "amp",
];

/// Parameters that name a page on one site and a channel on another: dropped where the value speaks of a channel.
const CHANNEL_NAMES: &[&str] = &[
    "ref",
    "referrer",
    "referer",
    "source",
    "src",
    "from",
    "via",
    "share",
    "partner",
    "cid",
    "cmp",
    "campaign",
    "medium",
    "origin",
    "smid",
    "smtyp",
    "output",
    "outputtype",
    "rss",
    "feed",
    "tpl",
];
const CHANNELS: &[&str] = &[
    "rss",
    "rssfeed",
    "rssnyt",
    "atom",
    "feed",
    "feeds",
    "feedburner",
    "twitter",
    "tw",
    "facebook",
    "fb",
    "social",
    "newsletter",
    "email",
    "mail",
    "whatsapp",
    "telegram",
    "linkedin",
    "reddit",
    "googlenews",
    "amp",
    "homepage",
    "share",
];

/// Sessions, by the names that web frameworks give them.
const SESSION_NAMES: &[&str] =
    &["jsessionid", "phpsessid", "sessionid", "session_id", "cfid", "cftoken", "zenid", "oscsid"];

/// What servers answer for a folder.
const INDEX_PAGES: &[&str] = &[
    "index.html",
    "index.htm",
    "index.shtml",
    "index.php",
    "index.asp",
    "index.aspx",
    "index.jsp",
    "index.xhtml",
    "default.asp",
    "default.aspx",
    "default.htm",
    "default.html",
];

/// Addresses longer than this (RFC 9110, 4.1 asks for 8000 bytes) are not looked into: the steps below cost their length each.
const MAX_LOOKED_INTO: usize = 8192;

/// The address that identifies a page: no fragment, no tracking parameters or sessions, no AMP variant, no index page; the
/// target where a search engine, an AMP cache or a social network's exit was linked instead.
///
/// Parameters that may name the page are kept, in their order.
#[must_use]
pub fn canonical(url: &Url) -> Url {
    let mut url = url.clone();
    // Each step shortens the address, so this ends.
    while let Some(inner) = unwrap(&url).filter(|inner| inner.as_str().len() < url.as_str().len()) {
        url = inner;
    }
    if url.cannot_be_a_base() {
        url.set_fragment(None);
        return url;
    }
    // `#!` names a page on sites that are one script.
    if !url.fragment().is_some_and(|fragment| fragment.starts_with('!')) {
        url.set_fragment(None);
    }
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if let Some(host) =
        url.host_str().and_then(|host| host.strip_suffix('.')).map(|host| host.trim_end_matches('.').to_owned())
        && !host.is_empty()
    {
        let _ = url.set_host(Some(&host));
    }
    if let Some(query) = url.query() {
        let kept: Vec<String> =
            query.split('&').map(unescape_unreserved).filter(|pair| !pair.is_empty() && !is_noise(pair)).collect();
        let query = kept.join("&");
        url.set_query(if query.is_empty() { None } else { Some(&query) });
    }
    let path = plain_path(url.path(), url.query().is_none());
    url.set_path(&path);
    url
}

/// Two addresses with the same key are taken for the same page. Not an address: `example.com/news/1?id=3`.
#[must_use]
pub fn key(url: &Url) -> String {
    let url = canonical(url);
    let Some(host) = url.host() else { return url.into() };
    let mut key = match host {
        Host::Domain(domain) => plain_host(domain),
        other => other.to_string(),
    };
    if let Some(port) = url.port() {
        key.push(':');
        key.push_str(&port.to_string());
    }
    let segments = url.path().split('/').filter(|segment| !segment.is_empty());
    let mut segments =
        segments.enumerate().filter(|(place, segment)| *place > 0 || !segment.eq_ignore_ascii_case("amp")).peekable();
    if segments.peek().is_none() {
        key.push('/');
    }
    for (_, segment) in segments {
        key.push('/');
        key.push_str(segment);
    }
    if let Some(query) = url.query() {
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.sort_unstable();
        pairs.dedup();
        key.push('?');
        key.push_str(&pairs.join("&"));
    }
    if let Some(fragment) = url.fragment() {
        key.push('#');
        key.push_str(fragment);
    }
    key
}

/// Who published the page: the registrable domain of its host, or the host itself where it has none.
///
/// `https://www.rudaw.net/x` → `rudaw.net`, `http://127.0.0.1:8080/` → `127.0.0.1`. Punycode stays punycode.
#[must_use]
pub fn publisher(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(host)) => {
            let host = host.trim_end_matches('.');
            registrable(host).to_owned()
        }
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    }
}

/// The registrable domain of a host, or the host itself where it has none.
fn registrable(host: &str) -> &str {
    DEFAULT_PROVIDER.effective_tld_plus_one(host).unwrap_or(host)
}

/// The address inside an address whose only purpose is to lead there.
fn unwrap(url: &Url) -> Option<Url> {
    if url.as_str().len() > MAX_LOOKED_INTO {
        return None;
    }
    let host = url.host_str()?.trim_end_matches('.');
    let path = url.path();
    let parameter = |names: &[&str]| {
        let (_, value) = url.query_pairs().find(|(name, _)| names.contains(&name.as_ref()))?;
        web(&value)
    };
    let google = host.strip_prefix("www.").unwrap_or(host).starts_with("google.");
    if google && path == "/url" {
        return parameter(&["url", "q"]);
    }
    if google && let Some(rest) = path.strip_prefix("/amp/") {
        return amp_target(rest, url);
    }
    // https://developers.google.com/amp/cache/overview: /c/ (content), /v/ (viewer), /s/ for https.
    if host.ends_with(".cdn.ampproject.org") || host == "cdn.ampproject.org" {
        let rest = path.strip_prefix("/c/").or_else(|| path.strip_prefix("/v/"))?;
        return amp_target(rest, url);
    }
    match (host, path) {
        ("l.facebook.com" | "lm.facebook.com" | "l.instagram.com", _) => parameter(&["u"]),
        ("out.reddit.com", _) => parameter(&["url"]),
        ("t.umblr.com", "/redirect") => parameter(&["z"]),
        ("www.youtube.com", "/redirect") => parameter(&["q"]),
        ("vk.com", "/away.php") => parameter(&["to"]),
        // Yahoo's feeds: http://us.rd.yahoo.com/dailynews/rss/world/*http://news.yahoo.com/x
        (host, path) if host.ends_with(".rd.yahoo.com") => {
            let (_, target) = path.split_once('*')?;
            web(&with_query(target, url))
        }
        _ => None,
    }
}

/// `s/www.a.example/x` → `https://www.a.example/x`.
fn amp_target(rest: &str, url: &Url) -> Option<Url> {
    let address = match rest.strip_prefix("s/") {
        Some(secure) => format!("https://{secure}"),
        None => format!("http://{rest}"),
    };
    // Google writes any path after `/amp/`; only what opens with a domain is an address.
    web(&with_query(&address, url)).filter(|inner| inner.host_str().is_some_and(|host| host.contains('.')))
}

fn with_query(address: &str, url: &Url) -> String {
    url.query().map_or_else(|| address.to_owned(), |query| format!("{address}?{query}"))
}

fn web(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Does a parameter say nothing about which page is meant?
fn is_noise(pair: &str) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    TRACKING_NAMES.contains(&name)
        || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || SESSION_NAMES.contains(&name)
        || name.starts_with("aspsessionid")
        || (CHANNEL_NAMES.contains(&name) && names_channel(value))
        || (matches!(name, "sid" | "s") && is_token(value))
        // What scripts append against caches: milliseconds.
        || (matches!(name, "_" | "t" | "ts") && value.len() == 13 && value.bytes().all(|b| b.is_ascii_digit()))
        || (name == "rss" && matches!(value, "" | "1" | "true" | "yes"))
}

fn names_channel(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| CHANNELS.contains(&word))
}

/// Long and hexadecimal: a session, not a number of an article.
fn is_token(value: &str) -> bool {
    value.len() >= 24 && value.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A path without sessions, AMP variants and, where no query hangs on it, index pages.
fn plain_path(path: &str, may_drop_index: bool) -> String {
    if path.len() > MAX_LOOKED_INTO {
        return path.to_owned();
    }
    let mut path = path.split('/').map(unescape_unreserved).collect::<Vec<_>>().join("/");
    // Each step shortens the path, so this ends.
    while let Some(shorter) = without_session(&path).or_else(|| without_variant(&path, may_drop_index)) {
        path = shorter;
    }
    path
}

/// `/x;jsessionid=1/y` → `/x/y`.
fn without_session(path: &str) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    let (place, length) =
        SESSION_NAMES.iter().find_map(|name| Some((lower.find(&format!(";{name}="))?, name.len() + 2)))?;
    let rest = path.get(place + length..)?;
    let tail = rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or_default();
    Some(format!("{}{tail}", path.get(..place)?))
}

/// `/x/amp` → `/x`, `/x.amp.html` → `/x.html`, `/x/index.html` → `/x/`.
fn without_variant(path: &str, may_drop_index: bool) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    let keep = |end: &str| lower.strip_suffix(end).and_then(|stem| path.get(..stem.len()));
    let named = |stem: &&str| !stem.is_empty() && !stem.ends_with('/');
    if let Some(folder) = keep("/amp").filter(named) {
        return Some(folder.to_owned());
    }
    if let Some(folder) = keep("/amp/").filter(named) {
        return Some(format!("{folder}/"));
    }
    if let Some(stem) = keep(".amp").filter(named) {
        return Some(stem.to_owned());
    }
    if let Some(stem) = keep(".amp.html").filter(named) {
        return Some(format!("{stem}.html"));
    }
    let (folder, last) = lower.rsplit_once('/')?;
    (may_drop_index && INDEX_PAGES.contains(&last))
        .then(|| format!("{}/", path.get(..folder.len()).unwrap_or_default()))
}

fn plain_host(domain: &str) -> String {
    let root = registrable(domain);
    let labels = domain.strip_suffix(root).unwrap_or_default();
    let kept = labels.split('.').filter(|label| !label.is_empty()).enumerate();
    let mut host: String = kept
        .filter(|(place, label)| {
            !(matches!(*label, "m" | "mobile" | "amp" | "touch") || (*place == 0 && matches!(*label, "www" | "www2")))
        })
        .flat_map(|(_, label)| [label, "."])
        .collect();
    host.push_str(root);
    host
}

/// Percent-encoding made uniform: unreserved characters bare (RFC 3986, 6.2.2.2), digits in capitals (6.2.2.1).
fn unescape_unreserved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        rest = after;
        let digits = after.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some((digits, byte)) = digits.and_then(|digits| Some((digits, u8::from_str_radix(digits, 16).ok()?)))
        else {
            // What comes after a stray `%` must not be made a part of a code that was none.
            out.push('%');
            break;
        };
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&digits.to_ascii_uppercase());
        }
        rest = after.get(2..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
