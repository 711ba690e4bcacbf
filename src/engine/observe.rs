//! What is there now, read from the kernel: it is the only database.
//!
//! On the way of an `up` nothing is asked whose cost grows with what else is there: one link by
//! its name, one route by its destination. Whole lists are read only where something is there
//! already that has to be told apart.

use super::ask::{
    Match, Told, addresses_of, link, link_by_alternative, link_by_index, nsid, route_to, routes,
};
use super::sockets::{Container, Host};
use crate::config::{Cidr, IfName, NetworkConfig};
use crate::error::{Error, Result};
use crate::os::ioctl;
use crate::os::socket::Socket;
use crate::plan::seen::{Bridge, Link, Pair, Seen};
use crate::plan::step::Place;
use crate::plan::tag;
use crate::wire::uapi::{RTN_LOCAL, RTN_UNICAST};
use std::net::IpAddr;
use std::os::fd::AsRawFd;

/// What there is of the network that `config` describes.
///
/// `thorough` looks also for what would be in the way of a new container: its routes, and claims
/// of others.
/// Refuses where a name or an address is somebody else's.
pub fn observe(
    config: &NetworkConfig,
    host: &mut Host,
    container: &mut Container,
    thorough: bool,
) -> Result<Seen> {
    let bridge = bridge(config, &mut host.socket)?;
    let pair = pair(config, host, container)?;
    let mut found = Vec::new();
    if thorough {
        let own = pair.as_ref().map(|pair| pair.container.index);
        for cidr in &config.container_addresses {
            free(&mut container.socket, Place::Container, cidr.address, own)?;
        }
    }
    if thorough || pair.is_some() {
        unclaimed(
            config,
            &mut host.socket,
            pair.as_ref().map(|pair| pair.host.index),
        )?;
        found = routes(&mut container.socket)?;
    }
    let Container {
        lo_up,
        lo_addressed,
        ..
    } = *container;
    let machine = match &bridge {
        Some(bridge) if !bridge.unaddressed => Vec::new(),
        _ => crate::os::host::seed(),
    };
    Ok(Seen {
        machine,
        bridge,
        pair,
        routes: found,
        lo_up,
        lo_addressed,
    })
}

fn bridge(config: &NetworkConfig, socket: &mut Socket) -> Result<Option<Bridge>> {
    let name = &config.bridge_name;
    let Some(Told {
        link, unaddressed, ..
    }) = link(socket, name)?
    else {
        for cidr in config
            .bridge_addresses
            .iter()
            .chain(&config.container_addresses)
        {
            free(socket, Place::Host, cidr.address, None)?;
        }
        return Ok(None);
    };
    if link.kind.as_deref() != Some("bridge") {
        let what = match &link.kind {
            Some(kind) => format!("a {kind} link"),
            None => "a link of another kind".into(),
        };
        return Err(Error::refused(format!(
            "name {name} in host: {what} has it, not a bridge"
        )));
    }
    let (mut addresses, mut cleared, mut all) = (Vec::new(), Vec::new(), None);
    for &cidr in &config.bridge_addresses {
        if let Some(neighbour) = connected(config, socket, &link, cidr)? {
            addresses.push(cidr);
            cleared.push(neighbour);
            continue;
        }
        if all.is_none() {
            all = Some(addresses_of(socket, link.index)?);
        }
        if all.as_ref().is_some_and(|all| all.contains(&cidr)) {
            addresses.push(cidr);
        } else {
            free(socket, Place::Host, cidr.address, Some(link.index))?;
        }
    }
    for cidr in &config.container_addresses {
        if !cleared.contains(&cidr.address) {
            free(socket, Place::Host, cidr.address, None)?;
        }
    }
    let halves = all.into_iter().flatten().filter(|has| {
        let same = |cidr: &Cidr| cidr.address == has.address && cidr.prefix != has.prefix;
        config.bridge_addresses.iter().any(same)
    });
    let halves = halves.collect();
    Ok(Some(Bridge {
        link,
        unaddressed,
        addresses,
        halves,
    }))
}

/// A container's address whose route says that the bridge has exactly this address and prefix;
/// that address is then nobody's on the host.
///
/// IPv4 only: IPv6's route does not name the source. None says nothing: a rule, or a route of
/// somebody's, may be in the way.
fn connected(
    config: &NetworkConfig,
    socket: &mut Socket,
    bridge: &Link,
    cidr: Cidr,
) -> Result<Option<IpAddr>> {
    let neighbour = config
        .container_addresses
        .iter()
        .find(|other| cidr.contains(other.address));
    let Some(neighbour) = neighbour.filter(|_| bridge.up && cidr.address.is_ipv4()) else {
        return Ok(None);
    };
    let matches = |found: Match| {
        found.link == Some(bridge.index)
            && found.source == Some(cidr.address)
            && found.header.dst_len == cidr.prefix
            && found.header.kind == RTN_UNICAST
    };
    let found = route_to(socket, neighbour.address)?;
    Ok(found.is_some_and(matches).then_some(neighbour.address))
}

/// Refuses an address that a link there has already, other than `own`.
pub(super) fn free(
    socket: &mut Socket,
    place: Place,
    address: IpAddr,
    own: Option<u32>,
) -> Result<()> {
    let Some(found) = route_to(socket, address)? else {
        return Ok(());
    };
    if found.header.kind != RTN_LOCAL || found.link.is_none() || found.link == own {
        return Ok(());
    }
    let holder = found
        .link
        .map(|index| link_by_index(socket, index))
        .transpose()?
        .flatten();
    let name = holder.map_or_else(|| "another link".into(), |told| told.link.name.to_string());
    Err(Error::refused(format!(
        "address {address} in {place}: {name} has it already"
    )))
}

/// The pair, where it is there already and is this container's.
fn pair(config: &NetworkConfig, host: &mut Host, inside: &mut Container) -> Result<Option<Pair>> {
    let (outer, inner) = (&config.host_ifname, &config.container_ifname);
    let there = |socket: &Socket, name: &IfName| {
        ioctl::index(socket, name)
            .map(|index| index.is_some())
            .map_err(|errno| Error::system(format!("look for link {name}"), errno))
    };
    if !there(&host.socket, outer)? && !there(&inside.socket, inner)? {
        return Ok(None);
    }
    let (Some(outside), Some(within)) = (
        link(&mut host.socket, outer)?,
        link(&mut inside.socket, inner)?,
    ) else {
        return Err(match link(&mut host.socket, outer)? {
            Some(_) => taken(outer, Place::Host),
            None => plugged_in_as(host, inside, outer, inner)?,
        });
    };
    if !joined(host, inside, &outside, &within)? {
        return Err(taken(outer, Place::Host));
    }
    let addresses = addresses_of(&mut inside.socket, within.link.index)?;
    Ok(Some(Pair {
        host: outside.link,
        container: within.link,
        addresses,
    }))
}

/// The container has a link of this name, and the host none of the other.
fn plugged_in_as(
    host: &mut Host,
    inside: &mut Container,
    outer: &IfName,
    inner: &IfName,
) -> Result<Error> {
    Ok(match pair_of(host, inside, inner)? {
        Some((other, _)) => Error::refused(format!(
            "name {outer} in host: the other end of the container's {inner} is called {} there",
            other.link.name
        )),
        None => taken(inner, Place::Container),
    })
}

fn taken(name: &IfName, place: Place) -> Error {
    Error::refused(format!(
        "name {name} in {place}: another link has it, that is no end of this container's pair"
    ))
}

/// Whether the two are each other's other end.
pub fn joined(host: &mut Host, inside: &Container, outer: &Told, inner: &Told) -> Result<bool> {
    let veth = |told: &Told| told.link.kind.as_deref() == Some("veth");
    if !veth(outer) || !veth(inner) || outer.peer != Some(inner.link.index) {
        return Ok(false);
    }
    let id = nsid(&mut host.socket, inside.netns.as_raw_fd())?;
    Ok(inner.peer == Some(outer.link.index) && id.is_some() && outer.peer_netns == id)
}

/// Both ends of the pair whose container's end has this name; `None` where that link is absent,
/// or no veth whose other end is here.
pub fn pair_of(
    host: &mut Host,
    inside: &mut Container,
    container_ifname: &IfName,
) -> Result<Option<(Told, Told)>> {
    let Some(inner) = link(&mut inside.socket, container_ifname)? else {
        return Ok(None);
    };
    let Some(peer) = inner.peer else {
        return Ok(None);
    };
    let Some(outer) = link_by_index(&mut host.socket, peer)? else {
        return Ok(None);
    };
    Ok(joined(host, inside, &outer, &inner)?.then_some((outer, inner)))
}

/// Refuses names of ours that another link has: an address that is somebody's, an owner that has
/// such a link already.
fn unclaimed(config: &NetworkConfig, socket: &mut Socket, own: Option<u32>) -> Result<()> {
    for name in tag::names(config) {
        let Some(holder) = link_by_alternative(socket, &name)? else {
            continue;
        };
        if Some(holder.link.index) == own {
            continue;
        }
        let whose = match tag::id_in(&holder.link.names) {
            Some(id) => format!("{} of {id}", holder.link.name),
            None => holder.link.name.to_string(),
        };
        let what = match name.parse::<IpAddr>() {
            Ok(address) => format!("address {address}"),
            Err(_) => "this owner's attachment".into(),
        };
        return Err(Error::refused(format!(
            "{what} in host: {whose} has it already"
        )));
    }
    Ok(())
}
