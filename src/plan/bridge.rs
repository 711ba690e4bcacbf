//! The steps that create a bridge: by netlink, or by ioctl.

use super::observed::Observed;
use super::op::{AddressOp, Ioctl, LinkOp, OWNER_GROUP, Op, SysctlOp};
use super::step::{Channel, Place, Step};
use crate::config::{Backend, Cidr, IfName, Mac, Resolved};
use nix::errno::Errno;

pub(super) fn create(config: &Resolved, observed: &Observed) -> Vec<Step> {
    const WHY: &str = "A bridge forwards frames between its ports. Each container gets a port.";
    let bridge = &config.bridge_name;
    let mac = new_mac(config, observed);
    if config.bridge_backend == Backend::Ioctl {
        let mut steps = by_ioctl(config, mac, WHY);
        steps.push(without_router_advertisements(Place::Host, bridge));
        return steps;
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
    steps.push(without_router_advertisements(Place::Host, bridge));
    steps
}

/// The step that makes a namespace ignore the router advertisements (RFC 4861) that arrive by a
/// link. By default, Linux takes its IPv6 default route and an address from any of them: a container
/// that sends one would get the IPv6 packets of the host, or of the other containers.
///
/// Netlink has no request for that (`inet6_set_link_af`, `net/ipv6/addrconf.c`). Without /proc the
/// step fails, which is a warning.
pub(super) fn without_router_advertisements(place: Place, link: &IfName) -> Step {
    let reason = "A container must not become the router of the host or of other containers: the \
                  kernel ignores router advertisements from this link.";
    let set = SysctlOp {
        path: format!("net/ipv6/conf/{link}/accept_ra"),
        value: "0".into(),
    };
    let step = Step {
        optional: true,
        ..Step::host(reason, set, Vec::new())
    };
    Step {
        channel: Channel::route(place),
        ..step
    }
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

/// A step that adds an address to the bridge, by this operation.
pub(super) fn gateway(bridge: &IfName, cidr: Cidr, add: Op) -> Step {
    let reason = "The bridge's address is the gateway of the containers. With it, the kernel adds the host's \
                  route to them.";
    let undo = vec![Op::Address(AddressOp::Delete(bridge.clone(), cidr))];
    let step = Step::host(reason, add, undo);
    // EEXIST: another process has added the same address with the same prefix length.
    Step {
        tolerate: Some(Errno::EEXIST),
        ..step
    }
}

/// The same bridge by ioctl. SIOCSIFADDR replaces the first address of a link. netsetgo uses it for
/// the first address of a new bridge only, and netlink for the others.
fn by_ioctl(config: &Resolved, mac: Mac, reason: &'static str) -> Vec<Step> {
    let bridge = &config.bridge_name;
    let mut steps = vec![
        step(
            reason,
            Ioctl::AddBridge(bridge.clone()),
            vec![Op::Ioctl(Ioctl::DeleteBridge(bridge.clone()))],
        ),
        Step::host(
            "No ioctl sets the device group, which is the ownership marker.",
            Op::Link(LinkOp::SetGroup(bridge.clone(), OWNER_GROUP)),
            Vec::new(),
        ),
        step(
            "Without its own hardware address, a bridge takes the lowest address of its ports.",
            Ioctl::SetMac(bridge.clone(), mac),
            Vec::new(),
        ),
    ];
    let mut by_netlink = config.bridge_addresses.clone();
    // For the prefix lengths 31 and 32, SIOCSIFADDR would leave a wrong broadcast address.
    let plain = |cidr: &Cidr| cidr.address.is_ipv4() && cidr.broadcast().is_some();
    let first = by_netlink.iter().position(plain);
    if let Some(cidr) = first.map(|place| by_netlink.remove(place)) {
        steps.extend(address_by_ioctl(bridge, cidr));
    }
    steps.push(step(
        "A bridge that is down forwards no frame.",
        Ioctl::SetUp(bridge.clone(), true),
        // SIOCBRDELBR returns EBUSY for a bridge that is up (br_del_bridge, net/bridge/br_if.c).
        vec![Op::Ioctl(Ioctl::SetUp(bridge.clone(), false))],
    ));
    steps.extend(by_netlink.iter().map(|&cidr| address(bridge, cidr)));
    steps
}

fn address_by_ioctl(bridge: &IfName, cidr: Cidr) -> [Step; 2] {
    [
        step(
            "The bridge's address is the gateway of the containers.",
            Ioctl::SetAddress(bridge.clone(), cidr),
            Vec::new(),
        ),
        step(
            "SIOCSIFADDR sets the prefix length of the address's class; this is the requested one.",
            Ioctl::SetNetmask(bridge.clone(), cidr),
            Vec::new(),
        ),
    ]
}

fn step(reason: &'static str, ioctl: Ioctl, undo: Vec<Op>) -> Step {
    Step::host(reason, Op::Ioctl(ioctl), undo)
}
