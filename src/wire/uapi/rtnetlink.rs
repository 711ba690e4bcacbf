//! Numbers of rtnetlink about addresses, routes, neighbours and namespaces: `linux/rtnetlink.h`,
//! `linux/if_addr.h`, `linux/neighbour.h`.

use super::names::{Names, numbers};

numbers! {
    /// Messages of NETLINK_ROUTE. `linux/rtnetlink.h`
    pub const RTM: u16 {
        RTM_NEWLINK = 16,
        RTM_DELLINK = 17,
        RTM_GETLINK = 18,
        RTM_SETLINK = 19,
        RTM_NEWADDR = 20,
        RTM_DELADDR = 21,
        RTM_GETADDR = 22,
        RTM_NEWROUTE = 24,
        RTM_DELROUTE = 25,
        RTM_GETROUTE = 26,
        RTM_NEWNEIGH = 28,
        RTM_DELNEIGH = 29,
        RTM_GETNEIGH = 30,
        RTM_NEWNSID = 88,
        RTM_DELNSID = 89,
        RTM_GETNSID = 90,
        RTM_NEWLINKPROP = 108,
        RTM_DELLINKPROP = 109,
    }
    /// Address families. `linux/socket.h`
    pub const AF: u8 {
        AF_UNSPEC = 0,
        AF_INET = 2,
        AF_BRIDGE = 7,
        AF_INET6 = 10,
    }
    /// States of a neighbour entry. `linux/neighbour.h`
    pub const NUD: u16 {
        NUD_NONE = 0,
        NUD_INCOMPLETE = 0x01,
        NUD_REACHABLE = 0x02,
        NUD_STALE = 0x04,
        NUD_DELAY = 0x08,
        NUD_PROBE = 0x10,
        NUD_FAILED = 0x20,
        NUD_NOARP = 0x40,
        NUD_PERMANENT = 0x80,
    }
    /// Flags of a neighbour entry. `linux/neighbour.h`
    pub const NTF: u8 {
        NTF_USE = 0x01,
        NTF_SELF = 0x02,
        NTF_MASTER = 0x04,
        NTF_PROXY = 0x08,
        NTF_EXT_LEARNED = 0x10,
        NTF_OFFLOADED = 0x20,
        NTF_STICKY = 0x40,
        NTF_ROUTER = 0x80,
    }
    /// Scopes of addresses and routes. `linux/rtnetlink.h`
    pub const RT_SCOPE: u8 {
        RT_SCOPE_UNIVERSE = 0,
        RT_SCOPE_SITE = 200,
        RT_SCOPE_LINK = 253,
        RT_SCOPE_HOST = 254,
        RT_SCOPE_NOWHERE = 255,
    }
    /// Types of routes. `linux/rtnetlink.h`
    pub const RTN: u8 {
        RTN_UNSPEC = 0,
        RTN_UNICAST = 1,
        RTN_LOCAL = 2,
        RTN_BROADCAST = 3,
        RTN_ANYCAST = 4,
        RTN_MULTICAST = 5,
        RTN_BLACKHOLE = 6,
        RTN_UNREACHABLE = 7,
        RTN_PROHIBIT = 8,
        RTN_THROW = 9,
        RTN_NAT = 10,
    }
    /// Protocols of routes: what added a route. `linux/rtnetlink.h`
    pub const RTPROT: u8 {
        RTPROT_UNSPEC = 0,
        RTPROT_REDIRECT = 1,
        RTPROT_KERNEL = 2,
        RTPROT_BOOT = 3,
        RTPROT_STATIC = 4,
        RTPROT_RA = 9,
        RTPROT_DHCP = 16,
    }
    /// Routing tables. `linux/rtnetlink.h`
    pub const RT_TABLE: u8 {
        RT_TABLE_UNSPEC = 0,
        RT_TABLE_COMPAT = 252,
        RT_TABLE_DEFAULT = 253,
        RT_TABLE_MAIN = 254,
        RT_TABLE_LOCAL = 255,
    }
    /// Flags of routes and of queries for routes, `rtm_flags`. `linux/rtnetlink.h`
    pub const RTM_F: u32 {
        RTNH_F_DEAD = 0x1,
        RTNH_F_PERVASIVE = 0x2,
        RTNH_F_ONLINK = 0x4,
        RTNH_F_OFFLOAD = 0x8,
        RTNH_F_LINKDOWN = 0x10,
        RTM_F_NOTIFY = 0x100,
        RTM_F_CLONED = 0x200,
        RTM_F_EQUALIZE = 0x400,
        RTM_F_PREFIX = 0x800,
        RTM_F_LOOKUP_TABLE = 0x1000,
        RTM_F_FIB_MATCH = 0x2000,
    }
    /// Flags of an address. `linux/if_addr.h`
    pub const IFA_F: u32 {
        IFA_F_SECONDARY = 0x01,
        IFA_F_NODAD = 0x02,
        IFA_F_OPTIMISTIC = 0x04,
        IFA_F_DADFAILED = 0x08,
        IFA_F_HOMEADDRESS = 0x10,
        IFA_F_DEPRECATED = 0x20,
        IFA_F_TENTATIVE = 0x40,
        IFA_F_PERMANENT = 0x80,
        IFA_F_MANAGETEMPADDR = 0x100,
        IFA_F_NOPREFIXROUTE = 0x200,
        IFA_F_MCAUTOJOIN = 0x400,
        IFA_F_STABLE_PRIVACY = 0x800,
    }
}
