//! Ownership: netsetgo keeps what other programs created, and deletes all that it created.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::links;
use common::snapshot::{differences, snapshot};
use common::wait::wait_for_links;
use common::{Running, TestContainer, binary, isolate, netsetgo, perform, refused, succeeds};
use netsetgo::plan::op::{LinkOp, Op};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn link_of_another_owner_is_refused() {
    isolate("link_of_another_owner_is_refused", || {
        let container = TestContainer::new();
        let up = format!("up --pid {} --id mine", container.pid());
        succeeds(&up);
        let before = snapshot();
        for arguments in [
            up.replace("mine", "other"),
            up.replace("up", "down").replace("mine", "other"),
        ] {
            let line = refused(&arguments);
            assert!(
                line.contains("name veth0 in host: its owner is mine, not other"),
                "{line}"
            );
        }
        succeeds("down --id other");
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        succeeds("down --id mine --keep-bridge");
        assert_eq!(links(), ["link brg0", "link lo"]);
        assert_eq!(
            String::from_utf8(netsetgo("gc --dry-run").stdout).unwrap(),
            "brg0\n"
        );
        assert_eq!(links(), ["link brg0", "link lo"]);
        assert_eq!(String::from_utf8(netsetgo("gc").stdout).unwrap(), "brg0\n");
        assert_eq!(links(), ["link lo"]);
        succeeds("gc");
    });
}

#[test]
fn default_route_of_another_metric_is_a_conflict() {
    isolate("default_route_of_another_metric_is_a_conflict", || {
        let container = TestContainer::new();
        let sh = |line: String| {
            assert!(
                Command::new("sh")
                    .args(["-c", &line])
                    .status()
                    .unwrap()
                    .success()
            )
        };
        let ip = format!("nsenter -t {} -n ip", container.pid());
        sh(format!(
            "{ip} link set lo up; {ip} route add default via 127.0.0.9 dev lo metric 100 || \
        {ip} route add default dev lo metric 100"
        ));
        let before = (snapshot(), container.in_netns(snapshot));
        let line = refused(&format!("up --pid {}", container.pid()));
        assert!(
            line.contains("another route to this destination exists"),
            "{line}"
        );
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(
            differences(&before.1, &container.in_netns(snapshot)),
            [""; 0]
        );
        succeeds(&format!("up --pid {} --no-default-route", container.pid()));
    });
}

#[test]
fn down_deletes_all_attachments_of_the_container() {
    isolate("down_deletes_all_attachments_of_the_container", || {
        let before = links();
        let container = TestContainer::new();
        succeeds(&format!(
            "up --pid {} --container-ifname eth0 --container-address auto",
            container.pid()
        ));
        succeeds(&format!(
            "up --pid {} --container-ifname eth1 --bridge-name br1 --bridge-address \
        10.11.0.1/24 --container-address auto --no-default-route",
            container.pid()
        ));
        succeeds(&format!("down --pid {}", container.pid()));
        assert_eq!(links(), before);
    });
}

#[test]
fn down_with_filters_deletes_only_what_matches() {
    isolate("down_with_filters_deletes_only_what_matches", || {
        let container = TestContainer::new();
        let pid = container.pid();
        let both = || {
            succeeds(&format!(
                "up --pid {pid} --id c1 --container-ifname eth0 --host-ifname h0"
            ));
            succeeds(&format!(
                "up --pid {pid} --id c2 --container-ifname eth1 --host-ifname h1 \
            --bridge-name br1 --bridge-address 10.11.0.1/24 --container-address 10.11.0.2/24 \
            --no-default-route"
            ));
        };
        let (first, second) = (
            ["link br1", "link h1", "link lo"],
            ["link brg0", "link h0", "link lo"],
        );
        for (arguments, left) in [
            ("--id c1 --container-ifname eth0".to_owned(), &first),
            (format!("--pid {pid} --host-ifname h0"), &first),
            (format!("--pid {pid} --bridge-name br1"), &second),
            (format!("--pid {pid} --id c2"), &second),
        ] {
            both();
            succeeds(&format!("down {arguments}"));
            assert_eq!(links(), *left, "down {arguments}");
        }
        both();
        succeeds("down --id c1 --container-ifname eth1");
        succeeds(&format!(
            "down --pid {pid} --host-ifname h0 --bridge-name br1"
        ));
        assert_eq!(
            links().len(),
            5,
            "a filter that matches no attachment deletes nothing"
        );
        succeeds(&format!("down --pid {pid}"));
        assert_eq!(links(), ["link lo"]);
    });
}

#[test]
fn down_keeps_bridge_kept_by_another_owner() {
    isolate("down_keeps_bridge_kept_by_another_owner", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        succeeds(&format!("up --pid {} --id a", one.pid()));
        succeeds("down --id a --keep-bridge");
        succeeds(&format!(
            "up --pid {} --id b --bridge-name br1 --bridge-address 10.11.0.1/24 \
        --container-address auto",
            two.pid()
        ));
        succeeds(&format!("down --pid {}", two.pid()));
        assert_eq!(links(), ["link brg0", "link lo"]);
    });
}

#[test]
fn gc_deletes_only_unused_bridges_of_netsetgo() {
    isolate("gc_deletes_only_unused_bridges_of_netsetgo", || {
        let containers: Vec<TestContainer> = (0..3).map(|_| TestContainer::new()).collect();
        for (number, container) in containers.iter().enumerate() {
            succeeds(&format!(
                "up --pid {} --bridge-name b{number} --bridge-address 10.{number}.0.1/24 \
            --container-address auto",
                container.pid()
            ));
        }
        // netsetgo did not create this unused bridge.
        perform(Op::Ioctl(netsetgo::plan::op::Ioctl::AddBridge(
            "unowned".parse().unwrap(),
        )));
        let mut containers = containers;
        containers.truncate(1);
        wait_for_links("removal of the other host ends", || {
            let other = |name: &String| name.contains("veth0a0") && !name.contains("veth0a000002");
            !links().iter().any(other)
        });
        assert_eq!(
            String::from_utf8(netsetgo("gc").stdout).unwrap(),
            "b1\nb2\n"
        );
        assert_eq!(
            links(),
            ["link b0", "link lo", "link unowned", "link veth0a000002"]
        );
        succeeds(&format!(
            "check --pid {} --bridge-name b0 --bridge-address 10.0.0.1/24 \
        --container-address auto",
            containers[0].pid()
        ));
    });
}

#[test]
fn run_end_deletes_only_its_own_links() {
    isolate("run_end_deletes_only_its_own_links", || {
        let victim = TestContainer::new();
        // The command prints a line when its network is ready, and ends at end-of-file.
        let mut child = Running::start(
            Command::new(binary())
                .args(["run", "--", "sh", "-c", "echo ready; cat"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped()),
        );
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout());
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        // Another process deletes the link of the run, and another container gets the name.
        perform(Op::Link(LinkOp::Delete("veth0".parse().unwrap())));
        succeeds(&format!("up --pid {} --id victim", victim.pid()));
        // wait() closes the command's standard input first.
        assert!(child.wait().success());
        succeeds(&format!("check --pid {} --id victim", victim.pid()));
    });
}

#[test]
fn run_with_signals_at_end_leaves_nothing() {
    isolate("run_with_signals_at_end_leaves_nothing", || {
        let before = links();
        let line =
            "trap '' TERM INT HUP; kill -TERM $PPID; kill -INT $PPID; kill -HUP $PPID; exit 6";
        let mut child = Command::new(binary());
        let status = child.args(["run", "sh", "-c", line]).status().unwrap();
        assert_eq!(status.code(), Some(6));
        assert_eq!(links(), before);
    });
}
