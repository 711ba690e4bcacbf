//! Routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE.
//!
//! ```text
//!  nlmsghdr RTM_NEWROUTE
//!  rtmsg  family, prefix length (0 is a default route), table, protocol, scope
//!  RTA_DST 10.20.0.0            absent in a default route
//!  RTA_OIF 2                    the output link
//!  RTA_GATEWAY 10.10.10.1       the gateway
//! ```

use super::attr::{Binary, Index, Ip, U8, U32, attr_set};
use super::layout::header;
use super::message::{Create, Delete, Dump, Get, Received, Request};
use super::shape::Shape;
use super::uapi::{
    AF, AF_INET, AF_INET6, RT_SCOPE, RT_TABLE, RTM_DELROUTE, RTM_F, RTM_F_FIB_MATCH, RTM_GETROUTE,
    RTM_NEWROUTE, RTN, RTPROT,
};
use bitflags::bitflags;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The flags of a route or of a query (`linux/rtnetlink.h`). Bits without a name here are kept.
#[repr(transparent)]
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable,
)]
pub struct RouteFlags(u32);

bitflags! {
    impl RouteFlags: u32 {
        /// The reply is the entry of the routing table, not the route of a packet; since Linux
        /// 4.13.
        const FIB_MATCH = RTM_F_FIB_MATCH;
        // The kernel may send any bits.
        const _ = !0;
    }
}

header! {
    /// The family header of a message about a route. Source: `struct rtmsg`, `linux/rtnetlink.h`.
    pub struct RtMsg is "rtmsg" {
        /// address family: AF_INET or AF_INET6
        family is "rtm_family": u8 => Shape::Named(AF),
        /// prefix length of the destination in bits; 0 is a default route
        dst_len is "rtm_dst_len": u8 => Shape::Number,
        /// prefix length of the source in bits
        src_len is "rtm_src_len": u8 => Shape::Number,
        /// type of service (TOS)
        tos is "rtm_tos": u8 => Shape::Number,
        /// routing table, up to 255; RTA_TABLE has any
        table is "rtm_table": u8 => Shape::Named(RT_TABLE),
        /// protocol: what added the route
        protocol is "rtm_protocol": u8 => Shape::Named(RTPROT),
        /// scope: distance to the destination
        scope is "rtm_scope": u8 => Shape::Named(RT_SCOPE),
        /// type of the route, as unicast or local
        kind is "rtm_type": u8 => Shape::Named(RTN),
        /// flags of the request, and state of the next hop
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

/// A request to add a route; the kernel reports EEXIST where the table has it.
pub fn create(header: RtMsg) -> Request<Rta, Create> {
    Request::new(RTM_NEWROUTE, header)
}

/// A request to delete a route.
pub fn delete(header: RtMsg) -> Request<Rta, Delete> {
    Request::new(RTM_DELROUTE, header)
}

/// A query for the route of a packet to [`RTA_DST`]. With [`RouteFlags::FIB_MATCH`], the reply is
/// the matching entry of the routing table.
pub fn get(header: RtMsg) -> Request<Rta, Get> {
    Request::new(RTM_GETROUTE, header)
}

/// A query for all routes.
pub fn dump(header: RtMsg) -> Request<Rta, Dump> {
    Request::new(RTM_GETROUTE, header)
}

/// A route as the kernel describes it in RTM_NEWROUTE (`linux/rtnetlink.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedRoute {
    /// The header: address family, prefix length, routing table, type.
    pub header: RtMsg,
    /// The destination (RTA_DST); 0.0.0.0 or `::` where the kernel sends none. Its prefix length is
    /// in the header.
    pub destination: IpAddr,
    /// The gateway (RTA_GATEWAY); `None` where the destination is on the link itself.
    pub gateway: Option<IpAddr>,
    /// The index of the output link (RTA_OIF).
    pub link: Option<u32>,
    /// The preferred source address of packets that this host sends (RTA_PREFSRC).
    pub source: Option<IpAddr>,
    /// The metric (RTA_PRIORITY); 0 where the kernel sends none.
    pub metric: u32,
}

/// Parses a message about a route; `None` where the address family is neither AF_INET nor AF_INET6,
/// and where the message is too short for `struct rtmsg` or has an attribute of a wrong length.
pub fn parse(received: &Received<'_>) -> Option<ParsedRoute> {
    let (header, attrs) = received.body::<RtMsg, Rta>()?;
    let unspecified = match header.family {
        AF_INET => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        AF_INET6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        _ => return None,
    };
    Some(ParsedRoute {
        header,
        destination: attrs.find(RTA_DST).ok()?.unwrap_or(unspecified),
        gateway: attrs.find(RTA_GATEWAY).ok()?,
        link: attrs.find(RTA_OIF).ok()?,
        source: attrs.find(RTA_PREFSRC).ok()?,
        metric: attrs.find(RTA_PRIORITY).ok()?.unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::message::Messages;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parse_of_written_route_returns_it(
            destination in any::<IpAddr>(),
            (gateway, source) in any::<(Option<IpAddr>, Option<IpAddr>)>(),
            (dst_len, table, kind, link, metric) in any::<(u8, u8, u8, Option<u32>, u32)>(),
        ) {
            let family = if destination.is_ipv4() { AF_INET } else { AF_INET6 };
            let header = RtMsg { family, dst_len, table, kind, ..RtMsg::default() };
            // The kernel sends no RTA_DST for a default route and no RTA_PRIORITY for metric 0.
            let message = create(header)
                .put_some(RTA_DST, Some(destination).filter(|address| !address.is_unspecified()))
                .put_some(RTA_GATEWAY, gateway)
                .put_some(RTA_OIF, link)
                .put_some(RTA_PREFSRC, source)
                .put_some(RTA_PRIORITY, Some(metric).filter(|&metric| metric != 0))
                .finish()
                .unwrap();
            let received = Messages::new(message.bytes()).next().unwrap().unwrap();
            let expected = ParsedRoute { header, destination, gateway, link, source, metric };
            prop_assert_eq!(parse(&received), Some(expected));
        }
    }

    #[test]
    fn parse_of_default_route_returns_the_unspecified_destination() {
        for (family, destination) in [(AF_INET, "0.0.0.0"), (AF_INET6, "::")] {
            let header = RtMsg {
                family,
                ..RtMsg::default()
            };
            let message = create(header).finish().unwrap();
            let received = Messages::new(message.bytes()).next().unwrap().unwrap();
            let route = parse(&received).unwrap();
            assert_eq!(route.destination.to_string(), destination);
        }
    }

    #[test]
    fn parse_of_route_of_another_family_is_none() {
        let message = create(RtMsg::default()).finish().unwrap();
        let received = Messages::new(message.bytes()).next().unwrap().unwrap();
        assert_eq!(parse(&received), None);
    }
}
