//! Captures of netlink, as Wireshark and tcpdump read them: `LINKTYPE_NETLINK`.
//!
//! ```text
//!  file    | magic | 2.4 | zone, accuracy: 0 | longest record | link type 253 |
//!  record  | seconds | microseconds | length kept | length |
//!          +-------+-------+-------+---------------+-------+
//!          | direc | 824   | 0     | 0 (8 bytes)   | proto |  struct sockaddr_ll, cooked:
//!          +-------+-------+-------+---------------+-------+  big-endian
//!          | the datagram, in the machine's byte order     |
//! ```
//!
//! `front/pcapng.rs` parses pcapng, the format that Wireshark writes by default.
//!
//! Source: pcap-savefile(5); LINKTYPE_NETLINK in the tcpdump group's registry; `nlmon`,
//! `drivers/net/nlmon.c`. The magic number tells the reader the writer's byte order, which is the
//! datagrams' too.

use super::pcapng;
use crate::wire::attr::Malformed;
use crate::wire::registry::Protocol;
use std::time::Duration;
use zerocopy::byteorder::network_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const MAGIC: u32 = 0xa1b2_c3d4;
/// The same, with nanoseconds in the records.
const MAGIC_NANO: u32 = 0xa1b2_3c4d;
pub(super) const LINKTYPE_NETLINK: u32 = 253;
/// `ARPHRD_NETLINK`, linux/if_arp.h
const ARPHRD_NETLINK: u16 = 824;
/// `PACKET_HOST`, `PACKET_OUTGOING` and `PACKET_KERNEL`, linux/if_packet.h
const TO_US: u16 = 0;
const FROM_US: u16 = 4;
/// nlmon's word for what goes to the kernel; `PACKET_USER`, 6, comes from it.
const TO_KERNEL: u16 = 7;
/// Bytes of the link layer's header.
const COOKED: usize = size_of::<Cooked>();

#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
struct FileHeader {
    magic: u32,
    major: u16,
    minor: u16,
    zone: u32,
    accuracy: u32,
    longest: u32,
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
struct Cooked {
    direction: U16,
    hardware: U16,
    address_length: U16,
    address: [u8; 8],
    protocol: U16,
}

/// Which way a datagram went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the kernel.
    Sent,
    /// From the kernel.
    Received,
}

/// The head of a capture file.
pub fn file_header() -> Vec<u8> {
    let header = FileHeader {
        magic: MAGIC,
        major: 2,
        minor: 4,
        zone: 0,
        accuracy: 0,
        longest: 1 << 18,
        link_type: LINKTYPE_NETLINK,
    };
    header.as_bytes().to_vec()
}

/// One datagram's record; `when` counts from 1970.
pub fn record(
    direction: Direction,
    protocol: Protocol,
    when: Duration,
    datagram: &[u8],
) -> Vec<u8> {
    let direction = match direction {
        Direction::Sent => FROM_US,
        Direction::Received => TO_US,
    };
    let cooked = Cooked {
        direction: direction.into(),
        hardware: ARPHRD_NETLINK.into(),
        address_length: 0.into(),
        address: [0; 8],
        protocol: protocol.number().into(),
    };
    let length = u32::try_from(size_of::<Cooked>() + datagram.len()).unwrap_or(u32::MAX);
    let header = RecordHeader {
        // The format has no more; it ends in 2106.
        seconds: u32::try_from(when.as_secs()).unwrap_or(u32::MAX),
        fraction: when.subsec_micros(),
        kept: length,
        length,
    };
    [header.as_bytes(), cooked.as_bytes(), datagram].concat()
}

/// A datagram out of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured<'a> {
    /// Which way it went.
    pub direction: Direction,
    /// `NETLINK_ROUTE` is 0.
    pub protocol: u16,
    /// Where it begins in the file.
    pub offset: usize,
    /// How long it was; a capture may keep less.
    pub length: usize,
    /// Its bytes, as far as they are kept.
    pub datagram: &'a [u8],
}

/// Whether a file begins as a capture does, in any byte order.
pub fn is_capture(file: &[u8]) -> bool {
    let own = u32::read_from_prefix(file).is_ok_and(|(magic, _)| {
        [MAGIC, MAGIC_NANO]
            .into_iter()
            .any(|own| magic == own || magic == own.swap_bytes())
    });
    own || pcapng::is_capture(file)
}

/// The datagrams of a capture, as far as it goes; an error where it stops making sense.
pub fn read(file: &[u8]) -> (Vec<Captured<'_>>, Option<Malformed>) {
    let mut all = Vec::new();
    let fault = if pcapng::is_capture(file) {
        pcapng::read_into(file, &mut all).err()
    } else {
        read_into(file, &mut all).err()
    };
    (all, fault)
}

/// The datagram in bytes that begin with a link-layer header, as `tshark -x` shows them.
pub fn cooked(packet: &[u8]) -> Option<Captured<'_>> {
    let (header, _) = Cooked::read_from_prefix(packet).ok()?;
    let is_netlink = header.hardware.get() == ARPHRD_NETLINK
        && header.direction.get() <= TO_KERNEL
        && header.address_length.get() <= 8;
    is_netlink
        .then(|| unwrapped(packet, 0, packet.len()))
        .flatten()
}

/// What is in a packet that stands at `offset` of a file and was `length` long.
pub(super) fn unwrapped(packet: &[u8], offset: usize, length: usize) -> Option<Captured<'_>> {
    let (cooked, datagram) = Cooked::read_from_prefix(packet).ok()?;
    let direction = match cooked.direction.get() {
        FROM_US | TO_KERNEL => Direction::Sent,
        _ => Direction::Received,
    };
    Some(Captured {
        direction,
        protocol: cooked.protocol.get(),
        offset: offset + COOKED,
        length: length.saturating_sub(COOKED).max(datagram.len()),
        datagram,
    })
}

/// What is wrong with a packet that is not [`unwrapped`].
pub(super) const TOO_SHORT: &str = "a record too short for its link-layer header";
/// A capture that we do not read: its datagrams are in that order too.
pub(super) const OTHER_ORDER: &str = "a capture of a machine with the other byte order";

fn read_into<'a>(file: &'a [u8], all: &mut Vec<Captured<'a>>) -> Result<(), Malformed> {
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
            return Err(at(
                20,
                "a capture of something else than netlink (link type 253)",
            ));
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
            .ok_or_else(|| at(offset, "a record longer than what is left"))?;
        let begins = offset + size_of::<RecordHeader>();
        let length = usize::try_from(record.length).unwrap_or(usize::MAX);
        all.push(unwrapped(packet, begins, length).ok_or_else(|| at(offset, TOO_SHORT))?);
        rest = behind;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
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
        let told: Vec<_> = all
            .iter()
            .map(|c| (c.direction, c.protocol, c.datagram))
            .collect();
        assert_eq!(
            told,
            [
                (Direction::Sent, 0, &b"sixteen bytes!!!"[..]),
                (Direction::Received, 0, b"")
            ]
        );
        assert_eq!(all[0].offset, 24 + 16 + 16);
    }

    #[test]
    fn a_cut_capture_gives_what_is_whole_and_says_where_it_ends() {
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
    fn who_sent_a_datagram_is_read_and_how_much_of_it_is_kept() {
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
            // The length of what was there, and the packet's type in the link layer's header.
            file[36..40].copy_from_slice(&(16 + 6_u32).to_ne_bytes());
            file[41] = kind;
            let (all, fault) = read(&file);
            let told: Vec<_> = all
                .iter()
                .map(|c| (c.direction, c.length, c.datagram))
                .collect();
            assert_eq!((told, fault), (vec![(direction, 6, &b"kept"[..])], None));
            let packet = cooked(&file[40..]).unwrap();
            assert_eq!(
                (packet.direction, packet.protocol, packet.datagram),
                (direction, 12, &b"kept"[..])
            );
        }
        assert_eq!(cooked(&[0x54, 0, 0, 0].repeat(8)), None);
        assert_eq!(cooked(&[0, 4, 3, 0x38]), None);
    }

    #[test]
    fn other_captures_are_told_apart() {
        let mut file = file_header();
        file[20] = 1;
        assert_eq!(read(&file).1.map(|fault| fault.offset), Some(20));
        file[..4].copy_from_slice(&MAGIC.swap_bytes().to_ne_bytes());
        assert!(is_capture(&file));
        assert_eq!(read(&file).1.map(|fault| fault.offset), Some(0));
        assert!(!is_capture(b"0000: 54 00"));
    }
}
