//! `gc`: removes what netsetgo created and no container uses any more.
//!
//! The kernel deletes a veth pair with the container's namespace. Two things can remain: a bridge
//! whose last container ended without a `down`, and a veth pair whose container end was moved back
//! into the host's namespace.

use super::down::remove;
use super::restart::wait_for_ended_containers;
use crate::engine::kernel::Known;
use crate::engine::query;
use crate::engine::run::run;
use crate::engine::sockets::{Host, Sockets};
use crate::error::{Error, Result};
use crate::os::lock::Lock;
use crate::plan::detach;
use crate::plan::observed::LinkInfo;
use crate::plan::op::pending_deletion_group;
use crate::plan::step::Place;
use std::hash::{BuildHasher, RandomState};

/// Deletes the unused links in one request, then removes unused addresses from pre-existing
/// bridges. Returns the names of both.
pub(super) fn gc(host: &mut Host, dry_run: bool) -> Result<Vec<String>> {
    wait_for_ended_containers(host)?;
    let _lock = Lock::take()?;
    let links = query::links(&mut host.socket, None)?;
    let unused: Vec<&LinkInfo> = links
        .iter()
        .filter(|link| is_unused(link, &links))
        .collect();
    if !dry_run && !unused.is_empty() {
        delete(host, &unused, free_group(&links)?)?;
    }
    let mut names: Vec<String> = unused.iter().map(|link| link.name.to_string()).collect();
    for bridge in links.iter().filter(|link| is_without_ports(link, &links)) {
        let owned = query::owned_addresses_of(&mut host.socket, bridge.index)?;
        names.extend(owned.iter().map(|cidr| format!("{} {cidr}", bridge.name)));
        if !dry_run {
            remove(host, bridge, &detach::owned_addresses(&bridge.name, &owned))?;
        }
    }
    Ok(names)
}

/// A [`pending_deletion_group`] that no link has.
fn free_group(links: &[LinkInfo]) -> Result<u32> {
    let random = 0x100 + RandomState::new().hash_one(links.len()) as u16 % 0x8000;
    (random..=u16::MAX)
        .map(pending_deletion_group)
        .find(|group| links.iter().all(|link| link.group != *group))
        .ok_or_else(|| Error::busy("delete links in host: links have all groups for that"))
}

fn delete(host: &mut Host, unused: &[&LinkInfo], group: u32) -> Result<()> {
    let mut known = Known::default();
    for link in unused {
        known.learn(Place::Host, &link.name, link.index);
    }
    let names: Vec<_> = unused.iter().map(|link| link.name.clone()).collect();
    let mut sockets = Sockets {
        host,
        container: None,
    };
    run(&mut sockets, known, &detach::unused(&names, group)).map(drop)
}

/// Whether this is a pre-existing bridge without a port of netsetgo. It may still have addresses
/// that netsetgo added.
fn is_without_ports(bridge: &LinkInfo, links: &[LinkInfo]) -> bool {
    bridge.is("bridge")
        && !bridge.is_marked()
        && !links
            .iter()
            .any(|port| port.is_marked() && port.uses(bridge))
}

fn is_unused(link: &LinkInfo, links: &[LinkInfo]) -> bool {
    match link.kind.as_deref() {
        _ if !link.is_marked() => false,
        Some("bridge") => {
            let keeps = |user: &LinkInfo| !(user.is_marked() && is_stray(user));
            !links.iter().filter(|other| other.uses(link)).any(keeps)
        }
        Some("veth") => is_stray(link),
        _ => false,
    }
}

/// Whether both ends of a veth pair are in this namespace: no container has one of them.
fn is_stray(link: &LinkInfo) -> bool {
    link.is("veth") && link.peer.is_some() && link.peer_nsid.is_none()
}
