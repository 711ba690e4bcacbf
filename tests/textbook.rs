//! The commands of the feature `textbook` agree with what netsetgo sends: `explain` prints the same
//! requests, and `decode` parses each trace, capture and hexdump.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;
#[allow(dead_code)]
#[path = "wire_cases/traced.rs"]
mod traced;

use common::random::Random;
use common::temporary::TemporaryDirectory;
use common::{Running, TestContainer, binary, isolate, netsetgo, refused, succeeds};
use netsetgo::front::hex;
use netsetgo::front::pcap::{self, Direction};
use netsetgo::wire::message::Messages;
use netsetgo::wire::printer::{Role, fields, no_names};
use netsetgo::wire::registry::Protocol;
use netsetgo::wire::uapi;
use std::io::Write;
use std::process::{Command, Stdio};
use traced::trace;

/// Runs netsetgo, which must succeed. Returns its standard output.
fn printed(arguments: &str) -> String {
    let output = netsetgo(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "netsetgo {arguments}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `decode` with this standard input. Returns its exit status and its standard output.
fn decoded(input: &[u8]) -> (Option<i32>, String) {
    let mut child = Running::start(
        Command::new(binary())
            .arg("decode")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    // The output may be longer than a pipe holds, so a thread writes the input at the same time.
    let (mut pipe, input) = (child.stdin(), input.to_vec());
    let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.output();
    writer.join().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

/// The requests in the bytes, without queries. Sequence numbers, indexes and descriptors are set to
/// zero, because they differ from run to run.
fn changes(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for message in Messages::new(bytes) {
        let message = message.unwrap();
        let kind = message.header.kind;
        if [
            uapi::RTM_GETLINK,
            uapi::RTM_GETROUTE,
            uapi::RTM_GETADDR,
            uapi::RTM_GETNSID,
        ]
        .contains(&kind)
        {
            continue;
        }
        let mut bytes = message.bytes.to_vec();
        let fields = fields(Protocol::Route, message.bytes, &no_names);
        for (place, field) in fields.iter().enumerate() {
            let attribute = fields[..place]
                .iter()
                .rev()
                .find(|f| f.role == Role::Attribute);
            let varies = match field.role {
                Role::Member => {
                    ["nlmsg_seq", "ifi_index", "ifa_index", "ndm_ifindex"].contains(&&*field.name)
                }
                Role::Payload => ["IFLA_MASTER", "IFLA_NET_NS_FD", "RTA_OIF"]
                    .contains(&&*attribute.unwrap().name),
                _ => false,
            };
            if varies {
                bytes[field.offset..field.offset + field.len].fill(0);
            }
        }
        all.push(bytes);
    }
    all
}

/// Each ioctl that `explain` prints is made by `up`, in the same order.
fn assert_explained_ioctls_are_made(arguments: &str) {
    let container = TestContainer::new();
    let named: Vec<String> = printed(&format!("explain{arguments}"))
        .lines()
        .filter_map(|line| line.split_once("ioctl(2) "))
        .map(|(_, rest)| rest.split(',').next().unwrap().to_owned())
        .collect();
    let output = netsetgo(&format!("up --trace --pid {}{arguments}", container.pid()));
    let traced = String::from_utf8(output.stderr).unwrap();
    let done: Vec<String> = traced
        .lines()
        .filter_map(|line| line.strip_prefix("=== "))
        .map(|line| {
            line.strip_suffix(", in the host: done")
                .expect(line)
                .to_owned()
        })
        .collect();
    assert_eq!(named, done, "explain{arguments}");
    assert_eq!(arguments.contains("ioctl"), !named.is_empty());
    succeeds(&format!("down --pid {}", container.pid()));
}

#[test]
fn explain_prints_the_requests_that_up_sends() {
    isolate("explain_prints_the_requests_that_up_sends", || {
        for arguments in [
            "",
            " --container-address auto --id c1 --mtu 1400 --hairpin --mac 02:00:00:00:00:07",
            " --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64 --container-address auto",
            " --route 10.20.0.0/16 --no-default-route --bridge-backend ioctl",
        ] {
            let container = TestContainer::new();
            let explained: Vec<Vec<u8>> = hex::read(&printed(&format!("explain{arguments}")))
                .unwrap()
                .datagrams
                .iter()
                .flat_map(|run| changes(run))
                .collect();
            let up = format!("{} up --pid {}{arguments}", binary(), container.pid());
            let sent: Vec<Vec<u8>> = trace(&up.split(' ').collect::<Vec<_>>())
                .iter()
                .flat_map(|datagram| changes(&datagram.bytes))
                .collect();
            assert!(!explained.is_empty(), "explain{arguments}");
            assert_eq!(explained, sent, "explain{arguments}");
            succeeds(&format!("down --pid {}", container.pid()));
            assert_explained_ioctls_are_made(arguments);
        }
    });
}

#[test]
fn trace_and_capture_are_decoded_without_unknown_fields() {
    isolate(
        "trace_and_capture_are_decoded_without_unknown_fields",
        || {
            let container = TestContainer::new();
            let directory = TemporaryDirectory::new("capture");
            let capture = directory.file("capture.pcap");
            let options = format!("--trace --pcap {}", capture.display());
            for arguments in [
                format!("up --pid {} {options}", container.pid()),
                format!("check --pid {} {options}", container.pid()),
                format!("list {options}"),
                format!("doctor --pid {} {options}", container.pid()),
                format!("down --pid {} {options}", container.pid()),
                format!("gc {options}"),
            ] {
                let output = netsetgo(&arguments);
                let bytes = std::fs::read(&capture).unwrap();
                let (captured, fault) = pcap::read(&bytes);
                assert!(!captured.is_empty() && fault.is_none(), "{arguments}");
                let traced = hex::read(&String::from_utf8(output.stderr).unwrap());
                let traced = traced.unwrap().datagrams;
                let datagrams: Vec<Vec<u8>> =
                    captured.iter().map(|c| c.datagram.to_vec()).collect();
                let place = traced
                    .iter()
                    .zip(&datagrams)
                    .position(|(traced, sent)| traced != sent);
                assert_eq!(
                    (place, traced.len()),
                    (None, datagrams.len()),
                    "{arguments}"
                );
                let (code, view) = decoded(&bytes);
                assert_eq!(code, Some(0));
                assert!(
                    !view.contains('?'),
                    "{arguments}: a field is unknown: {view}"
                );
                let again = hex::read(&view).unwrap().datagrams;
                assert_eq!(again, datagrams, "the output contains the bytes");
            }
        },
    );
}

#[test]
fn decode_of_strace_output_prints_its_attributes() {
    isolate("decode_of_strace_output_prints_its_attributes", || {
        let container = TestContainer::new();
        let directory = TemporaryDirectory::new("strace");
        let trace = directory.file("trace");
        let status = Command::new("strace")
            .args(["-e", "trace=sendto", "-e", "write=all", "-o"])
            .arg(&trace)
            .args([&binary(), "up", "--pid", &container.pid().to_string()])
            .status()
            .expect("strace is installed");
        assert!(status.success());
        let (code, view) = decoded(&std::fs::read(&trace).unwrap());
        assert_eq!(code, Some(0));
        for name in [
            "RTM_NEWLINK",
            "VETH_INFO_PEER",
            "\"veth1\"",
            "10.10.10.255",
            "RTA_GATEWAY",
        ] {
            assert!(view.contains(name), "{name}: {view}");
        }
    });
}

#[test]
fn decode_of_random_bytes_exits_with_0_or_1() {
    isolate("decode_of_random_bytes_exits_with_0_or_1", || {
        let random = Random::new();
        for round in 0..60 {
            let mut bytes: Vec<u8> = (0..random.below(600))
                .map(|_| random.below(256) as u8)
                .collect();
            match round % 4 {
                0 => {}
                1 => bytes = pcap::file_header().into_iter().chain(bytes).collect(),
                2 => {
                    bytes = bytes
                        .iter()
                        .map(|b| format!("{b:02x} "))
                        .collect::<String>()
                        .into()
                }
                _ => {
                    let record =
                        pcap::record(Direction::Sent, Protocol::Route, Default::default(), &bytes);
                    bytes = pcap::file_header().into_iter().chain(record).collect();
                }
            }
            let (code, _) = decoded(&bytes);
            assert!(matches!(code, Some(0 | 1)), "{code:?} of {bytes:02x?}");
        }
        assert!(refused("decode /no/such/file").contains("read /no/such/file: ENOENT"));
        assert!(refused("decode /dev/null").contains("no hex in a form that decode reads"));
        let error = refused("list --pcap /no/such/folder/file");
        assert!(
            error.contains("write the capture /no/such/folder/file: ENOENT"),
            "{error}"
        );
    });
}

#[test]
fn explain_in_a_pipe_prints_short_lines_without_colour() {
    isolate(
        "explain_in_a_pipe_prints_short_lines_without_colour",
        || {
            let long = format!(
                "explain --bridge-name fifteen-letters --host-ifname fifteen-letter2 --container-ifname \
         fifteen-letter3 --bridge-address fd00:1111:2222:3333:4444:5555:6666:7771/64 \
         --bridge-address 192.168.100.101/24 --container-address auto --id {}",
                "i".repeat(100)
            );
            for arguments in [
                "explain",
                "explain --container-address auto --id c1 --isolated --mtu 9000",
                "explain --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64 \
         --container-address auto --bridge-backend ioctl",
                &long,
            ] {
                let text = printed(arguments);
                assert!(
                    text.lines().all(|line| line.chars().count() <= 100),
                    "{text}"
                );
                assert!(!text.contains('\x1b'), "an escape sequence in a pipe");
            }
        },
    );
}

#[test]
fn exercises_get_the_errors_that_the_readme_names() {
    isolate("exercises_get_the_errors_that_the_readme_names", || {
        let directory = std::env::current_exe().unwrap();
        let directory = directory
            .parent()
            .unwrap()
            .parent()
            .unwrap()
            .join("examples");
        for (exercise, error, line_of_trace) in [
            (
                "name_too_long",
                "ERANGE: Attribute failed policy validation (IFLA_IFNAME: ",
                Some("^^^^^^^^^^^              IFLA_IFNAME Attribute failed policy validation"),
            ),
            (
                "unknown_kind",
                "EOPNOTSUPP: Unknown device type",
                Some("<-- from the kernel"),
            ),
            (
                "wrong_length",
                "EINVAL: bytes leftover after parsing attributes",
                None,
            ),
        ] {
            let output = Command::new(directory.join(exercise))
                .output()
                .expect("cargo build --examples");
            let (out, err) = (
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr),
            );
            assert!(output.status.success(), "{exercise}: {err}");
            assert!(out.contains(error), "{exercise}: {out}");
            let found = line_of_trace.is_none_or(|line| err.contains(line));
            assert!(found, "{exercise}: {err}");
        }
    });
}
