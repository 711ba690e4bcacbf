//! Both bridge backends, and bridges that netsetgo did not create.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::links;
use common::snapshot::{differences, snapshot};
use common::wait::wait_for_links;
use common::{
    TestContainer, bound, isolate, netsetgo, packets_pass, perform, perform_with, refused, succeeds,
};
use netsetgo::plan::op::{AddressOp, Ioctl, LinkOp, Op};

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

#[test]
fn pre_existing_bridge_is_used_and_kept() {
    isolate("pre_existing_bridge_is_used_and_kept", || {
        use netsetgo::config::Mac;
        let name = || "brg0".parse().unwrap();
        // A bridge created by ioctl has no ownership marker.
        perform(Op::Ioctl(Ioctl::AddBridge(name())));
        perform(Op::Ioctl(Ioctl::SetMac(name(), Mac([2, 0, 0, 0, 0, 7]))));
        perform(Op::Address(AddressOp::Add(
            name(),
            "192.168.7.1/24".parse().unwrap(),
        )));
        let container = TestContainer::new();
        succeeds(&format!("up --pid {}", container.pid()));
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
        use netsetgo::config::Mac;
        let name = |name: &str| name.parse().unwrap();
        perform(Op::Ioctl(Ioctl::AddBridge(name("brg0"))));
        // The bridge takes the MAC address of this link, as it takes the one of a network card.
        let wire = TestContainer::new();
        let card = Op::Link(LinkOp::CreateVeth {
            host: name("card"),
            host_mac: Some(Mac([0xf0, 0x1f, 0xaf, 1, 2, 3])),
            master: Some(name("brg0")),
            peer: name("wire"),
            mac: None,
            mtu: None,
        });
        perform_with(&wire, card);
        let mac = snapshot()["link brg0"]["IFLA_ADDRESS"].clone();
        assert_eq!(mac, "f0:1f:af:01:02:03");
        for _ in 0..8 {
            let container = TestContainer::new();
            succeeds(&format!("up --pid {}", container.pid()));
            let host = snapshot();
            assert_eq!(host["link brg0"]["IFLA_ADDRESS"], mac);
            assert!(host["link veth0"]["IFLA_ADDRESS"].starts_with("fe:"));
            succeeds(&format!("down --pid {}", container.pid()));
        }
    });
}

#[test]
fn pre_existing_bridge_gets_addresses_and_down_removes_them() {
    isolate(
        "pre_existing_bridge_gets_addresses_and_down_removes_them",
        || {
            let name = || "brg0".parse().unwrap();
            perform(Op::Ioctl(Ioctl::AddBridge(name())));
            perform(Op::Link(LinkOp::SetUp(name())));
            perform(Op::Address(AddressOp::Add(
                name(),
                "192.168.7.1/24".parse().unwrap(),
            )));
            let before = snapshot();
            let (one, two) = (TestContainer::new(), TestContainer::new());
            let up = |container: &TestContainer| {
                format!(
                    "up --pid {} --bridge-address 10.10.10.1/24 \
        --bridge-address fd00:10::1/64 --container-address auto",
                    container.pid()
                )
            };
            succeeds(&up(&one));
            succeeds(&up(&two));
            assert_eq!(
                snapshot()["link brg0"]["IFLA_ADDRESS"],
                before["link brg0"]["IFLA_ADDRESS"]
            );
            succeeds(&up(&one).replace("up", "check"));
            succeeds(&format!("down --pid {}", one.pid()));
            let (host, in_container) = (bound("10.10.10.1"), two.in_netns(|| bound("10.10.10.3")));
            packets_pass((&host.0, host.1), (&in_container.0, in_container.1));
            succeeds(&format!("down --pid {}", two.pid()));
            // A kernel before 5.18 does not store IFA_PROTO, the ownership marker of an address.
            let keeps = before
                .values()
                .any(|object| object.contains_key("IFA_PROTO"));
            let own =
                |line: &String| keeps || !line.contains("10.10.10.") && !line.contains("fd00:10::");
            let left: Vec<_> = differences(&before, &snapshot())
                .into_iter()
                .filter(own)
                .collect();
            assert_eq!(left, [""; 0]);
            let status = netsetgo("run --container-address auto --json -- true").status;
            assert_eq!(status.code(), Some(0));
            let left: Vec<_> = differences(&before, &snapshot())
                .into_iter()
                .filter(own)
                .collect();
            assert_eq!(left, [""; 0], "run leaves nothing");
            // The third container ends without a `down`.
            let three = TestContainer::new();
            succeeds(&up(&three));
            drop(three);
            wait_for_links("removal of the third host end", || {
                !links().iter().any(|name| name.starts_with("link veth"))
            });
            let (dry, done) = (netsetgo("gc --dry-run").stdout, netsetgo("gc").stdout);
            assert_eq!(dry, done);
            let owned_addresses = "brg0 10.10.10.1/24\nbrg0 fd00:10::1/64\n";
            assert_eq!(
                String::from_utf8(done).unwrap(),
                if keeps { owned_addresses } else { "" }
            );
            let left: Vec<_> = differences(&before, &snapshot())
                .into_iter()
                .filter(own)
                .collect();
            assert_eq!(left, [""; 0], "gc deletes the rest");
            // netsetgo refuses a change to the bridge that would affect the other ports.
            let before = snapshot();
            for (arguments, reason) in [
                (
                    "--mtu 1400",
                    "mtu 1400: the pre-existing bridge brg0 has 1500",
                ),
                (
                    "--bridge-address 192.168.7.1/16 --container-address 192.168.7.2/16",
                    "address 192.168.7.1 in host: the pre-existing bridge brg0 has it as 192.168.7.1/24",
                ),
            ] {
                let line = refused(&format!("up --pid {} {arguments}", one.pid()));
                assert!(line.contains(reason), "{line}");
                assert_eq!(differences(&before, &snapshot()), [""; 0]);
            }
        },
    );
}

#[test]
fn bridge_with_macvlan_of_another_program_stays() {
    isolate("bridge_with_macvlan_of_another_program_stays", || {
        use netsetgo::wire::link::{
            self, IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINK, IFLA_LINKINFO, IfInfoMsg,
        };
        let container = TestContainer::new();
        succeeds(&format!("up --pid {}", container.pid()));
        let index: u32 = snapshot()["link brg0"]["ifi_index"].parse().unwrap();
        let on_it = link::create(IfInfoMsg::default())
            .put(IFLA_IFNAME, "on-it")
            .put(IFLA_LINK, index)
            .nest(IFLA_LINKINFO, |info| {
                info.put(IFLA_INFO_KIND, "macvlan");
            });
        let mut socket =
            netsetgo::os::socket::Socket::open(netsetgo::wire::registry::Protocol::Route).unwrap();
        let output = socket.send(&[on_it.finish().unwrap()]).unwrap();
        let macvlan = output.is_empty();
        // A kernel without macvlan returns EOPNOTSUPP. Then no link can be stacked on the bridge.
        assert!(
            macvlan || output[0].1.errno == libc::EOPNOTSUPP,
            "{output:?}"
        );
        succeeds(&format!("down --pid {}", container.pid()));
        succeeds("gc");
        assert_eq!(links().contains(&"link brg0".to_owned()), macvlan);
        if macvlan {
            perform(Op::Link(LinkOp::Delete("on-it".parse().unwrap())));
            assert_eq!(String::from_utf8(netsetgo("gc").stdout).unwrap(), "brg0\n");
        }
        assert_eq!(links(), ["link lo"]);
    });
}
