//! A container under test: a process in its own network namespace.

use super::snapshot::{Snapshot, differences, snapshot};
use nix::sched::{CloneFlags, setns, unshare};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// A process in its own network namespace: the container under test. `drop` ends the process.
///
/// The process reads a pipe that the test holds, so it also ends when the test's process dies.
pub struct TestContainer(Child);

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
    pub fn in_netns<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
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

    /// The name of [`TestContainer::in_netns`] in tests/wire_differential.rs.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.in_netns(work)
    }
}

impl Drop for TestContainer {
    fn drop(&mut self) {
        // Both fail only when the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A snapshot of the host and of one container.
pub struct Snapshots {
    /// The network namespace of the thread.
    pub host: Snapshot,
    /// The network namespace of the container.
    pub container: Snapshot,
}

impl Snapshots {
    /// Reads both network namespaces.
    pub fn take(container: &TestContainer) -> Self {
        Self {
            host: snapshot(),
            container: container.in_netns(snapshot),
        }
    }

    /// Reads both network namespaces again and compares them.
    ///
    /// # Panics
    ///
    /// One of them has changed. The message names the differences and `event`, which came before.
    pub fn assert_unchanged(&self, container: &TestContainer, event: &str) {
        let now = Self::take(container);
        let (host, in_container) = (
            differences(&self.host, &now.host),
            differences(&self.container, &now.container),
        );
        assert_eq!(host, [""; 0], "host, after {event}");
        assert_eq!(in_container, [""; 0], "container, after {event}");
    }
}

/// The name of [`TestContainer`] in tests/capture.rs and tests/doctor.rs.
pub type Container = TestContainer;
