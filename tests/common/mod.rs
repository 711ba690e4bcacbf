//! Support for the integration tests: network namespaces, containers, snapshots.
//!
//! A test re-executes its own binary in a new network namespace, as root or, for an ordinary
//! user, as root of a new user namespace. The kernel removes the test's links, addresses and routes
//! together with that namespace.
#![allow(dead_code, unused_imports, unsafe_code, clippy::indexing_slicing)]

pub mod container;
pub mod engine;
pub mod listing;
pub mod packets;
pub mod program;
pub mod random;
pub mod snapshot;
pub mod temporary;
pub mod wait;

pub use container::{Container, Snapshots, TestContainer};
pub use engine::{TestSockets, perform, perform_with};
pub use packets::{bound, packets_pass};
pub use program::{Running, binary, fails, invalid, netsetgo, refused, start, succeeds};

use netsetgo::os::ioctl;
use netsetgo::wire::ifreq::{IfReq, UnionMember};
use netsetgo::wire::uapi::SIOCSIFFLAGS;
use nix::sched::{CloneFlags, unshare};
use std::net::UdpSocket;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The environment variable that names the test that a re-executed binary runs.
const ISOLATED_TEST: &str = "NETSETGO_ISOLATED_TEST";

/// Runs `body` in a new process in a new network namespace, where the link lo is up.
pub fn isolate(name: &str, body: impl FnOnce()) {
    if std::env::var(ISOLATED_TEST).as_deref() == Ok(name) {
        loopback_up();
        return body();
    }
    let mut command = Command::new(std::env::current_exe().expect("/proc is mounted"));
    command
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(ISOLATED_TEST, name);
    in_new_namespace(&mut command);
    let output = command.output().expect(
        "a test needs a network namespace: be root, or let users make user namespaces \
         (sysctl user.max_user_namespaces)",
    );
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "{name} in the new namespace: {}\n{out}\n{err}",
        output.status
    );
    assert!(
        out.contains("1 passed"),
        "{name} did not run in the new namespace:\n{out}\n{err}"
    );
}

fn loopback_up() {
    let lo = netsetgo::config::IfName::lo();
    let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let flags = ioctl::flags(&socket, &lo).expect("lo is there");
    let up = UnionMember::Flags(flags | libc::IFF_UP as u16);
    let request = IfReq::new(SIOCSIFFLAGS, lo.as_str(), up);
    ioctl::call(&socket, &request).expect("lo up");
}

/// Lets the command start in a new network namespace. For an ordinary user, the command also starts
/// in a new user namespace.
fn in_new_namespace(command: &mut Command) {
    let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
    // SAFETY: between fork and exec only system calls are made, and allocations, which are safe
    // with the C libraries that these tests run with.
    unsafe {
        command.pre_exec(move || {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            if uid.is_root() {
                unshare(CloneFlags::CLONE_NEWNET)?;
            } else {
                unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
                std::fs::write("/proc/self/setgroups", "deny")?;
                std::fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
                std::fs::write("/proc/self/gid_map", format!("0 {gid} 1"))?;
            }
            Ok(())
        });
    }
}
