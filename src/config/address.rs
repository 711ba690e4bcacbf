//! Addresses: with their network, and of hardware.

use super::IfName;
use crate::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An address with the length of its network's prefix: `10.10.10.2/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cidr {
    /// The address.
    pub address: IpAddr,
    /// Bits of it that name the network: at most 32, or 128.
    pub prefix: u8,
}

impl Cidr {
    /// Bits in an address of its family.
    pub fn width(self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    fn mask(self) -> u128 {
        u128::MAX
            .checked_shl((128 - u32::from(self.prefix)).min(128))
            .unwrap_or(0)
    }

    /// The address's bits, at the upper end.
    fn bits(address: IpAddr) -> u128 {
        match address {
            IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
            IpAddr::V6(v6) => u128::from(v6),
        }
    }

    fn with_bits(self, bits: u128) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => Ipv4Addr::from(u32::try_from(bits >> 96).unwrap_or_default()).into(),
            IpAddr::V6(_) => Ipv6Addr::from(bits).into(),
        }
    }

    /// The network's own address: all other bits zero.
    pub fn network(self) -> IpAddr {
        self.with_bits(Self::bits(self.address) & self.mask())
    }

    /// Everyone in the network, where there is such an address: IPv4 with a prefix up to 30.
    pub fn broadcast(self) -> Option<Ipv4Addr> {
        match self.with_bits(Self::bits(self.address) | !self.mask()) {
            IpAddr::V4(v4) if self.prefix < 31 => Some(v4),
            _ => None,
        }
    }

    /// Whether an address is in the network.
    pub fn contains(self, other: IpAddr) -> bool {
        self.address.is_ipv4() == other.is_ipv4()
            && (Self::bits(self.address) ^ Self::bits(other)) & self.mask() == 0
    }

    /// Refuses what cannot be a host's address.
    pub(super) fn host(self) -> Result<Self, String> {
        let address = self.address;
        if address.is_unspecified() || address.is_multicast() || address.is_loopback() {
            let what = match address {
                _ if address.is_multicast() => "a multicast address",
                _ if address.is_loopback() => "a loopback address",
                _ => "the unspecified address",
            };
            return Err(format!("{address} is {what}, no host's"));
        }
        // "This network" and the limited broadcast, RFC 1122 section 3.2.1.3.
        if matches!(address, IpAddr::V4(v4) if v4.octets().first() == Some(&0) || v4.is_broadcast())
        {
            return Err(format!("{address} is of a range that no host has"));
        }
        if self.prefix == 0 {
            return Err("a network of everything would take every route of the host".into());
        }
        // A network of one or two addresses has none to spare (RFC 3021, RFC 6164).
        if self.prefix + 1 < self.width() {
            if self.network() == address {
                return Err(format!("{address} is the address of the network itself"));
            }
            if self.broadcast().map(IpAddr::from) == Some(address) {
                return Err(format!("{address} is the network's broadcast address"));
            }
        }
        Ok(self)
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Cidr {
    type Err = Error;

    /// Reads a host's address with its network: one that is the network's own, its broadcast's,
    /// or no host's at all is refused.
    fn from_str(words: &str) -> Result<Self, Error> {
        let cidr = Self::read(words, "10.10.10.2/24")?;
        cidr.host()
            .map_err(|reason| Error::usage(format!("address {words:?}: {reason}")))
    }
}

impl Cidr {
    /// Reads a network, as a route's destination names it: all bits behind the prefix are zero.
    pub fn network_from(words: &str) -> Result<Self, Error> {
        let cidr = Self::read(words, "10.20.0.0/16")?;
        let network = cidr.network();
        if network != cidr.address {
            return Err(Error::usage(format!(
                "network {words:?}: has bits behind its prefix; {network}/{} is the network",
                cidr.prefix
            )));
        }
        Ok(cidr)
    }

    /// How many addresses a host can have in the network.
    pub fn hosts(self) -> u128 {
        let all = 1_u128
            .checked_shl(u32::from(self.width() - self.prefix))
            .unwrap_or(u128::MAX);
        // The network's own and the broadcast address; a network of one or two has none to spare.
        if self.prefix + 1 < self.width() {
            all - 2
        } else {
            all
        }
    }

    /// The host's address of this number, from 0 on; `None` behind the last.
    pub fn nth(self, number: u128) -> Option<IpAddr> {
        if number >= self.hosts() {
            return None;
        }
        let first = u128::from(self.prefix + 1 < self.width());
        let shift = 128 - u32::from(self.width());
        let offset = number.checked_add(first)?.checked_shl(shift)?;
        Some(self.with_bits((Self::bits(self.address) & self.mask()) | offset))
    }

    /// `example` is a right one of the kind, for whoever has written no prefix.
    fn read(words: &str, example: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Error::usage(format!("address {words:?}: {reason}"));
        let (address, prefix) = words
            .split_once('/')
            .ok_or_else(|| bad(&format!("the prefix length is missing, as in {example}")))?;
        let address: IpAddr = address
            .parse()
            .map_err(|_| bad("not an IPv4 or IPv6 address"))?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix
            .parse()
            .ok()
            .filter(|&prefix| digits && prefix <= width)
            .ok_or_else(|| bad(&format!("the prefix length is a number from 0 to {width}")))?;
        Ok(Self { address, prefix })
    }
}

/// A hardware address of six bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// A stable address for the link `name` of the machine `seed`: locally administered, unicast.
    ///
    /// The kernel's own choice for a bridge changes with its ports (`br_stp_recalculate_bridge_id`,
    /// `net/bridge/br_stp_if.c`), and then every neighbour has the old one for minutes. The seed
    /// keeps two machines apart that some day share a wire. FNV-1a, 64 bits.
    pub fn stable(seed: &[u8], name: &IfName) -> Self {
        let hash = seed
            .iter()
            .chain(b"/")
            .chain(name.as_str().as_bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
        let [_, _, mac @ ..] = (hash ^ hash >> 48).to_be_bytes();
        let [first, rest @ ..] = mac;
        let [a, b, c, d, e] = rest;
        Self([first & 0xfc | 0x02, a, b, c, d, e])
    }

    /// The address of a port of the bridge that has this one: stable too, and as high as they come.
    ///
    /// A bridge of somebody's that has none of its own takes the lowest of its ports' (see
    /// [`Mac::stable`]): never one of these while there is another. And what is set explicitly udev
    /// leaves alone (`MACAddressPolicy=`, systemd.link(5)).
    pub fn of_port(self, port: &IfName) -> Self {
        let Self([_, rest @ ..]) = Self::stable(&self.0, port);
        let [a, b, c, d, e] = rest;
        Self([0xfe, a, b, c, d, e])
    }
}

impl std::fmt::Display for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl FromStr for Mac {
    type Err = Error;

    /// Six pairs of hex digits between colons; one that a single link can have.
    fn from_str(words: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Error::usage(format!("MAC {words:?}: {reason}"));
        let pair = |pair: &str| {
            let digits = pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
            digits.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
        };
        let bytes: Option<Vec<u8>> = words.split(':').map(pair).collect();
        let mac: [u8; 6] = bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| bad("six pairs of hex digits, as in 02:00:00:00:00:07"))?;
        let [first, ..] = mac;
        // is_valid_ether_addr(), linux/etherdevice.h
        if first & 1 != 0 || mac == [0; 6] {
            return Err(bad(
                "a group's address, or none at all: no link can have it",
            ));
        }
        Ok(Self(mac))
    }
}
