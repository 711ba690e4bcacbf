//! Support for the integration tests: network namespaces, containers, snapshots.
//!
//! A test re-executes its own binary in a new network namespace, as root or, for an ordinary
//! user, as root of a new user namespace. The kernel removes the test's links, addresses and routes
//! together with that namespace.
#![allow(dead_code, unsafe_code, clippy::indexing_slicing)]

pub mod listing;
pub mod random;
pub mod snapshot;
pub mod temporary;
pub mod wait;

use netsetgo::engine::kernel::Known;
use netsetgo::engine::run::run;
use netsetgo::engine::sockets::{Host, Sockets};
use netsetgo::os::ioctl;
use netsetgo::plan::op::Op;
use netsetgo::plan::step::Step;
use netsetgo::wire::ifreq::{IfReq, Member};
use netsetgo::wire::uapi::SIOCSIFFLAGS;
use nix::sched::{CloneFlags, setns, unshare};
use std::fs::File;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// The environment variable that names the test that a re-executed binary runs.
const INSIDE: &str = "NETSETGO_TEST_INSIDE";

/// Runs `body` in a new process in a new network namespace, where the link lo is up.
pub fn isolate(name: &str, body: impl FnOnce()) {
    if std::env::var(INSIDE).as_deref() == Ok(name) {
        loopback_up();
        return body();
    }
    let mut command = Command::new(std::env::current_exe().expect("/proc is mounted"));
    command
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(INSIDE, name);
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
    let up = Member::Flags(flags | libc::IFF_UP as u16);
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

/// The program under test.
pub fn binary() -> String {
    std::env::var("NETSETGO_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_netsetgo").into())
}

/// Runs the program with these arguments, separated by spaces.
pub fn netsetgo(arguments: &str) -> Output {
    let arguments = arguments.split(' ').filter(|word| !word.is_empty());
    Command::new(binary())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

/// Starts the program with these arguments, and does not wait for it.
pub fn start(arguments: &str) -> Child {
    Command::new(binary())
        .args(arguments.split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs the program, which must succeed and print nothing.
pub fn succeeds(arguments: &str) {
    let output = netsetgo(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "netsetgo {arguments}: {error}");
    assert_eq!(
        (&*error, output.stdout.len()),
        ("", 0),
        "netsetgo {arguments} prints something"
    );
}

/// Runs the program, which must fail with exit status 1 and print one line. Returns the line.
pub fn refused(arguments: &str) -> String {
    fails(arguments, 1)
}

/// Runs the program with wrong usage: exit status 2 and one line. Returns the line.
pub fn invalid(arguments: &str) -> String {
    fails(arguments, 2)
}

/// Runs the program, which must fail with this exit status and print one line. Returns the line.
pub fn fails(arguments: &str, status: i32) -> String {
    let output = netsetgo(arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(status),
        "netsetgo {arguments}: {error}"
    );
    assert!(output.stdout.is_empty(), "results only on standard output");
    assert!(
        error.starts_with("netsetgo: ") && error.ends_with('\n'),
        "{error:?}"
    );
    assert_eq!(
        error.lines().count(),
        1,
        "one line for one failure: {error}"
    );
    error.trim_end().to_owned()
}

/// A process in its own network namespace: the container under test. `drop` ends the process.
///
/// The process reads a pipe that the test holds, so it also ends when the test's process dies.
pub struct TestContainer(Child);

/// The name that this type had before.
pub type Container = TestContainer;

impl Default for TestContainer {
    fn default() -> Self {
        Self::new()
    }
}

impl TestContainer {
    /// Starts the process in a new network namespace.
    pub fn new() -> Self {
        let mut command = Command::new("cat");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // SAFETY: only system calls between fork and exec.
        unsafe {
            command.pre_exec(|| Ok(unshare(CloneFlags::CLONE_NEWNET)?));
        }
        let started = command.spawn();
        Self(started.expect("cat starts in a new network namespace"))
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Runs `work` on a thread in the container's network namespace.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let path = format!("/proc/{}/ns/net", self.pid());
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let netns = File::open(path).expect("the container's namespace");
                setns(netns, CloneFlags::CLONE_NEWNET).expect("enter it");
                work()
            });
            thread
                .join()
                .expect("the work in the container's namespace")
        })
    }
}

impl Drop for TestContainer {
    fn drop(&mut self) {
        // Both fail only when the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a datagram from `from` to `to` and a reply back. Each socket belongs to the network
/// namespace in which it was opened.
pub fn packets_pass(from: (&UdpSocket, IpAddr), to: (&UdpSocket, IpAddr)) {
    let port = |socket: &UdpSocket| socket.local_addr().expect("bound").port();
    let timeout = Some(Duration::from_secs(5));
    from.0.set_read_timeout(timeout).expect("a timeout");
    to.0.set_read_timeout(timeout).expect("a timeout");
    from.0
        .send_to(b"ping", SocketAddr::new(to.1, port(to.0)))
        .expect("send");
    let mut buffer = [0; 8];
    let (length, sender) = to.0.recv_from(&mut buffer).expect("a packet arrives");
    assert_eq!((&buffer[..length], sender.ip()), (&b"ping"[..], from.1));
    to.0.send_to(b"pong", sender).expect("send the reply");
    let (length, sender) = from.0.recv_from(&mut buffer).expect("the reply arrives");
    assert_eq!((&buffer[..length], sender.ip()), (&b"pong"[..], to.1));
}

/// Binds a socket to an address in the thread's network namespace.
pub fn bound(address: &str) -> (UdpSocket, IpAddr) {
    let address: IpAddr = address.parse().expect("an address");
    let socket = UdpSocket::bind(SocketAddr::new(address, 0))
        .unwrap_or_else(|error| panic!("bind {address}: {error}"));
    (socket, address)
}

/// Performs one operation in the thread's network namespace, as the program does.
pub fn perform(op: Op) {
    let mut host = Host::open().unwrap();
    let step = Step::host("The test prepares a state.", op, vec![]);
    let mut sockets = Sockets {
        host: &mut host,
        container: None,
    };
    run(&mut sockets, Known::default(), &[step]).unwrap();
}
