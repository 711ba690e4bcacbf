//! A bridge where there is none: by netlink in one message and one for each address, or by ioctl.

use super::observed::Observed;
use super::op::{AddressOp, Ioctl, LinkOp, OWNER_GROUP, Op};
use super::step::Step;
use crate::config::{Backend, Cidr, IfName, Mac, Resolved};
use nix::errno::Errno;

pub(super) fn create(config: &Resolved, observed: &Observed) -> Vec<Step> {
    const WHY: &str = "A bridge is a switch inside the kernel: every container gets a port.";
    let bridge = &config.bridge_name;
    let mac = new_mac(config, observed);
    if config.bridge_backend == Backend::Ioctl {
        return by_ioctl(config, mac, WHY);
    }
    let create = Op::Link(LinkOp::CreateBridge {
        bridge: bridge.clone(),
        mac,
    });
    let mut steps = vec![Step::host(
        WHY,
        create,
        vec![Op::Link(LinkOp::Delete(bridge.clone()))],
    )];
    steps.extend(
        config
            .bridge_addresses
            .iter()
            .map(|&cidr| address(bridge, cidr)),
    );
    steps
}

/// The hardware address of a new bridge: the requested one, or [`Mac::stable`].
pub fn new_mac(config: &Resolved, observed: &Observed) -> Mac {
    config
        .bridge_mac
        .unwrap_or_else(|| Mac::stable(&observed.machine, &config.bridge_name))
}

fn address(bridge: &IfName, cidr: Cidr) -> Step {
    gateway(
        bridge,
        cidr,
        Op::Address(AddressOp::Add(bridge.clone(), cidr)),
    )
}

/// An address of the bridge's, by this operation.
pub(super) fn gateway(bridge: &IfName, cidr: Cidr, add: Op) -> Step {
    let reason = "The bridge's address is the containers' gateway, and gives the host its route.";
    let undo = vec![Op::Address(AddressOp::Delete(bridge.clone(), cidr))];
    let step = Step::host(reason, add, undo);
    // Somebody else may have put it there meanwhile: this very one, or it would be another errno.
    Step {
        tolerate: Some(Errno::EEXIST),
        ..step
    }
}

/// The same bridge by ioctl. SIOCSIFADDR replaces a link's first address, so it is only used for
/// the first address of a bridge that has just been made; all others go by netlink.
fn by_ioctl(config: &Resolved, mac: Mac, reason: &'static str) -> Vec<Step> {
    let bridge = &config.bridge_name;
    let mut steps = vec![
        step(
            reason,
            Ioctl::AddBridge(bridge.clone()),
            vec![Op::Ioctl(Ioctl::DeleteBridge(bridge.clone()))],
        ),
        Step::host(
            "No ioctl sets a link's group, by which we know the bridge as ours.",
            Op::Link(LinkOp::SetGroup(bridge.clone(), OWNER_GROUP)),
            Vec::new(),
        ),
        step(
            "A bridge without an address of its own takes a new one with every port.",
            Ioctl::SetMac(bridge.clone(), mac),
            Vec::new(),
        ),
    ];
    let mut by_netlink = config.bridge_addresses.clone();
    // With a prefix of 31 or 32 it would leave the broadcast address of the address's class.
    let plain = |cidr: &Cidr| cidr.address.is_ipv4() && cidr.broadcast().is_some();
    let first = by_netlink.iter().position(plain);
    if let Some(cidr) = first.map(|place| by_netlink.remove(place)) {
        steps.extend(address_by_ioctl(bridge, cidr));
    }
    steps.push(step(
        "A bridge that is down forwards nothing.",
        Ioctl::SetUp(bridge.clone(), true),
        // SIOCBRDELBR answers EBUSY for a bridge that is up (br_del_bridge, net/bridge/br_if.c).
        vec![Op::Ioctl(Ioctl::SetUp(bridge.clone(), false))],
    ));
    steps.extend(by_netlink.iter().map(|&cidr| address(bridge, cidr)));
    steps
}

fn address_by_ioctl(bridge: &IfName, cidr: Cidr) -> [Step; 2] {
    [
        step(
            "The bridge's address is the containers' gateway.",
            Ioctl::SetAddress(bridge.clone(), cidr),
            Vec::new(),
        ),
        step(
            "The prefix, which SIOCSIFADDR has guessed from the address's class.",
            Ioctl::SetNetmask(bridge.clone(), cidr),
            Vec::new(),
        ),
    ]
}

fn step(reason: &'static str, ioctl: Ioctl, undo: Vec<Op>) -> Step {
    Step::host(reason, Op::Ioctl(ioctl), undo)
}
