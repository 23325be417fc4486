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

    /// The client's address: the rightmost hop that is not a trusted proxy. Whatever stands left of it anybody can have
    /// written; left of what is no address nothing is believed.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if !self.trusts(peer) {
            return client;
        }
        let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        // A line that is no text is one word that is no address.
        let words = lines.into_iter().rev().flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
        for hop in words.map_while(address) {
            client = hop;
            if !self.trusts(hop) {
                break;
            }
        }
        client
    }
}

/// An address as proxies write it: alone or with a port, which some add.
fn address(word: &str) -> Option<IpAddr> {
    let word = word.trim();
    word.parse().ok().or_else(|| word.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()))
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
        // What the client itself wrote in front hides nothing of what the proxy added.
        assert_eq!(client("10.0.0.0/8", "10.1.1.1", "unknown, 1.2.3.4"), "1.2.3.4");
        assert_eq!(client("10.0.0.0/8", "10.1.1.1", "9.9.9.9, x, 1.2.3.4, 10.2.2.2"), "1.2.3.4");
        assert_eq!(client("10.0.0.0/8", "10.1.1.1", "9.9.9.9, x, 10.2.2.2"), "10.2.2.2");
        assert_eq!(client("10.0.0.0/8", "10.1.1.1", "1.2.3.4:443"), "1.2.3.4");
        assert_eq!(client("10.0.0.0/8", "10.1.1.1", "[2001:db8::1]:443"), "2001:db8::1");
        assert!(TrustedProxies::parse("10.0.0.0/99").is_err());
    }
}
