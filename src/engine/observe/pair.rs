//! The pair: which two links are each other's ends, and whose they are.

use crate::config::{IfName, NetworkConfig};
use crate::engine::query::{LinkInfo, addresses_of, link, link_by_index, nsid};
use crate::engine::sockets::{Container, Host};
use crate::error::{Error, Result};
use crate::os::ioctl;
use crate::os::socket::Socket;
use crate::plan::observed::Pair;
use crate::plan::step::Place;
use std::os::fd::AsRawFd;

/// The pair, where it is there already and is this container's.
pub(super) fn pair(
    config: &NetworkConfig,
    host: &mut Host,
    inside: &mut Container,
) -> Result<Option<Pair>> {
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
        Some((other, _)) => Error::conflict(format!(
            "name {outer} in host: the other end of the container's {inner} is called {} there",
            other.link.name
        )),
        None => taken(inner, Place::Container),
    })
}

fn taken(name: &IfName, place: Place) -> Error {
    Error::conflict(format!(
        "name {name} in {place}: another link has it, that is no end of this container's pair"
    ))
}

/// Whether the two are each other's other end.
pub fn joined(
    host: &mut Host,
    inside: &Container,
    outer: &LinkInfo,
    inner: &LinkInfo,
) -> Result<bool> {
    let veth = |told: &LinkInfo| told.link.is("veth");
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
) -> Result<Option<(LinkInfo, LinkInfo)>> {
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
