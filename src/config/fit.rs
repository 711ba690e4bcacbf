//! What the words say together: each may be right by itself, and two of them not beside each other.

use super::{Cidr, IfName, NetworkConfig};
use crate::error::Error;

impl NetworkConfig {
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
}
