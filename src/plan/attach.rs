//! From nothing, or from a part of it, to a container with a network.
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
use super::step::Step;
use super::{adopt, bridge, ownership};
use crate::config::{Backend, Cidr, Destination, IfName, PortSettings, Resolved};
use crate::error::{Error, Result};
use nix::errno::Errno;
use std::net::{IpAddr, Ipv4Addr};

/// What is missing of the network that `config` describes, in the order to do it in.
///
/// Refuses where what is there is somebody else's. Nothing missing: no steps.
pub fn attach(config: &Resolved, observed: &Observed) -> Result<Vec<Step>> {
    let mut steps = host(config, observed)?;
    steps.extend(container(config, observed)?);
    Ok(steps)
}

/// The host's half: the bridge and the pair.
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

/// The pair and its claims, in one datagram: it never is without them. What follows the message
/// that makes it names it by its name; had somebody just taken that name, they would be named,
/// and the name taken back.
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
    let reason = "A veth pair is a cable: what goes in at one end comes out at the other. One end is \
               plugged into the bridge, the other is born in the container.";
    let mut steps = vec![Step::host(
        reason,
        create,
        vec![Op::Link(LinkOp::Delete(host.clone()))],
    )];
    steps.extend(
        ownership::altnames(config)
            .into_iter()
            .map(|name| one_more_name(host, name)),
    );
    if by_ioctl {
        let reason = "The host's end becomes a port of the bridge.";
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

/// A link's MTU where nobody says another (`ETH_DATA_LEN`, linux/if_ether.h).
const ETHERNET: u32 = 1500;

/// A kernel without IPv6 has nothing to be told.
fn without_ipv6(step: Step) -> Step {
    Step {
        tolerate: Some(Errno::EAFNOSUPPORT),
        ..step
    }
}

/// Claims an address, or says whose the pair is.
pub(super) fn one_more_name(host: &IfName, name: String) -> Step {
    let reason = "A name is one link's alone, so the kernel itself keeps an address from being given \
               twice; and the owner's name stays with the link.";
    let undo = vec![Op::Link(LinkOp::DeleteAltname(host.clone(), name.clone()))];
    Step::host(
        reason,
        Op::Link(LinkOp::AddAltname(host.clone(), name)),
        undo,
    )
}

/// Hairpin and isolation of the bridge's port.
pub(super) fn port_settings(config: &Resolved, before: PortSettings) -> Step {
    let set = |settings: PortSettings| {
        Op::Link(LinkOp::SetPort {
            port: config.host_ifname.clone(),
            hairpin: settings.hairpin,
            isolated: settings.isolated,
        })
    };
    let reason = "How the bridge treats this port: whether a packet may go back out of it, and \
               whether it reaches other isolated ports.";
    Step::host(reason, set(config.port), vec![set(before)])
}

/// The container's half: links up, addresses, routes.
pub fn container(config: &Resolved, observed: &Observed) -> Result<Vec<Step>> {
    let link = &config.container_ifname;
    let mut steps = Vec::new();
    if !observed.lo_up {
        steps.push(loopback(observed));
    }
    if !observed.pair.as_ref().is_some_and(|pair| pair.container.up) {
        if config
            .container_addresses
            .iter()
            .all(|cidr| cidr.address.is_ipv4())
        {
            let reason = "Where no IPv6 is asked for there is none, and nobody is asked about it.";
            let quiet = Op::Link(LinkOp::DisableLinkLocal(link.clone()));
            steps.push(without_ipv6(Step::container(reason, quiet, Vec::new())));
        }
        let reason = "A veth's end cannot be up before its pair is made, so it is set up now.";
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
        let reason = "The container's address; its prefix makes the route to the bridge.";
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
    let reason = "A new namespace's loopback is down; programs expect 127.0.0.1 to answer.";
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

/// A route, unless it is there.
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
            None => "Everything that is not in the container's own subnet goes through the bridge.",
            Some(_) => "A network that is reached through a neighbour of its own.",
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
        "add {route} in container: there is one already{via}{name}"
    )))
}

/// Tells IPv4's neighbours, once the port forwards: a gratuitous ARP (RFC 5227), by netlink. Asked
/// to find the neighbour that has our own address, the kernel asks everyone on the link, and
/// whoever has an entry of it corrects that (`arp_process`, `net/ipv4/arp.c`).
pub fn announce(config: &Resolved) -> Vec<Step> {
    let link = &config.container_ifname;
    let mut steps = Vec::new();
    for cidr in &config.container_addresses {
        let IpAddr::V4(address) = cidr.address else {
            continue;
        };
        let reason = "A gratuitous ARP: the address is asked for, and everyone hears who asks. Who knew \
                   a former owner of it knows better now.";
        steps.push(Step::container(
            reason,
            Op::Neighbour(NeighbourOp::Probe(link.clone(), address)),
            Vec::new(),
        ));
        let reason = "Nobody will answer, and the kernel need not go on asking.";
        steps.push(Step::container(
            reason,
            Op::Neighbour(NeighbourOp::Delete(link.clone(), address)),
            Vec::new(),
        ));
    }
    steps
}
