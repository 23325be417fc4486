//! Where a request came from, coarse enough to be kept: a network and a browser family.

use proto::identity::v1::Source;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is kept of a request's source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The full address, for limits only: it is neither stored nor logged.
    pub(crate) address: String,
    /// IPv4 /24 or IPv6 /48; empty when the address is unknown.
    pub(crate) network: String,
    /// `Firefox`, `Chrome`, `Edge`, `Safari` or `other`.
    pub(crate) browser: String,
}

impl Origin {
    /// The origin of a request's source.
    pub(crate) fn of(source: Option<&Source>) -> Origin {
        Origin {
            address: source.map(|s| s.address.clone()).unwrap_or_default(),
            network: source.and_then(|s| network(&s.address)).unwrap_or_default(),
            browser: browser(source.map(|s| s.user_agent.as_str()).unwrap_or_default()).to_owned(),
        }
    }
}

fn network(address: &str) -> Option<String> {
    let network = match address.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(a) => {
            let [a, b, c, _] = a.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(a) => {
            let [a, b, c, ..] = a.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    };
    Some(network)
}

/// Order matters: each browser's header names those before it too.
fn browser(user_agent: &str) -> &'static str {
    let families = [("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")];
    families.iter().find(|(mark, _)| user_agent.contains(mark)).map_or("other", |(_, family)| family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_network_of_an_address_is_kept() {
        for (address, kept) in [
            ("203.0.113.77", Some("203.0.113.0/24")),
            ("::ffff:203.0.113.77", Some("203.0.113.0/24")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1::/48")),
            ("unix", None),
            ("", None),
        ] {
            assert_eq!(network(address).as_deref(), kept, "{address}");
        }
    }

    #[test]
    fn a_browser_is_known_by_its_family() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome");
        assert_eq!(browser(&format!("{chrome} Edg/140.0")), "Edge");
        assert_eq!(browser("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"), "Firefox");
        assert_eq!(browser("curl/8.0"), "other");
    }
}
