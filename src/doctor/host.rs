//! What is around the bridge: forwarding, reverse-path filters, firewalls, the way out.

use super::bridge::View;
use super::firewall::{self, Way};
use super::{Finding, bad};
use crate::config::{Cidr, IfName};
use crate::engine::query;
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::os::socket::Socket;
use crate::os::sysctl;
use crate::plan::observed::{LinkInfo, RouteInfo};
use crate::wire::registry::Protocol;
use std::net::IpAddr;

/// What is known when the container has been looked at.
#[derive(Default)]
pub(super) struct Context {
    /// The words that name the container to netsetgo.
    pub(super) words: String,
    /// What is typed before a command that is to be run in it.
    pub(super) enter: Option<String>,
    /// The bridges that it is plugged into.
    pub(super) bridges: Vec<View>,
    /// Its links.
    pub(super) ends: Vec<End>,
    /// Its addresses.
    pub(super) addresses: Vec<Cidr>,
    /// A gateway does not answer it.
    pub(super) deaf: bool,
    /// Its own netfilter.
    pub(super) firewall: Option<Socket>,
}

/// Both ends of a link, and what the container takes for its largest packet.
pub(super) struct End {
    pub(super) host: IfName,
    pub(super) container: IfName,
    pub(super) mtu: u32,
}

impl Context {
    /// The address of its bridge that the container reaches.
    pub(super) fn gateway(&self) -> Option<IpAddr> {
        let all = self.bridges.iter().flat_map(|view| &view.addresses);
        let reached = |cidr: &&Cidr| self.addresses.iter().any(|own| own.contains(cidr.address));
        let mut reachable = all.filter(reached);
        reachable.next().map(|cidr| cidr.address)
    }

    /// Families that the bridges have addresses of; where there is no bridge, IPv4.
    fn families(&self) -> [bool; 2] {
        let all = || self.bridges.iter().flat_map(|view| &view.addresses);
        let four = self.bridges.is_empty() || all().any(|cidr| cidr.address.is_ipv4());
        [four, all().any(|cidr| cidr.address.is_ipv6())]
    }
}

/// A netfilter socket of the namespace that the thread is in; none where there is no netfilter.
pub(super) fn netfilter() -> Option<Socket> {
    Socket::open(Protocol::Netfilter).ok()
}

pub(super) fn examine(
    host: &mut Host,
    routes: &[RouteInfo],
    context: &mut Context,
    all: &mut Vec<Finding>,
) -> Result<()> {
    let out = way_out(host, routes)?;
    forwarding(context, out.as_ref(), all);
    reverse_paths(host, routes, out.as_ref(), all)?;
    firewalls(context, out.as_ref(), all);
    match &out {
        Some(out) => sizes(context, out, all),
        None => all.push(bad(
            "way out: the host has no default route, so containers reach the host alone",
            "ip route add default via ROUTER",
        )),
    }
    Ok(())
}

/// The link of the default route that counts: the one of the lowest metric, of IPv4 first.
fn way_out(host: &mut Host, routes: &[RouteInfo]) -> Result<Option<LinkInfo>> {
    let defaults = routes.iter().filter(|route| route.network.prefix == 0);
    let best = defaults.min_by_key(|route| (route.network.address.is_ipv6(), route.metric));
    match best.and_then(|route| route.link) {
        Some(link) => query::link_by_index(&mut host.socket, link),
        None => Ok(None),
    }
}

/// A link's name within a setting's: sysctl(8) has a slash for the dot of a VLAN's.
fn setting(family: &str, link: &str, name: &str) -> String {
    format!("net.{family}.conf.{}.{name}", link.replace('.', "/"))
}

fn forwarding(context: &Context, out: Option<&LinkInfo>, all: &mut Vec<Finding>) {
    let [four, six] = context.families();
    for (whole, family, wanted) in [
        ("net.ipv4.ip_forward", "ipv4", four),
        ("net.ipv6.conf.all.forwarding", "ipv6", six),
    ] {
        if !wanted {
            continue;
        }
        match sysctl::number(whole) {
            Some(0) => {
                all.push(bad(
                    format!("forwarding: {whole} is 0, so nothing leaves the host"),
                    format!("sysctl -w {whole}=1"),
                ));
                continue;
            }
            Some(_) => {}
            None => {
                let what = format!("forwarding: {whole} cannot be read");
                all.push(bad(what, "mount -t proc proc /proc"));
                continue;
            }
        }
        // A packet is forwarded where the link that it comes in by forwards.
        let bridges = context.bridges.iter().map(|view| &view.told);
        let links = bridges.chain(out).map(|told| told.name.as_str());
        let off: Vec<String> = links
            .map(|link| setting(family, link, "forwarding"))
            .filter(|name| sysctl::number(name) == Some(0))
            .collect();
        for name in &off {
            all.push(bad(
                format!("forwarding: {name} is 0"),
                format!("sysctl -w {name}=1"),
            ));
        }
        if off.is_empty() {
            all.push(Finding::Ok(format!("forwarding: {whole} is on")));
        }
    }
}

/// Answers that come back by another default route than the one that counts are dropped by a strict
/// filter: 1; 2 is loose, and of all links' setting and the link's own the larger counts
/// (Documentation/networking/ip-sysctl.rst).
fn reverse_paths(
    host: &mut Host,
    routes: &[RouteInfo],
    out: Option<&LinkInfo>,
    all: &mut Vec<Finding>,
) -> Result<()> {
    let of = |link: &str| sysctl::number(&setting("ipv4", link, "rp_filter")).unwrap_or(0);
    let four = |route: &&RouteInfo| route.network.prefix == 0 && route.network.address.is_ipv4();
    let out = out.map(|told| told.index);
    let others = routes.iter().filter(four).filter_map(|route| route.link);
    for other in others.filter(|other| Some(*other) != out) {
        let Some(told) = query::link_by_index(&mut host.socket, other)? else {
            continue;
        };
        let name = &told.name;
        if of("all").max(of(name.as_str())) == 1 {
            let filter = setting("ipv4", name.as_str(), "rp_filter");
            all.push(bad(
                format!("rp_filter: strict on {name}, so answers that come back there are dropped"),
                format!("sysctl -w {filter}=2"),
            ));
        }
    }
    Ok(())
}

fn firewalls(context: &mut Context, out: Option<&LinkInfo>, all: &mut Vec<Finding>) {
    let own = context.firewall.take().filter(|_| context.deaf);
    let way = Way {
        nft: "nft",
        // Whoever has no container yet is told what would be dropped.
        link: "brg0",
        port: context.ends.first().map(|end| end.host.as_str()),
        out: out.map(|told| told.name.as_str()),
        families: context.families(),
        ends_here: false,
    };
    if let Some(mut socket) = netfilter().map(|socket| socket.at("host")) {
        let bridges = context.bridges.iter();
        let mut links: Vec<&str> = bridges.map(|view| view.told.name.as_str()).collect();
        if links.is_empty() {
            links.push(way.link);
        }
        for link in links {
            firewall::examine(&mut socket, Way { link, ..way }, all);
            if context.deaf {
                let way = Way {
                    link,
                    ends_here: true,
                    ..way
                };
                firewall::examine(&mut socket, way, all);
            }
        }
    }
    if let Some(socket) = own {
        own_firewall(context, socket, way, all);
    }
}

/// The container's own rules, where nothing answers it.
fn own_firewall(context: &Context, socket: Socket, way: Way<'_>, all: &mut Vec<Finding>) {
    let Some(enter) = &context.enter else {
        return;
    };
    let mut socket = socket.at("container");
    let nft = format!("{enter} nft");
    for end in &context.ends {
        let way = Way {
            nft: &nft,
            link: end.container.as_str(),
            port: None,
            out: None,
            ends_here: true,
            ..way
        };
        firewall::examine(&mut socket, way, all);
    }
}

/// What the container takes for its largest packet has to fit through the way out.
fn sizes(context: &Context, out: &LinkInfo, all: &mut Vec<Finding>) {
    let (name, least) = (&out.name, out.mtu);
    for End {
        host,
        container,
        mtu,
    } in context.ends.iter().filter(|end| end.mtu > least)
    {
        let enter = context.enter.as_deref().unwrap_or_default();
        all.push(bad(
            format!("mtu: {mtu} of {container} in container, but {least} of {name}"),
            format!("ip link set {host} mtu {least}; {enter} ip link set {container} mtu {least}"),
        ));
    }
    let alone = context.bridges.iter().filter(|_| context.ends.is_empty());
    for view in alone.filter(|view| view.told.mtu > least) {
        let (bridge, mtu) = (&view.told.name, view.told.mtu);
        all.push(bad(
            format!("mtu: {mtu} of {bridge}, but {least} of {name}"),
            format!("ip link set {bridge} mtu {least}"),
        ));
    }
}
