//! Cures, steps and taking away: what is said, and where it is done.
#![allow(clippy::indexing_slicing)]

mod attach;

use super::cure::cure;
use super::op::{Ioctl, Op};
use super::step::{Place, Step};
use super::{detach, tag};
use crate::config::{IfName, Mac, NetworkConfig};
use crate::wire::refusal::Refusal;
use nix::errno::Errno;

fn name(name: &str) -> IfName {
    name.parse().unwrap()
}

/// The part of the cure's words that tells it from the others.
fn cured(op: &Op, errno: Errno) -> Option<&'static str> {
    cure(op, &Refusal::bare(errno as i32))
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
        (host.place, host.why, &host.undo),
        (Place::Host, "why", &undo)
    );
    assert_eq!(host.doing(), "set veth0 up in host");
    let container = Step::container("why", up(), undo);
    assert_eq!(container.place, Place::Container);
    assert_eq!(container.doing(), "set veth0 up in container");
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
fn what_goes_together_is_put_together_first_and_back_if_it_stays() {
    let steps = detach::unused(&[name("brg0"), name("veth0")]);
    let words: Vec<String> = steps.iter().map(Step::doing).collect();
    assert_eq!(
        words,
        [
            "put brg0 into group 1853056872 in host",
            "put veth0 into group 1853056872 in host",
            "delete group 1853056872 in host",
        ]
    );
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
    let config = NetworkConfig {
        id: Some("c1".parse().unwrap()),
        ..NetworkConfig::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap()
    };
    assert_eq!(tag::names(&config), ["10.10.10.2", "netsetgo:c1:veth1"]);
    let nobodys = NetworkConfig { id: None, ..config };
    assert_eq!(tag::names(&nobodys), ["10.10.10.2"]);
    assert_eq!(tag::claim("fd00::2".parse().unwrap()), "fd00::2");
}
