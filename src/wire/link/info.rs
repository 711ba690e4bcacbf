//! IFLA_LINKINFO: the driver of a link and its settings, and those of the link's master.
//!
//! ```text
//!  IFLA_LINKINFO
//!   ├─ IFLA_INFO_KIND "veth"
//!   └─ IFLA_INFO_DATA                  the kind selects its attribute set
//!       └─ VETH_INFO_PEER
//!           ├─ ifinfomsg               the header of the peer
//!           ├─ IFLA_IFNAME "veth1"
//!           └─ IFLA_NET_NS_FD 5        the kernel creates the peer there
//!  IFLA_LINKINFO
//!   ├─ IFLA_INFO_SLAVE_KIND "bridge"   the driver of the link's master
//!   └─ IFLA_INFO_SLAVE_DATA            the slave kind selects its attribute set
//!       └─ IFLA_BRPORT_ISOLATED 1
//! ```

use super::{IfInfoMsg, Ifla, IflaBr, IflaBrport};
use crate::wire::attr::{Attr, AttrSet, Binary, Nest, NulString, SubMessage, attr_set};
use crate::wire::shape::{Selector, Shape};

/// How [`IFLA_INFO_KIND`] selects the attribute set of `IFLA_INFO_DATA`.
const BY_KIND: &Selector = &Selector {
    sibling: 1,
    choose: |kind| match kind {
        b"veth" | b"veth\0" => Some(Shape::Nest(VethInfo::table)),
        b"bridge" | b"bridge\0" => Some(Shape::Nest(IflaBr::table)),
        _ => None,
    },
};

/// How `IFLA_INFO_SLAVE_KIND` selects the attribute set of `IFLA_INFO_SLAVE_DATA`.
const BY_SLAVE_KIND: &Selector = &Selector {
    sibling: 4,
    choose: |kind| match kind {
        b"bridge" | b"bridge\0" => Some(Shape::Nest(IflaBrport::table)),
        _ => None,
    },
};

attr_set! {
    /// The driver of a link and its settings. Source: `linux/if_link.h`.
    pub enum IflaInfo is "IFLA_INFO" {
        /// kind of the link: the name of its driver
        IFLA_INFO_KIND = 1: NulString,
        /// settings of the driver
        IFLA_INFO_DATA = 2: Binary as Shape::Selected(BY_KIND),
        /// statistics of the driver
        IFLA_INFO_XSTATS = 3: Binary,
        /// kind of the link's master: the name of its driver
        IFLA_INFO_SLAVE_KIND = 4: NulString,
        /// settings of the port, from the driver of its master
        IFLA_INFO_SLAVE_DATA = 5: Binary as Shape::Selected(BY_SLAVE_KIND),
    }
}

/// [`IFLA_INFO_DATA`] where the kind is "veth".
pub const IFLA_INFO_DATA_VETH: Attr<IflaInfo, Nest<VethInfo>> = Attr::new(2, "IFLA_INFO_DATA");
/// [`IFLA_INFO_DATA`] where the kind is "bridge".
pub const IFLA_INFO_DATA_BRIDGE: Attr<IflaInfo, Nest<IflaBr>> = Attr::new(2, "IFLA_INFO_DATA");
/// [`IFLA_INFO_SLAVE_DATA`] where the slave kind is "bridge".
pub const IFLA_INFO_SLAVE_DATA_BRIDGE: Attr<IflaInfo, Nest<IflaBrport>> =
    Attr::new(5, "IFLA_INFO_SLAVE_DATA");

attr_set! {
    /// Settings of a veth: its peer. Source: `linux/veth.h`.
    pub enum VethInfo is "VETH_INFO" {
        /// peer of the veth: a link header, then its attributes
        VETH_INFO_PEER = 1: SubMessage<IfInfoMsg, Ifla>,
    }
}
