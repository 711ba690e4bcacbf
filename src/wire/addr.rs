//! IP addresses of links: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR.
//!
//! ```text
//!  nlmsghdr RTM_NEWADDR
//!  ifaddrmsg  family, prefix length, scope, link
//!  IFA_LOCAL 10.10.10.2         the address of the link itself
//!  IFA_ADDRESS 10.10.10.2       the same; on a point-to-point link the peer
//!  IFA_BROADCAST 10.10.10.255
//! ```

use super::attr::{Binary, Ip, NulString, U8, U32, attr_set};
use super::layout::header;
use super::message::{Create, Delete, Dump, Get, Received, Request};
use super::shape::Shape;
use super::uapi::{AF, IFA_F, RT_SCOPE, RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR};
use std::net::IpAddr;

header! {
    /// The family header of a message about an address. Source: `struct ifaddrmsg`,
    /// `linux/if_addr.h`.
    pub struct IfAddrMsg is "ifaddrmsg" {
        /// address family: AF_INET or AF_INET6
        family is "ifa_family": u8 => Shape::Named(AF),
        /// prefix length in bits
        prefixlen is "ifa_prefixlen": u8 => Shape::Number,
        /// lower 8 bits of the flags; IFA_FLAGS has all
        flags is "ifa_flags": u8 => Shape::Bits(IFA_F),
        /// scope: where the address is valid
        scope is "ifa_scope": u8 => Shape::Named(RT_SCOPE),
        /// index of the link that has the address
        index is "ifa_index": u32 => Shape::Index,
    }
}

attr_set! {
    /// Attributes of an address. Source: `linux/if_addr.h`.
    pub enum Ifa is "IFA" {
        /// address; on a point-to-point link the address of the peer
        IFA_ADDRESS = 1: Ip,
        /// local address: the address of the link itself; IPv4 needs it
        IFA_LOCAL = 2: Ip,
        /// label: the link's name, or a name that begins with it and a colon
        IFA_LABEL = 3: NulString,
        /// broadcast address of the network
        IFA_BROADCAST = 4: Ip,
        /// anycast address
        IFA_ANYCAST = 5: Ip,
        /// lifetimes and timestamps: struct ifa_cacheinfo
        IFA_CACHEINFO = 6: Binary,
        /// multicast address
        IFA_MULTICAST = 7: Ip,
        /// flags of the address, all 32 bits
        IFA_FLAGS = 8: U32 as Shape::Bits(IFA_F),
        /// metric of the route to the network of the address
        IFA_RT_PRIORITY = 9: U32,
        /// id of the network namespace that the request is about
        IFA_TARGET_NETNSID = 10: super::attr::I32,
        /// protocol: what added the address; 0 is unspecified
        IFA_PROTO = 11: U8,
    }
}

/// A request to add an address to a link; the kernel reports EEXIST where the link has it.
pub fn create(header: IfAddrMsg) -> Request<Ifa, Create> {
    Request::new(RTM_NEWADDR, header)
}

/// A request to delete an address.
pub fn delete(header: IfAddrMsg) -> Request<Ifa, Delete> {
    Request::new(RTM_DELADDR, header)
}

/// A query for one address, IPv6 only: before Linux 6.14, the kernel has no handler for IPv4
/// (`net/ipv4/devinet.c`).
pub fn get(header: IfAddrMsg) -> Request<Ifa, Get> {
    Request::new(RTM_GETADDR, header)
}

/// A query for all addresses. With NETLINK_GET_STRICT_CHK, the kernel sends only those of the link
/// in the header.
pub fn dump(header: IfAddrMsg) -> Request<Ifa, Dump> {
    Request::new(RTM_GETADDR, header)
}

/// An address of a link as the kernel describes it in RTM_NEWADDR (`linux/if_addr.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedAddress {
    /// The interface index of the link that has the address.
    pub index: u32,
    /// The address of the link itself: IFA_LOCAL, or IFA_ADDRESS where the kernel sends no
    /// IFA_LOCAL.
    pub address: IpAddr,
    /// The prefix length in bits.
    pub prefix_len: u8,
    /// The scope, RT_SCOPE_UNIVERSE or another of `linux/rtnetlink.h`.
    pub scope: u8,
    /// What added the address (IFA_PROTO); the kernel has it since Linux 5.18.
    pub proto: Option<u8>,
}

/// Parses a message about an address; `None` where the message has no address, is too short for
/// `struct ifaddrmsg`, or has an address of a wrong length.
pub fn parse(received: &Received<'_>) -> Option<ParsedAddress> {
    let (header, attrs) = received.body::<IfAddrMsg, Ifa>()?;
    // The kernel sends IFA_LOCAL for an IPv6 address only on a point-to-point link.
    let local = attrs.find(IFA_LOCAL).ok()?;
    Some(ParsedAddress {
        index: header.index,
        address: local.or(attrs.find(IFA_ADDRESS).ok()?)?,
        prefix_len: header.prefixlen,
        scope: header.scope,
        proto: attrs.find(IFA_PROTO).ok().flatten(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::message::Messages;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parse_of_written_address_returns_it(
            address in any::<IpAddr>(),
            peer in prop::option::of(any::<IpAddr>()),
            (index, prefix_len, scope, proto) in any::<(u32, u8, u8, Option<u8>)>(),
        ) {
            let header = IfAddrMsg { index, prefixlen: prefix_len, scope, ..IfAddrMsg::default() };
            // On a point-to-point link, IFA_ADDRESS is the address of the peer.
            let message = create(header)
                .put_some(IFA_LOCAL, peer.map(|_| address))
                .put(IFA_ADDRESS, peer.unwrap_or(address))
                .put_some(IFA_PROTO, proto)
                .finish()
                .unwrap();
            let received = Messages::new(message.bytes()).next().unwrap().unwrap();
            let expected = ParsedAddress { index, address, prefix_len, scope, proto };
            prop_assert_eq!(parse(&received), Some(expected));
        }
    }

    #[test]
    fn parse_of_message_without_address_is_none() {
        let message = create(IfAddrMsg::default()).finish().unwrap();
        let received = Messages::new(message.bytes()).next().unwrap().unwrap();
        assert_eq!(parse(&received), None);
    }
}
