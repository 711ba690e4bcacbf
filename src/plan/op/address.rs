//! Operations on the addresses of links (RTM_NEWADDR, RTM_DELADDR).

use super::{Bindings, Unbound, family};
use crate::config::{Cidr, IfName};
use crate::wire::addr::{
    self, IFA_ADDRESS, IFA_BROADCAST, IFA_FLAGS, IFA_LOCAL, IFA_PROTO, IfAddrMsg, Ifa,
};
use crate::wire::message::{self, Message, Request};
use crate::wire::uapi::IFA_F_NODAD;
use nix::errno::Errno;
use std::net::IpAddr;

/// The ownership marker of an address on a pre-existing bridge: its IFA_PROTO, the byte "n".
pub const OWNER_PROTO: u8 = 0x6e;

/// An operation on an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressOp {
    /// Add an address to a link.
    Add(IfName, Cidr),
    /// Add an address, with the ownership marker [`OWNER_PROTO`], to a link that netsetgo did not
    /// create. A kernel before 5.18 does not keep the marker.
    AddOwned(IfName, Cidr),
    /// Delete an address from a link.
    Delete(IfName, Cidr),
}

impl AddressOp {
    pub(super) fn encode(&self, bind: &mut impl Bindings) -> Result<Message, Unbound> {
        let message = match self {
            Self::Add(link, cidr) => add(bind.index(link)?, *cidr).finish(),
            Self::AddOwned(link, cidr) => add(bind.index(link)?, *cidr)
                .put(IFA_PROTO, OWNER_PROTO)
                .finish(),
            Self::Delete(link, cidr) => addr::delete(header(bind.index(link)?, *cidr))
                .put(IFA_LOCAL, cidr.address)
                .put(IFA_ADDRESS, cidr.address)
                .finish(),
        };
        Ok(message?)
    }

    pub(super) fn command(&self) -> String {
        match self {
            Self::Add(link, cidr) if cidr.address.is_ipv4() => {
                format!("ip addr add {cidr} brd + dev {link}")
            }
            Self::Add(link, cidr) => format!("ip addr add {cidr} dev {link} nodad"),
            Self::AddOwned(link, cidr) => {
                let add = Self::Add(link.clone(), *cidr).command();
                format!("{add} proto {OWNER_PROTO:#x}")
            }
            Self::Delete(link, cidr) => format!("ip addr del {cidr} dev {link}"),
        }
    }

    pub(super) fn hint(&self, errno: Errno) -> Option<&'static str> {
        match (self, errno) {
            (
                Self::Add(_, cidr) | Self::AddOwned(_, cidr),
                Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT | Errno::EACCES,
            ) if cidr.address.is_ipv6() => Some(
                "the kernel has no IPv6, or IPv6 is disabled on this link; CONFIG_IPV6, or sysctl \
                 net.ipv6.conf.all.disable_ipv6=0",
            ),
            _ => None,
        }
    }
}

impl std::fmt::Display for AddressOp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Add(link, cidr) | Self::AddOwned(link, cidr) => {
                write!(f, "add address {cidr} to {link}")
            }
            Self::Delete(link, cidr) => write!(f, "delete address {cidr} from {link}"),
        }
    }
}

/// IFA_F_NODAD omits duplicate address detection (RFC 4862 section 5.4), which would keep the
/// address unusable for a second. netsetgo has checked that no other container has the address.
fn add(index: u32, cidr: Cidr) -> Request<Ifa, message::Create> {
    let flags = cidr.address.is_ipv6().then_some(IFA_F_NODAD);
    addr::create(header(index, cidr))
        .put(IFA_LOCAL, cidr.address)
        .put(IFA_ADDRESS, cidr.address)
        .put_some(IFA_BROADCAST, cidr.broadcast().map(IpAddr::from))
        .put_some(IFA_FLAGS, flags)
}

fn header(index: u32, cidr: Cidr) -> IfAddrMsg {
    IfAddrMsg {
        family: family(cidr.address),
        prefixlen: cidr.prefix,
        index,
        ..IfAddrMsg::default()
    }
}
