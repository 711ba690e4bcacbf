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
//! Source: pcap-savefile(5); LINKTYPE_NETLINK in the tcpdump group's registry; `nlmon`,
//! `drivers/net/nlmon.c`. The magic number tells the reader the writer's byte order, which is the
//! datagrams' too.

use super::attr::Malformed;
use super::catalog::Protocol;
use std::time::Duration;
use zerocopy::byteorder::network_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const MAGIC: u32 = 0xa1b2_c3d4;
/// The same, with nanoseconds in the records.
const MAGIC_NANO: u32 = 0xa1b2_3c4d;
const LINKTYPE_NETLINK: u32 = 253;
/// `ARPHRD_NETLINK`, linux/if_arp.h
const ARPHRD_NETLINK: u16 = 824;
/// `PACKET_HOST` and `PACKET_OUTGOING`, linux/if_packet.h
const TO_US: u16 = 0;
const FROM_US: u16 = 4;

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
    /// Its bytes.
    pub datagram: &'a [u8],
}

/// Whether a file begins as a capture does, in any byte order.
pub fn is_capture(file: &[u8]) -> bool {
    u32::read_from_prefix(file).is_ok_and(|(magic, _)| {
        [MAGIC, MAGIC_NANO]
            .into_iter()
            .any(|own| magic == own || magic == own.swap_bytes())
    })
}

/// The datagrams of a capture, as far as it goes; an error where it stops making sense.
pub fn read(file: &[u8]) -> (Vec<Captured<'_>>, Option<Malformed>) {
    let mut all = Vec::new();
    let fault = read_into(file, &mut all).err();
    (all, fault)
}

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
        _ => return Err(at(0, "a capture of a machine with the other byte order")),
    }
    while !rest.is_empty() {
        let offset = file.len() - rest.len();
        let (record, behind) = RecordHeader::read_from_prefix(rest)
            .map_err(|_| at(offset, "a record shorter than its header"))?;
        let kept = usize::try_from(record.kept).unwrap_or(usize::MAX);
        let (packet, behind) = behind
            .split_at_checked(kept)
            .ok_or_else(|| at(offset, "a record longer than what is left"))?;
        let (cooked, datagram) = Cooked::read_from_prefix(packet)
            .map_err(|_| at(offset, "a record too short for its link-layer header"))?;
        let direction = match cooked.direction.get() {
            FROM_US => Direction::Sent,
            _ => Direction::Received,
        };
        let begins = offset + size_of::<RecordHeader>() + size_of::<Cooked>();
        let protocol = cooked.protocol.get();
        all.push(Captured {
            direction,
            protocol,
            offset: begins,
            datagram,
        });
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
