//! Links: bridges, veth pairs and other network interfaces. RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK.
//!
//! ```text
//!  nlmsghdr RTM_NEWLINK
//!  ifinfomsg
//!  IFLA_IFNAME "veth0"
//!  IFLA_MASTER 7
//!  IFLA_LINKINFO                       the driver and its settings: `info`
//!  IFLA_PROP_LIST
//!   └─ IFLA_ALT_IFNAME "…"             an altname
//!  IFLA_AF_SPEC
//!   └─ IFLA_AF_INET6                   nla_type is the address family
//!       └─ IFLA_INET6_ADDR_GEN_MODE 1
//! ```

pub mod af_bridge;
mod bridge;
mod family;
mod info;
mod parsed;

pub use bridge::*;
pub use family::*;
pub use info::*;
pub use parsed::{ParsedLink, parse};

use super::attr::{Binary, Descriptor, I32, Index, Nest, NulString, U8, U16, U32, U64, attr_set};
use super::layout::header;
use super::message::{Change, Create, Delete, Dump, Get, Request};
use super::shape::Shape;
use super::uapi::{
    AF, ARPHRD, IF_OPER, IFF, IFF_LOOPBACK, IFF_LOWER_UP, IFF_UP, RTEXT_FILTER, RTM_DELLINK,
    RTM_DELLINKPROP, RTM_GETLINK, RTM_NEWLINK, RTM_NEWLINKPROP,
};
use bitflags::bitflags;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The flags of a link (`IFF_UP` and others of `linux/if.h`). Bits without a name here are kept.
#[repr(transparent)]
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable,
)]
pub struct LinkFlags(u32);

bitflags! {
    impl LinkFlags: u32 {
        /// The link is administratively up.
        const UP = IFF_UP;
        /// The link is the loopback interface.
        const LOOPBACK = IFF_LOOPBACK;
        /// The link has carrier.
        const LOWER_UP = IFF_LOWER_UP;
        // The kernel may send any bits.
        const _ = !0;
    }
}

header! {
    /// The family header of a message about a link. Source: `struct ifinfomsg`,
    /// `linux/rtnetlink.h`.
    pub struct IfInfoMsg is "ifinfomsg" {
        /// address family: AF_BRIDGE for bridge port settings, else AF_UNSPEC
        family is "ifi_family": u8 => Shape::Named(AF),
        /// padding
        pad is "__ifi_pad": u8 => Shape::Binary,
        /// hardware type, in replies
        kind is "ifi_type": u16 => Shape::Named(ARPHRD),
        /// index of the link; 0 where the request names it or creates it
        index is "ifi_index": u32 => Shape::Index,
        /// flags of the link
        flags is "ifi_flags": LinkFlags => Shape::Bits(IFF),
        /// mask: which flags the request changes
        change is "ifi_change": LinkFlags => Shape::Bits(IFF),
    }
}

attr_set! {
    /// Attributes of a link. Source: `linux/if_link.h`.
    pub enum Ifla is "IFLA" {
        /// hardware address (MAC address)
        IFLA_ADDRESS = 1: Binary as Shape::Mac,
        /// broadcast hardware address of the link
        IFLA_BROADCAST = 2: Binary as Shape::Mac,
        /// name: 1 to 15 bytes and a NUL byte
        IFLA_IFNAME = 3: NulString,
        /// MTU: largest packet in bytes
        IFLA_MTU = 4: U32,
        /// veth: index of the peer, in the peer's namespace; VLAN or macvlan: index of the link below
        IFLA_LINK = 5: Index,
        /// name of the queueing discipline (qdisc)
        IFLA_QDISC = 6: NulString,
        /// 32-bit counters: struct rtnl_link_stats
        IFLA_STATS = 7: Binary,
        /// unused
        IFLA_COST = 8: U32,
        /// unused
        IFLA_PRIORITY = 9: U32,
        /// master: index of the bridge that the link is a port of
        IFLA_MASTER = 10: Index,
        /// event of a wireless link
        IFLA_WIRELESS = 11: Binary,
        /// bridge port settings, in the family AF_BRIDGE
        IFLA_PROTINFO = 12: Nest<IflaBrport>,
        /// length of the transmit queue in packets
        IFLA_TXQLEN = 13: U32,
        /// memory map of the device: struct rtnl_link_ifmap
        IFLA_MAP = 14: Binary,
        /// unused
        IFLA_WEIGHT = 15: U32,
        /// operational state (RFC 2863)
        IFLA_OPERSTATE = 16: U8 as Shape::Named(IF_OPER),
        /// link mode: 1 lets a program set the operational state
        IFLA_LINKMODE = 17: U8,
        /// kind of the link, and the settings of its driver
        IFLA_LINKINFO = 18: Nest<IflaInfo>,
        /// network namespace, named by a process in it
        IFLA_NET_NS_PID = 19: U32,
        /// alias: a description of the link, at most 255 bytes
        IFLA_IFALIAS = 20: NulString,
        /// number of virtual functions (SR-IOV)
        IFLA_NUM_VF = 21: U32,
        /// settings of each virtual function
        IFLA_VFINFO_LIST = 22: Binary,
        /// 64-bit counters: struct rtnl_link_stats64
        IFLA_STATS64 = 23: Binary,
        /// port profiles of the virtual functions
        IFLA_VF_PORTS = 24: Binary,
        /// port profile of the physical function
        IFLA_PORT_SELF = 25: Binary,
        /// settings of each address family, numbered by the family
        IFLA_AF_SPEC = 26: Nest<IflaAfSpec>,
        /// device group: a number that several links may share
        IFLA_GROUP = 27: U32,
        /// network namespace, named by a descriptor of the sender
        IFLA_NET_NS_FD = 28: Descriptor,
        /// filter: what a reply contains in addition to the defaults
        IFLA_EXT_MASK = 29: U32 as Shape::Bits(RTEXT_FILTER),
        /// promiscuous mode: how many users need every packet
        IFLA_PROMISCUITY = 30: U32,
        /// number of transmit queues
        IFLA_NUM_TX_QUEUES = 31: U32,
        /// number of receive queues
        IFLA_NUM_RX_QUEUES = 32: U32,
        /// carrier: 1 where a cable is connected, or the peer of a veth is up
        IFLA_CARRIER = 33: U8,
        /// id of the physical port
        IFLA_PHYS_PORT_ID = 34: Binary,
        /// how often the carrier changed
        IFLA_CARRIER_CHANGES = 35: U32,
        /// id of the switch that the port belongs to
        IFLA_PHYS_SWITCH_ID = 36: Binary,
        /// id of the namespace in which IFLA_LINK is an index
        IFLA_LINK_NETNSID = 37: I32,
        /// name of the physical port
        IFLA_PHYS_PORT_NAME = 38: NulString,
        /// protocol down: 1 makes the kernel keep the carrier off, as a program found a protocol error
        IFLA_PROTO_DOWN = 39: U8,
        /// segmentation offload (GSO): most segments of one packet
        IFLA_GSO_MAX_SEGS = 40: U32,
        /// segmentation offload (GSO): largest packet in bytes
        IFLA_GSO_MAX_SIZE = 41: U32,
        /// padding
        IFLA_PAD = 42: Binary,
        /// XDP: the program of the express data path
        IFLA_XDP = 43: Nest<IflaXdp>,
        /// reason for a notification
        IFLA_EVENT = 44: U32,
        /// id of the namespace to which the link moved
        IFLA_NEW_NETNSID = 45: I32,
        /// id of the namespace that the request is about
        IFLA_TARGET_NETNSID = 46: I32,
        /// how often the carrier came on
        IFLA_CARRIER_UP_COUNT = 47: U32,
        /// how often the carrier went off
        IFLA_CARRIER_DOWN_COUNT = 48: U32,
        /// new index of a link that moves
        IFLA_NEW_IFINDEX = 49: I32,
        /// smallest MTU of the driver in bytes
        IFLA_MIN_MTU = 50: U32,
        /// largest MTU of the driver in bytes
        IFLA_MAX_MTU = 51: U32,
        /// list of properties: the altnames
        IFLA_PROP_LIST = 52: Nest<Ifla>,
        /// altname (alternative interface name), at most 127 bytes
        IFLA_ALT_IFNAME = 53: NulString,
        /// permanent hardware address
        IFLA_PERM_ADDRESS = 54: Binary as Shape::Mac,
        /// bits that name the programs which set protocol down
        IFLA_PROTO_DOWN_REASON = 55: Binary,
        /// name of the parent device
        IFLA_PARENT_DEV_NAME = 56: NulString,
        /// bus of the parent device
        IFLA_PARENT_DEV_BUS_NAME = 57: NulString,
        /// receive offload (GRO): largest merged packet in bytes
        IFLA_GRO_MAX_SIZE = 58: U32,
        /// TCP segmentation offload (TSO): largest packet of the hardware in bytes
        IFLA_TSO_MAX_SIZE = 59: U32,
        /// TCP segmentation offload (TSO): most segments of the hardware
        IFLA_TSO_MAX_SEGS = 60: U32,
        /// all-multicast mode: how many users need every multicast packet
        IFLA_ALLMULTI = 61: U32,
        /// devlink port of the link
        IFLA_DEVLINK_PORT = 62: Binary,
        /// segmentation offload (GSO) for IPv4: largest packet in bytes
        IFLA_GSO_IPV4_MAX_SIZE = 63: U32,
        /// receive offload (GRO) for IPv4: largest merged packet in bytes
        IFLA_GRO_IPV4_MAX_SIZE = 64: U32,
        /// clock source of the link (DPLL pin)
        IFLA_DPLL_PIN = 65: Binary,
        /// pacing offload: how far ahead the hardware schedules packets, in nanoseconds
        IFLA_MAX_PACING_OFFLOAD_HORIZON = 66: U64,
        /// 1: the link cannot move to another network namespace
        IFLA_NETNS_IMMUTABLE = 67: U8,
        /// bytes that the kernel reserves before a packet
        IFLA_HEADROOM = 68: U16,
        /// bytes that the kernel reserves after a packet
        IFLA_TAILROOM = 69: U16,
    }
}

/// A request to create a link; the kernel reports EEXIST where the name is taken.
pub fn create(header: IfInfoMsg) -> Request<Ifla, Create> {
    Request::new(RTM_NEWLINK, header)
}

/// A request to change a link. The type is RTM_NEWLINK without NLM_F_CREATE. With RTM_SETLINK, the
/// kernel would not pass IFLA_LINKINFO to the driver (`__rtnl_newlink`, `net/core/rtnetlink.c`).
pub fn change(header: IfInfoMsg) -> Request<Ifla, Change> {
    Request::new(RTM_NEWLINK, header)
}

/// A request to delete a link. With one end of a veth pair, the kernel also deletes the peer.
pub fn delete(header: IfInfoMsg) -> Request<Ifla, Delete> {
    Request::new(RTM_DELLINK, header)
}

/// A query for one link, by the index in the header or by [`IFLA_IFNAME`].
pub fn get(header: IfInfoMsg) -> Request<Ifla, Get> {
    Request::new(RTM_GETLINK, header)
}

/// A query for all links.
pub fn dump(header: IfInfoMsg) -> Request<Ifla, Dump> {
    Request::new(RTM_GETLINK, header)
}

/// A request to add altnames, in [`IFLA_PROP_LIST`], to a link.
pub fn add_properties(header: IfInfoMsg) -> Request<Ifla, Create> {
    Request::new(RTM_NEWLINKPROP, header)
}

/// A request to delete altnames, in [`IFLA_PROP_LIST`], from a link.
pub fn delete_properties(header: IfInfoMsg) -> Request<Ifla, Delete> {
    Request::new(RTM_DELLINKPROP, header)
}
