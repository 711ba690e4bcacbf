//! The result of an `up`, and an entry of `list`: a container and its network.

use crate::config::{Cidr, Destination, IfName, Mac, Resolved};
use crate::engine::query;
use crate::engine::sockets::{Container, Host};
use crate::error::Error;
use crate::plan::observed::{LinkInfo, Observed};
use crate::plan::{bridge, ownership};
use std::net::IpAddr;

/// An interface. Values that are not known are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The name.
    pub name: String,
    /// The interface index in its namespace.
    pub index: Option<u32>,
    /// The hardware address.
    pub mac: Option<Mac>,
    /// The MTU in bytes.
    pub mtu: Option<u32>,
}

impl Interface {
    fn named(name: impl ToString) -> Self {
        Self {
            name: name.to_string(),
            index: None,
            mac: None,
            mtu: None,
        }
    }
}

impl From<&LinkInfo> for Interface {
    fn from(link: &LinkInfo) -> Self {
        Self {
            name: link.name.to_string(),
            index: Some(link.index),
            mac: link.mac,
            mtu: Some(link.mtu),
        }
    }
}

/// An address of a container, with its gateway on the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address with its prefix length.
    pub cidr: Cidr,
    /// The bridge's address in the same subnet; `None` where the bridge has none there.
    pub gateway: Option<IpAddr>,
}

/// A container and its network. Values that are not known are `None`, or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The owner id.
    pub id: Option<String>,
    /// The bridge.
    pub bridge: Interface,
    /// The host end of the veth pair.
    pub host: Interface,
    /// The container end of the veth pair.
    pub container: Option<Interface>,
    /// The container's addresses.
    pub addresses: Vec<Address>,
    /// The routes that the request names, and the default routes. `list` does not read them.
    pub routes: Vec<Destination>,
    /// The process with the lowest id in the container's namespace; only `list` finds it.
    pub pid: Option<u32>,
    /// The name of the container's namespace under /run/netns; only `list` finds it.
    pub netns: Option<String>,
    /// What `up` could not set, though packets pass.
    pub warnings: Vec<Error>,
}

impl Attached {
    /// The container's gateways: at most one for each address family.
    pub fn gateways(&self) -> Vec<IpAddr> {
        let mut gateways: Vec<IpAddr> = Vec::new();
        for gateway in self.addresses.iter().filter_map(|address| address.gateway) {
            let family = |other: &IpAddr| other.is_ipv4() == gateway.is_ipv4();
            if !gateways.iter().any(family) {
                gateways.push(gateway);
            }
        }
        gateways
    }

    /// The network that `config` describes, after its plan succeeded. `host_end` is the host end,
    /// where the caller has read it. A query that fails leaves its values unknown, since the
    /// attachment itself has succeeded.
    pub(super) fn after(
        config: &Resolved,
        observed: &Observed,
        host_end: Option<LinkInfo>,
        host: &mut Host,
        container: &mut Container,
    ) -> Self {
        let host_end = host_end
            .or_else(|| query::link(&mut host.socket, &config.host_ifname).unwrap_or_default());
        let container_end = match &observed.pair {
            Some(pair) if host_end.as_ref() == Some(&pair.host) => Some(pair.container.clone()),
            _ => query::link(&mut container.socket, &config.container_ifname).unwrap_or_default(),
        };
        let bridge = match &observed.bridge {
            Some(bridge) => Interface::from(&bridge.link),
            // A new bridge has one port, and takes its MTU (br_mtu_auto_adjust,
            // net/bridge/br_if.c).
            None => Interface {
                name: config.bridge_name.to_string(),
                index: host_end.as_ref().and_then(|link| link.master),
                mac: Some(bridge::new_mac(config, observed)),
                mtu: host_end.as_ref().map(|link| link.mtu),
            },
        };
        let interface = |link: Option<LinkInfo>, name: &IfName| match link {
            Some(link) => Interface::from(&link),
            None => Interface::named(name),
        };
        let address = |&cidr: &Cidr| Address {
            cidr,
            gateway: config.gateway(cidr),
        };
        let kept = host_end
            .as_ref()
            .and_then(|link| ownership::id_in(&link.altnames));
        let id = config.id.as_ref().map(|id| id.as_str()).or(kept);
        Self {
            id: id.map(str::to_owned),
            bridge,
            host: interface(host_end, &config.host_ifname),
            container: Some(interface(container_end, &config.container_ifname)),
            addresses: config.container_addresses.iter().map(address).collect(),
            routes: config.all_routes(),
            pid: None,
            netns: None,
            warnings: Vec::new(),
        }
    }

    /// The container behind `port`, a host end on `bridge`; nothing else is known of it.
    pub(super) fn behind(port: &LinkInfo, bridge: &LinkInfo) -> Self {
        Self {
            id: ownership::id_in(&port.altnames).map(str::to_owned),
            bridge: bridge.into(),
            host: port.into(),
            container: None,
            addresses: Vec::new(),
            routes: Vec::new(),
            pid: None,
            netns: None,
            warnings: Vec::new(),
        }
    }
}
