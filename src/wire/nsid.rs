//! Namespace ids: the number under which this network namespace knows another. `RTM_GETNSID`.
//!
//! ```text
//!  nlmsghdr RTM_GETNSID
//!  rtgenmsg  AF_UNSPEC
//!  NETNSA_FD 5         asked: the namespace that this descriptor is open on
//!  NETNSA_NSID 0       answered; IFLA_LINK_NETNSID of a veth's end is such a number
//! ```

use super::attr::{Descriptor, I32, U32, attr_set};
use super::layout::header;
use super::message::{Get, Request};
use super::shape::Shape;
use super::uapi::{AF, RTM_GETNSID};

header! {
    /// Opens the messages about namespace ids. Source: `struct rtgenmsg`, `linux/rtnetlink.h`.
    pub struct RtGenMsg is "rtgenmsg" {
        /// AF_UNSPEC
        family is "rtgen_family": u8 => Shape::Named(AF),
        /// up to the next multiple of four
        pad is "(padding)": [u8; 3] => Shape::Binary,
    }
}

attr_set! {
    /// A namespace's id as another one knows it. Source: `linux/net_namespace.h`.
    pub enum Netnsa is "NETNSA" {
        /// the id, -1 where none is given
        NETNSA_NSID = 1: I32,
        /// the namespace of this process
        NETNSA_PID = 2: U32,
        /// the namespace that this descriptor is open on
        NETNSA_FD = 3: Descriptor,
    }
}

/// Asks for the id under which this namespace knows another.
pub fn get() -> Request<Netnsa, Get> {
    Request::new(RTM_GETNSID, RtGenMsg::default())
}
