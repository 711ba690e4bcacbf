//! Reads captures in the format pcapng, which Wireshark writes. Skips blocks without packets.
//!
//! ```text
//!  block      | type | length | …, padding to four bytes | length |
//!
//!  section    | 0x0a0d0d0a    | length | 0x1a2b3c4d | 1.0 | length of the section | options |
//!  interface  | 1 | length    | link type 253 | 0 | maximum length | options |
//!  packet     | 6 | length    | interface | time (8 bytes) | length kept | length | packet |
//!  simple     | 3 | length    | length | packet, of the first interface |
//! ```
//!
//! The packet begins with the pseudo-header that [`super::pcap`] shows. Source:
//! draft-ietf-opsawg-pcapng.

use super::pcap::{CapturedDatagram, LINKTYPE_NETLINK, OTHER_ORDER, TOO_SHORT, parse_packet};
use crate::wire::attr::Malformed;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The same number in both byte orders.
const SECTION: u32 = 0x0a0d_0d0a;
const ORDER: u32 = 0x1a2b_3c4d;
const INTERFACE: u32 = 1;
const SIMPLE: u32 = 3;
const PACKET: u32 = 6;
/// Bytes of type and length at the beginning of a block.
const HEAD: usize = 8;
/// Bytes of the length at the end of a block.
const TAIL: usize = 4;

#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
struct Interface {
    link_type: u16,
    reserved: u16,
    max_length: u32,
}

#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
struct Packet {
    interface: u32,
    time_high: u32,
    time_low: u32,
    kept: u32,
    length: u32,
}

/// True if a file begins with the header of a section, in any byte order.
pub(super) fn is_capture(file: &[u8]) -> bool {
    let order = word(file, HEAD);
    word(file, 0) == Some(SECTION) && (order == Some(ORDER) || order == Some(ORDER.swap_bytes()))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let (word, _) = u32::read_from_prefix(bytes.get(at..)?).ok()?;
    Some(word)
}

fn size(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

pub(super) fn read_into<'a>(
    file: &'a [u8],
    all: &mut Vec<CapturedDatagram<'a>>,
) -> Result<(), Malformed> {
    // The interfaces of the current section.
    let mut interfaces = Vec::new();
    let mut offset = 0;
    while let Some(rest) = file.get(offset..).filter(|rest| !rest.is_empty()) {
        let at = |what| Malformed { offset, what };
        let kind = word(rest, 0).ok_or(at("a block shorter than its header"))?;
        // Only this number shows the byte order of the length before it.
        if kind == SECTION && word(rest, HEAD) == Some(ORDER.swap_bytes()) {
            return Err(at(OTHER_ORDER));
        }
        let (body, length) = block(rest).map_err(at)?;
        match kind {
            SECTION if word(body, 0) == Some(ORDER) => interfaces.clear(),
            SECTION => return Err(at("a section with a wrong byte-order magic")),
            INTERFACE => {
                let (interface, _) = Interface::read_from_prefix(body)
                    .map_err(|_| at("an interface block shorter than its header"))?;
                interfaces.push(interface);
            }
            PACKET | SIMPLE => {
                let found = match kind {
                    PACKET => packet(body, &interfaces),
                    _ => simple(body, &interfaces),
                };
                let (packet, before, length) = found.map_err(at)?;
                let begins = offset + HEAD + before;
                all.push(parse_packet(packet, begins, length).ok_or(at(TOO_SHORT))?);
            }
            _ => {}
        }
        offset += length;
    }
    Ok(())
}

/// Returns the content of a block, and the length of the block.
fn block(rest: &[u8]) -> Result<(&[u8], usize), &'static str> {
    let length = size(word(rest, 4).ok_or("a block shorter than its header")?);
    if length < HEAD + TAIL || !length.is_multiple_of(4) {
        return Err("a block with an invalid length");
    }
    let block = rest
        .get(..length)
        .ok_or("a block longer than the rest of the file")?;
    let end = length - TAIL;
    if word(block, end).map(size) != Some(length) {
        return Err("a block with two different lengths");
    }
    Ok((block.get(HEAD..end).unwrap_or_default(), length))
}

/// A packet, its offset in the content of its block, and its length before the capture shortened it.
type FoundPacket<'a> = Result<(&'a [u8], usize, usize), &'static str>;

fn packet<'a>(body: &'a [u8], interfaces: &[Interface]) -> FoundPacket<'a> {
    let (header, data) =
        Packet::read_from_prefix(body).map_err(|_| "a packet block shorter than its header")?;
    netlink_interface(interfaces, size(header.interface))?;
    let packet = data
        .get(..size(header.kept))
        .ok_or("a packet longer than its block")?;
    Ok((packet, size_of::<Packet>(), size(header.length)))
}

fn simple<'a>(body: &'a [u8], interfaces: &[Interface]) -> FoundPacket<'a> {
    let (length, data) =
        u32::read_from_prefix(body).map_err(|_| "a packet block shorter than its header")?;
    // A simple packet block has no captured length. The maximum length of the interface limits it.
    let kept = match netlink_interface(interfaces, 0)?.max_length {
        0 => length,
        max_length => length.min(max_length),
    };
    let packet = data
        .get(..size(kept))
        .ok_or("a packet longer than its block")?;
    Ok((packet, size_of::<u32>(), size(length)))
}

/// Returns the interface with this number. Fails if its link type is not netlink.
fn netlink_interface(interfaces: &[Interface], number: usize) -> Result<&Interface, &'static str> {
    let interface = interfaces
        .get(number)
        .ok_or("a packet of an unknown interface")?;
    match u32::from(interface.link_type) {
        LINKTYPE_NETLINK => Ok(interface),
        _ => Err("a packet of another link type than netlink (253)"),
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::super::pcap::{Direction, is_capture, read};
    use super::*;

    fn block(kind: u32, body: &[u8]) -> Vec<u8> {
        let filled = body.len().next_multiple_of(4);
        let length = u32::try_from(filled + HEAD + TAIL).unwrap().to_ne_bytes();
        let mut block = [&kind.to_ne_bytes(), &length, body].concat();
        block.resize(filled + HEAD, 0);
        block.extend(length);
        block
    }

    fn section() -> Vec<u8> {
        let version = [1_u16.to_ne_bytes(), 0_u16.to_ne_bytes()].concat();
        let body = [&ORDER.to_ne_bytes()[..], &version, &[0xff; 8]].concat();
        block(SECTION, &body)
    }

    fn interface(link_type: u16, max_length: u32) -> Vec<u8> {
        let interface = Interface {
            link_type,
            reserved: 0,
            max_length,
        };
        block(INTERFACE, interface.as_bytes())
    }

    fn packet_with_pseudo_header(kind: u8, datagram: &[u8]) -> Vec<u8> {
        let header = [0, kind, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12];
        [&header, datagram].concat()
    }

    fn enhanced(interface: u32, data: &[u8], length: u32) -> Vec<u8> {
        let header = Packet {
            interface,
            time_high: 0,
            time_low: 0,
            kept: u32::try_from(data.len()).unwrap(),
            length,
        };
        block(PACKET, &[header.as_bytes(), data].concat())
    }

    fn simple(data: &[u8], length: u32) -> Vec<u8> {
        block(SIMPLE, &[&length.to_ne_bytes(), data].concat())
    }

    #[test]
    fn read_of_packet_blocks_skips_other_blocks() {
        let (sent, received) = (
            packet_with_pseudo_header(7, b"odd"),
            packet_with_pseudo_header(6, b"received"),
        );
        let file = [
            section(),
            interface(253, 20),
            block(5, b"statistics"),
            enhanced(0, &sent, 19),
            simple(&received[..20], 24),
            section(),
            interface(1, 0),
            interface(253, 0),
            enhanced(1, &received, 24),
        ]
        .concat();
        assert!(is_capture(&file));
        let (all, fault) = read(&file);
        assert_eq!(fault, None);
        let actual: Vec<_> = all
            .iter()
            .map(|c| (c.direction, c.protocol, c.length, c.datagram))
            .collect();
        assert_eq!(
            actual,
            [
                (Direction::Sent, 12, 3, &b"odd"[..]),
                (Direction::Received, 12, 8, b"rece"),
                (Direction::Received, 12, 8, b"received"),
            ]
        );
        for captured in all {
            let end = captured.offset + captured.datagram.len();
            assert_eq!(&file[captured.offset..end], captured.datagram);
        }
    }

    #[test]
    fn read_of_cut_file_returns_complete_packets() {
        let head = [section(), interface(253, 0)].concat();
        let packet = packet_with_pseudo_header(4, b"whole");
        let whole = [head, enhanced(0, &packet, 21)].concat();
        let file = [whole.clone(), enhanced(0, &packet, 21)].concat();
        for end in whole.len() + 1..file.len() {
            let (all, fault) = read(&file[..end]);
            assert_eq!(
                (all.len(), fault.unwrap().offset),
                (1, whole.len()),
                "{end}"
            );
        }
    }

    #[test]
    fn read_of_invalid_block_returns_error_with_offset() {
        let head = [section(), interface(253, 0)].concat();
        let with = |block: Vec<u8>| [head.clone(), block].concat();
        let mut lengths = with(simple(&packet_with_pseudo_header(0, b""), 16));
        let last = lengths.len() - 4;
        lengths[last] ^= 1;
        let mut other = section();
        other[8..12].copy_from_slice(&ORDER.swap_bytes().to_ne_bytes());
        assert!(is_capture(&other));
        for (file, offset, what) in [
            (other, 0, "the other byte order"),
            (lengths, head.len(), "two different lengths"),
            (with(enhanced(1, b"", 0)), head.len(), "unknown interface"),
            (
                with(enhanced(0, b"short", 5)),
                head.len(),
                "shorter than its pseudo-header",
            ),
            (
                with(simple(b"short", 500)),
                head.len(),
                "longer than its block",
            ),
            (
                with(block(PACKET, b"short")),
                head.len(),
                "shorter than its header",
            ),
            (
                with([PACKET.to_ne_bytes(), [0; 4]].concat()),
                head.len(),
                "invalid length",
            ),
            (
                [section(), interface(1, 0), simple(b"", 0)].concat(),
                head.len(),
                "another link type than netlink",
            ),
        ] {
            let fault = read(&file).1.expect(what);
            assert!(fault.what.contains(what), "{what}: {fault:?}");
            assert_eq!(fault.offset, offset, "{what}");
        }
    }
}
