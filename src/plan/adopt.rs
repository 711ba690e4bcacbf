//! What is there already and stays: what is missing of it, and whether it is somebody else's.

use super::attach::{one_more_name, port_settings};
use super::bridge;
use super::op::Op;
use super::seen::{Bridge, Pair, Seen};
use super::step::{Place, Step};
use super::tag;
use crate::config::{IfName, Mac, NetworkConfig};
use crate::error::{Error, Result};

/// What a bridge lacks. One of somebody else's gets it too, but is not changed otherwise.
pub(super) fn bridge(config: &NetworkConfig, all: &Seen, seen: &Bridge) -> Result<Vec<Step>> {
    let bridge = &config.bridge_name;
    let mut steps = Vec::new();
    if !seen.link.ours {
        stays_as_it_is(config, seen)?;
        if all.pair.is_none() {
            steps.extend(keeps_its_mac(bridge, &all.machine, seen));
        }
    }
    if !seen.link.up {
        let why = "The bridge is there but down, and forwards nothing.";
        let undo = vec![Op::SetDown(bridge.clone())];
        steps.push(Step::host(why, Op::SetUp(bridge.clone()), undo));
    }
    let missing = config
        .bridge_addresses
        .iter()
        .filter(|cidr| !seen.addresses.contains(cidr));
    for &half in &seen.halves {
        let why = "An address that was not finished: its prefix is another than it should be.";
        let undo = vec![Op::AddAddress(bridge.clone(), half)];
        let delete = Op::DeleteAddress(bridge.clone(), half);
        steps.push(Step::host(why, delete, undo));
    }
    steps.extend(missing.map(|&cidr| {
        let add = match seen.link.ours {
            true => Op::AddAddress(bridge.clone(), cidr),
            false => Op::LendAddress(bridge.clone(), cidr),
        };
        bridge::gateway(bridge, cidr, add)
    }));
    Ok(steps)
}

/// Refuses what would change a bridge of somebody else's.
fn stays_as_it_is(config: &NetworkConfig, seen: &Bridge) -> Result<()> {
    let bridge = &seen.link.name;
    if let Some(half) = seen.halves.first() {
        return Err(Error::refused(format!(
            "address {} in host: {bridge}, a bridge of somebody else's, has it as {half}",
            half.address
        )));
    }
    // A bridge's MTU is the smallest of its ports' (br_mtu_auto_adjust, net/bridge/br_if.c), and
    // what is larger than the bridge's does not pass it.
    match config.mtu {
        Some(mtu) if mtu != seen.link.mtu => Err(Error::refused(format!(
            "mtu {mtu}: {bridge}, a bridge of somebody else's, has {}",
            seen.link.mtu
        ))),
        _ => Ok(()),
    }
}

/// A bridge that was never given an address takes one from its ports, and another one when they
/// change (`br_stp_recalculate_bridge_id`, `net/bridge/br_stp_if.c`): it is given the one that it
/// has. Where it has ports already, one of ours has no say in it ([`Mac::of_port`]).
fn keeps_its_mac(bridge: &IfName, machine: &[u8], seen: &Bridge) -> Vec<Step> {
    let Some(has) = seen.link.mac.filter(|_| seen.unaddressed) else {
        return Vec::new();
    };
    let set = |why, mac, undo| Step::host(why, Op::SetMac(bridge.clone(), mac), undo);
    let why = "Without an address of its own it would take that of its first port.";
    // A bridge that has lost its last port has zeros.
    if has == Mac([0; 6]) {
        return vec![set(why, Mac::stable(machine, bridge), Vec::new())];
    }
    // 5.10 puts a bridge's address into its forwarding table only where it becomes another
    // (br_set_mac_address, net/bridge/br_device.c), and what is not in there is not received.
    let mut other = has;
    other.0[5] ^= 1;
    let first = "An address that it has already, a bridge does not note as its own.";
    let back = vec![Op::SetMac(bridge.clone(), has)];
    vec![set(first, other, back), set(why, has, Vec::new())]
}

/// What a pair lacks at its host's end, and of the settings of both.
pub(super) fn pair(config: &NetworkConfig, seen: &Seen, pair: &Pair) -> Result<Vec<Step>> {
    let host = &config.host_ifname;
    is_ours(config, pair)?;
    let mut steps = plugged_in(config, seen, pair)?;
    let missing = tag::names(config)
        .into_iter()
        .filter(|name| !pair.host.names.contains(name));
    steps.extend(missing.map(|name| one_more_name(host, name)));
    if pair.host.port != (config.hairpin, config.isolated) {
        steps.push(port_settings(config, pair.host.port));
    }
    steps.extend(sizes(config, pair));
    if let (Some(mac), Some(before)) = (config.mac, pair.container.mac)
        && mac != before
    {
        let why = "The container's hardware address is another than the one asked for.";
        let end = &config.container_ifname;
        let undo = vec![Op::SetMac(end.clone(), before)];
        steps.push(Step::container(why, Op::SetMac(end.clone(), mac), undo));
    }
    if !pair.host.up {
        let why = "The host's end is down, and so the container has no carrier.";
        let undo = vec![Op::SetDown(host.clone())];
        steps.push(Step::host(why, Op::SetUp(host.clone()), undo));
    }
    // One place after the other: each change of place is a datagram more.
    steps.sort_by_key(|step| step.place == Place::Container);
    Ok(steps)
}

/// Refuses a pair that is not ours, or is another owner's.
fn is_ours(config: &NetworkConfig, pair: &Pair) -> Result<()> {
    let name = &pair.host.name;
    if !pair.host.ours {
        return Err(Error::refused(format!(
            "name {name} in host: the container's link is not one that netsetgo made"
        )));
    }
    match (tag::id_in(&pair.host.names), &config.id) {
        (Some(owner), Some(id)) if owner != id.as_str() => Err(Error::refused(format!(
            "name {name} in host: it is {owner}'s, not {id}'s"
        ))),
        _ => Ok(()),
    }
}

/// The port, where it is in no bridge; refuses where it is in another.
fn plugged_in(config: &NetworkConfig, seen: &Seen, pair: &Pair) -> Result<Vec<Step>> {
    match (pair.host.master, &seen.bridge) {
        (Some(master), Some(bridge)) if master == bridge.link.index => Ok(Vec::new()),
        (None, _) => {
            let why = "The pair is there, but not plugged into the bridge.";
            let port = config.host_ifname.clone();
            let bridge = Some(config.bridge_name.clone());
            let add = Op::SetMaster {
                port: port.clone(),
                bridge,
            };
            Ok(vec![Step::host(
                why,
                add,
                vec![Op::SetMaster { port, bridge: None }],
            )])
        }
        (Some(_), _) => Err(Error::refused(format!(
            "name {} in host: the container's link is plugged into another bridge",
            pair.host.name
        ))),
    }
}

/// The MTU at both ends: the one that is asked for, or that of the host's end.
fn sizes(config: &NetworkConfig, pair: &Pair) -> Vec<Step> {
    let mtu = config.mtu.unwrap_or(pair.host.mtu);
    let why = "Both ends have the same largest packet, or the larger is lost without a word.";
    let set = |name: &IfName, mtu| Op::SetMtu(name.clone(), mtu);
    let (host, container) = (&config.host_ifname, &config.container_ifname);
    let mut steps = Vec::new();
    if pair.host.mtu != mtu {
        steps.push(Step::host(
            why,
            set(host, mtu),
            vec![set(host, pair.host.mtu)],
        ));
    }
    if pair.container.mtu != mtu {
        let undo = vec![set(container, pair.container.mtu)];
        steps.push(Step::container(why, set(container, mtu), undo));
    }
    steps
}
