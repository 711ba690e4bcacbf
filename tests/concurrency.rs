//! Many containers at the same time, and commands that a signal interrupts.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::{addresses, links, listed};
use common::random::Random;
use common::snapshot::snapshot;
use common::{Running, TestContainer, bound, isolate, netsetgo, packets_pass, start, succeeds};
use std::collections::HashSet;
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
        let started: Vec<Running> = containers[..at_once]
            .iter()
            .map(|container| start(&up(container)))
            .collect();
        for child in started {
            let output = child.output();
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
            container.in_netns(|| {
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
        let end = Instant::now() + Duration::from_secs(amount("NETSETGO_REPEAT_SECONDS", 4));
        let repeat = |number: usize| {
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
                .map(|number| scope.spawn(move || repeat(number)))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert!(ups >= 16, "{ups}");
        println!("{ups} ups and downs");
        succeeds("down --id unknown");
        assert_eq!(listed(), serde_json::json!({"bridges": []}));
        assert_eq!(links(), before);
    });
}

#[test]
fn up_after_a_kill_at_random_instant_completes() {
    isolate("up_after_a_kill_at_random_instant_completes", || {
        let before = links();
        let random = Random::new();
        let mut incomplete = 0;
        for _ in 0..amount("NETSETGO_KILLS", 60) {
            let container = TestContainer::new();
            let up = format!(
                "up --pid {} --container-address auto --id c",
                container.pid()
            );
            for arguments in [&up, &format!("down --pid {}", container.pid())] {
                let mut child = start(arguments);
                pause_at_random(&random, 4000);
                child.kill();
                child.wait();
                let is_whole = netsetgo(&up.replace("up", "check")).status.success();
                incomplete += usize::from(!is_whole);
                succeeds(&up);
                succeeds(&up.replace("up", "check"));
                let (host, in_container) = (
                    bound("10.10.10.1"),
                    container.in_netns(|| bound("10.10.10.2")),
                );
                packets_pass((&in_container.0, in_container.1), (&host.0, host.1));
            }
            let mut child = start(&format!("down --pid {}", container.pid()));
            pause_at_random(&random, 4000);
            child.kill();
            child.wait();
            succeeds(&format!("down --pid {}", container.pid()));
            assert_eq!(links(), before);
        }
        assert!(
            incomplete > 0,
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
            kill(child.pid(), signal).unwrap();
            child.wait();
            let whole = netsetgo(&up.replace("up", "check")).status.success();
            assert!(whole || links() == before, "{signal}: {:?}", links());
            succeeds(&format!("down --pid {}", container.pid()));
        }
    });
}

#[test]
fn up_with_unresponsive_lock_holder_succeeds() {
    isolate("up_with_unresponsive_lock_holder_succeeds", || {
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
        let started: Vec<Running> = containers
            .iter()
            .map(|container| start(&up(container)))
            .collect();
        for child in started {
            let output = child.output();
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
