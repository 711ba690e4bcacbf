//! Hints, commands, steps and the plans of `down` and `gc`.
#![allow(clippy::indexing_slicing)]

mod attach;

use super::op::{AddressOp, Ioctl, LinkOp, OWNER_GROUP, Op, RouteOp};
use super::step::{Place, Step};
use super::{detach, ownership};
use crate::config::{IfName, Mac, Resolved};
use crate::wire::netlink_error::NetlinkError;
use nix::errno::Errno;

fn name(name: &str) -> IfName {
    name.parse().unwrap()
}

fn hint(op: &Op, errno: Errno) -> Option<&'static str> {
    op.hint(&NetlinkError::from_errno(errno as i32))
}

#[test]
fn hint_with_known_errno_names_the_remedy() {
    let veth = Op::Link(LinkOp::CreateVeth {
        host: name("veth0"),
        host_mac: None,
        master: None,
        peer: name("veth1"),
        mac: None,
        mtu: None,
    });
    let bridge = Op::Link(LinkOp::CreateBridge {
        bridge: name("brg0"),
        mac: Mac([2, 0, 0, 0, 0, 1]),
    });
    let by_ioctl = Op::Ioctl(Ioctl::AddBridge(name("brg0")));
    let v6 = Op::Address(AddressOp::Add(name("brg0"), "fd00::1/64".parse().unwrap()));
    let port = Op::Link(LinkOp::SetMaster {
        port: name("veth0"),
        bridge: Some(name("brg0")),
    });
    for (op, errno, text_part) in [
        (&veth, Errno::EOPNOTSUPP, "CONFIG_VETH"),
        (&veth, Errno::EEXIST, "another link has the name"),
        (&veth, Errno::EXFULL, "1023 ports"),
        (&port, Errno::EXFULL, "1023 ports"),
        (&bridge, Errno::EOPNOTSUPP, "CONFIG_BRIDGE"),
        (&by_ioctl, Errno::ENOPKG, "CONFIG_BRIDGE"),
        (&by_ioctl, Errno::ENOTTY, "CONFIG_BRIDGE"),
        (&by_ioctl, Errno::EINVAL, "CONFIG_BRIDGE"),
        (&v6, Errno::EOPNOTSUPP, "CONFIG_IPV6"),
        (&v6, Errno::EACCES, "disable_ipv6=0"),
        (&v6, Errno::EPERM, "CAP_NET_ADMIN"),
        (
            &Op::Link(LinkOp::SetUp(name("lo"))),
            Errno::EPERM,
            "CAP_NET_ADMIN",
        ),
    ] {
        let text = hint(op, errno).unwrap_or_else(|| panic!("no hint for {op}, {errno}"));
        assert!(text.contains(text_part), "{op}, {errno}: {text}");
    }
}

#[test]
fn hint_with_other_errno_is_none() {
    let v4 = Op::Address(AddressOp::Add(name("brg0"), "10.0.0.1/24".parse().unwrap()));
    assert_eq!(hint(&v4, Errno::EOPNOTSUPP), None);
    assert_eq!(
        hint(&Op::Link(LinkOp::SetUp(name("lo"))), Errno::EINVAL),
        None
    );
    assert_eq!(
        hint(&Op::Link(LinkOp::Delete(name("lo"))), Errno::EEXIST),
        None
    );
}

#[test]
fn step_has_its_action_and_place() {
    let up = || Op::Link(LinkOp::SetUp(name("veth0")));
    let undo = vec![Op::Link(LinkOp::SetDown(name("veth0")))];
    let host = Step::host("why", up(), undo.clone());
    assert_eq!(
        (host.channel.place, host.reason, &host.undo),
        (Place::Host, "why", &undo)
    );
    assert_eq!(host.action(), "set veth0 up in host");
    let container = Step::container("why", up(), undo);
    assert_eq!(container.channel.place, Place::Container);
    assert_eq!(container.action(), "set veth0 up in container");
    assert_eq!((container.tolerate, container.op), (None, up()));
}

#[test]
fn detach_of_pair_or_bridge_is_one_step_on_the_host() {
    for (steps, link) in [
        (detach::pair(&name("veth0")), "veth0"),
        (detach::bridge(&name("brg0")), "brg0"),
    ] {
        let ops: Vec<&Op> = steps.iter().map(|step| &step.op).collect();
        assert_eq!(ops, [&Op::Link(LinkOp::Delete(name(link)))]);
        assert!(
            steps
                .iter()
                .all(|step| step.channel.place == Place::Host && step.undo.is_empty())
        );
    }
}

#[test]
fn detach_deletes_each_owned_address() {
    let owned_addresses = ["10.9.0.1/24", "fd00::1/64"].map(|cidr| cidr.parse().unwrap());
    let actions: Vec<String> = detach::owned_addresses(&name("br-lan"), &owned_addresses)
        .iter()
        .map(Step::action)
        .collect();
    assert_eq!(
        actions,
        [
            "delete address 10.9.0.1/24 from br-lan in host",
            "delete address fd00::1/64 from br-lan in host",
        ]
    );
}

#[test]
fn unused_links_get_the_group_of_pending_deletion() {
    let steps = detach::unused(&[name("brg0"), name("veth0")], OWNER_GROUP + 1);
    let actions: Vec<String> = steps.iter().map(Step::action).collect();
    assert_eq!(
        actions,
        [
            "put brg0 into group 1853056872 in host",
            "put veth0 into group 1853056872 in host",
            "delete group 1853056872 in host",
        ]
    );
    // Another process may have deleted the link concurrently: the kernel returns ENODEV.
    let tolerated: Vec<_> = steps.iter().map(|step| step.tolerate).collect();
    assert_eq!(tolerated, [Some(Errno::ENODEV), Some(Errno::ENODEV), None]);
    let undo: Vec<String> = steps
        .iter()
        .flat_map(|s| &s.undo)
        .map(Op::to_string)
        .collect();
    assert_eq!(
        undo,
        [
            "put brg0 into group 1853056871",
            "put veth0 into group 1853056871",
        ]
    );
}

#[test]
fn altnames_of_a_pair_are_its_addresses_and_its_owner() {
    let config = Resolved {
        id: Some("c1".parse().unwrap()),
        ..Resolved::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap()
    };
    assert_eq!(
        ownership::altnames(&config),
        ["10.10.10.2", "netsetgo:c1:veth1"]
    );
    let unowned = Resolved { id: None, ..config };
    assert_eq!(ownership::altnames(&unowned), ["10.10.10.2"]);
    assert_eq!(
        ownership::address_altname("fd00::2".parse().unwrap()),
        "fd00::2"
    );
}

#[test]
fn offending_attribute_without_offset_is_the_kind() {
    let veth = Op::Link(LinkOp::CreateVeth {
        host: name("veth0"),
        host_mac: None,
        master: None,
        peer: name("veth1"),
        mac: None,
        mtu: None,
    });
    let bridge = Op::Link(LinkOp::CreateBridge {
        bridge: name("brg0"),
        mac: Mac([2, 0, 0, 0, 0, 1]),
    });
    let of =
        |op: &Op, errno: Errno| op.offending_attribute(&NetlinkError::from_errno(errno as i32));
    let kind = |kind| Some(format!("IFLA_LINKINFO.IFLA_INFO_KIND \"{kind}\""));
    assert_eq!(
        of(&veth, Errno::EOPNOTSUPP).map(str::to_owned),
        kind("veth")
    );
    assert_eq!(
        of(&bridge, Errno::EOPNOTSUPP).map(str::to_owned),
        kind("bridge")
    );
    assert_eq!(of(&veth, Errno::EEXIST), None);
    assert_eq!(
        of(&Op::Link(LinkOp::SetUp(name("lo"))), Errno::EOPNOTSUPP),
        None
    );
}

/// tests/wire_differential.rs compares the other commands with what `ip` itself sends.
#[test]
fn command_of_ioctl_is_the_equivalent_ip_command() {
    let (bridge, port) = (|| name("brg0"), || name("veth0"));
    let cidr = || "192.168.1.1/20".parse().unwrap();
    let mac = Mac([2, 0, 0, 0, 0, 1]);
    for (ioctl, command) in [
        (Ioctl::AddBridge(bridge()), "ip link add brg0 type bridge"),
        (Ioctl::DeleteBridge(bridge()), "ip link del brg0"),
        (
            Ioctl::AddPort {
                bridge: bridge(),
                port: port(),
            },
            "ip link set veth0 master brg0",
        ),
        (
            Ioctl::DeletePort {
                bridge: bridge(),
                port: port(),
            },
            "ip link set veth0 nomaster",
        ),
        (
            Ioctl::SetMac(bridge(), mac),
            "ip link set brg0 address 02:00:00:00:00:01",
        ),
        (
            Ioctl::SetAddress(bridge(), cidr()),
            "ip addr add 192.168.1.1/24 brd + dev brg0",
        ),
        (
            Ioctl::SetNetmask(bridge(), cidr()),
            "ip addr add 192.168.1.1/20 brd + dev brg0 && ip addr del 192.168.1.1/24 dev brg0",
        ),
        (Ioctl::SetUp(bridge(), true), "ip link set brg0 up"),
        (Ioctl::SetUp(bridge(), false), "ip link set brg0 down"),
    ] {
        assert_eq!(
            Step::host("", Op::Ioctl(ioctl), Vec::new()).command(),
            command
        );
    }
    let owned = Op::Address(AddressOp::AddOwned(bridge(), cidr()));
    let command = "ip addr add 192.168.1.1/20 brd + dev brg0 proto 0x6e";
    assert_eq!(Step::host("", owned, Vec::new()).command(), command);
    // A step in the container. The destination has host bits, which the command does not print.
    let route = super::op::Route {
        destination: Some("10.20.3.4/16".parse().unwrap()),
        gateway: "10.10.10.1".parse().unwrap(),
        link: name("veth1"),
    };
    assert_eq!(
        Step::container("", Op::Route(RouteOp::Add(route)), Vec::new()).command(),
        "ip -n NS route add 10.20.0.0/16 via 10.10.10.1 dev veth1"
    );
}
