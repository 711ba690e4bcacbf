//! What the words say together: each may be right by itself, and two of them not beside each other.

use super::{Auto, Cidr, Destination, IfName, NetworkConfig};
use crate::error::Error;
use std::net::IpAddr;

impl NetworkConfig {
    /// Refuses what cannot be, each of the words being right by itself.
    pub fn validated(self) -> Result<Self, Error> {
        self.validate_names()
            .and_then(|()| self.validate_addresses())
            .and_then(|()| self.validate_routes())
            .and_then(|()| self.validate_mtu())
            .map_err(Error::usage)?;
        Ok(self)
    }

    fn validate_names(&self) -> Result<(), String> {
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
        // Found by itself, an address makes the host's end's name too.
        let named = !matches!(self.auto, Some(Auto::Prefixed(_)));
        if named && self.host_ifname == self.bridge_name {
            let name = &self.bridge_name;
            return Err(format!("name \"{name}\": for both the bridge and its port"));
        }
        for name in [&self.bridge_name, &self.host_ifname] {
            let address = name.as_str().parse::<IpAddr>().ok();
            let claimed = |cidr: &Cidr| Some(cidr.address) == address;
            if self.container_addresses.iter().any(claimed) {
                return Err(format!(
                    "name \"{name}\": the container's address, which claims this name for itself"
                ));
            }
        }
        Ok(())
    }

    fn validate_addresses(&self) -> Result<(), String> {
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

    fn validate_routes(&self) -> Result<(), String> {
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
            self.validate_gateway(route)?;
            let own =
                |cidr: &Cidr| cidr.network() == network.network() && cidr.prefix == network.prefix;
            if subnets().any(own) {
                return Err(format!(
                    "route {network}: the container's own subnet, which its address leads to"
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

    /// A route's gateway is a neighbour of the container's: in its subnet, and somebody else.
    fn validate_gateway(&self, route: &Destination) -> Result<(), String> {
        let network = route.network;
        let Some(gateway) = route.gateway else {
            return Ok(());
        };
        let subnets = match self.auto {
            Some(_) => &self.bridge_addresses,
            None => &self.container_addresses,
        };
        let Some(subnet) = subnets.iter().find(|cidr| cidr.contains(gateway)) else {
            return Err(format!(
                "route {network}: its gateway {gateway} is outside the container's subnet"
            ));
        };
        let address = |cidr: &Cidr| cidr.address == gateway;
        if self.container_addresses.iter().any(address) {
            return Err(format!(
                "route {network}: its gateway {gateway} is the container itself"
            ));
        }
        let neighbour = Cidr {
            address: gateway,
            ..*subnet
        };
        neighbour
            .host()
            .map(drop)
            .map_err(|reason| format!("route {network}: its gateway: {reason}"))
    }

    /// The limits are the kernel's: `ETH_MIN_MTU` and `ETH_MAX_MTU`, linux/if_ether.h, and what
    /// IPv6 needs, RFC 8200.
    fn validate_mtu(&self) -> Result<(), String> {
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
}
