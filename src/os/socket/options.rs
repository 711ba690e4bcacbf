//! Options of `SOL_NETLINK`, `linux/netlink.h`. Each may be missing in an old kernel.
#![allow(missing_docs)]
use nix::{setsockopt_impl, sockopt_impl};
const NETLINK_GET_STRICT_CHK: libc::c_int = 12;
sockopt_impl!(
    ExtAck,
    SetOnly,
    libc::SOL_NETLINK,
    libc::NETLINK_EXT_ACK,
    bool
);
sockopt_impl!(
    CapAck,
    SetOnly,
    libc::SOL_NETLINK,
    libc::NETLINK_CAP_ACK,
    bool
);
sockopt_impl!(
    StrictCheck,
    SetOnly,
    libc::SOL_NETLINK,
    NETLINK_GET_STRICT_CHK,
    bool
);
