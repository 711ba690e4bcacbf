#![allow(clippy::indexing_slicing)]

use super::*;
use crate::wire::goldens;
use crate::wire::layout::header;
use crate::wire::layout::{ATTR_HDRLEN, NLA_F_NESTED, NLA_TYPE_MASK, align};
use crate::wire::link::{IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO, IFLA_MASTER, IfInfoMsg, Ifla};
use crate::wire::shape::Shape;
use proptest::prelude::*;
use std::net::IpAddr;
use zerocopy::IntoBytes;

attr_set! {
    /// An attribute set for these tests.
    pub enum Any is "ANY" {
        /// a leaf
        LEAF = 1: Binary,
        /// a nested attribute of the same set
        NEST = 2: Nest<Any>,
    }
}

header! {
    /// A header whose length is not a multiple of 4 bytes. The kernel has none today.
    pub struct Six is "six" {
        /// three numbers
        numbers is "numbers": [u16; 3] => Shape::Binary,
    }
}

/// Attributes as a tree.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Leaf(u16, Vec<u8>),
    Nest(u16, Vec<Node>),
}

fn tree() -> impl Strategy<Value = Vec<Node>> {
    let number = 0..=NLA_TYPE_MASK;
    let bytes = prop::collection::vec(any::<u8>(), 0..40);
    let leaf = (number.clone(), bytes).prop_map(|(number, bytes)| Node::Leaf(number, bytes));
    let node = leaf.prop_recursive(5, 40, 5, move |inner| {
        (number.clone(), prop::collection::vec(inner, 0..5))
            .prop_map(|(number, nodes)| Node::Nest(number, nodes))
    });
    prop::collection::vec(node, 0..6)
}

fn build(nodes: &[Node], builder: &mut Builder<'_, Any>) {
    for node in nodes {
        match node {
            Node::Leaf(number, bytes) => {
                builder.put(Attr::<Any, Binary>::new(*number, "LEAF"), bytes)
            }
            Node::Nest(number, nodes) => {
                let attr = Attr::<Any, Nest<Any>>::new(*number, "NEST");
                builder.nest(attr, |inner| build(nodes, inner))
            }
        };
    }
}

/// The bytes that a builder writes, into a buffer that is not zero before.
fn written<S: AttrSet>(fill: impl FnOnce(&mut Builder<'_, S>)) -> (Vec<u8>, Option<TooLong>) {
    let mut out = vec![0xa5; 8192];
    out.truncate(8);
    let mut too_long = None;
    fill(&mut Builder::new(&mut out, &mut too_long));
    assert_eq!(out[..8], [0xa5; 8], "what stood before is untouched");
    (out.split_off(8), too_long)
}

fn read(bytes: &[u8]) -> Vec<Node> {
    let node = |raw: Raw<'_>| match raw.kind & NLA_F_NESTED {
        0 => Node::Leaf(raw.number(), raw.payload.to_vec()),
        _ => Node::Nest(raw.number(), read(raw.payload)),
    };
    Walk::new(bytes)
        .map(|raw| node(raw.expect("well formed")))
        .collect()
}

/// Calls `each` for every attribute with the range of its parent's payload and its own.
fn ranges(bytes: &[u8], base: usize, each: &mut impl FnMut(std::ops::Range<usize>, &Raw<'_>)) {
    for raw in Walk::new(bytes).map(Result::unwrap) {
        let start = base + raw.offset;
        each(
            start..start + usize::from(raw.len) + raw.padding.len(),
            &raw,
        );
        if raw.kind & NLA_F_NESTED != 0 {
            ranges(raw.payload, start + ATTR_HDRLEN, each);
        }
    }
}

/// Arbitrary bytes; half of the cases are almost well-formed attributes.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let almost = (
        tree(),
        prop::collection::vec((any::<usize>(), 0..12u8), 0..6),
    )
        .prop_map(|(nodes, damage)| {
            let (mut bytes, _) = written(|builder| build(&nodes, builder));
            for (place, value) in damage {
                let place = place % bytes.len().max(1);
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = value;
                }
            }
            bytes
        });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..300), almost]
}

proptest! {
    #[test]
    fn written_attributes_are_read_back(nodes in tree()) {
        let (bytes, too_long) = written(|builder| build(&nodes, builder));
        prop_assert_eq!(too_long, None);
        prop_assert_eq!(read(&bytes), nodes);
    }

    #[test]
    fn written_attribute_lengths_sum_up_to_the_buffer(nodes in tree()) {
        let (bytes, _) = written(|builder| build(&nodes, builder));
        let sum: usize = Walk::new(&bytes).map(|raw| align(raw.unwrap().len.into())).sum();
        prop_assert_eq!(sum, bytes.len());
        prop_assert_eq!(bytes.len() % 4, 0);
    }

    #[test]
    fn written_padding_is_at_most_three_zeros(nodes in tree()) {
        let (bytes, _) = written(|builder| build(&nodes, builder));
        ranges(&bytes, 0, &mut |_, raw| {
            assert!(raw.padding.len() < 4);
            assert!(raw.padding.iter().all(|&byte| byte == 0), "{raw:?}");
        });
    }

    #[test]
    fn nested_attribute_is_inside_its_parent(nodes in tree()) {
        let (bytes, _) = written(|builder| build(&nodes, builder));
        let mut parents: Vec<_> = std::iter::once(0..bytes.len()).collect();
        ranges(&bytes, 0, &mut |own, raw| {
            parents.retain(|parent| own.start < parent.end);
            let parent = parents.last().expect("an attribute outside of everything");
            assert!(parent.start <= own.start && own.end <= parent.end);
            if raw.kind & NLA_F_NESTED != 0 {
                let start = own.start + ATTR_HDRLEN;
                parents.push(start..start + raw.payload.len());
            }
        });
    }

    #[test]
    fn any_bytes_are_walked_in_linear_time(bytes in noise()) {
        let mut at = 0;
        let mut failed = false;
        for (count, raw) in Walk::new(&bytes).enumerate() {
            prop_assert!(count <= bytes.len() / ATTR_HDRLEN, "more steps than bytes allow");
            prop_assert!(!failed, "an error ends the walk");
            match raw {
                Ok(raw) => {
                    prop_assert_eq!(raw.offset, at);
                    prop_assert_eq!(usize::from(raw.len), ATTR_HDRLEN + raw.payload.len());
                    at += usize::from(raw.len) + raw.padding.len();
                }
                Err(malformed) => {
                    prop_assert_eq!(malformed.offset, at);
                    failed = true;
                }
            }
        }
        prop_assert!(failed || at == bytes.len(), "the walk ended early without an error");
    }

    #[test]
    fn malformed_attribute_is_an_error_with_its_offset(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..8),
        which in any::<prop::sample::Index>(),
        short in any::<Option<u8>>(),
    ) {
        let (mut bytes, _) = written(|builder| {
            for leaf in &leaves {
                builder.put(LEAF, leaf);
            }
        });
        let which = which.index(leaves.len());
        let good: Vec<Raw<'_>> = Walk::new(&bytes).map(Result::unwrap).collect();
        let offset = good[which].offset;
        let rest = bytes.len() - offset;
        let (len, what) = match short {
            Some(short) => (usize::from(short % 4), "an attribute shorter than its own header"),
            None => (rest + 1, "an attribute longer than what is left"),
        };
        let len = u16::try_from(len).unwrap();
        bytes[offset..offset + 2].copy_from_slice(&len.to_ne_bytes());
        let walked: Vec<_> = Walk::new(&bytes).collect();
        prop_assert_eq!(walked.len(), which + 1);
        prop_assert_eq!(walked[which], Err(Malformed { offset, what }));
        let found = Attrs::<Any>::new(&bytes).find(LEAF);
        prop_assert_eq!(found, Err(Malformed { offset, what }));
    }

    #[test]
    fn last_of_several_attributes_is_found(first in any::<u32>(), last in any::<u32>(), other in any::<i32>()) {
        let number = Attr::<Any, U32>::new(7, "NUMBER");
        let (bytes, _) = written(|builder| {
            builder.put(number, first).put(Attr::<Any, I32>::new(8, "OTHER"), other).put(number, last);
        });
        prop_assert_eq!(Attrs::new(&bytes).find(number), Ok(Some(last)));
        prop_assert_eq!(Attrs::new(&bytes).find(Attr::<Any, I32>::new(8, "OTHER")), Ok(Some(other)));
        prop_assert_eq!(Attrs::new(&bytes).find(Attr::<Any, U8>::new(9, "ABSENT")), Ok(None));
    }

    #[test]
    fn written_value_of_each_type_is_read_back(
        (a, b, c, d) in any::<(u8, u16, u32, u64)>(),
        (e, f, g) in any::<(i32, u32, i32)>(),
        text in "[^\0]{0,20}",
        v4 in any::<[u8; 4]>(),
        v6 in any::<[u8; 16]>(),
    ) {
        fn same<V: Value>(value: V::In<'_>, length: usize) -> (Vec<u8>, bool) {
            let mut out = Vec::new();
            V::write(value, &mut out);
            let right = out.len() == length;
            (out, right)
        }
        macro_rules! check { ($($v:ident $value:expr, $length:expr;)*) => { $(
            let (bytes, right) = same::<$v>($value, $length);
            prop_assert!(right, "{} has {} bytes", stringify!($v), bytes.len());
            prop_assert_eq!($v::read(&bytes), Some($value), "{}", stringify!($v));
            // A payload that is one byte too long is an error.
            prop_assert_eq!($v::read(&[&bytes[..], &[0]].concat()), None, "{}", stringify!($v));
        )* } }
        check! { U8 a, 1; Be32 c, 4; BeI32 e, 4; U16 b, 2; U32 c, 4; U64 d, 8; I32 e, 4; Index f, 4; Descriptor g, 4;
                 Ip IpAddr::from(v4), 4; Ip IpAddr::from(v6), 16; }
        let (bytes, right) = same::<NulString>(&text, text.len() + 1);
        prop_assert!(right && bytes.ends_with(&[0]));
        prop_assert_eq!(NulString::read(&bytes).unwrap(), &*text);
        prop_assert_eq!(NulString::read(&bytes[..text.len()]).unwrap(), &*text, "the NUL byte may be missing");
        prop_assert_eq!(Binary::read(&v6), Some(&v6[..]));
    }
}

#[test]
fn written_integers_and_addresses_have_their_byte_order() {
    let (bytes, _) = written::<Any>(|builder| {
        builder
            .put(Attr::<Any, U32>::new(1, "NUMBER"), 0x0102_0304)
            .put(Attr::<Any, Ip>::new(2, "IP"), "1.2.3.4".parse().unwrap())
            .put(Attr::<Any, Be32>::new(3, "BIG"), 0x0102_0304);
    });
    assert_eq!(bytes[4..8], 0x0102_0304_u32.to_ne_bytes());
    assert_eq!(bytes[12..16], [1, 2, 3, 4]);
    assert_eq!(bytes[20..24], [1, 2, 3, 4], "nf_tables has them so");
}

#[test]
fn string_with_nul_byte_ends_at_it() {
    assert_eq!(NulString::read(b"br0\0junk").unwrap(), "br0");
    assert_eq!(NulString::read(b"").unwrap(), "");
    assert_eq!(NulString::read(b"a\xffb\0").unwrap(), "a\u{fffd}b");
}

#[test]
fn address_of_other_length_is_none() {
    for length in (0..20).filter(|&length| length != 4 && length != 16) {
        assert_eq!(Ip::read(&vec![1; length]), None, "{length}");
    }
}

#[test]
fn attribute_longer_than_nla_len_is_recorded() {
    let fits = vec![0; 65_531];
    let (bytes, too_long) = written(|builder| {
        builder.put(LEAF, &fits);
    });
    assert_eq!((too_long, bytes.len()), (None, 65_536));
    assert_eq!(Walk::new(&bytes).next().unwrap().unwrap().len, 65_535);

    let over = vec![0; 65_532];
    let (_, too_long) = written(|builder| {
        builder.put(LEAF, &over);
    });
    let expected = TooLong {
        name: "LEAF",
        length: 65_536,
    };
    assert_eq!(too_long, Some(expected));

    // The error names the innermost attribute that is too long.
    let (_, too_long) = written(|builder| {
        builder.nest(NEST, |inner| {
            inner.put(LEAF, &over);
        });
    });
    assert_eq!(too_long, Some(expected));

    let half = vec![0; 40_000];
    let (_, too_long) = written(|builder| {
        builder.nest(NEST, |inner| {
            inner.put(LEAF, &half).put(LEAF, &half);
        });
    });
    assert_eq!(too_long.map(|long| long.name), Some("NEST"));
}

#[test]
fn malformed_attribute_of_each_kind_has_its_error() {
    let what = |bytes: &[u8]| Walk::new(bytes).last().unwrap().unwrap_err().what;
    let [a, b] = 3_u16.to_ne_bytes();
    assert_eq!(
        what(&[a, b, 1]),
        "fewer than four bytes where an attribute should begin"
    );
    assert_eq!(
        what(&[a, b, 1, 0]),
        "an attribute shorter than its own header"
    );
    let [a, b] = 5_u16.to_ne_bytes();
    assert_eq!(what(&[a, b, 1, 0]), "an attribute longer than what is left");
    // With a length of zero, the iteration would not end.
    assert_eq!(what(&[0; 64]), "an attribute shorter than its own header");
}

#[test]
fn attribute_without_last_padding_is_parsed() {
    let [a, b] = 5_u16.to_ne_bytes();
    let [c, d] = 1_u16.to_ne_bytes();
    let bytes = [a, b, c, d, 0xee];
    let walked: Vec<_> = Walk::new(&bytes).map(Result::unwrap).collect();
    assert_eq!(walked.len(), 1);
    assert_eq!(
        (walked[0].payload, walked[0].padding),
        (&[0xee][..], &[][..])
    );
}

#[test]
fn payload_of_wrong_length_is_an_error_with_its_offset() {
    let (bytes, _) = written(|builder| {
        builder.put(LEAF, b"abcd").put(LEAF, b"abc");
    });
    let number = Attr::<Any, U32>::new(LEAF.number(), "NUMBER");
    let malformed = Malformed {
        offset: 8,
        what: "a payload of the wrong length",
    };
    assert_eq!(Attrs::new(&bytes).find(number), Err(malformed));
}

#[test]
fn number_of_nested_attribute_has_no_flag_bits() {
    let (bytes, _) = written(|builder| {
        builder.nest(NEST, |inner| {
            inner.put(LEAF, b"x");
        });
    });
    let raw = Walk::new(&bytes).next().unwrap().unwrap();
    assert_eq!((raw.kind, raw.number()), (2 | NLA_F_NESTED, 2));
    let inside = Attrs::<Any>::new(&bytes).find(NEST).unwrap().unwrap();
    assert_eq!(inside.find(LEAF), Ok(Some(&b"x"[..])));
    let swapped = Raw {
        kind: 2 | crate::wire::layout::NLA_F_NET_BYTEORDER,
        ..raw
    };
    assert_eq!(swapped.number(), 2);
}

#[test]
fn parsed_nested_attribute_is_written_unchanged() {
    let (bytes, _) = written(|builder| {
        builder.nest(NEST, |inner| {
            inner.put(LEAF, b"abc").put(LEAF, b"d");
        });
    });
    let inside = Attrs::<Any>::new(&bytes).find(NEST).unwrap().unwrap();
    let (again, _) = written(|builder| {
        builder.put(NEST, inside);
    });
    assert_eq!(again[ATTR_HDRLEN..], bytes[ATTR_HDRLEN..]);
    assert_eq!(
        format!("{inside:?}").matches("Ok(Raw").count(),
        2,
        "{inside:?}"
    );
}

#[test]
fn attributes_after_unaligned_struct_are_aligned() {
    let headed = Attr::<Any, SubMessage<Six, Any>>::new(3, "HEADED");
    let six = Six { numbers: [1, 2, 3] };
    let (bytes, _) = written(|builder| {
        builder.nest_with_header(headed, six, |inner| {
            inner.put(LEAF, b"abc");
        });
    });
    assert_eq!(bytes.len(), 4 + 8 + 8);
    assert_eq!(bytes[10..12], [0, 0], "between the struct and the first");
    let raw = Walk::new(&bytes).next().unwrap().unwrap();
    assert_eq!(raw.kind, 3 | NLA_F_NESTED);
    let (read, inside) = Attrs::<Any>::new(&bytes).find(headed).unwrap().unwrap();
    assert_eq!(read, six);
    assert_eq!(inside.find(LEAF), Ok(Some(&b"abc"[..])));
    // put() writes the same bytes as nest_with_header(), except NLA_F_NESTED.
    let (again, _) = written(|builder| {
        builder.put(headed, (six, inside));
    });
    assert_eq!(again[ATTR_HDRLEN..], bytes[ATTR_HDRLEN..]);
    // A struct without attributes is not an error.
    let alone =
        SubMessage::<Six, Any>::read(six.as_bytes()).map(|(six, rest)| (six, rest.walk().count()));
    assert_eq!(alone, Some((six, 0)));
    assert!(SubMessage::<Six, Any>::read(&[0; 5]).is_none());
}

#[test]
fn veth_request_of_iproute2_is_parsed() {
    // iproute2 sends no NLA_F_NESTED and no NUL byte after the kind. The kernel requires neither.
    let bytes = goldens::golden("ip-create-veth");
    let attrs = Attrs::<Ifla>::new(&bytes[32..]);
    assert_eq!(attrs.find(IFLA_IFNAME).unwrap().unwrap(), "veth0");
    assert_eq!(attrs.find(IFLA_MASTER), Ok(Some(2)));
    let info = attrs.find(IFLA_LINKINFO).unwrap().unwrap();
    assert_eq!(info.find(IFLA_INFO_KIND).unwrap().unwrap(), "veth");
    let data = info.find(crate::wire::link::IFLA_INFO_DATA_VETH).unwrap();
    let peer = data.unwrap().find(crate::wire::link::VETH_INFO_PEER);
    let (header, end) = peer.unwrap().unwrap();
    assert_eq!(header, IfInfoMsg::default());
    assert_eq!(end.find(IFLA_IFNAME).unwrap().unwrap(), "veth1");
}

#[test]
fn entry_of_unknown_number_is_none() {
    let table = Any::table();
    assert_eq!(table.entry(2).map(|entry| entry.name), Some("NEST"));
    assert_eq!(table.entry(3).map(|entry| entry.name), None);
    assert_eq!((LEAF.number(), LEAF.name()), (1, "LEAF"));
}
