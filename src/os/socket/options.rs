//! Socket options of level `SOL_NETLINK` (`linux/netlink.h`). An old kernel may not have them:
//! NETLINK_CAP_ACK is since Linux 4.3, NETLINK_EXT_ACK since 4.12, NETLINK_GET_STRICT_CHK since
//! 4.20.
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
