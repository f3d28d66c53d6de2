//! Which addresses may be dialled: public ones, and those of networks that the configuration opens.
//!
//! Pure. Asked twice for every request: about the host as parsed from the address ([`Guard::host`]), since an address in numbers
//! never reaches a resolver, and about every address that is about to be dialled ([`Guard::dial`]), since a name can resolve to
//! anything. What `url` parses as IPv4 (`2130706433`, `0x7f.1`, `0177.0.0.1`) arrives here as the address it means.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use url::{Host, Url};

use super::failure::{Error, Failure, FailureKind, shown};

/// Addresses longer than this are refused; RFC 9110 §4.1 asks for at least 8,000.
pub const MAX_URL_BYTES: usize = 8_192;

/// A network in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Self {
        Self { base: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Self {
        Self { base: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), prefix }
    }

    /// Whether `address` lies in the network. IPv4 and IPv6 never lie in each other's.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = Error;

    /// Reads `10.0.0.0/8`, `fd00::/8`, or one address alone.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Network(text.to_owned());
        let (base, prefix) =
            text.trim().split_once('/').map_or((text.trim(), None), |(base, prefix)| (base, Some(prefix)));
        let base: IpAddr = base.parse().map_err(|_| wrong())?;
        let longest = if base.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(digits) if digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| wrong())?
            }
            Some(_) => return Err(wrong()),
        };
        if prefix > longest { Err(wrong()) } else { Ok(Self { base, prefix }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

/// Not public in IPv4: IANA's special-purpose registry (RFC 6890 and updates, read 2026-11), multicast and the reserved class E.
const SPECIAL_V4: &[(Network, &str)] = &[
    (Network::v4(0, 0, 0, 0, 8), "this host (RFC 791)"),
    (Network::v4(10, 0, 0, 0, 8), "private (RFC 1918)"),
    (Network::v4(100, 64, 0, 0, 10), "shared (RFC 6598)"),
    (Network::v4(127, 0, 0, 0, 8), "loopback"),
    (Network::v4(169, 254, 0, 0, 16), "link-local"),
    (Network::v4(172, 16, 0, 0, 12), "private (RFC 1918)"),
    (Network::v4(192, 0, 0, 0, 24), "reserved (RFC 6890)"),
    (Network::v4(192, 0, 2, 0, 24), "for documentation"),
    (Network::v4(192, 31, 196, 0, 24), "reserved (AS112)"),
    (Network::v4(192, 52, 193, 0, 24), "reserved (AMT)"),
    (Network::v4(192, 88, 99, 0, 24), "reserved (6to4 relays)"),
    (Network::v4(192, 168, 0, 0, 16), "private (RFC 1918)"),
    (Network::v4(192, 175, 48, 0, 24), "reserved (AS112)"),
    (Network::v4(198, 18, 0, 0, 15), "for benchmarks"),
    (Network::v4(198, 51, 100, 0, 24), "for documentation"),
    (Network::v4(203, 0, 113, 0, 24), "for documentation"),
    (Network::v4(224, 0, 0, 0, 4), "multicast"),
    (Network::v4(240, 0, 0, 0, 4), "reserved or broadcast"),
];

/// The only IPv6 addresses in public use (RFC 4291 §2.4, IANA's address space registry).
const GLOBAL_V6: Network = Network::v6(0x2000, 0, 0, 3);

/// What is special inside [`GLOBAL_V6`], and in words what lies outside it.
const SPECIAL_V6: &[(Network, &str)] = &[
    (Network::v6(0x2001, 0, 0, 32), "Teredo"),
    (Network::v6(0x2001, 0, 0, 23), "reserved (RFC 2928)"),
    (Network::v6(0x2001, 0xdb8, 0, 32), "for documentation"),
    (Network::v6(0x2620, 0x4f, 0x8000, 48), "reserved (AS112)"),
    (Network::v6(0x3fff, 0, 0, 20), "for documentation"),
    (Network::v6(0xfc00, 0, 0, 7), "private (RFC 4193)"),
    (Network::v6(0xfe80, 0, 0, 10), "link-local"),
    (Network::v6(0xfec0, 0, 0, 10), "site-local"),
    (Network::v6(0xff00, 0, 0, 8), "multicast"),
];

/// Ports on which a request line could be taken for a command of another protocol (Fetch standard §2.9, "bad port", 2026-11).
const OTHER_SERVICES: &[u16] = &[
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
    540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
    6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Decides which addresses may be fetched.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed: Vec<Network>,
}

impl Guard {
    /// A guard that lets public addresses pass, and those in `allowed`.
    #[must_use]
    pub fn new(allowed: Vec<Network>) -> Self {
        Self { allowed }
    }

    /// Judges an address before anything is resolved or dialled.
    ///
    /// # Errors
    /// [`FailureKind::Address`] for what cannot be fetched at all, [`FailureKind::Forbidden`] for a host in numbers that is not public.
    pub fn host(&self, url: &Url) -> Result<(), Failure> {
        if url.as_str().len() > MAX_URL_BYTES {
            let message = format!("`{}` is longer than {MAX_URL_BYTES} bytes", shown(url));
            return Err(Failure::new(FailureKind::Address, message));
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failure::new(FailureKind::Address, format!("`{}` is neither http nor https", shown(url))));
        }
        if let Some(port) = url.port().filter(|port| OTHER_SERVICES.contains(port)) {
            let message =
                format!("`{}` names port {port}, which belongs to a service that is no web server", shown(url));
            return Err(Failure::new(FailureKind::Address, message));
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(name)) if !name.is_empty() && name != "." => return Ok(()),
            Some(Host::Domain(_)) | None => {
                return Err(Failure::new(FailureKind::Address, format!("`{}` names no host", shown(url))));
            }
        };
        self.judge(literal).map_err(|why| {
            let message = format!(
                "`{}` is not public: {literal} is {why}; open its network in `fetch.allow_networks` if it is meant",
                shown(url)
            );
            Failure::new(FailureKind::Forbidden, message)
        })
    }

    /// Judges an address that `host` resolved to and that would be dialled next.
    ///
    /// # Errors
    /// [`FailureKind::Forbidden`] when it is not public.
    pub fn dial(&self, host: &str, address: IpAddr) -> Result<(), Failure> {
        self.judge(address).map_err(|why| {
            let message =
                format!("`{host}` leads to {address}, which is not public ({why}); open its network in `fetch.allow_networks` if it is meant");
            Failure::new(FailureKind::Forbidden, message)
        })
    }

    fn judge(&self, address: IpAddr) -> Result<(), &'static str> {
        if self.allowed.iter().any(|network| network.contains(address)) {
            return Ok(());
        }
        match address {
            IpAddr::V4(address) => special_v4(address).map_or(Ok(()), Err),
            IpAddr::V6(address) => self.judge_v6(address),
        }
    }

    /// An IPv6 address that carries an IPv4 address is as public as the one it carries.
    fn judge_v6(&self, address: Ipv6Addr) -> Result<(), &'static str> {
        if let Some(carried) = carried_v4(address) {
            return self.judge(IpAddr::V4(carried));
        }
        if let Some((_, why)) = SPECIAL_V6.iter().find(|(network, _)| network.contains(IpAddr::V6(address))) {
            return Err(why);
        }
        if GLOBAL_V6.contains(IpAddr::V6(address)) {
            return Ok(());
        }
        Err(if address.is_loopback() { "loopback" } else { "reserved" })
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    SPECIAL_V4.iter().find(|(network, _)| network.contains(IpAddr::V4(address))).map(|(_, why)| *why)
}

/// The IPv4 address that packets to `address` end up at: mapped (RFC 4291 §2.5.5.2), translated (RFC 2765), NAT64 (RFC 6052) and
/// 6to4 (RFC 3056). Compatible addresses (RFC 4291 §2.5.5.1) and Teredo (RFC 4380) are refused whatever they carry.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(guard: &Guard, url: &str, expect: Result<(), FailureKind>) {
        let verdict =
            Url::parse(url).map_or(Err(FailureKind::Address), |url| guard.host(&url).map_err(|failure| failure.kind));
        assert_eq!(verdict, expect, "{url}");
    }

    /// Every notation that has fooled a guard of this kind, as published with the advisories on it.
    const NOT_PUBLIC: &[&str] = &[
        "http://127.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0X7F.0x0.0x0.0x1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://0177.0x0.1/",
        "http://00000177.1/",
        "http://127.0.0.1./",
        "http://127.000.000.001/",
        "http://%31%32%37.0.0.1/",
        "http://127%2e0%2e0%2e1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://１２７.０.０.１/",
        "http://127。0。0。1/",
        "http://127.0.0.1\\@a.example/",
        "http://a.example@127.0.0.1/",
        "http://a.example:80@127.0.0.1/",
        "http://127.0.0.1#@a.example/",
        "http://127.0.0.1?@a.example/",
        "http:127.0.0.1/",
        "http:/127.0.0.1/",
        "http:\\\\127.0.0.1\\",
        "http://\t127.0.0.1/",
        "http://127.0.0.1:8080/",
        "https://127.255.255.254/",
        "http://0/",
        "http://0.0.0.0/",
        "http://0x0/",
        "http://10.0.0.1/",
        "http://167772161/",
        "http://012.1/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.168.0.1/",
        "http://3232235521/",
        "http://0xc0a80001/",
        "http://100.64.0.1/",
        "http://100.127.255.255/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://0251.0376.0251.0376/",
        "http://169.254.43518/",
        "http://192.0.0.1/",
        "http://192.0.0.192/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://198.18.0.1/",
        "http://198.19.255.255/",
        "http://198.51.100.1/",
        "http://203.0.113.1/",
        "http://224.0.0.1/",
        "http://239.255.255.250/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://4294967295/",
        "http://[::1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:ffff:7f00:1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::127.0.0.1]/",
        "http://[::7f00:1]/",
        "http://[::8.8.8.8]/",
        "http://[::ffff:0:127.0.0.1]/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[64:ff9b:1::8.8.8.8]/",
        "http://[2002:7f00:1::]/",
        "http://[2002:a9fe:a9fe::1]/",
        "http://[2002:c0a8:1::1]/",
        "http://[2001::1]/",
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "http://[2001:0:7f00:1::]/",
        "http://[2001:10::1]/",
        "http://[2001:db8::1]/",
        "http://[3fff::1]/",
        "http://[fc00::1]/",
        "http://[fd12:3456:789a::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://[febf::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://[100::1]/",
        "http://[5f00::1]/",
        "http://[4000::1]/",
    ];

    #[test]
    fn no_notation_of_a_private_address_passes() {
        for url in NOT_PUBLIC {
            check(&Guard::default(), url, Err(FailureKind::Forbidden));
        }
    }

    #[test]
    fn public_addresses_pass() {
        for url in [
            "http://8.8.8.8/",
            "https://1.1.1.1:8443/",
            "http://134744072/",
            "http://100.63.255.255/",
            "http://100.128.0.1/",
            "http://172.32.0.1/",
            "http://[2606:4700::1111]/",
            "http://[::ffff:8.8.8.8]/",
            "http://[64:ff9b::8.8.8.8]/",
            "http://[2002:808:808::1]/",
            "http://a.example/",
            "http://localhost/",
        ] {
            check(&Guard::default(), url, Ok(()));
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        let long = format!("http://a.example/{}", "x".repeat(MAX_URL_BYTES));
        for url in [
            "ftp://a.example/",
            "file:///etc/passwd",
            "gopher://127.0.0.1:6379/_INFO",
            "data:text/html,x",
            "javascript:1",
            "http://",
            "http://./",
            "http://[fe80::1%25eth0]/",
            "http://[::1",
            "http://256.256.256.256/",
            "http://1.2.3.4.5/",
            "http://a.example:25/",
            "http://127.0.0.1:6667/",
            &long,
        ] {
            check(&Guard::default(), url, Err(FailureKind::Address));
        }
    }

    #[test]
    fn a_named_network_is_open_in_every_notation_and_no_other() {
        let guard = Guard::new(vec!["127.0.1.0/24".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for url in ["http://127.0.1.7/", "http://127.0.263/", "http://[::ffff:127.0.1.7]/", "http://[fd12::1]/"] {
            check(&guard, url, Ok(()));
        }
        for url in ["http://127.0.0.1/", "http://127.0.2.1/", "http://[fc00::1]/", "http://[::127.0.1.7]/"] {
            check(&guard, url, Err(FailureKind::Forbidden));
        }
    }

    #[test]
    fn what_a_name_leads_to_is_judged_too() {
        let failure = Guard::default().dial("intranet.example", IpAddr::from([10, 0, 0, 1])).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Forbidden);
        assert_eq!(
            failure.to_string(),
            "`intranet.example` leads to 10.0.0.1, which is not public (private (RFC 1918)); open its network in `fetch.allow_networks` if it is meant"
        );
        assert!(Guard::default().dial("a.example", IpAddr::from([8, 8, 8, 8])).is_ok());
    }

    #[test]
    fn networks_are_read_and_written() {
        for (text, expect) in [
            ("10.0.0.0/8", Some("10.0.0.0/8")),
            ("127.0.0.1", Some("127.0.0.1/32")),
            ("0.0.0.0/0", Some("0.0.0.0/0")),
            ("::/0", Some("::/0")),
            (" fd00::/8 ", Some("fd00::/8")),
            ("10.0.0.0/33", None),
            ("10.0.0.0/-1", None),
            ("10.0.0.0/+8", None),
            ("10.0/8", None),
            ("", None),
            ("::/129", None),
            ("a.example", None),
            ("10.0.0.0/", None),
        ] {
            assert_eq!(text.parse::<Network>().ok().map(|network| network.to_string()).as_deref(), expect, "{text}");
        }
        assert!("::/0".parse::<Network>().unwrap().contains("fe80::1".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("10.1.2.3".parse().unwrap()));
    }
}
