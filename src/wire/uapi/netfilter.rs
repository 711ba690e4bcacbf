//! Numbers of netfilter and nf_tables: `linux/netfilter.h`, `linux/netfilter/*.h`.

use super::names::{Names, numbers};

numbers! {
    /// Messages that begin and end a batch, of any subsystem.
    /// `linux/netfilter/nfnetlink.h`
    pub const NFNL_MSG: u16 {
        NFNL_MSG_BATCH_BEGIN = 16,
        NFNL_MSG_BATCH_END = 17,
    }
    /// Messages of nf_tables, with the number of the subsystem (10) in the upper byte.
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
    /// Protocol families of tables. `linux/netfilter.h`
    pub const NFPROTO: u8 {
        NFPROTO_UNSPEC = 0,
        NFPROTO_INET = 1,
        NFPROTO_IPV4 = 2,
        NFPROTO_ARP = 3,
        NFPROTO_NETDEV = 5,
        NFPROTO_BRIDGE = 7,
        NFPROTO_IPV6 = 10,
    }
    /// Hooks: where on a packet's path a base chain runs. `linux/netfilter.h`
    pub const NF_INET_HOOK: u32 {
        NF_INET_PRE_ROUTING = 0,
        NF_INET_LOCAL_IN = 1,
        NF_INET_FORWARD = 2,
        NF_INET_LOCAL_OUT = 3,
        NF_INET_POST_ROUTING = 4,
    }
    /// Verdicts on a packet. `linux/netfilter.h`, `linux/netfilter/nf_tables.h`
    pub const NF: u32 {
        NF_DROP = 0,
        NF_ACCEPT = 1,
        NFT_RETURN = 0xffff_fffb,
        NFT_GOTO = 0xffff_fffc,
        NFT_JUMP = 0xffff_fffd,
        NFT_BREAK = 0xffff_fffe,
        NFT_CONTINUE = 0xffff_ffff,
    }
    /// Keys of the expression "meta". `linux/netfilter/nf_tables.h`
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
    /// Operators of the expression "cmp". `linux/netfilter/nf_tables.h`
    pub const NFT_CMP: u32 {
        NFT_CMP_EQ = 0,
        NFT_CMP_NEQ = 1,
        NFT_CMP_LT = 2,
        NFT_CMP_LTE = 3,
        NFT_CMP_GT = 4,
        NFT_CMP_GTE = 5,
    }
}
