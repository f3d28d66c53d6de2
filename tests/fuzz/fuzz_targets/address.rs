//! No spelling of an address passes the guard that means a private host; networks are read as they are written.
#![no_main]

use std::net::IpAddr;

use dateline::fetch::Network;
use dateline::fetch::guard::Guard;
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

fuzz_target!(|text: &str| {
    if let Ok(network) = text.parse::<Network>() {
        assert_eq!(network.to_string().parse::<Network>().expect("as written"), network);
    }
    let Ok(url) = Url::parse(text) else { return };
    if Guard::default().host(&url).is_err() {
        return;
    }
    assert!(matches!(url.scheme(), "http" | "https"));
    match url.host().expect("a host") {
        Host::Domain(name) => assert!(name.parse::<IpAddr>().is_err()),
        Host::Ipv4(address) => assert!(is_public(IpAddr::V4(address))),
        Host::Ipv6(address) => assert!(is_public(IpAddr::V6(address))),
    }
});

/// What the standard library knows of private addresses: less than the guard, but in other words.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.is_unspecified())
                && !(v4.is_broadcast() || v4.is_documentation() || v4.octets()[0] == 0)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || v6.is_unique_local() || v6.is_unicast_link_local())
                && v6.to_ipv4_mapped().is_none_or(|v4| is_public(IpAddr::V4(v4)))
        }
    }
}
