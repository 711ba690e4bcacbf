//! The kernel's numbers in the kernel's spelling, each group with its header.
//!
//! A group declares its constants and, beside them, the list of their names for the printer.
//!
//! ```text
//!  numbers! { pub const RTM: u16 { RTM_NEWLINK = 16, … } }
//!   ├─ pub const RTM_NEWLINK: u16 = 16;                       for whoever writes and reads
//!   └─ pub const RTM: Names = &[(16, "RTM_NEWLINK"), …];      for the printer
//! ```

/// Numbers with their names.
pub type Names = &'static [(u32, &'static str)];

/// The name of `number`, if it has one.
pub fn name_of(names: Names, number: u32) -> Option<&'static str> {
    names
        .iter()
        .find(|(n, _)| *n == number)
        .map(|(_, name)| *name)
}

/// The names of the bits that are set, and the rest as a number; or the name of no bits.
pub fn bits(number: u32, lists: &[Names]) -> String {
    let names = || lists.iter().copied().flatten();
    if number == 0 {
        let none = names().find(|(bit, _)| *bit == 0);
        return none.map_or("0", |(_, name)| name).to_owned();
    }
    let mut rest = number;
    let mut words = Vec::new();
    for &(bit, name) in names() {
        if bit.is_power_of_two() && rest & bit != 0 {
            words.push(name.to_owned());
            rest &= !bit;
        }
    }
    if rest != 0 {
        words.push(format!("{rest:#x}"));
    }
    words.join(" | ")
}

/// Declares constants and the list of their names.
macro_rules! numbers {
    ($( $(#[$meta:meta])* pub const $list:ident: $ty:ty { $( $name:ident = $value:expr, )* } )*) => { $(
        $( #[doc = concat!("`", stringify!($name), "`")] pub const $name: $ty = $value; )*
        $(#[$meta])*
        pub const $list: Names = &[ $( ($name as u32, stringify!($name)), )* ];
    )* };
}

numbers! {
    /// Control messages of every protocol. `linux/netlink.h`
    pub const NLMSG: u16 {
        NLMSG_NOOP = 1,
        NLMSG_ERROR = 2,
        NLMSG_DONE = 3,
        NLMSG_OVERRUN = 4,
    }
    /// Messages of `NETLINK_ROUTE`. `linux/rtnetlink.h`
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
    /// Messages that hold several others together, whatever their subsystem.
    /// `linux/netfilter/nfnetlink.h`
    pub const NFNL_MSG: u16 {
        NFNL_MSG_BATCH_BEGIN = 16,
        NFNL_MSG_BATCH_END = 17,
    }
    /// Messages of nf_tables, the subsystem's number (10) in the upper byte.
    /// `linux/netfilter/nf_tables.h`, `linux/netfilter/nfnetlink.h`
    pub const NFT_MSG: u16 {
        NFT_MSG_NEWTABLE = 10 << 8,
        NFT_MSG_GETTABLE = 10 << 8 | 1,
        NFT_MSG_DELTABLE = 10 << 8 | 2,
        NFT_MSG_NEWCHAIN = 10 << 8 | 3,
        NFT_MSG_GETCHAIN = 10 << 8 | 4,
        NFT_MSG_DELCHAIN = 10 << 8 | 5,
        NFT_MSG_NEWRULE = 10 << 8 | 6,
        NFT_MSG_GETRULE = 10 << 8 | 7,
        NFT_MSG_DELRULE = 10 << 8 | 8,
        NFT_MSG_NEWSET = 10 << 8 | 9,
        NFT_MSG_GETSET = 10 << 8 | 10,
        NFT_MSG_DELSET = 10 << 8 | 11,
        NFT_MSG_NEWSETELEM = 10 << 8 | 12,
        NFT_MSG_GETSETELEM = 10 << 8 | 13,
        NFT_MSG_DELSETELEM = 10 << 8 | 14,
        NFT_MSG_NEWGEN = 10 << 8 | 15,
        NFT_MSG_GETGEN = 10 << 8 | 16,
        NFT_MSG_TRACE = 10 << 8 | 17,
        NFT_MSG_NEWOBJ = 10 << 8 | 18,
        NFT_MSG_GETOBJ = 10 << 8 | 19,
        NFT_MSG_DELOBJ = 10 << 8 | 20,
        NFT_MSG_GETOBJ_RESET = 10 << 8 | 21,
        NFT_MSG_NEWFLOWTABLE = 10 << 8 | 22,
        NFT_MSG_GETFLOWTABLE = 10 << 8 | 23,
        NFT_MSG_DELFLOWTABLE = 10 << 8 | 24,
        NFT_MSG_GETRULE_RESET = 10 << 8 | 25,
        NFT_MSG_DESTROYTABLE = 10 << 8 | 26,
        NFT_MSG_DESTROYCHAIN = 10 << 8 | 27,
        NFT_MSG_DESTROYRULE = 10 << 8 | 28,
        NFT_MSG_DESTROYSET = 10 << 8 | 29,
        NFT_MSG_DESTROYSETELEM = 10 << 8 | 30,
        NFT_MSG_DESTROYOBJ = 10 << 8 | 31,
        NFT_MSG_DESTROYFLOWTABLE = 10 << 8 | 32,
        NFT_MSG_GETSETELEM_RESET = 10 << 8 | 33,
    }
    /// Which packets a table sees. `linux/netfilter.h`
    pub const NFPROTO: u8 {
        NFPROTO_UNSPEC = 0,
        NFPROTO_INET = 1,
        NFPROTO_IPV4 = 2,
        NFPROTO_ARP = 3,
        NFPROTO_NETDEV = 5,
        NFPROTO_BRIDGE = 7,
        NFPROTO_IPV6 = 10,
    }
    /// Where on its way a packet is. `linux/netfilter.h`
    pub const NF_INET_HOOK: u32 {
        NF_INET_PRE_ROUTING = 0,
        NF_INET_LOCAL_IN = 1,
        NF_INET_FORWARD = 2,
        NF_INET_LOCAL_OUT = 3,
        NF_INET_POST_ROUTING = 4,
    }
    /// What becomes of a packet. `linux/netfilter.h`, `linux/netfilter/nf_tables.h`
    pub const NF: u32 {
        NF_DROP = 0,
        NF_ACCEPT = 1,
        NFT_RETURN = 0xffff_fffb,
        NFT_GOTO = 0xffff_fffc,
        NFT_JUMP = 0xffff_fffd,
        NFT_BREAK = 0xffff_fffe,
        NFT_CONTINUE = 0xffff_ffff,
    }
    /// What of a packet's surroundings a rule looks at. `linux/netfilter/nf_tables.h`
    pub const NFT_META: u32 {
        NFT_META_PROTOCOL = 1,
        NFT_META_MARK = 3,
        NFT_META_IIF = 4,
        NFT_META_OIF = 5,
        NFT_META_IIFNAME = 6,
        NFT_META_OIFNAME = 7,
        NFT_META_NFPROTO = 15,
        NFT_META_L4PROTO = 16,
        NFT_META_BRI_IIFNAME = 17,
        NFT_META_BRI_OIFNAME = 18,
    }
    /// How a rule compares. `linux/netfilter/nf_tables.h`
    pub const NFT_CMP: u32 {
        NFT_CMP_EQ = 0,
        NFT_CMP_NEQ = 1,
        NFT_CMP_LT = 2,
        NFT_CMP_LTE = 3,
        NFT_CMP_GT = 4,
        NFT_CMP_GTE = 5,
    }
    /// `nlmsg_flags` of every message. `linux/netlink.h`
    pub const NLM_F: u16 {
        NLM_F_REQUEST = 0x01,
        NLM_F_MULTI = 0x02,
        NLM_F_ACK = 0x04,
        NLM_F_ECHO = 0x08,
        NLM_F_DUMP_INTR = 0x10,
        NLM_F_DUMP_FILTERED = 0x20,
    }
    /// The upper bits of a request that makes or changes. `linux/netlink.h`
    pub const NLM_F_NEW: u16 {
        NLM_F_REPLACE = 0x100,
        NLM_F_EXCL = 0x200,
        NLM_F_CREATE = 0x400,
        NLM_F_APPEND = 0x800,
    }
    /// The upper bits of a request that asks. `NLM_F_DUMP` is ROOT and MATCH together: the very
    /// bits of REPLACE and EXCL, which is why no bit is ever tested to know a dump.
    /// `linux/netlink.h`
    pub const NLM_F_GET: u16 {
        NLM_F_DUMP = 0x300,
        NLM_F_ROOT = 0x100,
        NLM_F_MATCH = 0x200,
        NLM_F_ATOMIC = 0x400,
    }
    /// The upper bits of a request that deletes. `linux/netlink.h`
    pub const NLM_F_DEL: u16 {
        NLM_F_NONREC = 0x100,
        NLM_F_BULK = 0x200,
    }
    /// The upper bits of an answer of type `NLMSG_ERROR`. `linux/netlink.h`
    pub const NLM_F_ANSWER: u16 {
        NLM_F_CAPPED = 0x100,
        NLM_F_ACK_TLVS = 0x200,
    }
    /// The older way's requests. `linux/sockios.h`
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
    /// Address families. `linux/socket.h`
    pub const AF: u8 {
        AF_UNSPEC = 0,
        AF_INET = 2,
        AF_BRIDGE = 7,
        AF_INET6 = 10,
    }
    /// What a link's other end is made of, `ifi_type`. `linux/if_arp.h`
    pub const ARPHRD: u16 {
        ARPHRD_ETHER = 1,
        ARPHRD_LOOPBACK = 772,
    }
    /// A link's flags, `ifi_flags`. `linux/if.h`
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
    /// What is known of a neighbour. `linux/neighbour.h`
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
    /// What is to be done with a neighbour. `linux/neighbour.h`
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
    /// How far an address or route reaches. `linux/rtnetlink.h`
    pub const RT_SCOPE: u8 {
        RT_SCOPE_UNIVERSE = 0,
        RT_SCOPE_SITE = 200,
        RT_SCOPE_LINK = 253,
        RT_SCOPE_HOST = 254,
        RT_SCOPE_NOWHERE = 255,
    }
    /// What a route does. `linux/rtnetlink.h`
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
    /// Who made a route. `linux/rtnetlink.h`
    pub const RTPROT: u8 {
        RTPROT_UNSPEC = 0,
        RTPROT_REDIRECT = 1,
        RTPROT_KERNEL = 2,
        RTPROT_BOOT = 3,
        RTPROT_STATIC = 4,
        RTPROT_RA = 9,
        RTPROT_DHCP = 16,
    }
    /// Routing tables with a name. `linux/rtnetlink.h`
    pub const RT_TABLE: u8 {
        RT_TABLE_UNSPEC = 0,
        RT_TABLE_COMPAT = 252,
        RT_TABLE_DEFAULT = 253,
        RT_TABLE_MAIN = 254,
        RT_TABLE_LOCAL = 255,
    }
    /// `rtm_flags`. `linux/rtnetlink.h`
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
    /// An address's flags. `linux/if_addr.h`
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
    /// A link's state as RFC 2863 has it, `IFLA_OPERSTATE`. `linux/if.h`
    pub const IF_OPER: u8 {
        IF_OPER_UNKNOWN = 0,
        IF_OPER_NOTPRESENT = 1,
        IF_OPER_DOWN = 2,
        IF_OPER_LOWERLAYERDOWN = 3,
        IF_OPER_TESTING = 4,
        IF_OPER_DORMANT = 5,
        IF_OPER_UP = 6,
    }
    /// What a dump of links shall carry besides, `IFLA_EXT_MASK`. `linux/rtnetlink.h`
    pub const RTEXT_FILTER: u32 {
        RTEXT_FILTER_VF = 1,
        RTEXT_FILTER_BRVLAN = 2,
        RTEXT_FILTER_BRVLAN_COMPRESSED = 4,
        RTEXT_FILTER_SKIP_STATS = 8,
    }
    /// How a link makes its IPv6 link-local address. `linux/if_link.h`
    pub const IN6_ADDR_GEN_MODE: u8 {
        IN6_ADDR_GEN_MODE_EUI64 = 0,
        IN6_ADDR_GEN_MODE_NONE = 1,
        IN6_ADDR_GEN_MODE_STABLE_PRIVACY = 2,
        IN6_ADDR_GEN_MODE_RANDOM = 3,
    }
    /// What kind of value a policy allows, `NL_POLICY_TYPE_ATTR_TYPE`. `linux/netlink.h`
    pub const NL_ATTR_TYPE: u32 {
        NL_ATTR_TYPE_INVALID = 0,
        NL_ATTR_TYPE_FLAG = 1,
        NL_ATTR_TYPE_U8 = 2,
        NL_ATTR_TYPE_U16 = 3,
        NL_ATTR_TYPE_U32 = 4,
        NL_ATTR_TYPE_U64 = 5,
        NL_ATTR_TYPE_S8 = 6,
        NL_ATTR_TYPE_S16 = 7,
        NL_ATTR_TYPE_S32 = 8,
        NL_ATTR_TYPE_S64 = 9,
        NL_ATTR_TYPE_BINARY = 10,
        NL_ATTR_TYPE_STRING = 11,
        NL_ATTR_TYPE_NUL_STRING = 12,
        NL_ATTR_TYPE_NESTED = 13,
        NL_ATTR_TYPE_NESTED_ARRAY = 14,
        NL_ATTR_TYPE_BITFIELD32 = 15,
        NL_ATTR_TYPE_SINT = 16,
        NL_ATTR_TYPE_UINT = 17,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that libc has too are the same there.
    #[test]
    fn numbers_are_libcs() {
        macro_rules! same { ($($name:ident)*) => { $(
            assert_eq!(i64::from($name), i64::from(libc::$name), stringify!($name));
        )* } }
        same! {
            RTM_NEWLINK RTM_DELLINK RTM_GETLINK RTM_SETLINK RTM_NEWADDR RTM_DELADDR RTM_GETADDR
            RTM_NEWROUTE RTM_DELROUTE RTM_GETROUTE RTM_NEWNSID RTM_DELNSID RTM_GETNSID
            NLMSG_NOOP NLMSG_ERROR NLMSG_DONE NLMSG_OVERRUN
            NLM_F_REQUEST NLM_F_MULTI NLM_F_ACK NLM_F_ECHO NLM_F_DUMP_INTR NLM_F_DUMP_FILTERED
            NLM_F_ROOT NLM_F_MATCH NLM_F_ATOMIC NLM_F_DUMP
            NLM_F_REPLACE NLM_F_EXCL NLM_F_CREATE NLM_F_APPEND
            AF_UNSPEC AF_INET AF_BRIDGE AF_INET6 ARPHRD_ETHER ARPHRD_LOOPBACK
            IFF_UP IFF_BROADCAST IFF_LOOPBACK IFF_RUNNING IFF_MULTICAST IFF_LOWER_UP IFF_DORMANT
            RT_SCOPE_UNIVERSE RT_SCOPE_LINK RT_SCOPE_HOST RTN_UNICAST RTN_LOCAL RTN_BROADCAST
            RTPROT_BOOT RTPROT_KERNEL RT_TABLE_MAIN RT_TABLE_LOCAL
            IFA_F_NODAD IFA_F_TENTATIVE IFA_F_PERMANENT IFA_F_NOPREFIXROUTE
        }
    }

    #[test]
    fn a_name_is_found_or_not() {
        assert_eq!(name_of(RTM, 16), Some("RTM_NEWLINK"));
        assert_eq!(name_of(RTM, 15), None);
    }
}
