//! What the host's end of a pair carries in its alternative names: whose it is, and which
//! addresses are taken by it.
//!
//! A name is one link's alone in its namespace, the kernel sees to that: so a name that *is* an
//! address claims it, and whoever comes second gets EEXIST. No file has to be kept, and a claim
//! ends with its link. `ip link show 10.10.10.2` finds it.

use crate::config::{Id, IfName, NetworkConfig};
use std::net::IpAddr;

/// Opens the name that holds the owner's id and the container's end.
const OWNER: &str = "netsetgo:";

/// The alternative names of the pair that `config` describes.
pub fn names(config: &NetworkConfig) -> Vec<String> {
    let addresses = config
        .container_addresses
        .iter()
        .map(|cidr| claim(cidr.address));
    let owner = config
        .id
        .iter()
        .map(|id| owner(id, &config.container_ifname));
    addresses.chain(owner).collect()
}

/// The name that claims an address.
pub fn claim(address: IpAddr) -> String {
    address.to_string()
}

/// The name that says whose the pair is. An owner may have several, one for each of a container's
/// links.
pub fn owner(id: &Id, container_ifname: &IfName) -> String {
    format!("{OWNER}{id}:{container_ifname}")
}

/// The owner's id, if one of the names has it.
pub fn id_in(names: &[String]) -> Option<&str> {
    let owner = names.iter().find_map(|name| name.strip_prefix(OWNER))?;
    owner.split_once(':').map(|(id, _)| id)
}

/// The addresses that the names claim.
pub fn addresses_in(names: &[String]) -> impl Iterator<Item = IpAddr> {
    names.iter().filter_map(|name| name.parse().ok())
}

/// A name for the host's end that is unique by itself: the prefix, and the first address in
/// hexadecimal digits, or for IPv6 a hash of it.
pub fn host_ifname(prefix: &str, address: IpAddr) -> Option<IfName> {
    let number = match address {
        IpAddr::V4(v4) => u32::from(v4),
        // FNV-1a, 32 bits.
        IpAddr::V6(v6) => v6.octets().iter().fold(0x811c_9dc5, |hash: u32, &byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        }),
    };
    let room = IfName::LONGEST - 8;
    let end = (0..=room.min(prefix.len()))
        .rev()
        .find(|&end| prefix.is_char_boundary(end))?;
    format!("{}{number:08x}", prefix.get(..end)?).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let names = [
            "10.10.10.2".to_owned(),
            "fd00::2".to_owned(),
            owner(&"c-1.2_3".parse().unwrap(), &"eth0".parse().unwrap()),
            "somebody-elses".to_owned(),
        ];
        assert_eq!(id_in(&names), Some("c-1.2_3"));
        let addresses: Vec<String> = addresses_in(&names).map(|a| a.to_string()).collect();
        assert_eq!(addresses, ["10.10.10.2", "fd00::2"]);
        assert_eq!(id_in(&names[..2]), None);
    }

    #[test]
    fn the_longest_owner_fits_into_an_alternative_name() {
        let id = "i".repeat(Id::LONGEST).parse().unwrap();
        let end = "e".repeat(IfName::LONGEST).parse().unwrap();
        // ALTIFNAMSIZ, linux/if.h, less the ending zero.
        assert!(owner(&id, &end).len() < 128);
    }

    #[test]
    fn a_host_end_is_named_by_its_address() {
        let name = |prefix, address: &str| {
            host_ifname(prefix, address.parse().unwrap())
                .unwrap()
                .to_string()
        };
        assert_eq!(name("veth", "10.10.10.2"), "veth0a0a0a02");
        assert_eq!(name("a-long-prefix", "10.10.10.2"), "a-long-0a0a0a02");
        assert_eq!(
            name("ééééé", "10.10.10.2"),
            "ééé0a0a0a02",
            "cut between characters"
        );
        assert_ne!(name("veth", "fd00::2"), name("veth", "fd00::3"));
    }
}
