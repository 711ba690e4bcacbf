//! Reads and writes captures of netlink in the format of Wireshark and tcpdump (`LINKTYPE_NETLINK`).
//!
//! ```text
//!  file    | magic | 2.4 | zone, accuracy: 0 | maximum length | link type 253 |
//!  record  | seconds | microseconds | length kept | length |
//!          +-------+-------+-------+---------------+-------+
//!          | type  | 824   | 0     | 0 (8 bytes)   | proto |  pseudo-header, big-endian:
//!          +-------+-------+-------+---------------+-------+  the fields of struct sockaddr_ll
//!          | the datagram, in the machine's byte order     |
//! ```
//!
//! `front/pcapng.rs` parses pcapng, the format that Wireshark writes by default.
//!
//! The magic number shows the byte order of the machine that wrote the file. The datagrams have the
//! same byte order. Source: pcap-savefile(5); LINKTYPE_NETLINK in the registry of the tcpdump group;
//! `drivers/net/nlmon.c`.

use super::pcapng;
use crate::wire::attr::Malformed;
use crate::wire::registry::Protocol;
use std::time::Duration;
use zerocopy::byteorder::network_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const MAGIC: u32 = 0xa1b2_c3d4;
/// A file with nanoseconds in place of microseconds.
const MAGIC_NANO: u32 = 0xa1b2_3c4d;
pub(super) const LINKTYPE_NETLINK: u32 = 253;
/// `ARPHRD_NETLINK`, linux/if_arp.h
const ARPHRD_NETLINK: u16 = 824;
// Packet types, linux/if_packet.h. nlmon writes PACKET_KERNEL for datagrams to the kernel, and
// PACKET_USER (6) for datagrams from the kernel.
const PACKET_HOST: u16 = 0;
const PACKET_OUTGOING: u16 = 4;
const PACKET_KERNEL: u16 = 7;
const PSEUDO_HEADER_LENGTH: usize = size_of::<PseudoHeader>();

#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
struct FileHeader {
    magic: u32,
    major: u16,
    minor: u16,
    zone: u32,
    accuracy: u32,
    max_length: u32,
    link_type: u32,
}

#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
struct RecordHeader {
    seconds: u32,
    fraction: u32,
    kept: u32,
    length: u32,
}

#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
struct PseudoHeader {
    packet_type: U16,
    hardware: U16,
    address_length: U16,
    address: [u8; 8],
    protocol: U16,
}

/// The direction of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the kernel.
    Sent,
    /// From the kernel.
    Received,
}

/// Returns the header of a capture file.
pub fn file_header() -> Vec<u8> {
    let header = FileHeader {
        magic: MAGIC,
        major: 2,
        minor: 4,
        zone: 0,
        accuracy: 0,
        max_length: 1 << 18,
        link_type: LINKTYPE_NETLINK,
    };
    header.as_bytes().to_vec()
}

/// Returns the record of one datagram. `when` is the time since 1970.
pub fn record(
    direction: Direction,
    protocol: Protocol,
    when: Duration,
    datagram: &[u8],
) -> Vec<u8> {
    let packet_type = match direction {
        Direction::Sent => PACKET_OUTGOING,
        Direction::Received => PACKET_HOST,
    };
    let pseudo_header = PseudoHeader {
        packet_type: packet_type.into(),
        hardware: ARPHRD_NETLINK.into(),
        address_length: 0.into(),
        address: [0; 8],
        protocol: protocol.number().into(),
    };
    let length = u32::try_from(PSEUDO_HEADER_LENGTH + datagram.len()).unwrap_or(u32::MAX);
    let header = RecordHeader {
        // The format has 32 bits, which last until 2106.
        seconds: u32::try_from(when.as_secs()).unwrap_or(u32::MAX),
        fraction: when.subsec_micros(),
        kept: length,
        length,
    };
    [header.as_bytes(), pseudo_header.as_bytes(), datagram].concat()
}

/// A datagram in a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedDatagram<'a> {
    /// The direction.
    pub direction: Direction,
    /// The netlink protocol; `NETLINK_ROUTE` is 0.
    pub protocol: u16,
    /// The offset in the file, in bytes.
    pub offset: usize,
    /// The length of the datagram in bytes. A capture can keep less.
    pub length: usize,
    /// The bytes that the capture keeps.
    pub datagram: &'a [u8],
}

/// True if a file begins with the magic number of pcap or pcapng, in any byte order.
pub fn is_capture(file: &[u8]) -> bool {
    let own = u32::read_from_prefix(file).is_ok_and(|(magic, _)| {
        [MAGIC, MAGIC_NANO]
            .into_iter()
            .any(|own| magic == own || magic == own.swap_bytes())
    });
    own || pcapng::is_capture(file)
}

/// Returns the datagrams of a capture up to the first error, and this error.
pub fn read(file: &[u8]) -> (Vec<CapturedDatagram<'_>>, Option<Malformed>) {
    let mut all = Vec::new();
    let fault = if pcapng::is_capture(file) {
        pcapng::read_into(file, &mut all).err()
    } else {
        read_into(file, &mut all).err()
    };
    (all, fault)
}

/// Returns the datagram of a packet that begins with a pseudo-header. `tshark -x` prints such packets.
pub fn strip_pseudo_header(packet: &[u8]) -> Option<CapturedDatagram<'_>> {
    let (header, _) = PseudoHeader::read_from_prefix(packet).ok()?;
    let is_netlink = header.hardware.get() == ARPHRD_NETLINK
        && header.packet_type.get() <= PACKET_KERNEL
        && header.address_length.get() <= 8;
    is_netlink
        .then(|| parse_packet(packet, 0, packet.len()))
        .flatten()
}

/// Parses a packet at `offset` of a file. `length` is its length before the capture shortened it.
pub(super) fn parse_packet(
    packet: &[u8],
    offset: usize,
    length: usize,
) -> Option<CapturedDatagram<'_>> {
    let (header, datagram) = PseudoHeader::read_from_prefix(packet).ok()?;
    let direction = match header.packet_type.get() {
        PACKET_OUTGOING | PACKET_KERNEL => Direction::Sent,
        _ => Direction::Received,
    };
    Some(CapturedDatagram {
        direction,
        protocol: header.protocol.get(),
        offset: offset + PSEUDO_HEADER_LENGTH,
        length: length
            .saturating_sub(PSEUDO_HEADER_LENGTH)
            .max(datagram.len()),
        datagram,
    })
}

/// The error for a packet that [`parse_packet`] refuses.
pub(super) const TOO_SHORT: &str = "a packet shorter than its pseudo-header";
/// The error for a capture with the other byte order. decode cannot read its datagrams.
pub(super) const OTHER_ORDER: &str = "a capture of a machine with the other byte order";

fn read_into<'a>(file: &'a [u8], all: &mut Vec<CapturedDatagram<'a>>) -> Result<(), Malformed> {
    let at = |offset, what| Malformed { offset, what };
    let (header, mut rest) = FileHeader::read_from_prefix(file)
        .map_err(|_| at(0, "a capture shorter than its header"))?;
    match header {
        FileHeader {
            magic: MAGIC | MAGIC_NANO,
            link_type: LINKTYPE_NETLINK,
            ..
        } => {}
        FileHeader {
            magic: MAGIC | MAGIC_NANO,
            ..
        } => {
            return Err(at(20, "a capture of another link type than netlink (253)"));
        }
        _ => return Err(at(0, OTHER_ORDER)),
    }
    while !rest.is_empty() {
        let offset = file.len() - rest.len();
        let (record, behind) = RecordHeader::read_from_prefix(rest)
            .map_err(|_| at(offset, "a record shorter than its header"))?;
        let kept = usize::try_from(record.kept).unwrap_or(usize::MAX);
        let (packet, behind) = behind
            .split_at_checked(kept)
            .ok_or_else(|| at(offset, "a record longer than the rest of the file"))?;
        let begins = offset + size_of::<RecordHeader>();
        let length = usize::try_from(record.length).unwrap_or(usize::MAX);
        all.push(parse_packet(packet, begins, length).ok_or_else(|| at(offset, TOO_SHORT))?);
        rest = behind;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn read_of_written_capture_returns_the_same_datagrams() {
        let when = Duration::from_micros(1_700_000_000_123_456);
        let mut file = file_header();
        file.extend(record(
            Direction::Sent,
            Protocol::Route,
            when,
            b"sixteen bytes!!!",
        ));
        file.extend(record(Direction::Received, Protocol::Route, when, b""));
        assert!(is_capture(&file));
        let (all, fault) = read(&file);
        assert_eq!(fault, None);
        let actual: Vec<_> = all
            .iter()
            .map(|c| (c.direction, c.protocol, c.datagram))
            .collect();
        assert_eq!(
            actual,
            [
                (Direction::Sent, 0, &b"sixteen bytes!!!"[..]),
                (Direction::Received, 0, b"")
            ]
        );
        assert_eq!(all[0].offset, 24 + 16 + 16);
    }

    #[test]
    fn read_of_cut_capture_returns_complete_records_and_the_offset() {
        let mut file = file_header();
        file.extend(record(
            Direction::Sent,
            Protocol::Route,
            Duration::ZERO,
            b"whole",
        ));
        let whole = file.len();
        file.extend(record(
            Direction::Sent,
            Protocol::Route,
            Duration::ZERO,
            b"cut",
        ));
        for end in whole + 1..file.len() {
            let (all, fault) = read(&file[..end]);
            assert_eq!(
                (all.len(), fault.map(|fault| fault.offset)),
                (1, Some(whole)),
                "{end}"
            );
        }
    }

    #[test]
    fn read_of_packet_type_and_length_returns_direction_and_length() {
        for (kind, direction) in [
            (0, Direction::Received),
            (4, Direction::Sent),
            (6, Direction::Received),
            (7, Direction::Sent),
        ] {
            let mut file = file_header();
            file.extend(record(
                Direction::Received,
                Protocol::Netfilter,
                Duration::ZERO,
                b"kept",
            ));
            // The original length, and the packet type in the pseudo-header.
            file[36..40].copy_from_slice(&(16 + 6_u32).to_ne_bytes());
            file[41] = kind;
            let (all, fault) = read(&file);
            let actual: Vec<_> = all
                .iter()
                .map(|c| (c.direction, c.length, c.datagram))
                .collect();
            assert_eq!((actual, fault), (vec![(direction, 6, &b"kept"[..])], None));
            let packet = strip_pseudo_header(&file[40..]).unwrap();
            assert_eq!(
                (packet.direction, packet.protocol, packet.datagram),
                (direction, 12, &b"kept"[..])
            );
        }
        assert_eq!(strip_pseudo_header(&[0x54, 0, 0, 0].repeat(8)), None);
        assert_eq!(strip_pseudo_header(&[0, 4, 3, 0x38]), None);
    }

    #[test]
    fn read_of_other_link_type_or_byte_order_is_refused() {
        let mut file = file_header();
        file[20] = 1;
        assert_eq!(read(&file).1.map(|fault| fault.offset), Some(20));
        file[..4].copy_from_slice(&MAGIC.swap_bytes().to_ne_bytes());
        assert!(is_capture(&file));
        assert_eq!(read(&file).1.map(|fault| fault.offset), Some(0));
        assert!(!is_capture(b"0000: 54 00"));
    }
}
