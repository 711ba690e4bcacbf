//! The veth pair: which host end and which container end belong together.

use crate::config::{HostIfname, IfName, Request};
use crate::engine::query::{addresses_of, link, link_by_index, nsid};
use crate::engine::sockets::{Container, Host};
use crate::error::{Error, Result};
use crate::os::ioctl;
use crate::os::socket::Socket;
use crate::plan::observed::{LinkInfo, Pair};
use crate::plan::step::Place;
use std::os::fd::AsRawFd;

/// The veth pair that the request describes, where it exists already.
///
/// # Errors
/// [`Kind::Conflict`](crate::error::Kind::Conflict) where another link has one of the names.
pub fn pair(request: &Request, host: &mut Host, container: &mut Container) -> Result<Option<Pair>> {
    let container_ifname = &request.container_ifname;
    let host_ifname = match &request.host_ifname {
        HostIfname::Named(name) => Some(name),
        HostIfname::FromAddress(_) => None,
    };
    let in_host = host_ifname
        .map(|name| index_of(&host.socket, name))
        .transpose()?
        .flatten();
    let in_container = index_of(&container.socket, container_ifname)?;
    let taken_in_host = || match host_ifname {
        Some(name) => taken(name, Place::Host),
        None => taken(container_ifname, Place::Container),
    };
    if in_container.is_none() {
        return match in_host {
            None => Ok(None),
            Some(_) => Err(taken_in_host()),
        };
    }
    let Some((host_end, container_end)) = pair_of(host, container, container_ifname)? else {
        return Err(match in_host {
            Some(_) => taken_in_host(),
            None => taken(container_ifname, Place::Container),
        });
    };
    match (host_ifname, in_host) {
        (Some(_), Some(index)) if index != host_end.index => return Err(taken_in_host()),
        (Some(name), None) => {
            return Err(Error::conflict(format!(
                "name {name} in host: the host end of the container's {container_ifname} is {}",
                host_end.name
            )));
        }
        _ => {}
    }
    let addresses = addresses_of(&mut container.socket, container_end.index)?;
    Ok(Some(Pair {
        host: host_end,
        container: container_end,
        addresses,
    }))
}

fn index_of(socket: &Socket, name: &IfName) -> Result<Option<u32>> {
    ioctl::index(socket, name).map_err(|errno| Error::system(format!("find link {name}"), errno))
}

fn taken(name: &IfName, place: Place) -> Error {
    Error::conflict(format!(
        "name {name} in {place}: another link has it, which is not an end of this container's veth \
         pair"
    ))
}

/// Whether the two links are the ends of one veth pair.
///
/// # Errors
/// The kernel's error.
pub fn joined(
    host: &mut Host,
    container: &Container,
    host_end: &LinkInfo,
    container_end: &LinkInfo,
) -> Result<bool> {
    if !host_end.is("veth")
        || !container_end.is("veth")
        || host_end.peer != Some(container_end.index)
        || container_end.peer != Some(host_end.index)
    {
        return Ok(false);
    }
    let id = nsid(&mut host.socket, container.netns.as_raw_fd())?;
    Ok(id.is_some() && host_end.peer_nsid == id)
}

/// The host end and the container end of the veth pair whose container end has this name. `None`
/// where the link does not exist, or is not a veth whose peer is in the host.
///
/// # Errors
/// The kernel's error.
pub fn pair_of(
    host: &mut Host,
    container: &mut Container,
    container_ifname: &IfName,
) -> Result<Option<(LinkInfo, LinkInfo)>> {
    let Some(container_end) = link(&mut container.socket, container_ifname)? else {
        return Ok(None);
    };
    let Some(peer) = container_end.peer else {
        return Ok(None);
    };
    let Some(host_end) = link_by_index(&mut host.socket, peer)? else {
        return Ok(None);
    };
    let joined = joined(host, container, &host_end, &container_end)?;
    Ok(joined.then_some((host_end, container_end)))
}
