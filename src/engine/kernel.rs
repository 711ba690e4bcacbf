//! What a plan is done with: the kernel, as far as steps need it, and what their names mean there.

use crate::config::IfName;
use crate::plan::op::{Bindings, Unbound};
use crate::plan::step::Place;
use crate::wire::ifreq::IfReq;
use crate::wire::message::Message;
use crate::wire::netlink_error::NetlinkError;

/// What does the effects: the sockets, or a test's stand-in that fails where it is told to.
pub trait Kernel {
    /// Sends messages in one datagram; what was refused, or warned of, by the message's place.
    fn send(
        &mut self,
        place: Place,
        messages: &[Message],
    ) -> Result<Vec<(usize, NetlinkError)>, NetlinkError>;
    /// Makes an ioctl.
    fn ioctl(&mut self, place: Place, request: &IfReq) -> Result<(), NetlinkError>;
    /// The index of a link; `None` where there is none.
    fn index(&mut self, place: Place, name: &IfName) -> Result<Option<u32>, NetlinkError>;
    /// A link's flags, the lower sixteen.
    fn flags(&mut self, place: Place, name: &IfName) -> Result<u16, NetlinkError>;
    /// Whether a link is one that netsetgo made.
    fn is_ours(&mut self, place: Place, name: &IfName) -> bool;
    /// Whether a bridge has ports.
    fn has_ports(&mut self, place: Place, bridge: &IfName) -> bool;
    /// A descriptor of the container's namespace.
    fn container_netns(&self) -> i32;
}

/// Indexes that are known, so that the kernel is asked once for each.
#[derive(Clone, Debug, Default)]
pub struct Known(Vec<(Place, IfName, u32)>);

impl Known {
    /// Remembers a link's index.
    pub fn learn(&mut self, place: Place, name: &IfName, index: u32) {
        self.0.push((place, name.clone(), index));
    }

    fn of(&self, place: Place, name: &IfName) -> Option<u32> {
        let known = self
            .0
            .iter()
            .rev()
            .find(|(p, n, _)| *p == place && n == name);
        known.map(|(_, _, index)| *index)
    }
}

/// What a step's names mean in its place.
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
        match self.kernel.index(self.place, name) {
            Ok(Some(index)) => {
                self.known.learn(self.place, name, index);
                Ok(index)
            }
            _ => Err(Unbound::NoLink(name.clone())),
        }
    }

    fn known(&self, name: &IfName) -> Option<u32> {
        self.known.of(self.place, name)
    }

    fn container_netns(&mut self) -> i32 {
        self.kernel.container_netns()
    }

    fn flags(&mut self, name: &IfName) -> Result<u16, Unbound> {
        let flags = self.kernel.flags(self.place, name);
        flags.map_err(|_| Unbound::NoLink(name.clone()))
    }
}
