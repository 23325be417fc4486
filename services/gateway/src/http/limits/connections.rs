//! How many connections there are, in all and from each address.

use runtime::Networks;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// How much more offices have, where many people share one address.
const OFFICE: u32 = 10;

/// What connections are counted against.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) most: u32,
    pub(super) most_per_address: u32,
    /// Not counted by address: they carry everybody.
    pub(super) proxies: Networks,
    pub(super) offices: Networks,
}

#[derive(Debug, Default)]
struct Counts {
    all: u32,
    by_address: HashMap<IpAddr, u32>,
}

/// The open connections.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    rules: Arc<Rules>,
    counts: Arc<Mutex<Counts>>,
}

/// An open connection; dropped with it.
#[derive(Debug)]
pub(super) struct Open {
    counts: Arc<Mutex<Counts>>,
    address: IpAddr,
}

impl Connections {
    pub(super) fn new(rules: Rules) -> Connections {
        Connections { rules: Arc::new(rules), counts: Arc::default() }
    }

    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        self.rules.proxies.contains(address)
    }

    /// Counts one more, if there is room.
    pub(super) fn open(&self, peer: IpAddr) -> Option<Open> {
        let address = network_of(peer);
        let most = match (self.is_proxy(peer), self.rules.offices.contains(peer)) {
            (true, _) => u32::MAX,
            (false, true) => self.rules.most_per_address.saturating_mul(OFFICE),
            (false, false) => self.rules.most_per_address,
        };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = counts.by_address.get(&address).copied().unwrap_or_default();
        if counts.all >= self.rules.most || of_it >= most {
            return None;
        }
        counts.all += 1;
        counts.by_address.insert(address, of_it + 1);
        drop(counts);
        Some(Open { counts: Arc::clone(&self.counts), address })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        let left = counts.by_address.get(&self.address).copied().unwrap_or_default().saturating_sub(1);
        if left == 0 {
            counts.by_address.remove(&self.address);
        } else {
            counts.by_address.insert(self.address, left);
        }
    }
}

/// One person can have a whole /64 of IPv6.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6
            .to_ipv4_mapped()
            .map_or_else(|| IpAddr::from((v6.to_bits() & !u128::from(u64::MAX)).to_be_bytes()), IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let networks = |text: &str| Networks::parse(text).unwrap();
        Rules { most: 30, most_per_address: 2, proxies: networks("10.0.0.0/8"), offices: networks("192.0.2.0/24") }
    }

    fn how_many(connections: &Connections, address: &str) -> Vec<Open> {
        let address: IpAddr = address.parse().unwrap();
        std::iter::from_fn(|| connections.open(address)).collect()
    }

    #[test]
    fn an_address_has_so_many_an_office_ten_times_and_a_proxy_what_there_is() {
        let connections = Connections::new(rules());
        let one = how_many(&connections, "198.51.100.7");
        assert_eq!(one.len(), 2);
        let office = how_many(&connections, "192.0.2.1");
        assert_eq!(office.len(), 20);
        assert_eq!(how_many(&connections, "10.1.1.1").len(), 8, "up to the limit over all");
        drop((one, office));
        assert_eq!(how_many(&connections, "10.1.1.1").len(), 30, "what was closed is free again");
        assert!(connections.counts.lock().unwrap().by_address.is_empty());
    }

    #[test]
    fn neighbours_in_one_network_of_ipv6_are_one() {
        let connections = Connections::new(rules());
        let _first = how_many(&connections, "2001:db8::1");
        assert!(connections.open("2001:db8::ffff:1".parse().unwrap()).is_none());
        assert!(connections.open("2001:db8:0:1::1".parse().unwrap()).is_some());
        let mapped = how_many(&connections, "::ffff:203.0.113.9");
        assert!(connections.open("203.0.113.9".parse().unwrap()).is_none() && mapped.len() == 2);
    }
}
