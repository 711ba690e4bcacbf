//! What is there before a plan is made. `engine/observe.rs` reads it from the kernel.

use crate::config::{Cidr, IfName, Mac};
use std::net::IpAddr;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its index in its namespace.
    pub index: u32,
    /// Its name.
    pub name: IfName,
    /// Its further names.
    pub names: Vec<String>,
    /// Its driver: "bridge", "veth"; none for hardware and the loopback.
    pub kind: Option<String>,
    /// Whether it is set up.
    pub up: bool,
    /// The bridge, or other master, that it is a port of.
    pub master: Option<u32>,
    /// As a bridge's port: hairpin, isolated.
    pub port: (bool, bool),
    /// Its largest packet.
    pub mtu: u32,
    /// Its hardware address, where it has six bytes.
    pub mac: Option<Mac>,
    /// Whether we made it: it is in the group [`super::op::OWNER_GROUP`].
    pub ours: bool,
}

impl Link {
    /// Whether this driver made it: "bridge", "veth".
    pub fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }
}

/// The bridge of the configured name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// The link; its kind is "bridge".
    pub link: Link,
    /// Its hardware address is neither given nor a port's: the next port's will take its place.
    pub unaddressed: bool,
    /// Which of the configured addresses it has.
    pub addresses: Vec<Cidr>,
    /// Configured addresses that it has with another prefix.
    pub halves: Vec<Cidr>,
}

/// The container's side, where the pair is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The host's end.
    pub host: Link,
    /// The container's end.
    pub container: Link,
    /// The container's end's addresses.
    pub addresses: Vec<Cidr>,
}

/// A route of the main table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// To this network; a default route's has no bits.
    pub network: Cidr,
    /// Through this neighbour; none goes straight out of the link.
    pub gateway: Option<IpAddr>,
    /// Out of this link.
    pub link: Option<u32>,
    /// That link's name.
    pub link_name: Option<IfName>,
    /// Of several to one network the one of the lowest counts.
    pub metric: u32,
}

/// What there is of a container's network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// What tells this machine from others; only looked for where a bridge is to be made.
    pub machine: Vec<u8>,
    /// The bridge.
    pub bridge: Option<Bridge>,
    /// The pair.
    pub pair: Option<Pair>,
    /// The container's routes; only looked for where something is there already.
    pub routes: Vec<RouteInfo>,
    /// The container's loopback is up.
    pub lo_up: bool,
    /// The container's loopback has an address. Setting it up gives it one, and setting it down
    /// does not take that away.
    pub lo_addressed: bool,
}
