//! `Messages` and `Walk`: a datagram is split into messages, and a message into attributes, in order.
//! Each step consumes bytes, and the parts together are the original bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netsetgo::wire::attr::{Malformed, Walk};
use netsetgo::wire::layout::{ATTR_HDRLEN, HDRLEN, NLA_F_NESTED, align};
use netsetgo::wire::message::Messages;

fuzz_target!(|bytes: &[u8]| {
    let mut at = 0;
    let mut failed = false;
    for (count, message) in Messages::new(bytes).enumerate() {
        assert!(!failed, "no message follows an error");
        assert!(
            count <= bytes.len() / HDRLEN,
            "more messages than bytes allow"
        );
        match message {
            Ok(message) => {
                assert_eq!(message.offset, at);
                assert_eq!(&bytes[at..at + message.bytes.len()], message.bytes);
                assert_eq!(message.header.len as usize, message.bytes.len());
                assert_eq!(message.payload, &message.bytes[HDRLEN..]);
                // The attributes begin after the header of the family, whose length is one of these.
                for start in [0, 4, 8, 12, 16] {
                    walk(message.payload.get(start..).unwrap_or_default(), 0);
                }
                at = align(at + message.bytes.len()).min(bytes.len());
            }
            Err(Malformed { offset, .. }) => {
                assert_eq!(offset, at);
                failed = true;
            }
        }
    }
    assert!(
        failed || at == bytes.len(),
        "no error, but the messages end at {at} of {}",
        bytes.len()
    );
});

/// Walks the attributes, and those inside an attribute with NLA_F_NESTED.
fn walk(bytes: &[u8], depth: usize) {
    let mut at = 0;
    let mut rebuilt = Vec::new();
    for (count, raw) in Walk::new(bytes).enumerate() {
        assert!(
            count <= bytes.len() / ATTR_HDRLEN,
            "more attributes than bytes allow"
        );
        let Ok(raw) = raw else {
            assert_eq!(raw.unwrap_err().offset, at);
            break;
        };
        assert_eq!(raw.offset, at);
        assert_eq!(usize::from(raw.len), ATTR_HDRLEN + raw.payload.len());
        rebuilt.extend(raw.len.to_ne_bytes());
        rebuilt.extend(raw.kind.to_ne_bytes());
        rebuilt.extend(raw.payload);
        rebuilt.extend(raw.padding);
        at += usize::from(raw.len) + raw.padding.len();
        if raw.kind & NLA_F_NESTED != 0 && depth < 16 {
            walk(raw.payload, depth + 1);
        }
    }
    assert_eq!(
        rebuilt,
        bytes[..at],
        "the attributes together are the bytes"
    );
}
