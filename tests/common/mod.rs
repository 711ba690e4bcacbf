//! What the integration tests stand on: namespaces of their own, containers, snapshots.
//!
//! A test re-executes its own binary in a new network namespace, as root or, for an ordinary
//! user, as root of a new user namespace. All that it configures is in there, and goes with it.
#![allow(dead_code, unsafe_code, clippy::indexing_slicing)]

pub mod listing;
pub mod snapshot;

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

/// Says to the re-executed binary which test it is in.
const INSIDE: &str = "NETSETGO_TEST_INSIDE";

/// Runs `body` in a new process in a new network namespace, with its loopback up.
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
        "{name} inside: {}\n{out}\n{err}",
        output.status
    );
    assert!(
        out.contains("1 passed"),
        "{name} did not run inside:\n{out}\n{err}"
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

/// Lets the command start in a new network namespace; an ordinary user's in a new user namespace.
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

/// Runs the program with these words, separated by spaces.
pub fn netsetgo(words: &str) -> Output {
    let words = words.split(' ').filter(|word| !word.is_empty());
    Command::new(binary())
        .args(words)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

/// Starts the program with these words, and does not wait for it.
pub fn start(words: &str) -> Child {
    Command::new(binary())
        .args(words.split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs the program, which must succeed and say nothing.
pub fn succeeds(words: &str) {
    let output = netsetgo(words);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "netsetgo {words}: {error}");
    assert_eq!(
        (&*error, output.stdout.len()),
        ("", 0),
        "netsetgo {words} says something"
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

/// A process in a network namespace of its own, ended when this is dropped.
pub struct Container(Child);

impl Default for Container {
    fn default() -> Self {
        Self::new()
    }
}

impl Container {
    pub fn new() -> Self {
        let mut command = Command::new("sleep");
        command
            .arg("600")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // SAFETY: only system calls between fork and exec.
        unsafe {
            command.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                Ok(unshare(CloneFlags::CLONE_NEWNET)?)
            });
        }
        Self(
            command
                .spawn()
                .expect("sleep starts in a new network namespace"),
        )
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Does `work` on a thread in the container's namespace.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let path = format!("/proc/{}/ns/net", self.pid());
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let netns = File::open(path).expect("the container's namespace");
                setns(netns, CloneFlags::CLONE_NEWNET).expect("enter it");
                work()
            });
            thread.join().expect("the work inside")
        })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a datagram from `from` to `to` and back; both sockets are of the namespaces they are
/// made in.
pub fn packets_pass(from: (&UdpSocket, IpAddr), to: (&UdpSocket, IpAddr)) {
    let port = |socket: &UdpSocket| socket.local_addr().expect("bound").port();
    let timeout = Some(Duration::from_secs(5));
    from.0.set_read_timeout(timeout).expect("a timeout");
    to.0.set_read_timeout(timeout).expect("a timeout");
    from.0
        .send_to(b"ping", SocketAddr::new(to.1, port(to.0)))
        .expect("send");
    let mut room = [0; 8];
    let (length, sender) = to.0.recv_from(&mut room).expect("a packet arrives");
    assert_eq!((&room[..length], sender.ip()), (&b"ping"[..], from.1));
    to.0.send_to(b"pong", sender).expect("answer");
    let (length, sender) = from.0.recv_from(&mut room).expect("the answer arrives");
    assert_eq!((&room[..length], sender.ip()), (&b"pong"[..], to.1));
}

/// A socket bound to an address of the namespace that the thread is in.
pub fn bound(address: &str) -> (UdpSocket, IpAddr) {
    let address: IpAddr = address.parse().expect("an address");
    let socket = UdpSocket::bind(SocketAddr::new(address, 0))
        .unwrap_or_else(|error| panic!("bind {address}: {error}"));
    (socket, address)
}

/// Does one operation here, as the program would.
pub fn perform(op: Op) {
    let mut host = Host::open().unwrap();
    let step = Step::host("A test wants it.", op, vec![]);
    let mut sockets = Sockets {
        host: &mut host,
        container: None,
    };
    run(&mut sockets, Known::default(), &[step]).unwrap();
}
