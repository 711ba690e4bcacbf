//! `up` and `down` on the real kernel: a container gets its network and loses it.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::snapshot::{differences, snapshot};
use common::{TestContainer, bound, isolate, netsetgo, packets_pass, perform, refused, succeeds};
use netsetgo::plan::op::{AddressOp, LinkOp, Op, RouteOp};

/// The command line of the original program's README.
fn original(pid: u32) -> String {
    format!(
        "-bridgeAddress 10.10.10.1/24 -bridgeName brg0 -containerAddress 10.10.10.2/24 -pid {pid} \
         -vethNamePrefix veth"
    )
}

#[test]
fn original_command_line_configures_host_and_container() {
    isolate(
        "original_command_line_configures_host_and_container",
        || {
            let container = TestContainer::new();
            succeeds(&original(container.pid()));

            let host = snapshot();
            let bridge = &host["link brg0"];
            assert_eq!(bridge["IFLA_LINKINFO.IFLA_INFO_KIND"], "\"bridge\"");
            assert_eq!(bridge["ifi_flags"], "true", "the bridge is up");
            let port = &host["link veth0"];
            assert_eq!(port["IFLA_LINKINFO.IFLA_INFO_KIND"], "\"veth\"");
            assert_eq!(port["IFLA_MASTER"], bridge["ifi_index"]);
            assert_eq!(port["ifi_flags"], "true", "the host end is up");
            let address = &host[&format!("address 10.10.10.1@{}", bridge["ifi_index"])];
            assert_eq!(address["ifa_prefixlen"], "24");
            assert_eq!(address["IFA_BROADCAST"], "10.10.10.255");

            let in_container = container.in_netns(snapshot);
            let end = &in_container["link veth1"];
            assert_eq!(end["ifi_flags"], "true", "the container end is up");
            assert_eq!(in_container["link lo"]["ifi_flags"], "true", "lo is up");
            let address = &in_container[&format!("address 10.10.10.2@{}", end["ifi_index"])];
            assert_eq!(address["ifa_prefixlen"], "24");
            let default = format!(
                "route RT_TABLE_MAIN /0 via 10.10.10.1@{} RTN_UNICAST",
                end["ifi_index"]
            );
            assert!(
                in_container.contains_key(&default),
                "{default} is not in {:?}",
                in_container.keys()
            );

            let (host, in_container) = (
                bound("10.10.10.1"),
                container.in_netns(|| bound("10.10.10.2")),
            );
            packets_pass((&host.0, host.1), (&in_container.0, in_container.1));
            packets_pass((&in_container.0, in_container.1), (&host.0, host.1));
        },
    );
}

#[test]
fn up_repeated_changes_nothing() {
    isolate("up_repeated_changes_nothing", || {
        let container = TestContainer::new();
        succeeds(&original(container.pid()));
        let (host, in_container) = (snapshot(), container.in_netns(snapshot));
        succeeds(&original(container.pid()));
        assert_eq!(differences(&host, &snapshot()), [""; 0]);
        assert_eq!(
            differences(&in_container, &container.in_netns(snapshot)),
            [""; 0]
        );
    });
}

#[test]
fn second_container_reaches_first_and_bridge_keeps_mac() {
    isolate(
        "second_container_reaches_first_and_bridge_keeps_mac",
        || {
            let (first, second) = (TestContainer::new(), TestContainer::new());
            succeeds(&original(first.pid()));
            let mac = snapshot()["link brg0"]["IFLA_ADDRESS"].clone();
            succeeds(&format!(
                "up --pid {} --container-address 10.10.10.3/24 --veth-name-prefix w",
                second.pid()
            ));
            assert_eq!(snapshot()["link brg0"]["IFLA_ADDRESS"], mac);
            let (one, two) = (
                first.in_netns(|| bound("10.10.10.2")),
                second.in_netns(|| bound("10.10.10.3")),
            );
            packets_pass((&one.0, one.1), (&two.0, two.1));

            // `down` of the first container keeps the bridge. `down` of the second deletes it.
            succeeds(&format!("down --pid {}", first.pid()));
            let host = snapshot();
            assert!(!host.contains_key("link veth0") && host.contains_key("link w0"));
            assert_eq!(host["link brg0"]["IFLA_ADDRESS"], mac);
            succeeds(&format!("down --pid {} --veth-name-prefix w", second.pid()));
            assert_eq!(
                snapshot()
                    .keys()
                    .filter(|name| name.starts_with("link"))
                    .count(),
                1,
                "lo"
            );
        },
    );
}

#[test]
fn up_after_a_loss_restores_it() {
    isolate("up_after_a_loss_restores_it", || {
        use netsetgo::plan::op::Route;
        let container = TestContainer::new();
        let up = original(container.pid());
        succeeds(&up);
        let (host, in_container) = (snapshot(), container.in_netns(snapshot));
        let veth1 = || "veth1".parse().unwrap();
        let route = Route {
            destination: None,
            gateway: "10.10.10.1".parse().unwrap(),
            link: veth1(),
        };
        for lost in [
            Op::Route(RouteOp::Delete(route)),
            Op::Link(LinkOp::SetDown(veth1())),
            Op::Address(AddressOp::Delete(veth1(), "10.10.10.2/24".parse().unwrap())),
        ] {
            container.in_netns(|| perform(lost.clone()));
            assert_ne!(
                differences(&in_container, &container.in_netns(snapshot)),
                [""; 0],
                "{lost}"
            );
            succeeds(&up);
            assert_eq!(
                differences(&in_container, &container.in_netns(snapshot)),
                [""; 0],
                "{lost}"
            );
        }
        let brg0 = || "brg0".parse().unwrap();
        for lost in [
            Op::Address(AddressOp::Delete(brg0(), "10.10.10.1/24".parse().unwrap())),
            Op::Link(LinkOp::SetDown(brg0())),
            Op::Link(LinkOp::SetDown("veth0".parse().unwrap())),
            Op::Link(LinkOp::SetMaster {
                port: "veth0".parse().unwrap(),
                bridge: None,
            }),
        ] {
            perform(lost.clone());
            assert_ne!(differences(&host, &snapshot()), [""; 0], "{lost}");
            succeeds(&up);
            assert_eq!(differences(&host, &snapshot()), [""; 0], "{lost}");
        }
    });
}

#[test]
fn both_bridge_backends_leave_the_same_state() {
    isolate("both_bridge_backends_leave_the_same_state", || {
        // A subnet with prefix length 31 has no broadcast address.
        for (bridge, in_container) in [
            ("10.10.10.1/24", "10.10.10.2/24"),
            ("10.10.10.0/31", "10.10.10.1/31"),
        ] {
            let arguments = format!("--bridge-address {bridge} --container-address {in_container}");
            backends_agree(&arguments, bridge, in_container);
        }
    });
}

#[test]
fn pre_existing_bridge_is_used_and_kept() {
    isolate("pre_existing_bridge_is_used_and_kept", || {
        use netsetgo::config::Mac;
        use netsetgo::plan::op::Ioctl;
        let name = || "brg0".parse().unwrap();
        // A bridge created by ioctl has no ownership marker.
        perform(Op::Ioctl(Ioctl::AddBridge(name())));
        perform(Op::Ioctl(Ioctl::SetMac(name(), Mac([2, 0, 0, 0, 0, 7]))));
        perform(Op::Address(AddressOp::Add(
            name(),
            "192.168.7.1/24".parse().unwrap(),
        )));
        let container = TestContainer::new();
        succeeds(&original(container.pid()));
        let (host, in_container) = (
            bound("10.10.10.1"),
            container.in_netns(|| bound("10.10.10.2")),
        );
        packets_pass((&host.0, host.1), (&in_container.0, in_container.1));
        let index = snapshot()["link brg0"]["ifi_index"].clone();
        succeeds(&format!("down --pid {}", container.pid()));
        let after = snapshot();
        assert_eq!(after["link brg0"]["IFLA_ADDRESS"], "02:00:00:00:00:07");
        assert!(after.contains_key(&format!("address 192.168.7.1@{index}")));
    });
}

#[test]
fn pre_existing_bridge_with_inherited_mac_keeps_it() {
    isolate("pre_existing_bridge_with_inherited_mac_keeps_it", || {
        use netsetgo::config::{Mac, NetnsRef};
        use netsetgo::engine::{run::run, sockets};
        use netsetgo::plan::{
            op::{Ioctl, Op},
            step::Step,
        };
        let name = |name: &str| name.parse().unwrap();
        perform(Op::Ioctl(Ioctl::AddBridge(name("brg0"))));
        // The bridge takes the MAC address of this link, as it takes the one of a network card.
        let wire = TestContainer::new();
        let mut host = sockets::Host::open().unwrap();
        let mut in_container = sockets::Container::open(&host, &NetnsRef::Pid(wire.pid())).unwrap();
        let mut both = sockets::Sockets {
            host: &mut host,
            container: Some(&mut in_container),
        };
        let card = Op::Link(LinkOp::CreateVeth {
            host: name("card"),
            host_mac: Some(Mac([0xf0, 0x1f, 0xaf, 1, 2, 3])),
            master: Some(name("brg0")),
            peer: name("wire"),
            mac: None,
            mtu: None,
        });
        run(
            &mut both,
            Default::default(),
            &[Step::host("The test prepares a state.", card, vec![])],
        )
        .unwrap();
        let mac = snapshot()["link brg0"]["IFLA_ADDRESS"].clone();
        assert_eq!(mac, "f0:1f:af:01:02:03");
        for _ in 0..8 {
            let container = TestContainer::new();
            succeeds(&original(container.pid()));
            let host = snapshot();
            assert_eq!(host["link brg0"]["IFLA_ADDRESS"], mac);
            assert!(host["link veth0"]["IFLA_ADDRESS"].starts_with("fe:"));
            succeeds(&format!("down --pid {}", container.pid()));
        }
    });
}

#[test]
fn down_without_attachment_succeeds() {
    isolate("down_without_attachment_succeeds", || {
        let container = TestContainer::new();
        let (host, in_container) = (snapshot(), container.in_netns(snapshot));
        succeeds(&format!("down --pid {}", container.pid()));
        succeeds(&original(container.pid()));
        succeeds(&format!("down --pid {}", container.pid()));
        succeeds(&format!("down --pid {}", container.pid()));
        assert_eq!(differences(&host, &snapshot()), [""; 0]);
        // `up` sets lo up, and `down` does not set it down.
        let in_container: Vec<_> = differences(&in_container, &container.in_netns(snapshot))
            .into_iter()
            .filter(|line| {
                !line.contains("lo: ") && !line.contains("127.") && !line.contains("::1")
            })
            .collect();
        assert_eq!(in_container, [""; 0]);
    });
}

#[test]
fn down_of_pair_without_owner_group_is_refused() {
    isolate("down_of_pair_without_owner_group_is_refused", || {
        use netsetgo::plan::op::OWNER_GROUP;
        let container = TestContainer::new();
        succeeds(&original(container.pid()));
        // An operator moves the pair out of the device group of netsetgo (IFLA_GROUP).
        ungroup("veth0");
        let before = snapshot();
        let error = refused(&format!(
            "down --pid {} --container-ifname veth1",
            container.pid()
        ));
        assert!(error.contains("veth0 in host") && error.contains("netsetgo did not create"));
        // Without a name, `down` deletes all pairs of netsetgo. Here there is none.
        succeeds(&format!("down --pid {} --keep-bridge", container.pid()));
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        perform(Op::Link(LinkOp::SetGroup(
            "veth0".parse().unwrap(),
            OWNER_GROUP,
        )));
        succeeds(&format!("down --pid {}", container.pid()));
    });
}

#[test]
fn up_with_netns_path_or_descriptor_attaches_the_same() {
    isolate("up_with_netns_path_or_descriptor_attaches_the_same", || {
        let container = TestContainer::new();
        succeeds(&format!("up --netns /proc/{}/ns/net", container.pid()));
        let before = snapshot();
        let netns = std::fs::File::open(format!("/proc/{}/ns/net", container.pid())).unwrap();
        use std::os::fd::AsRawFd;
        nix::fcntl::fcntl(&netns, nix::fcntl::F_SETFD(nix::fcntl::FdFlag::empty())).unwrap();
        succeeds(&format!("up --netns=fd:{}", netns.as_raw_fd()));
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        succeeds(&format!("down --netns /proc/{}/ns/net", container.pid()));
    });
}

/// Compares what both bridge backends leave, attribute by attribute.
fn backends_agree(arguments: &str, bridge: &str, in_container: &str) {
    let mut left = Vec::new();
    for backend in ["netlink", "ioctl"] {
        let container = TestContainer::new();
        succeeds(&format!(
            "up --pid {} {arguments} --bridge-backend {backend}",
            container.pid()
        ));
        let address = |cidr: &str| cidr.split('/').next().unwrap().to_owned();
        let (one, two) = (
            bound(&address(bridge)),
            container.in_netns(|| bound(&address(in_container))),
        );
        packets_pass((&one.0, one.1), (&two.0, two.1));
        left.push((snapshot(), container.in_netns(snapshot)));
        succeeds(&format!("down --pid {}", container.pid()));
    }
    // The kernel chooses these indexes and MAC addresses itself.
    let own = |line: &String| {
        ![
            "ifi_index",
            "IFLA_LINK:",
            "NETNSID",
            "IFLA_MASTER",
            "veth0: IFLA_ADDRESS",
            "veth0: IFLA_PERM",
            "veth1: IFLA_ADDRESS",
            "route ",
            "address ",
        ]
        .iter()
        .any(|word| line.contains(word))
    };
    let (netlink, ioctl) = (&left[0], &left[1]);
    let host: Vec<_> = differences(&netlink.0, &ioctl.0)
        .into_iter()
        .filter(own)
        .collect();
    let in_container: Vec<_> = differences(&netlink.1, &ioctl.1)
        .into_iter()
        .filter(own)
        .collect();
    assert_eq!((host, in_container), (vec![], vec![]));
    // Compare addresses and routes again, with the names of the links in place of their indexes.
    let named = |all: &common::snapshot::Snapshot| {
        let links: Vec<(String, String)> = all
            .iter()
            .filter_map(|(name, link)| Some((link.get("ifi_index")?.clone(), name.clone())))
            .collect();
        let name = |index: &str| {
            links
                .iter()
                .find(|(i, _)| i == index)
                .map(|(_, n)| n.clone())
                .unwrap_or_default()
        };
        all.iter()
            .filter(|(key, _)| !key.starts_with("link "))
            .map(|(key, object)| {
                let (what, link) = key.rsplit_once('@').unwrap();
                let (link, rest) = link.split_once(' ').unwrap_or((link, ""));
                let mut object = object.clone();
                object.retain(|key, _| key != "ifa_index" && key != "RTA_OIF");
                (format!("{what} {} {rest}", name(link)), object)
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(named(&netlink.0), named(&ioctl.0));
    assert_eq!(named(&netlink.1), named(&ioctl.1));
}

/// Does one operation in the namespace that the thread is in.
fn ungroup(name: &str) {
    use netsetgo::wire::link::{IFLA_GROUP, IFLA_IFNAME, IfInfoMsg, change};
    let request = change(IfInfoMsg::default())
        .put(IFLA_IFNAME, name)
        .put(IFLA_GROUP, 0);
    let mut socket =
        netsetgo::os::socket::Socket::open(netsetgo::wire::registry::Protocol::Route).unwrap();
    assert_eq!(socket.send(&[request.finish().unwrap()]).unwrap(), []);
}

/// How many datagrams the command sends, as its trace shows them.
fn datagrams_sent(arguments: &str) -> usize {
    let output = netsetgo(&format!("{arguments} --trace"));
    let trace = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments}: {trace}");
    trace
        .lines()
        .filter(|line| line.starts_with("--> "))
        .count()
}

#[test]
fn up_repeated_sends_few_datagrams() {
    isolate("up_repeated_sends_few_datagrams", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        let first = format!("up --pid {}", one.pid());
        let auto = format!("up --pid {} --container-address auto", two.pid());
        // A first up sends 9, and more where the port takes longer to reach the forwarding state.
        assert!(datagrams_sent(&first) >= 9, "with a new bridge");
        assert_eq!(datagrams_sent(&first), 7, "repeated");
        assert!(datagrams_sent(&auto) >= 9, "an allocated address");
        assert_eq!(datagrams_sent(&auto), 7, "repeated");
        assert_eq!(datagrams_sent(&format!("{auto} --json")), 7, "with JSON");
    });
}

/// How many netlink sockets the command opens, as strace prints them.
fn netlink_sockets_opened(arguments: &str) -> usize {
    let output = std::process::Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=socket", &common::binary()])
        .args(arguments.split(' '))
        .output()
        .expect("this test needs strace (Debian: strace)");
    let trace = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments}: {trace}");
    let netlink = |line: &&str| line.contains("socket(AF_NETLINK");
    trace.lines().filter(netlink).count()
}

#[test]
fn up_with_json_opens_no_further_netlink_socket() {
    isolate("up_with_json_opens_no_further_netlink_socket", || {
        let container = TestContainer::new();
        let up = format!("up --pid {} --container-address auto", container.pid());
        for arguments in [up.clone(), format!("{up} --json")] {
            let count = netlink_sockets_opened(&arguments);
            assert_eq!(count, 2, "{arguments}: one in host, one in container");
        }
    });
}
