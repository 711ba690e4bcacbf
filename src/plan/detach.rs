//! The plans of `down` and `gc`.

use super::op::{AddressOp, LinkOp, OWNER_GROUP, Op};
use super::step::Step;
use crate::config::{Cidr, IfName};
use nix::errno::Errno;

/// Deletes a veth pair. The kernel deletes the container end, its addresses and its routes with it.
pub fn pair(host_ifname: &IfName) -> Vec<Step> {
    let reason =
        "The kernel deletes both ends of a veth pair together, with their addresses and routes.";
    vec![Step::host(
        reason,
        Op::Link(LinkOp::Delete(host_ifname.clone())),
        Vec::new(),
    )]
}

/// Deletes a bridge without ports.
pub fn bridge(name: &IfName) -> Vec<Step> {
    let reason = "The bridge has no container any more.";
    vec![Step::host(
        reason,
        Op::Link(LinkOp::Delete(name.clone())),
        Vec::new(),
    )]
}

/// Deletes the addresses that netsetgo added to a pre-existing bridge.
pub fn owned_addresses(bridge: &IfName, addresses: &[Cidr]) -> Vec<Step> {
    let reason =
        "The bridge has no container any more, so that it loses the address that netsetgo added.";
    let delete = |&cidr: &Cidr| {
        Step::host(
            reason,
            Op::Address(AddressOp::Delete(bridge.clone(), cidr)),
            Vec::new(),
        )
    };
    addresses.iter().map(delete).collect()
}

/// Deletes many links by one message: first each gets the device group `group`, a
/// [`pending_deletion_group`](super::op::pending_deletion_group), then netsetgo deletes the group. For separate messages, the kernel would wait for an RCU grace
/// period each.
pub fn unused(names: &[IfName], group: u32) -> Vec<Step> {
    let reason =
        "No container uses the link any more. One message deletes all links of this group.";
    let mut steps: Vec<Step> = names
        .iter()
        .map(|name| {
            let back = vec![Op::Link(LinkOp::SetGroup(name.clone(), OWNER_GROUP))];
            let step = Step::host(
                reason,
                Op::Link(LinkOp::SetGroup(name.clone(), group)),
                back,
            );
            // ENODEV: another process has deleted the link.
            Step {
                tolerate: Some(Errno::ENODEV),
                ..step
            }
        })
        .collect();
    let reason = "The kernel deletes all links of the group, and waits once for all of them.";
    steps.push(Step::host(
        reason,
        Op::Link(LinkOp::DeleteGroup(group)),
        Vec::new(),
    ));
    steps
}
