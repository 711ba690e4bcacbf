//! The verbs, and the original's API: [`Netset`] with a [`Configurer`] for each side.

mod doctor;
mod down;
mod gc;
mod list;
mod up;

pub use doctor::{Finding, doctor};
pub use down::{Target, down, leave, port};
pub use gc::gc;
pub use list::{ListedBridge, ListedContainer, describe, list};
pub use up::{check, up};

use crate::config::{NetnsRef, NetworkConfig};
use crate::error::Result;
use crate::plan::attach;

/// One side's part of the work. The original's interface of the same name.
pub trait Configurer {
    /// Does this side's part for the container of process `pid`.
    fn apply(&mut self, config: &NetworkConfig, pid: u32) -> Result<()>;
}

/// The host's part: the bridge, the pair, the peer in the container's namespace.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostConfigurer;

/// The container's part: links up, address, default route.
#[derive(Clone, Copy, Debug, Default)]
pub struct ContainerConfigurer;

impl Configurer for HostConfigurer {
    fn apply(&mut self, config: &NetworkConfig, pid: u32) -> Result<()> {
        up::apply(config, &NetnsRef::Pid(pid), attach::host).map(drop)
    }
}

impl Configurer for ContainerConfigurer {
    fn apply(&mut self, config: &NetworkConfig, pid: u32) -> Result<()> {
        up::apply(config, &NetnsRef::Pid(pid), attach::container).map(drop)
    }
}

/// Configures a container's network by a host's and a container's part, as the original does.
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
    /// With these two; either may be the caller's own.
    pub fn new(host: H, container: C) -> Self {
        Self { host, container }
    }

    /// Does the host's part.
    pub fn configure_host(&mut self, config: &NetworkConfig, pid: u32) -> Result<()> {
        self.host.apply(config, pid)
    }

    /// Does the container's part.
    pub fn configure_container(&mut self, config: &NetworkConfig, pid: u32) -> Result<()> {
        self.container.apply(config, pid)
    }
}
