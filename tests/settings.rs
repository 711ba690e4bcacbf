//! The settings of an attachment: `up` sets and repairs them, `check` and `list` print them.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::listed;
use common::snapshot::{differences, snapshot};
use common::wait::wait_for_links;
use common::{TestContainer, bound, invalid, isolate, netsetgo, packets_pass, perform, succeeds};
use netsetgo::plan::op::{AddressOp, LinkOp, Op};

#[test]
fn port_and_link_settings_are_set_and_checked() {
    isolate("port_and_link_settings_are_set_and_checked", || {
        let container = TestContainer::new();
        let arguments = format!(
            "--pid {} --mtu 1400 --mac 02:00:00:00:00:42 --hairpin --isolated --host-ifname port7 \
         --container-ifname eth0 --route 10.20.0.0/16 --route 10.30.0.0/16,10.10.10.9 \
         --no-default-route --id a.b-c_1",
            container.pid()
        );
        succeeds(&format!("up {arguments}"));
        let (host, in_container) = (snapshot(), container.in_netns(snapshot));
        let (port, end) = (&host["link port7"], &in_container["link eth0"]);
        assert_eq!((&*port["IFLA_MTU"], &*end["IFLA_MTU"]), ("1400", "1400"));
        assert_eq!(end["IFLA_ADDRESS"], "02:00:00:00:00:42");
        let index = &end["ifi_index"];
        for (network, gateway) in [
            ("10.20.0.0/16", "10.10.10.1"),
            ("10.30.0.0/16", "10.10.10.9"),
        ] {
            let route = format!("route RT_TABLE_MAIN {network} via {gateway}@{index} RTN_UNICAST");
            assert!(
                in_container.contains_key(&route),
                "{route}: {:?}",
                in_container.keys()
            );
        }
        assert!(
            !in_container.keys().any(|name| name.contains("/0 via")),
            "no default route"
        );
        succeeds(&format!("check {arguments}"));
        for (other, difference) in [
            (
                arguments.replace("1400", "1300"),
                "missing: set port7 mtu 1300 in host\nmissing: set eth0 mtu 1300 in container",
            ),
            (
                arguments.replace(":42", ":43"),
                "missing: set eth0 address 02:00:00:00:00:43 in container",
            ),
            (
                arguments.replace(" --hairpin", ""),
                "missing: set port7 hairpin off, isolated on in host",
            ),
            (
                arguments.replace("10.20.0.0", "10.21.0.0"),
                "missing: add route to 10.21.0.0/16 via 10.10.10.1 in container",
            ),
            (
                arguments.replace(" --no-default-route", ""),
                "missing: add default route via 10.10.10.1 in container",
            ),
            (
                arguments.replace("a.b-c_1", "z"),
                "conflict: name port7 in host: its owner is a.b-c_1, not z",
            ),
        ] {
            let output = netsetgo(&format!("check {other}"));
            let printed = String::from_utf8(output.stdout).unwrap();
            assert_eq!(
                (output.status.code(), printed.trim_end()),
                (Some(1), difference)
            );
            if difference.starts_with("missing") {
                succeeds(&format!("up {other}"));
                succeeds(&format!("check {other}"));
                // Restore the settings. An additional route or MAC stays.
                succeeds(&format!("up {arguments}"));
            }
        }
        let list = listed();
        let listed = &list["bridges"][0]["containers"][0];
        assert_eq!(listed["id"], "a.b-c_1");
        assert_eq!(listed["host_ifname"], "port7");
        assert_eq!(listed["container_ifname"], "eth0");
        assert_eq!(listed["mac"], "02:00:00:00:00:42");
        assert_eq!(listed["pid"], container.pid());
    });
}

#[test]
fn new_port_gets_bridge_mtu() {
    isolate("new_port_gets_bridge_mtu", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        succeeds(&format!("up --pid {} --mtu 1400", one.pid()));
        wait_for_links("MTU 1400 of brg0", || {
            snapshot()["link brg0"]["IFLA_MTU"] == "1400"
        });
        succeeds(&format!("up --pid {} --container-address auto", two.pid()));
        assert_eq!(snapshot()["link veth0a0a0a03"]["IFLA_MTU"], "1400");
        assert_eq!(two.in_netns(snapshot)["link veth1"]["IFLA_MTU"], "1400");
    });
}

#[test]
fn invalid_arguments_are_refused() {
    isolate("invalid_arguments_are_refused", || {
        let container = TestContainer::new();
        let before = (snapshot(), container.in_netns(snapshot));
        for (arguments, reason) in [
            ("--mtu 67", "68 to 65535 bytes"),
            ("--mtu 65536", "68 to 65535 bytes"),
            ("--mtu big", "a number of bytes"),
            ("--mtu +1500", "a number of bytes"),
            ("--mac 02:00:00:00:00", "six pairs of hexadecimal digits"),
            ("--mac 01:00:5e:00:00:01", "a group address"),
            ("--mac 00:00:00:00:00:00", "a group address"),
            ("--id a/b", "letters, digits"),
            ("--id=", "at least 1 byte"),
            ("--route 10.20.0.1/16", "the network is 10.20.0.0/16"),
            (
                "--route 10.20.0.0/16,10.11.0.1",
                "outside the container's subnet",
            ),
            ("--route 10.20.0.0/16,fd00::1", "different address families"),
            ("--route 10.20.0.0/16,10.10.10.2", "the container itself"),
            ("--route 10.20.0.0/16,10.10.10.0", "the network address"),
            ("--route 10.20.0.0/16,10.10.10.255", "broadcast"),
            ("--route 10.10.10.0/24", "the container's own subnet"),
            ("--route 1.2.3.4", "as in 10.20.0.0/16"),
            ("--route fd00::/64", "no address of this family"),
            ("--route 0.0.0.0/0", "second default route"),
            ("--route 10.20.0.0/16 --route 10.20.0.0/16", "given twice"),
            (
                "--container-address auto --container-address 10.10.10.2/24",
                "no other",
            ),
            (
                "--bridge-address fd00::1/64 --container-address auto --mtu 1279",
                "1280",
            ),
        ] {
            let line = invalid(&format!("up --pid {} {arguments}", container.pid()));
            assert!(
                line.contains(reason),
                "{arguments}: {line:?} does not contain {reason:?}"
            );
        }
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(
            differences(&before.1, &container.in_netns(snapshot)),
            [""; 0]
        );
    });
}

#[test]
fn neighbours_learn_new_mac_at_once() {
    isolate("neighbours_learn_new_mac_at_once", || {
        let neighbour = TestContainer::new();
        succeeds(&format!(
            "up --pid {} --container-address 10.10.10.7/24 --veth-name-prefix n",
            neighbour.pid()
        ));
        let here = neighbour.in_netns(|| bound("10.10.10.7"));
        let host = bound("10.10.10.1");
        // Each container in turn has the same IP address and a different MAC address.
        for round in 0..5 {
            let container = TestContainer::new();
            succeeds(&format!(
                "up --pid {} --mac 02:00:00:00:00:0{round}",
                container.pid()
            ));
            let in_container = container.in_netns(|| bound("10.10.10.2"));
            packets_pass((&here.0, here.1), (&in_container.0, in_container.1));
            packets_pass((&host.0, host.1), (&in_container.0, in_container.1));
            succeeds(&format!("down --pid {}", container.pid()));
        }
    });
}

#[test]
fn address_with_unfinished_prefix_is_completed() {
    isolate("address_with_unfinished_prefix_is_completed", || {
        let container = TestContainer::new();
        let up = format!("up --pid {}", container.pid());
        succeeds(&up);
        let before = snapshot();
        // A kill between SIOCSIFADDR and SIOCSIFNETMASK leaves this prefix length.
        let (bridge, address) = ("brg0".parse().unwrap(), "10.10.10.1/24".parse().unwrap());
        perform(Op::Address(AddressOp::Delete(bridge, address)));
        perform(Op::Address(AddressOp::Add(
            "brg0".parse().unwrap(),
            "10.10.10.1/8".parse().unwrap(),
        )));
        let output = netsetgo(&up.replace("up", "check"));
        let output = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.contains("missing: delete address 10.10.10.1/8 from brg0 in host"),
            "{output}"
        );
        succeeds(&up);
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        // For IPv6, the kernel also returns EEXIST when only the prefix length differs.
        let six = format!("{up} --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64");
        perform(Op::Address(AddressOp::Add(
            "brg0".parse().unwrap(),
            "fd00:10::1/48".parse().unwrap(),
        )));
        succeeds(&six);
        succeeds(&six.replace("up", "check"));
    });
}

#[test]
fn different_mtu_of_container_end_is_repaired() {
    isolate("different_mtu_of_container_end_is_repaired", || {
        let container = TestContainer::new();
        let up = format!("up --pid {}", container.pid());
        succeeds(&up);
        container.in_netns(|| perform(Op::Link(LinkOp::SetMtu("veth1".parse().unwrap(), 1300))));
        let output = netsetgo(&up.replace("up", "check"));
        let output = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output, "missing: set veth1 mtu 1500 in container\n");
        succeeds(&up);
        succeeds(&up.replace("up", "check"));
    });
}
