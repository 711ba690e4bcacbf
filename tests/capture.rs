//! Compares the captures of `--pcap` with tshark: each packet, and the offset, length and type of each
//! attribute.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::temporary::TemporaryDirectory;
use common::{Container, isolate, netsetgo};
use netsetgo::front::pcap::{self, CapturedDatagram, Direction};
use netsetgo::wire::layout::{HDRLEN, align};
use netsetgo::wire::message::Messages;
use netsetgo::wire::registry::{Protocol, body, family};
use netsetgo::wire::uapi::{RTM_GETNEIGH, RTM_NEWNEIGH, RTM_NEWNSID};
use std::collections::BTreeMap;
use std::process::Command;

/// Bytes of the pseudo-header, which each packet has before its datagram.
const PSEUDO_HEADER_LENGTH: usize = 16;

#[test]
fn capture_of_all_commands_matches_tshark() {
    isolate("capture_of_all_commands_matches_tshark", || {
        let rules = "add table ip fw; add chain ip fw drops \
        { type filter hook forward priority 5; policy drop; }";
        let status = Command::new("nft")
            .arg(rules)
            .status()
            .expect("nft is installed");
        assert!(status.success());
        let container = Container::new();
        let directory = TemporaryDirectory::new("capture");
        let file = directory.file("all.pcap");
        let file = file.to_str().unwrap();
        let up = format!(
            "--pid {} --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64 \
        --container-address auto --id c1 --hairpin",
            container.pid()
        );
        let (mut attributes, mut sent, mut netfilter) = (0, 0, 0);
        for (words, status) in [
            (format!("up {up}"), 0),
            (format!("up {up}"), 0),
            (format!("check {up}"), 0),
            ("list".into(), 0),
            (format!("doctor --pid {}", container.pid()), 1),
            // The kernel refuses this MTU.
            (
                format!(
                    "up --pid {} --bridge-name wide --bridge-address 10.9.9.1/24 --container-address \
            10.9.9.2/24 --veth-name-prefix w --mtu 65535 --mac 02:00:00:00:00:01",
                    container.pid()
                ),
                1,
            ),
            (format!("down --pid {}", container.pid()), 0),
            ("gc".into(), 0),
        ] {
            let output = netsetgo(&format!("{words} --pcap {file}"));
            let error = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(status), "{words}: {error}");
            let bytes = std::fs::read(file).unwrap();
            let (datagrams, fault) = pcap::read(&bytes);
            assert_eq!(fault, None);
            assert_eq!(
                tshark(file, &["-Y", "_ws.malformed || _ws.expert"]),
                "",
                "{words}"
            );
            let read = packets(file);
            assert_eq!(read.len(), datagrams.len(), "{words}");
            for (captured, packet) in datagrams.iter().zip(&read) {
                attributes += count_equal_attributes(captured, packet);
                sent += usize::from(captured.direction == Direction::Sent);
                netfilter += usize::from(captured.protocol == Protocol::Netfilter.number());
            }
        }
        assert!(
            attributes > 500 && sent > 50 && netfilter >= 2,
            "{attributes} {sent} {netfilter}"
        );
    });
}

fn tshark(file: &str, options: &[&str]) -> String {
    let output = Command::new("tshark")
        .args(["-r", file])
        .args(options)
        .output()
        .expect("this test needs tshark (Debian: tshark)");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tshark: {error}");
    String::from_utf8(output.stdout).expect("tshark writes UTF-8")
}

/// A packet as tshark decodes it.
#[derive(Default)]
struct Packet {
    /// The name of the innermost protocol.
    protocol: String,
    /// The length and the type of the attribute at each offset. The type has an attribute set and a
    /// number: `ifla` 3 is IFLA_IFNAME.
    attributes: BTreeMap<usize, (usize, Option<(String, u16)>)>,
}

/// Decodes a capture with tshark. Its XML (PDML) has a line for each field.
fn packets(file: &str) -> Vec<Packet> {
    let mut packets: Vec<Packet> = Vec::new();
    let mut begun = 0;
    for line in tshark(file, &["-T", "pdml"]).lines() {
        let value = |name: &str| {
            let (_, rest) = line.split_once(&format!(" {name}=\""))?;
            Some(rest.split('"').next().unwrap_or_default())
        };
        let number = |name| value(name).and_then(|words| words.parse::<usize>().ok());
        if line.starts_with("<packet>") {
            packets.push(Packet::default());
        }
        let Some(packet) = packets.last_mut() else {
            continue;
        };
        if let (true, Some(name)) = (line.contains("<proto "), value("name")) {
            packet.protocol = name.into();
        }
        if value("name") == Some("netlink.attr_len") {
            begun = number("pos").unwrap();
            packet
                .attributes
                .insert(begun, (number("show").unwrap(), None));
        }
        let space = value("name").and_then(|name| name.strip_suffix("_attr_type"));
        if let (Some(space), Some(attribute)) = (space, packet.attributes.get_mut(&begun)) {
            let space = space.trim_start_matches("netlink-route.").to_owned();
            attribute.1 = Some((space, number("show").unwrap().try_into().unwrap()));
        }
    }
    packets
}

/// Compares the attributes that are not nested, and returns the number of those with a known type.
fn count_equal_attributes(captured: &CapturedDatagram<'_>, packet: &Packet) -> usize {
    let protocol = Protocol::of(captured.protocol).expect("ours");
    let mut equal = 0;
    for message in Messages::new(captured.datagram) {
        let message = message.expect("well formed");
        let kind = message.header.kind;
        let known = match protocol {
            // tshark 4.0 does not decode namespace ids and neighbour entries.
            Protocol::Route => !matches!(
                kind,
                RTM_NEWNEIGH..=RTM_GETNEIGH | RTM_NEWNSID..
            ),
            Protocol::Netfilter => {
                assert!(kind < 16 || packet.protocol == "netlink-netfilter");
                false
            }
        };
        let Some(body) = body(protocol, kind, family(message.payload)).filter(|_| known) else {
            continue;
        };
        assert_eq!(packet.protocol, "netlink-route");
        let start = HDRLEN + align(body.layout.size);
        let table = (body.table)();
        for raw in netsetgo::wire::attr::Walk::new(&message.bytes[start..]) {
            let raw = raw.expect("well formed");
            let at = PSEUDO_HEADER_LENGTH + message.offset + start + raw.offset;
            let (size, named) = packet.attributes.get(&at).unwrap_or_else(|| {
                panic!("tshark sees no attribute at {at}: {raw:?}");
            });
            assert_eq!(*size, usize::from(raw.len), "{raw:?}");
            if let Some((space, number)) = named {
                assert_eq!(
                    (space.to_ascii_uppercase(), *number),
                    (table.name.to_owned(), raw.number())
                );
                equal += 1;
            }
        }
    }
    equal
}
