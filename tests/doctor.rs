//! `doctor` finds each cause and prints a command. The command fixes the cause.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::{Container, isolate, netsetgo, succeeds};
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs a line of shell; the tests' tools are ip, bridge, nft, sysctl and nsenter.
fn sh(line: &str) {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {error}");
}

/// A container on a bridge, a host that forwards, and a router outside.
struct Ward {
    container: Container,
    router: Container,
}

impl Ward {
    fn new() -> Self {
        let ward = Self {
            container: Container::new(),
            router: Container::new(),
        };
        let (pid, router) = (ward.container.pid(), ward.router.pid());
        succeeds(&format!("up --pid {pid}"));
        sh(&format!(
            "ip link add out0 type veth peer name eth0 netns {router}
             ip addr add 192.0.2.2/24 dev out0; ip link set out0 up
             nsenter -t {router} -n ip addr add 192.0.2.1/24 dev eth0
             nsenter -t {router} -n ip link set eth0 up
             nsenter -t {router} -n ip route add 10.10.10.0/24 via 192.0.2.2
             ip route add default via 192.0.2.1
             echo 1 >/proc/sys/net/ipv4/ip_forward"
        ));
        ward
    }

    fn findings(&self) -> String {
        let output = netsetgo(&format!("doctor --pid {}", self.container.pid()));
        let said = String::from_utf8(output.stdout).unwrap();
        let bad = said.lines().any(|line| line.starts_with("BAD  "));
        assert_eq!(output.status.code(), Some(bad.into()), "{said}");
        said
    }

    /// The findings, when nothing is bad any more: a port forwards, and a neighbour answers, a
    /// while after a link came up.
    fn settled(&self) -> String {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let said = self.findings();
            if !said.contains("BAD  ") || Instant::now() > deadline {
                return said;
            }
        }
    }

    /// Whether the container reaches the router and hears from it.
    fn reaches_out(&self) -> bool {
        let pid = self.container.pid();
        let ping = format!("nsenter -t {pid} -n ping -c 1 -W 1 192.0.2.1");
        Command::new("sh")
            .args(["-c", &ping])
            .output()
            .unwrap()
            .status
            .success()
    }

    /// Makes the change `harm`: doctor then prints `finding`, and its command fixes it.
    fn is_fixed_of(&self, harm: &str, finding: &str) {
        let pid = self.container.pid();
        sh(&harm.replace("PID", &pid.to_string()));
        let found = self.findings();
        let line = found.lines().find(|line| line.contains(finding));
        let line = line.unwrap_or_else(|| panic!("{harm}: {found}"));
        assert!(line.starts_with("BAD  "), "{line}");
        let hint = line.split_once("; fix: ").unwrap().1;
        let program = format!("PATH={}:$PATH;", program_folder());
        sh(&format!("{program} {hint}"));
        let left = self.settled();
        assert!(!left.contains("BAD  "), "after {harm} and {hint}: {left}");
        assert!(self.reaches_out(), "after {harm} and {hint}");
    }
}

fn program_folder() -> String {
    let program = std::path::PathBuf::from(common::binary());
    program.parent().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_healthy_container_is_healthy() {
    isolate("a_healthy_container_is_healthy", || {
        let ward = Ward::new();
        let said = ward.findings();
        assert!(said.lines().all(|line| line.starts_with("ok   ")), "{said}");
        assert!(
            said.contains("gateway 10.10.10.1: answers the container after "),
            "{said}"
        );
        assert!(ward.reaches_out());
        // What is not wrong is not told: a wider route, another metric, a firewall that lets pass.
        sh("ip route add 10.0.0.0/8 via 192.0.2.1
        ip link add up1 type veth peer name up2
        ip link set up1 mtu 1300 up; ip link set up2 up; ip addr add 198.51.100.1/24 dev up1
        sysctl -q -w net.ipv4.conf.up1.rp_filter=2
        ip route add default via 198.51.100.9 metric 900");
        for rules in [
            "add table ip f; add chain ip f c { type filter hook forward priority 0; policy drop; }; \
         add rule ip f c accept",
            "flush ruleset; add table inet f; add chain inet f c { type filter hook forward \
         priority 0; policy drop; }; add rule inet f c ct state established,related accept; \
         add rule inet f c iifname brg0 oifname != brg0 counter accept",
            "flush ruleset; add table ip f; add chain ip f d; add chain ip f c { type filter hook \
         forward priority 0; policy drop; }; add rule ip f c jump d; \
         add rule ip f d iifname \"brg*\" accept; add rule ip f d oifname brg0 accept",
            "flush ruleset; add table ip f; add chain ip f c { type filter hook input priority 0; \
         policy drop; }; add rule ip f c iifname brg0 accept; \
         add chain ip f g { type filter hook forward priority 0; }; \
         add rule ip f g iifname eth9 drop; add rule ip f g ip daddr 203.0.113.7 drop",
        ] {
            sh(&format!("nft '{rules}'"));
            let said = ward.findings();
            assert!(ward.reaches_out(), "{rules}");
            assert!(
                said.lines().all(|line| line.starts_with("ok   ")),
                "{rules}: {said}"
            );
        }
        // What cannot be told is told as such.
        sh(
            "nft 'flush ruleset; add table ip f; add chain ip f c { type filter hook forward \
        priority 7; policy drop; }; add rule ip f c ip saddr 10.10.10.0/24 accept; \
        add rule ip f c ip daddr 10.10.10.0/24 accept'",
        );
        let said = ward.findings();
        assert!(ward.reaches_out());
        let line = "??   firewall: chain c of table ip f (hook forward, priority 7) may drop packets \
        of brg0: it has rules of its own; look: nft list chain ip f c";
        assert!(said.lines().any(|found| found == line), "{said}");
    });
}

#[test]
fn the_links_and_addresses_are_fixed() {
    isolate("the_links_and_addresses_are_fixed", || {
        let ward = Ward::new();
        for (harm, finding) in [
            (
                "nsenter -t PID -n ip link set lo down",
                "lo in container: down",
            ),
            ("ip link set veth0 down", "link veth0 in host: down"),
            ("ip link set brg0 down", "bridge brg0: down"),
            (
                "nsenter -t PID -n ip link set veth1 mtu 1400",
                "mtu: 1500 of veth0, but 1400 of veth1",
            ),
            (
                "ip link set veth0 nomaster",
                "link veth0 in host: in no bridge",
            ),
            (
                "bridge link set dev veth0 state 0",
                "the bridge does not let it forward",
            ),
            (
                "nsenter -t PID -n ip route del default",
                "there is no default route",
            ),
            (
                "nsenter -t PID -n ip route replace default dev veth1",
                "leads to no gateway",
            ),
            (
                "nsenter -t PID -n ip route replace default via 10.10.10.9",
                "gateway 10.10.10.9: the container's bridge does not have this address",
            ),
            ("ip addr flush dev brg0", "bridge brg0: has no address"),
            (
                "ip addr flush dev brg0; ip addr add 10.77.0.1/24 dev brg0",
                "gateway 10.10.10.1: the container's bridge does not have this address",
            ),
            (
                "ip link add d1 type veth peer name d2; ip link set d1 up; ip addr add 10.10.10.2/32 dev d1",
                "address 10.10.10.2: d1 of the host has it too",
            ),
            (
                "ip route add blackhole 10.10.10.2",
                "address 10.10.10.2: a route of the host's forbids the way to it",
            ),
        ] {
            ward.is_fixed_of(harm, finding);
        }
        // With the address goes the default route: the first fix makes the second possible.
        let pid = ward.container.pid();
        sh(&format!("nsenter -t {pid} -n ip addr flush dev veth1"));
        for finding in [
            "address of veth1 in container: there is none",
            "there is no default route",
        ] {
            let found = ward.findings();
            let line = found.lines().find(|line| line.contains(finding)).unwrap();
            sh(line.split_once("; fix: ").unwrap().1);
        }
        assert!(!ward.settled().contains("BAD  ") && ward.reaches_out());
    });
}

#[test]
fn the_surroundings_are_fixed() {
    isolate("the_surroundings_are_fixed", || {
        let ward = Ward::new();
        for (harm, finding) in [
        ("echo 0 >/proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward is 0"),
        ("sysctl -q -w net.ipv4.conf.brg0.forwarding=0", "net.ipv4.conf.brg0.forwarding is 0"),
        ("sysctl -q -w net.ipv4.conf.out0.forwarding=0", "net.ipv4.conf.out0.forwarding is 0"),
        ("ip link set out0 mtu 1300", "mtu: 1500 of veth1 in container, but 1300 of out0"),
        ("ip link set out0 mtu 1500; ip link add up1 type veth peer name up2; ip link set up1 up
          ip link set up2 up; ip addr add 198.51.100.1/24 dev up1
          ip route add default via 198.51.100.9 metric 900
          sysctl -q -w net.ipv4.conf.up1.rp_filter=1", "rp_filter: strict on up1"),
    ] {
        ward.is_fixed_of(harm, finding);
    }
    });
}

#[test]
fn a_chain_that_drops_is_named_and_fixed() {
    isolate("a_chain_that_drops_is_named_and_fixed", || {
        let ward = Ward::new();
        let base = |family: &str, hook: &str, policy: &str, rule: &str| {
            format!(
                "nft 'flush ruleset; add table {family} fw; add chain {family} fw c \
         {{ type filter hook {hook} priority 5; policy {policy}; }}{rule}'"
            )
        };
        for (family, hook, policy, rule) in [
            ("ip", "forward", "drop", ""),
            ("inet", "forward", "drop", ""),
            ("inet", "prerouting", "drop", ""),
            ("inet", "postrouting", "drop", ""),
            ("inet", "input", "drop", ""),
            ("inet", "output", "drop", ""),
            ("ip", "forward", "accept", "; add rule ip fw c drop"),
            (
                "ip",
                "forward",
                "accept",
                "; add rule ip fw c iifname brg0 reject",
            ),
            (
                "ip",
                "forward",
                "drop",
                "; add rule ip fw c iifname brg0 accept",
            ),
            (
                "ip",
                "forward",
                "accept",
                "; add chain ip fw d; add rule ip fw c goto d; add rule ip fw d drop",
            ),
        ] {
            let harm = base(family, hook, policy, rule);
            sh(&harm);
            let found = ward.findings();
            assert!(
                !ward.reaches_out() || hook == "input" || hook == "output",
                "{harm}"
            );
            let named = format!("firewall: chain c of table {family} fw (hook {hook}, priority 5)");
            let lines: Vec<&str> = found.lines().filter(|line| line.contains(&named)).collect();
            let [line] = lines[..] else {
                panic!("{harm}: {found}")
            };
            assert!(line.starts_with("BAD  "), "{line}");
            sh(line.split_once("; fix: ").unwrap().1);
            let left = ward.settled();
            assert!(!left.contains("BAD  "), "after {harm}, and {line}: {left}");
            assert!(ward.reaches_out(), "after {harm}, and {line}");
        }
        sh("nft flush ruleset");
        // In the container itself.
        let pid = ward.container.pid();
        let nft = format!("nsenter -t {pid} -n nft");
        sh(&format!(
            "{nft} 'add table ip own; add chain ip own c {{ type filter hook output priority 1; policy drop; }}'"
        ));
        let found = ward.findings();
        let line = found
            .lines()
            .find(|line| line.contains("table ip own"))
            .unwrap_or_else(|| panic!("{found}"));
        sh(line.split_once("; fix: ").unwrap().1);
        assert!(ward.reaches_out(), "{line}");
        assert!(!ward.findings().contains("BAD  "));
    });
}

#[test]
fn between_containers_a_bridges_own_chain_may_drop() {
    isolate("between_containers_a_bridges_own_chain_may_drop", || {
        let ward = Ward::new();
        let other = Container::new();
        succeeds(&format!(
            "up --pid {} --container-address auto",
            other.pid()
        ));
        let reached = || {
            let line = format!("nsenter -t {} -n ping -c 1 -W 1 10.10.10.2", other.pid());
            Command::new("sh")
                .args(["-c", &line])
                .output()
                .unwrap()
                .status
                .success()
        };
        assert!(reached());
        sh(
            "nft 'add table bridge fw; add chain bridge fw c { type filter hook forward priority 0; \
        policy drop; }'",
        );
        assert!(!reached());
        let found = ward.findings();
        let line = found
            .lines()
            .find(|line| line.contains("table bridge fw"))
            .unwrap_or_else(|| panic!("{found}"));
        sh(line.split_once("; fix: ").unwrap().1);
        assert!(reached(), "{line}");
        assert!(!ward.findings().contains("BAD  "));
    });
}

#[test]
fn an_overlap_is_fixed_by_another_subnet() {
    isolate("an_overlap_is_fixed_by_another_subnet", || {
        let ward = Ward::new();
        sh(
            "ip link add t0 type veth peer name t1; ip addr add 10.10.10.77/28 dev t0
        ip link set t0 up; ip link set t1 up; ip route add 10.11.0.0/24 via 192.0.2.1",
        );
        let found = ward.findings();
        let finding =
            "subnet 10.10.10.1/24 of brg0: overlaps the host's route to 10.10.10.64/28 by t0";
        let line = found
            .lines()
            .find(|line| line.contains(finding))
            .unwrap_or_else(|| panic!("{found}"));
        let hint = line.split_once("; fix: ").unwrap().1;
        assert!(
            hint.contains("--bridge-address 10.11.1.1/24"),
            "the next subnet is taken: {hint}"
        );
        sh(&format!("PATH={}:$PATH; {hint}", program_folder()));
        let left = ward.settled();
        assert!(!left.contains("BAD  "), "{left}");
    });
}

#[test]
fn what_has_no_network_at_all_is_told() {
    isolate("what_has_no_network_at_all_is_told", || {
        let container = Container::new();
        let doctor =
            |words: &str| String::from_utf8(netsetgo(&format!("doctor {words}")).stdout).unwrap();
        let said = doctor(&format!("--pid {}", container.pid()));
        let hint = format!("fix: netsetgo up --pid {}", container.pid());
        assert!(
            said.contains("link in container: there is none besides lo") && said.contains(&hint),
            "{said}"
        );
        let said = doctor(&format!("--pid {}", std::process::id()));
        assert!(
            said.contains("is in the caller's own network namespace"),
            "{said}"
        );
        assert!(
            said.starts_with("BAD  ") && said.contains("; fix: netsetgo run -- "),
            "{said}"
        );
        // IPv6 alone wants nothing of IPv4.
        succeeds(&format!(
            "up --pid {} --bridge-address fd00:10::1/64 --container-address auto",
            container.pid()
        ));
        sh("echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; echo 0 >/proc/sys/net/ipv4/ip_forward");
        let said = doctor(&format!("--pid {}", container.pid()));
        assert!(
            !said.contains("ip_forward") && said.contains("net.ipv6.conf.all.forwarding is on"),
            "{said}"
        );
    });
}
