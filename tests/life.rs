//! The settings of an attachment: `up` sets and repairs them, `check` and `list` print them.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::{addresses, links, listed};
use common::snapshot::{differences, snapshot};
use common::temporary::TemporaryDirectory;
use common::wait::wait_for_links;
use common::{
    TestContainer, binary, bound, invalid, isolate, netsetgo, packets_pass, perform, refused,
    succeeds,
};
use netsetgo::os::ioctl;
use netsetgo::plan::op::{AddressOp, LinkOp, Op, Route, RouteOp};
use std::process::{Command, Stdio};

#[test]
fn up_with_ipv4_and_ipv6_configures_both() {
    isolate("up_with_ipv4_and_ipv6_configures_both", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        let up = |container: &TestContainer| {
            format!(
                "up --pid {} --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64 \
         --container-address auto",
                container.pid()
            )
        };
        succeeds(&up(&one));
        succeeds(&up(&two));
        // netsetgo sets IFA_F_NODAD, so a socket can be bound without a wait for duplicate address
        // detection.
        let (host, in_container) = (bound("fd00:10::1"), one.in_netns(|| bound("fd00:10::2")));
        packets_pass((&host.0, host.1), (&in_container.0, in_container.1));
        let other = two.in_netns(|| bound("fd00:10::3"));
        packets_pass((&other.0, other.1), (&in_container.0, in_container.1));
        let routes = one.in_netns(snapshot);
        assert!(
            routes
                .keys()
                .any(|name| name.contains("/0 via fd00:10::1@")),
            "{:?}",
            routes.keys()
        );
        assert!(
            routes
                .keys()
                .any(|name| name.contains("/0 via 10.10.10.1@"))
        );
        succeeds(&up(&one).replace("up", "check"));
        let mut all = addresses();
        all.sort();
        assert_eq!(
            all,
            [
                "10.10.10.2/24",
                "10.10.10.3/24",
                "fd00:10::2/64",
                "fd00:10::3/64"
            ]
        );
    });
}

#[test]
fn up_without_ipv6_leaves_no_ipv6_in_container() {
    isolate("up_without_ipv6_leaves_no_ipv6_in_container", || {
        let container = TestContainer::new();
        succeeds(&format!("up --pid {}", container.pid()));
        // The kernel adds a link-local address, if it adds one, when it reports the carrier: both
        // happen under one lock (net/core/link_watch.c, net/ipv6/addrconf.c).
        container.in_netns(|| {
            let (socket, veth1) = (bound("10.10.10.2").0, "veth1".parse().unwrap());
            let running = || ioctl::flags(&socket, &veth1).unwrap() & libc::IFF_RUNNING as u16;
            wait_for_links("carrier of veth1", || running() != 0);
        });
        // /proc/self shows the namespace of the main thread, not of this one.
        let list = container
            .in_netns(|| std::fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap());
        assert!(!list.contains("veth1"), "{list}");
    });
}

#[test]
fn up_with_ipv6_disabled_names_disable_ipv6() {
    isolate("up_with_ipv6_disabled_names_disable_ipv6", || {
        std::fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").unwrap();
        std::fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1").unwrap();
        let container = TestContainer::new();
        let before = (snapshot(), container.in_netns(snapshot));
        let line = refused(&format!(
            "up --pid {} --bridge-address fd00:10::1/64 \
        --container-address fd00:10::2/64",
            container.pid()
        ));
        assert!(
            line.contains("add address fd00:10::1/64 to brg0 in host: EACCES"),
            "{line}"
        );
        assert!(line.contains("disable_ipv6"), "{line}");
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(
            differences(&before.1, &container.in_netns(snapshot)),
            [""; 0]
        );
        succeeds(&format!("up --pid {}", container.pid()));
    });
}

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
fn check_prints_each_difference_and_changes_nothing() {
    isolate("check_prints_each_difference_and_changes_nothing", || {
        let container = TestContainer::new();
        let arguments = format!("--pid {}", container.pid());
        let before = (snapshot(), container.in_netns(snapshot));
        let output = netsetgo(&format!("check {arguments}"));
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            printed.lines().count() >= 7 && printed.lines().all(|l| l.starts_with("missing: ")),
            "{printed}"
        );
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(
            differences(&before.1, &container.in_netns(snapshot)),
            [""; 0]
        );
        succeeds(&format!("up {arguments}"));
        succeeds(&format!("check {arguments}"));
        let (link, gateway) = ("veth1".parse().unwrap(), "10.10.10.1".parse().unwrap());
        container.in_netns(|| {
            perform(Op::Route(RouteOp::Delete(Route {
                destination: None,
                gateway,
                link,
            })))
        });
        let output = netsetgo(&format!("check {arguments}"));
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            "missing: add default route via 10.10.10.1 in container\n"
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
fn list_prints_tree_of_bridges_and_containers() {
    isolate("list_prints_tree_of_bridges_and_containers", || {
        let container = TestContainer::new();
        succeeds(&format!(
            "up --pid {} --id c1 --mac 02:00:00:00:00:07",
            container.pid()
        ));
        let output = String::from_utf8(netsetgo("list").stdout).unwrap();
        assert_eq!(
            output,
            format!(
                "brg0  10.10.10.1/24\n└─ veth0  veth1  10.10.10.2/24  02:00:00:00:00:07  id c1  pid {}\n",
                container.pid()
            )
        );
    });
}

#[test]
fn namespace_without_process_is_listed_by_name() {
    isolate("namespace_without_process_is_listed_by_name", || {
        use nix::mount::{MsFlags, mount};
        // The test makes a mount namespace, in which /run is empty.
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS).unwrap();
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
        mount(Some("run"), "/run", Some("tmpfs"), MsFlags::empty(), none).unwrap();
        std::fs::create_dir("/run/netns").unwrap();
        // A file that `ip netns` leaves of a deleted namespace, and a file that never was a namespace.
        std::fs::write("/run/netns/a-leftover", "").unwrap();
        nix::unistd::mkfifo("/run/netns/b-pipe", nix::sys::stat::Mode::S_IRUSR).unwrap();
        std::fs::write("/run/netns/web", "").unwrap();
        let container = TestContainer::new();
        let file = format!("/proc/{}/ns/net", container.pid());
        mount(Some(&*file), "/run/netns/web", none, MsFlags::MS_BIND, none).unwrap();
        drop(container);
        succeeds("up --netns web");
        let output = String::from_utf8(netsetgo("list").stdout).unwrap();
        assert!(
            output.trim_end().ends_with("  netns web") && !output.contains("pid"),
            "{output}"
        );
        let list = listed();
        let listed = &list["bridges"][0]["containers"][0];
        assert_eq!(
            (&listed["netns"], &listed["pid"]),
            (&"web".into(), &serde_json::Value::Null)
        );
        succeeds("down --netns web");
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

#[test]
fn pipe_as_netns_is_refused_at_once() {
    isolate("pipe_as_netns_is_refused_at_once", || {
        let directory = TemporaryDirectory::new("pipe");
        let path = directory.file("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
        let line = refused(&format!("up --netns {}", path.display()));
        assert!(line.contains("is not a network namespace"), "{line}");
    });
}

#[test]
fn result_that_cannot_be_written_is_an_error() {
    isolate("result_that_cannot_be_written_is_an_error", || {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let status = Command::new(binary())
            .args(["explain"])
            .stdout(full)
            .stderr(Stdio::null())
            .status();
        assert_eq!(status.unwrap().code(), Some(1));
        let full = || {
            std::fs::File::options()
                .write(true)
                .open("/dev/full")
                .unwrap()
        };
        let status = Command::new(binary())
            .args(["up", "--pid", "x"])
            .stderr(full())
            .status();
        assert_eq!(status.unwrap().code(), Some(2));
        // The error names the links that remain, and the exit status 3 means that they remain.
        let (before, container) = (links(), TestContainer::new());
        let pid = container.pid().to_string();
        let output = Command::new(binary())
            .args(["up", "--json", "--pid", &pid])
            .stdout(full())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{error}");
        assert!(
            error.contains("ENOSPC") && error.contains("what remains") && error.contains("veth0"),
            "{error}"
        );
        succeeds(&format!("down --pid {pid}"));
        let status = Command::new(binary())
            .args(["run", "--json", "--", "true"])
            .stdout(full())
            .stderr(Stdio::null())
            .status();
        assert_eq!((status.unwrap().code(), links()), (Some(1), before));
    });
}
