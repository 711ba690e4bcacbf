//! Bytes and what they mean. Pure: no system call is made here, and nothing here can panic.
//!
//! Read in this order: [`layout`] (what a message is), [`attr`] (what is in it), [`message`]
//! (making and splitting them), [`ack`] (the kernel's answer), then one family at a time:
//! [`link`], [`addr`], [`route`], [`neigh`], [`nsid`], [`nft`]; [`ifreq`] is the older way. [`printer`] turns
//! any bytes back into words, [`hex`] and [`pcap`] find them in what people have.
//!
//! ```text
//!  words ─▶ plan ─▶ Op ─▶ message ─▶ attr ─▶ bytes ─▶ kernel ─▶ bytes ─▶ message ─▶ ack, attr
//!                          │          │                                   │          │
//!                          └─ link, addr, route, neigh, nsid, nft ────────┴─ printer ┘
//! ```
#![forbid(unsafe_code)]

pub mod ack;
pub mod addr;
pub mod attr;
#[cfg(test)]
pub(crate) mod goldens;
pub mod hex;
pub mod hexdump;
pub mod ifreq;
pub mod layout;
pub mod link;
pub mod message;
pub mod neigh;
pub mod netlink_error;
pub mod nft;
pub mod nsid;
pub mod pcap;
pub mod pcapng;
pub mod printer;
pub mod registry;
pub mod route;
pub mod uapi;
