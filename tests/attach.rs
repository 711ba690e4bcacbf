//! `up` and `down` on the real kernel: a container gets its network and loses it.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::snapshot::{differences, snapshot};
use common::{TestContainer, bound, isolate, packets_pass, perform, refused, succeeds};
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
        let no_group = LinkOp::SetGroup("veth0".parse().unwrap(), 0);
        perform(Op::Link(no_group));
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
