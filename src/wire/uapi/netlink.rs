//! Numbers of all netlink protocols: `linux/netlink.h`.

use super::names::{Names, numbers};

numbers! {
    /// Control messages of all protocols. `linux/netlink.h`
    pub const NLMSG: u16 {
        NLMSG_NOOP = 1,
        NLMSG_ERROR = 2,
        NLMSG_DONE = 3,
        NLMSG_OVERRUN = 4,
    }
    /// Lower bits of `nlmsg_flags`, for every message. `linux/netlink.h`
    pub const NLM_F: u16 {
        NLM_F_REQUEST = 0x01,
        NLM_F_MULTI = 0x02,
        NLM_F_ACK = 0x04,
        NLM_F_ECHO = 0x08,
        NLM_F_DUMP_INTR = 0x10,
        NLM_F_DUMP_FILTERED = 0x20,
    }
    /// Upper bits of `nlmsg_flags` in a request that creates or changes an object.
    /// `linux/netlink.h`
    pub const NLM_F_NEW: u16 {
        NLM_F_REPLACE = 0x100,
        NLM_F_EXCL = 0x200,
        NLM_F_CREATE = 0x400,
        NLM_F_APPEND = 0x800,
    }
    /// Upper bits of `nlmsg_flags` in a query. NLM_F_DUMP is NLM_F_ROOT and NLM_F_MATCH together.
    /// These are the same bits as NLM_F_REPLACE and NLM_F_EXCL: only the type tells which.
    /// `linux/netlink.h`
    pub const NLM_F_GET: u16 {
        NLM_F_DUMP = 0x300,
        NLM_F_ROOT = 0x100,
        NLM_F_MATCH = 0x200,
        NLM_F_ATOMIC = 0x400,
    }
    /// Upper bits of `nlmsg_flags` in a request that deletes an object. `linux/netlink.h`
    pub const NLM_F_DEL: u16 {
        NLM_F_NONREC = 0x100,
        NLM_F_BULK = 0x200,
    }
    /// Upper bits of `nlmsg_flags` in an acknowledgement. `linux/netlink.h`
    pub const NLM_F_ACK_MESSAGE: u16 {
        NLM_F_CAPPED = 0x100,
        NLM_F_ACK_TLVS = 0x200,
    }
    /// Types of payloads in a policy, `NL_POLICY_TYPE_ATTR_TYPE`. `linux/netlink.h`
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
