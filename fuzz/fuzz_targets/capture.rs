//! A capture file: what is written is read; anything else is read as far as it goes, in order and
//! in bounds. And a text of bytes: what is found in it is no more than the text, but for rows that
//! a `*` stands for, and what is said of it is short.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netsetgo::front::hex::{self, SQUEEZED_IN_ALL};
use netsetgo::front::pcap::{Captured, Direction, cooked, file_header, is_capture, read, record};
use netsetgo::wire::registry::Protocol;
use std::time::Duration;

fuzz_target!(|file: &[u8]| {
    in_bounds(file);
    // What mutation finds slowly: the same behind the head of a pcapng.
    in_bounds(&[pcapng().as_slice(), file].concat());
    // The same bytes as a datagram of a capture of ours.
    let mut ours = file_header();
    for (direction, protocol) in [
        (Direction::Sent, Protocol::Route),
        (Direction::Received, Protocol::Netfilter),
    ] {
        ours.extend(record(direction, protocol, Duration::from_micros(7), file));
    }
    let (all, fault) = read(&ours);
    assert_eq!((all.len(), fault), (2, None));
    assert!(all.iter().all(|captured| captured.datagram == file));
    assert_eq!(Protocol::of(all[1].protocol), Some(Protocol::Netfilter));
    // Its packets, in the blocks of a pcapng, and without any file around.
    let packet = &ours[40..56 + file.len()];
    assert_eq!(cooked(packet).map(|captured| captured.datagram), Some(file));
    let mut theirs = pcapng();
    theirs.extend(block(
        6,
        &[&[0; 12][..], &size(packet), &size(packet), packet].concat(),
    ));
    theirs.extend(block(3, &[&size(packet)[..], packet].concat()));
    let (all, fault) = read(&theirs);
    assert_eq!((all.len(), fault), (2, None));
    for captured in all {
        assert_eq!((captured.datagram, captured.length), (file, file.len()));
        assert_eq!(captured.direction, Direction::Sent);
    }
    text(&String::from_utf8_lossy(file));
});

fn in_bounds(file: &[u8]) {
    let (all, fault) = read(file);
    let mut end = 0;
    for captured in &all {
        let Captured {
            offset, datagram, ..
        } = *captured;
        assert!(
            offset >= end && captured.length >= datagram.len(),
            "{captured:?}"
        );
        end = offset + datagram.len();
        assert_eq!(&file[offset..end], datagram);
    }
    match fault {
        Some(fault) => {
            assert!(fault.offset <= file.len() && (all.is_empty() || fault.offset >= end))
        }
        None => assert!(is_capture(file) && end <= file.len()),
    }
}

fn text(text: &str) {
    let Ok(found) = hex::read(text) else {
        assert!(text.contains("nlmsg_len"));
        return;
    };
    assert!(found.runs.iter().all(|run| !run.is_empty()));
    let bytes: usize = found.runs.iter().map(Vec::len).sum();
    let starred = text.lines().any(|line| line.ends_with(['*', ' ', '\t']));
    let most = text.len() + if starred { SQUEEZED_IN_ALL } else { 0 };
    assert!(bytes <= most, "{bytes} bytes out of {}", text.len());
    assert!(found.notes.len() <= 14 && found.notes.iter().all(|note| note.len() < 200));
    // Rows of what was found are the same again.
    let rows: String = found.runs.iter().take(8).map(|run| dump(run)).collect();
    let again = hex::read(&rows).unwrap();
    let kept = found.runs.iter().take(8).filter(|run| run.len() <= 4096);
    assert!(again.runs.iter().eq(kept), "{rows}");
    assert!(again.notes.is_empty(), "{:?}: {rows}", again.notes);
}

/// A run as `hexdump -C` prints it, its text apart; nothing of a long one.
fn dump(run: &[u8]) -> String {
    let mut rows = String::new();
    for (place, row) in run.chunks(16).enumerate().filter(|_| run.len() <= 4096) {
        let words: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        rows += &format!("{:08x}  {}\n", place * 16, words.join(" "));
    }
    rows
}

fn size(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap().to_ne_bytes()
}

/// The head of a pcapng: a section, and an interface of netlink.
fn pcapng() -> Vec<u8> {
    let order = 0x1a2b_3c4d_u32.to_ne_bytes();
    let mut file = block(0x0a0d_0d0a, &[&order[..], &[0; 12]].concat());
    let link_type = 253_u16.to_ne_bytes();
    file.extend(block(1, &[&link_type[..], &[0; 6]].concat()));
    file
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let filled = body.len().next_multiple_of(4);
    let length = u32::try_from(filled + 12).unwrap().to_ne_bytes();
    let mut block = [&kind.to_ne_bytes(), &length, body].concat();
    block.resize(filled + 8, 0);
    block.extend(length);
    block
}
