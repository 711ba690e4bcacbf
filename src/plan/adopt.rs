//! What exists already: what is missing of it, and whether netsetgo may change it.

use super::attach::{add_altname, port_settings};
use super::bridge;
use super::observed::{Bridge, LinkInfo, Observed, Pair};
use super::op::{AddressOp, LinkOp, OWNER_GROUP, Op};
use super::ownership;
use super::step::{Place, Step};
use crate::config::{IfName, Mac, Resolved};
use crate::error::{Error, Result};

/// The steps that complete a bridge. A pre-existing bridge gets missing addresses, and no other
/// change.
pub(super) fn bridge(config: &Resolved, all: &Observed, observed: &Bridge) -> Result<Vec<Step>> {
    let bridge = &config.bridge_name;
    let mut steps = Vec::new();
    if !observed.link.is_marked() {
        check_pre_existing(config, observed)?;
        if all.pair.is_none() {
            steps.extend(fix_mac(bridge, &all.machine, observed));
        }
    }
    steps.extend(keep(&observed.link));
    if observed.accepts_ra {
        steps.push(bridge::without_router_advertisements(Place::Host, bridge));
    }
    if !observed.link.up {
        let reason = "The bridge is down, and forwards no frame.";
        let undo = vec![Op::Link(LinkOp::SetDown(bridge.clone()))];
        steps.push(Step::host(
            reason,
            Op::Link(LinkOp::SetUp(bridge.clone())),
            undo,
        ));
    }
    let missing = config
        .bridge_addresses
        .iter()
        .filter(|cidr| !observed.addresses.contains(cidr));
    for &half in &observed.wrong_prefixes {
        let reason =
            "The address has a wrong prefix length, as an interrupted SIOCSIFADDR leaves it.";
        let undo = vec![Op::Address(AddressOp::Add(bridge.clone(), half))];
        let delete = Op::Address(AddressOp::Delete(bridge.clone(), half));
        steps.push(Step::host(reason, delete, undo));
    }
    steps.extend(missing.map(|&cidr| {
        let add = match observed.link.is_marked() {
            true => Op::Address(AddressOp::Add(bridge.clone(), cidr)),
            false => Op::Address(AddressOp::AddOwned(bridge.clone(), cidr)),
        };
        bridge::gateway(bridge, cidr, add)
    }));
    Ok(steps)
}

/// The step that takes a link out of its group of pending deletion. A process that was killed during
/// `gc` leaves the link there, and another process may choose the same group.
fn keep(link: &LinkInfo) -> Vec<Step> {
    if !link.is_marked() || !link.is_pending() {
        return Vec::new();
    }
    let reason = "An interrupted `gc` has marked the link for deletion. It is in use again.";
    let set = |group| Op::Link(LinkOp::SetGroup(link.name.clone(), group));
    vec![Step::host(reason, set(OWNER_GROUP), vec![set(link.group)])]
}

/// Checks that the request changes nothing else of a pre-existing bridge.
fn check_pre_existing(config: &Resolved, observed: &Bridge) -> Result<()> {
    let bridge = &observed.link.name;
    if let Some(half) = observed.wrong_prefixes.first() {
        return Err(Error::conflict(format!(
            "address {} in host: the pre-existing bridge {bridge} has it as {half}",
            half.address
        )));
    }
    // The kernel sets the MTU of a bridge to the smallest MTU of its ports (br_mtu_auto_adjust,
    // net/bridge/br_if.c). A bridge drops a larger packet.
    match config.mtu {
        Some(mtu) if mtu != observed.link.mtu => Err(Error::conflict(format!(
            "mtu {mtu}: the pre-existing bridge {bridge} has {}",
            observed.link.mtu
        ))),
        _ => Ok(()),
    }
}

/// The kernel gives a bridge without its own hardware address the lowest address of its ports, and
/// changes it with the ports (`br_stp_recalculate_bridge_id`, `net/bridge/br_stp_if.c`). These steps
/// set the current address explicitly. On a bridge with ports, a port of netsetgo never has the
/// lowest address ([`Mac::of_port`]).
fn fix_mac(bridge: &IfName, machine: &[u8], observed: &Bridge) -> Vec<Step> {
    let Some(has) = observed.link.mac.filter(|_| observed.link.unaddressed) else {
        return Vec::new();
    };
    let set =
        |reason, mac, undo| Step::host(reason, Op::Link(LinkOp::SetMac(bridge.clone(), mac)), undo);
    let reason = "Without its own address, the bridge would take the address of its first port.";
    // A bridge without ports that had some has the all-zero address.
    if has == Mac([0; 6]) {
        return vec![set(reason, Mac::stable(machine, bridge), Vec::new())];
    }
    // Linux 5.10 adds a bridge's address to its forwarding table only when the address changes
    // (br_set_mac_address, net/bridge/br_device.c). The bridge receives no frame for an address that
    // is not in the table.
    let mut other = has;
    other.0[5] ^= 1;
    let first =
        "The kernel ignores an address that the bridge has already, so another one comes first.";
    let back = vec![Op::Link(LinkOp::SetMac(bridge.clone(), has))];
    vec![set(first, other, back), set(reason, has, Vec::new())]
}

/// The steps that complete the host end of a veth pair, and the settings of both ends.
pub(super) fn pair(config: &Resolved, observed: &Observed, pair: &Pair) -> Result<Vec<Step>> {
    let host = &config.host_ifname;
    is_ours(config, pair)?;
    let mut steps = keep(&pair.host);
    steps.extend(plugged_in(config, observed, pair)?);
    let missing = ownership::altnames(config)
        .into_iter()
        .filter(|name| !pair.host.altnames.contains(name));
    steps.extend(missing.map(|name| add_altname(host, name)));
    if pair.host.port != config.port {
        steps.push(port_settings(config, pair.host.port));
    }
    steps.extend(sizes(config, pair));
    if let (Some(mac), Some(before)) = (config.mac, pair.container.mac)
        && mac != before
    {
        let reason = "The container end has another hardware address than the requested one.";
        let end = &config.container_ifname;
        let undo = vec![Op::Link(LinkOp::SetMac(end.clone(), before))];
        steps.push(Step::container(
            reason,
            Op::Link(LinkOp::SetMac(end.clone(), mac)),
            undo,
        ));
    }
    if !pair.host.up {
        let reason = "The host end is down, so that the container end has no carrier.";
        let undo = vec![Op::Link(LinkOp::SetDown(host.clone()))];
        steps.push(Step::host(
            reason,
            Op::Link(LinkOp::SetUp(host.clone())),
            undo,
        ));
    }
    // The host's steps come first: each change of the channel costs a datagram.
    steps.sort_by_key(|step| step.channel.place == Place::Container);
    Ok(steps)
}

/// Checks that netsetgo created the veth pair, and that the owner is the same.
fn is_ours(config: &Resolved, pair: &Pair) -> Result<()> {
    let name = &pair.host.name;
    if !pair.host.is_marked() {
        return Err(Error::conflict(format!(
            "name {name} in host: netsetgo did not create the container's link"
        )));
    }
    match (ownership::id_in(&pair.host.altnames), &config.id) {
        (Some(owner), Some(id)) if owner != id.as_str() => Err(Error::conflict(format!(
            "name {name} in host: its owner is {owner}, not {id}"
        ))),
        _ => Ok(()),
    }
}

/// The step that adds the host end to the bridge, unless it is a port of it. An error where it is a
/// port of another bridge.
fn plugged_in(config: &Resolved, observed: &Observed, pair: &Pair) -> Result<Vec<Step>> {
    match (pair.host.master, &observed.bridge) {
        (Some(master), Some(bridge)) if master == bridge.link.index => Ok(Vec::new()),
        (None, _) => {
            let reason = "The host end exists, but is not a port of the bridge.";
            let port = config.host_ifname.clone();
            let bridge = Some(config.bridge_name.clone());
            let add = Op::Link(LinkOp::SetMaster {
                port: port.clone(),
                bridge,
            });
            Ok(vec![Step::host(
                reason,
                add,
                vec![Op::Link(LinkOp::SetMaster { port, bridge: None })],
            )])
        }
        (Some(_), _) => Err(Error::conflict(format!(
            "name {} in host: the host end is a port of another bridge",
            pair.host.name
        ))),
    }
}

/// The MTU of both ends: the requested one, or that of the host end.
fn sizes(config: &Resolved, pair: &Pair) -> Vec<Step> {
    let mtu = config.mtu.unwrap_or(pair.host.mtu);
    let reason =
        "Both ends need the same MTU: an end drops a packet that is larger than its own MTU.";
    let set = |name: &IfName, mtu| Op::Link(LinkOp::SetMtu(name.clone(), mtu));
    let (host, container) = (&config.host_ifname, &config.container_ifname);
    let mut steps = Vec::new();
    if pair.host.mtu != mtu {
        steps.push(Step::host(
            reason,
            set(host, mtu),
            vec![set(host, pair.host.mtu)],
        ));
    }
    if pair.container.mtu != mtu {
        let undo = vec![set(container, pair.container.mtu)];
        steps.push(Step::container(reason, set(container, mtu), undo));
    }
    steps
}
