//! Where a request comes from. Forwarded headers count only when the peer is a trusted proxy, read from the right.

use axum::extract::ConnectInfo;
use http::HeaderMap;
use runtime::Networks;
use std::net::{IpAddr, SocketAddr};

/// Networks of trusted proxies.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Networks);

impl TrustedProxies {
    /// Addresses or networks (`10.0.0.0/8`), with commas between.
    pub(crate) fn parse(text: &str) -> Result<TrustedProxies, String> {
        Networks::parse(text).map(TrustedProxies).map_err(|e| format!("PORTICO_TRUSTED_PROXIES: {e}"))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.contains(address)
    }

    /// True when the other end of the connection is a trusted proxy.
    pub(crate) fn is_trusted_peer(&self, extensions: &http::Extensions) -> bool {
        extensions.get::<ConnectInfo<SocketAddr>>().is_some_and(|peer| self.trusts(peer.0.ip()))
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
