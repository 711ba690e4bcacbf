//! The container's bridge: up, with an address, and the host's way to the container leads to it.

use super::host::Context;
use super::{Finding, bad};
use crate::config::Cidr;
use crate::engine::query;
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::plan::observed::{LinkInfo, RouteInfo};
use crate::wire::uapi::RTN_LOCAL;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A bridge and its addresses.
pub(super) struct View {
    pub(super) told: LinkInfo,
    pub(super) addresses: Vec<Cidr>,
}

impl View {
    pub(super) fn of(host: &mut Host, told: &LinkInfo) -> Result<Self> {
        let addresses = query::global_addresses_of(&mut host.socket, told.index)?;
        Ok(Self {
            told: told.clone(),
            addresses,
        })
    }
}

pub(super) fn examine(
    host: &mut Host,
    view: &View,
    routes: &[RouteInfo],
    context: &Context,
    all: &mut Vec<Finding>,
) -> Result<()> {
    let name = &view.told.name;
    if !view.told.is("bridge") {
        let what =
            format!("link {name} in host: the container's port is in it, and it is no bridge");
        let hint = format!("netsetgo down {0}; netsetgo up {0}", context.words);
        all.push(bad(what, hint));
        return Ok(());
    }
    if !view.told.up {
        let hint = format!("ip link set {name} up");
        all.push(bad(format!("bridge {name}: down"), hint));
    }
    if view.addresses.is_empty() {
        let hint = match context
            .addresses
            .first()
            .and_then(|cidr| Some((cidr, cidr.nth(0)?)))
        {
            Some((cidr, address)) => {
                format!("ip addr add {} dev {name}", Cidr { address, ..*cidr })
            }
            None => format!("netsetgo up {}", context.words),
        };
        let what = format!("bridge {name}: has no address, so there is no gateway");
        all.push(bad(what, hint));
        return Ok(());
    }
    let words: Vec<String> = view.addresses.iter().map(Cidr::to_string).collect();
    all.push(Finding::Ok(format!("bridge {name}: {}", words.join(" "))));
    for cidr in &view.addresses {
        overlaps(host, view, *cidr, routes, context, all)?;
    }
    for cidr in &context.addresses {
        if view.addresses.iter().any(|own| own.contains(cidr.address)) {
            all.extend(way_back(host, *cidr)?);
        }
    }
    Ok(())
}

/// Routes of the host by other links into a part of the bridge's subnet, or all of it: what is
/// narrower comes first, what is wider does no harm.
fn overlaps(
    host: &mut Host,
    view: &View,
    cidr: Cidr,
    routes: &[RouteInfo],
    context: &Context,
    all: &mut Vec<Finding>,
) -> Result<()> {
    let own = Some(view.told.index);
    let within = |route: &&RouteInfo| {
        route.network.prefix >= cidr.prefix && cidr.contains(route.network.address)
    };
    for route in routes
        .iter()
        .filter(within)
        .filter(|route| route.link != own)
    {
        let link = match route.link {
            Some(link) => query::link_by_index(&mut host.socket, link)?,
            None => None,
        };
        let link = link.map_or("another link".into(), |told| told.name.to_string());
        let elsewhere = elsewhere(cidr, routes);
        all.push(bad(
            format!(
                "subnet {cidr} of {}: overlaps the host's route to {} by {link}",
                view.told.name, route.network
            ),
            format!(
                "netsetgo down {0}; netsetgo up {0} --bridge-address {elsewhere} \
                 --container-address auto",
                context.words
            ),
        ));
    }
    Ok(())
}

/// A bridge's address in a subnet that the host has no route into.
fn elsewhere(cidr: Cidr, routes: &[RouteInfo]) -> Cidr {
    let mut candidates = (0..=255_u8).map(|number| match cidr.address {
        IpAddr::V4(_) => Cidr {
            address: Ipv4Addr::new(10, 11, number, 1).into(),
            prefix: 24,
        },
        IpAddr::V6(_) => Cidr {
            address: Ipv6Addr::new(0xfd00, 0x11, number.into(), 0, 0, 0, 0, 1).into(),
            prefix: 64,
        },
    });
    let free = |candidate: &Cidr| {
        routes.iter().all(|route| {
            let network = route.network;
            network.prefix == 0
                || !network.contains(candidate.address) && !candidate.contains(network.address)
        })
    };
    candidates.find(free).unwrap_or(cidr)
}

/// What the host sends to the container has to go to the bridge.
fn way_back(host: &mut Host, cidr: Cidr) -> Result<Option<Finding>> {
    let address = cidr.address;
    let Some(found) = query::route_to(&mut host.socket, address)? else {
        let ip = if address.is_ipv4() { "ip" } else { "ip -6" };
        return Ok(Some(bad(
            format!("address {address}: a route of the host's forbids the way to it"),
            format!("{ip} route flush root {address}/{}", cidr.width()),
        )));
    };
    // Another way is told as an overlap, where it is a route of the main table.
    let Some(other) = found.link.filter(|_| found.header.kind == RTN_LOCAL) else {
        return Ok(None);
    };
    let Some(other) = query::link_by_index(&mut host.socket, other)? else {
        return Ok(None);
    };
    let all = query::addresses_of(&mut host.socket, other.index)?;
    let has = all.into_iter().find(|has| has.address == address);
    let (has, name) = (has.unwrap_or(cidr), &other.name);
    Ok(Some(bad(
        format!("address {address}: {name} of the host has it too"),
        format!("ip addr del {has} dev {name}"),
    )))
}
