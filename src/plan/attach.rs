//! The plan of `up`: what is missing of a container's network, in the order in which it is sent.
//!
//! ```text
//!  host                                  container
//!  +---------------------------+        +--------------------------+
//!  |  brg0  10.10.10.1/24      |        |  lo     up               |
//!  |   |                       |        |  veth1  10.10.10.2/24    |
//!  |  veth0 ===================|========|= default via 10.10.10.1  |
//!  +---------------------------+        +--------------------------+
//! ```

use super::observed::{Observed, RouteInfo};
use super::op::{AddressOp, Ioctl, LinkOp, NeighbourOp, Op, Route, RouteOp};
use super::step::{Place, Step};
use super::{adopt, bridge, ownership};
use crate::config::{Backend, Cidr, Destination, IfName, PortSettings, Resolved};
use crate::error::{Error, Result};
use nix::errno::Errno;
use std::net::{IpAddr, Ipv4Addr};

/// The steps that create what is missing of the network. No steps: nothing is missing.
///
/// # Errors
/// [`Kind::Conflict`](crate::error::Kind::Conflict) where something exists that netsetgo did not
/// create, or that another owner has.
pub fn attach(config: &Resolved, observed: &Observed) -> Result<Vec<Step>> {
    let mut steps = host(config, observed)?;
    steps.extend(container(config, observed)?);
    Ok(steps)
}

/// The steps in the host: the bridge and the veth pair.
///
/// # Errors
/// As [`attach`].
pub fn host(config: &Resolved, observed: &Observed) -> Result<Vec<Step>> {
    let mut steps = match &observed.bridge {
        None => bridge::create(config, observed),
        Some(bridge) => adopt::bridge(config, observed, bridge)?,
    };
    steps.extend(match &observed.pair {
        None => new_pair(config, observed),
        Some(pair) => adopt::pair(config, observed, pair)?,
    });
    Ok(steps)
}

/// The veth pair and its altnames, in one datagram, so that the pair never exists without them. The
/// messages after the first one name the link. If another process has just taken the name, they add
/// altnames to its link, and the rollback deletes them.
fn new_pair(config: &Resolved, observed: &Observed) -> Vec<Step> {
    let by_ioctl = config.bridge_backend == Backend::Ioctl;
    let (host, bridge) = (&config.host_ifname, &config.bridge_name);
    let bridges = observed
        .bridge
        .as_ref()
        .map(|bridge| bridge.link.mtu)
        .filter(|&mtu| mtu != ETHERNET);
    let bridge_mac = match &observed.bridge {
        Some(bridge) => bridge.link.mac,
        None => Some(bridge::new_mac(config, observed)),
    };
    let create = Op::Link(LinkOp::CreateVeth {
        host: host.clone(),
        host_mac: bridge_mac.map(|mac| mac.of_port(host)),
        master: (!by_ioctl).then(|| bridge.clone()),
        peer: config.container_ifname.clone(),
        mac: config.mac,
        mtu: config.mtu.or(bridges),
    });
    let reason = "The kernel delivers every frame that one end of a veth pair sends to the other end. \
                  One end becomes a port of the bridge. The kernel creates the other end in the \
                  container's network namespace.";
    let mut steps = vec![Step::host(
        reason,
        create,
        vec![Op::Link(LinkOp::Delete(host.clone()))],
    )];
    steps.extend(
        ownership::altnames(config)
            .into_iter()
            .map(|name| add_altname(host, name)),
    );
    if by_ioctl {
        let reason = "The host end becomes a port of the bridge.";
        let (bridge, port) = (bridge.clone(), host.clone());
        let undo = Ioctl::DeletePort {
            bridge: bridge.clone(),
            port: port.clone(),
        };
        let add = Op::Ioctl(Ioctl::AddPort { bridge, port });
        steps.push(Step::host(reason, add, vec![Op::Ioctl(undo)]));
    }
    if config.port != PortSettings::default() {
        steps.push(port_settings(config, PortSettings::default()));
    }
    steps
}

/// The kernel's default MTU of a veth (`ETH_DATA_LEN`, `linux/if_ether.h`).
const ETHERNET: u32 = 1500;

/// A kernel without IPv6 rejects the step with EAFNOSUPPORT, and needs no such setting.
fn without_ipv6(step: Step) -> Step {
    Step {
        tolerate: Some(Errno::EAFNOSUPPORT),
        ..step
    }
}

/// Adds an altname: an address of the container, or the owner id.
pub(super) fn add_altname(host: &IfName, name: String) -> Step {
    let reason = "Only one link in a namespace can have a name. The kernel therefore rejects a second \
                  container with the same address, and keeps the owner id with the link.";
    let undo = vec![Op::Link(LinkOp::DeleteAltname(host.clone(), name.clone()))];
    Step::host(
        reason,
        Op::Link(LinkOp::AddAltname(host.clone(), name)),
        undo,
    )
}

/// Sets hairpin mode and isolation of the port.
pub(super) fn port_settings(config: &Resolved, before: PortSettings) -> Step {
    let set = |settings: PortSettings| {
        Op::Link(LinkOp::SetPort {
            port: config.host_ifname.clone(),
            hairpin: settings.hairpin,
            isolated: settings.isolated,
        })
    };
    let reason = "Hairpin mode lets the bridge send a frame back out of the port. Isolation keeps \
                  frames away from other isolated ports.";
    Step::host(reason, set(config.port), vec![set(before)])
}

/// The steps in the container: links up, addresses, routes.
///
/// # Errors
/// [`Kind::Conflict`](crate::error::Kind::Conflict) where another route to a destination exists.
pub fn container(config: &Resolved, observed: &Observed) -> Result<Vec<Step>> {
    let link = &config.container_ifname;
    let mut steps = Vec::new();
    if observed.pair.is_none() {
        steps.push(bridge::without_router_advertisements(
            Place::Container,
            link,
        ));
    }
    if !observed.lo_up {
        steps.push(loopback(observed));
    }
    if !observed.pair.as_ref().is_some_and(|pair| pair.container.up) {
        if config
            .container_addresses
            .iter()
            .all(|cidr| cidr.address.is_ipv4())
        {
            let reason = "The request has no IPv6 address, so that the kernel must not add a link-local one.";
            let quiet = Op::Link(LinkOp::DisableLinkLocal(link.clone()));
            steps.push(without_ipv6(Step::container(reason, quiet, Vec::new())));
        }
        let reason = "The kernel cannot set up a veth end before its peer exists, so this is a second \
                      message.";
        let undo = vec![Op::Link(LinkOp::SetDown(link.clone()))];
        steps.push(Step::container(
            reason,
            Op::Link(LinkOp::SetUp(link.clone())),
            undo,
        ));
    }
    let there = observed
        .pair
        .as_ref()
        .map_or(&[] as &[Cidr], |pair| &pair.addresses);
    for &cidr in config
        .container_addresses
        .iter()
        .filter(|cidr| !there.contains(cidr))
    {
        let reason = "With the address, the kernel adds the route to the subnet of the bridge.";
        let undo = vec![Op::Address(AddressOp::Delete(link.clone(), cidr))];
        steps.push(Step::container(
            reason,
            Op::Address(AddressOp::Add(link.clone(), cidr)),
            undo,
        ));
    }
    for route in routes(config) {
        steps.extend(missing_route(observed, route)?);
    }
    Ok(steps)
}

fn loopback(observed: &Observed) -> Step {
    let lo = IfName::lo();
    let mut undo = vec![Op::Link(LinkOp::SetDown(lo.clone()))];
    if !observed.lo_addressed {
        let address = Cidr {
            address: Ipv4Addr::LOCALHOST.into(),
            prefix: 8,
        };
        undo.push(Op::Address(AddressOp::Delete(lo.clone(), address)));
    }
    let reason = "The loopback interface of a new namespace is down. Programs expect that 127.0.0.1 \
                  answers.";
    Step::container(reason, Op::Link(LinkOp::SetUp(lo)), undo)
}

/// The routes of the container: the default routes first.
fn routes(config: &Resolved) -> Vec<Route> {
    let route = |route: Destination| {
        Some(Route {
            destination: Some(route.network).filter(|network| network.prefix > 0),
            gateway: route.gateway?,
            link: config.container_ifname.clone(),
        })
    };
    config.all_routes().into_iter().filter_map(route).collect()
}

/// A step that adds the route, unless the route exists.
fn missing_route(observed: &Observed, route: Route) -> Result<Option<Step>> {
    let link = observed.pair.as_ref().map(|pair| pair.container.index);
    let same = |there: &&RouteInfo| match route.destination {
        Some(network) => there.network == network,
        None => {
            there.network.prefix == 0 && there.network.address.is_ipv4() == route.gateway.is_ipv4()
        }
    };
    let exact = |there: &RouteInfo| there.gateway == Some(route.gateway) && there.link == link;
    if observed
        .routes
        .iter()
        .filter(|there| same(there))
        .any(exact)
    {
        return Ok(None);
    }
    let Some(there) = observed.routes.iter().find(same) else {
        let reason = match route.destination {
            None => "The default route sends every packet for another subnet to the bridge.",
            Some(_) => "Packets for this network go to this gateway.",
        };
        let undo = vec![Op::Route(RouteOp::Delete(route.clone()))];
        return Ok(Some(Step::container(
            reason,
            Op::Route(RouteOp::Add(route)),
            undo,
        )));
    };
    let via = there
        .gateway
        .map(|via| format!(" via {via}"))
        .unwrap_or_default();
    let name = there
        .link_name
        .as_ref()
        .map(|name| format!(" dev {name}"))
        .unwrap_or_default();
    Err(Error::conflict(format!(
        "add {route} in container: another route to this destination exists{via}{name}"
    )))
}

/// Announces the container's IPv4 addresses by a gratuitous ARP (RFC 5227), when the port forwards.
/// netsetgo asks the kernel to resolve the container's own address. The kernel broadcasts an ARP
/// request, and each neighbour with an old entry updates it (`arp_process`, `net/ipv4/arp.c`).
pub fn announce(config: &Resolved) -> Vec<Step> {
    let link = &config.container_ifname;
    let mut steps = Vec::new();
    for cidr in &config.container_addresses {
        let IpAddr::V4(address) = cidr.address else {
            continue;
        };
        let reason = "The kernel broadcasts an ARP request for the container's own address (gratuitous \
                      ARP). Each neighbour then updates an old entry for it.";
        steps.push(Step::container(
            reason,
            Op::Neighbour(NeighbourOp::Probe(link.clone(), address)),
            Vec::new(),
        ));
        let reason =
            "No host answers the request. Deleting the entry stops the kernel from repeating it.";
        steps.push(Step::container(
            reason,
            Op::Neighbour(NeighbourOp::Delete(link.clone(), address)),
            Vec::new(),
        ));
    }
    steps
}
