//! IP addresses with their prefix length, and hardware addresses.

use super::IfName;
use crate::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An address with its prefix length, as in `10.10.10.2/24` (RFC 4632).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cidr {
    /// The address.
    pub address: IpAddr,
    /// How many leading bits name the subnet: at most 32 for IPv4, 128 for IPv6.
    pub prefix: u8,
}

impl Cidr {
    /// The number of bits in an address of this family: 32 or 128.
    pub fn width(self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    fn mask(self) -> u128 {
        u128::MAX
            .checked_shl((128 - u32::from(self.prefix)).min(128))
            .unwrap_or(0)
    }

    /// The address's bits, left-aligned in 128 bits.
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

    /// The network address: all bits after the prefix are zero.
    pub fn network(self) -> IpAddr {
        self.with_bits(Self::bits(self.address) & self.mask())
    }

    /// The subnet: the network address with the same prefix length.
    pub fn subnet(self) -> Self {
        Self {
            address: self.network(),
            ..self
        }
    }

    /// The broadcast address. `None` for IPv6, and for the prefix lengths 31 and 32 (RFC 3021).
    pub fn broadcast(self) -> Option<Ipv4Addr> {
        match self.with_bits(Self::bits(self.address) | !self.mask()) {
            IpAddr::V4(v4) if self.prefix < 31 => Some(v4),
            _ => None,
        }
    }

    /// Whether `other` is in the subnet. An address of the other family never is.
    pub fn contains(self, other: IpAddr) -> bool {
        self.address.is_ipv4() == other.is_ipv4()
            && (Self::bits(self.address) ^ Self::bits(other)) & self.mask() == 0
    }

    /// Rejects an address that an interface cannot have.
    pub(super) fn validate_host(self) -> Result<(), String> {
        let address = self.address;
        if address.is_unspecified() {
            return Err(format!("{address} is the unspecified address"));
        }
        if address.is_multicast() {
            return Err(format!("{address} is a multicast address"));
        }
        if address.is_loopback() {
            return Err(format!("{address} is a loopback address"));
        }
        // RFC 1122 section 3.2.1.3: "this network", and the limited broadcast address.
        if matches!(address, IpAddr::V4(v4) if v4.octets().first() == Some(&0) || v4.is_broadcast())
        {
            return Err(format!("{address} is in a range that no host may use"));
        }
        if self.prefix == 0 {
            return Err("prefix length 0 is not allowed here".into());
        }
        // A subnet of one or two addresses has no network address (RFC 3021, RFC 6164).
        if self.prefix + 1 < self.width() {
            if self.network() == address {
                return Err(format!("{address} is the network address of its subnet"));
            }
            if self.broadcast().map(IpAddr::from) == Some(address) {
                return Err(format!("{address} is the broadcast address of its subnet"));
            }
        }
        Ok(())
    }

    /// Parses a subnet, as the destination of a route: all bits after the prefix are zero.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) where the text is not a subnet.
    pub fn parse_subnet(text: &str) -> Result<Self, Error> {
        let cidr = Self::parse(text, "10.20.0.0/16")?;
        let subnet = cidr.subnet();
        if subnet != cidr {
            return Err(Error::usage(format!(
                "network {text:?} has bits set after its prefix; the network is {subnet}"
            )));
        }
        Ok(cidr)
    }

    /// How many addresses of the subnet an interface can have.
    pub fn hosts(self) -> u128 {
        let all = 1_u128
            .checked_shl(u32::from(self.width() - self.prefix))
            .unwrap_or(u128::MAX);
        // Not the network address and the broadcast address, except in a subnet of one or two.
        if self.prefix + 1 < self.width() {
            all - 2
        } else {
            all
        }
    }

    /// The host address at this position in the subnet, counted from 0; `None` after the last.
    pub fn nth(self, position: u128) -> Option<IpAddr> {
        if position >= self.hosts() {
            return None;
        }
        let first = u128::from(self.prefix + 1 < self.width());
        let shift = 128 - u32::from(self.width());
        let offset = position.checked_add(first)?.checked_shl(shift)?;
        Some(self.with_bits((Self::bits(self.address) & self.mask()) | offset))
    }

    /// Parses `ADDRESS/PREFIX`. `example` completes the error text of a missing prefix length.
    fn parse(text: &str, example: &str) -> Result<Self, Error> {
        let error = |reason: &str| Error::usage(format!("address {text:?}: {reason}"));
        let (address, prefix) = text
            .split_once('/')
            .ok_or_else(|| error(&format!("the prefix length is missing, as in {example}")))?;
        let address: IpAddr = address
            .parse()
            .map_err(|_| error("not an IPv4 or IPv6 address"))?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix
            .parse()
            .ok()
            .filter(|&prefix| digits && prefix <= width)
            .ok_or_else(|| error(&format!("the prefix length is a number from 0 to {width}")))?;
        Ok(Self { address, prefix })
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Cidr {
    type Err = Error;

    /// Parses the address of an interface with its prefix length.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) for an address that an interface cannot have: a
    /// network, broadcast, multicast, loopback or unspecified address.
    fn from_str(text: &str) -> Result<Self, Error> {
        let cidr = Self::parse(text, "10.10.10.2/24")?;
        cidr.validate_host()
            .map_err(|reason| Error::usage(format!("address {text:?}: {reason}")))?;
        Ok(cidr)
    }
}

/// An Ethernet hardware address: six bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// A stable address for the link `name` on the machine `seed`: locally administered, unicast.
    ///
    /// It is a 64-bit FNV-1a hash of both. The kernel's own choice for a bridge changes with the
    /// bridge's ports (`br_stp_recalculate_bridge_id`, `net/bridge/br_stp_if.c`). Neighbours then
    /// keep the former address for minutes. The seed makes the addresses of two machines differ,
    /// which matters when both are connected to one Ethernet segment.
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

    /// A stable address for `port` on the bridge with this address. Its first byte is 0xfe.
    ///
    /// A bridge without an address of its own takes the lowest address of its ports. An address
    /// that begins with 0xfe is never the lowest while another port exists. udev does not change an
    /// address that was set explicitly (`MACAddressPolicy=`, systemd.link(5)).
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

    /// Parses six pairs of hexadecimal digits, separated by colons.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) for a group address or an all-zero address, which
    /// an interface cannot have.
    fn from_str(text: &str) -> Result<Self, Error> {
        let error = |reason: &str| Error::usage(format!("MAC address {text:?}: {reason}"));
        let pair = |pair: &str| {
            let digits = pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
            digits.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
        };
        let bytes: Option<Vec<u8>> = text.split(':').map(pair).collect();
        let mac: [u8; 6] = bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| {
                error("expected six pairs of hexadecimal digits, as in 02:00:00:00:00:07")
            })?;
        let [first, ..] = mac;
        // is_valid_ether_addr(), linux/etherdevice.h
        if first & 1 != 0 || mac == [0; 6] {
            return Err(error(
                "an interface cannot have a group address or the all-zero address",
            ));
        }
        Ok(Self(mac))
    }
}
