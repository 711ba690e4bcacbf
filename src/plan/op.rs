//! One thing the kernel is asked to do, in words of ours, and the bytes that ask it.
//!
//! Links are named, not numbered, and the container's namespace is *the container's*: indexes and
//! descriptors exist only at run time. [`Op::encode`] gets them from a [`Bindings`]: live ones,
//! or a test's table, or placeholders that are only shown.

mod display;
mod encode;
mod ioctl;

pub use ioctl::Ioctl;
pub(crate) use ioctl::class;

use crate::config::{Cidr, IfName, Mac};
use crate::wire::attr::TooLong;
use crate::wire::ifreq::IfReq;
use crate::wire::message::Message;
use crate::wire::uapi::{IFF_BROADCAST, IFF_MULTICAST};
use std::net::{IpAddr, Ipv4Addr};

/// The group of every link that we make on a host (`ip link show group 1853056871`): the bytes
/// "nsgg". It is there from the link's birth on, so a link in it is ours and nobody else's to
/// delete, and one that is not in it is not ours.
pub const OWNER_GROUP: u32 = 0x6e73_6767;
/// The group of links of ours that are to go together.
pub const PENDING_DELETION_GROUP: u32 = OWNER_GROUP + 1;

/// `IFA_PROTO` of an address that we have given to a bridge of somebody else's: the byte "n".
pub const OWNER_PROTO: u8 = 0x6e;

/// What the kernel is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Make a bridge, up.
    CreateBridge {
        /// Its name.
        bridge: IfName,
        /// Its hardware address.
        mac: Mac,
    },
    /// Make a veth pair; the peer is born in the container's namespace.
    CreateVeth {
        /// The end that stays here, up.
        host: IfName,
        /// The bridge that it becomes a port of; none where an ioctl does that.
        master: Option<IfName>,
        /// Its hardware address, where it is not the kernel's choice.
        host_mac: Option<Mac>,
        /// The container's end.
        peer: IfName,
        /// The container's hardware address, where it is not the kernel's choice.
        mac: Option<Mac>,
        /// Both ends' largest packet, where it is not the kernel's choice.
        mtu: Option<u32>,
    },
    /// Take a link away.
    DeleteLink(IfName),
    /// Set a link up.
    SetUp(IfName),
    /// Set a link down.
    SetDown(IfName),
    /// Make a link a bridge's port.
    SetMaster {
        /// The link.
        port: IfName,
        /// The bridge; none takes the link out of the one it is in.
        bridge: Option<IfName>,
    },
    /// Put a link into a group: [`OWNER_GROUP`] marks it as ours.
    SetGroup(IfName, u32),
    /// Take away all links of a group.
    DeleteGroup(u32),
    /// Let a link have no IPv6 address that nobody asked for.
    DisableLinkLocal(IfName),
    /// Give a link one more name.
    AddAltname(IfName, String),
    /// Take such a name from a link.
    DeleteAltname(IfName, String),
    /// Set how a bridge treats its port.
    SetPort {
        /// The port.
        port: IfName,
        /// Packets may go back out of it.
        hairpin: bool,
        /// It does not reach other isolated ports.
        isolated: bool,
    },
    /// Set the largest packet of a link.
    SetMtu(IfName, u32),
    /// Set a link's hardware address.
    SetMac(IfName, Mac),
    /// Give a link an address.
    AddAddress(IfName, Cidr),
    /// Give a link of somebody else's an address that is known as ours: by [`OWNER_PROTO`], which a
    /// kernel before 5.18 does not keep.
    AddOwnedAddress(IfName, Cidr),
    /// Take an address from a link.
    DeleteAddress(IfName, Cidr),
    /// Add a route through a gateway.
    AddRoute(Route),
    /// Take a route away.
    DeleteRoute(Route),
    /// Ask everyone on a link who has an IPv4 address.
    ProbeNeighbour(IfName, Ipv4Addr),
    /// Forget what was asked.
    DeleteNeighbour(IfName, Ipv4Addr),
    /// By ioctl.
    Ioctl(Ioctl),
}

/// A route through a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// To this network; none is everywhere, the default route.
    pub destination: Option<Cidr>,
    /// Through this neighbour.
    pub gateway: IpAddr,
    /// Out of this link.
    pub link: IfName,
}

/// Numbers that exist only at run time.
pub trait Bindings {
    /// The index of a link in the place where the operation is done.
    fn index(&mut self, name: &IfName) -> Result<u32, Unbound>;
    /// The same, where it is known already: a link's own messages can name it by its name, and so
    /// be in one datagram with the one that makes it.
    fn known(&self, name: &IfName) -> Option<u32>;
    /// A descriptor of the container's namespace.
    fn container_netns(&mut self) -> i32;
    /// A link's flags, the lower sixteen: an ioctl sets all of them. Here a new bridge's.
    fn flags(&mut self, _: &IfName) -> Result<u16, Unbound> {
        Ok((IFF_BROADCAST | IFF_MULTICAST) as u16)
    }
}

/// Why there is no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unbound {
    /// There is no link of this name.
    NoLink(IfName),
    /// A length that its field cannot carry.
    TooLong(TooLong),
}

impl From<TooLong> for Unbound {
    fn from(too_long: TooLong) -> Self {
        Self::TooLong(too_long)
    }
}

/// What the kernel gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoded {
    /// A netlink message.
    Message(Message),
    /// An ioctl.
    Ioctl(IfReq),
}

#[cfg(test)]
mod tests;
