#![allow(clippy::indexing_slicing)]

use super::*;
use crate::wire::attr::{AttrSet, Binary, Malformed, Nest, NulString, U32, Walk, attr_set};
use crate::wire::goldens;
use crate::wire::layout::{ATTR_HDRLEN, NLA_F_NESTED};
use crate::wire::layout::{HDRLEN, Header, NlMsgHdr, align};
use crate::wire::link::IfInfoMsg;
use crate::wire::nsid::RtGenMsg;
use crate::wire::shape::{Layout, Member};
use crate::wire::uapi::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_EXCL, NLM_F_MATCH, NLM_F_MULTI, NLM_F_REPLACE, NLM_F_ROOT,
    NLMSG_DONE, RTM_NEWLINK, RTM_NEWROUTE,
};
use proptest::prelude::*;
use zerocopy::{FromBytes, IntoBytes};

attr_set! {
    /// An attribute set for these tests.
    pub enum Any is "ANY" {
        /// a leaf
        LEAF = 1: Binary,
        /// a nested attribute
        NEST = 2: Nest<Any>,
        /// a string
        TEXT = 3: NulString,
        /// a number
        NUMBER = 4: U32,
    }
}

fn message(leaf: &[u8]) -> Message {
    Request::<Any, Create>::new(RTM_NEWLINK, IfInfoMsg::default())
        .put(LEAF, leaf)
        .finish()
        .unwrap()
}

/// A received message with this payload, whose length may not be a multiple of 4 bytes.
fn arrived(kind: u16, payload: &[u8]) -> Vec<u8> {
    let header = NlMsgHdr {
        len: u32::try_from(HDRLEN + payload.len()).unwrap(),
        kind,
        flags: NLM_F_MULTI,
        seq: 7,
        pid: 8,
    };
    [header.as_bytes(), payload].concat()
}

fn payloads() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..8)
}

proptest! {
    #[test]
    fn joined_messages_are_split_at_their_boundaries(payloads in payloads()) {
        let mut datagram = Vec::new();
        for payload in &payloads {
            datagram.resize(align(datagram.len()), 0xa5);
            datagram.extend(arrived(NLMSG_DONE, payload));
        }
        let split: Vec<_> = Messages::new(&datagram).map(Result::unwrap).collect();
        prop_assert_eq!(split.iter().map(|m| m.payload.to_vec()).collect::<Vec<_>>(), payloads);
        for received in split {
            prop_assert_eq!(received.offset % 4, 0);
            let end = received.offset + received.bytes.len();
            prop_assert_eq!(received.bytes, &datagram[received.offset..end]);
            prop_assert_eq!(received.payload, &received.bytes[HDRLEN..]);
            prop_assert_eq!((received.header.seq, received.header.pid), (7, 8));
        }
    }

    #[test]
    fn any_bytes_are_split_in_linear_time(
        payloads in payloads(),
        damage in prop::collection::vec((any::<usize>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes: Vec<u8> = payloads.iter().flat_map(|p| arrived(RTM_NEWROUTE, p)).collect();
        for (place, value) in damage {
            let place = place % bytes.len();
            bytes[place] = value;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        let (mut end, mut failed) = (0, false);
        for (count, received) in Messages::new(&bytes).enumerate() {
            prop_assert!(count <= bytes.len() / HDRLEN);
            prop_assert!(!failed, "an error ends the splitting");
            match received {
                Ok(received) => {
                    prop_assert_eq!(received.offset, align(end));
                    end = received.offset + received.bytes.len();
                }
                Err(malformed) => {
                    prop_assert_eq!(malformed.offset, align(end));
                    failed = true;
                }
            }
        }
        prop_assert!(failed || align(end) >= bytes.len());
    }

    #[test]
    fn position_of_wrapped_sequence_number_is_found(
        first in prop_oneof![any::<u32>(), u32::MAX - 5..=u32::MAX],
        count in 0..12_usize,
        strange in any::<u32>(),
    ) {
        let mut datagram = Datagram::new(first);
        for place in 0..count {
            datagram.push(&message(&[u8::try_from(place).unwrap()]));
        }
        prop_assert_eq!((datagram.len(), datagram.is_empty()), (count, count == 0));
        let sent = datagram.datagram().to_vec();
        let split: Vec<_> = Messages::new(&sent).map(Result::unwrap).collect();
        prop_assert_eq!(split.len(), count);
        for (place, received) in split.iter().enumerate() {
            prop_assert_eq!(received.header.seq, datagram.seq_of(place));
            prop_assert_eq!(datagram.position_of(received.header.seq), Some(place));
            prop_assert_eq!(datagram.message(place), Some(received.bytes));
            // Only the last message asks for an acknowledgement.
            let acked = received.header.flags & NLM_F_ACK != 0;
            prop_assert_eq!(acked, place + 1 == count);
        }
        prop_assert_eq!(datagram.position_of(datagram.seq_of(count)), None);
        prop_assert_eq!(datagram.position_of(first.wrapping_sub(1)), None);
        prop_assert_eq!(datagram.message(count), None);
        if let Some(place) = datagram.position_of(strange) {
            prop_assert_eq!(datagram.seq_of(place), strange);
        }
    }

    #[test]
    fn finished_message_has_its_length_in_the_header(leaf in prop::collection::vec(any::<u8>(), 0..200)) {
        let message = message(&leaf);
        prop_assert_eq!(usize::try_from(message.header().len).unwrap(), message.bytes().len());
        prop_assert_eq!(message.bytes().len(), 32 + align(ATTR_HDRLEN + leaf.len()));
        let received = Messages::new(message.bytes()).next().unwrap().unwrap();
        let (header, attrs) = received.body::<IfInfoMsg, Any>().unwrap();
        prop_assert_eq!(header, IfInfoMsg::default());
        prop_assert_eq!(attrs.find(LEAF), Ok(Some(&leaf[..])));
    }
}

#[test]
fn request_of_each_intent_has_its_flags() {
    fn flags<I: Intent>() -> u16 {
        let request = Request::<Any, I>::new(RTM_NEWLINK, IfInfoMsg::default());
        request.finish().unwrap().header().flags
    }
    assert_eq!(flags::<Create>(), 0x601);
    assert_eq!(flags::<Replace>(), 0x501);
    assert_eq!(flags::<Change>(), 0x001);
    assert_eq!(flags::<Delete>(), 0x001);
    assert_eq!(flags::<Get>(), 0x001);
    assert_eq!(flags::<Dump>(), 0x301);
    // The bits of a dump are those of NLM_F_REPLACE and NLM_F_EXCL: they do not tell the purpose.
    assert_eq!(NLM_F_DUMP, NLM_F_REPLACE | NLM_F_EXCL);
    assert_eq!(NLM_F_DUMP, NLM_F_ROOT | NLM_F_MATCH);
}

#[test]
fn request_has_header_and_attributes_in_order() {
    let header = RtGenMsg {
        family: 2,
        pad: [0; 3],
    };
    let message = Request::<Any, Get>::new(90, header)
        .put_some(NUMBER, None)
        .put_some(TEXT, Some("ab"))
        .nest(NEST, |nest| {
            nest.put(LEAF, &[9]);
        })
        .finish()
        .unwrap();
    let expected = [
        &40_u32.to_ne_bytes()[..],
        &90_u16.to_ne_bytes(),
        &1_u16.to_ne_bytes(),
        &[0; 8],
        &[2, 0, 0, 0],
        &7_u16.to_ne_bytes(),
        &3_u16.to_ne_bytes(),
        b"ab\0\0",
        &12_u16.to_ne_bytes(),
        &(2 | NLA_F_NESTED).to_ne_bytes(),
        &5_u16.to_ne_bytes(),
        &1_u16.to_ne_bytes(),
        &[9, 0, 0, 0],
    ];
    assert_eq!(message.bytes(), expected.concat());
}

#[test]
fn too_long_attribute_is_refused() {
    let long = vec![0; 70_000];
    let request = || Request::<Any, Create>::new(RTM_NEWLINK, IfInfoMsg::default());
    let error = request().put(LEAF, &long).finish().unwrap_err();
    assert_eq!((error.name, error.length), ("LEAF", 70_004));
    // A message may be longer than an attribute.
    let fits = vec![0; 60_000];
    let both = request().put(LEAF, &fits).put(LEAF, &fits).finish();
    assert_eq!(both.unwrap().header().len, 32 + 2 * 60_004);
}

/// A header of six bytes: the first attribute begins two bytes after its end.
#[derive(
    Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, zerocopy::KnownLayout, zerocopy::Immutable,
)]
#[repr(C)]
struct Six([u8; 6]);
impl Header for Six {
    const STRUCT: &'static Layout = &Layout {
        name: "six",
        size: 6,
        fields: &[Member {
            name: "bytes",
            offset: 0,
            size: 6,
            shape: crate::wire::shape::Shape::Binary,
            description: "",
        }],
    };
}

#[test]
fn attributes_after_unaligned_header_are_aligned() {
    let message = Request::<Any, Get>::new(90, Six([1; 6]))
        .put(LEAF, b"abcd")
        .finish()
        .unwrap();
    assert_eq!(message.bytes()[16..24], [1, 1, 1, 1, 1, 1, 0, 0]);
    let received = Messages::new(message.bytes()).next().unwrap().unwrap();
    let (header, attrs) = received.body::<Six, Any>().unwrap();
    assert_eq!(header, Six([1; 6]));
    assert_eq!(attrs.find(LEAF), Ok(Some(&b"abcd"[..])));
}

#[test]
fn body_shorter_than_its_header_is_none() {
    let whole = arrived(RTM_NEWLINK, &[0; 16]);
    let received = Messages::new(&whole).next().unwrap().unwrap();
    let (_, attrs) = received.body::<IfInfoMsg, Any>().unwrap();
    assert_eq!(attrs.walk().count(), 0);
    let short = arrived(RTM_NEWLINK, &[0; 15]);
    let received = Messages::new(&short).next().unwrap().unwrap();
    assert!(received.body::<IfInfoMsg, Any>().is_none());
}

#[test]
fn malformed_message_of_each_kind_has_its_error() {
    let last = |bytes: &[u8]| Messages::new(bytes).last().unwrap().unwrap_err();
    let good = arrived(NLMSG_DONE, &[0; 4]);
    let with = |tail: &[u8]| [&good[..], tail].concat();
    let malformed = |what| Malformed { offset: 20, what };
    assert_eq!(
        last(&with(&[1; 15])),
        malformed("fewer than sixteen bytes where a message should begin")
    );
    assert_eq!(
        last(&with(&[0; 16])),
        malformed("a message shorter than its own header")
    );
    let mut long = good.clone();
    long[..4].copy_from_slice(&21_u32.to_ne_bytes());
    assert_eq!(
        last(&with(&long)),
        malformed("a message longer than what is left")
    );
    long[..4].copy_from_slice(&u32::MAX.to_ne_bytes());
    assert_eq!(
        last(&with(&long)),
        malformed("a message longer than what is left")
    );
    let mut bare = good.clone();
    bare.truncate(HDRLEN);
    bare[..4].copy_from_slice(&16_u32.to_ne_bytes());
    assert!(Messages::new(&bare).all(|m| m.is_ok()), "a header alone");
}

#[test]
fn empty_datagram_has_no_messages() {
    assert_eq!(Messages::new(&[]).count(), 0);
    assert!(Datagram::new(1).datagram().is_empty());
    assert_eq!(Datagram::new(1).message(0), None);
    assert_eq!(Datagram::new(1).position_of(1), None);
}

#[test]
fn recorded_dump_has_multipart_messages() {
    let kinds = |name| {
        Messages::new(&goldens::golden(name))
            .map(|message| message.unwrap().header)
            .map(|header| (header.kind, header.flags & NLM_F_MULTI != 0))
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds("dump-links-1"), [(16, true), (16, true)]);
    assert_eq!(kinds("dump-addresses-1"), [(20, true); 5]);
    assert_eq!(kinds("dump-routes-1"), [(24, true); 3]);
    assert_eq!(kinds("dump-addresses-2"), [(NLMSG_DONE, true)]);
    // Messages of an unknown type are split too.
    assert!(kinds("unknown-type-1").iter().all(|&it| it == (64, true)));
}

#[test]
fn truncated_dump_returns_complete_messages_then_error() {
    let whole = goldens::golden("dump-links-1");
    let first = Messages::new(&whole).next().unwrap().unwrap();
    let bytes = goldens::golden("composed-truncated");
    let split: Vec<_> = Messages::new(&bytes).collect();
    assert_eq!(split.len(), 2);
    assert_eq!(split[0], Ok(first));
    let what = "a message longer than what is left";
    let offset = align(first.bytes.len());
    assert_eq!(split[1], Err(Malformed { offset, what }));
}

#[test]
fn golden_files_except_the_truncated_are_well_formed() {
    for (name, bytes) in goldens::all().filter(|(name, _)| *name != "composed-truncated") {
        let zeros = goldens::ZEROS_BEHIND.contains(&name);
        let count = if zeros { 1 } else { usize::MAX };
        for message in Messages::new(&bytes).take(count) {
            let message = message.unwrap_or_else(|bad| panic!("{name}: {bad:?}"));
            let kind = message.header.kind;
            if let Some(body) = crate::wire::registry::body(
                goldens::protocol(name),
                kind,
                crate::wire::registry::family(message.payload),
            )
                // Generic netlink has other numbers.
                && !name.starts_with("ack-miss")
            {
                let attrs = &message.payload[align(body.layout.size)..];
                assert!(Walk::new(attrs).all(|raw| raw.is_ok()), "{name}");
            }
        }
    }
    assert_eq!(Any::table().name, "ANY");
}
