//! Cures, steps and taking away: what is said, and where it is done.
#![allow(clippy::indexing_slicing)]

mod attach;

use super::hint::hint;
use super::op::{Ioctl, Op};
use super::step::{Place, Step};
use super::{detach, ownership};
use crate::config::{IfName, Mac, Resolved};
use crate::wire::netlink_error::NetlinkError;
use nix::errno::Errno;

fn name(name: &str) -> IfName {
    name.parse().unwrap()
}

/// The part of the cure's words that tells it from the others.
fn cured(op: &Op, errno: Errno) -> Option<&'static str> {
    hint(op, &NetlinkError::from_errno(errno as i32))
}

#[test]
fn what_helps_follows_from_what_was_asked_and_what_came_back() {
    let veth = Op::CreateVeth {
        host: name("veth0"),
        host_mac: None,
        master: None,
        peer: name("veth1"),
        mac: None,
        mtu: None,
    };
    let bridge = Op::CreateBridge {
        bridge: name("brg0"),
        mac: Mac([2, 0, 0, 0, 0, 1]),
    };
    let by_ioctl = Op::Ioctl(Ioctl::AddBridge(name("brg0")));
    let v6 = Op::AddAddress(name("brg0"), "fd00::1/64".parse().unwrap());
    let port = Op::SetMaster {
        port: name("veth0"),
        bridge: Some(name("brg0")),
    };
    for (op, errno, words) in [
        (&veth, Errno::EOPNOTSUPP, "CONFIG_VETH"),
        (&veth, Errno::EEXIST, "names is taken"),
        (&veth, Errno::EXFULL, "1023 ports"),
        (&port, Errno::EXFULL, "1023 ports"),
        (&bridge, Errno::EOPNOTSUPP, "CONFIG_BRIDGE"),
        (&by_ioctl, Errno::ENOPKG, "CONFIG_BRIDGE"),
        (&by_ioctl, Errno::ENOTTY, "CONFIG_BRIDGE"),
        (&by_ioctl, Errno::EINVAL, "CONFIG_BRIDGE"),
        (&v6, Errno::EOPNOTSUPP, "CONFIG_IPV6"),
        (&v6, Errno::EACCES, "disable_ipv6=0"),
        (&v6, Errno::EPERM, "CAP_NET_ADMIN"),
        (&Op::SetUp(name("lo")), Errno::EPERM, "CAP_NET_ADMIN"),
    ] {
        let said = cured(op, errno).unwrap_or_else(|| panic!("no cure for {op}, {errno}"));
        assert!(said.contains(words), "{op}, {errno}: {said}");
    }
}

#[test]
fn where_nothing_is_known_to_help_nothing_is_said() {
    let v4 = Op::AddAddress(name("brg0"), "10.0.0.1/24".parse().unwrap());
    assert_eq!(cured(&v4, Errno::EOPNOTSUPP), None);
    assert_eq!(cured(&Op::SetUp(name("lo")), Errno::EINVAL), None);
    assert_eq!(cured(&Op::DeleteLink(name("lo")), Errno::EEXIST), None);
}

#[test]
fn a_step_says_what_and_where() {
    let up = || Op::SetUp(name("veth0"));
    let undo = vec![Op::SetDown(name("veth0"))];
    let host = Step::host("why", up(), undo.clone());
    assert_eq!(
        (host.place, host.reason, &host.undo),
        (Place::Host, "why", &undo)
    );
    assert_eq!(host.action(), "set veth0 up in host");
    let container = Step::container("why", up(), undo);
    assert_eq!(container.place, Place::Container);
    assert_eq!(container.action(), "set veth0 up in container");
    assert_eq!((container.tolerate, container.op), (None, up()));
}

#[test]
fn taking_away_is_one_step_each_on_the_host() {
    for (steps, link) in [
        (detach::pair(&name("veth0")), "veth0"),
        (detach::bridge(&name("brg0")), "brg0"),
    ] {
        let ops: Vec<&Op> = steps.iter().map(|step| &step.op).collect();
        assert_eq!(ops, [&Op::DeleteLink(name(link))]);
        assert!(
            steps
                .iter()
                .all(|step| step.place == Place::Host && step.undo.is_empty())
        );
    }
}

#[test]
fn all_that_was_lent_is_taken_back_and_nothing_else() {
    let owned_addresses = ["10.9.0.1/24", "fd00::1/64"].map(|cidr| cidr.parse().unwrap());
    let words: Vec<String> = detach::owned_addresses(&name("br-lan"), &owned_addresses)
        .iter()
        .map(Step::action)
        .collect();
    assert_eq!(
        words,
        [
            "delete address 10.9.0.1/24 from br-lan in host",
            "delete address fd00::1/64 from br-lan in host",
        ]
    );
}

#[test]
fn what_goes_together_is_put_together_first_and_back_if_it_stays() {
    let steps = detach::unused(&[name("brg0"), name("veth0")]);
    let words: Vec<String> = steps.iter().map(Step::action).collect();
    assert_eq!(
        words,
        [
            "put brg0 into group 1853056872 in host",
            "put veth0 into group 1853056872 in host",
            "delete group 1853056872 in host",
        ]
    );
    // Of what has gone meanwhile the kernel says that it is not there.
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
fn a_pairs_names_are_its_addresses_and_its_owner() {
    let config = Resolved {
        id: Some("c1".parse().unwrap()),
        ..Resolved::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap()
    };
    assert_eq!(
        ownership::altnames(&config),
        ["10.10.10.2", "netsetgo:c1:veth1"]
    );
    let nobodys = Resolved { id: None, ..config };
    assert_eq!(ownership::altnames(&nobodys), ["10.10.10.2"]);
    assert_eq!(
        ownership::address_altname("fd00::2".parse().unwrap()),
        "fd00::2"
    );
}

#[test]
fn what_the_kernel_says_without_pointing_is_pointed_at() {
    use super::hint::suspect;
    let veth = Op::CreateVeth {
        host: name("veth0"),
        host_mac: None,
        master: None,
        peer: name("veth1"),
        mac: None,
        mtu: None,
    };
    let bridge = Op::CreateBridge {
        bridge: name("brg0"),
        mac: Mac([2, 0, 0, 0, 0, 1]),
    };
    let of = |op: &Op, errno: Errno| suspect(op, &NetlinkError::from_errno(errno as i32));
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
    assert_eq!(of(&Op::SetUp(name("lo")), Errno::EOPNOTSUPP), None);
}

/// Those that netlink has are held against `ip` itself, in tests/wire_differential.rs.
#[test]
fn an_ioctls_command_is_ips() {
    use super::command::command;
    let (bridge, port) = (|| name("brg0"), || name("veth0"));
    let cidr = || "192.168.1.1/20".parse().unwrap();
    let mac = Mac([2, 0, 0, 0, 0, 1]);
    for (ioctl, words) in [
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
            command(&Step::host("", Op::Ioctl(ioctl), Vec::new())),
            words
        );
    }
    let lend = Op::AddOwnedAddress(bridge(), cidr());
    let words = "ip addr add 192.168.1.1/20 brd + dev brg0 proto 0x6e";
    assert_eq!(command(&Step::host("", lend, Vec::new())), words);
    // In the container, and for a destination that is not written as a network.
    let route = super::op::Route {
        destination: Some("10.20.3.4/16".parse().unwrap()),
        gateway: "10.10.10.1".parse().unwrap(),
        link: name("veth1"),
    };
    assert_eq!(
        command(&Step::container("", Op::AddRoute(route), Vec::new())),
        "ip -n NS route add 10.20.0.0/16 via 10.10.10.1 dev veth1"
    );
}
