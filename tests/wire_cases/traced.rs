//! The netlink datagrams of a process, as `strace` prints them: the bytes and the decoded text.

use std::process::Command;

/// One datagram.
pub struct Sent {
    /// The bytes of the datagram.
    pub bytes: Vec<u8>,
    /// The text that strace decodes from them.
    pub text: String,
}

/// Runs a command under strace and returns what it sends over netlink.
pub fn trace(command: &[&str]) -> Vec<Sent> {
    calls(
        command,
        &["sendto(", "sendmsg("],
        "trace=sendto,sendmsg -e write=all",
    )
}

/// Runs a command under strace and returns what it receives over netlink.
pub fn answers(command: &[&str]) -> Vec<Sent> {
    calls(command, &["recvmsg("], "trace=recvmsg -e read=all")
}

fn calls(command: &[&str], names: &[&str], which: &str) -> Vec<Sent> {
    let options = format!("-f -qq -v -s 65536 -e {which}");
    let output = Command::new("strace")
        .args(options.split(' '))
        .args(command)
        .output()
        .expect("these tests need strace (Debian: strace)");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}\n{text}",
        output.status,
        String::from_utf8_lossy(&output.stdout)
    );
    let mut sent: Vec<Sent> = Vec::new();
    for line in text.lines() {
        if let Some(bytes) = dumped(line) {
            let last = sent.last_mut().expect("bytes follow a call");
            last.bytes.extend(bytes);
        } else if names.iter().any(|name| line.contains(name)) {
            assert!(!line.contains("<unfinished"), "two threads call: {line}");
            sent.push(Sent {
                bytes: Vec::new(),
                text: line.into(),
            });
        }
    }
    sent.retain(|sent| sent.text.contains("nlmsg_len="));
    for sent in &sent {
        assert!(!sent.bytes.is_empty(), "no bytes: {}", sent.text);
    }
    sent
}

/// The bytes of a line ` | 00010  00 00 00 00 …  ........ |`.
fn dumped(line: &str) -> Option<Vec<u8>> {
    let (offset, rest) = line.strip_prefix(" | ")?.split_once("  ")?;
    u32::from_str_radix(offset, 16).ok()?;
    let hex = rest.get(..48)?;
    let byte = |word| u8::from_str_radix(word, 16).expect("strace prints hexadecimal digits");
    Some(hex.split_whitespace().map(byte).collect())
}
