//! The commands as functions, a [`Session`] for many of them, and the original's API: [`Netset`]
//! with a [`Configurer`] for each side.

mod attached;
mod down;
mod gc;
mod list;
mod restart;
mod run;
mod session;
mod up;

pub use attached::{Address, Attached, Interface};
pub use down::Target;
pub use list::BridgeEntry;
pub use run::run;
pub use session::Session;

use crate::config::{IfName, NetnsRef, NetworkConfig, Request};
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::plan::attach;

/// Attaches a container to its network: whatever of it is missing. A second call with the same
/// request changes nothing. Packets pass between the container and its gateway afterwards.
///
/// # Errors
/// The state is as it was before, or [`Error::rollback`](crate::Error::rollback) names what
/// remains. [`Kind::Conflict`](crate::error::Kind::Conflict) where a name or an address is in use.
pub fn up(request: &Request, container: &NetnsRef) -> Result<Attached> {
    Session::open()?.up(request, container)
}

/// The differences between a container's network and what [`up()`] would leave: one text each, and
/// none where they are the same. Changes nothing.
///
/// # Errors
/// Where the state cannot be read.
pub fn check(request: &Request, container: &NetnsRef) -> Result<Vec<String>> {
    Session::open()?.check(request, container)
}

/// Detaches a container, and deletes the bridge with its last container where netsetgo created it.
/// Nothing attached, or the namespace gone: success. `bridge` is the bridge to look at where no
/// attachment names one.
///
/// # Errors
/// [`Kind::Conflict`](crate::error::Kind::Conflict) where the link is another owner's.
pub fn down(bridge: &IfName, target: &Target) -> Result<()> {
    Session::open()?.down(bridge, target)
}

/// The bridges that netsetgo created or uses, with their containers.
///
/// # Errors
/// Where the kernel's links cannot be read.
pub fn list() -> Result<Vec<BridgeEntry>> {
    Session::open()?.list()
}

/// Removes the links, and the addresses on pre-existing bridges, that no container uses any more.
/// Returns their names. With `dry_run` it changes nothing.
///
/// # Errors
/// Where the links cannot be read or deleted.
pub fn gc(dry_run: bool) -> Result<Vec<String>> {
    Session::open()?.gc(dry_run)
}

/// One side's part of the work: the original's interface of the same name.
pub trait Configurer {
    /// Configures this side for the container of process `pid`.
    ///
    /// # Errors
    /// As [`up()`].
    fn apply(&mut self, config: &NetworkConfig, pid: u32) -> Result<()>;
}

/// The host's part: the bridge, and the veth pair with one end in the container's namespace.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostConfigurer;

/// The container's part: links up, addresses, routes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ContainerConfigurer;

impl Configurer for HostConfigurer {
    fn apply(&mut self, config: &NetworkConfig, pid: u32) -> Result<()> {
        apply(config, pid, attach::host)
    }
}

impl Configurer for ContainerConfigurer {
    fn apply(&mut self, config: &NetworkConfig, pid: u32) -> Result<()> {
        apply(config, pid, attach::container)
    }
}

fn apply(config: &NetworkConfig, pid: u32, plan: up::Plan) -> Result<()> {
    let request = config.request()?;
    up::apply(&mut Host::open()?, &request, &NetnsRef::Pid(pid), plan).map(drop)
}

/// Configures a container's network in two parts, the host's and the container's, as the original
/// does.
///
/// ```no_run
/// # fn main() -> netsetgo::Result<()> {
/// use netsetgo::{ContainerConfigurer, HostConfigurer, Netset, NetworkConfig};
/// let config = NetworkConfig::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth")?;
/// let mut netset = Netset::new(HostConfigurer, ContainerConfigurer);
/// netset.configure_host(&config, 4711)?;
/// netset.configure_container(&config, 4711)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Netset<H, C> {
    host: H,
    container: C,
}

impl<H: Configurer, C: Configurer> Netset<H, C> {
    /// With these two configurers; each may be the caller's own.
    pub fn new(host: H, container: C) -> Self {
        Self { host, container }
    }

    /// Configures the host's side.
    ///
    /// # Errors
    /// Those of the host's configurer.
    pub fn configure_host(&mut self, config: &NetworkConfig, pid: u32) -> Result<()> {
        self.host.apply(config, pid)
    }

    /// Configures the container's side.
    ///
    /// # Errors
    /// Those of the container's configurer.
    pub fn configure_container(&mut self, config: &NetworkConfig, pid: u32) -> Result<()> {
        self.container.apply(config, pid)
    }
}
