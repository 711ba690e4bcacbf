//! The family header and the attribute set of a message, by protocol and `nlmsg_type`.
//!
//! ```text
//!  socket(AF_NETLINK, …, NETLINK_ROUTE)        NETLINK_NETFILTER
//!  nlmsg_type 16 RTM_NEWLINK                   nlmsg_type 0x0a03 NFT_MSG_NEWCHAIN
//!             └─ ifinfomsg, IFLA_…                        └─ nfgenmsg, NFTA_CHAIN_…
//! ```

use super::addr::{IfAddrMsg, Ifa};
use super::attr::AttrSet;
use super::layout::Header;
use super::link::af_bridge::IflaAfBridge;
use super::link::{IfInfoMsg, Ifla};
use super::neigh::{NdMsg, Nda};
use super::nft::{Cta, NfAttr, NfGenMsg, Nfta, NftaChain, NftaRule, NftaTable};
use super::nsid::{Netnsa, RtGenMsg};
use super::route::{RtMsg, Rta};
use super::shape::{Layout, Table};
use super::uapi::{
    AF_BRIDGE, AF_UNSPEC, NFNL_MSG, NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END, NFT_MSG,
    NFT_MSG_DELCHAIN, NFT_MSG_DELRULE, NFT_MSG_DELTABLE, NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE,
    NFT_MSG_NEWTABLE, NLMSG, Names, RTM, RTM_DELLINKPROP, RTM_GETADDR, RTM_GETNEIGH, RTM_GETNSID,
    RTM_GETROUTE, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWLINKPROP, RTM_NEWNEIGH, RTM_NEWNSID,
    RTM_NEWROUTE, RTM_SETLINK, name_of,
};

/// The netlink protocol of a socket: the third argument of socket(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// NETLINK_ROUTE (rtnetlink): links, addresses, routes, neighbours.
    Route,
    /// NETLINK_NETFILTER: nf_tables.
    Netfilter,
}

/// Subsystems of netfilter: connection tracking and nf_tables (`linux/netfilter/nfnetlink.h`).
const NFNL_SUBSYS_CTNETLINK: u8 = 1;
const NFNL_SUBSYS_NFTABLES: u8 = 10;

/// The description of the bytes after the message header.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// The family header.
    pub layout: &'static Layout,
    /// The attribute set after it.
    pub table: fn() -> &'static Table,
}

impl Protocol {
    /// The number of the protocol (`linux/netlink.h`).
    pub fn number(self) -> u16 {
        match self {
            Self::Route => 0,
            Self::Netfilter => 12,
        }
    }

    /// The protocol with this number; `None` for a protocol that netsetgo does not know.
    pub fn of(number: u16) -> Option<Self> {
        [Self::Route, Self::Netfilter]
            .into_iter()
            .find(|protocol| protocol.number() == number)
    }
}

impl Body {
    const fn of<H: Header, S: AttrSet>() -> Self {
        Self {
            layout: H::STRUCT,
            table: S::table,
        }
    }
}

/// The kind of a request, which follows from `nlmsg_type`. The meaning of the upper bits of
/// `nlmsg_flags` depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// Create or change an object.
    New,
    /// Delete an object.
    Del,
    /// Query objects.
    Get,
    /// A control message, or a type that netsetgo does not know.
    Other,
}

/// The name of `nlmsg_type`, as RTM_NEWLINK; `None` for a type that netsetgo does not know.
pub fn type_name(protocol: Protocol, kind: u16) -> Option<&'static str> {
    let lists: &[Names] = match protocol {
        Protocol::Route => &[NLMSG, RTM],
        Protocol::Netfilter => &[NLMSG, NFNL_MSG, NFT_MSG],
    };
    lists.iter().find_map(|names| name_of(names, kind.into()))
}

/// The family in a message's payload: its first byte, in every header that netsetgo knows. 0
/// (AF_UNSPEC) for an empty payload.
pub fn family(payload: &[u8]) -> u8 {
    payload.first().copied().unwrap_or(AF_UNSPEC)
}

/// The header and the attribute set of a message, by its protocol, its type and its family; `None`
/// for a type that netsetgo does not know.
pub fn body(protocol: Protocol, kind: u16, family: u8) -> Option<Body> {
    match protocol {
        Protocol::Route => route_body(kind, family),
        Protocol::Netfilter => netfilter_body(kind),
    }
}

fn route_body(kind: u16, family: u8) -> Option<Body> {
    match (kind, family) {
        (RTM_NEWLINK..=RTM_SETLINK, AF_BRIDGE) => Some(Body::of::<IfInfoMsg, IflaAfBridge>()),
        (RTM_NEWLINK..=RTM_SETLINK | RTM_NEWLINKPROP..=RTM_DELLINKPROP, _) => {
            Some(Body::of::<IfInfoMsg, Ifla>())
        }
        (RTM_NEWADDR..=RTM_GETADDR, _) => Some(Body::of::<IfAddrMsg, Ifa>()),
        (RTM_NEWROUTE..=RTM_GETROUTE, _) => Some(Body::of::<RtMsg, Rta>()),
        (RTM_NEWNEIGH..=RTM_GETNEIGH, _) => Some(Body::of::<NdMsg, Nda>()),
        (RTM_NEWNSID..=RTM_GETNSID, _) => Some(Body::of::<RtGenMsg, Netnsa>()),
        _ => None,
    }
}

/// The upper byte of a type is the subsystem. Only subsystem 10 is nf_tables.
fn netfilter_body(kind: u16) -> Option<Body> {
    match kind {
        NFT_MSG_NEWTABLE..=NFT_MSG_DELTABLE => Some(Body::of::<NfGenMsg, NftaTable>()),
        NFT_MSG_NEWCHAIN..=NFT_MSG_DELCHAIN => Some(Body::of::<NfGenMsg, NftaChain>()),
        NFT_MSG_NEWRULE..=NFT_MSG_DELRULE => Some(Body::of::<NfGenMsg, NftaRule>()),
        NFNL_MSG_BATCH_BEGIN..=NFNL_MSG_BATCH_END => Some(Body::of::<NfGenMsg, Nfta>()),
        _ => match kind.to_be_bytes() {
            [0, _] => None,
            [NFNL_SUBSYS_CTNETLINK, _] => Some(Body::of::<NfGenMsg, Cta>()),
            [NFNL_SUBSYS_NFTABLES, _] => Some(Body::of::<NfGenMsg, Nfta>()),
            _ => Some(Body::of::<NfGenMsg, NfAttr>()),
        },
    }
}

/// The kind of a request, by protocol and `nlmsg_type`.
///
/// The types of rtnetlink are in groups of four, in the order new, delete, get, set
/// (`rtnl_msgtype_kind`, `include/net/rtnetlink.h`).
pub fn request_kind(protocol: Protocol, kind: u16) -> RequestKind {
    match (protocol, kind % 4) {
        _ if kind < RTM_NEWLINK => RequestKind::Other,
        (Protocol::Netfilter, _) => {
            let name = name_of(NFT_MSG, kind.into()).unwrap_or_default();
            let is = |request_kind| name.starts_with(request_kind);
            match name {
                _ if is("NFT_MSG_NEW") => RequestKind::New,
                _ if is("NFT_MSG_GET") => RequestKind::Get,
                _ if is("NFT_MSG_DEL") => RequestKind::Del,
                _ => RequestKind::Other,
            }
        }
        (Protocol::Route, 0 | 3) => RequestKind::New,
        (Protocol::Route, 1) => RequestKind::Del,
        (Protocol::Route, _) => RequestKind::Get,
    }
}

#[cfg(test)]
mod header_lists;
#[cfg(test)]
mod tests;
