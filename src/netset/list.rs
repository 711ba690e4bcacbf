//! `list`: bridges and the containers on them, as the kernel tells.

use crate::config::{Cidr, Mac, NetworkConfig};
use crate::engine::query::{self, LinkInfo};
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::os::netns::NetnsHandle;
use crate::os::process::namespaces;
use crate::plan::ownership;
use nix::errno::Errno;
use std::os::fd::AsRawFd;

/// A bridge and who is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedBridge {
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<Cidr>,
    /// The containers of ours on it.
    pub containers: Vec<ListedContainer>,
}

/// A container on a bridge. What is not known is none, or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedContainer {
    /// Whose it is.
    pub id: Option<String>,
    /// The host's end of its pair.
    pub host_ifname: String,
    /// The container's end.
    pub container_ifname: Option<String>,
    /// The container's addresses.
    pub addresses: Vec<Cidr>,
    /// The container's hardware address.
    pub mac: Option<Mac>,
    /// A process in its namespace: the one of the lowest number.
    pub pid: Option<u32>,
    /// Its namespace's name under /run/netns.
    pub netns: Option<String>,
}

/// What is known of namespaces besides their ids here.
#[derive(Default)]
struct Known {
    pids: Vec<(i32, u32)>,
    names: Vec<(i32, String)>,
}

impl Known {
    fn read(host: &mut Host) -> Self {
        let named = NetnsHandle::named()
            .into_iter()
            .filter_map(|(name, handle)| {
                let id = query::nsid(&mut host.socket, handle.as_raw_fd()).ok()??;
                Some((id, name))
            });
        let names = named.collect();
        let pids = namespaces(|pid| query::nsid_of(&mut host.socket, pid));
        Self { pids, names }
    }
}

fn of<T: Clone>(netns: i32, all: &[(i32, T)]) -> Option<T> {
    let known = all.iter().find(|(id, _)| *id == netns);
    known.map(|(_, known)| known.clone())
}

/// Bridges that are ours, or have containers of ours.
pub fn list() -> Result<Vec<ListedBridge>> {
    let mut host = Host::open()?;
    let all = query::links(&mut host.socket, None)?;
    let known = Known::read(&mut host);
    let mut bridges = Vec::new();
    for bridge in all.iter().filter(|told| told.link.is("bridge")) {
        let is_port = |told: &&LinkInfo| told.link.master == Some(bridge.link.index);
        let ports = all.iter().filter(is_port).filter(|told| told.link.ours);
        let containers = ports
            .map(|port| container(&mut host, port, &known))
            .collect::<Result<Vec<ListedContainer>>>()?;
        if bridge.link.ours || !containers.is_empty() {
            let addresses = match query::global_addresses_of(&mut host.socket, bridge.link.index) {
                Ok(addresses) => addresses,
                // It has gone since the links were listed.
                Err(error) if error.is(Errno::ENODEV) => continue,
                Err(error) => return Err(error),
            };
            let name = bridge.link.name.to_string();
            bridges.push(ListedBridge {
                name,
                addresses,
                containers,
            });
        }
    }
    Ok(bridges)
}

/// The container that an `up` with these words has attached: as the kernel tells, or where it
/// does not, as the words say.
pub fn describe(config: &NetworkConfig) -> ListedContainer {
    told(config)
        .ok()
        .flatten()
        .unwrap_or_else(|| ListedContainer {
            id: config.id.as_ref().map(ToString::to_string),
            host_ifname: config.host_ifname.to_string(),
            container_ifname: Some(config.container_ifname.to_string()),
            addresses: config.container_addresses.clone(),
            mac: config.mac,
            pid: None,
            netns: None,
        })
}

fn told(config: &NetworkConfig) -> Result<Option<ListedContainer>> {
    let mut host = Host::open()?;
    let port = query::link(&mut host.socket, &config.host_ifname)?;
    port.map(|port| container(&mut host, &port, &Known::default()))
        .transpose()
}

/// Its other end is asked from here, by its namespace's id; who may not, knows what the names say.
fn container(host: &mut Host, port: &LinkInfo, known: &Known) -> Result<ListedContainer> {
    let mut listed = ListedContainer {
        id: ownership::id_in(&port.link.names).map(str::to_owned),
        host_ifname: port.link.name.to_string(),
        ..ListedContainer::default()
    };
    let (Some(netns), Some(peer)) = (port.peer_netns, port.peer) else {
        return Ok(listed);
    };
    listed.pid = of(netns, &known.pids);
    listed.netns = of(netns, &known.names);
    if let Ok(Some(end)) = query::link_in(&mut host.socket, netns, peer) {
        listed.container_ifname = Some(end.link.name.to_string());
        listed.mac = end.link.mac;
    }
    if let Ok(addresses) = query::global_addresses_in(&mut host.socket, netns, peer) {
        listed.addresses = addresses;
    }
    Ok(listed)
}
