//! `decode` reads what the tools that people have at hand really print, and says where it stops
//! understanding. A tool that is not installed is not asked.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::binary;
use netsetgo::front::hex;
use netsetgo::front::pcap::{self, Direction};
use netsetgo::wire::registry::Protocol;
use std::io::{ErrorKind, Write};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// The program's, or a tool's, answer to what it reads; nothing where there is no such tool.
fn answer(command: &str, input: &[u8]) -> Option<Output> {
    let mut words = command.split(' ');
    let spawned = Command::new(words.next().unwrap())
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => panic!("{command}: {error}"),
    };
    // The answer may be longer than a pipe holds.
    let (mut pipe, input) = (child.stdin.take().unwrap(), input.to_vec());
    let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Some(output)
}

/// What `decode` says of a text.
fn decoded(input: &[u8]) -> String {
    let output = answer(&format!("{} decode", binary()), input).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Its one line of refusal.
fn refused(input: &[u8]) -> String {
    let output = answer(&format!("{} decode", binary()), input).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

fn plain(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A message of ours that makes a veth pair, in this machine's byte order, with a long row of
/// zeros in its middle.
fn message() -> Vec<u8> {
    let explained = Command::new(binary())
        .args([
            "explain",
            "--bridge-address",
            "fd00::1/64",
            "--container-address",
            "fd00::2/64",
        ])
        .output()
        .unwrap();
    let mut bytes = hex::runs(&String::from_utf8(explained.stdout).unwrap()).remove(0);
    // An attribute of an unknown number; zeros that rows are squeezed for, and at last a message
    // that does not end at a multiple of anything.
    let length = u32::from_ne_bytes(bytes[..4].try_into().unwrap()) as usize;
    bytes.truncate(length);
    bytes.extend([148_u16.to_ne_bytes(), 999_u16.to_ne_bytes()].concat());
    bytes.extend([0; 144]);
    bytes.extend([7_u16.to_ne_bytes(), 3_u16.to_ne_bytes()].concat());
    bytes.extend(*b"v1\0");
    let length = u32::try_from(bytes.len()).unwrap();
    bytes[..4].copy_from_slice(&length.to_ne_bytes());
    bytes
}

#[test]
fn what_tools_print_is_read() {
    let message = message();
    let expected = decoded(plain(&message).as_bytes());
    assert!(
        expected.contains("RTM_NEWLINK") && expected.contains("\"v1\""),
        "{expected}"
    );
    for command in [
        "xxd",
        "xxd -a",
        "xxd -u",
        "xxd -p",
        "xxd -p -c 0",
        "xxd -i",
        "xxd -e",
        "xxd -e -g 2",
        "xxd -g 1",
        "xxd -g 4",
        "xxd -c 32",
        "xxd -c 32 -g 1",
        "xxd -c 8 -g 1",
        "xxd -c 5 -a",
        "xxd -c 256",
        "xxd -b",
        "hexdump -C",
        "hexdump",
        "hexdump -x",
        "hexdump -v",
        "hexdump -Cv",
        "od",
        "od -x",
        "od -v -x",
        "od -A x -t x1",
        "od -t x1",
        "od -A d -t x1",
        "od -A x -t x1z",
        "od -t x1z",
        "od -t x4",
        "od -t x8z",
        "od -A x -t x4",
        "od -A d -t x2",
        "od -A n -v -t x1",
        "od -A x -t x2z",
        "od -w32 -t x1",
        "od -A x -w8 -t x1z",
    ] {
        if let Some(output) = answer(command, &message) {
            if !output.status.success() {
                // BusyBox's tools know fewer options.
                let error = String::from_utf8_lossy(&output.stderr);
                assert!(error.contains("invalid"), "{command}: {error}");
                continue;
            }
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(decoded(&output.stdout), expected, "{command}:\n{printed}");
            // As a mail or a page has it.
            let prose = format!("I ran {command}:\n\n{printed}\nIs that right?\n");
            assert_eq!(decoded(prose.as_bytes()), expected, "{command}:\n{printed}");
        }
    }
}

#[test]
fn languages_arrays_and_strings_are_read() {
    let message = message();
    let expected = decoded(plain(&message).as_bytes());
    let list = |number: &dyn Fn(u8) -> String, between: &str| {
        let numbers: Vec<String> = message.iter().map(|&byte| number(byte)).collect();
        numbers.join(between)
    };
    let go = format!("sent {message:?}").replace(',', "");
    let escaped: String = message
        .iter()
        .map(|byte| format!("\\x{byte:02x}"))
        .collect();
    let literal: String = message
        .iter()
        .flat_map(|&byte| byte.escape_ascii())
        .map(char::from)
        .collect();
    let octal = list(&|byte| format!("\\{byte:03o}"), "");
    for text in [
        format!("let m = {message:#04x?};"),
        format!("let m = {message:?};"),
        go,
        format!("[{}]", list(&|byte| format!("0x{byte:02x}u8"), ", ")),
        format!(
            "uint8_t m[] = {{\n{} }};",
            list(
                &|byte| format!("0x{byte:x}, /* {byte:#04x} */ // 0x01\n"),
                ""
            )
        ),
        list(&|byte| format!("{byte:02x}"), ":"),
        format!("b'{escaped}'"),
        format!("let m = b\"{literal}\";"),
        format!(
            "write(3, \"{octal}\", {}) = {}",
            message.len(),
            message.len()
        ),
        format!("$ printf '{escaped}' | netsetgo decode"),
    ] {
        assert_eq!(decoded(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn what_is_not_understood_is_said() {
    let message = message();
    let hex = plain(&message);
    let (one, two) = hex.split_at(40);
    let view = decoded(format!("{one}\nthe rest:\n{two}\n").as_bytes());
    assert!(
        view.ends_with("\n\npassed over, as it is no hex: line 2\n"),
        "{view}"
    );
    let view = decoded(format!("{one}\n{two}0\n").as_bytes());
    assert!(
        view.ends_with("\n\npassed over, as it is no hex: line 2\n"),
        "{view}"
    );
    let hole = "00000000  54 00 00 00 10 00 05 06  86 b9 04 6b 00 00 00 00\n00000030  00 00\n";
    let view = decoded(hole.as_bytes());
    assert!(
        view.contains("line 2: its offset is 0x30, but the bytes before it end at 0x10"),
        "{view}"
    );
    // strace 6.1: strace -xx -e trace=sendmsg ip link add d1 type dummy
    let pieces = "sendmsg(3, {msg_name={sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, \
        msg_namelen=12, msg_iov=[{iov_base=[{nlmsg_len=56, nlmsg_type=RTM_NEWLINK, \
        nlmsg_flags=NLM_F_REQUEST|NLM_F_ACK|NLM_F_EXCL|NLM_F_CREATE, nlmsg_seq=1795538113, \
        nlmsg_pid=0}, {ifi_family=AF_UNSPEC, ifi_type=ARPHRD_NETROM, ifi_index=0, ifi_flags=0, \
        ifi_change=0}, [[{nla_len=7, nla_type=IFLA_IFNAME}, \"\\x64\\x31\\x00\"...]]], \
        iov_len=56}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 56\n";
    let error = refused(pieces.as_bytes());
    assert!(
        error.contains("strace -e write=all -e read=all shows all bytes"),
        "{error}"
    );
    let error = refused(b"0x1234, 0x5678\n");
    assert!(
        error.contains("no hex in it") && error.contains("line 1"),
        "{error}"
    );
}

/// A capture of a request and a netfilter batch.
fn capture() -> Vec<u8> {
    let mut file = pcap::file_header();
    file.extend(pcap::record(
        Direction::Sent,
        Protocol::Route,
        Duration::ZERO,
        &message(),
    ));
    file.extend(pcap::record(
        Direction::Received,
        Protocol::Netfilter,
        Duration::ZERO,
        &batch(),
    ));
    file
}

/// `NFNL_MSG_BATCH_BEGIN`, and a chain: only the second one's type is netfilter's alone.
fn batch() -> Vec<u8> {
    let header = |length: u32, kind: u16| {
        [
            &length.to_ne_bytes()[..],
            &kind.to_ne_bytes(),
            &1_u16.to_ne_bytes(),
            &[0; 8],
        ]
        .concat()
    };
    [
        header(20, 16),
        vec![0, 0, 0, 10],
        header(20, 10 << 8 | 3),
        vec![2, 0, 0, 0],
    ]
    .concat()
}

#[test]
fn a_batch_of_netfilter_is_told_by_any_of_its_messages() {
    let view = decoded(plain(&batch()).as_bytes());
    assert!(view.contains("NFT_MSG_NEWCHAIN"), "{view}");
}

#[test]
fn what_tshark_makes_of_a_capture_is_read() {
    let file = std::env::temp_dir().join(format!("netsetgo-{}-decode.pcap", std::process::id()));
    std::fs::write(&file, capture()).unwrap();
    let name = file.to_str().unwrap();
    let expected = decoded(&capture());
    assert!(expected.starts_with("1. --> to the kernel: "), "{expected}");
    let converted = answer(&format!("tshark -r {name} -F pcapng -w -"), b"");
    let printed = answer(&format!("tshark -r {name} -x"), b"");
    std::fs::remove_file(&file).unwrap();
    if let Some((converted, printed)) = converted.zip(printed) {
        assert_eq!(decoded(&converted.stdout), expected);
        let expected = expected.replace("1. -->", "-->").replace("2. <--", "<--");
        assert_eq!(decoded(&printed.stdout), expected);
    }
}

#[test]
fn a_record_that_keeps_less_says_so() {
    let mut file = pcap::file_header();
    let kept = &message()[..44];
    file.extend(pcap::record(
        Direction::Sent,
        Protocol::Route,
        Duration::ZERO,
        kept,
    ));
    // Of 16 bytes more.
    file[36..40].copy_from_slice(&76_u32.to_ne_bytes());
    let view = decoded(&file);
    assert!(
        view.starts_with("1. --> to the kernel: 60 bytes (44 of 60 bytes kept)\n"),
        "{view}"
    );
}

#[test]
fn a_hole_of_gibibytes_is_told_and_not_filled() {
    let text = "00000000  54 00 00 00\n*\nfffffff0  54 00 00 00\n".repeat(1000);
    let view = decoded(text.as_bytes());
    assert!(
        view.contains("too many"),
        "{}",
        view.get(view.len() - 600..).unwrap()
    );
}
