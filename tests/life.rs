//! A container's life: its families and settings, how it is listed and checked, what is mended.
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
fn both_families_at_once() {
    isolate("both_families_at_once", || {
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
        // No wait for duplicate address detection: bound at once.
        let (host, inside) = (bound("fd00:10::1"), one.inside(|| bound("fd00:10::2")));
        packets_pass((&host.0, host.1), (&inside.0, inside.1));
        let other = two.inside(|| bound("fd00:10::3"));
        packets_pass((&other.0, other.1), (&inside.0, inside.1));
        let routes = one.inside(snapshot);
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
fn without_ipv6_asked_for_there_is_none_in_the_container() {
    isolate(
        "without_ipv6_asked_for_there_is_none_in_the_container",
        || {
            let container = TestContainer::new();
            succeeds(&format!("up --pid {}", container.pid()));
            // The kernel adds a link-local address, if it adds one, when it reports the carrier: both
            // happen under one lock (net/core/link_watch.c, net/ipv6/addrconf.c).
            container.inside(|| {
                let (socket, veth1) = (bound("10.10.10.2").0, "veth1".parse().unwrap());
                let running = || ioctl::flags(&socket, &veth1).unwrap() & libc::IFF_RUNNING as u16;
                wait_for_links("carrier of veth1", || running() != 0);
            });
            // /proc/self is the process's; the thread is somewhere else.
            let list = container
                .inside(|| std::fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap());
            assert!(!list.contains("veth1"), "{list}");
        },
    );
}

#[test]
fn a_kernel_with_ipv6_switched_off_is_told_of() {
    isolate("a_kernel_with_ipv6_switched_off_is_told_of", || {
        std::fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").unwrap();
        std::fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1").unwrap();
        let container = TestContainer::new();
        let before = (snapshot(), container.inside(snapshot));
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
        assert_eq!(differences(&before.1, &container.inside(snapshot)), [""; 0]);
        succeeds(&format!("up --pid {}", container.pid()));
    });
}

#[test]
fn the_ports_and_links_settings_are_set_and_checked() {
    isolate("the_ports_and_links_settings_are_set_and_checked", || {
        let container = TestContainer::new();
        let words = format!(
            "--pid {} --mtu 1400 --mac 02:00:00:00:00:42 --hairpin --isolated --host-ifname port7 \
         --container-ifname eth0 --route 10.20.0.0/16 --route 10.30.0.0/16,10.10.10.9 \
         --no-default-route --id a.b-c_1",
            container.pid()
        );
        succeeds(&format!("up {words}"));
        let (host, inside) = (snapshot(), container.inside(snapshot));
        let (port, end) = (&host["link port7"], &inside["link eth0"]);
        assert_eq!((&*port["IFLA_MTU"], &*end["IFLA_MTU"]), ("1400", "1400"));
        assert_eq!(end["IFLA_ADDRESS"], "02:00:00:00:00:42");
        let index = &end["ifi_index"];
        for (network, gateway) in [
            ("10.20.0.0/16", "10.10.10.1"),
            ("10.30.0.0/16", "10.10.10.9"),
        ] {
            let route = format!("route RT_TABLE_MAIN {network} via {gateway}@{index} RTN_UNICAST");
            assert!(inside.contains_key(&route), "{route}: {:?}", inside.keys());
        }
        assert!(
            !inside.keys().any(|name| name.contains("/0 via")),
            "no default route"
        );
        succeeds(&format!("check {words}"));
        for (other, difference) in [
            (
                words.replace("1400", "1300"),
                "missing: set port7 mtu 1300 in host\nmissing: set eth0 mtu 1300 in container",
            ),
            (
                words.replace(":42", ":43"),
                "missing: set eth0 address 02:00:00:00:00:43 in container",
            ),
            (
                words.replace(" --hairpin", ""),
                "missing: set port7 hairpin off, isolated on in host",
            ),
            (
                words.replace("10.20.0.0", "10.21.0.0"),
                "missing: add route to 10.21.0.0/16 via 10.10.10.1 in container",
            ),
            (
                words.replace(" --no-default-route", ""),
                "missing: add default route via 10.10.10.1 in container",
            ),
            (
                words.replace("a.b-c_1", "z"),
                "conflict: name port7 in host: its owner is a.b-c_1, not z",
            ),
        ] {
            let output = netsetgo(&format!("check {other}"));
            let said = String::from_utf8(output.stdout).unwrap();
            assert_eq!(
                (output.status.code(), said.trim_end()),
                (Some(1), difference)
            );
            if difference.starts_with("missing") {
                succeeds(&format!("up {other}"));
                succeeds(&format!("check {other}"));
                // Back again, less what one more route or MAC leaves.
                succeeds(&format!("up {words}"));
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
fn a_new_port_has_the_bridges_mtu() {
    isolate("a_new_port_has_the_bridges_mtu", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        succeeds(&format!("up --pid {} --mtu 1400", one.pid()));
        wait_for_links("MTU 1400 of brg0", || {
            snapshot()["link brg0"]["IFLA_MTU"] == "1400"
        });
        succeeds(&format!("up --pid {} --container-address auto", two.pid()));
        assert_eq!(snapshot()["link veth0a0a0a03"]["IFLA_MTU"], "1400");
        assert_eq!(two.inside(snapshot)["link veth1"]["IFLA_MTU"], "1400");
    });
}

#[test]
fn bad_words_of_a_life_are_refused() {
    isolate("bad_words_of_a_life_are_refused", || {
        let container = TestContainer::new();
        let before = (snapshot(), container.inside(snapshot));
        for (words, reason) in [
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
            let line = invalid(&format!("up --pid {} {words}", container.pid()));
            assert!(
                line.contains(reason),
                "{words}: {line:?} does not say {reason:?}"
            );
        }
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(differences(&before.1, &container.inside(snapshot)), [""; 0]);
    });
}

#[test]
fn check_tells_each_difference_and_changes_nothing() {
    isolate("check_tells_each_difference_and_changes_nothing", || {
        let container = TestContainer::new();
        let words = format!("--pid {}", container.pid());
        let before = (snapshot(), container.inside(snapshot));
        let output = netsetgo(&format!("check {words}"));
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said.lines().count() >= 7 && said.lines().all(|l| l.starts_with("missing: ")),
            "{said}"
        );
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(differences(&before.1, &container.inside(snapshot)), [""; 0]);
        succeeds(&format!("up {words}"));
        succeeds(&format!("check {words}"));
        let (link, gateway) = ("veth1".parse().unwrap(), "10.10.10.1".parse().unwrap());
        container.inside(|| {
            perform(Op::Route(RouteOp::Delete(Route {
                destination: None,
                gateway,
                link,
            })))
        });
        let output = netsetgo(&format!("check {words}"));
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            "missing: add default route via 10.10.10.1 in container\n"
        );
    });
}

#[test]
fn neighbours_learn_at_once() {
    isolate("neighbours_learn_at_once", || {
        let neighbour = TestContainer::new();
        succeeds(&format!(
            "up --pid {} --container-address 10.10.10.7/24 --veth-name-prefix n",
            neighbour.pid()
        ));
        let here = neighbour.inside(|| bound("10.10.10.7"));
        let host = bound("10.10.10.1");
        // One address, one container after the other, each with a hardware address of its own.
        for round in 0..5 {
            let container = TestContainer::new();
            succeeds(&format!(
                "up --pid {} --mac 02:00:00:00:00:0{round}",
                container.pid()
            ));
            let inside = container.inside(|| bound("10.10.10.2"));
            packets_pass((&here.0, here.1), (&inside.0, inside.1));
            packets_pass((&host.0, host.1), (&inside.0, inside.1));
            succeeds(&format!("down --pid {}", container.pid()));
        }
    });
}

#[test]
fn the_tree_names_all() {
    isolate("the_tree_names_all", || {
        let container = TestContainer::new();
        succeeds(&format!(
            "up --pid {} --id c1 --mac 02:00:00:00:00:07",
            container.pid()
        ));
        let said = String::from_utf8(netsetgo("list").stdout).unwrap();
        assert_eq!(
            said,
            format!(
                "brg0  10.10.10.1/24\n└─ veth0  veth1  10.10.10.2/24  02:00:00:00:00:07  id c1  pid {}\n",
                container.pid()
            )
        );
    });
}

#[test]
fn a_namespace_without_a_process_is_listed_by_its_name() {
    isolate(
        "a_namespace_without_a_process_is_listed_by_its_name",
        || {
            use nix::mount::{MsFlags, mount};
            // A mount namespace of this test's own, in which /run is empty.
            nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS).unwrap();
            let none = None::<&str>;
            mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
            mount(Some("run"), "/run", Some("tmpfs"), MsFlags::empty(), none).unwrap();
            std::fs::create_dir("/run/netns").unwrap();
            // What `ip netns` leaves of a namespace that is gone, and what never was one.
            std::fs::write("/run/netns/a-leftover", "").unwrap();
            nix::unistd::mkfifo("/run/netns/b-pipe", nix::sys::stat::Mode::S_IRUSR).unwrap();
            std::fs::write("/run/netns/web", "").unwrap();
            let container = TestContainer::new();
            let file = format!("/proc/{}/ns/net", container.pid());
            mount(Some(&*file), "/run/netns/web", none, MsFlags::MS_BIND, none).unwrap();
            drop(container);
            succeeds("up --netns web");
            let said = String::from_utf8(netsetgo("list").stdout).unwrap();
            assert!(
                said.trim_end().ends_with("  netns web") && !said.contains("pid"),
                "{said}"
            );
            let list = listed();
            let listed = &list["bridges"][0]["containers"][0];
            assert_eq!(
                (&listed["netns"], &listed["pid"]),
                (&"web".into(), &serde_json::Value::Null)
            );
            succeeds("down --netns web");
        },
    );
}

#[test]
fn an_address_that_was_not_finished_is() {
    isolate("an_address_that_was_not_finished_is", || {
        let container = TestContainer::new();
        let up = format!("up --pid {}", container.pid());
        succeeds(&up);
        let before = snapshot();
        // As a kill between SIOCSIFADDR and SIOCSIFNETMASK leaves it.
        let (bridge, address) = ("brg0".parse().unwrap(), "10.10.10.1/24".parse().unwrap());
        perform(Op::Address(AddressOp::Delete(bridge, address)));
        perform(Op::Address(AddressOp::Add(
            "brg0".parse().unwrap(),
            "10.10.10.1/8".parse().unwrap(),
        )));
        let output = netsetgo(&up.replace("up", "check"));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            said.contains("missing: delete address 10.10.10.1/8 from brg0 in host"),
            "{said}"
        );
        succeeds(&up);
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        // IPv6 says EEXIST for another prefix, too.
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
fn both_ends_have_one_mtu() {
    isolate("both_ends_have_one_mtu", || {
        let container = TestContainer::new();
        let up = format!("up --pid {}", container.pid());
        succeeds(&up);
        container.inside(|| perform(Op::Link(LinkOp::SetMtu("veth1".parse().unwrap(), 1300))));
        let output = netsetgo(&up.replace("up", "check"));
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said, "missing: set veth1 mtu 1500 in container\n");
        succeeds(&up);
        succeeds(&up.replace("up", "check"));
    });
}

#[test]
fn a_pipe_is_no_namespace_and_not_waited_for() {
    isolate("a_pipe_is_no_namespace_and_not_waited_for", || {
        let directory = TemporaryDirectory::new("pipe");
        let path = directory.file("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
        let line = refused(&format!("up --netns {}", path.display()));
        assert!(line.contains("is not a network namespace"), "{line}");
    });
}

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    isolate("a_result_that_cannot_be_written_is_an_error", || {
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
        // What is attached by then is named, and the exit code says that it is left.
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
