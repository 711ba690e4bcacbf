//! What exists before a plan is made. `engine/observe.rs` reads it from the kernel.

use super::op::{OWNER_GROUP, is_pending_deletion_group};
use crate::config::{Cidr, IfName, Mac, PortSettings};
use crate::wire::link::ParsedLink;
use crate::wire::route::ParsedRoute;
use std::net::IpAddr;

/// A link as the kernel describes it, with netsetgo's types for names and addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkInfo {
    /// The interface index in the link's namespace.
    pub index: u32,
    /// The name (IFLA_IFNAME).
    pub name: IfName,
    /// The altnames (IFLA_ALT_IFNAME).
    pub altnames: Vec<String>,
    /// The driver (IFLA_INFO_KIND), as in "bridge" or "veth"; `None` for hardware and loopback.
    pub kind: Option<String>,
    /// Whether the link is administratively up (IFF_UP).
    pub up: bool,
    /// The bridge, or other master, that the link is a port of (IFLA_MASTER).
    pub master: Option<u32>,
    /// How the bridge treats the link as its port.
    pub port: PortSettings,
    /// The spanning tree state of the port (IFLA_BRPORT_STATE); 3 is forwarding.
    pub port_state: Option<u8>,
    /// The MTU in bytes.
    pub mtu: u32,
    /// The hardware address, where it has six bytes.
    pub mac: Option<Mac>,
    /// The device group (IFLA_GROUP).
    pub group: u32,
    /// The other end of a veth pair, or the link below a VLAN: its index in its own namespace
    /// (IFLA_LINK).
    pub peer: Option<u32>,
    /// The id of the peer's namespace, as the queried namespace knows it (IFLA_LINK_NETNSID);
    /// `None` where it is the same namespace.
    pub peer_nsid: Option<i32>,
    /// Whether the link has carrier; a veth has it while both ends are up.
    pub carrier: bool,
    /// A bridge that has no hardware address of its own and no port: the first port's address
    /// becomes the bridge's.
    pub unaddressed: bool,
}

impl From<ParsedLink> for LinkInfo {
    fn from(link: ParsedLink) -> Self {
        Self {
            index: link.index,
            name: IfName::from_kernel(link.name),
            altnames: link.altnames,
            kind: link.kind,
            up: link.up,
            master: link.master,
            port: PortSettings {
                hairpin: link.hairpin,
                isolated: link.isolated,
            },
            port_state: link.port_state,
            mtu: link.mtu,
            mac: link.mac.map(Mac),
            group: link.group,
            peer: link.peer,
            peer_nsid: link.peer_nsid,
            carrier: link.carrier,
            unaddressed: link.unaddressed,
        }
    }
}

impl LinkInfo {
    /// Whether this driver made the link, as in "bridge" or "veth".
    pub fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    /// Whether netsetgo created the link. The ownership marker is its device group. netsetgo creates
    /// bridges and veth pairs only, so that another link in the group is not its own.
    pub fn is_marked(&self) -> bool {
        let group = self.group == OWNER_GROUP || self.is_pending();
        group && (self.is("bridge") || self.is("veth"))
    }

    /// Whether a process of netsetgo is deleting the link, or was killed while it did.
    pub fn is_pending(&self) -> bool {
        is_pending_deletion_group(self.group)
    }

    /// Whether this link is a port of the bridge, or is stacked on it, as a VLAN or a macvlan is.
    pub fn uses(&self, bridge: &Self) -> bool {
        let index = Some(bridge.index);
        self.master == index || self.peer == index && self.peer_nsid.is_none()
    }
}

/// The bridge of the requested name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// The link; its kind is "bridge".
    pub link: LinkInfo,
    /// The requested addresses that the bridge has.
    pub addresses: Vec<Cidr>,
    /// The requested addresses that the bridge has with another prefix length.
    pub wrong_prefixes: Vec<Cidr>,
    /// Whether the host accepts router advertisements from the bridge (sysctl accept_ra); read only
    /// where netsetgo created the bridge.
    pub accepts_ra: bool,
}

/// The veth pair, where it exists already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The host end.
    pub host: LinkInfo,
    /// The container end.
    pub container: LinkInfo,
    /// The addresses of the container end.
    pub addresses: Vec<Cidr>,
}

/// A unicast route of the main table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// The destination; prefix length 0 is a default route.
    pub network: Cidr,
    /// The gateway; `None` where the destination is on the link itself.
    pub gateway: Option<IpAddr>,
    /// The index of the output link.
    pub link: Option<u32>,
    /// The name of the output link, where it is known.
    pub link_name: Option<IfName>,
    /// The metric (RTA_PRIORITY): of several routes to one destination, the lowest is used.
    pub metric: u32,
}

impl From<ParsedRoute> for RouteInfo {
    fn from(route: ParsedRoute) -> Self {
        Self {
            network: Cidr {
                address: route.destination,
                prefix: route.header.dst_len,
            },
            gateway: route.gateway,
            link: route.link,
            link_name: None,
            metric: route.metric,
        }
    }
}

/// What exists of a container's network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The identity of the machine for [`Mac::stable`]; read only where a bridge needs an address.
    pub machine: Vec<u8>,
    /// The bridge.
    pub bridge: Option<Bridge>,
    /// The veth pair.
    pub pair: Option<Pair>,
    /// The container's routes; read only where the container may have some.
    pub routes: Vec<RouteInfo>,
    /// Whether the container's loopback interface is up.
    pub lo_up: bool,
    /// Whether the container's loopback interface has an IPv4 address. The kernel adds 127.0.0.1
    /// when the interface is set up, and keeps it when the interface is set down.
    pub lo_addressed: bool,
}
