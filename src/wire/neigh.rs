//! Neighbour entries (ARP, neighbour discovery): the hardware address of an IP address on a link.
//! RTM_NEWNEIGH, RTM_DELNEIGH.
//!
//! ```text
//!  nlmsghdr RTM_NEWNEIGH
//!  ndmsg  family, link, state, flags (NTF_USE: resolve the address)
//!  NDA_DST 10.10.10.2
//! ```

use super::attr::{Binary, Ip, U16, U32, attr_set};
use super::layout::header;
use super::message::{Delete, Received, Replace, Request};
use super::shape::Shape;
use super::uapi::{AF, NTF, NUD, RTM_DELNEIGH, RTM_NEWNEIGH, RTN};
use std::net::IpAddr;

header! {
    /// The family header of a message about a neighbour. Source: `struct ndmsg`,
    /// `linux/neighbour.h`.
    pub struct NdMsg is "ndmsg" {
        /// address family: AF_INET or AF_INET6
        family is "ndm_family": u8 => Shape::Named(AF),
        /// padding
        pad1 is "ndm_pad1": u8 => Shape::Binary,
        /// padding
        pad2 is "ndm_pad2": [u8; 2] => Shape::Binary,
        /// index of the link on which the neighbour is
        index is "ndm_ifindex": u32 => Shape::Index,
        /// state of the neighbour entry
        state is "ndm_state": u16 => Shape::Bits(NUD),
        /// flags of the neighbour entry
        flags is "ndm_flags": u8 => Shape::Bits(NTF),
        /// type of the address, as unicast
        kind is "ndm_type": u8 => Shape::Named(RTN),
    }
}

attr_set! {
    /// Attributes of a neighbour. Source: `linux/neighbour.h`.
    pub enum Nda is "NDA" {
        /// IP address of the neighbour
        NDA_DST = 1: Ip,
        /// hardware address (MAC address) of the neighbour
        NDA_LLADDR = 2: Binary as Shape::Mac,
        /// timestamps: struct nda_cacheinfo
        NDA_CACHEINFO = 3: Binary,
        /// number of probes that the kernel has sent
        NDA_PROBES = 4: U32,
        /// VLAN id of the neighbour
        NDA_VLAN = 5: U16,
    }
}

/// A request to add or replace a neighbour entry. With NTF_USE, the kernel resolves the address.
pub fn replace(header: NdMsg) -> Request<Nda, Replace> {
    Request::new(RTM_NEWNEIGH, header)
}

/// A request to delete a neighbour entry.
pub fn delete(header: NdMsg) -> Request<Nda, Delete> {
    Request::new(RTM_DELNEIGH, header)
}

/// A neighbour as the kernel describes it in RTM_NEWNEIGH (`linux/neighbour.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedNeighbour {
    /// The interface index of the link on which the neighbour is.
    pub index: u32,
    /// The neighbour's IP address (NDA_DST).
    pub address: IpAddr,
    /// The neighbour's hardware address (NDA_LLADDR), where it is known and has six bytes.
    pub mac: Option<[u8; 6]>,
    /// The state, bits of [`NUD`].
    pub state: u16,
}

/// Parses a message about a neighbour; `None` where the message has no NDA_DST, is too short for
/// `struct ndmsg`, or has an address of a wrong length.
pub fn parse(received: &Received<'_>) -> Option<ParsedNeighbour> {
    let (header, attrs) = received.body::<NdMsg, Nda>()?;
    let mac = attrs.find(NDA_LLADDR).ok()?;
    Some(ParsedNeighbour {
        index: header.index,
        address: attrs.find(NDA_DST).ok()??,
        mac: mac.and_then(|mac| mac.try_into().ok()),
        state: header.state,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::message::Messages;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parse_of_written_neighbour_returns_it(
            address in any::<IpAddr>(),
            (index, state, mac) in any::<(u32, u16, Option<[u8; 6]>)>(),
        ) {
            let header = NdMsg { index, state, ..NdMsg::default() };
            let message = replace(header)
                .put(NDA_DST, address)
                .put_some(NDA_LLADDR, mac.as_ref().map(|mac| &mac[..]))
                .finish()
                .unwrap();
            let received = Messages::new(message.bytes()).next().unwrap().unwrap();
            let expected = ParsedNeighbour { index, address, mac, state };
            prop_assert_eq!(parse(&received), Some(expected));
        }
    }
}
