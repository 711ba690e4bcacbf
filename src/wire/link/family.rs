//! What others keep with a link: each address family its settings, the express data path its
//! program.
//!
//! ```text
//!  IFLA_AF_SPEC
//!   ├─ IFLA_AF_INET                    the attribute's number is the family
//!   │   └─ IFLA_INET_CONF
//!   └─ IFLA_AF_INET6
//!       └─ IFLA_INET6_ADDR_GEN_MODE 1
//! ```

use crate::wire::attr::{Binary, I32, Ip, Nest, U8, U32, attr_set};
use crate::wire::shape::Shape;
use crate::wire::uapi::IN6_ADDR_GEN_MODE;

attr_set! {
    /// Per address family; the attribute's number is the family. Source: `linux/if_link.h`.
    pub enum IflaAfSpec is "AF" {
        /// IPv4's settings of the link
        IFLA_AF_INET = 2: Nest<IflaInet>,
        /// IPv6's settings of the link
        IFLA_AF_INET6 = 10: Nest<IflaInet6>,
    }
}

attr_set! {
    /// IPv4's settings of a link. Source: `linux/if_link.h`.
    pub enum IflaInet is "IFLA_INET" {
        /// sysctl values, in their order
        IFLA_INET_CONF = 1: Binary,
    }
}

attr_set! {
    /// The express data path's program of a link. Source: `linux/if_link.h`.
    pub enum IflaXdp is "IFLA_XDP" {
        /// the program, by a descriptor
        IFLA_XDP_FD = 1: I32,
        /// 0: there is none
        IFLA_XDP_ATTACHED = 2: U8,
        /// how it is attached
        IFLA_XDP_FLAGS = 3: U32,
        /// the program, by its number
        IFLA_XDP_PROG_ID = 4: U32,
    }
}

attr_set! {
    /// IPv6's settings of a link. Source: `linux/if_link.h`.
    pub enum IflaInet6 is "IFLA_INET6" {
        /// its state
        IFLA_INET6_FLAGS = 1: U32,
        /// sysctl values, in their order
        IFLA_INET6_CONF = 2: Binary,
        /// counters
        IFLA_INET6_STATS = 3: Binary,
        /// ages, in hundredths of a second
        IFLA_INET6_CACHEINFO = 5: Binary,
        /// ICMPv6 counters
        IFLA_INET6_ICMP6STATS = 6: Binary,
        /// the second half of autoconfigured addresses
        IFLA_INET6_TOKEN = 7: Ip,
        /// how the link-local address is made
        IFLA_INET6_ADDR_GEN_MODE = 8: U8 as Shape::Named(IN6_ADDR_GEN_MODE),
        /// the MTU that routers tell
        IFLA_INET6_RA_MTU = 9: U32,
    }
}
