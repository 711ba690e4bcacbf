//! Writes the goldens, and words, as the targets' first corpus: `fuzz/corpus/TARGET/NAME`.

use netsetgo::wire::catalog::Protocol;
use netsetgo::wire::pcap::{Direction, file_header, record};
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
    write(
        fuzz,
        "capture",
        Path::new("hex"),
        b"0000  54 00 00 00  10 00\n0006  05 06\n",
    )?;
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
