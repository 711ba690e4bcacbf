//! Routes: `RTM_NEWROUTE` and kin.
//!
//! ```text
//!  nlmsghdr RTM_NEWROUTE
//!  rtmsg  family, destination's prefix length (0: the default route), table, protocol, scope
//!  RTA_DST 10.20.0.0            absent in a default route
//!  RTA_OIF 2                    out of this link
//!  RTA_GATEWAY 10.10.10.1       through this neighbour
//! ```

use super::attr::{Binary, Index, Ip, U8, U32, attr_set};
use super::layout::header;
use super::message::{Create, Delete, Dump, Get, Request};
use super::shape::Shape;
use super::uapi::{
    AF, RT_SCOPE, RT_TABLE, RTM_DELROUTE, RTM_F, RTM_F_FIB_MATCH, RTM_GETROUTE, RTM_NEWROUTE, RTN,
    RTPROT,
};
use bitflags::bitflags;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A route's flags, and a question's; those without a name here are kept.
#[repr(transparent)]
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable,
)]
pub struct RouteFlags(u32);

bitflags! {
    impl RouteFlags: u32 {
        /// The answer is the table's entry, not what becomes of a packet; since 4.13.
        const FIB_MATCH = RTM_F_FIB_MATCH;
        // Whatever the kernel sends is a value.
        const _ = !0;
    }
}

header! {
    /// Opens every message about a route. Source: `linux/rtnetlink.h`.
    pub struct RtMsg is "rtmsg" {
        /// AF_INET or AF_INET6
        family is "rtm_family": u8 => Shape::Named(AF),
        /// bits of the destination that count; 0 is everywhere
        dst_len is "rtm_dst_len": u8 => Shape::Number,
        /// bits of the source that count
        src_len is "rtm_src_len": u8 => Shape::Number,
        /// type of service
        tos is "rtm_tos": u8 => Shape::Number,
        /// the table, where it fits; RTA_TABLE has any
        table is "rtm_table": u8 => Shape::Named(RT_TABLE),
        /// who made it
        protocol is "rtm_protocol": u8 => Shape::Named(RTPROT),
        /// how far the destination is
        scope is "rtm_scope": u8 => Shape::Named(RT_SCOPE),
        /// what happens to a packet
        kind is "rtm_type": u8 => Shape::Named(RTN),
        /// how the answer is meant, and the next hop's state
        flags is "rtm_flags": RouteFlags => Shape::Bits(RTM_F),
    }
}

attr_set! {
    /// Attributes of a route. Source: `linux/rtnetlink.h`.
    pub enum Rta is "RTA" {
        /// destination address
        RTA_DST = 1: Ip,
        /// source address
        RTA_SRC = 2: Ip,
        /// index of the input link
        RTA_IIF = 3: Index,
        /// index of the output link
        RTA_OIF = 4: Index,
        /// gateway: address of the next hop
        RTA_GATEWAY = 5: Ip,
        /// metric: of several routes to one destination, the kernel uses the lowest
        RTA_PRIORITY = 6: U32,
        /// preferred source address of packets that this host sends
        RTA_PREFSRC = 7: Ip,
        /// metrics of the connection, as the MTU
        RTA_METRICS = 8: Binary,
        /// several next hops (multipath)
        RTA_MULTIPATH = 9: Binary,
        /// cache statistics: struct rta_cacheinfo
        RTA_CACHEINFO = 12: Binary,
        /// routing table
        RTA_TABLE = 15: U32 as Shape::Named(RT_TABLE),
        /// firewall mark of the packet
        RTA_MARK = 16: U32,
        /// router preference (RFC 4191)
        RTA_PREF = 20: U8,
        /// user id of the sender
        RTA_UID = 25: U32,
    }
}

/// Adds a route.
pub fn create(header: RtMsg) -> Request<Rta, Create> {
    Request::new(RTM_NEWROUTE, header)
}

/// Takes a route away.
pub fn delete(header: RtMsg) -> Request<Rta, Delete> {
    Request::new(RTM_DELROUTE, header)
}

/// Asks which route a packet to [`RTA_DST`] takes; with `RTM_F_FIB_MATCH`, for the table's entry
/// as it was put there.
pub fn get(header: RtMsg) -> Request<Rta, Get> {
    Request::new(RTM_GETROUTE, header)
}

/// Asks for all routes.
pub fn dump(header: RtMsg) -> Request<Rta, Dump> {
    Request::new(RTM_GETROUTE, header)
}
