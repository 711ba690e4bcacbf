//! An operation as somebody would type it, for `ip` of iproute2.

use super::op::{Ioctl, Op, Route, class};
use super::step::{Place, Step};
use crate::config::{Cidr, Mac};

/// The equivalent command. What is done in the container is done by `ip -n NS`, where `NS` is its
/// namespace's name under /run/netns.
pub fn command(step: &Step) -> String {
    let words = words(&step.op);
    match step.place {
        Place::Container => words.replacen("ip ", "ip -n NS ", 1),
        Place::Host => words,
    }
}

fn words(op: &Op) -> String {
    match op {
        Op::CreateBridge { bridge, mac } => {
            format!(
                "ip link add {bridge} up address {mac} group {} type bridge",
                super::op::OWNER_GROUP
            )
        }
        Op::CreateVeth { .. } => create_veth(op),
        Op::DeleteLink(link) => format!("ip link del {link}"),
        Op::SetUp(link) => format!("ip link set {link} up"),
        Op::SetDown(link) => format!("ip link set {link} down"),
        Op::SetMaster {
            port,
            bridge: Some(bridge),
        } => {
            format!("ip link set {port} master {bridge}")
        }
        Op::SetMaster { port, bridge: None } => format!("ip link set {port} nomaster"),
        Op::SetGroup(link, group) => format!("ip link set {link} group {group}"),
        Op::DeleteGroup(group) => format!("ip link del group {group}"),
        Op::DisableLinkLocal(link) => format!("ip link set {link} addrgenmode none"),
        Op::AddAltname(link, name) => format!("ip link property add dev {link} altname {name}"),
        Op::DeleteAltname(link, name) => format!("ip link property del dev {link} altname {name}"),
        Op::SetPort {
            port,
            hairpin,
            isolated,
        } => {
            let word = |on: &bool| if *on { "on" } else { "off" };
            let (hairpin, isolated) = (word(hairpin), word(isolated));
            format!("ip link set {port} type bridge_slave hairpin {hairpin} isolated {isolated}")
        }
        Op::SetMtu(link, mtu) => format!("ip link set {link} mtu {mtu}"),
        Op::SetMac(link, mac) => format!("ip link set {link} address {mac}"),
        Op::AddAddress(link, cidr) if cidr.address.is_ipv4() => {
            format!("ip addr add {cidr} brd + dev {link}")
        }
        Op::AddAddress(link, cidr) => format!("ip addr add {cidr} dev {link} nodad"),
        Op::AddOwnedAddress(link, cidr) => {
            let proto = super::op::OWNER_PROTO;
            let add = words(&Op::AddAddress(link.clone(), *cidr));
            format!("{add} proto {proto:#x}")
        }
        Op::DeleteAddress(link, cidr) => format!("ip addr del {cidr} dev {link}"),
        Op::AddRoute(to) => format!("{} {}", family("ip route add", to), route(to)),
        Op::DeleteRoute(to) => format!("{} {}", family("ip route del", to), route(to)),
        Op::ProbeNeighbour(link, address) => {
            format!("ip neigh replace {address} dev {link} nud none use")
        }
        Op::DeleteNeighbour(link, address) => format!("ip neigh del {address} dev {link}"),
        Op::Ioctl(ioctl) => by_ioctl(ioctl),
    }
}

fn create_veth(op: &Op) -> String {
    let Op::CreateVeth {
        host,
        host_mac,
        master,
        peer,
        mac,
        mtu,
    } = op
    else {
        return String::new();
    };
    let queues = "numtxqueues 1 numrxqueues 1";
    let master = master
        .as_ref()
        .map(|name| format!(" master {name}"))
        .unwrap_or_default();
    let mtu = mtu.map(|mtu| format!(" mtu {mtu}")).unwrap_or_default();
    let address = |mac: &Option<Mac>| mac.map(|mac| format!(" address {mac}")).unwrap_or_default();
    let (host_mac, mac) = (address(host_mac), address(mac));
    let group = super::op::OWNER_GROUP;
    format!(
        "ip link add {host} up{host_mac}{master}{mtu} group {group} {queues} type veth \
         peer name {peer}{mac}{mtu} {queues} netns NS"
    )
}

fn family(words: &str, to: &Route) -> String {
    if to.gateway.is_ipv4() {
        words.into()
    } else {
        words.replacen("ip ", "ip -6 ", 1)
    }
}

fn route(to: &Route) -> String {
    let network = match to.destination {
        None => "default".into(),
        Some(to) => Cidr {
            address: to.network(),
            ..to
        }
        .to_string(),
    };
    format!("{network} via {} dev {}", to.gateway, to.link)
}

fn by_ioctl(ioctl: &Ioctl) -> String {
    match ioctl {
        Ioctl::AddBridge(bridge) => format!("ip link add {bridge} type bridge"),
        Ioctl::DeleteBridge(bridge) => format!("ip link del {bridge}"),
        Ioctl::AddPort { bridge, port } => format!("ip link set {port} master {bridge}"),
        Ioctl::DeletePort { port, .. } => format!("ip link set {port} nomaster"),
        Ioctl::SetMac(link, mac) => format!("ip link set {link} address {mac}"),
        Ioctl::SetAddress(link, cidr) => {
            format!("ip addr add {} brd + dev {link}", class(cidr.address))
        }
        Ioctl::SetNetmask(link, cidr) => format!(
            "ip addr add {cidr} brd + dev {link} && ip addr del {} dev {link}",
            class(cidr.address)
        ),
        Ioctl::SetUp(link, true) => format!("ip link set {link} up"),
        Ioctl::SetUp(link, false) => format!("ip link set {link} down"),
    }
}
