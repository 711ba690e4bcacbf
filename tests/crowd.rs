//! Many containers, concurrently and in sequence: address allocation, and what a kill leaves.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::{addresses, links, listed};
use common::random::Random;
use common::snapshot::{differences, snapshot};
use common::wait::wait_for_links;
use common::{
    TestContainer, bound, isolate, netsetgo, packets_pass, perform, refused, start, succeeds,
};
use netsetgo::plan::op::{AddressOp, LinkOp, Op};
use std::collections::HashSet;
use std::process::Child;
use std::time::{Duration, Instant};

/// How often or how long a test runs: the environment variable, or `usual` without it.
fn amount(variable: &str, usual: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .map(|value| value.parse().expect("the variable is a number"))
        .unwrap_or(usual)
}

/// Lets the child run for less than `end` microseconds. The test waits for nothing here: the instant
/// at which the signal interrupts the child is the test's random input.
fn pause_at_random(random: &Random, end: u64) {
    std::thread::sleep(Duration::from_micros(random.below(end)));
}

#[test]
fn auto_address_is_lowest_free_and_is_reused() {
    isolate("auto_address_is_lowest_free_and_is_reused", || {
        let containers: Vec<TestContainer> = (0..3).map(|_| TestContainer::new()).collect();
        let up = |container: &TestContainer| {
            let output = netsetgo(&format!(
                "up --json --pid {} --container-address auto",
                container.pid()
            ));
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(object["bridge"], "brg0");
            assert_eq!(object["gateways"], serde_json::json!(["10.10.10.1"]));
            (
                object["addresses"][0].as_str().unwrap().to_owned(),
                object["host_ifname"].as_str().unwrap().to_owned(),
            )
        };
        let given: Vec<_> = containers.iter().map(up).collect();
        assert_eq!(given[0], ("10.10.10.2/24".into(), "veth0a0a0a02".into()));
        assert_eq!(given[1].0, "10.10.10.3/24");
        assert_eq!(given[2].0, "10.10.10.4/24");
        // A container that has an address keeps it.
        let before = snapshot();
        assert_eq!(up(&containers[1]), given[1]);
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        // The namespace of the first container ends. The kernel deletes the link some time later.
        let mut containers = containers;
        drop(containers.remove(0));
        wait_for_links("removal of the first host end", || {
            !links().contains(&"link veth0a0a0a02".to_owned())
        });
        let next = TestContainer::new();
        assert_eq!(up(&next), given[0]);
        assert_eq!(addresses().len(), 3);
    });
}

#[test]
fn auto_address_in_full_subnet_is_refused() {
    isolate("auto_address_in_full_subnet_is_refused", || {
        let containers: Vec<TestContainer> = (0..6).map(|_| TestContainer::new()).collect();
        let up = |container: &TestContainer| {
            format!(
                "up --pid {} --bridge-address 10.10.10.1/29 --container-address auto",
                container.pid()
            )
        };
        // One container has a static address.
        succeeds(&format!(
            "up --pid {} --bridge-address 10.10.10.1/29 --container-address \
        10.10.10.4/29",
            containers[0].pid()
        ));
        containers[1..5]
            .iter()
            .for_each(|container| succeeds(&up(container)));
        let given: HashSet<String> = addresses().into_iter().collect();
        assert_eq!(given.len(), 5, "{given:?}");
        let before = snapshot();
        let line = refused(&up(&containers[5]));
        assert!(
            line.contains("subnet 10.10.10.0/29 has no free address: all 6 are in use"),
            "{line}"
        );
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
    });
}

#[test]
fn address_of_another_container_is_refused() {
    isolate("address_of_another_container_is_refused", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        succeeds(&format!("up --pid {} --id first", one.pid()));
        let before = (snapshot(), two.inside(snapshot));
        let line = refused(&format!("up --pid {} --veth-name-prefix w", two.pid()));
        assert!(
            line.contains("address 10.10.10.2 in host: veth0 of first has it already"),
            "{line}"
        );
        let line = refused(&format!(
            "up --pid {} --veth-name-prefix w --container-ifname veth1 \
        --container-address 10.10.10.3/24 --id first",
            two.pid()
        ));
        assert!(
            line.contains("attachment of this owner in host: veth0 of first has it"),
            "{line}"
        );
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(differences(&before.1, &two.inside(snapshot)), [""; 0]);
    });
}

#[test]
fn auto_address_with_taken_names_uses_the_next() {
    isolate("auto_address_with_taken_names_uses_the_next", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        // A bridge with two addresses in one subnet gives the container one address.
        let up = |container: &TestContainer, more: &str| {
            format!(
                "up --pid {} --bridge-address 10.10.10.1/24 \
        --bridge-address 10.10.10.254/24 --container-address auto{more}",
                container.pid()
            )
        };
        succeeds(&up(&one, ""));
        assert_eq!(addresses(), ["10.10.10.2/24"]);
        succeeds(&up(&one, "").replace("up", "check"));
        let line = refused(&up(&one, " --host-ifname other"));
        assert!(
            line.contains("the host end of the container's veth1 is veth0a0a0a02"),
            "{line}"
        );
        // A link that netsetgo did not create has the name of the next host end, but not its address.
        perform(Op::Ioctl(netsetgo::plan::op::Ioctl::AddBridge(
            "veth0a0a0a03".parse().unwrap(),
        )));
        succeeds(&up(&two, ""));
        assert_eq!(addresses(), ["10.10.10.2/24", "10.10.10.4/24"]);
        // The bridge may have the name that the host end has without auto.
        let three = TestContainer::new();
        succeeds(&format!(
            "up --pid {} --bridge-name veth0 --bridge-address 10.11.0.1/24 \
        --container-address auto",
            three.pid()
        ));
    });
}

#[test]
fn address_that_the_container_has_is_refused() {
    isolate("address_that_the_container_has_is_refused", || {
        let (container, other) = (TestContainer::new(), TestContainer::new());
        succeeds(&format!("up --pid {} --no-default-route", container.pid()));
        let before = (snapshot(), container.inside(snapshot));
        let arguments = "--bridge-name br1 --bridge-address 10.10.10.9/24 --host-ifname h1 \
        --container-ifname eth1 --no-default-route";
        // The first conflict is the altname on the host. The second is an address in the container that
        // another program added.
        refused(&format!("up --pid {} {arguments}", container.pid()));
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        other.inside(|| {
            let lo = netsetgo::config::IfName::lo;
            perform(Op::Link(LinkOp::SetUp(lo())));
            perform(Op::Address(AddressOp::Add(
                lo(),
                "10.11.0.2/24".parse().unwrap(),
            )));
        });
        let line = refused(&format!(
            "up --pid {} --bridge-name br1 --bridge-address 10.11.0.1/24 \
        --container-address 10.11.0.2/24 --host-ifname h1",
            other.pid()
        ));
        assert!(
            line.contains("address 10.11.0.2 in container: lo has it already"),
            "{line}"
        );
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
    });
}

#[test]
fn many_concurrent_containers_get_distinct_addresses() {
    isolate("many_concurrent_containers_get_distinct_addresses", || {
        let at_once = amount("NETSETGO_AT_ONCE", 200) as usize;
        let containers: Vec<TestContainer> = (0..amount("NETSETGO_CONTAINERS", 700))
            .map(|_| TestContainer::new())
            .collect();
        let up = |container: &TestContainer| {
            format!(
                "up --pid {} --bridge-address 10.10.0.1/16 --container-address auto",
                container.pid()
            )
        };
        let started: Vec<Child> = containers[..at_once]
            .iter()
            .map(|container| start(&up(container)))
            .collect();
        for child in started {
            let output = child.wait_with_output().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        containers[at_once..]
            .iter()
            .for_each(|container| succeeds(&up(container)));
        let given: HashSet<String> = addresses().into_iter().collect();
        assert_eq!(
            given.len(),
            containers.len(),
            "each container has a different address"
        );
        let own = |container: &TestContainer| {
            container.inside(|| {
                let address = snapshot().into_keys().find_map(|name| {
                    name.strip_prefix("address 10.10.")
                        .map(|rest| format!("10.10.{}", rest.split('@').next().unwrap()))
                });
                bound(&address.unwrap())
            })
        };
        let (first, last) = (own(&containers[0]), own(&containers[containers.len() - 1]));
        packets_pass((&first.0, first.1), (&last.0, last.1));
    });
}

#[test]
fn concurrent_up_down_and_gc_leave_nothing() {
    isolate("concurrent_up_down_and_gc_leave_nothing", || {
        let before = links();
        let end = Instant::now() + Duration::from_secs(amount("NETSETGO_STORM_SECONDS", 4));
        let storm = |number: usize| {
            let mut ups = 0;
            while Instant::now() < end {
                let container = TestContainer::new();
                let up = format!(
                    "up --pid {} --container-address auto --id c{number}",
                    container.pid()
                );
                succeeds(&up);
                if number.is_multiple_of(4) {
                    let output = netsetgo("gc");
                    assert!(
                        output.status.success(),
                        "{}",
                        String::from_utf8_lossy(&output.stderr)
                    );
                }
                succeeds(&up);
                succeeds(&up.replace("up", "check"));
                ups += 1;
                match ups % 3 {
                    0 => succeeds(&format!("down --pid {}", container.pid())),
                    1 => succeeds(&format!("down --id c{number}")),
                    // The namespace ends. The next container has the same owner id.
                    _ => {
                        drop(container);
                        succeeds(&format!("down --id c{number}"));
                    }
                }
            }
            ups
        };
        let ups: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|number| scope.spawn(move || storm(number)))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert!(ups >= 16, "{ups}");
        println!("{ups} ups and downs");
        succeeds("down --id nobody");
        assert_eq!(listed(), serde_json::json!({"bridges": []}));
        assert_eq!(links(), before);
    });
}

#[test]
fn up_after_a_kill_at_random_instant_completes() {
    isolate("up_after_a_kill_at_random_instant_completes", || {
        let before = links();
        let random = Random::new();
        let mut halves = 0;
        for _ in 0..amount("NETSETGO_KILLS", 60) {
            let container = TestContainer::new();
            let up = format!(
                "up --pid {} --container-address auto --id c",
                container.pid()
            );
            for arguments in [&up, &format!("down --pid {}", container.pid())] {
                let mut child = start(arguments);
                pause_at_random(&random, 4000);
                child.kill().unwrap();
                child.wait().unwrap();
                let is_whole = netsetgo(&up.replace("up", "check")).status.success();
                halves += usize::from(!is_whole);
                succeeds(&up);
                succeeds(&up.replace("up", "check"));
                let (host, in_container) = (
                    bound("10.10.10.1"),
                    container.inside(|| bound("10.10.10.2")),
                );
                packets_pass((&in_container.0, in_container.1), (&host.0, host.1));
            }
            let mut child = start(&format!("down --pid {}", container.pid()));
            pause_at_random(&random, 4000);
            child.kill().unwrap();
            child.wait().unwrap();
            succeeds(&format!("down --pid {}", container.pid()));
            assert_eq!(links(), before);
        }
        assert!(
            halves > 0,
            "no kill interrupted an up or a down: all were complete"
        );
    });
}

#[test]
fn signal_during_up_leaves_all_or_nothing() {
    isolate("signal_during_up_leaves_all_or_nothing", || {
        use nix::sys::signal::{Signal, kill};
        let before = links();
        let random = Random::new();
        for round in 0..30 {
            let container = TestContainer::new();
            let up = format!("up --pid {}", container.pid());
            let mut child = start(&up);
            pause_at_random(&random, 3000);
            let signal = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP][round % 3];
            kill(nix::unistd::Pid::from_raw(child.id() as i32), signal).unwrap();
            child.wait().unwrap();
            let whole = netsetgo(&up.replace("up", "check")).status.success();
            assert!(whole || links() == before, "{signal}: {:?}", links());
            succeeds(&format!("down --pid {}", container.pid()));
        }
    });
}

#[test]
fn lock_holder_that_never_answers_does_not_block_up() {
    isolate("lock_holder_that_never_answers_does_not_block_up", || {
        use socket2::{Domain, SockAddr, Socket, Type};
        let address = SockAddr::unix("\0netsetgo").unwrap();
        let socket = || Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
        let holder = socket();
        holder.bind(&address).unwrap();
        holder.listen(0).unwrap();
        // This connection fills the queue of the lock's socket.
        let waiting = socket();
        waiting.connect(&address).unwrap();
        // All containers get an address without the lock, and each retry ends.
        let at_once = amount("NETSETGO_AT_ONCE", 40).min(40);
        let containers: Vec<TestContainer> = (0..at_once).map(|_| TestContainer::new()).collect();
        let up = |container: &TestContainer| {
            format!("up --pid {} --container-address auto", container.pid())
        };
        let started: Vec<Child> = containers
            .iter()
            .map(|container| start(&up(container)))
            .collect();
        for child in started {
            let output = child.wait_with_output().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let given: HashSet<String> = addresses().into_iter().collect();
        assert_eq!(
            given.len(),
            containers.len(),
            "each container has a different address"
        );
        drop((holder, waiting));
    });
}
