//! Containers that have just ended. The kernel deletes a veth pair 10 to 15 milliseconds after the
//! last process of the container's namespace has ended (`cleanup_net`,
//! `net/core/net_namespace.c`). Until then, the host end keeps its name, its altnames and the id of
//! the peer's namespace, so that only a bounded wait shows the difference.

use crate::engine::query;
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::plan::observed::LinkInfo;
use std::time::{Duration, Instant};

/// The longest wait for the kernel.
const TIMEOUT: Duration = Duration::from_millis(250);
/// The time between two attempts.
const INTERVAL: Duration = Duration::from_millis(3);

/// A bounded wait.
#[derive(Debug)]
pub(super) struct Wait {
    deadline: Instant,
}

impl Wait {
    /// A wait that begins now.
    pub(super) fn start() -> Self {
        Self {
            deadline: Instant::now() + TIMEOUT,
        }
    }

    /// Waits for an interval. Returns whether another attempt is in time.
    pub(super) fn again(&self) -> bool {
        let in_time = Instant::now() < self.deadline;
        if in_time {
            std::thread::sleep(INTERVAL);
        }
        in_time
    }
}

/// Waits until the kernel has deleted a veth pair of netsetgo, as long as there are some, or until
/// the deadline.
///
/// # Errors
/// The kernel's error.
pub(super) fn wait_for_ended_containers(host: &mut Host) -> Result<()> {
    let wait = Wait::start();
    let mut first = None;
    loop {
        let links = query::links(&mut host.socket, None)?;
        let attached = links.iter().filter(|link| is_attached(link)).count();
        if attached == 0 || attached < *first.get_or_insert(attached) || !wait.again() {
            return Ok(());
        }
    }
}

/// Whether the link is a host end whose peer is in a container.
fn is_attached(link: &LinkInfo) -> bool {
    link.is_marked() && link.is("veth") && link.peer_nsid.is_some()
}
