//! Addresses as identities: which two addresses are one page, and who published it.
//!
//! Pure. Knows nothing of fetching: whether an address may be dialled is the business of `fetch::guard`.

use url::{Host, Url};

/// Query parameters that say where a reader came from and never which page is meant.
///
/// Gathered from the ClearURLs rules and the documentation of the campaign tools named by the prefixes (2026-11).
const TRACKING_PREFIXES: &[&str] =
    &["utm_", "at_", "pk_", "mtm_", "hsa_", "ns_", "mc_", "oly_", "vero_", "_hs", "xtor"];
const TRACKING_NAMES: &[&str] = &[
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "wbraid",
    "gbraid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "igshid",
    "igsh",
    "ttclid",
    "li_fat_id",
    "srsltid",
    "mkt_tok",
    "cmpid",
    "icid",
    "ito",
    "smid",
    "smtyp",
    "ocid",
    "traffic_source",
    "ftag",
    "ftcamp",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "spm",
    "_ga",
    "_gl",
    "wt_mc",
    "wt_zmc",
    "wtmc",
    "feedtype",
    "feedname",
    "partner",
    "sh",
    "trk",
    "trkid",
    "sref",
    "soc_src",
    "soc_trk",
    "cmp",
    "ncid",
    "ref_src",
    "ref_url",
    "rss_id",
    "rssid",
];

/// The address that identifies a page: no fragment, no tracking parameters, no default port, no trailing `?`.
#[must_use]
pub fn canonical(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    if url.query().is_some() {
        let kept: Vec<&str> =
            url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect();
        let query = kept.join("&");
        url.set_query(if query.is_empty() { None } else { Some(&query) });
    }
    url
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or(pair).to_ascii_lowercase();
    TRACKING_NAMES.contains(&name.as_str()) || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Who published the page: the registrable domain of its host, or the host itself where it has none.
///
/// `https://www.rudaw.net/x` → `rudaw.net`, `http://127.0.0.1:8080/` → `127.0.0.1`. Punycode stays punycode.
#[must_use]
pub fn publisher(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(host)) => {
            let host = host.trim_end_matches('.');
            psl::domain_str(host).unwrap_or(host).to_owned()
        }
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_canonical(from: &str, to: &str) {
        assert_eq!(canonical(&Url::parse(from).unwrap()).as_str(), to);
    }

    #[test]
    fn canonical_drops_what_does_not_name_the_page() {
        check_canonical("https://a.example/x?utm_source=rss&id=3&fbclid=zz#top", "https://a.example/x?id=3");
        check_canonical("https://a.example:443/x?utm_source=rss", "https://a.example/x");
        check_canonical("https://a.example/x?", "https://a.example/x");
        check_canonical("https://a.example/x?b=2&a=1", "https://a.example/x?b=2&a=1");
    }

    #[test]
    fn publisher_is_the_registrable_domain() {
        for (url, want) in [
            ("https://www.rudaw.net/english", "rudaw.net"),
            ("https://news.bbc.co.uk/", "bbc.co.uk"),
            ("http://127.0.0.1:80/", "127.0.0.1"),
            ("http://localhost/", "localhost"),
        ] {
            assert_eq!(publisher(&Url::parse(url).unwrap()), want);
        }
    }
}
