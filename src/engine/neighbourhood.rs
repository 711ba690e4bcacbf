//! What the host reaches by links that netsetgo did not create: a request must not take it away.

use super::query::{link, link_by_index, unnamed_routes};
use crate::config::{Cidr, Request, Resolved};
use crate::error::{Error, Result};
use crate::os::socket::Socket;
use crate::plan::observed::{LinkInfo, RouteInfo};
use std::net::IpAddr;

/// The bridge and the host's routes, read before netsetgo allocates addresses.
#[derive(Clone, Debug, Default)]
pub struct Neighbourhood {
    /// The link that has the bridge's name, where one has it.
    pub bridge: Option<LinkInfo>,
    /// The host's unicast routes of the main table; empty where a bridge that netsetgo created
    /// exists already, since `up` has compared them when it created the bridge.
    routes: Vec<RouteInfo>,
}

impl Neighbourhood {
    /// Reads the link of the bridge's name and, unless netsetgo created it, the host's routes.
    ///
    /// # Errors
    /// The kernel's error.
    pub fn read(request: &Request, socket: &mut Socket) -> Result<Self> {
        let bridge = link(socket, &request.bridge_name)?;
        let routes = match &bridge {
            Some(bridge) if bridge.is_marked() => Vec::new(),
            _ => unnamed_routes(socket)?,
        };
        Ok(Self { bridge, routes })
    }

    /// Whether a route of the host has this gateway.
    pub fn is_gateway(&self, address: IpAddr) -> bool {
        self.routes
            .iter()
            .any(|route| route.gateway == Some(address))
    }

    /// Checks that the container's addresses are no gateways of the host, and that no other link of
    /// the host reaches a subnet that a new bridge would have.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::error::Kind::Conflict), with the route and its link.
    pub fn allows(&self, config: &Resolved, socket: &mut Socket) -> Result<()> {
        for cidr in &config.container_addresses {
            self.is_no_gateway(cidr.address, socket)?;
        }
        if self.bridge.is_some() {
            return Ok(());
        }
        for cidr in &config.bridge_addresses {
            self.is_no_gateway(cidr.address, socket)?;
            let Some(route) = self.routes.iter().find(|route| overlaps(route, *cidr)) else {
                continue;
            };
            return Err(Error::conflict(format!(
                "subnet {} in host: the route to {} by {} reaches it already",
                cidr.subnet(),
                route.network,
                name_of(route, socket)?
            ))
            .with_hint("choose another subnet by --bridge-address"));
        }
        Ok(())
    }

    fn is_no_gateway(&self, address: IpAddr, socket: &mut Socket) -> Result<()> {
        let gateway = |route: &&RouteInfo| route.gateway == Some(address);
        match self.routes.iter().find(gateway) {
            None => Ok(()),
            Some(route) => Err(Error::conflict(format!(
                "address {address} in host: it is the gateway of the host's route to {} by {}",
                route.network,
                name_of(route, socket)?
            ))),
        }
    }
}

/// Whether the route takes packets of the subnet, or the subnet takes packets of the route. A wider
/// route through a gateway, such as a default route, may contain the subnet: the narrower route of
/// the bridge is then preferred, and the host loses none of its own neighbours.
fn overlaps(route: &RouteInfo, cidr: Cidr) -> bool {
    let network = route.network;
    if network.prefix >= cidr.prefix {
        return cidr.contains(network.address);
    }
    network.prefix > 0 && route.gateway.is_none() && network.contains(cidr.address)
}

fn name_of(route: &RouteInfo, socket: &mut Socket) -> Result<String> {
    let link = match route.link {
        Some(index) => link_by_index(socket, index)?,
        None => None,
    };
    Ok(link.map_or_else(|| "another link".into(), |link| link.name.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        let (address, prefix) = text.split_once('/').unwrap();
        Cidr {
            address: address.parse().unwrap(),
            prefix: prefix.parse().unwrap(),
        }
    }

    fn route(network: &str, gateway: Option<&str>) -> RouteInfo {
        RouteInfo {
            network: cidr(network),
            gateway: gateway.map(|gateway| gateway.parse().unwrap()),
            link: Some(2),
            link_name: None,
            metric: 0,
        }
    }

    #[test]
    fn route_overlaps_a_subnet_unless_it_is_wider_with_a_gateway() {
        let subnet = cidr("10.10.10.1/24");
        for (network, gateway, expected) in [
            ("10.10.10.0/24", None, true),
            ("10.10.10.0/24", Some("192.0.2.1"), true),
            ("10.10.10.128/25", Some("192.0.2.1"), true),
            ("10.0.0.0/8", None, true),
            ("10.0.0.0/8", Some("192.0.2.1"), false),
            ("0.0.0.0/0", Some("192.0.2.1"), false),
            ("0.0.0.0/0", None, false),
            ("10.10.11.0/24", None, false),
            ("fd00::/64", None, false),
        ] {
            assert_eq!(
                overlaps(&route(network, gateway), subnet),
                expected,
                "{network} {gateway:?}"
            );
        }
    }
}
