//! Where a request comes from. Forwarded headers count only when the peer is a trusted proxy, read from the right.

use http::HeaderMap;
use std::net::IpAddr;

/// Networks of trusted proxies.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Vec<(IpAddr, u8)>);

impl TrustedProxies {
    /// Addresses or networks (`10.0.0.0/8`), with commas between.
    pub(crate) fn parse(text: &str) -> Result<TrustedProxies, String> {
        let mut networks = Vec::new();
        for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            let (address, length) = word.split_once('/').unwrap_or((word, ""));
            let wrong = || format!("PORTICO_TRUSTED_PROXIES: {word} is no network");
            let address: IpAddr = address.parse().map_err(|_| wrong())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let length = if length.is_empty() { most } else { length.parse().map_err(|_| wrong())? };
            if length > most {
                return Err(wrong());
            }
            networks.push((address, length));
        }
        Ok(TrustedProxies(networks))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(network, length)| within(address, *network, *length))
    }

    /// The client's address: the rightmost hop that is not a trusted proxy.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if !self.trusts(peer) {
            return client;
        }
        let hops: Vec<IpAddr> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .map_while(|h| h.trim().parse().ok())
            .collect();
        for hop in hops.into_iter().rev() {
            client = hop;
            if !self.trusts(hop) {
                break;
            }
        }
        client
    }
}

fn within(address: IpAddr, network: IpAddr, length: u8) -> bool {
    let bits = |a: IpAddr| match a {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, true),
        IpAddr::V6(v6) => (v6.to_bits(), false),
    };
    let ((a, a4), (n, n4)) = (bits(address), bits(network));
    let shift = 128 - u32::from(length);
    a4 == n4 && (shift == 128 || a >> shift == n >> shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, peer: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        TrustedProxies::parse(proxies).unwrap().client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy_and_from_the_right() {
        assert_eq!(client("", "9.9.9.9", "1.2.3.4"), "9.9.9.9");
        assert_eq!(client("10.0.0.0/8", "10.1.1.1", "6.6.6.6, 1.2.3.4"), "1.2.3.4");
        assert_eq!(client("10.0.0.0/8", "10.1.1.1", "6.6.6.6, 1.2.3.4, 10.2.2.2"), "1.2.3.4");
        assert_eq!(client("10.0.0.0/8", "11.1.1.1", "1.2.3.4"), "11.1.1.1");
        assert!(TrustedProxies::parse("10.0.0.0/99").is_err());
    }
}
