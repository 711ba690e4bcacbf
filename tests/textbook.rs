//! The textbook tells the truth: what is explained is what is sent, what is printed can be read
//! back, and noise is no harm.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;
#[allow(dead_code)]
#[path = "wire_cases/traced.rs"]
mod traced;

use common::{Container, binary, isolate, netsetgo, refused, succeeds};
use netsetgo::front::hex;
use netsetgo::front::pcap::{self, Direction};
use netsetgo::wire::message::Messages;
use netsetgo::wire::printer::{Role, fields, nameless};
use netsetgo::wire::registry::Protocol;
use netsetgo::wire::uapi;
use std::io::Write;
use std::process::{Command, Stdio};
use traced::trace;

fn said(words: &str) -> String {
    let output = netsetgo(words);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "netsetgo {words}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// What `decode` says of a text on its standard input.
fn decoded(input: &[u8]) -> (Option<i32>, String) {
    let mut child = Command::new(binary())
        .arg("decode")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Its answer may be longer than a pipe holds.
    let (mut pipe, input) = (child.stdin.take().unwrap(), input.to_vec());
    let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

/// The requests in a run of bytes that change something, with what only the kernel or the moment
/// knows set to zero: sequence numbers, indexes, descriptors.
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
        let fields = fields(Protocol::Route, message.bytes, &nameless);
        for (place, field) in fields.iter().enumerate() {
            let of = fields[..place]
                .iter()
                .rev()
                .find(|f| f.role == Role::Attribute);
            let hidden = match field.role {
                Role::Member => {
                    ["nlmsg_seq", "ifi_index", "ifa_index", "ndm_ifindex"].contains(&&*field.name)
                }
                Role::Payload => {
                    ["IFLA_MASTER", "IFLA_NET_NS_FD", "RTA_OIF"].contains(&&*of.unwrap().name)
                }
                _ => false,
            };
            if hidden {
                bytes[field.offset..field.offset + field.len].fill(0);
            }
        }
        all.push(bytes);
    }
    all
}

/// Each ioctl that is explained is made, and shown as it is.
fn ioctls_are_told(words: &str) {
    let container = Container::new();
    let named: Vec<String> = said(&format!("explain{words}"))
        .lines()
        .filter_map(|line| line.split_once("ioctl(2) "))
        .map(|(_, rest)| rest.split(',').next().unwrap().to_owned())
        .collect();
    let output = netsetgo(&format!("up --trace --pid {}{words}", container.pid()));
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
    assert_eq!(named, done, "explain{words}");
    assert_eq!(words.contains("ioctl"), !named.is_empty());
    succeeds(&format!("down --pid {}", container.pid()));
}

/// A name for a file of this test alone.
fn file(name: &str) -> String {
    let path = std::env::temp_dir().join(format!("netsetgo-{}-{name}", std::process::id()));
    path.to_str().unwrap().to_owned()
}

/// Taken away when it is dropped.
struct Gone(String);
impl Drop for Gone {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn what_is_explained_is_what_strace_sees_sent() {
    isolate("what_is_explained_is_what_strace_sees_sent", || {
        for words in [
            "",
            " --container-address auto --id c1 --mtu 1400 --hairpin --mac 02:00:00:00:00:07",
            " --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64 --container-address auto",
            " --route 10.20.0.0/16 --no-default-route --bridge-backend ioctl",
        ] {
            let container = Container::new();
            let explained: Vec<Vec<u8>> = hex::runs(&said(&format!("explain{words}")))
                .iter()
                .flat_map(|run| changes(run))
                .collect();
            let up = format!("{} up --pid {}{words}", binary(), container.pid());
            let sent: Vec<Vec<u8>> = trace(&up.split(' ').collect::<Vec<_>>())
                .iter()
                .flat_map(|datagram| changes(&datagram.bytes))
                .collect();
            assert_eq!(explained, sent, "explain{words}");
            succeeds(&format!("down --pid {}", container.pid()));
            ioctls_are_told(words);
        }
    });
}

#[test]
fn everything_printed_or_captured_is_read_back() {
    isolate("everything_printed_or_captured_is_read_back", || {
        let container = Container::new();
        let capture = file("all");
        let _gone = Gone(capture.clone());
        for words in [
            format!("up --pid {} --trace --pcap {capture}", container.pid()),
            format!("check --pid {} --trace --pcap {capture}", container.pid()),
            format!("list --trace --pcap {capture}"),
            format!("doctor --pid {} --trace --pcap {capture}", container.pid()),
            format!("down --pid {} --trace --pcap {capture}", container.pid()),
            format!("gc --trace --pcap {capture}"),
        ] {
            let output = netsetgo(&words);
            let bytes = std::fs::read(&capture).unwrap();
            let (captured, fault) = pcap::read(&bytes);
            assert!(!captured.is_empty() && fault.is_none(), "{words}");
            let traced = hex::runs(&String::from_utf8(output.stderr).unwrap());
            let datagrams: Vec<Vec<u8>> = captured.iter().map(|c| c.datagram.to_vec()).collect();
            let place = traced
                .iter()
                .zip(&datagrams)
                .position(|(traced, sent)| traced != sent);
            assert_eq!((place, traced.len()), (None, datagrams.len()), "{words}");
            let (code, view) = decoded(&bytes);
            assert_eq!(code, Some(0));
            assert!(
                !view.contains('?'),
                "{words}: all of it is understood: {view}"
            );
            assert_eq!(hex::runs(&view), datagrams, "the view is hex again");
        }
    });
}

#[test]
fn strace_and_hexdump_texts_are_read() {
    isolate("strace_and_hexdump_texts_are_read", || {
        let container = Container::new();
        let trace = file("text");
        let _gone = Gone(trace.clone());
        let status = Command::new("strace")
            .args([
                "-e",
                "trace=sendto",
                "-e",
                "write=all",
                "-o",
                &trace,
                &binary(),
                "up",
                "--pid",
            ])
            .arg(container.pid().to_string())
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
fn noise_is_no_harm() {
    isolate("noise_is_no_harm", || {
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        for round in 0..60 {
            let mut bytes: Vec<u8> = (0..next() % 600).map(|_| next() as u8).collect();
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
        assert!(refused("decode /dev/null").contains("there is no hex in it"));
        let error = refused("list --pcap /no/such/folder/file");
        assert!(
            error.contains("write the capture /no/such/folder/file: ENOENT"),
            "{error}"
        );
    });
}

#[test]
fn rows_fit_a_page_and_are_plain_in_a_pipe() {
    isolate("rows_fit_a_page_and_are_plain_in_a_pipe", || {
        let long = format!(
            "explain --bridge-name fifteen-letters --host-ifname fifteen-letter2 --container-ifname \
         fifteen-letter3 --bridge-address fd00:1111:2222:3333:4444:5555:6666:7771/64 \
         --bridge-address 192.168.100.101/24 --container-address auto --id {}",
            "i".repeat(100)
        );
        for words in [
            "explain",
            "explain --container-address auto --id c1 --isolated --mtu 9000",
            "explain --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64 \
         --container-address auto --bridge-backend ioctl",
            &long,
        ] {
            let text = said(words);
            assert!(
                text.lines().all(|line| line.chars().count() <= 100),
                "{text}"
            );
            assert!(!text.contains('\x1b'), "no colours in a pipe");
        }
    });
}

#[test]
fn the_exercises_are_answered_as_the_readme_says() {
    isolate("the_exercises_are_answered_as_the_readme_says", || {
        let folder = std::env::current_exe().unwrap();
        let folder = folder.parent().unwrap().parent().unwrap().join("examples");
        for (exercise, answer, pointed) in [
            (
                "name_too_long",
                "ERANGE: Attribute failed policy validation (IFLA_IFNAME: ",
                "^^^^^^^^^^^              IFLA_IFNAME Attribute failed policy validation",
            ),
            (
                "unknown_kind",
                "EOPNOTSUPP: Unknown device type",
                "<-- from the kernel",
            ),
            (
                "wrong_length",
                "EINVAL: bytes leftover after parsing attributes",
                "",
            ),
        ] {
            let output = Command::new(folder.join(exercise))
                .output()
                .expect("cargo build --examples");
            let (out, err) = (
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr),
            );
            assert!(output.status.success(), "{exercise}: {err}");
            assert!(out.contains(answer), "{exercise}: {out}");
            assert!(err.contains(pointed), "{exercise}: {err}");
        }
    });
}
