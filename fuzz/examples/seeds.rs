//! Writes the goldens, and words, as the targets' first corpus: `fuzz/corpus/TARGET/NAME`.

use netsetgo::front::pcap::{Direction, file_header, record};
use netsetgo::wire::registry::Protocol;
use std::fs;
use std::path::Path;
use std::time::Duration;

const WORDS: [&str; 15] = [
    "brg0",
    "veth0",
    "a23456789012345",
    "10.10.10.2/24",
    "10.0.0.0/31",
    "fd00:10::2/64",
    "::ffff:10.0.0.1/128",
    "fd:3",
    "02:00:00:00:00:07",
    "10.20.0.0/16,10.10.10.9",
    "a-container_1.id+",
    "/run/netns/blue",
    "brg0 10.10.10.1/24 10.10.10.2/24 veth",
    "brg0 fd00::1/64 fd00::2/64 v",
    "br%d \u{2020}",
];

/// Hex as people have it.
const TEXTS: [&str; 7] = [
    "0000  54 00 00 00  10 00\n0006  05 06\n",
    "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000040\n",
    "000000 54 00 00 00\n000004 10 00\n000006\n",
    "sendto(3, \"T\\0\\0\\0\\20\\0\\5\\6\\x86\\0012345678\", 17, 0, NULL, 0) = 17\n",
    "unsigned char m[] = { 0x54, 0x00, /* 0x08 */ 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };\n",
    "[84 0 0 0 16 0 5 6 84 0 0 0 16 0 5 6]\n",
    "sendmsg(3, {msg_iov=[{iov_base=[{nlmsg_len=52, nlmsg_type=RTM_GETLINK}]}]}, 0) = 52\n",
];

/// A section, an interface of netlink, and a packet (draft-ietf-opsawg-pcapng).
fn pcapng() -> Vec<u8> {
    let block = |kind: u32, body: &[u8]| {
        let length = u32::try_from(12 + body.len()).expect("short").to_ne_bytes();
        [&kind.to_ne_bytes(), &length, body, &length].concat()
    };
    let section = [
        &0x1a2b_3c4d_u32.to_ne_bytes()[..],
        &1_u32.to_ne_bytes(),
        &[0xff; 8],
    ];
    let interface = [&253_u16.to_ne_bytes()[..], &[0; 6]].concat();
    let datagram = b"sixteen bytes!!!";
    let link_layer = [0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let lengths = 32_u32.to_ne_bytes();
    let packet = [&[0; 12][..], &lengths, &lengths, &link_layer, datagram].concat();
    let blocks = [
        block(0x0a0d_0d0a, &section.concat()),
        block(1, &interface),
        block(6, &packet),
    ];
    blocks.concat()
}

fn main() -> std::io::Result<()> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(fuzz.join("../tests/goldens"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "hex") {
            continue;
        }
        let bytes: Vec<u8> = fs::read_to_string(&path)?
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace)
            .map(|byte| u8::from_str_radix(byte, 16).expect("two hexadecimal digits"))
            .collect();
        for target in ["datagram", "printer", "ack"] {
            write(
                fuzz,
                target,
                path.file_stem().unwrap_or_default().as_ref(),
                &bytes,
            )?;
        }
    }
    let mut capture = file_header();
    capture.extend(record(
        Direction::Sent,
        Protocol::Route,
        Duration::ZERO,
        b"a datagram",
    ));
    write(fuzz, "capture", Path::new("capture"), &capture)?;
    for (number, text) in TEXTS.iter().enumerate() {
        let name = format!("text-{number}");
        write(fuzz, "capture", Path::new(&name), text.as_bytes())?;
    }
    write(fuzz, "capture", Path::new("pcapng"), &pcapng())?;
    for (number, words) in WORDS.iter().enumerate() {
        write(
            fuzz,
            "words",
            Path::new(&format!("words-{number}")),
            words.as_bytes(),
        )?;
    }
    Ok(())
}

fn write(fuzz: &Path, target: &str, name: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = fuzz.join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)
}
