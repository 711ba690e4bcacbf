//! Ids of network namespaces (nsid): each namespace has its own numbers for others. RTM_GETNSID.
//!
//! ```text
//!  nlmsghdr RTM_GETNSID
//!  rtgenmsg  AF_UNSPEC
//!  NETNSA_FD 5         in the query: a descriptor of the other namespace
//!  NETNSA_NSID 0       in the reply: its id, as in IFLA_LINK_NETNSID of a veth
//! ```

use super::attr::{Descriptor, I32, U32, attr_set};
use super::layout::header;
use super::message::{Get, Received, Request};
use super::shape::Shape;
use super::uapi::{AF, RTM_GETNSID};

header! {
    /// The family header of a message about a namespace id. Source: `struct rtgenmsg`,
    /// `linux/rtnetlink.h`.
    pub struct RtGenMsg is "rtgenmsg" {
        /// address family: AF_UNSPEC
        family is "rtgen_family": u8 => Shape::Named(AF),
        /// padding up to a multiple of 4 bytes
        pad is "(padding)": [u8; 3] => Shape::Binary,
    }
}

attr_set! {
    /// Attributes of a namespace id. Source: `linux/net_namespace.h`.
    pub enum Netnsa is "NETNSA" {
        /// id of the network namespace; -1 where none is assigned
        NETNSA_NSID = 1: I32,
        /// network namespace, named by a process in it
        NETNSA_PID = 2: U32,
        /// network namespace, named by a descriptor of the sender
        NETNSA_FD = 3: Descriptor,
    }
}

/// A query for the id that this namespace has for another one, named by [`NETNSA_FD`] or
/// [`NETNSA_PID`].
pub fn get() -> Request<Netnsa, Get> {
    Request::new(RTM_GETNSID, RtGenMsg::default())
}

/// Parses the reply to a [`get`]: the namespace id (NETNSA_NSID), 0 or more. The inner `None` is
/// NETNSA_NSID_NOT_ASSIGNED (`linux/net_namespace.h`): this namespace has no id for the other one.
/// The outer `None` is a message without an id.
pub fn parse(received: &Received<'_>) -> Option<Option<i32>> {
    let (_, attrs) = received.body::<RtGenMsg, Netnsa>()?;
    let id = attrs.find(NETNSA_NSID).ok()??;
    Some((id >= 0).then_some(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::message::{Message, Messages};
    use proptest::prelude::*;

    fn parsed(message: &Message) -> Option<Option<i32>> {
        parse(&Messages::new(message.bytes()).next().unwrap().unwrap())
    }

    proptest! {
        #[test]
        fn parse_of_written_namespace_id_returns_it(id in 0..=i32::MAX) {
            let message = get().put(NETNSA_NSID, id).finish().unwrap();
            prop_assert_eq!(parsed(&message), Some(Some(id)));
        }
    }

    #[test]
    fn parse_of_unassigned_id_is_inner_none() {
        let message = get().put(NETNSA_NSID, -1).finish().unwrap();
        assert_eq!(parsed(&message), Some(None));
        assert_eq!(parsed(&get().finish().unwrap()), None);
    }
}
