//! Bridge ports in the address family AF_BRIDGE. RTM_SETLINK and RTM_DELLINK change the VLANs of a
//! port, and RTM_GETLINK dumps them.
//!
//! ```text
//!  nlmsghdr RTM_SETLINK
//!  ifinfomsg  ifi_family AF_BRIDGE
//!  IFLA_PROTINFO                      the attributes of a port, IFLA_BRPORT_…
//!  IFLA_AF_SPEC
//!   ├─ IFLA_BRIDGE_FLAGS 1
//!   └─ IFLA_BRIDGE_VLAN_INFO          struct bridge_vlan_info
//! ```
//!
//! In the family AF_UNSPEC, the attributes in IFLA_AF_SPEC are numbered by address family. Here
//! they have the numbers of `linux/if_bridge.h`. The address family therefore selects the attribute
//! set.

use super::bridge::IflaBrport;
use crate::wire::attr::{Binary, Index, Nest, NulString, SubMessage, U8, U16, U32, attr_set};
use crate::wire::layout::header;
use crate::wire::shape::Shape;
use crate::wire::uapi::IF_OPER;

header! {
    /// A VLAN of a port. Source: `struct bridge_vlan_info`, `linux/if_bridge.h`.
    pub struct BridgeVlanInfo is "bridge_vlan_info" {
        /// bits: BRIDGE_VLAN_INFO_PVID is 2, BRIDGE_VLAN_INFO_UNTAGGED is 4
        flags is "flags": u16 => Shape::Number,
        /// VLAN id, 1 to 4094
        vid is "vid": u16 => Shape::Number,
    }
}

attr_set! {
    /// An empty set, for a struct without attributes after it.
    pub enum NoAttributes is "NONE" {}
}

attr_set! {
    /// IFLA_AF_SPEC in a message of the family AF_BRIDGE. Source: `linux/if_bridge.h`.
    pub enum IflaBridge is "IFLA_BRIDGE" {
        /// 1: the message is for the bridge (BRIDGE_FLAGS_MASTER); 2: for the port itself
        IFLA_BRIDGE_FLAGS = 0: U16,
        /// mode of a hardware bridge: 0 is VEB, 1 is VEPA
        IFLA_BRIDGE_MODE = 1: U16,
        /// VLAN of the port
        IFLA_BRIDGE_VLAN_INFO = 2: SubMessage<BridgeVlanInfo, NoAttributes>,
        /// VLAN tunnel mapping of the port
        IFLA_BRIDGE_VLAN_TUNNEL_INFO = 3: Binary,
        /// settings of the media redundancy protocol (MRP)
        IFLA_BRIDGE_MRP = 4: Binary,
        /// settings of connectivity fault management (CFM)
        IFLA_BRIDGE_CFM = 5: Binary,
        /// settings of multiple spanning trees (MST)
        IFLA_BRIDGE_MST = 6: Binary,
    }
}

attr_set! {
    /// A link in a message of the family AF_BRIDGE. Source: `br_fill_ifinfo`,
    /// `net/bridge/br_netlink.c`.
    pub enum IflaAfBridge is "IFLA" {
        /// hardware address of the port
        IFLA_ADDRESS = 1: Binary as Shape::Mac,
        /// name of the port
        IFLA_IFNAME = 3: NulString,
        /// MTU of the port in bytes
        IFLA_MTU = 4: U32,
        /// index of the link below the port
        IFLA_LINK = 5: Index,
        /// index of the bridge
        IFLA_MASTER = 10: Index,
        /// attributes of the port
        IFLA_PROTINFO = 12: Nest<IflaBrport>,
        /// operational state of the port, RFC 2863
        IFLA_OPERSTATE = 16: U8 as Shape::Named(IF_OPER),
        /// bridge's part: flags and VLANs
        IFLA_AF_SPEC = 26: Nest<IflaBridge>,
        /// bits that choose what a dump contains: RTEXT_FILTER_BRVLAN is 2
        IFLA_EXT_MASK = 29: U32,
    }
}
