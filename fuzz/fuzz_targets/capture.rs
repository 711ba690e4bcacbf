//! Reads the input as a capture and as hex text. The datagrams of a capture are in order and in bounds,
//! and a written capture is read back. The bytes from a text are not longer than the text, except for
//! the rows that a `*` stands for. The notes have a limited length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netsetgo::front::hex::{self, MAX_REPEATED};
use netsetgo::front::pcap::{
    CapturedDatagram, Direction, file_header, is_capture, read, record, strip_pseudo_header,
};
use netsetgo::wire::registry::Protocol;
use std::time::Duration;

fuzz_target!(|file: &[u8]| {
    in_bounds(file);
    // The same bytes after the header of a pcapng file, which mutation finds slowly.
    in_bounds(&[pcapng().as_slice(), file].concat());
    // The same bytes as a datagram in a capture that netsetgo writes.
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
    // The packet of this datagram, alone and in the blocks of a pcapng file.
    let packet = &ours[40..56 + file.len()];
    let captured = strip_pseudo_header(packet).unwrap();
    assert_eq!(captured.datagram, file);
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
        let CapturedDatagram {
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
        return;
    };
    assert!(!found.datagrams.is_empty() && found.datagrams.iter().all(|bytes| !bytes.is_empty()));
    let bytes: usize = found.datagrams.iter().map(Vec::len).sum();
    let starred = text.lines().any(|line| line.ends_with(['*', ' ', '\t']));
    let most = text.len() + if starred { MAX_REPEATED } else { 0 };
    assert!(bytes <= most, "{bytes} bytes out of {}", text.len());
    assert!(found.notes.len() <= 6 && found.notes.iter().all(|note| note.len() < 200));
    // A dump of the bytes is read back.
    let short = || {
        let first = found.datagrams.iter().take(8);
        first.filter(|bytes| bytes.len() <= 4096)
    };
    let rows: String = short().map(|bytes| dump(bytes)).collect();
    if rows.is_empty() {
        return;
    }
    let again = hex::read(&rows).unwrap();
    assert!(again.datagrams.iter().eq(short()), "{rows}");
    assert!(again.notes.is_empty(), "{:?}: {rows}", again.notes);
}

/// The output of `hexdump -C` without the text column.
fn dump(bytes: &[u8]) -> String {
    let mut rows = String::new();
    for (place, row) in bytes.chunks(16).enumerate() {
        let words: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        rows += &format!("{:08x}  {}\n", place * 16, words.join(" "));
    }
    rows
}

fn size(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap().to_ne_bytes()
}

/// The beginning of a pcapng file: a section and a netlink interface.
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
