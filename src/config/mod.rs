//! Words made safe: what a user or a runtime says, checked before anything is changed.
//!
//! Whatever comes out of here the kernel takes as it is: a name that it would refuse, or read as
//! a pattern, is refused here with a reason.

mod address;
mod name;
mod netns;

pub use address::{Cidr, Mac};
pub use name::{Id, IfName};
pub use netns::NetnsRef;

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
            _ => Err(Error::refused(format!(
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

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination {
    /// To this network.
    pub network: Cidr,
    /// Through this neighbour; none: the bridge.
    pub gateway: Option<IpAddr>,
}

impl FromStr for Destination {
    type Err = Error;

    /// `DST[,GATEWAY]`.
    fn from_str(words: &str) -> Result<Self, Error> {
        let (network, gateway) = match words.split_once(',') {
            Some((network, gateway)) => (network, Some(gateway)),
            None => (words, None),
        };
        let bad = || Error::refused(format!("route {words:?}: the gateway is not an address"));
        let network = Cidr::network_from(network)?;
        let gateway = gateway
            .map(|gateway| gateway.parse().map_err(|_| bad()))
            .transpose()?;
        if gateway.is_some_and(|gateway: IpAddr| gateway.is_ipv4() != network.address.is_ipv4()) {
            return Err(Error::refused(format!(
                "route {words:?}: the gateway is of another family than the network"
            )));
        }
        Ok(Self { network, gateway })
    }
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
        .checked()
    }

    /// The pair's names from their prefix, host's end first.
    pub fn pair(prefix: &str) -> Result<(IfName, IfName), Error> {
        let end = |digit: char| {
            format!("{prefix}{digit}").parse::<IfName>().map_err(|why| {
                Error::refused(format!("veth name prefix {prefix:?}: makes the {why}"))
            })
        };
        Ok((end('0')?, end('1')?))
    }

    /// Refuses what cannot be, each of the words being right by itself.
    pub fn checked(self) -> Result<Self, Error> {
        self.names_differ()
            .and_then(|()| self.addresses_fit())
            .and_then(|()| self.routes_fit())
            .and_then(|()| self.mtu_fits())
            .map_err(Error::refused)?;
        Ok(self)
    }

    fn names_differ(&self) -> Result<(), String> {
        let lo = IfName::lo();
        for (name, what) in [
            (&self.bridge_name, "the bridge"),
            (&self.host_ifname, "the host's end of the pair"),
            (&self.container_ifname, "the container's end of the pair"),
        ] {
            if *name == lo {
                return Err(format!(
                    "name \"lo\": every namespace has one, {what} cannot be it"
                ));
            }
        }
        if self.host_ifname == self.bridge_name {
            let name = &self.bridge_name;
            return Err(format!("name \"{name}\": for both the bridge and its port"));
        }
        Ok(())
    }

    fn addresses_fit(&self) -> Result<(), String> {
        let all = || {
            self.bridge_addresses
                .iter()
                .chain(&self.container_addresses)
        };
        for (place, cidr) in all().enumerate() {
            if all()
                .skip(place + 1)
                .any(|other| other.address == cidr.address)
            {
                return Err(format!("address {}: given twice", cidr.address));
            }
        }
        for container in &self.container_addresses {
            let family = |bridge: &&Cidr| bridge.width() == container.width();
            if self.gateway(*container).is_some() {
                continue;
            }
            return Err(match self.bridge_addresses.iter().find(family) {
                None => format!("address {container}: the bridge has no address of its family"),
                Some(bridge) if container.contains(bridge.address) => {
                    format!(
                        "address {container}: outside the bridge's subnet {}",
                        Cidr {
                            address: bridge.network(),
                            ..*bridge
                        }
                    )
                }
                Some(bridge) => format!(
                    "address {container}: its gateway {} would be outside the subnet",
                    bridge.address
                ),
            });
        }
        Ok(())
    }

    fn routes_fit(&self) -> Result<(), String> {
        // Found by itself, an address is in the bridge's subnet.
        let subnets = || match self.auto {
            Some(_) => self.bridge_addresses.iter(),
            None => self.container_addresses.iter(),
        };
        for (place, route) in self.routes.iter().enumerate() {
            let network = route.network;
            let family = |cidr: &&Cidr| cidr.width() == network.width();
            if !subnets().any(|cidr| family(&cidr)) {
                return Err(format!(
                    "route {network}: the container has no address of its family"
                ));
            }
            if let Some(gateway) = route.gateway.filter(|&g| !subnets().any(|c| c.contains(g))) {
                return Err(format!(
                    "route {network}: its gateway {gateway} is outside the container's subnet"
                ));
            }
            if self
                .routes
                .iter()
                .skip(place + 1)
                .any(|other| other.network == network)
            {
                return Err(format!("route {network}: given twice"));
            }
            if network.prefix == 0 && self.default_route {
                return Err(format!(
                    "route {network}: a second default route; --no-default-route leaves out the first"
                ));
            }
        }
        Ok(())
    }

    /// The limits are the kernel's: `ETH_MIN_MTU` and `ETH_MAX_MTU`, linux/if_ether.h, and what
    /// IPv6 needs, RFC 8200.
    fn mtu_fits(&self) -> Result<(), String> {
        let ipv6 = self
            .bridge_addresses
            .iter()
            .any(|cidr| cidr.address.is_ipv6());
        match self.mtu {
            Some(mtu) if !(68..=65535).contains(&mtu) => {
                Err(format!("mtu {mtu}: a veth's is from 68 to 65535 bytes"))
            }
            Some(mtu) if ipv6 && mtu < 1280 => Err(format!("mtu {mtu}: IPv6 needs 1280 bytes")),
            _ => Ok(()),
        }
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
