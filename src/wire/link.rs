//! Links: bridges, veth pairs, and what a link tells of itself. `RTM_NEWLINK` and kin.
//!
//! ```text
//!  nlmsghdr RTM_NEWLINK
//!  ifinfomsg
//!  IFLA_IFNAME "veth0"
//!  IFLA_MASTER 7
//!  IFLA_LINKINFO                       what kind of link: `info`
//!  IFLA_PROP_LIST
//!   └─ IFLA_ALT_IFNAME "…"             one more name
//!  IFLA_AF_SPEC
//!   └─ IFLA_AF_INET6                   the attribute's number is the family
//!       └─ IFLA_INET6_ADDR_GEN_MODE 1
//! ```

pub mod af_bridge;
mod bridge;
mod family;
mod info;

pub use bridge::*;
pub use family::*;
pub use info::*;

use super::attr::{
    Binary, Descriptor, I32, Index, Nest, NulString, Shape, U8, U16, U32, U64, attr_set,
};
use super::layout::header;
use super::message::{Change, Create, Delete, Dump, Get, Request};
use super::uapi::{
    AF, ARPHRD, IF_OPER, IFF, IFF_LOOPBACK, IFF_LOWER_UP, IFF_UP, RTEXT_FILTER, RTM_DELLINK,
    RTM_DELLINKPROP, RTM_GETLINK, RTM_NEWLINK, RTM_NEWLINKPROP,
};
use bitflags::bitflags;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A link's flags, `IFF_UP` and kin; those without a name here are kept.
#[repr(transparent)]
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable,
)]
pub struct LinkFlags(u32);

bitflags! {
    impl LinkFlags: u32 {
        /// The link is set up.
        const UP = IFF_UP;
        /// It is a loopback.
        const LOOPBACK = IFF_LOOPBACK;
        /// It has carrier.
        const LOWER_UP = IFF_LOWER_UP;
        // Whatever the kernel sends is a value.
        const _ = !0;
    }
}

header! {
    /// Opens every message about a link. Source: `linux/rtnetlink.h`.
    pub struct IfInfoMsg is "ifinfomsg" {
        /// AF_BRIDGE for a port's settings, else this
        family is "ifi_family": u8 => Shape::Named(AF),
        /// padding that the struct names
        pad is "__ifi_pad": u8 => Shape::Binary,
        /// kind of hardware, in answers
        kind is "ifi_type": u16 => Shape::Named(ARPHRD),
        /// which link; 0 where a name says it, or it is to be made
        index is "ifi_index": u32 => Shape::Index,
        /// the flags to have
        flags is "ifi_flags": LinkFlags => Shape::Bits(IFF),
        /// which of the flags are meant
        change is "ifi_change": LinkFlags => Shape::Bits(IFF),
    }
}

attr_set! {
    /// Attributes of a link. Source: `linux/if_link.h`.
    pub enum Ifla is "IFLA" {
        /// hardware address
        IFLA_ADDRESS = 1: Binary as Shape::Mac,
        /// hardware address that everyone on the link hears
        IFLA_BROADCAST = 2: Binary as Shape::Mac,
        /// name, 1 to 15 bytes and a zero
        IFLA_IFNAME = 3: NulString,
        /// largest packet in bytes
        IFLA_MTU = 4: U32,
        /// for a veth: the index of its peer, in the peer's namespace
        IFLA_LINK = 5: Index,
        /// queueing discipline
        IFLA_QDISC = 6: NulString,
        /// struct rtnl_link_stats
        IFLA_STATS = 7: Binary,
        /// of no meaning any more
        IFLA_COST = 8: U32,
        /// of no meaning any more
        IFLA_PRIORITY = 9: U32,
        /// the bridge that this link is a port of
        IFLA_MASTER = 10: Index,
        /// what a wireless link tells
        IFLA_WIRELESS = 11: Binary,
        /// what the link is as a bridge's port
        IFLA_PROTINFO = 12: Nest<IflaBrport>,
        /// length of the transmit queue, in packets
        IFLA_TXQLEN = 13: U32,
        /// device memory map
        IFLA_MAP = 14: Binary,
        /// of no meaning any more
        IFLA_WEIGHT = 15: U32,
        /// state as RFC 2863 has it
        IFLA_OPERSTATE = 16: U8 as Shape::Named(IF_OPER),
        /// who decides about the state
        IFLA_LINKMODE = 17: U8,
        /// what kind of link, and its data
        IFLA_LINKINFO = 18: Nest<IflaInfo>,
        /// the namespace of this process
        IFLA_NET_NS_PID = 19: U32,
        /// a text for people, up to 255 bytes
        IFLA_IFALIAS = 20: NulString,
        /// how many virtual functions the hardware has
        IFLA_NUM_VF = 21: U32,
        /// what each of them is like
        IFLA_VFINFO_LIST = 22: Binary,
        /// struct rtnl_link_stats64
        IFLA_STATS64 = 23: Binary,
        /// the virtual functions' ports
        IFLA_VF_PORTS = 24: Binary,
        /// the hardware's own port
        IFLA_PORT_SELF = 25: Binary,
        /// per address family, keyed by its number
        IFLA_AF_SPEC = 26: Nest<IflaAfSpec>,
        /// a number that several links may share
        IFLA_GROUP = 27: U32,
        /// the namespace that this descriptor is open on
        IFLA_NET_NS_FD = 28: Descriptor,
        /// what a dump shall carry besides
        IFLA_EXT_MASK = 29: U32 as Shape::Bits(RTEXT_FILTER),
        /// how many listeners want every packet
        IFLA_PROMISCUITY = 30: U32,
        /// transmit queues
        IFLA_NUM_TX_QUEUES = 31: U32,
        /// receive queues
        IFLA_NUM_RX_QUEUES = 32: U32,
        /// 1 where the other end is there and up
        IFLA_CARRIER = 33: U8,
        /// tells the hardware's ports apart
        IFLA_PHYS_PORT_ID = 34: Binary,
        /// how often the carrier changed
        IFLA_CARRIER_CHANGES = 35: U32,
        /// tells switches apart
        IFLA_PHYS_SWITCH_ID = 36: Binary,
        /// in which namespace IFLA_LINK is to be read
        IFLA_LINK_NETNSID = 37: I32,
        /// the hardware port's own name
        IFLA_PHYS_PORT_NAME = 38: NulString,
        /// 1 where a driver has reported the link as down
        IFLA_PROTO_DOWN = 39: U8,
        /// most segments of one large packet
        IFLA_GSO_MAX_SEGS = 40: U32,
        /// largest packet before it is cut into segments
        IFLA_GSO_MAX_SIZE = 41: U32,
        /// padding
        IFLA_PAD = 42: Binary,
        /// express data path
        IFLA_XDP = 43: Nest<IflaXdp>,
        /// what has happened to the link
        IFLA_EVENT = 44: U32,
        /// where the link has moved to, by that namespace's id here
        IFLA_NEW_NETNSID = 45: I32,
        /// which namespace the message is about, by its id here
        IFLA_TARGET_NETNSID = 46: I32,
        /// how often the carrier came
        IFLA_CARRIER_UP_COUNT = 47: U32,
        /// how often the carrier went
        IFLA_CARRIER_DOWN_COUNT = 48: U32,
        /// a new index, for a link that moves
        IFLA_NEW_IFINDEX = 49: I32,
        /// smallest MTU that the link takes
        IFLA_MIN_MTU = 50: U32,
        /// largest MTU that the link takes
        IFLA_MAX_MTU = 51: U32,
        /// a list of properties
        IFLA_PROP_LIST = 52: Nest<Ifla>,
        /// one more name, up to 127 bytes
        IFLA_ALT_IFNAME = 53: NulString,
        /// the hardware address that the link was born with
        IFLA_PERM_ADDRESS = 54: Binary as Shape::Mac,
        /// who keeps the link down
        IFLA_PROTO_DOWN_REASON = 55: Binary,
        /// the hardware that the link is of
        IFLA_PARENT_DEV_NAME = 56: NulString,
        /// the bus that the hardware is on
        IFLA_PARENT_DEV_BUS_NAME = 57: NulString,
        /// largest packet that several received ones are joined to
        IFLA_GRO_MAX_SIZE = 58: U32,
        /// largest packet that the hardware cuts into segments
        IFLA_TSO_MAX_SIZE = 59: U32,
        /// most segments that the hardware cuts a packet into
        IFLA_TSO_MAX_SEGS = 60: U32,
        /// how many listeners want all multicast
        IFLA_ALLMULTI = 61: U32,
        /// the port of a devlink device that the link is of
        IFLA_DEVLINK_PORT = 62: Binary,
        /// IFLA_GSO_MAX_SIZE for IPv4
        IFLA_GSO_IPV4_MAX_SIZE = 63: U32,
        /// IFLA_GRO_MAX_SIZE for IPv4
        IFLA_GRO_IPV4_MAX_SIZE = 64: U32,
        /// the clock that drives the link
        IFLA_DPLL_PIN = 65: Binary,
        /// how far ahead the hardware paces packets, in nanoseconds
        IFLA_MAX_PACING_OFFLOAD_HORIZON = 66: U64,
        /// 1 where the link cannot go to another namespace
        IFLA_NETNS_IMMUTABLE = 67: U8,
        /// room kept before a packet, in bytes
        IFLA_HEADROOM = 68: U16,
        /// room kept behind a packet, in bytes
        IFLA_TAILROOM = 69: U16,
    }
}

/// Makes a link.
pub fn create(header: IfInfoMsg) -> Request<Ifla, Create> {
    Request::new(RTM_NEWLINK, header)
}

/// Changes a link. `RTM_NEWLINK` without `NLM_F_CREATE`, not `RTM_SETLINK`: only through the
/// former does `IFLA_LINKINFO` reach the driver (`__rtnl_newlink`, `net/core/rtnetlink.c`).
pub fn change(header: IfInfoMsg) -> Request<Ifla, Change> {
    Request::new(RTM_NEWLINK, header)
}

/// Takes a link away, and with a veth its peer.
pub fn delete(header: IfInfoMsg) -> Request<Ifla, Delete> {
    Request::new(RTM_DELLINK, header)
}

/// Asks for one link, by index or by [`IFLA_IFNAME`].
pub fn get(header: IfInfoMsg) -> Request<Ifla, Get> {
    Request::new(RTM_GETLINK, header)
}

/// Asks for all links.
pub fn dump(header: IfInfoMsg) -> Request<Ifla, Dump> {
    Request::new(RTM_GETLINK, header)
}

/// Gives a link further names, in [`IFLA_PROP_LIST`].
pub fn add_properties(header: IfInfoMsg) -> Request<Ifla, Create> {
    Request::new(RTM_NEWLINKPROP, header)
}

/// Takes names from a link, in [`IFLA_PROP_LIST`].
pub fn delete_properties(header: IfInfoMsg) -> Request<Ifla, Delete> {
    Request::new(RTM_DELLINKPROP, header)
}
