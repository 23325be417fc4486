//! Networks of addresses, as settings name them.

use std::net::IpAddr;

/// Some networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u8)>);

impl Networks {
    /// Addresses or networks (`10.0.0.0/8`), with commas between.
    ///
    /// # Errors
    /// A sentence that names the word that is no network.
    pub fn parse(text: &str) -> Result<Networks, String> {
        let mut networks = Vec::new();
        for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            let (address, length) = word.split_once('/').unwrap_or((word, ""));
            let wrong = || format!("{word} is no network");
            let address: IpAddr = address.parse().map_err(|_| wrong())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let length = if length.is_empty() { most } else { length.parse().map_err(|_| wrong())? };
            if length > most {
                return Err(wrong());
            }
            networks.push((address, length));
        }
        Ok(Networks(networks))
    }

    /// True when one of them has the address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(network, length)| within(address, *network, *length))
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

    #[test]
    fn an_address_is_in_a_network_of_its_own_kind_and_prefix() {
        let networks = Networks::parse("10.0.0.0/8, 2001:db8::/32,192.0.2.1").unwrap();
        for inside in ["10.1.2.3", "2001:db8:1::5", "192.0.2.1"] {
            assert!(networks.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["11.0.0.1", "2001:db9::1", "192.0.2.2", "::ffff:10.1.2.3"] {
            assert!(!networks.contains(outside.parse().unwrap()), "{outside}");
        }
        assert!(Networks::parse("0.0.0.0/0").unwrap().contains("8.8.8.8".parse().unwrap()));
        assert!(Networks::parse("10.0.0.0/99").is_err());
        assert!(Networks::parse("everywhere").is_err());
    }
}
