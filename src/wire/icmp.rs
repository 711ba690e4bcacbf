//! ICMP and ICMPv6 messages: echo request, echo reply, and neighbour advertisement.
//!
//! ```text
//!  0        1        2                 4                 6                 8
//!  +--------+--------+-----------------+-----------------+-----------------+
//!  | type   | code 0 | checksum        | identifier      | sequence number |  echo
//!  +--------+--------+-----------------+-----------------+-----------------+
//!
//!  +--------+--------+-----------------+-----------------------------------+
//!  | 136    | code 0 | checksum        | flags and reserved bits           |
//!  +--------+--------+-----------------+-----------------------------------+
//!  | target address (16 bytes)                                             |
//!  +--------+--------+-----------------------------------------------------+
//!  | 2      | 1      | hardware address (6 bytes): option                  |
//!  +--------+--------+-----------------------------------------------------+
//! ```
//!
//! Integers are in network byte order. Sources: RFC 792 (echo for IPv4), RFC 4443 section 4 (echo
//! for IPv6), RFC 4861 section 4.4 (neighbour advertisement) and 4.6.1 (the option), RFC 1071 (the
//! checksum); `linux/icmp.h`, `linux/icmpv6.h`, `net/ndisc.h`.
//!
//! netsetgo computes the ICMP checksum itself. It leaves the ICMPv6 checksum zero: that checksum
//! also covers the IPv6 addresses, and the kernel inserts it (RFC 3542 section 3.1).

use std::net::Ipv6Addr;
use zerocopy::byteorder::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Type of an ICMP echo request (`ICMP_ECHO`, RFC 792).
pub const ICMP_ECHO: u8 = 8;
/// Type of an ICMP echo reply (`ICMP_ECHOREPLY`, RFC 792).
pub const ICMP_ECHOREPLY: u8 = 0;
/// Type of an ICMPv6 echo request (RFC 4443 section 4.1).
pub const ICMPV6_ECHO_REQUEST: u8 = 128;
/// Type of an ICMPv6 echo reply (RFC 4443 section 4.2).
pub const ICMPV6_ECHO_REPLY: u8 = 129;
/// Type of a neighbour advertisement (`NDISC_NEIGHBOUR_ADVERTISEMENT`, RFC 4861 section 4.4).
pub const NDISC_NEIGHBOUR_ADVERTISEMENT: u8 = 136;
/// Type of the option *target link-layer address* (RFC 4861 section 4.6.1).
pub const ND_OPT_TARGET_LL_ADDR: u8 = 2;
/// The override flag of a neighbour advertisement: the receiver replaces the hardware address in
/// its neighbour cache (RFC 4861 section 4.4). It is a bit of the first byte of the flags.
const OVERRIDE: u8 = 0x20;

/// An echo request or an echo reply without data.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Echo {
    /// One of the four echo types; ICMP and ICMPv6 have different numbers.
    pub kind: u8,
    /// Always 0.
    pub code: u8,
    /// The checksum of RFC 1071 over the message; for ICMPv6, also over the pseudo-header of IPv6.
    pub checksum: U16,
    /// A number of the sender, which the reply repeats.
    pub identifier: U16,
    /// A number of the request, which the reply repeats.
    pub sequence: U16,
}

impl Echo {
    /// An ICMP echo request, with its checksum.
    pub fn request_v4(identifier: u16, sequence: u16) -> Self {
        let request = Self::new(ICMP_ECHO, identifier, sequence);
        Self {
            checksum: checksum(request.bytes()).into(),
            ..request
        }
    }

    /// An ICMPv6 echo request. Its checksum is zero, and the kernel inserts the value.
    pub fn request_v6(identifier: u16, sequence: u16) -> Self {
        Self::new(ICMPV6_ECHO_REQUEST, identifier, sequence)
    }

    fn new(kind: u8, identifier: u16, sequence: u16) -> Self {
        Self {
            kind,
            code: 0,
            checksum: U16::ZERO,
            identifier: identifier.into(),
            sequence: sequence.into(),
        }
    }

    /// The eight bytes of the message.
    pub fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    /// Returns true if `message` is the echo reply to this request. `message` starts with the ICMP
    /// or ICMPv6 header.
    pub fn is_answered_by(&self, message: &[u8]) -> bool {
        let reply_kind = match self.kind {
            ICMP_ECHO => ICMP_ECHOREPLY,
            _ => ICMPV6_ECHO_REPLY,
        };
        Self::read_from_prefix(message).is_ok_and(|(reply, _)| {
            reply.kind == reply_kind
                && reply.identifier == self.identifier
                && reply.sequence == self.sequence
        })
    }
}

/// A neighbour advertisement with the option *target link-layer address* of an Ethernet link.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct NeighbourAdvertisement {
    /// [`NDISC_NEIGHBOUR_ADVERTISEMENT`].
    pub kind: u8,
    /// Always 0.
    pub code: u8,
    /// Zero; the kernel inserts the value.
    pub checksum: U16,
    /// The flags router, solicited and override in the upper bits of the first byte; the other
    /// bits are reserved.
    pub flags: [u8; 4],
    /// The IPv6 address that the sender announces.
    pub target: [u8; 16],
    /// [`ND_OPT_TARGET_LL_ADDR`].
    pub option_kind: u8,
    /// The length of the option, in units of eight bytes.
    pub option_len: u8,
    /// The hardware address of `target`.
    pub hardware_address: [u8; 6],
}

impl NeighbourAdvertisement {
    /// An advertisement that no solicitation caused (RFC 4861 section 7.2.6): `target` is at
    /// `hardware_address`. Receivers override the hardware address in their neighbour cache.
    pub fn unsolicited(target: Ipv6Addr, hardware_address: [u8; 6]) -> Self {
        Self {
            kind: NDISC_NEIGHBOUR_ADVERTISEMENT,
            code: 0,
            checksum: U16::ZERO,
            flags: [OVERRIDE, 0, 0, 0],
            target: target.octets(),
            option_kind: ND_OPT_TARGET_LL_ADDR,
            option_len: 1,
            hardware_address,
        }
    }

    /// The 32 bytes of the message.
    pub fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// Returns the bytes after the IPv4 header. The lower four bits of the first byte are the length of
/// the header in units of four bytes (IHL, RFC 791 section 3.1). Returns an empty slice if the
/// packet is shorter than its header.
pub fn ipv4_payload(packet: &[u8]) -> &[u8] {
    let first = packet.first().copied().unwrap_or_default();
    let header = usize::from(first & 0x0f) * 4;
    packet.get(header..).unwrap_or_default()
}

/// Computes the Internet checksum of RFC 1071: the complement of the one's complement sum of the
/// 16-bit words. An odd last byte counts as the upper half of a word.
///
/// The 32-bit sum cannot overflow for up to 128 KiB; an IP packet has at most 64 KiB.
pub fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| match *pair {
        [high, low] => u32::from(u16::from_be_bytes([high, low])),
        [high] => u32::from(high) << 8,
        _ => 0,
    };
    let sum: u32 = bytes.chunks(2).map(word).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 1071 section 3. Its sum is ddf2.
    #[test]
    fn checksum_of_rfc_example_is_complement_of_its_sum() {
        assert_eq!(
            checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            !0xddf2
        );
    }

    #[test]
    fn checksum_of_odd_length_pads_with_zero_byte() {
        assert_eq!(checksum(&[0x12, 0x34, 0x56]), !(0x1234 + 0x5600));
        assert_eq!(checksum(&[]), 0xffff);
    }

    #[test]
    fn checksum_with_two_carries_folds_twice() {
        // ffff + ffff + 0001 = 1ffff; one fold gives 10000, and a second fold gives 0001.
        assert_eq!(checksum(&[0xff, 0xff, 0xff, 0xff, 0x00, 0x01]), !1);
    }

    #[test]
    fn echo_request_for_ipv4_has_exact_bytes_and_valid_checksum() {
        let request = Echo::request_v4(0x1234, 1);
        // 0800 + 1234 + 0001 = 1a35; its complement is e5ca.
        let expected = [8, 0, 0xe5, 0xca, 0x12, 0x34, 0, 1];
        assert_eq!(request.bytes(), expected);
        // A message that contains its checksum has the checksum zero (RFC 1071 section 1).
        assert_eq!(checksum(request.bytes()), 0);
    }

    #[test]
    fn echo_request_for_ipv6_has_exact_bytes_and_zero_checksum() {
        let request = Echo::request_v6(0x1234, 1);
        assert_eq!(request.bytes(), [128, 0, 0, 0, 0x12, 0x34, 0, 1]);
    }

    #[test]
    fn echo_reply_matches_by_type_identifier_and_sequence() {
        let v4 = Echo::request_v4(0x1234, 1);
        assert!(v4.is_answered_by(&[0, 0, 0xed, 0xca, 0x12, 0x34, 0, 1]));
        assert!(v4.is_answered_by(&[0, 0, 0, 0, 0x12, 0x34, 0, 1, 99]));
        assert!(!v4.is_answered_by(v4.bytes()));
        assert!(!v4.is_answered_by(&[129, 0, 0, 0, 0x12, 0x34, 0, 1]));
        assert!(!v4.is_answered_by(&[0, 0, 0, 0, 0x12, 0x35, 0, 1]));
        assert!(!v4.is_answered_by(&[0, 0, 0, 0, 0x12, 0x34, 0, 2]));
        assert!(!v4.is_answered_by(&[0, 0, 0, 0, 0x12, 0x34, 0]));
        let v6 = Echo::request_v6(0x1234, 1);
        assert!(v6.is_answered_by(&[129, 0, 0, 0, 0x12, 0x34, 0, 1]));
        assert!(!v6.is_answered_by(&[0, 0, 0, 0, 0x12, 0x34, 0, 1]));
    }

    #[test]
    fn unsolicited_advertisement_has_exact_bytes() {
        let target = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2);
        let message = NeighbourAdvertisement::unsolicited(target, [2, 0, 0, 0, 0, 7]);
        let expected = [
            &[136, 0, 0, 0, 0x20, 0, 0, 0][..],
            &[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
            &[2, 1, 2, 0, 0, 0, 0, 7],
        ]
        .concat();
        assert_eq!(message.bytes(), expected);
    }

    #[test]
    fn ipv4_payload_with_options_starts_after_the_options() {
        let mut packet = vec![0x45; 20];
        packet.push(8);
        assert_eq!(ipv4_payload(&packet), [8]);
        let mut packet = vec![0x46; 24];
        packet.push(8);
        assert_eq!(ipv4_payload(&packet), [8]);
    }

    #[test]
    fn ipv4_payload_of_truncated_packet_is_empty() {
        assert!(ipv4_payload(&[0x45; 19]).is_empty());
        assert!(ipv4_payload(&[]).is_empty());
    }
}
