//! Numbers about links: `linux/if.h`, `linux/if_arp.h`, `linux/if_link.h`, `linux/sockios.h`.

use super::names::{Names, numbers};

numbers! {
    /// Requests of ioctl(2) about links. `linux/sockios.h`
    pub const SIOC: u32 {
        SIOCSIFFLAGS = 0x8914,
        SIOCSIFADDR = 0x8916,
        SIOCSIFNETMASK = 0x891c,
        SIOCSIFHWADDR = 0x8924,
        SIOCBRADDBR = 0x89a0,
        SIOCBRDELBR = 0x89a1,
        SIOCBRADDIF = 0x89a2,
        SIOCBRDELIF = 0x89a3,
    }
    /// Hardware types, `ifi_type`. `linux/if_arp.h`
    pub const ARPHRD: u16 {
        ARPHRD_ETHER = 1,
        ARPHRD_LOOPBACK = 772,
    }
    /// Flags of a link, `ifi_flags`. `linux/if.h`
    pub const IFF: u32 {
        IFF_UP = 0x1,
        IFF_BROADCAST = 0x2,
        IFF_DEBUG = 0x4,
        IFF_LOOPBACK = 0x8,
        IFF_POINTOPOINT = 0x10,
        IFF_NOTRAILERS = 0x20,
        IFF_RUNNING = 0x40,
        IFF_NOARP = 0x80,
        IFF_PROMISC = 0x100,
        IFF_ALLMULTI = 0x200,
        IFF_MASTER = 0x400,
        IFF_SLAVE = 0x800,
        IFF_MULTICAST = 0x1000,
        IFF_PORTSEL = 0x2000,
        IFF_AUTOMEDIA = 0x4000,
        IFF_DYNAMIC = 0x8000,
        IFF_LOWER_UP = 0x1_0000,
        IFF_DORMANT = 0x2_0000,
        IFF_ECHO = 0x4_0000,
    }
    /// Operational states of a link (RFC 2863), `IFLA_OPERSTATE`. `linux/if.h`
    pub const IF_OPER: u8 {
        IF_OPER_UNKNOWN = 0,
        IF_OPER_NOTPRESENT = 1,
        IF_OPER_DOWN = 2,
        IF_OPER_LOWERLAYERDOWN = 3,
        IF_OPER_TESTING = 4,
        IF_OPER_DORMANT = 5,
        IF_OPER_UP = 6,
    }
    /// What a reply about links contains in addition to the defaults, `IFLA_EXT_MASK`. `linux/rtnetlink.h`
    pub const RTEXT_FILTER: u32 {
        RTEXT_FILTER_VF = 1,
        RTEXT_FILTER_BRVLAN = 2,
        RTEXT_FILTER_BRVLAN_COMPRESSED = 4,
        RTEXT_FILTER_SKIP_STATS = 8,
    }
    /// Address generation modes of IPv6 link-local addresses, `IFLA_INET6_ADDR_GEN_MODE`.
    /// `linux/if_link.h`
    pub const IN6_ADDR_GEN_MODE: u8 {
        IN6_ADDR_GEN_MODE_EUI64 = 0,
        IN6_ADDR_GEN_MODE_NONE = 1,
        IN6_ADDR_GEN_MODE_STABLE_PRIVACY = 2,
        IN6_ADDR_GEN_MODE_RANDOM = 3,
    }
}
