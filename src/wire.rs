//! Netlink messages: writing, parsing and printing them. This layer makes no system call and does not
//! panic.
//!
//! Read the modules in this order: [`layout`] (the headers), [`attr`] (attributes), [`message`]
//! (writing and splitting messages), [`ack`] (acknowledgements). Then read one family at a time:
//! [`link`], [`addr`], [`route`], [`neigh`], [`nsid`], [`nft`]. [`ifreq`] is the argument of the
//! ioctls. [`icmp`] contains the ICMP messages. [`shape`] describes headers and attributes, [`registry`] finds the description of a
//! message, and [`printer`] names each byte with it.
//!
//! ```text
//!  args ─▶ plan ─▶ Op ─▶ message ─▶ attr ─▶ bytes ─▶ kernel ─▶ bytes ─▶ message ─▶ ack, attr
//!                          │          │                                   │          │
//!                          └─ link, addr, route, neigh, nsid, nft ────────┴─ printer ┘
//! ```
#![forbid(unsafe_code)]

pub mod ack;
pub mod addr;
pub mod attr;
#[cfg(test)]
pub(crate) mod goldens;
pub mod hexdump;
pub mod icmp;
pub mod ifreq;
pub mod layout;
pub mod link;
pub mod message;
pub mod neigh;
pub mod netlink_error;
pub mod nft;
pub mod nsid;
pub mod printer;
pub mod registry;
pub mod route;
pub mod shape;
pub mod transaction;
pub mod uapi;
