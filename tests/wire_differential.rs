//! What `ip` sends and what we send for the same thing, decoded and compared attribute by
//! attribute: live under strace, and as recorded. Only declared differences, and all of them.
#![allow(clippy::indexing_slicing)]

mod common;

use common::isolate;
mod wire_cases;

use common::TestContainer;
use wire_cases::cases::{Case, Ours};
use wire_cases::{cases, differences, ours, trace};

#[test]
fn the_kernel_gets_from_us_what_it_gets_from_ip() {
    isolate("the_kernel_gets_from_us_what_it_gets_from_ip", || {
        if wire_cases::sending() {
            return;
        }
        let ours = ours("the_kernel_gets_from_us_what_it_gets_from_ip");
        let theirs = theirs();
        let mut wrong = String::new();
        for ((case, ours), theirs) in cases().iter().zip(&ours).zip(&theirs) {
            wrong += &undeclared(case, &ours.bytes, theirs);
        }
        assert!(wrong.is_empty(), "{wrong}");
    });
}

/// ip's messages, in a namespace in which the links get the same indexes.
fn theirs() -> Vec<Vec<u8>> {
    let (host, container) = (TestContainer::new(), TestContainer::new());
    let netns = format!("/proc/{}/ns/net", container.pid());
    let netns = netns.as_str();
    let theirs = |case: &Case| {
        let words = case
            .ip
            .split(' ')
            .map(|word| if word == "NS" { netns } else { word });
        let words: Vec<&str> = ["ip"].into_iter().chain(words).collect();
        let wanted = kind(&golden(&format!("ip-{}", case.name)));
        // Before it, ip asks for the links that are named.
        let sent = trace(&words);
        let sent = sent
            .into_iter()
            .rev()
            .find(|sent| kind(&sent.bytes) == wanted);
        let sent = sent.unwrap_or_else(|| panic!("{}: nothing of type {wanted}", case.name));
        whole(sent.bytes)
    };
    host.inside(|| cases().iter().map(theirs).collect())
}

/// These two the program asks only in the course of something else.
#[test]
fn routes_and_namespaces_are_asked_for_as_ip_does() {
    isolate("routes_and_namespaces_are_asked_for_as_ip_does", || {
        let container = TestContainer::new();
        let pid = container.pid();
        let words = format!(
            "{} up --pid {pid} --container-address 10.10.10.7/24",
            common::binary()
        );
        let words: Vec<&str> = words.split(' ').collect();
        let mut sent = Vec::new();
        // The second time there is a pair, and it has to be told where its other end is.
        for _ in 0..2 {
            sent.extend(trace(&words));
        }
        let asked = |golden: &str| {
            let theirs = self::golden(golden);
            let same = |bytes: &[u8]| differences(bytes, &theirs);
            let ours = sent
                .iter()
                .filter(|sent| kind(&sent.bytes) == kind(&theirs));
            ours.map(|sent| same(&sent.bytes))
                .min_by_key(Vec::len)
                .expect("it is asked")
        };
        // ip wants to know the table too, which is no part of the question.
        let flags = "RTM_F_FIB_MATCH";
        let lookup = (
            "rtm_flags".into(),
            flags.into(),
            format!("RTM_F_LOOKUP_TABLE | {flags}"),
        );
        assert_eq!(asked("ip-get-route"), [lookup]);
        let differ = asked("ip-get-nsid");
        let places: Vec<&str> = differ.iter().map(|(place, ..)| &**place).collect();
        // Each process numbers its own descriptors.
        assert!(places.is_empty() || places == ["NETNSA_FD"], "{differ:?}");
    });
}

/// The same with stored recordings: also where there is another ip, or none.
#[test]
fn what_was_recorded_differs_as_declared() {
    let mut wrong = String::new();
    for case in cases() {
        if let Ours::Does(_) = case.ours {
            let mut ours = acknowledged(golden(&format!("our-{}", case.name)));
            if case.name.starts_with("create-veth") {
                another_descriptor(&mut ours);
            }
            let theirs = golden(&format!("ip-{}", case.name));
            wrong += &undeclared(&case, &ours, &theirs);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Both recordings have descriptor 4, by chance: the one of ours becomes another.
fn another_descriptor(ours: &mut [u8]) {
    let attribute = [8, 0, 28, 0, 4, 0, 0, 0];
    let at = ours.windows(8).position(|window| window == attribute);
    ours[at.expect("IFLA_NET_NS_FD") + 4] = 5;
}

/// Differences that are not declared, and declared ones that are none.
fn undeclared(case: &Case, ours: &[u8], theirs: &[u8]) -> String {
    let found = differences(ours, theirs);
    let mut wrong = String::new();
    for (place, ours, theirs) in &found {
        let declared = case.differences.iter().any(|known| {
            let any = |known: &str, said: &str| known == "*" || known == said;
            known.place == place && any(known.ours, ours) && any(known.theirs, theirs)
        });
        if !declared {
            wrong += &format!("{}: {place}: we say {ours}, ip says {theirs}\n", case.name);
        }
    }
    for known in &case.differences {
        if found.iter().all(|(place, ..)| place != known.place) {
            let (name, place, reason) = (case.name, known.place, known.reason);
            wrong += &format!("{name}: {place} is no difference any more ({reason})\n");
        }
    }
    wrong
}

/// A message alone: some are followed by the rest of ip's buffer.
fn whole(mut bytes: Vec<u8>) -> Vec<u8> {
    let len = u32::from_ne_bytes(bytes[..4].try_into().unwrap());
    bytes.truncate(usize::try_from(len).unwrap());
    bytes
}

/// As the message is sent when it is the last of its datagram.
fn acknowledged(mut bytes: Vec<u8>) -> Vec<u8> {
    let flags = u16::from_ne_bytes([bytes[6], bytes[7]]) | netsetgo::wire::uapi::NLM_F_ACK;
    bytes[6..8].copy_from_slice(&flags.to_ne_bytes());
    bytes
}

fn kind(bytes: &[u8]) -> u16 {
    u16::from_ne_bytes([bytes[4], bytes[5]])
}

/// A recording of `tests/goldens`: little-endian, as these tests' machines are.
fn golden(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/goldens/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.flat_map(str::split_whitespace)
        .map(|byte| u8::from_str_radix(byte, 16).expect("two hexadecimal digits"))
        .collect()
}
