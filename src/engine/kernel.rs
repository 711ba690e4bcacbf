//! What the engine needs of the kernel, and what a step's names mean at run time.

use crate::config::IfName;
use crate::error;
use crate::plan::op::{Bindings, Unbound};
use crate::plan::step::{Channel, Place};
use crate::wire::ifreq::IfReq;
use crate::wire::message::Message;
use crate::wire::netlink_error::NetlinkError;

/// The error of one message of a datagram, with the message's position. An error with errno 0 is a
/// warning.
pub type Rejected = (usize, NetlinkError);

/// The calls by which the engine changes the kernel's state. A test implements it to let a chosen
/// call fail.
pub trait Kernel {
    /// Sends messages in one datagram; on a channel of nf_tables, in one transaction. Returns the
    /// messages that the kernel rejected or warned about. Where it rejects one message of a
    /// transaction, or the transaction as a whole, it has applied none of it.
    ///
    /// # Errors
    /// Where the datagram cannot be sent or an ACK does not arrive. The kernel may have applied the
    /// messages.
    fn send(
        &mut self,
        channel: Channel,
        messages: &[Message],
    ) -> Result<Vec<Rejected>, NetlinkError>;

    /// Makes an ioctl.
    ///
    /// # Errors
    /// The ioctl's errno.
    fn ioctl(&mut self, place: Place, request: &IfReq) -> Result<(), NetlinkError>;

    /// Writes a value below /proc/sys. Returns the value before, without its line break.
    ///
    /// # Errors
    /// The errno of open(2), read(2) or write(2).
    fn sysctl(&mut self, place: Place, path: &str, value: &str) -> Result<String, NetlinkError>;

    /// The queries of the same kernel.
    fn lookup(&mut self) -> &mut dyn Lookup;
}

/// The queries that the engine makes while it runs a plan.
pub trait Lookup {
    /// The index of a link; `None` where no link has the name.
    ///
    /// # Errors
    /// The errno of SIOCGIFINDEX.
    fn index(&mut self, place: Place, name: &IfName) -> Result<Option<u32>, NetlinkError>;

    /// The lower 16 bits of a link's flags.
    ///
    /// # Errors
    /// The errno of SIOCGIFFLAGS; ENODEV where no link has the name.
    fn flags(&mut self, place: Place, name: &IfName) -> Result<u16, NetlinkError>;

    /// The index of a link that has the ownership marker; `None` where no link has the name, or the
    /// link is not marked.
    ///
    /// # Errors
    /// The kernel's error for RTM_GETLINK.
    fn marked_index(&mut self, place: Place, name: &IfName) -> error::Result<Option<u32>>;

    /// Whether a bridge has ports. A bridge that does not exist has none.
    ///
    /// # Errors
    /// The kernel's error for SIOCGIFINDEX or RTM_GETLINK.
    fn has_ports(&mut self, place: Place, bridge: &IfName) -> error::Result<bool>;

    /// A descriptor of the container's network namespace; -1 where there is no container.
    fn container_netns(&self) -> i32;
}

/// Indexes that are known, so that netsetgo queries each only once, and the warnings of a plan.
#[derive(Clone, Debug, Default)]
pub struct Known {
    indexes: Vec<(Place, IfName, u32)>,
    /// The errors of optional steps.
    pub warnings: Vec<error::Error>,
}

impl Known {
    /// Stores a link's index.
    pub fn learn(&mut self, place: Place, name: &IfName, index: u32) {
        self.indexes.push((place, name.clone(), index));
    }

    fn of(&self, place: Place, name: &IfName) -> Option<u32> {
        let entry = |(p, n, _): &&(Place, IfName, u32)| *p == place && n == name;
        self.indexes
            .iter()
            .rev()
            .find(entry)
            .map(|(_, _, index)| *index)
    }
}

/// The bindings of a step at run time.
pub(super) struct Live<'a, K> {
    pub kernel: &'a mut K,
    pub known: &'a mut Known,
    pub place: Place,
}

impl<K: Kernel> Bindings for Live<'_, K> {
    fn index(&mut self, name: &IfName) -> Result<u32, Unbound> {
        if let Some(index) = self.known.of(self.place, name) {
            return Ok(index);
        }
        match self.kernel.lookup().index(self.place, name) {
            Ok(Some(index)) => {
                self.known.learn(self.place, name, index);
                Ok(index)
            }
            Ok(None) => Err(Unbound::NoLink(name.clone())),
            Err(error) => Err(Unbound::Query(error)),
        }
    }

    fn known(&self, name: &IfName) -> Option<u32> {
        self.known.of(self.place, name)
    }

    fn container_netns(&mut self) -> i32 {
        self.kernel.lookup().container_netns()
    }

    fn flags(&mut self, name: &IfName) -> Result<u16, Unbound> {
        let flags = self.kernel.lookup().flags(self.place, name);
        flags.map_err(|error| match error.errno {
            libc::ENODEV => Unbound::NoLink(name.clone()),
            _ => Unbound::Query(error),
        })
    }
}
