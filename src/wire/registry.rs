//! Which message carries what: from the protocol and `nlmsg_type` to header and attributes.
//!
//! ```text
//!  socket(AF_NETLINK, …, NETLINK_ROUTE)        NETLINK_NETFILTER
//!  nlmsg_type 16 RTM_NEWLINK                   nlmsg_type 0x0a03 NFT_MSG_NEWCHAIN
//!             └─ ifinfomsg, IFLA_…                        └─ nfgenmsg, NFTA_CHAIN_…
//! ```

use super::addr::{IfAddrMsg, Ifa};
use super::attr::{AttrSet, Table};
use super::layout::{Header, Layout};
use super::link::{IfInfoMsg, Ifla};
use super::neigh::{NdMsg, Nda};
use super::nft::{NfGenMsg, Nfta, NftaChain, NftaRule};
use super::nsid::{Netnsa, RtGenMsg};
use super::route::{RtMsg, Rta};
use super::uapi::{
    NFNL_MSG, NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END, NFT_MSG, NFT_MSG_DELCHAIN, NFT_MSG_DELRULE,
    NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE, NLMSG, Names, RTM, RTM_DELLINKPROP, RTM_GETADDR,
    RTM_GETNEIGH, RTM_GETNSID, RTM_GETROUTE, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWLINKPROP,
    RTM_NEWNEIGH, RTM_NEWNSID, RTM_NEWROUTE, RTM_SETLINK, name_of,
};

/// The netlink protocol a socket speaks: the third argument of `socket(2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `NETLINK_ROUTE`: links, addresses, routes.
    Route,
    /// `NETLINK_NETFILTER`: nf_tables.
    Netfilter,
}

/// From here on the upper byte is a subsystem of netfilter's, and each opens with an nfgenmsg.
const SUBSYSTEMS: u16 = 1 << 8;

/// What follows the message header.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// The family's header.
    pub layout: &'static Layout,
    /// The attributes behind it.
    pub table: fn() -> &'static Table,
}

impl Protocol {
    /// Its number, `linux/netlink.h`.
    pub fn number(self) -> u16 {
        match self {
            Self::Route => 0,
            Self::Netfilter => 12,
        }
    }

    /// The protocol of this number, where we know it.
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

/// What a request means to do, as its type says; it decides how the upper flags are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// Make or change.
    New,
    /// Take away.
    Del,
    /// Ask.
    Get,
    /// Not a request: a control message, or a type that we do not know.
    Other,
}

/// The type's name, as `RTM_NEWLINK`, where we know it.
pub fn type_name(protocol: Protocol, kind: u16) -> Option<&'static str> {
    let lists: &[Names] = match protocol {
        Protocol::Route => &[NLMSG, RTM],
        Protocol::Netfilter => &[NLMSG, NFNL_MSG, NFT_MSG],
    };
    lists.iter().find_map(|names| name_of(names, kind.into()))
}

/// What a message of this type carries, where we know it.
pub fn body(protocol: Protocol, kind: u16) -> Option<Body> {
    match (protocol, kind) {
        (Protocol::Route, RTM_NEWLINK..=RTM_SETLINK | RTM_NEWLINKPROP..=RTM_DELLINKPROP) => {
            Some(Body::of::<IfInfoMsg, Ifla>())
        }
        (Protocol::Route, RTM_NEWADDR..=RTM_GETADDR) => Some(Body::of::<IfAddrMsg, Ifa>()),
        (Protocol::Route, RTM_NEWROUTE..=RTM_GETROUTE) => Some(Body::of::<RtMsg, Rta>()),
        (Protocol::Netfilter, NFT_MSG_NEWCHAIN..=NFT_MSG_DELCHAIN) => {
            Some(Body::of::<NfGenMsg, NftaChain>())
        }
        (Protocol::Netfilter, NFT_MSG_NEWRULE..=NFT_MSG_DELRULE) => {
            Some(Body::of::<NfGenMsg, NftaRule>())
        }
        (Protocol::Netfilter, NFNL_MSG_BATCH_BEGIN..=NFNL_MSG_BATCH_END | SUBSYSTEMS..) => {
            Some(Body::of::<NfGenMsg, Nfta>())
        }
        (Protocol::Route, RTM_NEWNEIGH..=RTM_GETNEIGH) => Some(Body::of::<NdMsg, Nda>()),
        (Protocol::Route, RTM_NEWNSID..=RTM_GETNSID) => Some(Body::of::<RtGenMsg, Netnsa>()),
        _ => None,
    }
}

/// What a request of this type means to do.
///
/// rtnetlink's types come in fours, always in this order (`net/core/rtnetlink.c`,
/// `rtnl_msgtype_kind`).
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
mod tests;
