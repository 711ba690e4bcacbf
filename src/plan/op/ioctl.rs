//! Operations by ioctl(2), for kernels where netlink cannot create a bridge (`linux/sockios.h`).

use super::{Bindings, Unbound};
use crate::config::{Cidr, IfName, Mac};
use crate::wire::ifreq::{IfReq, UnionMember};
use crate::wire::uapi::{
    IFF_UP, SIOCBRADDBR, SIOCBRADDIF, SIOCBRDELBR, SIOCBRDELIF, SIOCSIFADDR, SIOCSIFFLAGS,
    SIOCSIFHWADDR, SIOCSIFNETMASK,
};
use nix::errno::Errno;
use std::net::{IpAddr, Ipv4Addr};

/// The hint for a kernel without bridges.
pub(super) const NO_BRIDGE_DRIVER: &str =
    "the kernel has no bridge driver; CONFIG_BRIDGE, or modprobe bridge";

/// An ioctl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ioctl {
    /// Create a bridge (SIOCBRADDBR).
    AddBridge(IfName),
    /// Delete a bridge that is down (SIOCBRDELBR).
    DeleteBridge(IfName),
    /// Add a port to a bridge (SIOCBRADDIF).
    AddPort {
        /// The bridge.
        bridge: IfName,
        /// The link that becomes a port.
        port: IfName,
    },
    /// Remove a port from a bridge (SIOCBRDELIF).
    DeletePort {
        /// The bridge.
        bridge: IfName,
        /// The port.
        port: IfName,
    },
    /// Set a link's hardware address (SIOCSIFHWADDR).
    SetMac(IfName, Mac),
    /// Set a link's IPv4 address (SIOCSIFADDR). The ioctl replaces the first address, so that
    /// netsetgo uses it only on a link without an address.
    SetAddress(IfName, Cidr),
    /// Set the netmask of that address (SIOCSIFNETMASK).
    SetNetmask(IfName, Cidr),
    /// Set a link up or down (SIOCSIFFLAGS).
    SetUp(IfName, bool),
}

impl Ioctl {
    pub(super) fn encode(&self, bind: &mut impl Bindings) -> Result<IfReq, Unbound> {
        let (request, name, member) = match self {
            Self::AddBridge(bridge) => (SIOCBRADDBR, bridge, UnionMember::Name),
            Self::DeleteBridge(bridge) => (SIOCBRDELBR, bridge, UnionMember::Name),
            Self::AddPort { bridge, port } => {
                (SIOCBRADDIF, bridge, UnionMember::Index(bind.index(port)?))
            }
            Self::DeletePort { bridge, port } => {
                (SIOCBRDELIF, bridge, UnionMember::Index(bind.index(port)?))
            }
            Self::SetMac(link, mac) => (SIOCSIFHWADDR, link, UnionMember::Mac(mac.0)),
            Self::SetAddress(link, cidr) => {
                (SIOCSIFADDR, link, UnionMember::Address(ipv4(cidr.address)))
            }
            Self::SetNetmask(link, cidr) => {
                (SIOCSIFNETMASK, link, UnionMember::Address(mask(*cidr)))
            }
            Self::SetUp(link, up) => {
                let (before, bit) = (bind.flags(link)?, IFF_UP as u16);
                let flags = if *up { before | bit } else { before & !bit };
                (SIOCSIFFLAGS, link, UnionMember::Flags(flags))
            }
        };
        Ok(IfReq::new(request, name.as_str(), member))
    }

    pub(super) fn command(&self) -> String {
        match self {
            Self::AddBridge(bridge) => format!("ip link add {bridge} type bridge"),
            Self::DeleteBridge(bridge) => format!("ip link del {bridge}"),
            Self::AddPort { bridge, port } => format!("ip link set {port} master {bridge}"),
            Self::DeletePort { port, .. } => format!("ip link set {port} nomaster"),
            Self::SetMac(link, mac) => format!("ip link set {link} address {mac}"),
            Self::SetAddress(link, cidr) => {
                format!("ip addr add {} brd + dev {link}", class(cidr.address))
            }
            Self::SetNetmask(link, cidr) => format!(
                "ip addr add {cidr} brd + dev {link} && ip addr del {} dev {link}",
                class(cidr.address)
            ),
            Self::SetUp(link, true) => format!("ip link set {link} up"),
            Self::SetUp(link, false) => format!("ip link set {link} down"),
        }
    }

    pub(super) fn hint(&self, errno: Errno) -> Option<&'static str> {
        match (self, errno) {
            (Self::AddBridge(_), Errno::ENOPKG | Errno::ENOTTY | Errno::EINVAL) => {
                Some(NO_BRIDGE_DRIVER)
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Ioctl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AddBridge(bridge) => write!(f, "create bridge {bridge} by SIOCBRADDBR"),
            Self::DeleteBridge(bridge) => write!(f, "delete bridge {bridge} by SIOCBRDELBR"),
            Self::AddPort { bridge, port } => {
                write!(f, "make {port} a port of {bridge} by SIOCBRADDIF")
            }
            Self::DeletePort { bridge, port } => {
                write!(f, "remove {port} from {bridge} by SIOCBRDELIF")
            }
            Self::SetMac(link, mac) => write!(f, "set {link} address {mac} by SIOCSIFHWADDR"),
            Self::SetAddress(link, cidr) => {
                write!(f, "add address {} to {link} by SIOCSIFADDR", cidr.address)
            }
            Self::SetNetmask(link, cidr) => {
                let mask = mask(*cidr);
                write!(f, "set {link} netmask {mask} by SIOCSIFNETMASK")
            }
            Self::SetUp(link, true) => write!(f, "set {link} up by SIOCSIFFLAGS"),
            Self::SetUp(link, false) => write!(f, "set {link} down by SIOCSIFFLAGS"),
        }
    }
}

/// The plan gives IPv6's addresses by netlink: there is no such ioctl.
fn ipv4(address: IpAddr) -> Ipv4Addr {
    match address {
        IpAddr::V4(v4) => v4,
        IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    }
}

/// The prefix length as a netmask.
fn mask(cidr: Cidr) -> Ipv4Addr {
    let host_bits = 32_u32.saturating_sub(cidr.prefix.into());
    Ipv4Addr::from(u32::MAX.checked_shl(host_bits).unwrap_or(0))
}

/// The prefix length that SIOCSIFADDR gives an address: that of its class A, B or C
/// (`inet_abc_len`, `net/ipv4/devinet.c`).
pub(super) fn class(address: IpAddr) -> Cidr {
    let prefix = match ipv4(address).octets() {
        [0..=127, ..] => 8,
        [128..=191, ..] => 16,
        [192..=223, ..] => 24,
        _ => 32,
    };
    Cidr { address, prefix }
}
