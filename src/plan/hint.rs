//! What helps, where it is known: from what was asked and the errno that came back.

use super::op::{Ioctl, Op};
use crate::wire::netlink_error::NetlinkError;
use nix::errno::Errno;

/// The attribute that a refusal is about, where the kernel says it without pointing
/// ("Unknown device type", `rtnl_newlink`, `net/core/rtnetlink.c`).
pub fn suspect(op: &Op, netlink_error: &NetlinkError) -> Option<&'static str> {
    match (op, Errno::from_raw(netlink_error.errno)) {
        (Op::CreateVeth { .. }, Errno::EOPNOTSUPP) => Some("IFLA_LINKINFO.IFLA_INFO_KIND \"veth\""),
        (Op::CreateBridge { .. }, Errno::EOPNOTSUPP) => {
            Some("IFLA_LINKINFO.IFLA_INFO_KIND \"bridge\"")
        }
        _ => None,
    }
}

/// The cure for a refused operation, if one is known.
pub fn hint(op: &Op, netlink_error: &NetlinkError) -> Option<&'static str> {
    let errno = Errno::from_raw(netlink_error.errno);
    Some(match (op, errno) {
        (Op::CreateVeth { .. }, Errno::EOPNOTSUPP) => {
            "the kernel has no veth driver; CONFIG_VETH, or modprobe veth"
        }
        (Op::CreateBridge { .. }, Errno::EOPNOTSUPP)
        | (Op::Ioctl(Ioctl::AddBridge(_)), Errno::ENOPKG | Errno::ENOTTY | Errno::EINVAL) => {
            "the kernel has no bridge driver; CONFIG_BRIDGE, or modprobe bridge"
        }
        (
            Op::AddAddress(_, cidr) | Op::AddOwnedAddress(_, cidr),
            Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT | Errno::EACCES,
        ) if cidr.address.is_ipv6() => {
            "the kernel has no IPv6, or has it switched off for this link; CONFIG_IPV6, or sysctl \
             net.ipv6.conf.all.disable_ipv6=0"
        }
        (Op::CreateVeth { .. }, Errno::EEXIST) => "one of the pair's names is taken",
        (Op::CreateVeth { .. } | Op::SetMaster { .. }, Errno::EXFULL) => {
            "a bridge has at most 1023 ports"
        }
        (_, Errno::EPERM) => {
            "it needs CAP_NET_ADMIN over both namespaces: be root, or be in the user namespace \
             that owns them, or try `netsetgo run --sandbox`"
        }
        _ => return None,
    })
}
