//! `up` that cannot succeed: one line with the reason, exit status 1 or 2, and nothing is changed.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::snapshot::{differences, snapshot};
use common::{
    Snapshots, TestContainer, binary, fails, invalid, isolate, perform_with, refused, succeeds,
};
use netsetgo::plan::op::{LinkOp, Op};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Creates a veth pair without a bridge.
fn veth(host: &str, peer: &str) -> Op {
    let name = |name: &str| name.parse().unwrap();
    Op::Link(LinkOp::CreateVeth {
        host: name(host),
        host_mac: None,
        master: None,
        peer: name(peer),
        mac: None,
        mtu: None,
    })
}

#[test]
fn up_with_invalid_arguments_is_refused() {
    isolate("up_with_invalid_arguments_is_refused", || {
        let container = TestContainer::new();
        let before = Snapshots::take(&container);
        for (arguments, reason) in [
            ("--bridge-name sixteen-letters-", "at most 15 bytes"),
            ("--bridge-name a/b", "cannot contain '/'"),
            ("--bridge-name a:b", "'/' or ':'"),
            ("--bridge-name br%d", "pattern"),
            ("--bridge-name .", "directories"),
            ("--bridge-name all", "reserved for /proc/sys"),
            (
                "--veth-name-prefix x --bridge-name x0",
                "both the bridge and the host interface",
            ),
            ("--bridge-name lo", "is reserved for the loopback interface"),
            ("--bridge-name=", "at least 1 byte"),
            ("--veth-name-prefix fifteen-letters", "at most 15 bytes"),
            (
                "--veth-name-prefix v --bridge-name v0",
                "both the bridge and the host interface",
            ),
            ("--bridge-address 10.10.10.1", "prefix length is missing"),
            ("--bridge-address 10.10.10.1/33", "from 0 to 32"),
            ("--bridge-address 10.10.10.1/+4", "from 0 to 32"),
            (
                "--bridge-address 10.10.10.256/24",
                "not an IPv4 or IPv6 address",
            ),
            ("--bridge-address 10.10.10.0/24", "the network address"),
            ("--bridge-address 10.10.10.255/24", "broadcast"),
            ("--bridge-address 224.0.0.1/24", "multicast"),
            ("--bridge-address 127.0.0.1/8", "loopback"),
            ("--bridge-address 0.0.0.0/0", "unspecified"),
            ("--bridge-address 0.0.0.1/8", "no host may use"),
            (
                "--bridge-address fd00::1/0 --container-address fd00::2/0",
                "prefix length 0 is not allowed",
            ),
            ("--host-ifname 10.10.10.2", "uses as an altname"),
            ("--bridge-name 10.10.10.2", "uses as an altname"),
            ("--container-address 10.10.10.0/24", "the network address"),
            ("--container-address 10.10.10.255/24", "broadcast"),
            ("--container-address fd00::/64", "the network address"),
            ("--container-address 10.10.10.1/24", "given twice"),
            (
                "--container-address 10.10.11.2/24",
                "gateway 10.10.10.1 is outside",
            ),
            (
                "--container-address 10.10.11.2/16",
                "outside the bridge's subnet 10.10.10.0/24",
            ),
            (
                "--container-address fd00::2/64",
                "no address of this family",
            ),
            ("--bridge-backend brctl", "expected auto, netlink or ioctl"),
            ("--no-such-option", "no-such-option"),
            ("-bridgename brg0", "bridgename"),
        ] {
            let line = invalid(&format!("up --pid {} {arguments}", container.pid()));
            assert!(
                line.contains(reason),
                "{arguments}: {line:?} does not contain {reason:?}"
            );
            before.assert_unchanged(&container, arguments);
        }
    });
}

#[test]
fn up_without_a_valid_container_is_refused() {
    isolate("up_without_a_valid_container_is_refused", || {
        let dead = { TestContainer::new().pid() };
        let container = TestContainer::new();
        let before = Snapshots::take(&container);
        for (arguments, reason) in [
            (format!("--pid {dead}"), "ESRCH"),
            ("--pid 0".into(), "from 1 to 2147483647"),
            ("--pid 4294967295".into(), "from 1 to 2147483647"),
            ("--pid -7".into(), "is not a number"),
            ("--pid +7".into(), "is not a number"),
            ("--pid=".into(), "is not a number"),
            (String::new(), "missing container"),
            ("--pid 1 --netns x".into(), "name a container twice"),
            ("--netns no-such-namespace".into(), "ENOENT"),
            ("--netns /dev/null".into(), "not a network namespace"),
            (
                "--netns /proc/self/ns/uts".into(),
                "not a network namespace",
            ),
            ("--netns fd:999".into(), "EBADF"),
            ("--netns fd:x".into(), "descriptor's number"),
        ] {
            let status = match reason {
                "ESRCH" | "ENOENT" | "EBADF" | "not a network namespace" => 1,
                _ => 2,
            };
            let line = fails(&format!("up {arguments}"), status);
            assert!(
                line.contains(reason),
                "up {arguments}: {line:?} does not contain {reason:?}"
            );
            // The namespace does not exist, so nothing of it is left: `down` succeeds.
            match reason {
                "ESRCH" | "ENOENT" => succeeds(&format!("down {arguments}")),
                _ => assert!(
                    fails(&format!("down {arguments}"), status).contains(reason),
                    "down {arguments}"
                ),
            }
            before.assert_unchanged(&container, &arguments);
        }
    });
}

#[test]
fn namespace_of_caller_as_container_is_refused() {
    isolate("namespace_of_caller_as_container_is_refused", || {
        let before = snapshot();
        for arguments in [
            format!("--pid {}", std::process::id()),
            "--netns /proc/self/ns/net".into(),
        ] {
            for verb in ["up", "down"] {
                let line = refused(&format!("{verb} {arguments}"));
                assert!(line.contains("caller's own network namespace"), "{line}");
            }
        }
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
    });
}

#[test]
fn up_with_taken_name_or_address_is_refused() {
    isolate("up_with_taken_name_or_address_is_refused", || {
        let (container, other) = (TestContainer::new(), TestContainer::new());
        succeeds(&format!(
            "up --pid {} --bridge-name br9 --bridge-address 10.9.9.1/24 \
        --container-address 10.9.9.2/24 --veth-name-prefix w",
            other.pid()
        ));
        // A pair without a bridge. The first cases must not mistake it for the wanted pair.
        perform_with(&container, veth("x0", "x1"));
        let before = Snapshots::take(&container);
        for (arguments, reason) in [
            (
                "--veth-name-prefix w",
                "name w0 in host: another link has it",
            ),
            (
                "--bridge-name w0",
                "name w0 in host: a veth has it, which is not a bridge",
            ),
            (
                "--bridge-address 10.9.9.1/24 --container-address 10.9.9.3/24",
                "address 10.9.9.1 in host: br9 has it already",
            ),
            (
                "--bridge-address 10.9.9.4/24 --container-address 10.9.9.1/24",
                "address 10.9.9.1 in host: br9 has it already",
            ),
        ] {
            let line = refused(&format!("up --pid {} {arguments}", container.pid()));
            assert!(
                line.contains(reason),
                "{arguments}: {line:?} does not contain {reason:?}"
            );
            before.assert_unchanged(&container, arguments);
        }
    });
}

#[test]
fn up_with_taken_container_name_is_refused() {
    isolate("up_with_taken_container_name_is_refused", || {
        let (container, other) = (TestContainer::new(), TestContainer::new());
        // The container has a link veth1: the host end of a pair whose other end is in `other`.
        container.in_netns(|| perform_with(&other, veth("veth1", "z")));
        let before = Snapshots::take(&container);
        let line = refused(&format!("up --pid {}", container.pid()));
        assert!(
            line.contains("name veth1 in container: another link has it"),
            "{line}"
        );
        before.assert_unchanged(&container, "a taken container name");
    });
}

#[test]
fn up_with_other_default_route_is_refused() {
    isolate("up_with_other_default_route_is_refused", || {
        let container = TestContainer::new();
        succeeds(&format!("up --pid {}", container.pid()));
        let before = Snapshots::take(&container);
        let line = refused(&format!(
            "up --pid {} --bridge-name other --bridge-address 10.8.8.1/24 \
         --container-address 10.8.8.2/24 --veth-name-prefix w",
            container.pid()
        ));
        assert!(
                line.contains(
                    "add default route via 10.8.8.1 in container: another route to this destination exists via \
                       10.10.10.1 dev veth1"
                ),
                "{line}"
            );
        before.assert_unchanged(&container, "another default route");
    });
}

#[test]
fn up_without_cap_net_admin_names_the_capability() {
    isolate("up_without_cap_net_admin_names_the_capability", || {
        let container = TestContainer::new();
        let before = Snapshots::take(&container);
        let mut command = Command::new(binary());
        command.args(["--pid", &container.pid().to_string()]);
        // SAFETY: only prctl(2) is called between fork and exec. At exec, root loses a capability that
        // is not in the bounding set (capabilities(7)).
        unsafe {
            command.pre_exec(|| {
                const CAP_NET_ADMIN: libc::c_ulong = 12;
                match libc::prctl(libc::PR_CAPBSET_DROP, CAP_NET_ADMIN) {
                    0 => Ok(()),
                    _ => Err(std::io::Error::last_os_error()),
                }
            });
        }
        let output = command.output().unwrap();
        let line = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{line}");
        assert!(
            line.contains("EPERM") && line.contains("CAP_NET_ADMIN"),
            "{line}"
        );
        before.assert_unchanged(&container, "up without the capability");
    });
}
