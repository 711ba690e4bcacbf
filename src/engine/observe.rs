//! What exists now, read from the kernel: the kernel is the only database.
//!
//! On the way of an `up`, no query's cost grows with the number of other links, addresses or
//! routes: netsetgo requests one link by its name and one route by its destination. It dumps a
//! whole list only where the container may have routes or addresses already.

mod pair;

pub use pair::{joined, pair, pair_of};

use super::query::{addresses_of, link, link_by_altname, link_by_index, route_to, routes};
use super::sockets::{Container, Host};
use crate::config::{Cidr, Resolved};
use crate::error::{Error, Result};
use crate::os::socket::Socket;
use crate::os::sysctl;
use crate::plan::observed::{Bridge, LinkInfo, Observed, Pair};
use crate::plan::ownership;
use crate::plan::step::Place;
use crate::wire::route::ParsedRoute;
use crate::wire::uapi::{RTN_LOCAL, RTN_UNICAST};
use std::net::IpAddr;

/// How much [`observe`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What a plan needs. The kernel rejects the conflicts that this leaves out.
    Plan,
    /// Also what conflicts with a new container: its routes, its addresses, other owners' altnames.
    Conflicts,
}

/// What exists of the network that `config` describes; `pair` is its veth pair, where it exists.
///
/// # Errors
/// [`Kind::Conflict`](crate::error::Kind::Conflict) where another link has a name or an address.
pub fn observe(
    config: &Resolved,
    pair: Option<Pair>,
    host: &mut Host,
    container: &mut Container,
    depth: Depth,
) -> Result<Observed> {
    let link = link(&mut host.socket, &config.bridge_name)?;
    observe_bridged(config, pair, link, host, container, depth)
}

/// The same, with the link that has the bridge's name.
///
/// # Errors
/// As [`observe`].
pub fn observe_bridged(
    config: &Resolved,
    pair: Option<Pair>,
    link: Option<LinkInfo>,
    host: &mut Host,
    container: &mut Container,
    depth: Depth,
) -> Result<Observed> {
    let bridge = bridge(config, link, &mut host.socket)?;
    let (container_end, known) = match &pair {
        Some(pair) => (Some(&pair.container), pair.addresses.as_slice()),
        None => (None, &[] as &[Cidr]),
    };
    if depth == Depth::Conflicts {
        let index = container_end.map(|link| link.index);
        let unknown = |cidr: &&Cidr| known.iter().all(|has| has.address != cidr.address);
        for cidr in config.container_addresses.iter().filter(unknown) {
            address_is_free(&mut container.socket, Place::Container, cidr.address, index)?;
        }
    }
    let mut found = Vec::new();
    if depth == Depth::Conflicts || pair.is_some() {
        altnames_are_free(
            config,
            &mut host.socket,
            pair.as_ref().map(|pair| &pair.host),
        )?;
        found = routes(&mut container.socket, container_end)?;
    }
    let machine = match &bridge {
        Some(bridge) if !bridge.link.unaddressed => Vec::new(),
        _ => crate::os::host::identity(),
    };
    Ok(Observed {
        machine,
        bridge,
        pair,
        routes: found,
        lo_up: container.lo_up,
        lo_addressed: container.lo_addressed,
    })
}

/// The bridge, where it exists. An error where another link has a requested address.
fn bridge(
    config: &Resolved,
    link: Option<LinkInfo>,
    socket: &mut Socket,
) -> Result<Option<Bridge>> {
    let name = &config.bridge_name;
    let Some(link) = link else {
        let all = config
            .bridge_addresses
            .iter()
            .chain(&config.container_addresses);
        for cidr in all {
            address_is_free(socket, Place::Host, cidr.address, None)?;
        }
        return Ok(None);
    };
    if !link.is("bridge") {
        let what = match &link.kind {
            Some(kind) => format!("a {kind}"),
            None => "a link without a kind".into(),
        };
        return Err(Error::conflict(format!(
            "name {name} in host: {what} has it, which is not a bridge"
        )));
    }
    let Addressed {
        addresses,
        wrong_prefixes,
        free,
    } = addressed(config, socket, &link)?;
    for cidr in &config.container_addresses {
        if !free.contains(&cidr.address) {
            address_is_free(socket, Place::Host, cidr.address, None)?;
        }
    }
    let accepts_ra = link.is_marked() && accepts_ra(&link);
    Ok(Some(Bridge {
        accepts_ra,
        link,
        addresses,
        wrong_prefixes,
    }))
}

/// Whether the host accepts router advertisements that arrive by the link. A kernel without IPv6, or
/// without /proc, does not tell.
fn accepts_ra(link: &LinkInfo) -> bool {
    // As in sysctl(8), a slash stands for a dot of the name.
    let name = link.name.as_str().replace('.', "/");
    sysctl::number(&format!("net.ipv6.conf.{name}.accept_ra")).is_some_and(|value| value != 0)
}

/// The requested addresses that a bridge has.
struct Addressed {
    addresses: Vec<Cidr>,
    /// Those that it has with another prefix length.
    wrong_prefixes: Vec<Cidr>,
    /// Addresses of the container that no link of the host has, as the same queries showed.
    free: Vec<IpAddr>,
}

fn addressed(config: &Resolved, socket: &mut Socket, bridge: &LinkInfo) -> Result<Addressed> {
    let (mut addresses, mut free, mut all) = (Vec::new(), Vec::new(), None);
    for &cidr in &config.bridge_addresses {
        if let Some(neighbour) = connected(config, socket, bridge, cidr)? {
            addresses.push(cidr);
            free.push(neighbour);
            continue;
        }
        if all.is_none() {
            all = Some(addresses_of(socket, bridge.index)?);
        }
        if all.as_ref().is_some_and(|all| all.contains(&cidr)) {
            addresses.push(cidr);
        } else {
            address_is_free(socket, Place::Host, cidr.address, Some(bridge.index))?;
        }
    }
    let has_wrong_prefix = |has: &Cidr| {
        let same = |cidr: &Cidr| cidr.address == has.address && cidr.prefix != has.prefix;
        config.bridge_addresses.iter().any(same)
    };
    Ok(Addressed {
        addresses,
        wrong_prefixes: all.into_iter().flatten().filter(has_wrong_prefix).collect(),
        free,
    })
}

/// An address of the container whose route shows that the bridge has exactly this address and
/// prefix length. No link of the host has the returned address.
///
/// IPv4 only: an IPv6 route does not name the source address. `None` means that nothing is known,
/// since a policy rule or another route may apply.
fn connected(
    config: &Resolved,
    socket: &mut Socket,
    bridge: &LinkInfo,
    cidr: Cidr,
) -> Result<Option<IpAddr>> {
    let neighbour = config
        .container_addresses
        .iter()
        .find(|other| cidr.contains(other.address));
    let Some(neighbour) = neighbour.filter(|_| bridge.up && cidr.address.is_ipv4()) else {
        return Ok(None);
    };
    let matches = |found: ParsedRoute| {
        found.link == Some(bridge.index)
            && found.source == Some(cidr.address)
            && found.header.dst_len == cidr.prefix
            && found.header.kind == RTN_UNICAST
    };
    let found = route_to(socket, neighbour.address)?;
    Ok(found.is_some_and(matches).then_some(neighbour.address))
}

/// Checks that no link other than `own` has the address.
///
/// # Errors
/// [`Kind::Conflict`](crate::error::Kind::Conflict) with the name of the link that has it.
pub(super) fn address_is_free(
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
    let name = holder.map_or_else(|| "another link".into(), |link| link.name.to_string());
    Err(Error::conflict(format!(
        "address {address} in {place}: {name} has it already"
    )))
}

/// Checks that no link other than `own` has an altname that the host end needs.
///
/// # Errors
/// [`Kind::Conflict`](crate::error::Kind::Conflict) with the link and its owner.
fn altnames_are_free(config: &Resolved, socket: &mut Socket, own: Option<&LinkInfo>) -> Result<()> {
    for name in ownership::altnames(config) {
        // A name belongs to one link: no query is needed for a name that `own` has.
        if own.is_some_and(|own| own.altnames.contains(&name)) {
            continue;
        }
        let Some(holder) = link_by_altname(socket, &name)? else {
            continue;
        };
        let holder = match ownership::id_in(&holder.altnames) {
            Some(id) => format!("{} of {id}", holder.name),
            None => holder.name.to_string(),
        };
        let what = match name.parse::<IpAddr>() {
            Ok(address) => format!("address {address}"),
            Err(_) => "attachment of this owner".into(),
        };
        return Err(Error::conflict(format!(
            "{what} in host: {holder} has it already"
        )));
    }
    Ok(())
}
