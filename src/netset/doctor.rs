//! `doctor`: why does this container have no network? Each cause with its cure.
//!
//! From the inside out, as a packet goes: the container's link, address and route, the bridge's
//! port and the bridge, forwarding and firewall of the host, the way out. Nothing is changed; one
//! packet is sent, an ICMP echo from the container to its gateway.

use crate::config::{Cidr, NAMED, NetnsRef};
use crate::engine::ask::{self, Told};
use crate::engine::sockets::{Container, Host};
use crate::error::Result;
use crate::os::{ping, sysctl};
use std::net::IpAddr;
use std::time::Duration;

/// A line of the doctor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it should be.
    Fine(String),
    /// What is wrong, and what cures it.
    Bad(String, String),
}

impl Finding {
    /// Whether something is wrong.
    pub fn is_bad(&self) -> bool {
        matches!(self, Self::Bad(..))
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fine(what) => write!(f, "ok   {what}"),
            Self::Bad(what, cure) => write!(f, "BAD  {what}; cure: {cure}"),
        }
    }
}

pub(super) fn bad(what: impl Into<String>, cure: impl Into<String>) -> Finding {
    Finding::Bad(what.into(), cure.into())
}

/// Looks at a container, or without one at the host alone.
pub fn doctor(container: Option<&NetnsRef>) -> Result<Vec<Finding>> {
    let mut host = Host::open()?;
    let mut all = Vec::new();
    let mut bridges = Vec::new();
    match container {
        Some(reference) => {
            let inside = Container::open(&host, reference)?;
            let mut patient = Patient {
                ip: ip_in(reference),
                inside,
            };
            all.push(Finding::Fine(format!(
                "{reference} has a network namespace of its own"
            )));
            bridges.extend(patient.examine(&mut host, &mut all)?);
        }
        None => {
            let links = ask::links(&mut host.socket, None)?;
            let ours = |told: &Told| told.link.ours && is(told, "bridge");
            bridges.extend(links.into_iter().filter(ours));
        }
    }
    for bridge in &bridges {
        of_bridge(&mut host, bridge, &mut all)?;
    }
    super::surroundings::of_host(&mut host, &bridges, &mut all)?;
    Ok(all)
}

fn is(told: &Told, kind: &str) -> bool {
    told.link.kind.as_deref() == Some(kind)
}

/// `ip` as it is typed for a container.
fn ip_in(reference: &NetnsRef) -> String {
    match reference {
        NetnsRef::Pid(pid) => format!("nsenter -t {pid} -n ip"),
        NetnsRef::Path(path) => match path.strip_prefix(NAMED) {
            Ok(name) => format!("ip -n {}", name.display()),
            Err(_) => format!("nsenter --net={} ip", path.display()),
        },
        NetnsRef::Descriptor(number) => format!("nsenter --net=/proc/self/fd/{number} ip"),
    }
}

/// The container.
struct Patient {
    /// `ip` as it is typed for it.
    ip: String,
    inside: Container,
}

impl Patient {
    /// The container's own side; the bridges that it is plugged into.
    fn examine(&mut self, host: &mut Host, all: &mut Vec<Finding>) -> Result<Vec<Told>> {
        let ip = &self.ip;
        if !self.inside.lo_up {
            all.push(bad("lo in container: down", format!("{ip} link set lo up")));
        }
        let links = ask::links(&mut self.inside.socket, None)?;
        let ends: Vec<&Told> = links.iter().filter(|told| is(told, "veth")).collect();
        if ends.is_empty() {
            let cure = "netsetgo up, with the words that name the container";
            all.push(bad("link in container: there is none besides lo", cure));
            return Ok(Vec::new());
        }
        let mut bridges = Vec::new();
        for end in ends {
            self.end(end, all)?;
            bridges.extend(self.port(host, end, all)?);
        }
        self.routes(host, all)?;
        Ok(bridges)
    }

    /// One link of the container.
    fn end(&mut self, end: &Told, all: &mut Vec<Finding>) -> Result<()> {
        let (ip, name) = (&self.ip, &end.link.name);
        match (end.link.up, end.carrier) {
            (false, _) => {
                let what = format!("link {name} in container: down");
                all.push(bad(what, format!("{ip} link set {name} up")));
            }
            (true, false) => all.push(bad(
                format!("link {name} in container: no carrier, so its other end is down or gone"),
                "what is said of its other end, or netsetgo up with the words it was made with",
            )),
            (true, true) => {
                all.push(Finding::Fine(format!(
                    "link {name} in container: up, with carrier"
                )));
            }
        }
        let addresses = ask::addresses_of(&mut self.inside.socket, end.link.index)?;
        let addresses: Vec<String> = addresses
            .iter()
            .filter(|cidr| !is_link_local(cidr))
            .map(Cidr::to_string)
            .collect();
        all.push(match addresses.is_empty() {
            true => bad(
                format!("address of {name} in container: there is none"),
                format!("{ip} addr add ADDRESS/PREFIX dev {name}"),
            ),
            false => Finding::Fine(format!(
                "address of {name} in container: {}",
                addresses.join(" ")
            )),
        });
        Ok(())
    }

    /// The other end of a container's link; the bridge that it is in.
    fn port(&self, host: &mut Host, end: &Told, all: &mut Vec<Finding>) -> Result<Option<Told>> {
        let name = &end.link.name;
        let port = match end.peer {
            Some(peer) => ask::link_by_index(&mut host.socket, peer)?.filter(|p| is(p, "veth")),
            None => None,
        };
        let Some(port) = port else {
            let what = format!("link {name} in container: its other end is not in this namespace");
            all.push(bad(what, "run doctor in the namespace where the bridge is"));
            return Ok(None);
        };
        let (outer, least) = (&port.link.name, port.link.mtu.min(end.link.mtu));
        if port.link.mtu != end.link.mtu {
            all.push(bad(
                format!(
                    "mtu: {} of {outer}, but {} of {name}",
                    port.link.mtu, end.link.mtu
                ),
                format!(
                    "ip link set {outer} mtu {least}; {} link set {name} mtu {least}",
                    self.ip
                ),
            ));
        }
        let Some(master) = port.link.master else {
            let what = format!("link {outer} in host: in no bridge");
            all.push(bad(what, format!("ip link set {outer} master BRIDGE")));
            return Ok(None);
        };
        let bridge = ask::link_by_index(&mut host.socket, master)?;
        match (port.link.up, port.port_state, &bridge) {
            (false, ..) => {
                let cure = format!("ip link set {outer} up");
                all.push(bad(format!("link {outer} in host: down"), cure));
            }
            (true, Some(1 | 2), Some(bridge)) => all.push(bad(
                format!("link {outer} in host: does not forward yet, the bridge looks for loops"),
                format!(
                    "wait, or ip link set {} type bridge stp_state 0",
                    bridge.link.name
                ),
            )),
            _ => {}
        }
        Ok(bridge)
    }

    /// The default routes, and whether what they lead to answers.
    fn routes(&mut self, host: &Host, all: &mut Vec<Finding>) -> Result<()> {
        let routes = ask::routes(&mut self.inside.socket)?;
        let defaults: Vec<_> = routes
            .iter()
            .filter(|route| route.network.prefix == 0)
            .collect();
        if defaults.is_empty() {
            let cure = format!("{} route add default via GATEWAY", self.ip);
            all.push(bad("route in container: there is no default route", cure));
        }
        for gateway in defaults.iter().filter_map(|route| route.gateway) {
            all.push(self.gateway(host, gateway));
        }
        Ok(())
    }

    fn gateway(&self, host: &Host, gateway: IpAddr) -> Finding {
        let patience = Duration::from_secs(1);
        match self
            .inside
            .netns
            .within(&host.netns, || ping::ping(gateway, patience))
        {
            Ok(Ok(Some(after))) => Finding::Fine(format!(
                "gateway {gateway}: answers the container after {} µs",
                after.as_micros()
            )),
            Ok(Ok(None)) => bad(
                format!("gateway {gateway}: does not answer the container"),
                "what else is bad here; if nothing is, a firewall may drop ICMP: nft list ruleset",
            ),
            Ok(Err(error)) => bad(
                format!("gateway {gateway}: no packet can be sent to it: {error}"),
                format!("{} route get {gateway} says why", self.ip),
            ),
            Err(errno) => bad(
                format!(
                    "gateway {gateway}: the container cannot be entered: {}",
                    errno.desc()
                ),
                "be root, or in the user namespace that owns it",
            ),
        }
    }
}

pub(super) fn is_link_local(cidr: &Cidr) -> bool {
    matches!(cidr.address, IpAddr::V6(v6) if v6.is_unicast_link_local())
}

/// A bridge: up, with an address.
fn of_bridge(host: &mut Host, bridge: &Told, all: &mut Vec<Finding>) -> Result<()> {
    let name = &bridge.link.name;
    if !is(bridge, "bridge") {
        let what =
            format!("link {name} in host: the container's port is in it, and it is no bridge");
        all.push(bad(what, "netsetgo down, and up with a bridge's name"));
        return Ok(());
    }
    if !bridge.link.up {
        all.push(bad(
            format!("bridge {name}: down"),
            format!("ip link set {name} up"),
        ));
    }
    let addresses = ask::addresses_of(&mut host.socket, bridge.link.index)?;
    let addresses: Vec<Cidr> = addresses
        .into_iter()
        .filter(|cidr| !is_link_local(cidr))
        .collect();
    if addresses.is_empty() {
        let cure = format!("ip addr add GATEWAY/PREFIX dev {name}");
        all.push(bad(
            format!("bridge {name}: has no address, so there is no gateway"),
            cure,
        ));
        return Ok(());
    }
    let words: Vec<String> = addresses.iter().map(Cidr::to_string).collect();
    all.push(Finding::Fine(format!("bridge {name}: {}", words.join(" "))));
    for cidr in addresses {
        super::surroundings::of_subnet(host, bridge, cidr, all)?;
    }
    // 0 off, 1 strict, 2 loose; the larger of the two counts (ip-sysctl.rst).
    let filter = |of: &str| sysctl::number(&format!("net.ipv4.conf.{of}.rp_filter")).unwrap_or(0);
    if filter("all").max(filter(name.as_str())) == 1 {
        all.push(Finding::Fine(format!(
            "rp_filter of {name}: strict; answers that come by another way than they would go are lost"
        )));
    }
    Ok(())
}
