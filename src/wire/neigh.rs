//! Neighbours: who has which address on a link. `RTM_NEWNEIGH` and kin.
//!
//! ```text
//!  nlmsghdr RTM_NEWNEIGH
//!  ndmsg  family, link, state, flags (NTF_USE: "find out")
//!  NDA_DST 10.10.10.2
//! ```

use super::attr::{Binary, Ip, U16, U32, attr_set};
use super::layout::header;
use super::message::{Delete, Replace, Request};
use super::shape::Shape;
use super::uapi::{AF, NTF, NUD, RTM_DELNEIGH, RTM_NEWNEIGH, RTN};

header! {
    /// Opens every message about a neighbour. Source: `linux/neighbour.h`.
    pub struct NdMsg is "ndmsg" {
        /// AF_INET or AF_INET6
        family is "ndm_family": u8 => Shape::Named(AF),
        /// padding that the struct names
        pad1 is "ndm_pad1": u8 => Shape::Binary,
        /// padding that the struct names
        pad2 is "ndm_pad2": [u8; 2] => Shape::Binary,
        /// the link that the neighbour is on
        index is "ndm_ifindex": u32 => Shape::Index,
        /// what is known of it
        state is "ndm_state": u16 => Shape::Bits(NUD),
        /// what is to be done
        flags is "ndm_flags": u8 => Shape::Bits(NTF),
        /// what kind of address it is
        kind is "ndm_type": u8 => Shape::Named(RTN),
    }
}

attr_set! {
    /// Attributes of a neighbour. Source: `linux/neighbour.h`.
    pub enum Nda is "NDA" {
        /// its address
        NDA_DST = 1: Ip,
        /// its hardware address
        NDA_LLADDR = 2: Binary as Shape::Mac,
        /// ages
        NDA_CACHEINFO = 3: Binary,
        /// how often it was asked
        NDA_PROBES = 4: U32,
        /// the VLAN it is in
        NDA_VLAN = 5: U16,
    }
}

/// Notes a neighbour, or with `NTF_USE` asks for it.
pub fn replace(header: NdMsg) -> Request<Nda, Replace> {
    Request::new(RTM_NEWNEIGH, header)
}

/// Forgets a neighbour.
pub fn delete(header: NdMsg) -> Request<Nda, Delete> {
    Request::new(RTM_DELNEIGH, header)
}
