//! The text for the value of a run of bytes, by its shape.
//!
//! ```text
//!  Number  dc 05 00 00        1500            Bits   01 00 00 00   IFF_UP
//!  Named   10 00              RTM_NEWLINK     NulString  6c 6f 00  "lo"
//!  Index   02 00 00 00        2, or its name
//! ```

use super::{Identifier, Printer};
use crate::wire::shape::Shape;

use crate::wire::layout::NlMsgHdr;
use crate::wire::registry::{self, Protocol, RequestKind};
use crate::wire::uapi::{
    NLM_F, NLM_F_ACK_MESSAGE, NLM_F_DEL, NLM_F_DUMP, NLM_F_GET, NLM_F_NEW, NLMSG_DONE, NLMSG_ERROR,
    Names, bits, name_of,
};
use nix::errno::Errno;
use std::fmt::Write as _;
use std::net::IpAddr;
use zerocopy::FromBytes;

impl Printer<'_> {
    /// The text for a value that is not a nested attribute.
    pub(super) fn value(&self, shape: Shape, bytes: &[u8]) -> String {
        let number = native(bytes);
        let small = number.and_then(|number| u32::try_from(number).ok());
        let text = match shape {
            Shape::Number => number.map(|number| number.to_string()),
            Shape::Signed => number.map(|number| signed(number, bytes.len())),
            Shape::BigEndian => big_endian(bytes).map(|number| number.to_string()),
            Shape::BigSigned => big_endian(bytes).map(|number| signed(number, bytes.len())),
            Shape::Named(names) => small.map(|number| {
                name_of(names, number).map_or_else(|| number.to_string(), str::to_owned)
            }),
            Shape::BigNamed(names) => big_endian(bytes).map(|number| {
                let name = u32::try_from(number).ok().and_then(|n| name_of(names, n));
                name.map_or_else(|| number.to_string(), str::to_owned)
            }),
            Shape::Bits(names) => small.map(|number| bits(number, &[names])),
            Shape::NulString => Some(text(bytes)),
            Shape::Mac => Some(mac(bytes)),
            Shape::Ip => <crate::wire::attr::Ip as crate::wire::attr::Value>::read(bytes)
                .map(|address: IpAddr| address.to_string()),
            Shape::Index => small.map(|index| match (self.namer)(Identifier::Index(index)) {
                Some(name) => name,
                None => index.to_string(),
            }),
            Shape::Descriptor => i32::read_from_bytes(bytes).ok().map(|descriptor| {
                (self.namer)(Identifier::Descriptor(descriptor))
                    .unwrap_or_else(|| format!("descriptor {descriptor}"))
            }),
            _ => None,
        };
        text.unwrap_or_else(|| counted(bytes.len()))
    }
}

pub(super) fn counted(bytes: usize) -> String {
    format!("{bytes} {}", if bytes == 1 { "byte" } else { "bytes" })
}

/// The error message of an errno, as "File exists".
pub fn errno_text(errno: i32) -> &'static str {
    Errno::from_raw(errno).desc()
}

pub(super) fn message_flags(protocol: Protocol, header: NlMsgHdr) -> String {
    let upper: Names = match (header.kind, registry::request_kind(protocol, header.kind)) {
        (NLMSG_ERROR | NLMSG_DONE, _) => NLM_F_ACK_MESSAGE,
        (_, RequestKind::New) => NLM_F_NEW,
        (_, RequestKind::Del) => NLM_F_DEL,
        (_, RequestKind::Get) if header.flags & NLM_F_DUMP == NLM_F_DUMP => {
            // The two bits of NLM_F_DUMP are printed as one name. Nothing else depends on this.
            let rest = u32::from(header.flags & !NLM_F_DUMP);
            return format!("{} | NLM_F_DUMP", bits(rest, &[NLM_F]));
        }
        (_, RequestKind::Get) => NLM_F_GET,
        (_, RequestKind::Other) => &[],
    };
    bits(header.flags.into(), &[NLM_F, upper])
}

/// A string in quotes, with escapes for bytes that are not printable.
fn text(bytes: &[u8]) -> String {
    let (text, zero) = match bytes.split_last() {
        Some((0, text)) => (text, true),
        _ => (bytes, false),
    };
    let quoted = format!("\"{}\"", text.escape_ascii());
    if zero {
        quoted
    } else {
        quoted + " (no NUL byte)"
    }
}

fn mac(bytes: &[u8]) -> String {
    let mut words = String::new();
    for (place, byte) in bytes.iter().enumerate() {
        let _ = write!(words, "{}{byte:02x}", if place > 0 { ":" } else { "" });
    }
    words
}

fn native(bytes: &[u8]) -> Option<u64> {
    Some(match bytes.len() {
        1 => u8::read_from_bytes(bytes).ok()?.into(),
        2 => u16::read_from_bytes(bytes).ok()?.into(),
        4 => u32::read_from_bytes(bytes).ok()?.into(),
        8 => u64::read_from_bytes(bytes).ok()?,
        _ => return None,
    })
}

/// A signed integer of this number of bytes.
fn signed(number: u64, bytes: usize) -> String {
    let unused = 64 - 8 * u32::try_from(bytes.min(8)).unwrap_or(8);
    let upper = number.checked_shl(unused).unwrap_or(0).cast_signed();
    (upper >> unused.min(63)).to_string()
}

fn big_endian(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| {
        bytes
            .iter()
            .fold(0, |sum, &byte| sum << 8 | u64::from(byte))
    })
}
