//! Compares the messages of `ip` and of netsetgo for the same task, attribute by attribute: live
//! under strace, and as recorded. The messages differ exactly as each case declares.
#![allow(clippy::indexing_slicing)]

mod common;

use common::isolate;
mod wire_cases;

use common::TestContainer;
use wire_cases::cases::{Case, Task};
use wire_cases::{cases, differences, from_netsetgo, trace};

#[test]
fn live_messages_differ_from_ip_only_as_declared() {
    isolate("live_messages_differ_from_ip_only_as_declared", || {
        if wire_cases::sending() {
            return;
        }
        let from_netsetgo = from_netsetgo("live_messages_differ_from_ip_only_as_declared");
        let from_ip = from_ip();
        let mut wrong = String::new();
        for ((case, from_netsetgo), from_ip) in cases().iter().zip(&from_netsetgo).zip(&from_ip) {
            wrong += &undeclared(case, &from_netsetgo.bytes, from_ip);
        }
        assert!(wrong.is_empty(), "{wrong}");
    });
}

/// Returns the messages of ip, from a namespace in which the links get the same indexes.
fn from_ip() -> Vec<Vec<u8>> {
    let (host, container) = (TestContainer::new(), TestContainer::new());
    let netns = format!("/proc/{}/ns/net", container.pid());
    let netns = netns.as_str();
    let from_ip = |case: &Case| {
        let arguments = case
            .ip
            .split(' ')
            .map(|word| if word == "NS" { netns } else { word });
        let arguments: Vec<&str> = ["ip"].into_iter().chain(arguments).collect();
        let wanted = kind(&golden(&format!("ip-{}", case.name)));
        // Before this message, ip sends requests for the links that the arguments name.
        let sent = trace(&arguments);
        let sent = sent
            .into_iter()
            .rev()
            .find(|sent| kind(&sent.bytes) == wanted);
        let sent = sent.unwrap_or_else(|| panic!("{}: nothing of type {wanted}", case.name));
        whole(sent.bytes)
    };
    host.inside(|| cases().iter().map(from_ip).collect())
}

/// netsetgo sends these two requests only as a part of `up`.
#[test]
fn route_and_nsid_requests_match_ip() {
    isolate("route_and_nsid_requests_match_ip", || {
        let container = TestContainer::new();
        let pid = container.pid();
        let arguments = format!(
            "{} up --pid {pid} --container-address 10.10.10.7/24",
            common::binary()
        );
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut sent = Vec::new();
        // The second `up` finds a pair, so it requests the namespace id of the container end.
        for _ in 0..2 {
            sent.extend(trace(&arguments));
        }
        let request_difference = |golden: &str| {
            let from_ip = self::golden(golden);
            let same = |bytes: &[u8]| differences(bytes, &from_ip);
            let from_netsetgo = sent
                .iter()
                .filter(|sent| kind(&sent.bytes) == kind(&from_ip));
            from_netsetgo
                .map(|sent| same(&sent.bytes))
                .min_by_key(Vec::len)
                .expect("netsetgo sends this request")
        };
        // ip also requests the id of the table (RTM_F_LOOKUP_TABLE).
        let flags = "RTM_F_FIB_MATCH";
        let lookup = (
            "rtm_flags".into(),
            flags.into(),
            format!("RTM_F_LOOKUP_TABLE | {flags}"),
        );
        assert_eq!(request_difference("ip-get-route"), [lookup]);
        let differ = request_difference("ip-get-nsid");
        let paths: Vec<&str> = differ.iter().map(|(path, ..)| &**path).collect();
        // The number of a file descriptor depends on the process.
        assert!(paths.is_empty() || paths == ["NETNSA_FD"], "{differ:?}");
    });
}

/// Compares the stored recordings. This needs no ip, and works beside an ip of another version.
#[test]
fn recorded_messages_differ_from_ip_only_as_declared() {
    let mut wrong = String::new();
    for case in cases() {
        if let Task::Does(_) = case.from_netsetgo {
            let mut from_netsetgo = acknowledged(golden(&format!("our-{}", case.name)));
            if case.name.starts_with("create-veth") {
                another_descriptor(&mut from_netsetgo);
            }
            let from_ip = golden(&format!("ip-{}", case.name));
            wrong += &undeclared(&case, &from_netsetgo, &from_ip);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The unit tests read each golden that src/wire/goldens.rs lists.
#[test]
fn every_golden_file_is_listed_for_the_unit_tests() {
    let list = include_str!("../src/wire/goldens.rs");
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/goldens");
    let names = std::fs::read_dir(directory)
        .expect("the goldens")
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.into_string().expect("a name of UTF-8")
        });
    let mut goldens = 0;
    for name in names.filter(|name| name != "README.md") {
        let stem = name.strip_suffix(".hex").expect("each golden is NAME.hex");
        assert!(
            list.contains(&format!("    \"{stem}\"\n")),
            "{name} is not listed"
        );
        goldens += 1;
    }
    assert!(goldens > 100, "{goldens} goldens");
}

/// Both recordings contain descriptor 4 by chance. This changes the one of netsetgo, so that they
/// differ as declared.
fn another_descriptor(from_netsetgo: &mut [u8]) {
    let attribute = [8, 0, 28, 0, 4, 0, 0, 0];
    let at = from_netsetgo
        .windows(8)
        .position(|window| window == attribute);
    from_netsetgo[at.expect("IFLA_NET_NS_FD") + 4] = 5;
}

/// Returns the differences that are not declared, and the declared ones that do not exist.
fn undeclared(case: &Case, from_netsetgo: &[u8], from_ip: &[u8]) -> String {
    let found = differences(from_netsetgo, from_ip);
    let mut wrong = String::new();
    for (path, from_netsetgo, from_ip) in &found {
        let declared = case.differences.iter().any(|known| {
            let any = |known: &str, printed: &str| known == "*" || known == printed;
            known.path == path
                && any(known.from_netsetgo, from_netsetgo)
                && any(known.from_ip, from_ip)
        });
        if !declared {
            wrong += &format!(
                "{}: {path}: netsetgo sends {from_netsetgo}, ip sends {from_ip}\n",
                case.name
            );
        }
    }
    for known in &case.differences {
        if found.iter().all(|(path, ..)| path != known.path) {
            let (name, path, reason) = (case.name, known.path, known.reason);
            wrong += &format!(
                "{name}: {path} is declared as a difference, but both send the same ({reason})\n"
            );
        }
    }
    wrong
}

/// Cuts the bytes after the message, which are the rest of ip's buffer.
fn whole(mut bytes: Vec<u8>) -> Vec<u8> {
    let len = u32::from_ne_bytes(bytes[..4].try_into().unwrap());
    bytes.truncate(usize::try_from(len).unwrap());
    bytes
}

/// Sets NLM_F_ACK, as netsetgo does in the last message of a datagram.
fn acknowledged(mut bytes: Vec<u8>) -> Vec<u8> {
    let flags = u16::from_ne_bytes([bytes[6], bytes[7]]) | netsetgo::wire::uapi::NLM_F_ACK;
    bytes[6..8].copy_from_slice(&flags.to_ne_bytes());
    bytes
}

fn kind(bytes: &[u8]) -> u16 {
    u16::from_ne_bytes([bytes[4], bytes[5]])
}

/// Reads a recording of `tests/goldens`. It is little-endian, and so is the machine of this test.
fn golden(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/goldens/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.flat_map(str::split_whitespace)
        .map(|byte| u8::from_str_radix(byte, 16).expect("two hexadecimal digits"))
        .collect()
}
