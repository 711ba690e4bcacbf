//! The recorded datagrams of `tests/goldens`, for tests.
//!
//! They were recorded on a little-endian machine. On a big-endian machine, the tests convert their
//! integers to host byte order. They use the descriptions of the printer to find the integers.
#![allow(clippy::indexing_slicing)]

mod byte_order;

use super::registry::Protocol;

macro_rules! goldens {
    ($($name:literal)*) => {
        /// The name and the text of each file.
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

/// Datagrams with up to 128 zeros after the message: iproute2 sends its whole buffer. The kernel
/// stops at the zeros (`netlink_rcv_skb`, `net/netlink/af_netlink.c`), and so does the parser.
pub(crate) const ZEROS_BEHIND: [&str; 2] = ["ip-dump-addresses", "ip-dump-routes"];

/// The datagram with this name, in host byte order.
pub(crate) fn golden(name: &str) -> Vec<u8> {
    let found = GOLDENS.iter().find(|(known, _)| *known == name);
    let (_, text) = found.unwrap_or_else(|| panic!("no golden {name:?}"));
    byte_order::in_host_order(protocol(name), parsed(text), cfg!(target_endian = "big"))
}

/// The protocol of the datagram with this name. netsetgo does not know generic netlink; its
/// datagrams are parsed as rtnetlink.
pub(crate) fn protocol(name: &str) -> Protocol {
    match name {
        "dump-chains" | "dump-rules" | "nft-list-chains" | "nft-list-rules" => Protocol::Netfilter,
        _ => Protocol::Route,
    }
}

/// All datagrams with their names.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    GOLDENS.iter().map(|&(name, _)| (name, golden(name)))
}

fn parsed(text: &str) -> Vec<u8> {
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.flat_map(str::split_whitespace)
        .map(|byte| u8::from_str_radix(byte, 16).expect("two hexadecimal digits"))
        .collect()
}

/// The text of a golden file for `bytes`, which a failed test prints.
pub(crate) fn hex_text(bytes: &[u8]) -> String {
    let word = |word: &[u8]| {
        let hex: Vec<String> = word.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.join(" ")
    };
    let row = |row: &[u8]| row.chunks(4).map(word).collect::<Vec<_>>().join("  ");
    bytes.chunks(16).map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_golden_file_is_listed_and_has_its_origin() {
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
        let origin: String = text.lines().filter(|l| l.starts_with('#')).collect();
        assert!(!parsed(text).is_empty(), "{name} is empty");
        let known = ["Recorded with: ", "Linux 6.", "What was sent for ", "Op: "];
        assert!(
            known.iter().any(|word| origin.contains(word)),
            "{name} does not say where it is from"
        );
    }
}
