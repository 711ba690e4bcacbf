//! A session: the host's socket, opened once for any number of commands.

use super::{Attached, BridgeEntry, Target, down, gc, list, up};
use crate::config::{IfName, NetnsRef, Request};
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::plan::attach;

/// The host's socket and namespace, for a caller that attaches many containers.
///
/// ```no_run
/// # fn main() -> netsetgo::Result<()> {
/// use netsetgo::config::{NetnsRef, Request};
/// use netsetgo::netset::Session;
/// let request = Request::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth")?;
/// let mut session = Session::open()?;
/// let attached = session.up(&request, &NetnsRef::Pid(4711))?;
/// println!("{} on {}", attached.host.name, attached.bridge.name);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Session {
    pub(super) host: Host,
}

impl Session {
    /// Opens a socket in the network namespace of the calling thread. That namespace is the host.
    ///
    /// # Errors
    /// The errno of socket(2); EPERM without CAP_NET_ADMIN in the namespace.
    pub fn open() -> Result<Self> {
        Host::open().map(|host| Self { host })
    }

    /// Attaches a container: see [`up()`](super::up()).
    ///
    /// # Errors
    /// As [`up()`](super::up()).
    pub fn up(&mut self, request: &Request, container: &NetnsRef) -> Result<Attached> {
        up::apply(&mut self.host, request, container, attach::attach)
    }

    /// Compares a container's network with a request: see [`check`](super::check).
    ///
    /// # Errors
    /// As [`check`](super::check).
    pub fn check(&mut self, request: &Request, container: &NetnsRef) -> Result<Vec<String>> {
        up::check(&mut self.host, request, container)
    }

    /// Detaches a container: see [`down()`](super::down()).
    ///
    /// # Errors
    /// As [`down()`](super::down()).
    pub fn down(&mut self, bridge: &IfName, target: &Target) -> Result<()> {
        down::down(&mut self.host, bridge, target)
    }

    /// Lists bridges and containers: see [`list()`](super::list()).
    ///
    /// # Errors
    /// As [`list()`](super::list()).
    pub fn list(&mut self) -> Result<Vec<BridgeEntry>> {
        list::list(&mut self.host)
    }

    /// Removes what no container uses: see [`gc()`](super::gc()).
    ///
    /// # Errors
    /// As [`gc()`](super::gc()).
    pub fn gc(&mut self, dry_run: bool) -> Result<Vec<String>> {
        gc::gc(&mut self.host, dry_run)
    }
}
