//! `list`: bridges and their containers, read from the kernel.

use super::attached::{Address, Attached};
use crate::config::{Cidr, gateway};
use crate::engine::query;
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::os::netns::NetnsHandle;
use crate::os::process;
use crate::plan::observed::LinkInfo;
use nix::errno::Errno;
use std::os::fd::AsRawFd;

/// A bridge with its containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeEntry {
    /// The bridge's name.
    pub name: String,
    /// The bridge's addresses.
    pub addresses: Vec<Cidr>,
    /// The containers that netsetgo attached to the bridge.
    pub containers: Vec<Attached>,
}

/// The processes and the names of namespaces, by the namespace's id in the host.
struct Namespaces {
    pids: Vec<(i32, u32)>,
    names: Vec<(i32, String)>,
}

impl Namespaces {
    fn read(host: &mut Host) -> Self {
        let names = NetnsHandle::named()
            .into_iter()
            .filter_map(|(name, handle)| {
                let id = query::nsid(&mut host.socket, handle.as_raw_fd()).ok()??;
                Some((id, name))
            });
        let names = names.collect();
        let pids = process::ids()
            .into_iter()
            .filter_map(|pid| Some((query::nsid_of(&mut host.socket, pid)?, pid)))
            .collect();
        Self { pids, names }
    }
}

fn find<T: Clone>(nsid: i32, all: &[(i32, T)]) -> Option<T> {
    let found = all.iter().find(|(id, _)| *id == nsid);
    found.map(|(_, value)| value.clone())
}

/// The bridges that netsetgo created, and the bridges that have its containers.
pub(super) fn list(host: &mut Host) -> Result<Vec<BridgeEntry>> {
    let links = query::links(&mut host.socket, None)?;
    let namespaces = Namespaces::read(host);
    let mut entries = Vec::new();
    for bridge in links.iter().filter(|link| link.is("bridge")) {
        let ports: Vec<&LinkInfo> = links
            .iter()
            .filter(|link| link.master == Some(bridge.index) && link.is_marked())
            .collect();
        if !bridge.is_marked() && ports.is_empty() {
            continue;
        }
        let addresses = match query::global_addresses_of(&mut host.socket, bridge.index) {
            Ok(addresses) => addresses,
            // Another process deleted the bridge after the dump of links.
            Err(error) if error.is(Errno::ENODEV) => continue,
            Err(error) => return Err(error),
        };
        let containers = ports
            .into_iter()
            .map(|port| container(host, port, bridge, &addresses, &namespaces))
            .collect();
        entries.push(BridgeEntry {
            name: bridge.name.to_string(),
            addresses,
            containers,
        });
    }
    Ok(entries)
}

/// The container behind a port. The host's socket queries the container end by its namespace's id.
/// Without the permission, only the port's altnames tell about the container.
fn container(
    host: &mut Host,
    port: &LinkInfo,
    bridge: &LinkInfo,
    gateways: &[Cidr],
    namespaces: &Namespaces,
) -> Attached {
    let mut attached = Attached::behind(port, bridge);
    let (Some(nsid), Some(peer)) = (port.peer_nsid, port.peer) else {
        return attached;
    };
    attached.pid = find(nsid, &namespaces.pids);
    attached.netns = find(nsid, &namespaces.names);
    if let Ok(Some(container_end)) = query::link_in(&mut host.socket, nsid, peer) {
        attached.container = Some((&container_end).into());
    }
    if let Ok(addresses) = query::global_addresses_in(&mut host.socket, nsid, peer) {
        let address = |cidr| Address {
            cidr,
            gateway: gateway(gateways, cidr),
        };
        attached.addresses = addresses.into_iter().map(address).collect();
    }
    attached
}
