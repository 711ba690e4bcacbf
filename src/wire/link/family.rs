//! Settings of each address family on a link, and its XDP program.
//!
//! ```text
//!  IFLA_AF_SPEC
//!   ├─ IFLA_AF_INET                    nla_type is the address family
//!   │   └─ IFLA_INET_CONF
//!   └─ IFLA_AF_INET6
//!       └─ IFLA_INET6_ADDR_GEN_MODE 1
//! ```

use crate::wire::attr::{Binary, I32, Ip, Nest, U8, U32, attr_set};
use crate::wire::shape::Shape;
use crate::wire::uapi::IN6_ADDR_GEN_MODE;

attr_set! {
    /// Settings of each address family. `nla_type` is the address family. Source:
    /// `linux/if_link.h`.
    pub enum IflaAfSpec is "AF" {
        /// IPv4 settings of the link
        IFLA_AF_INET = 2: Nest<IflaInet>,
        /// IPv6 settings of the link
        IFLA_AF_INET6 = 10: Nest<IflaInet6>,
    }
}

attr_set! {
    /// IPv4 settings of a link. Source: `linux/if_link.h`.
    pub enum IflaInet is "IFLA_INET" {
        /// values of the IPv4 sysctls of the link, in the kernel's order
        IFLA_INET_CONF = 1: Binary,
    }
}

attr_set! {
    /// The XDP (express data path) program of a link. Source: `linux/if_link.h`.
    pub enum IflaXdp is "IFLA_XDP" {
        /// XDP program, named by a descriptor of the sender
        IFLA_XDP_FD = 1: I32,
        /// XDP: where a program is attached; 0 is none
        IFLA_XDP_ATTACHED = 2: U8,
        /// XDP: flags for attaching a program
        IFLA_XDP_FLAGS = 3: U32,
        /// id of the XDP program
        IFLA_XDP_PROG_ID = 4: U32,
    }
}

attr_set! {
    /// IPv6 settings of a link. Source: `linux/if_link.h`.
    pub enum IflaInet6 is "IFLA_INET6" {
        /// flags of the IPv6 settings
        IFLA_INET6_FLAGS = 1: U32,
        /// values of the IPv6 sysctls of the link, in the kernel's order
        IFLA_INET6_CONF = 2: Binary,
        /// IPv6 counters (SNMP)
        IFLA_INET6_STATS = 3: Binary,
        /// timers of neighbour discovery: struct ifla_cacheinfo
        IFLA_INET6_CACHEINFO = 5: Binary,
        /// ICMPv6 counters (SNMP)
        IFLA_INET6_ICMP6STATS = 6: Binary,
        /// interface identifier (token) of autoconfigured addresses (SLAAC)
        IFLA_INET6_TOKEN = 7: Ip,
        /// address generation mode: how the kernel makes the IPv6 link-local address
        IFLA_INET6_ADDR_GEN_MODE = 8: U8 as Shape::Named(IN6_ADDR_GEN_MODE),
        /// MTU from router advertisements, in bytes
        IFLA_INET6_RA_MTU = 9: U32,
    }
}
