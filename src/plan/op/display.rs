//! An operation in words, as an error begins: `create veth0`.

use super::ioctl::mask;
use super::{Ioctl, Op, Route};
use crate::config::Cidr;

impl std::fmt::Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CreateBridge { bridge, .. } => write!(f, "create bridge {bridge}"),
            Self::CreateVeth { host, .. } => write!(f, "create {host}"),
            Self::DeleteLink(link) => write!(f, "delete {link}"),
            Self::SetUp(link) => write!(f, "set {link} up"),
            Self::SetDown(link) => write!(f, "set {link} down"),
            Self::SetMaster {
                port,
                bridge: Some(bridge),
            } => {
                write!(f, "make {port} a port of {bridge}")
            }
            Self::SetMaster { port, bridge: None } => write!(f, "take {port} out of its bridge"),
            Self::DisableLinkLocal(link) => write!(f, "give {link} no link-local address"),
            Self::AddAltname(link, more) => write!(f, "name {link} {more}"),
            Self::DeleteAltname(link, more) => write!(f, "no longer name {link} {more}"),
            Self::SetPort {
                port,
                hairpin,
                isolated,
            } => {
                let word = |on: &bool| if *on { "on" } else { "off" };
                write!(
                    f,
                    "set {port} hairpin {}, isolated {}",
                    word(hairpin),
                    word(isolated)
                )
            }
            Self::SetMtu(link, mtu) => write!(f, "set {link} mtu {mtu}"),
            Self::SetMac(link, mac) => write!(f, "set {link} address {mac}"),
            Self::SetGroup(link, group) => write!(f, "put {link} into group {group}"),
            Self::DeleteGroup(group) => write!(f, "delete group {group}"),
            Self::AddAddress(link, cidr) | Self::AddOwnedAddress(link, cidr) => {
                write!(f, "add address {cidr} to {link}")
            }
            Self::DeleteAddress(link, cidr) => write!(f, "delete address {cidr} from {link}"),
            Self::AddRoute(route) => write!(f, "add {route}"),
            Self::DeleteRoute(route) => write!(f, "delete {route}"),
            Self::ProbeNeighbour(link, address) => write!(f, "ask on {link} who has {address}"),
            Self::DeleteNeighbour(link, address) => write!(f, "forget {address} on {link}"),
            Self::Ioctl(ioctl) => write!(f, "{ioctl}"),
        }
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.destination {
            None => write!(f, "default route")?,
            Some(to) => write!(
                f,
                "route to {}",
                Cidr {
                    address: to.network(),
                    ..to
                }
            )?,
        }
        write!(f, " via {}", self.gateway)
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
                write!(f, "take {port} out of {bridge} by SIOCBRDELIF")
            }
            Self::SetMac(link, mac) => write!(f, "give {link} the MAC {mac} by SIOCSIFHWADDR"),
            Self::SetAddress(link, address) => {
                write!(
                    f,
                    "add address {} to {link} by SIOCSIFADDR",
                    address.address
                )
            }
            Self::SetNetmask(link, cidr) => {
                let mask = mask(*cidr);
                write!(f, "give {link} the netmask {mask} by SIOCSIFNETMASK")
            }
            Self::SetUp(link, true) => write!(f, "set {link} up by SIOCSIFFLAGS"),
            Self::SetUp(link, false) => write!(f, "set {link} down by SIOCSIFFLAGS"),
        }
    }
}
