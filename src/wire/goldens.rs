//! The recorded datagrams of `tests/goldens`, for tests.
//!
//! They were recorded on a little-endian machine. On a big-endian one their numbers are turned, by
//! the same tables that the printer reads: what the bytes mean is then the same there, and what is
//! bytes or text stays as it is.
#![allow(clippy::indexing_slicing)]

use super::ack::NlMsgErrAttr;
use super::attr::AttrSet;
use super::layout::{ATTR_HDRLEN, HDRLEN, Header, NLA_TYPE_MASK, NlMsgHdr, align};
use super::registry::{self, Protocol};
use super::shape::{Layout, Selector, Shape, Table};
use super::uapi::{NLM_F_CAPPED, NLMSG_DONE, NLMSG_ERROR};

macro_rules! goldens {
    ($($name:literal)*) => {
        /// Names and texts of all of them.
        pub(crate) const GOLDENS: &[(&str, &str)] = &[
            $( ($name, include_str!(concat!("../../tests/goldens/", $name, ".hex"))), )*
        ];
    };
}
goldens! {
    "ack-capped"
    "ack-deep"
    "ack-deep-full"
    "ack-deep-request"
    "ack-full"
    "ack-full-request"
    "ack-gateway"
    "ack-gateway-request"
    "ack-miss-nest"
    "ack-miss-nest-request"
    "ack-miss-type"
    "ack-miss-type-request"
    "ack-msg-capped"
    "ack-msg-full"
    "ack-msg-full-request"
    "ack-odd-full"
    "ack-odd-full-request"
    "ack-policy-capped"
    "ack-policy-full"
    "ack-policy-full-request"
    "ack-policy-range"
    "ack-policy-range-request"
    "ack-refused"
    "ack-success"
    "bridge-dump-ports"
    "composed-cookie"
    "composed-miss-nest"
    "composed-truncated"
    "composed-warning"
    "done-error"
    "done-error-request"
    "done-strict"
    "done-strict-request"
    "dump-addresses-1"
    "dump-addresses-2"
    "dump-addresses-request"
    "dump-chains"
    "dump-links-1"
    "dump-links-2"
    "dump-links-request"
    "dump-routes-1"
    "dump-routes-2"
    "dump-routes-request"
    "dump-rules"
    "get-link"
    "get-link-absent"
    "get-link-absent-request"
    "get-link-request"
    "get-nsid"
    "get-nsid-request"
    "get-route"
    "get-route-absent"
    "get-route-absent-request"
    "get-route-request"
    "ip-add-address-v4"
    "ip-add-address-v6"
    "ip-add-name"
    "ip-add-route-default-v4"
    "ip-add-route-default-v6"
    "ip-add-route-network-v4"
    "ip-ask-neighbour"
    "ip-create-bridge"
    "ip-create-veth"
    "ip-create-veth-mtu"
    "ip-del-address-v4"
    "ip-del-address-v6"
    "ip-del-name"
    "ip-del-route-default-v4"
    "ip-del-route-network-v4"
    "ip-delete-group"
    "ip-delete-link"
    "ip-dump-addresses"
    "ip-dump-links"
    "ip-dump-ports"
    "ip-dump-routes"
    "ip-forget-neighbour"
    "ip-get-link"
    "ip-get-nsid"
    "ip-get-route"
    "ip-set-down"
    "ip-set-group"
    "ip-set-mac"
    "ip-set-master"
    "ip-set-mtu"
    "ip-set-no-link-local"
    "ip-set-nomaster"
    "ip-set-port"
    "ip-set-up"
    "nft-list-chains"
    "nft-list-rules"
    "our-add-address-v4"
    "our-add-address-v6"
    "our-add-name"
    "our-add-route-default-v4"
    "our-add-route-default-v6"
    "our-add-route-network-v4"
    "our-ask-neighbour"
    "our-create-bridge"
    "our-create-veth"
    "our-create-veth-mtu"
    "our-del-address-v4"
    "our-del-address-v6"
    "our-del-name"
    "our-del-route-default-v4"
    "our-del-route-network-v4"
    "our-delete-group"
    "our-delete-link"
    "our-forget-neighbour"
    "our-lend-address-v4"
    "our-set-down"
    "our-set-group"
    "our-set-mac"
    "our-set-master"
    "our-set-mtu"
    "our-set-no-link-local"
    "our-set-nomaster"
    "our-set-port"
    "our-set-up"
    "unknown-type-1"
    "unknown-type-2"
}

/// iproute2 sends its whole buffer with these, up to 128 zeros behind the message. The kernel stops
/// at them (`netlink_rcv_skb`, `net/netlink/af_netlink.c`), and so do we.
pub(crate) const ZEROS_BEHIND: [&str; 2] = ["ip-dump-addresses", "ip-dump-routes"];

/// The datagram of this name, in the machine's byte order.
pub(crate) fn golden(name: &str) -> Vec<u8> {
    let found = GOLDENS.iter().find(|(known, _)| *known == name);
    let (_, text) = found.unwrap_or_else(|| panic!("no golden {name:?}"));
    turned(protocol(name), parsed(text), cfg!(target_endian = "big"))
}

/// The protocol that it was recorded from. Generic netlink's, of which we know no names, are read
/// as if they were rtnetlink's.
pub(crate) fn protocol(name: &str) -> Protocol {
    match name {
        "dump-chains" | "dump-rules" | "nft-list-chains" | "nft-list-rules" => Protocol::Netfilter,
        _ => Protocol::Route,
    }
}

/// All of them with their names.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    GOLDENS.iter().map(|&(name, _)| (name, golden(name)))
}

fn parsed(text: &str) -> Vec<u8> {
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.flat_map(str::split_whitespace)
        .map(|byte| u8::from_str_radix(byte, 16).expect("two hexadecimal digits"))
        .collect()
}

/// The rows of a golden file, for a failed test to show what to write there.
pub(crate) fn hex_text(bytes: &[u8]) -> String {
    let word = |word: &[u8]| {
        let hex: Vec<String> = word.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.join(" ")
    };
    let row = |row: &[u8]| row.chunks(4).map(word).collect::<Vec<_>>().join("  ");
    bytes.chunks(16).map(row).collect::<Vec<_>>().join("\n")
}

/// The datagram with its numbers in the other byte order, if that is wanted.
fn turned(protocol: Protocol, mut bytes: Vec<u8>, big: bool) -> Vec<u8> {
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

/// A number as it was recorded.
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
                headed(&mut bytes[HDRLEN..], body.layout, (body.table)());
            }
        }
        None => {}
    }
}

fn headed(bytes: &mut [u8], layout: &Layout, table: &Table) {
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
            Some(Shape::SubMessage(layout, table)) => headed(payload, layout, table()),
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
fn every_file_is_listed_and_tells_its_birth() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("tests/goldens")
        .map(|entry| entry.expect("an entry").file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".hex").map(str::to_owned))
        .collect();
    files.sort();
    let listed: Vec<&str> = GOLDENS.iter().map(|(name, _)| *name).collect();
    assert_eq!(files, listed);
    for (name, text) in GOLDENS {
        let birth: String = text.lines().filter(|l| l.starts_with('#')).collect();
        assert!(!parsed(text).is_empty(), "{name} is empty");
        let born = ["Recorded with: ", "Linux 6.", "What was sent for ", "Op: "];
        assert!(
            born.iter().any(|word| birth.contains(word)),
            "{name} does not tell where it is from"
        );
    }
}

#[test]
fn a_turned_recording_has_its_numbers_turned_and_its_texts_not() {
    let one = parsed(
        "30 00 00 00 10 00 05 06 01 00 00 00 00 00 00 00
         00 00 01 00 02 00 00 00 01 00 00 00 ff ff ff ff
         08 00 0a 00 07 00 00 00 07 00 03 00 62 72 30 00",
    );
    let other = parsed(
        "00 00 00 30 00 10 06 05 00 00 00 01 00 00 00 00
         00 00 00 01 00 00 00 02 00 00 00 01 ff ff ff ff
         00 08 00 0a 00 00 00 07 00 07 00 03 62 72 30 00",
    );
    assert_eq!(turned(Protocol::Route, one.clone(), true), other);
    assert_eq!(turned(Protocol::Route, one.clone(), false), one);
}
