//! Tests of `decode` with the output of the tools that print hex. A test fails if a tool is missing;
//! `.ci/run` installs the tools.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::binary;
use common::temporary::TemporaryDirectory;
use netsetgo::front::hex;
use netsetgo::front::pcap::{self, Direction};
use netsetgo::wire::registry::Protocol;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Runs a command with `input` on its standard input.
fn run(command: &str, input: &[u8]) -> Output {
    let mut words = command.split(' ');
    let mut child = Command::new(words.next().unwrap())
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!(
                "this test needs {command}: {error} \
                (Debian: xxd, bsdextrautils, coreutils, strace, tshark)"
            )
        });
    // A thread writes the input, because the output can be longer than the buffer of a pipe.
    let (mut pipe, input) = (child.stdin.take().unwrap(), input.to_vec());
    let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Runs a tool that must succeed, and returns its standard output.
fn output_of(tool: &str, input: &[u8]) -> Vec<u8> {
    let output = run(tool, input);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool}: {error}");
    output.stdout
}

/// Runs `decode`, which must succeed, and returns its standard output.
fn decoded(input: &[u8]) -> String {
    String::from_utf8(output_of(&format!("{} decode", binary()), input)).unwrap()
}

/// Runs `decode`, which must fail, and returns its error of one line.
fn refused(input: &[u8]) -> String {
    let output = run(&format!("{} decode", binary()), input);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

fn plain(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A message of netsetgo that creates a veth pair, with an unknown attribute of zeros, which dumps
/// show as `*`. Its length is not a multiple of two.
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
    let text = String::from_utf8(explained.stdout).unwrap();
    let mut bytes = hex::read(&text).unwrap().datagrams.remove(0);
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
fn decode_of_supported_dump_prints_the_message() {
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
        "xxd -g 1",
        "xxd -c 32",
        "xxd -c 32 -g 1",
        "xxd -c 8 -g 1",
        "xxd -c 5 -a",
        "xxd -c 256",
        "hexdump -C",
        "hexdump -Cv",
        "od -A x -t x1",
        "od -A x -t x1z",
        "od -A x -v -t x1",
        "od -A n -v -t x1",
        "od -A x -w32 -t x1",
        "od -A x -w8 -t x1z",
    ] {
        let printed = output_of(command, &message);
        let text = String::from_utf8_lossy(&printed);
        assert_eq!(decoded(&printed), expected, "{command}:\n{text}");
        let prose = format!("I ran {command}:\n\n{text}\nIs that right?\n");
        assert_eq!(decoded(prose.as_bytes()), expected, "{command}:\n{text}");
    }
}

#[test]
fn decode_of_unsupported_dump_is_refused() {
    let message = message();
    for command in [
        "xxd -e",
        "xxd -e -g 2",
        "xxd -g 4",
        "xxd -b",
        "hexdump",
        "hexdump -x",
        "hexdump -b",
        "hexdump -c",
        "hexdump -d",
        "od",
        "od -x",
        "od -c",
        "od -t x1",
        "od -A d -t x1",
        "od -t x8z",
        "od -A x",
        "od -A x -t x2",
        "od -A x -t x4",
        "od -A x -t u1",
        "od -A x -t d4",
        "od -A x -c",
    ] {
        let printed = output_of(command, &message);
        let error = refused(&printed);
        assert!(
            error.contains("make plain hex with xxd -p"),
            "{command}: {error}"
        );
    }
}

#[test]
fn decode_of_strace_output_prints_the_message() {
    let message = message();
    let directory = TemporaryDirectory::new("decode-strace");
    let (trace, input) = (directory.file("trace"), directory.file("message"));
    std::fs::write(&input, &message).unwrap();
    let expected = decoded(plain(&message).as_bytes());
    for options in ["-e write=1", "-xx -s 65536", "-x -s 65536", "-s 65536"] {
        let (trace, input) = (trace.display(), input.display());
        output_of(
            &format!("strace -o {trace} -e trace=write {options} cat {input}"),
            b"",
        );
        let text = std::fs::read(directory.file("trace")).unwrap();
        let shown = String::from_utf8_lossy(&text);
        assert_eq!(decoded(&text), expected, "{options}: {shown}");
    }
}

#[test]
fn decode_of_array_or_string_literal_prints_the_message() {
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
fn decode_of_partly_readable_text_prints_notes() {
    let message = message();
    let hex = plain(&message);
    let (one, two) = hex.split_at(40);
    let text = decoded(format!("{one}\nthe rest:\n{two}\n").as_bytes());
    assert!(
        text.ends_with("\n\nline 2: skipped, because it is not hex\n"),
        "{text}"
    );
    let text = decoded(format!("{one}\n{two}0\n").as_bytes());
    assert!(
        text.ends_with("\n\nline 2: skipped, because it is not hex\n"),
        "{text}"
    );
    let hole = "00000000  54 00 00 00 10 00 05 06  86 b9 04 6b 00 00 00 00\n00000030  00 00\n";
    let text = decoded(hole.as_bytes());
    assert!(
        text.contains("line 2: the offset is 0x30, but the bytes before it end at 0x10"),
        "{text}"
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
        error.contains("use strace -e write=all -e read=all"),
        "{error}"
    );
    let error = refused(b"0x1234, 0x5678\n");
    assert!(
        error.contains("no hex in a form that decode reads") && error.contains("line 1"),
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

/// `NFNL_MSG_BATCH_BEGIN` and `NFT_MSG_NEWCHAIN`. Only the second type shows that the protocol is
/// netfilter.
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
fn decode_of_netfilter_batch_prints_netfilter_messages() {
    let text = decoded(plain(&batch()).as_bytes());
    assert!(text.contains("NFT_MSG_NEWCHAIN"), "{text}");
}

#[test]
fn decode_of_tshark_output_prints_the_messages() {
    let directory = TemporaryDirectory::new("decode-tshark");
    let file = directory.file("capture.pcap");
    std::fs::write(&file, capture()).unwrap();
    let file = file.display();
    let expected = decoded(&capture());
    assert!(expected.starts_with("1. --> to the kernel: "), "{expected}");
    let pcapng = output_of(&format!("tshark -r {file} -F pcapng -w -"), b"");
    assert_eq!(decoded(&pcapng), expected);
    let printed = output_of(&format!("tshark -r {file} -x"), b"");
    let expected = expected.replace("1. -->", "-->").replace("2. <--", "<--");
    assert_eq!(decoded(&printed), expected);
}

#[test]
fn decode_of_shortened_packet_prints_both_lengths() {
    let mut file = pcap::file_header();
    let kept = &message()[..44];
    file.extend(pcap::record(
        Direction::Sent,
        Protocol::Route,
        Duration::ZERO,
        kept,
    ));
    // The original length, with the pseudo-header of 16 bytes, is 16 bytes longer.
    file[36..40].copy_from_slice(&76_u32.to_ne_bytes());
    let text = decoded(&file);
    assert!(
        text.starts_with("1. --> to the kernel: 60 bytes (44 of 60 bytes kept)\n"),
        "{text}"
    );
}

#[test]
fn decode_of_star_for_gibibytes_is_refused() {
    let text = "00000000  54 00 00 00\n*\nfffffff0  54 00 00 00\n".repeat(1000);
    let error = refused(text.as_bytes());
    assert!(error.contains("line 3: '*' stands for"), "{error}");
}
