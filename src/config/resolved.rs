//! A request with every name and address known.

use super::{Backend, Cidr, Destination, Id, IfName, Mac, Request};
use crate::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How a bridge treats a port (`IFLA_BRPORT_MODE` and `IFLA_BRPORT_ISOLATED`, `linux/if_link.h`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortSettings {
    /// Hairpin mode: the bridge may send a frame back out of the port on which it arrived.
    pub hairpin: bool,
    /// Isolation: the bridge forwards no frame between two isolated ports.
    pub isolated: bool,
}

/// The network of a container with every name and address known. Planning takes nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The bridge's name.
    pub bridge_name: IfName,
    /// The bridge's addresses: they are the containers' gateways.
    pub bridge_addresses: Vec<Cidr>,
    /// The hardware address of a new bridge; `None`: [`Mac::stable`].
    pub bridge_mac: Option<Mac>,
    /// Which interface of the kernel creates the bridge.
    pub bridge_backend: Backend,
    /// The container's addresses.
    pub container_addresses: Vec<Cidr>,
    /// The name of the host end of the veth pair.
    pub host_ifname: IfName,
    /// The name of the container end of the veth pair.
    pub container_ifname: IfName,
    /// The owner id that the kernel keeps with the link.
    pub id: Option<Id>,
    /// The MTU of both ends, in bytes; `None`: the bridge's.
    pub mtu: Option<u32>,
    /// The container end's hardware address; `None`: the kernel chooses a random one.
    pub mac: Option<Mac>,
    /// How the bridge treats the container's port.
    pub port: PortSettings,
    /// Routes besides the default route.
    pub routes: Vec<Destination>,
    /// Whether the container gets a default route.
    pub default_route: bool,
}

impl Resolved {
    /// One bridge address and one container address: [`Request::new`], resolved.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) for a value that is invalid.
    pub fn new(
        bridge_name: &str,
        bridge_address: &str,
        container_address: &str,
        veth_name_prefix: &str,
    ) -> Result<Self, Error> {
        let request = Request::new(
            bridge_name,
            bridge_address,
            container_address,
            veth_name_prefix,
        )?;
        request.resolve(request.static_addresses().to_vec(), None)
    }

    /// The bridge address that is the gateway for `container`: each address is inside the subnet
    /// of the other. `None` where the bridge has no such address.
    pub fn gateway(&self, container: Cidr) -> Option<IpAddr> {
        super::validate::gateway(&self.bridge_addresses, container)
    }

    /// The container's gateways: at most one for each address family.
    pub fn gateways(&self) -> Vec<IpAddr> {
        let mut gateways: Vec<IpAddr> = Vec::new();
        let all = self
            .container_addresses
            .iter()
            .filter_map(|&cidr| self.gateway(cidr));
        for gateway in all {
            if gateways
                .iter()
                .all(|other| other.is_ipv4() != gateway.is_ipv4())
            {
                gateways.push(gateway);
            }
        }
        gateways
    }

    /// All routes that the container gets, each with its gateway: the default routes first. A
    /// route without a gateway goes through the bridge.
    pub fn all_routes(&self) -> Vec<Destination> {
        let gateways = self.gateways();
        let default = |&gateway: &IpAddr| Destination {
            network: Cidr {
                address: match gateway {
                    IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
                    IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
                },
                prefix: 0,
            },
            gateway: Some(gateway),
        };
        let defaults = gateways.iter().filter(|_| self.default_route).map(default);
        let routes = self.routes.iter().map(|route| {
            let family = |gateway: &&IpAddr| gateway.is_ipv4() == route.network.address.is_ipv4();
            Destination {
                gateway: route.gateway.or(gateways.iter().find(family).copied()),
                ..*route
            }
        });
        defaults.chain(routes).collect()
    }
}
