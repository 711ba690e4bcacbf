//! Validation of values together: each is valid by itself, but two of them may contradict.

use super::{Cidr, Destination, HostIfname, IfName, Ipam, Request, Resolved};
use crate::error::Error;
use std::net::IpAddr;

impl Request {
    /// Validates the values together, as far as they are known before allocation.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) with the rule that is broken.
    pub fn validated(self) -> Result<Self, Error> {
        let host_ifname = match &self.host_ifname {
            HostIfname::Named(name) => Some(name),
            HostIfname::FromAddress(_) => None,
        };
        // netsetgo allocates an address in a subnet of the bridge.
        let subnets = match &self.ipam {
            Ipam::Static(addresses) => addresses,
            Ipam::Auto => &self.bridge_addresses,
        };
        Values {
            bridge_name: &self.bridge_name,
            host_ifname,
            container_ifname: &self.container_ifname,
            bridge_addresses: &self.bridge_addresses,
            container_addresses: self.static_addresses(),
            subnets,
            routes: &self.routes,
            default_route: self.default_route,
            mtu: self.mtu,
        }
        .validate()
        .map_err(Error::usage)?;
        Ok(self)
    }
}

impl Resolved {
    /// Validates the values together.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) with the rule that is broken.
    pub fn validated(self) -> Result<Self, Error> {
        Values {
            bridge_name: &self.bridge_name,
            host_ifname: Some(&self.host_ifname),
            container_ifname: &self.container_ifname,
            bridge_addresses: &self.bridge_addresses,
            container_addresses: &self.container_addresses,
            subnets: &self.container_addresses,
            routes: &self.routes,
            default_route: self.default_route,
            mtu: self.mtu,
        }
        .validate()
        .map_err(Error::usage)?;
        Ok(self)
    }
}

/// The bridge address that is the gateway for `container`: each address is inside the subnet of
/// the other.
pub fn gateway(bridge_addresses: &[Cidr], container: Cidr) -> Option<IpAddr> {
    bridge_addresses
        .iter()
        .find(|bridge| container.contains(bridge.address) && bridge.contains(container.address))
        .map(|bridge| bridge.address)
}

/// The values that validation reads, from a [`Request`] or a [`Resolved`].
struct Values<'a> {
    bridge_name: &'a IfName,
    /// `None` where the name is not known yet.
    host_ifname: Option<&'a IfName>,
    container_ifname: &'a IfName,
    bridge_addresses: &'a [Cidr],
    /// Empty where the addresses are not known yet.
    container_addresses: &'a [Cidr],
    /// The subnets that the container will be in.
    subnets: &'a [Cidr],
    routes: &'a [Destination],
    default_route: bool,
    mtu: Option<u32>,
}

impl Values<'_> {
    fn validate(&self) -> Result<(), String> {
        self.validate_names()?;
        self.validate_addresses()?;
        self.validate_routes()?;
        self.validate_mtu()
    }

    fn validate_names(&self) -> Result<(), String> {
        let lo = IfName::lo();
        let names = [
            (Some(self.bridge_name), "bridge"),
            (self.host_ifname, "host interface"),
            (Some(self.container_ifname), "container interface"),
        ];
        for (name, role) in names {
            if name == Some(&lo) {
                return Err(format!(
                    "{role} name \"lo\" is reserved for the loopback interface"
                ));
            }
        }
        if self.host_ifname == Some(self.bridge_name) {
            return Err(format!(
                "name \"{}\" is given to both the bridge and the host interface",
                self.bridge_name
            ));
        }
        for name in [Some(self.bridge_name), self.host_ifname]
            .into_iter()
            .flatten()
        {
            let address = name.as_str().parse::<IpAddr>().ok();
            if self
                .container_addresses
                .iter()
                .any(|cidr| Some(cidr.address) == address)
            {
                return Err(format!(
                    "name \"{name}\" is the container's address, which netsetgo uses as an altname"
                ));
            }
        }
        Ok(())
    }

    fn validate_addresses(&self) -> Result<(), String> {
        let all: Vec<&Cidr> = self
            .bridge_addresses
            .iter()
            .chain(self.container_addresses)
            .collect();
        for (position, cidr) in all.iter().enumerate() {
            let mut rest = all.iter().skip(position + 1);
            if rest.any(|other| other.address == cidr.address) {
                return Err(format!("address {} is given twice", cidr.address));
            }
        }
        self.container_addresses
            .iter()
            .try_for_each(|&cidr| self.validate_gateway_of(cidr))
    }

    /// A container's address needs a bridge address in the same subnet: its gateway.
    fn validate_gateway_of(&self, container: Cidr) -> Result<(), String> {
        if gateway(self.bridge_addresses, container).is_some() {
            return Ok(());
        }
        let family = |bridge: &&Cidr| bridge.width() == container.width();
        Err(match self.bridge_addresses.iter().find(family) {
            None => format!("address {container}: the bridge has no address of this family"),
            Some(bridge) if container.contains(bridge.address) => format!(
                "address {container} is outside the bridge's subnet {}",
                bridge.subnet()
            ),
            Some(bridge) => format!(
                "address {container}: its gateway {} is outside its subnet",
                bridge.address
            ),
        })
    }

    fn validate_routes(&self) -> Result<(), String> {
        for (position, route) in self.routes.iter().enumerate() {
            let network = route.network;
            if !self
                .subnets
                .iter()
                .any(|cidr| cidr.width() == network.width())
            {
                return Err(format!(
                    "route {network}: the container has no address of this family"
                ));
            }
            self.validate_gateway(route)?;
            if self.subnets.iter().any(|cidr| cidr.subnet() == network) {
                return Err(format!(
                    "route {network}: the kernel adds the route to the container's own subnet"
                ));
            }
            let mut rest = self.routes.iter().skip(position + 1);
            if rest.any(|other| other.network == network) {
                return Err(format!("route {network} is given twice"));
            }
            if network.prefix == 0 && self.default_route {
                return Err(format!(
                    "route {network} is a second default route; --no-default-route omits the first"
                ));
            }
        }
        Ok(())
    }

    /// A route's gateway is an address in the container's subnet, and not the container's own.
    fn validate_gateway(&self, route: &Destination) -> Result<(), String> {
        let network = route.network;
        let Some(gateway) = route.gateway else {
            return Ok(());
        };
        let Some(subnet) = self.subnets.iter().find(|cidr| cidr.contains(gateway)) else {
            return Err(format!(
                "route {network}: its gateway {gateway} is outside the container's subnet"
            ));
        };
        if self
            .container_addresses
            .iter()
            .any(|cidr| cidr.address == gateway)
        {
            return Err(format!(
                "route {network}: its gateway {gateway} is the container itself"
            ));
        }
        let neighbour = Cidr {
            address: gateway,
            ..*subnet
        };
        neighbour
            .validate_host()
            .map_err(|error| format!("route {network}: its gateway: {error}"))
    }

    /// The limits are `ETH_MIN_MTU` and `ETH_MAX_MTU`, `linux/if_ether.h`. IPv6 needs 1280 bytes,
    /// RFC 8200 section 5.
    fn validate_mtu(&self) -> Result<(), String> {
        let ipv6 = self
            .bridge_addresses
            .iter()
            .any(|cidr| cidr.address.is_ipv6());
        match self.mtu {
            Some(mtu) if !(68..=65535).contains(&mtu) => Err(format!(
                "mtu {mtu} is outside the range of a veth: 68 to 65535 bytes"
            )),
            Some(mtu) if ipv6 && mtu < 1280 => Err(format!(
                "mtu {mtu} is too small: IPv6 needs at least 1280 bytes"
            )),
            _ => Ok(()),
        }
    }
}
