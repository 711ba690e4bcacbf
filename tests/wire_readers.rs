//! What we send is read by others as we read it: by strace, and by tshark without a malformed
//! frame.
#![allow(clippy::indexing_slicing)]

mod common;

use common::isolate;
mod wire_cases;

use common::TestContainer;
use netsetgo::wire::attr::Walk;
use netsetgo::wire::layout::{Header, NlMsgHdr};
use netsetgo::wire::message::Messages;
use netsetgo::wire::pcap;
use netsetgo::wire::printer::{Field, Role, fields, nameless};
use netsetgo::wire::registry::{Protocol, body};
use netsetgo::wire::uapi::{
    RTM_DELLINKPROP, RTM_DELNEIGH, RTM_GETNSID, RTM_NEWLINKPROP, RTM_NEWNEIGH,
};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use wire_cases::{Sent, ours, trace, traced};

#[test]
fn strace_reads_the_same_names_and_values() {
    isolate("strace_reads_the_same_names_and_values", || {
        if wire_cases::sending() {
            return;
        }
        for sent in ours("strace_reads_the_same_names_and_values") {
            let mut fields = fields(Protocol::Route, &sent.bytes, &nameless);
            if unread(&sent.bytes) {
                // strace 6.1 knows the name of these, and shows the rest as bytes.
                fields.truncate(NlMsgHdr::STRUCT.fields.len());
            }
            let attributes = members_agree(&sent, &fields);
            attributes_agree(&sent.text, &fields[attributes..]);
        }
    });
}

#[test]
fn strace_reads_the_same_names_in_the_kernels_answers() {
    isolate("strace_reads_the_same_names_in_the_kernels_answers", || {
        let container = TestContainer::new();
        let pid = container.pid().to_string();
        let binary = common::binary();
        let mut names = 0;
        for request_kind in ["up", "up", "list", "down"] {
            let of = ["--pid", &pid, "--hairpin"];
            let words = [&binary, request_kind]
                .into_iter()
                .chain(of)
                .take(if request_kind == "list" { 2 } else { 5 });
            for got in traced::answers(&words.collect::<Vec<_>>()) {
                names += names_agree(&got);
            }
        }
        assert!(names > 400, "{names}");
    });
}

#[test]
fn tshark_reads_the_same_attributes_and_finds_no_malformed_frame() {
    isolate(
        "tshark_reads_the_same_attributes_and_finds_no_malformed_frame",
        || {
            if wire_cases::sending() {
                return;
            }
            let mut sent = ours("tshark_reads_the_same_attributes_and_finds_no_malformed_frame");
            sent.extend(program());
            let malformed = |sent: &[Sent]| tshark(sent, &["-Y", "_ws.malformed || _ws.expert"]);
            assert_eq!(malformed(&sent), "");
            let broken = vec![Sent {
                bytes: sent[0].bytes[..40].to_vec(),
                text: String::new(),
            }];
            assert_ne!(malformed(&broken), "", "tshark sees what is malformed");
            let columns = "-T fields -E separator=; -e netlink.hdr_len -e netlink.hdr_flags \
                   -e netlink.hdr_seq -e netlink.attr_type -e netlink.attr_len";
            let said = tshark(&sent, &columns.split_whitespace().collect::<Vec<_>>());
            assert_eq!(said.lines().count(), sent.len(), "{said}");
            for (sent, said) in sent.iter().zip(said.lines()) {
                tshark_agrees(sent, said);
            }
        },
    );
}

/// Every attribute that strace has a name for has the same one here, in the same order; how many.
fn names_agree(got: &Sent) -> usize {
    let fields = fields(Protocol::Route, &got.bytes, &nameless);
    let ours: Vec<&str> = fields
        .iter()
        .filter(|field| field.role == Role::Attribute)
        .map(|field| field.name.as_str())
        .collect();
    let mut left = ours.iter();
    let mut agreed = 0;
    for said in got.text.split("nla_type=").skip(1) {
        let word = said.split(['}', ',']).next().unwrap_or_default();
        let name = word.trim_start_matches("NLA_F_NESTED|");
        // A family's number has the family's name; what strace does not know is a number.
        let name = match name {
            "AF_INET" | "AF_INET6" => format!("IFLA_{name}"),
            // The older name of the same number.
            "IFLA_IF_NETNSID" => "IFLA_TARGET_NETNSID".into(),
            name => name.to_owned(),
        };
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        assert!(
            left.any(|own| *own == name),
            "strace says {name}: {ours:?}: {}",
            got.text
        );
        agreed += 1;
    }
    agreed
}

/// Messages about alternative names, of which the readers know little.
fn unread(message: &[u8]) -> bool {
    let kind = native(&message[4..6]);
    [RTM_NEWLINKPROP, RTM_DELLINKPROP]
        .map(|kind| Some(kind.into()))
        .contains(&kind)
}

/// The messages of the program itself, from the first to the last of an attachment's life.
fn program() -> Vec<Sent> {
    let container = TestContainer::new();
    let mut messages = Vec::new();
    for request_kind in ["up", "up", "down"] {
        let pid = container.pid().to_string();
        let words = [&common::binary(), request_kind, "--pid", &pid];
        for sent in trace(&words) {
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

/// The header's fields, up to the first attribute: where that is.
fn members_agree(sent: &Sent, fields: &[Field]) -> usize {
    let count = fields.iter().position(|field| field.role != Role::Member);
    let count = count.unwrap_or(fields.len());
    for field in &fields[..count] {
        // strace leaves out what only pads.
        let Some((_, rest)) = sent.text.split_once(&format!("{}=", field.name)) else {
            assert!(field.name.contains("pad"), "{}: {}", field.name, sent.text);
            continue;
        };
        let said = rest.split([',', '}']).next().unwrap_or_default();
        let bytes = &sent.bytes[field.offset..field.offset + field.len];
        // strace knows what hardware has the number 0, which a request leaves out.
        let said = if said == "ARPHRD_NETROM" { "0" } else { said };
        let same = said == field.value.replace(" | ", "|") || number(said) == native(bytes);
        assert!(
            same,
            "{}: strace says {said}, we {}",
            field.name, field.value
        );
    }
    count
}

/// Every attribute, its flags, its length and its value. strace 6.1 shows a veth's data as bytes:
/// what is in there, and in no other nest, it may leave out.
fn attributes_agree(text: &str, fields: &[Field]) {
    let mut rest = text;
    for (place, field) in fields.iter().enumerate() {
        if field.role != Role::Attribute {
            continue;
        }
        let flags = match field.value.split_once(' ').map(|(_, rest)| rest) {
            Some("bytes NLA_F_NESTED") => "NLA_F_NESTED|",
            _ => "",
        };
        let length = field.value.split(' ').next().unwrap_or_default();
        // The number is the family's, and has no other name in the kernel.
        let name = field.name.replace("IFLA_AF_INET", "AF_INET");
        let head = format!("{{nla_len={length}, nla_type={flags}{name}}}, ");
        let Some((_, after)) = rest.split_once(&head) else {
            assert!(field.depth >= 2, "strace does not say {head}: {rest}");
            continue;
        };
        rest = after;
        if let Some(value) = fields.get(place + 1).filter(|f| f.role == Role::Payload) {
            let said = said(rest);
            let same = [said.clone(), number(&said).unwrap_or_default().to_string()];
            assert!(
                same.contains(&value.value),
                "{name}: {}: {text}",
                value.value
            );
        }
    }
}

/// A value as strace writes it, its wrapping taken off.
fn said(rest: &str) -> String {
    let value = rest.split(']').next().unwrap_or_default();
    for wrapping in ["inet_addr(\"", "inet_pton(AF_INET6, \""] {
        if let Some(inner) = value.strip_prefix(wrapping) {
            return inner.trim_end_matches("\")").to_owned();
        }
    }
    value.to_owned()
}

/// A number as strace writes it: decimal, hexadecimal, or the link that it is the index of.
fn number(said: &str) -> Option<u64> {
    if let Some(name) = said.strip_prefix("if_nametoindex(\"") {
        // strace looked while the link was there; veth0 was made right behind brg0.
        return ["lo", "brg0", "veth0"]
            .iter()
            .zip(1..)
            .find(|(known, _)| name.trim_end_matches("\")") == **known)
            .map(|(_, index)| index);
    }
    match said.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => said.parse().ok(),
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

/// A row of tshark's columns. It says the flags twice; it may come to open the nests, too, so
/// ours have to be among its attributes in their order.
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
        // tshark 4.0 knows nothing of namespaces' ids, of alternative names and of what is
        // said of a neighbour.
        return;
    }
    let layout = body(Protocol::Route, kind).expect("a type we know").layout;
    let mut theirs = columns[3].iter().zip(&columns[4]);
    for raw in Walk::new(&sent.bytes[16 + layout.size..]) {
        let raw = raw.expect("well formed");
        let wanted = (u64::from(raw.kind), u64::from(raw.len));
        assert!(
            theirs.any(|(&kind, &len)| (kind, len) == wanted),
            "tshark does not see {raw:?}: {row}"
        );
    }
}

/// A capture file of our messages.
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
