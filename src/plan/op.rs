//! Operations: what netsetgo asks the kernel to do, one family per module.
//!
//! An operation names links, and calls the container's namespace *the container's*: indexes and
//! descriptors exist only at run time. [`Op::encode`] gets them from a [`Bindings`]: live values in
//! the engine, a table in a test, placeholders in `explain`. Each family has its variants, their
//! encoding, their text, the equivalent command and the hints side by side.

mod address;
mod ioctl;
mod link;
mod neighbour;
mod route;
mod sysctl;

pub use address::{AddressOp, OWNER_PROTO};
pub use ioctl::Ioctl;
pub use link::{LinkOp, OWNER_GROUP, is_pending_deletion_group, pending_deletion_group};
pub use neighbour::NeighbourOp;
pub use route::{Route, RouteOp};
pub use sysctl::SysctlOp;

use super::step::Place;
use crate::config::IfName;
use crate::wire::attr::TooLong;
use crate::wire::ifreq::IfReq;
use crate::wire::message::Message;
use crate::wire::netlink_error::NetlinkError;
use crate::wire::uapi::{AF_INET, AF_INET6, IFF_BROADCAST, IFF_MULTICAST};
use nix::errno::Errno;
use std::net::IpAddr;

/// What netsetgo asks the kernel to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Create, change or delete a link.
    Link(LinkOp),
    /// Add or delete an address.
    Address(AddressOp),
    /// Add or delete a route.
    Route(RouteOp),
    /// Probe or delete a neighbour.
    Neighbour(NeighbourOp),
    /// Change a bridge or a link by ioctl(2).
    Ioctl(Ioctl),
    /// Set a value below /proc/sys.
    Sysctl(SysctlOp),
}

/// Values that exist only at run time.
pub trait Bindings {
    /// The index of a link in the place of the operation.
    ///
    /// # Errors
    /// [`Unbound::NoLink`] where no link has the name.
    fn index(&mut self, name: &IfName) -> Result<u32, Unbound>;
    /// The index of a link, where it is known without a query. A message about a link whose index
    /// is unknown names the link. It can then be in one datagram with the message that creates it.
    fn known(&self, name: &IfName) -> Option<u32>;
    /// A descriptor of the container's network namespace.
    fn container_netns(&mut self) -> i32;
    /// The lower 16 bits of a link's flags: an ioctl sets all of them. The default is the flags of
    /// a new bridge.
    ///
    /// # Errors
    /// [`Unbound::NoLink`] where no link has the name.
    fn flags(&mut self, _: &IfName) -> Result<u16, Unbound> {
        Ok((IFF_BROADCAST | IFF_MULTICAST) as u16)
    }
}

/// The reason why an operation cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unbound {
    /// No link has this name.
    NoLink(IfName),
    /// A query of the kernel failed.
    Query(NetlinkError),
    /// A value is longer than its length field allows.
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
    /// An ioctl with its argument.
    Ioctl(IfReq),
    /// A file below /proc/sys and its new content.
    Sysctl {
        /// The path below /proc/sys, as in `net/ipv4/conf/brg0/forwarding`.
        path: String,
        /// The text that is written.
        value: String,
    },
}

impl Op {
    /// What the kernel gets for the operation. The same bindings give the same bytes.
    ///
    /// # Errors
    /// [`Unbound`] where a link does not exist or a value is too long.
    pub fn encode(&self, bind: &mut impl Bindings) -> Result<Encoded, Unbound> {
        match self {
            Self::Link(op) => op.encode(bind).map(Encoded::Message),
            Self::Address(op) => op.encode(bind).map(Encoded::Message),
            Self::Route(op) => op.encode(bind).map(Encoded::Message),
            Self::Neighbour(op) => op.encode(bind).map(Encoded::Message),
            Self::Ioctl(op) => op.encode(bind).map(Encoded::Ioctl),
            Self::Sysctl(op) => Ok(op.encode()),
        }
    }

    /// The equivalent command, as a user types it on the host.
    pub fn command(&self) -> String {
        match self {
            Self::Link(op) => op.command(),
            Self::Address(op) => op.command(),
            Self::Route(op) => op.command(),
            Self::Neighbour(op) => op.command(),
            Self::Ioctl(op) => op.command(),
            Self::Sysctl(op) => op.command(),
        }
    }

    /// What the user can do about the kernel's error, where that is known.
    pub fn hint(&self, error: &NetlinkError) -> Option<&'static str> {
        let errno = Errno::from_raw(error.errno);
        let hint = match self {
            Self::Link(op) => op.hint(errno),
            Self::Address(op) => op.hint(errno),
            Self::Ioctl(op) => op.hint(errno),
            Self::Sysctl(op) => op.hint(errno),
            Self::Route(_) | Self::Neighbour(_) => None,
        };
        hint.or((errno == Errno::EPERM).then_some(
            "netsetgo needs CAP_NET_ADMIN over both namespaces: be root, or be in the user \
             namespace that owns them, or try `netsetgo run --sandbox`",
        ))
    }

    /// The attribute that the kernel's error is about, where the kernel does not point at it.
    pub fn offending_attribute(&self, error: &NetlinkError) -> Option<&'static str> {
        match self {
            Self::Link(op) => op.offending_attribute(Errno::from_raw(error.errno)),
            _ => None,
        }
    }

    /// The link that the operation creates in this place.
    pub fn creates(&self, place: Place) -> Option<&IfName> {
        match (self, place) {
            (Self::Link(op), _) => op.creates(place),
            (Self::Ioctl(Ioctl::AddBridge(bridge)), Place::Host) => Some(bridge),
            _ => None,
        }
    }

    /// The bridge that the operation creates.
    pub fn creates_bridge(&self) -> Option<&IfName> {
        match self {
            Self::Link(LinkOp::CreateBridge { bridge, .. })
            | Self::Ioctl(Ioctl::AddBridge(bridge)) => Some(bridge),
            _ => None,
        }
    }

    /// The link that the operation deletes, sets down, or takes an address from.
    pub fn removes(&self) -> Option<&IfName> {
        match self {
            Self::Link(LinkOp::Delete(link) | LinkOp::SetDown(link))
            | Self::Address(AddressOp::Delete(link, _))
            | Self::Ioctl(Ioctl::DeleteBridge(link) | Ioctl::SetUp(link, false)) => Some(link),
            _ => None,
        }
    }

    /// Whether one message creates a link and makes it a port of a bridge.
    pub fn creates_port(&self) -> bool {
        matches!(
            self,
            Self::Link(LinkOp::CreateVeth {
                master: Some(_),
                ..
            })
        )
    }

    /// Whether neighbours may reach an address by the operation that they could not reach before.
    pub fn makes_reachable(&self) -> bool {
        matches!(
            self,
            Self::Link(LinkOp::SetUp(_)) | Self::Address(AddressOp::Add(..))
        )
    }
}

impl std::fmt::Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Link(op) => op.fmt(f),
            Self::Address(op) => op.fmt(f),
            Self::Route(op) => op.fmt(f),
            Self::Neighbour(op) => op.fmt(f),
            Self::Ioctl(op) => op.fmt(f),
            Self::Sysctl(op) => op.fmt(f),
        }
    }
}

macro_rules! families { ($($family:ident($op:ty);)*) => { $(
    impl From<$op> for Op {
        fn from(op: $op) -> Self {
            Self::$family(op)
        }
    }
)* } }
families! {
    Link(LinkOp);
    Address(AddressOp);
    Route(RouteOp);
    Neighbour(NeighbourOp);
    Ioctl(Ioctl);
    Sysctl(SysctlOp);
}

/// The address family of an address (`linux/socket.h`).
fn family(address: IpAddr) -> u8 {
    if address.is_ipv4() { AF_INET } else { AF_INET6 }
}

/// `on` or `off`, as ip-link(8) writes a switch.
fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

#[cfg(test)]
mod tests;
