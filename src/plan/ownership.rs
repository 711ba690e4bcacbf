//! What the host's end of a pair carries in its alternative names: whose it is, and which
//! addresses are taken by it.
//!
//! A name is one link's alone in its namespace, the kernel sees to that: so a name that *is* an
//! address claims it, and whoever comes second gets EEXIST. No file has to be kept, and a claim
//! ends with its link. `ip link show 10.10.10.2` finds it.

use crate::config::{Id, IfName, Resolved};
use std::net::IpAddr;

/// Opens the name that holds the owner's id and the container's end.
const OWNER: &str = "netsetgo:";

/// The alternative names of the pair that `config` describes.
pub fn altnames(config: &Resolved) -> Vec<String> {
    let addresses = config
        .container_addresses
        .iter()
        .map(|cidr| address_altname(cidr.address));
    let owner = config
        .id
        .iter()
        .map(|id| owner_altname(id, &config.container_ifname));
    addresses.chain(owner).collect()
}

/// The name that claims an address.
pub fn address_altname(address: IpAddr) -> String {
    address.to_string()
}

/// The name that says whose the pair is. An owner may have several, one for each of a container's
/// links.
pub fn owner_altname(id: &Id, container_ifname: &IfName) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let names = [
            "10.10.10.2".to_owned(),
            "fd00::2".to_owned(),
            owner_altname(&"c-1.2_3".parse().unwrap(), &"eth0".parse().unwrap()),
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
        assert!(owner_altname(&id, &end).len() < 128);
    }

    #[test]
    fn a_host_end_is_named_by_its_address() {
        let name = |prefix, address: &str| {
            IfName::from_address(prefix, address.parse().unwrap())
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
