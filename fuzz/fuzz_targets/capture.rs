//! A capture file: what is written is read; anything else is read as far as it goes, in order and
//! in bounds. And a text of bytes: what is found in it is no more than the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netsetgo::wire::catalog::Protocol;
use netsetgo::wire::hex::runs;
use netsetgo::wire::pcap::{Direction, file_header, is_capture, read, record};
use std::time::Duration;

fuzz_target!(|file: &[u8]| {
    let (all, fault) = read(file);
    let mut end = 0;
    for captured in &all {
        assert!(captured.offset >= end, "{captured:?}");
        end = captured.offset + captured.datagram.len();
        assert_eq!(&file[captured.offset..end], captured.datagram);
    }
    match fault {
        Some(fault) => {
            assert!(fault.offset <= file.len() && (all.is_empty() || fault.offset >= end))
        }
        None => assert!(is_capture(file) && end <= file.len()),
    }
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
    let text = String::from_utf8_lossy(file);
    let found: usize = runs(&text).iter().map(Vec::len).sum();
    assert!(found <= text.len(), "{found} bytes out of {}", text.len());
});
