//! Which URLs may be asked and which addresses may answer.
//!
//! The deny list is IANA's special-purpose registries (RFC 6890 and updates) as Mastodon and GoToSocial
//! apply them; IPv4 inside IPv6 is unwrapped first (CVE-2026-22245, CVE-2026-46348). Every line was once
//! somebody's SSRF.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::error::{Code, Error, Result};
use crate::instance::Policy;
use crate::vocab::MAX_URL;

/// Parses a URL that is to be fetched: https on port 443 with a host name, no user, no fragment.
///
/// Under the development policy plain http, any port and loopback names are allowed.
pub(crate) fn fetchable(text: &str, policy: &Policy) -> Result<Url> {
    let refuse = |reason: &'static str, message: &str| Error::new(Code::Refused, reason, message);
    if text.len() > MAX_URL {
        return Err(refuse("url_too_long", "a URL may have at most 2048 bytes"));
    }
    let url = Url::parse(text)
        .map_err(|_| refuse("bad_url", "expected an absolute URL; a handle is looked up first"))?;
    match (url.scheme(), policy.local_network) {
        ("https", _) | ("http", true) => {}
        _ => return Err(refuse("url_not_https", "only https URLs are fetched")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("url_with_user", "a URL with a user name or password is never fetched"));
    }
    if url.port().is_some() && !policy.local_network {
        return Err(refuse("url_with_port", "only the default port is fetched"));
    }
    match url.host() {
        Some(Host::Domain(name)) => {
            // The same host by another name: it would pass by the block list and by our own origins.
            if name.ends_with('.') {
                return Err(refuse("url_with_final_dot", "a host name does not end with a dot"));
            }
            let local = name == "localhost" || name.ends_with(".localhost");
            if (local || !name.contains('.')) && !policy.local_network {
                return Err(refuse("private_host", "a host without a public name is never fetched"));
            }
        }
        Some(Host::Ipv4(ip)) if policy.local_network && ip.is_loopback() => {}
        Some(Host::Ipv6(ip)) if policy.local_network && ip.is_loopback() => {}
        _ => return Err(refuse("url_with_address", "a URL names a host, not an address")),
    }
    Ok(url)
}

/// Most names one host is looked for under in the block list.
const MAX_NAMES: usize = 6;

/// The names under which a host may be blocked: its own, and each domain above it (blocking `spam.example`
/// blocks `a.spam.example` too, as Mastodon's `DomainBlock.rule_for` does).
pub(crate) fn block_names(host: &str) -> Vec<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let mut names = vec![host.clone()];
    if host.parse::<IpAddr>().is_err() && !host.starts_with('[') {
        let labels: Vec<&str> = host.split('.').collect();
        let above = (2..labels.len()).filter_map(|count| labels.get(labels.len() - count..));
        names.extend(above.map(|name| name.join(".")).take(MAX_NAMES - 1));
    }
    names
}

/// Whether the peer that answered may be believed to be on the public network.
pub(crate) fn may_answer(address: Option<IpAddr>, policy: &Policy) -> Result<()> {
    let Some(address) = address else {
        return Err(Error::new(
            Code::Refused,
            "no_address",
            "the fetcher must say which address it connected to",
        )
        .at("/address"));
    };
    if is_public(address) || (policy.local_network && unwrap(address).is_loopback()) {
        return Ok(());
    }
    Err(Error::new(Code::Refused, "private_address", "the peer's address is not on the public network")
        .at("/address"))
}

/// IPv4 that travels inside IPv6 (mapped, compatible, NAT64) as IPv4.
fn unwrap(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    address
}

fn is_public(address: IpAddr) -> bool {
    match unwrap(address) {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    #[allow(clippy::unnested_or_patterns)] // one line a network
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, _, _)
    );
    !special
}

/// Only global unicast (2000::/3), less what is reserved inside it: closed for everything yet unassigned.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let global = (a & 0xe000) == 0x2000;
    let reserved = a == 0x2002                        // 6to4
        || (a == 0x2001 && b < 0x0200)                // Teredo, ORCHID, benchmarking and the rest of 2001::/23
        || (a == 0x2001 && b == 0x0db8)               // documentation
        || (a & 0xfff0) == 0x3ff0; // documentation, 3fff::/20
    global && !reserved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str) -> Policy {
        Policy::read(Some(&serde_json::json!(name))).unwrap()
    }

    fn answers(address: &str, name: &str) -> bool {
        may_answer(Some(address.parse().unwrap()), &policy(name)).is_ok()
    }

    #[test]
    fn no_private_address_answers() {
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(!answers(ip, "strict"), "{ip}");
        }
        for ip in ["1.1.1.1", "192.0.1.1", "172.32.0.1", "2606:4700::1", "2a00:1450::1", "::ffff:1.1.1.1"] {
            assert!(answers(ip, "strict"), "{ip}");
        }
        assert!(may_answer(None, &policy("strict")).is_err());
    }

    #[test]
    fn development_allows_this_machine_and_nothing_else() {
        assert!(answers("127.0.0.2", "development") && answers("::1", "development"));
        assert!(!answers("10.0.0.1", "development") && !answers("169.254.169.254", "development"));
    }

    #[test]
    fn a_host_is_blocked_with_what_lies_below_it() {
        assert_eq!(block_names("A.b.spam.example."), ["a.b.spam.example", "spam.example", "b.spam.example"]);
        assert_eq!(block_names("spam.example"), ["spam.example"]);
        assert_eq!(block_names("127.0.0.1"), ["127.0.0.1"]);
        let deep = block_names(&format!("{}spam.example", "x.".repeat(100)));
        assert!(deep.len() == MAX_NAMES && deep.contains(&"spam.example".to_owned()));
    }

    #[test]
    fn only_plain_https_urls_are_fetched() {
        let ok = |url: &str| fetchable(url, &policy("strict")).is_ok();
        assert!(ok("https://social.example/users/a?x=1"));
        for url in [
            "http://social.example/",
            "https://social.example:8443/",
            "https://u@social.example/",
            "https://u:p@social.example/",
            "https://:p@social.example/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "https://localhost/",
            "https://a.localhost/",
            "https://intranet/",
            "https://intranet./",
            "https://localhost./",
            "https://social.example./",
            "ftp://social.example/",
            "/users/a",
            "",
        ] {
            assert!(!ok(url), "{url}");
        }
        assert!(!ok(&format!("https://social.example/{}", "x".repeat(MAX_URL))));
        assert!(fetchable("http://localhost:5000/u", &policy("development")).is_ok());
        assert!(fetchable("http://10.0.0.1/u", &policy("development")).is_err());
    }
}
