//! What we send is read by others as we read it: by strace, and by tshark without a malformed
//! frame.
#![allow(clippy::indexing_slicing)]

mod common;

use common::isolate;
mod wire_cases;

use common::TestContainer;
use netsetgo::front::pcap;
use netsetgo::wire::attr::Walk;
use netsetgo::wire::layout::{Header, NlMsgHdr};
use netsetgo::wire::message::Messages;
use netsetgo::wire::printer::{Field, Role, fields, no_names};
use netsetgo::wire::registry::{Protocol, body};
use netsetgo::wire::uapi::{
    RTM_DELLINKPROP, RTM_DELNEIGH, RTM_GETNSID, RTM_NEWLINKPROP, RTM_NEWNEIGH,
};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use wire_cases::{Sent, from_netsetgo, trace, traced};

#[test]
fn strace_prints_same_names_and_values_of_requests() {
    isolate("strace_prints_same_names_and_values_of_requests", || {
        if wire_cases::sending() {
            return;
        }
        let mut count = 0;
        for sent in from_netsetgo("strace_prints_same_names_and_values_of_requests") {
            let mut fields = fields(Protocol::Route, &sent.bytes, &no_names);
            if unread(&sent.bytes) {
                // strace 6.1 knows the name of these, and shows the rest as bytes.
                fields.truncate(NlMsgHdr::STRUCT.fields.len());
            }
            let attributes = members_agree(&sent, &fields);
            count += attributes_agree(&sent.text, &fields[attributes..]);
        }
        assert!(count > 50, "strace prints only {count} attributes");
    });
}

#[test]
fn strace_prints_same_names_in_replies() {
    isolate("strace_prints_same_names_in_replies", || {
        let container = TestContainer::new();
        let pid = container.pid().to_string();
        let binary = common::binary();
        let mut names = 0;
        for request_kind in ["up", "up", "list", "down"] {
            let of = ["--pid", &pid, "--hairpin"];
            let arguments = [&binary, request_kind]
                .into_iter()
                .chain(of)
                .take(if request_kind == "list" { 2 } else { 5 });
            for got in traced::answers(&arguments.collect::<Vec<_>>()) {
                names += names_agree(&got);
            }
        }
        assert!(names > 400, "{names}");
    });
}

#[test]
fn tshark_prints_same_attributes_and_no_malformed_frame() {
    isolate(
        "tshark_prints_same_attributes_and_no_malformed_frame",
        || {
            if wire_cases::sending() {
                return;
            }
            let mut sent = from_netsetgo("tshark_prints_same_attributes_and_no_malformed_frame");
            sent.extend(program());
            let malformed = |sent: &[Sent]| tshark(sent, &["-Y", "_ws.malformed || _ws.expert"]);
            assert_eq!(malformed(&sent), "");
            let broken = vec![Sent {
                bytes: sent[0].bytes[..40].to_vec(),
                text: String::new(),
            }];
            assert_ne!(malformed(&broken), "", "tshark reports a malformed frame");
            let columns = "-T fields -E separator=; -e netlink.hdr_len -e netlink.hdr_flags \
                   -e netlink.hdr_seq -e netlink.attr_type -e netlink.attr_len";
            let printed = tshark(&sent, &columns.split_whitespace().collect::<Vec<_>>());
            assert_eq!(printed.lines().count(), sent.len(), "{printed}");
            for (sent, printed) in sent.iter().zip(printed.lines()) {
                tshark_agrees(sent, printed);
            }
        },
    );
}

/// Checks that netsetgo prints each attribute name that strace prints, in the same order. Returns
/// the number of names.
fn names_agree(got: &Sent) -> usize {
    let fields = fields(Protocol::Route, &got.bytes, &no_names);
    let from_netsetgo: Vec<&str> = fields
        .iter()
        .filter(|field| field.role == Role::Attribute)
        .map(|field| field.name.as_str())
        .collect();
    let mut left = from_netsetgo.iter();
    let mut agreed = 0;
    for printed in got.text.split("nla_type=").skip(1) {
        let word = printed.split(['}', ',']).next().unwrap_or_default();
        let name = word.trim_start_matches("NLA_F_NESTED|");
        // strace prints the name of the address family. For an unknown attribute it prints a number.
        let name = match name {
            "AF_INET" | "AF_INET6" => format!("IFLA_{name}"),
            // strace prints the older name of the same number.
            "IFLA_IF_NETNSID" => "IFLA_TARGET_NETNSID".into(),
            name => name.to_owned(),
        };
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        assert!(
            left.any(|own| *own == name),
            "strace prints {name}: {from_netsetgo:?}: {}",
            got.text
        );
        agreed += 1;
    }
    agreed
}

/// Returns whether the message is about altnames, which strace and tshark decode only in part.
fn unread(message: &[u8]) -> bool {
    let kind = native(&message[4..6]);
    [RTM_NEWLINKPROP, RTM_DELLINKPROP]
        .map(|kind| Some(kind.into()))
        .contains(&kind)
}

/// Returns the messages that netsetgo sends for two `up` and a `down`.
fn program() -> Vec<Sent> {
    let container = TestContainer::new();
    let mut messages = Vec::new();
    for request_kind in ["up", "up", "down"] {
        let pid = container.pid().to_string();
        let arguments = [&common::binary(), request_kind, "--pid", &pid];
        for sent in trace(&arguments) {
            for message in Messages::new(&sent.bytes) {
                let bytes = message.expect("well formed").bytes.to_vec();
                let text = String::new();
                messages.push(Sent { bytes, text });
            }
        }
    }
    assert!(messages.len() > 10, "{} messages", messages.len());
    messages
}

/// Compares the members of the headers. Returns the position of the first attribute.
fn members_agree(sent: &Sent, fields: &[Field]) -> usize {
    let count = fields.iter().position(|field| field.role != Role::Member);
    let count = count.unwrap_or(fields.len());
    for field in &fields[..count] {
        // strace does not print padding.
        let Some((_, rest)) = sent.text.split_once(&format!("{}=", field.name)) else {
            assert!(field.name.contains("pad"), "{}: {}", field.name, sent.text);
            continue;
        };
        let printed = rest.split([',', '}']).next().unwrap_or_default();
        let bytes = &sent.bytes[field.offset..field.offset + field.len];
        // A request has ifi_type 0, for which strace prints a name.
        let printed = if printed == "ARPHRD_NETROM" {
            "0"
        } else {
            printed
        };
        let same = printed == field.value.replace(" | ", "|") || number(printed) == native(bytes);
        assert!(
            same,
            "{}: strace prints {printed}, netsetgo {}",
            field.name, field.value
        );
    }
    count
}

/// Compares each attribute: flags, length and value. strace 6.1 prints IFLA_INFO_DATA of a veth as
/// bytes, so it may omit attributes of depth 2 or more. Returns the number of attributes compared.
fn attributes_agree(text: &str, fields: &[Field]) -> usize {
    let mut agreed = 0;
    let mut rest = text;
    for (position, field) in fields.iter().enumerate() {
        if field.role != Role::Attribute {
            continue;
        }
        let flags = match field.value.split_once(' ').map(|(_, rest)| rest) {
            Some("bytes NLA_F_NESTED") => "NLA_F_NESTED|",
            _ => "",
        };
        let length = field.value.split(' ').next().unwrap_or_default();
        // The attribute type is the number of the address family, and strace prints that name.
        let name = field.name.replace("IFLA_AF_INET", "AF_INET");
        let head = format!("{{nla_len={length}, nla_type={flags}{name}}}, ");
        let Some((_, after)) = rest.split_once(&head) else {
            assert!(field.depth >= 2, "strace does not print {head}: {rest}");
            continue;
        };
        rest = after;
        agreed += 1;
        if let Some(value) = fields.get(position + 1).filter(|f| f.role == Role::Payload) {
            let printed = printed(rest);
            let same = [
                printed.clone(),
                number(&printed).unwrap_or_default().to_string(),
            ];
            assert!(
                same.contains(&value.value),
                "{name}: {}: {text}",
                value.value
            );
        }
    }
    agreed
}

/// Returns a value that strace prints, without the function call around it.
fn printed(rest: &str) -> String {
    let value = rest.split(']').next().unwrap_or_default();
    for wrapping in ["inet_addr(\"", "inet_pton(AF_INET6, \""] {
        if let Some(inner) = value.strip_prefix(wrapping) {
            return inner.trim_end_matches("\")").to_owned();
        }
    }
    value.to_owned()
}

/// Parses a number that strace prints: decimal, hexadecimal, or the name of a link with that index.
fn number(printed: &str) -> Option<u64> {
    if let Some(name) = printed.strip_prefix("if_nametoindex(\"") {
        // The indexes are known: the test creates brg0 first and veth0 second.
        return ["lo", "brg0", "veth0"]
            .iter()
            .zip(1..)
            .find(|(known, _)| name.trim_end_matches("\")") == **known)
            .map(|(_, index)| index);
    }
    match printed.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => printed.parse().ok(),
    }
}

fn native(bytes: &[u8]) -> Option<u64> {
    Some(match *bytes {
        [a] => a.into(),
        [a, b] => u16::from_ne_bytes([a, b]).into(),
        [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]).into(),
        _ => return None,
    })
}

/// Compares a row of tshark's columns. tshark prints the flags twice. It may also print nested
/// attributes, so the message's attributes must occur in the row in their order.
fn tshark_agrees(sent: &Sent, row: &str) {
    let columns: Vec<Vec<u64>> = row
        .split(';')
        .map(|column| column.split(',').filter_map(number).collect())
        .collect();
    let header = |range: std::ops::Range<usize>| native(&sent.bytes[range]).unwrap();
    assert_eq!(columns[0], [header(0..4)], "nlmsg_len");
    assert!(columns[1].iter().all(|&flags| flags == header(6..8)) && !columns[1].is_empty());
    assert_eq!(columns[2], [header(8..12)], "nlmsg_seq");
    let kind = u16::try_from(header(4..6)).unwrap();
    if [RTM_GETNSID, RTM_NEWNEIGH, RTM_DELNEIGH].contains(&kind) || unread(&sent.bytes) {
        // tshark 4.0 does not decode namespace ids, altnames and neighbours.
        return;
    }
    let layout = body(Protocol::Route, kind, 0)
        .expect("a known message type")
        .layout;
    let mut printed_attributes = columns[3].iter().zip(&columns[4]);
    for raw in Walk::new(&sent.bytes[16 + layout.size..]) {
        let raw = raw.expect("well formed");
        let wanted = (u64::from(raw.kind), u64::from(raw.len));
        assert!(
            printed_attributes.any(|(&kind, &len)| (kind, len) == wanted),
            "tshark does not print {raw:?}: {row}"
        );
    }
}

/// Builds a capture file of the messages.
fn capture(sent: &[Sent]) -> Vec<u8> {
    let mut file = pcap::file_header();
    for sent in sent {
        let (sent_by_us, route) = (pcap::Direction::Sent, Protocol::Route);
        file.extend(pcap::record(sent_by_us, route, Duration::ZERO, &sent.bytes));
    }
    file
}

fn tshark(sent: &[Sent], options: &[&str]) -> String {
    let mut tshark = Command::new("tshark")
        .args(["-r", "-"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs tshark (Debian: tshark)");
    let mut stdin = tshark.stdin.take().expect("a pipe");
    stdin.write_all(&capture(sent)).expect("tshark reads");
    drop(stdin);
    let output = tshark.wait_with_output().expect("tshark ends");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tshark: {error}");
    String::from_utf8(output.stdout).expect("tshark writes UTF-8")
}
