//! `down`: deletes a container's veth pair, and the bridge with its last container.

use super::restart::wait_for_ended_containers;
use crate::config::{Id, IfName, NAMED, NetnsRef};
use crate::engine::kernel::Known;
use crate::engine::observe;
use crate::engine::query;
use crate::engine::run::{gone, run};
use crate::engine::sockets::{Container, Host, Sockets};
use crate::error::{Error, Result};
use crate::os::lock::Lock;
use crate::plan::observed::LinkInfo;
use crate::plan::step::{Place, Step};
use crate::plan::{detach, ownership};
use nix::errno::Errno;
use std::os::fd::AsRawFd;

/// The attachments that `down` removes.
#[derive(Clone, Debug)]
pub struct Target {
    /// The container.
    pub container: Option<NetnsRef>,
    /// Only the attachment with this container end; `None`: all attachments.
    pub container_ifname: Option<IfName>,
    /// Only the attachment with this host end; `None`: any.
    pub host_ifname: Option<IfName>,
    /// Only attachments to this bridge; `None`: to any.
    pub bridge: Option<IfName>,
    /// The owner id. Without `container`: all attachments of this owner. With it: the owner that
    /// the attachment must have.
    pub id: Option<Id>,
    /// Keep the bridge, also without ports.
    pub keep_bridge: bool,
}

/// Deletes the veth pairs of the target, then each bridge that netsetgo created and nothing uses.
pub(super) fn down(host: &mut Host, bridge: &IfName, target: &Target) -> Result<()> {
    let mut bridges = Vec::new();
    let ends = host_ends(target, host)?;
    if ends.is_empty() {
        wait_for_ended_containers(host)?;
    }
    for host_end in ends {
        let master = match host_end.master {
            Some(master) => query::link_by_index(&mut host.socket, master)?,
            None => None,
        };
        let on = master.map(|bridge| bridge.name);
        if target.bridge.is_some() && target.bridge != on {
            continue;
        }
        bridges.extend(on.filter(|on| !bridges.contains(on)));
        remove(host, &host_end, &detach::pair(&host_end.name))?;
    }
    if bridges.is_empty() {
        bridges.push(bridge.clone());
    }
    if !target.keep_bridge {
        bridges
            .iter()
            .try_for_each(|bridge| release_bridge(host, bridge))?;
    }
    Ok(())
}

/// The host ends of the target's veth pairs.
fn host_ends(target: &Target, host: &mut Host) -> Result<Vec<LinkInfo>> {
    let opened = match &target.container {
        None => None,
        Some(reference) => match Container::open(host, reference) {
            Ok(container) => Some(container),
            // The kernel deleted the veth pair with the namespace, unless another process keeps
            // the namespace.
            Err(error) if is_gone(reference, &error) => None,
            Err(error) => return Err(error),
        },
    };
    let mut ends = match (opened, &target.id) {
        (Some(mut container), _) => of_container(target, host, &mut container)?,
        (None, Some(id)) => of_owner(id, target.container_ifname.as_ref(), host)?,
        (None, None) => Vec::new(),
    };
    ends.retain(|host_end| {
        let named = |name: &IfName| *name == host_end.name;
        target.host_ifname.as_ref().is_none_or(named)
    });
    Ok(ends)
}

/// The host ends of an owner; with `container_ifname` only the one with this container end.
fn of_owner(id: &Id, container_ifname: Option<&IfName>, host: &mut Host) -> Result<Vec<LinkInfo>> {
    let mut all = query::links(&mut host.socket, None)?;
    all.retain(|link| {
        let has_altname =
            |name: &IfName| link.altnames.contains(&ownership::owner_altname(id, name));
        link.is_marked()
            && owner(link) == Some(id.as_str())
            && container_ifname.is_none_or(has_altname)
    });
    Ok(all)
}

/// The host ends of a container's veth pairs: that of the named container end, or all.
fn of_container(
    target: &Target,
    host: &mut Host,
    container: &mut Container,
) -> Result<Vec<LinkInfo>> {
    let candidates = match &target.container_ifname {
        Some(name) => observe::pair_of(host, container, name)?
            .map(|(host_end, _)| host_end)
            .into_iter()
            .collect(),
        None => with_peer_in(host, container)?,
    };
    let (mut ends, mut others) = (Vec::new(), None);
    for host_end in candidates {
        match excluded(target, &host_end) {
            None => ends.push(host_end),
            Some(reason) => {
                let name = &host_end.name;
                let refused = Error::conflict(format!("name {name} in host: {reason}"));
                // A link that the caller did not name matters only where netsetgo created it.
                let missed = host_end.is_marked() || target.container_ifname.is_some();
                others = others.or(missed.then_some(refused));
            }
        }
    }
    match others {
        Some(refused) if ends.is_empty() => Err(refused),
        _ => Ok(ends),
    }
}

/// The veth links of the host whose peer is in the container. Only the host's kernel answers: the
/// container may have renamed its end, or have any number of links.
fn with_peer_in(host: &mut Host, container: &Container) -> Result<Vec<LinkInfo>> {
    let id = query::nsid(&mut host.socket, container.netns.as_raw_fd())?;
    let Some(id) = id else {
        return Ok(Vec::new());
    };
    let mut links = query::links(&mut host.socket, None)?;
    links.retain(|link| link.is("veth") && link.peer_nsid == Some(id));
    Ok(links)
}

/// The reason not to delete a link of the container: netsetgo did not create it, or it has another
/// owner.
fn excluded(target: &Target, host_end: &LinkInfo) -> Option<String> {
    if !host_end.is_marked() {
        return Some("netsetgo did not create the container's link".into());
    }
    match (owner(host_end), &target.id) {
        (Some(owner), Some(id)) if owner != id.as_str() => {
            Some(format!("its owner is {owner}, not {id}"))
        }
        _ => None,
    }
}

fn owner(link: &LinkInfo) -> Option<&str> {
    ownership::id_in(&link.altnames)
}

/// Whether the namespace is gone: its process has ended, or its file does not exist. A file under
/// /run/netns that is no namespace is the rest of one that was unmounted.
fn is_gone(reference: &NetnsRef, error: &Error) -> bool {
    match reference {
        NetnsRef::Pid(_) => error.is(Errno::ESRCH),
        NetnsRef::Path(path) => {
            let named = [NAMED, "/var/run/netns"]
                .iter()
                .any(|dir| path.starts_with(dir));
            error.is(Errno::ENOENT) || named && error.is(Errno::EINVAL)
        }
        NetnsRef::Descriptor(_) => false,
    }
}

/// Deletes the attachment with this host end, if it still exists, then the bridge.
pub(super) fn remove_attachment(
    host: &mut Host,
    bridge: &IfName,
    host_end: Option<u32>,
) -> Result<()> {
    // The index identifies the link: another process may use its name by now.
    let host_end = host_end
        .map(|index| query::link_by_index(&mut host.socket, index))
        .transpose()?
        .flatten();
    if let Some(host_end) = host_end.filter(LinkInfo::is_marked) {
        remove(host, &host_end, &detach::pair(&host_end.name))?;
    }
    release_bridge(host, bridge)
}

/// Deletes the bridge where netsetgo created it and nothing uses it. From a pre-existing bridge
/// without a port of netsetgo, removes the addresses that netsetgo added. The lock keeps other
/// netsetgo processes from adding a port in between.
fn release_bridge(host: &mut Host, name: &IfName) -> Result<()> {
    let _lock = Lock::take()?;
    let link = query::link(&mut host.socket, name)?;
    let Some(bridge) = link.filter(|link| link.is("bridge")) else {
        return Ok(());
    };
    if !bridge.is_marked() {
        let ports = query::links(&mut host.socket, Some(bridge.index))?;
        if ports.iter().any(LinkInfo::is_marked) {
            return Ok(());
        }
        let owned = query::owned_addresses_of(&mut host.socket, bridge.index)?;
        return remove(host, &bridge, &detach::owned_addresses(name, &owned));
    }
    let links = query::links(&mut host.socket, None)?;
    if !links.iter().any(|link| link.uses(&bridge)) {
        remove(host, &bridge, &detach::bridge(name))?;
    }
    Ok(())
}

/// Runs steps on one link. A link that another process deleted first is a success.
pub(super) fn remove(host: &mut Host, link: &LinkInfo, steps: &[Step]) -> Result<()> {
    let mut known = Known::default();
    known.learn(Place::Host, &link.name, link.index);
    let mut sockets = Sockets {
        host,
        container: None,
    };
    match run(&mut sockets, known, steps) {
        Err(error)
            if error
                .netlink
                .as_ref()
                .is_some_and(|reply| gone(reply.errno)) =>
        {
            Ok(())
        }
        done => done.map(drop),
    }
}
