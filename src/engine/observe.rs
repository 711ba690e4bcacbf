//! What is there now, read from the kernel: it is the only database.
//!
//! On the way of an `up` nothing is asked whose cost grows with what else is there: one link by
//! its name, one route by its destination. Whole lists are read only where something is there
//! already that has to be told apart.

mod pair;

pub use pair::{joined, pair_of};

use super::query::{
    LinkInfo, Match, addresses_of, link, link_by_alternative, link_by_index, route_to, routes,
};
use super::sockets::{Container, Host};
use crate::config::{Cidr, NetworkConfig};
use crate::error::{Error, Result};
use crate::os::socket::Socket;
use crate::plan::observed::{Bridge, Link, Observed};
use crate::plan::ownership;
use crate::plan::step::Place;
use crate::wire::uapi::{RTN_LOCAL, RTN_UNICAST};
use std::net::IpAddr;

/// What there is of the network that `config` describes.
///
/// `thorough` looks also for what would be in the way of a new container: its routes, and claims
/// of others.
/// Refuses where a name or an address is somebody else's.
pub fn observe(
    config: &NetworkConfig,
    host: &mut Host,
    container: &mut Container,
    full: bool,
) -> Result<Observed> {
    let bridge = bridge(config, &mut host.socket)?;
    let pair = pair::pair(config, host, container)?;
    let mut found = Vec::new();
    if full {
        let own = pair.as_ref().map(|pair| pair.container.index);
        for cidr in &config.container_addresses {
            free(&mut container.socket, Place::Container, cidr.address, own)?;
        }
    }
    if full || pair.is_some() {
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
    Ok(Observed {
        machine,
        bridge,
        pair,
        routes: found,
        lo_up,
        lo_addressed,
    })
}

/// The bridge, where it is there already; refused where it would get what somebody has.
fn bridge(config: &NetworkConfig, socket: &mut Socket) -> Result<Option<Bridge>> {
    let name = &config.bridge_name;
    let Some(LinkInfo {
        link, unaddressed, ..
    }) = link(socket, name)?
    else {
        let all = config
            .bridge_addresses
            .iter()
            .chain(&config.container_addresses);
        for cidr in all {
            free(socket, Place::Host, cidr.address, None)?;
        }
        return Ok(None);
    };
    if !link.is("bridge") {
        let what = match &link.kind {
            Some(kind) => format!("a {kind} link"),
            None => "a link of another kind".into(),
        };
        return Err(Error::conflict(format!(
            "name {name} in host: {what} has it, not a bridge"
        )));
    }
    let Addressed {
        addresses,
        halves,
        cleared,
    } = addressed(config, socket, &link)?;
    for cidr in &config.container_addresses {
        if !cleared.contains(&cidr.address) {
            free(socket, Place::Host, cidr.address, None)?;
        }
    }
    Ok(Some(Bridge {
        link,
        unaddressed,
        addresses,
        halves,
    }))
}

/// Which of its addresses a bridge has.
struct Addressed {
    addresses: Vec<Cidr>,
    /// What it has with another prefix.
    halves: Vec<Cidr>,
    /// The containers' addresses that have turned out to be nobody's on the way.
    cleared: Vec<IpAddr>,
}

fn addressed(config: &NetworkConfig, socket: &mut Socket, bridge: &Link) -> Result<Addressed> {
    let (mut addresses, mut cleared, mut all) = (Vec::new(), Vec::new(), None);
    for &cidr in &config.bridge_addresses {
        if let Some(neighbour) = connected(config, socket, bridge, cidr)? {
            addresses.push(cidr);
            cleared.push(neighbour);
            continue;
        }
        if all.is_none() {
            all = Some(addresses_of(socket, bridge.index)?);
        }
        if all.as_ref().is_some_and(|all| all.contains(&cidr)) {
            addresses.push(cidr);
        } else {
            free(socket, Place::Host, cidr.address, Some(bridge.index))?;
        }
    }
    let is_half = |has: &Cidr| {
        let same = |cidr: &Cidr| cidr.address == has.address && cidr.prefix != has.prefix;
        config.bridge_addresses.iter().any(same)
    };
    Ok(Addressed {
        addresses,
        halves: all.into_iter().flatten().filter(is_half).collect(),
        cleared,
    })
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
    Err(Error::conflict(format!(
        "address {address} in {place}: {name} has it already"
    )))
}

/// Refuses names of ours that another link has: an address that is somebody's, an owner that has
/// such a link already.
fn unclaimed(config: &NetworkConfig, socket: &mut Socket, own: Option<u32>) -> Result<()> {
    for name in ownership::names(config) {
        let Some(holder) = link_by_alternative(socket, &name)? else {
            continue;
        };
        if Some(holder.link.index) == own {
            continue;
        }
        let whose = match ownership::id_in(&holder.link.names) {
            Some(id) => format!("{} of {id}", holder.link.name),
            None => holder.link.name.to_string(),
        };
        let what = match name.parse::<IpAddr>() {
            Ok(address) => format!("address {address}"),
            Err(_) => "this owner's attachment".into(),
        };
        return Err(Error::conflict(format!(
            "{what} in host: {whose} has it already"
        )));
    }
    Ok(())
}
