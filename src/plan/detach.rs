//! From a container with a network back to nothing.

use super::op::{AddressOp, LinkOp, OWNER_GROUP, Op, PENDING_DELETION_GROUP};
use super::step::Step;
use crate::config::{Cidr, IfName};
use nix::errno::Errno;

/// Takes the pair away; the container's end, its addresses and routes go with it.
pub fn pair(host_ifname: &IfName) -> Vec<Step> {
    let reason =
        "One end of a veth pair cannot be without the other: both go, with all they carry.";
    vec![Step::host(
        reason,
        Op::Link(LinkOp::Delete(host_ifname.clone())),
        Vec::new(),
    )]
}

/// Takes a bridge away that has no ports any more.
pub fn bridge(name: &IfName) -> Vec<Step> {
    let reason = "The last container has left the bridge.";
    vec![Step::host(
        reason,
        Op::Link(LinkOp::Delete(name.clone())),
        Vec::new(),
    )]
}

/// Takes back the addresses that a bridge of somebody else's was given.
pub fn owned_addresses(bridge: &IfName, addresses: &[Cidr]) -> Vec<Step> {
    let reason = "The last container has left the bridge, and with it what it was given.";
    let delete = |&cidr: &Cidr| {
        Step::host(
            reason,
            Op::Address(AddressOp::Delete(bridge.clone(), cidr)),
            Vec::new(),
        )
    };
    addresses.iter().map(delete).collect()
}

/// Takes many links away at once: they are put into a group of their own, and the group is deleted
/// by one message. One by one, each deletion would wait for the kernel's RCU by itself.
pub fn unused(names: &[IfName]) -> Vec<Step> {
    let reason = "It has no container any more; what goes together is put together first.";
    let mut steps: Vec<Step> = names
        .iter()
        .map(|name| {
            let back = vec![Op::Link(LinkOp::SetGroup(name.clone(), OWNER_GROUP))];
            let step = Step::host(
                reason,
                Op::Link(LinkOp::SetGroup(name.clone(), PENDING_DELETION_GROUP)),
                back,
            );
            // Somebody was faster.
            Step {
                tolerate: Some(Errno::ENODEV),
                ..step
            }
        })
        .collect();
    let reason = "All of the group go, and the kernel waits once for all of them.";
    steps.push(Step::host(
        reason,
        Op::Link(LinkOp::DeleteGroup(PENDING_DELETION_GROUP)),
        Vec::new(),
    ));
    steps
}
