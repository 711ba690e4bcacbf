//! Converting a recorded datagram to host byte order.

use crate::wire::ack::NlMsgErrAttr;
use crate::wire::attr::AttrSet;
use crate::wire::layout::{ATTR_HDRLEN, HDRLEN, Header, NLA_TYPE_MASK, NlMsgHdr, align};
use crate::wire::registry::{self, Protocol};
use crate::wire::shape::{Layout, Selector, Shape, Table};
use crate::wire::uapi::{NLM_F_CAPPED, NLMSG_DONE, NLMSG_ERROR};

/// The datagram with its integers in big-endian order where `big` is true.
pub(super) fn in_host_order(protocol: Protocol, mut bytes: Vec<u8>, big: bool) -> Vec<u8> {
    if big {
        let mut at = 0;
        while let Some(len) = little(&bytes, at, 4).filter(|&len| len >= HDRLEN) {
            let end = (at + len).min(bytes.len());
            message(protocol, &mut bytes[at..end]);
            at += align(len);
        }
    }
    bytes
}

/// The little-endian integer of `size` bytes at this offset.
fn little(bytes: &[u8], at: usize, size: usize) -> Option<usize> {
    let field = bytes.get(at..at + size)?;
    Some(
        field
            .iter()
            .rev()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte)),
    )
}

fn message(protocol: Protocol, bytes: &mut [u8]) {
    let (kind, flags) = (little(bytes, 4, 2), little(bytes, 6, 2).unwrap_or_default());
    members(bytes, NlMsgHdr::STRUCT);
    match kind.and_then(|kind| u16::try_from(kind).ok()) {
        Some(NLMSG_ERROR) => {
            flip(bytes, HDRLEN, 4);
            let full = flags & usize::from(NLM_F_CAPPED) == 0;
            let start = HDRLEN + 4;
            let echo = little(bytes, start, 4).filter(|_| full).unwrap_or(HDRLEN);
            let end = (start + echo).min(bytes.len());
            if full {
                message(protocol, &mut bytes[start..end]);
            } else {
                members(&mut bytes[start..], NlMsgHdr::STRUCT);
            }
            attributes(
                bytes.get_mut(start + align(echo)..).unwrap_or_default(),
                NlMsgErrAttr::table(),
            );
        }
        Some(NLMSG_DONE) => {
            flip(bytes, HDRLEN, 4);
            attributes(
                bytes.get_mut(HDRLEN + 4..).unwrap_or_default(),
                NlMsgErrAttr::table(),
            );
        }
        Some(kind) => {
            if let Some(body) = registry::body(protocol, kind, registry::family(&bytes[HDRLEN..])) {
                sub_message(&mut bytes[HDRLEN..], body.layout, (body.table)());
            }
        }
        None => {}
    }
}

fn sub_message(bytes: &mut [u8], layout: &Layout, table: &Table) {
    members(bytes, layout);
    attributes(
        bytes.get_mut(align(layout.size)..).unwrap_or_default(),
        table,
    );
}

fn members(bytes: &mut [u8], layout: &Layout) {
    for member in layout.fields {
        if number(member.shape) {
            flip(bytes, member.offset, member.size);
        }
    }
}

fn attributes(bytes: &mut [u8], table: &Table) {
    let mut kinds: Vec<(u16, Vec<u8>)> = Vec::new();
    let mut at = 0;
    while let (Some(len), Some(kind)) = (little(bytes, at, 2), little(bytes, at + 2, 2)) {
        if len < ATTR_HDRLEN || at + len > bytes.len() {
            return;
        }
        flip(bytes, at, 2);
        flip(bytes, at + 2, 2);
        let kind = u16::try_from(kind).unwrap_or_default() & NLA_TYPE_MASK;
        let payload = &mut bytes[at + ATTR_HDRLEN..at + len];
        kinds.push((kind, payload.to_vec()));
        let by = |by: &Selector| {
            let found = kinds.iter().find(|(number, _)| *number == by.sibling);
            found.and_then(|(_, text)| (by.choose)(text))
        };
        let shape = match table.entry(kind).map(|entry| entry.shape) {
            Some(Shape::Selected(selector)) => by(selector),
            shape => shape,
        };
        match shape {
            Some(Shape::Nest(table)) => attributes(payload, table()),
            Some(Shape::SubMessage(layout, table)) => sub_message(payload, layout, table()),
            Some(shape) if number(shape) => flip(payload, 0, payload.len()),
            _ => {}
        }
        at += align(len);
    }
}

fn number(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::Number
            | Shape::Signed
            | Shape::Named(_)
            | Shape::Bits(_)
            | Shape::Index
            | Shape::Descriptor
            | Shape::MsgType
            | Shape::MsgFlags
    )
}

fn flip(bytes: &mut [u8], at: usize, size: usize) {
    if let Some(field) = bytes.get_mut(at..at + size) {
        field.reverse();
    }
}

#[test]
fn big_endian_datagram_has_integers_reversed_and_strings_kept() {
    let one = super::parsed(
        "30 00 00 00 10 00 05 06 01 00 00 00 00 00 00 00
         00 00 01 00 02 00 00 00 01 00 00 00 ff ff ff ff
         08 00 0a 00 07 00 00 00 07 00 03 00 62 72 30 00",
    );
    let other = super::parsed(
        "00 00 00 30 00 10 06 05 00 00 00 01 00 00 00 00
         00 00 00 01 00 00 00 02 00 00 00 01 ff ff ff ff
         00 08 00 0a 00 00 00 07 00 07 00 03 62 72 30 00",
    );
    assert_eq!(in_host_order(Protocol::Route, one.clone(), true), other);
    assert_eq!(in_host_order(Protocol::Route, one.clone(), false), one);
}
