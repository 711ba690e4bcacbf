//! What is there already and stays: what is missing of it, and whether it is somebody else's.

use super::attach::{one_more_name, port_settings};
use super::bridge;
use super::observed::{Bridge, Observed, Pair};
use super::op::{AddressOp, LinkOp, Op};
use super::ownership;
use super::step::{Place, Step};
use crate::config::{IfName, Mac, Resolved};
use crate::error::{Error, Result};

/// What a bridge lacks. One of somebody else's gets it too, but is not changed otherwise.
pub(super) fn bridge(config: &Resolved, all: &Observed, observed: &Bridge) -> Result<Vec<Step>> {
    let bridge = &config.bridge_name;
    let mut steps = Vec::new();
    if !observed.link.is_marked() {
        stays_as_it_is(config, observed)?;
        if all.pair.is_none() {
            steps.extend(keeps_its_mac(bridge, &all.machine, observed));
        }
    }
    if !observed.link.up {
        let reason = "The bridge is there but down, and forwards nothing.";
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
        let reason = "An address that was not finished: its prefix is another than it should be.";
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

/// Refuses what would change a bridge of somebody else's.
fn stays_as_it_is(config: &Resolved, observed: &Bridge) -> Result<()> {
    let bridge = &observed.link.name;
    if let Some(half) = observed.wrong_prefixes.first() {
        return Err(Error::conflict(format!(
            "address {} in host: {bridge}, a bridge of somebody else's, has it as {half}",
            half.address
        )));
    }
    // A bridge's MTU is the smallest of its ports' (br_mtu_auto_adjust, net/bridge/br_if.c), and
    // what is larger than the bridge's does not pass it.
    match config.mtu {
        Some(mtu) if mtu != observed.link.mtu => Err(Error::conflict(format!(
            "mtu {mtu}: {bridge}, a bridge of somebody else's, has {}",
            observed.link.mtu
        ))),
        _ => Ok(()),
    }
}

/// A bridge that was never given an address takes one from its ports, and another one when they
/// change (`br_stp_recalculate_bridge_id`, `net/bridge/br_stp_if.c`): it is given the one that it
/// has. Where it has ports already, one of ours has no say in it ([`Mac::of_port`]).
fn keeps_its_mac(bridge: &IfName, machine: &[u8], observed: &Bridge) -> Vec<Step> {
    let Some(has) = observed.link.mac.filter(|_| observed.link.unaddressed) else {
        return Vec::new();
    };
    let set =
        |reason, mac, undo| Step::host(reason, Op::Link(LinkOp::SetMac(bridge.clone(), mac)), undo);
    let reason = "Without an address of its own it would take that of its first port.";
    // A bridge that has lost its last port has zeros.
    if has == Mac([0; 6]) {
        return vec![set(reason, Mac::stable(machine, bridge), Vec::new())];
    }
    // 5.10 puts a bridge's address into its forwarding table only where it becomes another
    // (br_set_mac_address, net/bridge/br_device.c), and what is not in there is not received.
    let mut other = has;
    other.0[5] ^= 1;
    let first = "An address that it has already, a bridge does not note as its own.";
    let back = vec![Op::Link(LinkOp::SetMac(bridge.clone(), has))];
    vec![set(first, other, back), set(reason, has, Vec::new())]
}

/// What a pair lacks at its host's end, and of the settings of both.
pub(super) fn pair(config: &Resolved, observed: &Observed, pair: &Pair) -> Result<Vec<Step>> {
    let host = &config.host_ifname;
    is_ours(config, pair)?;
    let mut steps = plugged_in(config, observed, pair)?;
    let missing = ownership::altnames(config)
        .into_iter()
        .filter(|name| !pair.host.altnames.contains(name));
    steps.extend(missing.map(|name| one_more_name(host, name)));
    if pair.host.port != config.port {
        steps.push(port_settings(config, pair.host.port));
    }
    steps.extend(sizes(config, pair));
    if let (Some(mac), Some(before)) = (config.mac, pair.container.mac)
        && mac != before
    {
        let reason = "The container's hardware address is another than the one asked for.";
        let end = &config.container_ifname;
        let undo = vec![Op::Link(LinkOp::SetMac(end.clone(), before))];
        steps.push(Step::container(
            reason,
            Op::Link(LinkOp::SetMac(end.clone(), mac)),
            undo,
        ));
    }
    if !pair.host.up {
        let reason = "The host's end is down, and so the container has no carrier.";
        let undo = vec![Op::Link(LinkOp::SetDown(host.clone()))];
        steps.push(Step::host(
            reason,
            Op::Link(LinkOp::SetUp(host.clone())),
            undo,
        ));
    }
    // One place after the other: each change of place is a datagram more.
    steps.sort_by_key(|step| step.channel.place == Place::Container);
    Ok(steps)
}

/// Refuses a pair that is not ours, or is another owner's.
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

/// The port, where it is in no bridge; refuses where it is in another.
fn plugged_in(config: &Resolved, observed: &Observed, pair: &Pair) -> Result<Vec<Step>> {
    match (pair.host.master, &observed.bridge) {
        (Some(master), Some(bridge)) if master == bridge.link.index => Ok(Vec::new()),
        (None, _) => {
            let reason = "The pair is there, but not plugged into the bridge.";
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
            "name {} in host: the container's link is plugged into another bridge",
            pair.host.name
        ))),
    }
}

/// The MTU at both ends: the one that is asked for, or that of the host's end.
fn sizes(config: &Resolved, pair: &Pair) -> Vec<Step> {
    let mtu = config.mtu.unwrap_or(pair.host.mtu);
    let reason = "Both ends have the same largest packet, or the larger is lost without a word.";
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
