//! Words made safe: what a user or a runtime says, checked before anything is changed.
//!
//! Whatever comes out of here the kernel takes as it is: a name that it would refuse, or read as
//! a pattern, is refused here with a reason.

mod address;
mod destination;
mod name;
mod netns;
mod validate;

pub use address::{Cidr, Mac};
pub use destination::Destination;
pub use name::{Id, IfName};
pub use netns::{NAMED, NetnsRef};

use crate::error::Error;
use std::net::IpAddr;
use std::str::FromStr;

/// How the bridge is made and changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// By netlink; by ioctl where the kernel says that netlink cannot.
    #[default]
    Auto,
    /// By netlink alone.
    Netlink,
    /// By ioctl.
    Ioctl,
}

impl FromStr for Backend {
    type Err = Error;

    fn from_str(words: &str) -> Result<Self, Error> {
        match words {
            "auto" => Ok(Self::Auto),
            "netlink" => Ok(Self::Netlink),
            "ioctl" => Ok(Self::Ioctl),
            _ => Err(Error::usage(format!(
                "bridge backend {words:?}: one of auto, netlink, ioctl"
            ))),
        }
    }
}

/// What network a container shall have. The original's type of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// The bridge on the host.
    pub bridge_name: IfName,
    /// The bridge's addresses: the containers' gateways.
    pub bridge_addresses: Vec<Cidr>,
    /// The bridge's hardware address, where it has to be made; none: one that stays with this
    /// machine and this name, [`Mac::stable`].
    pub bridge_mac: Option<Mac>,
    /// How the bridge is made.
    pub bridge_backend: Backend,
    /// The container's addresses.
    pub container_addresses: Vec<Cidr>,
    /// Take the next free address of each of the bridge's subnets; there are no
    /// `container_addresses` then.
    pub auto: Option<Auto>,
    /// The host's end of the pair.
    pub host_ifname: IfName,
    /// The container's end of the pair.
    pub container_ifname: IfName,
    /// Whose it is.
    pub id: Option<Id>,
    /// The largest packet of both ends, in bytes; none: the bridge's.
    pub mtu: Option<u32>,
    /// The container's hardware address; none: the kernel's choice.
    pub mac: Option<Mac>,
    /// What the container sends to itself by way of the bridge comes back.
    pub hairpin: bool,
    /// The container does not reach other isolated ones.
    pub isolated: bool,
    /// Routes besides the default one.
    pub routes: Vec<Destination>,
    /// Whether there is to be a default route.
    pub default_route: bool,
}

/// How the host's end is named where its address is found by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auto {
    /// As [`NetworkConfig::host_ifname`] says.
    Named,
    /// By this prefix and the address: unique by itself.
    Prefixed(String),
}

impl NetworkConfig {
    /// A bridge, its address, a container's address and the original's naming of the pair: host
    /// end `P0`, container end `P1`.
    pub fn new(
        bridge_name: &str,
        bridge_address: &str,
        container_address: &str,
        veth_name_prefix: &str,
    ) -> Result<Self, Error> {
        let bridge_name: IfName = bridge_name.parse()?;
        let (host_ifname, container_ifname) = Self::pair(veth_name_prefix)?;
        Self {
            bridge_name,
            bridge_mac: None,
            bridge_addresses: vec![bridge_address.parse()?],
            bridge_backend: Backend::Auto,
            container_addresses: vec![container_address.parse()?],
            auto: None,
            host_ifname,
            container_ifname,
            id: None,
            mtu: None,
            mac: None,
            hairpin: false,
            isolated: false,
            routes: Vec::new(),
            default_route: true,
        }
        .validated()
    }

    /// The pair's names from their prefix, host's end first.
    pub fn pair(prefix: &str) -> Result<(IfName, IfName), Error> {
        let end = |digit: char| {
            format!("{prefix}{digit}")
                .parse::<IfName>()
                .map_err(|reason| {
                    Error::usage(format!("veth name prefix {prefix:?}: makes the {reason}"))
                })
        };
        Ok((end('0')?, end('1')?))
    }

    /// The bridge's address that a container's address reaches, and is reached from.
    pub fn gateway(&self, container: Cidr) -> Option<IpAddr> {
        let fits = |bridge: &&Cidr| {
            container.contains(bridge.address) && bridge.contains(container.address)
        };
        self.bridge_addresses
            .iter()
            .find(fits)
            .map(|bridge| bridge.address)
    }

    /// The container's gateways: one for each family that it has an address of.
    pub fn gateways(&self) -> Vec<IpAddr> {
        let mut gateways: Vec<IpAddr> = Vec::new();
        for gateway in self
            .container_addresses
            .iter()
            .filter_map(|&cidr| self.gateway(cidr))
        {
            if gateways
                .iter()
                .all(|other| other.is_ipv4() != gateway.is_ipv4())
            {
                gateways.push(gateway);
            }
        }
        gateways
    }
}

#[cfg(test)]
pub(crate) mod tests;
