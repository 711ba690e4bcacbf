//! The operations that are done by ioctl(2), where netlink cannot, and what each asks.

use super::{Bindings, Unbound};
use crate::config::{Cidr, IfName, Mac};
use crate::wire::ifreq::{IfReq, Member};
use crate::wire::uapi::{
    IFF_UP, SIOCBRADDBR, SIOCBRADDIF, SIOCBRDELBR, SIOCBRDELIF, SIOCSIFADDR, SIOCSIFFLAGS,
    SIOCSIFHWADDR, SIOCSIFNETMASK,
};
use std::net::{IpAddr, Ipv4Addr};

/// What is asked by ioctl(2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ioctl {
    /// `SIOCBRADDBR`.
    AddBridge(IfName),
    /// `SIOCBRDELBR`.
    DeleteBridge(IfName),
    /// `SIOCBRADDIF`.
    AddPort {
        /// The bridge.
        bridge: IfName,
        /// Its new port.
        port: IfName,
    },
    /// `SIOCBRDELIF`.
    DeletePort {
        /// The bridge.
        bridge: IfName,
        /// A port of it.
        port: IfName,
    },
    /// `SIOCSIFHWADDR`.
    SetMac(IfName, Mac),
    /// `SIOCSIFADDR`, of IPv4: only for a link without an address, as it replaces the first one.
    SetAddress(IfName, Cidr),
    /// `SIOCSIFNETMASK`, of that address.
    SetNetmask(IfName, Cidr),
    /// `SIOCSIFFLAGS`.
    SetUp(IfName, bool),
}

impl Ioctl {
    /// The request and its argument. Pure, as a message is.
    pub fn encode(&self, bind: &mut impl Bindings) -> Result<IfReq, Unbound> {
        let (request, name, member) = match self {
            Self::AddBridge(bridge) => (SIOCBRADDBR, bridge, Member::Name),
            Self::DeleteBridge(bridge) => (SIOCBRDELBR, bridge, Member::Name),
            Self::AddPort { bridge, port } => {
                (SIOCBRADDIF, bridge, Member::Index(bind.index(port)?))
            }
            Self::DeletePort { bridge, port } => {
                (SIOCBRDELIF, bridge, Member::Index(bind.index(port)?))
            }
            Self::SetMac(link, mac) => (SIOCSIFHWADDR, link, Member::Mac(mac.0)),
            Self::SetAddress(link, cidr) => {
                (SIOCSIFADDR, link, Member::Address(four(cidr.address)))
            }
            Self::SetNetmask(link, cidr) => (SIOCSIFNETMASK, link, Member::Address(mask(*cidr))),
            Self::SetUp(link, up) => {
                let (before, bit) = (bind.flags(link)?, IFF_UP as u16);
                let flags = if *up { before | bit } else { before & !bit };
                (SIOCSIFFLAGS, link, Member::Flags(flags))
            }
        };
        Ok(IfReq::new(request, name.as_str(), member))
    }
}

/// The plan gives IPv6's addresses by netlink: there is no such ioctl.
fn four(address: IpAddr) -> Ipv4Addr {
    match address {
        IpAddr::V4(v4) => v4,
        IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    }
}

/// The prefix, as a mask.
pub(crate) fn mask(cidr: Cidr) -> Ipv4Addr {
    let rest = 32_u32.saturating_sub(cidr.prefix.into());
    Ipv4Addr::from(u32::MAX.checked_shl(rest).unwrap_or(0))
}

/// The prefix that SIOCSIFADDR gives an address: that of its class (`inet_abc_len`,
/// `net/ipv4/devinet.c`).
pub(crate) fn class(address: IpAddr) -> Cidr {
    let prefix = match four(address).octets() {
        [0..=127, ..] => 8,
        [128..=191, ..] => 16,
        [192..=223, ..] => 24,
        _ => 32,
    };
    Cidr { address, prefix }
}
