#![allow(clippy::indexing_slicing)]

use super::*;
use crate::wire::attr::{Attr, AttrSet, Attrs, Binary, Builder};
use crate::wire::goldens::{self, golden};
use crate::wire::hexdump::{Colour, format_rows};
use crate::wire::link::{self, IFLA_PROP_LIST, IfInfoMsg, Ifla};
use crate::wire::uapi::{ARPHRD, IFF, RTM_NEWLINK};
use proptest::prelude::*;
use zerocopy::IntoBytes;

fn print(bytes: &[u8]) -> Vec<Field> {
    fields(Protocol::Route, bytes, &no_names)
}

/// Checks that each byte belongs to exactly one field, in order.
fn covered(fields: &[Field], bytes: &[u8]) -> Result<(), String> {
    let mut end = 0;
    for field in fields {
        if field.offset != end {
            return Err(format!("{end} expected, {field:?}"));
        }
        end += field.len;
    }
    match end == bytes.len() {
        true => Ok(()),
        false => Err(format!("{end} of {} bytes", bytes.len())),
    }
}

/// Role, name and value of every field.
fn summary(fields: &[Field]) -> Vec<(Role, &str, &str)> {
    fields
        .iter()
        .map(|f| (f.role, &*f.name, &*f.value))
        .collect()
}

fn value<'a>(fields: &'a [Field], name: &str) -> &'a str {
    let place = fields.iter().position(|f| f.name == name);
    let place = place.unwrap_or_else(|| panic!("no {name}"));
    match fields[place].role {
        Role::Attribute => &fields[place + 1].value,
        _ => &fields[place].value,
    }
}

#[test]
fn golden_files_are_printed_completely() {
    for (name, bytes) in goldens::all() {
        let fields = fields(goldens::protocol(name), &bytes, &no_names);
        covered(&fields, &bytes).unwrap_or_else(|reason| panic!("{name}: {reason}"));
    }
}

#[test]
fn requests_of_netsetgo_and_iproute2_have_no_unknown_bytes() {
    for (name, bytes) in goldens::all() {
        let sent = name.starts_with("ip-") || name.starts_with("our-");
        if sent && !goldens::ZEROS_BEHIND.contains(&name) {
            let strange = print(&bytes).into_iter().find(|f| f.role == Role::Unknown);
            assert_eq!(strange, None, "{name}");
        }
    }
}

/// NLMSG_DONE with fewer than 4 bytes of payload.
#[test]
fn truncated_done_is_printed_completely() {
    for length in 0..8_usize {
        let header = NlMsgHdr {
            len: u32::try_from(HDRLEN + length).unwrap(),
            kind: NLMSG_DONE,
            ..NlMsgHdr::default()
        };
        let bytes = [header.as_bytes(), &[7; 8][..length]].concat();
        covered(&print(&bytes), &bytes).unwrap_or_else(|reason| panic!("{length}: {reason}"));
    }
}

/// Damaged messages of known types, or arbitrary bytes.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let recorded = (
        any::<prop::sample::Index>(),
        prop::collection::vec((any::<usize>(), any::<u8>()), 0..10),
        any::<usize>(),
    )
        .prop_map(|(which, damage, cut)| {
            let all = goldens::GOLDENS;
            let mut bytes = golden(all[which.index(all.len())].0);
            for (place, value) in damage {
                let place = place % bytes.len();
                bytes[place] = value;
            }
            if cut % 4 == 0 {
                bytes.truncate(cut / 4 % bytes.len());
            }
            bytes
        });
    let typed = (
        prop_oneof![2..4_u16, 16..27_u16, 88..91_u16],
        any::<u16>(),
        prop::collection::vec(any::<u8>(), 0..200),
    )
        .prop_map(|(kind, flags, payload)| {
            let len = u32::try_from(HDRLEN + payload.len()).unwrap();
            let header = NlMsgHdr {
                len,
                kind,
                flags,
                seq: 0,
                pid: 0,
            };
            [header.as_bytes(), &payload].concat()
        });
    prop_oneof![recorded, typed, prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #[test]
    fn any_bytes_are_printed_completely(bytes in noise()) {
        let fields = print(&bytes);
        prop_assert_eq!(covered(&fields, &bytes), Ok(()));
        // Each field has at least one byte, except empty ones.
        prop_assert!(fields.len() <= 2 * bytes.len() + 1, "{} fields", fields.len());
        prop_assert!(fields.iter().all(|field| field.depth <= MAX_DEPTH));
        let text = format_rows(&fields, &bytes, Colour::Off, true);
        prop_assert!(text.len() <= 1000 * bytes.len(), "{} of {}", text.len(), bytes.len());
    }

    #[test]
    fn path_of_other_offset_is_none(bytes in noise(), offset in 0..300_usize) {
        let fields = print(&bytes);
        let there = fields.iter().find(|f| f.role == Role::Attribute && f.offset == offset);
        let path = path(Protocol::Route, &bytes, offset).map(|(path, _)| path);
        match there {
            None => prop_assert_eq!(path, None),
            Some(field) => {
                let path = path.unwrap();
                let last = path.rsplit('.').next().unwrap();
                prop_assert_eq!(last, &field.name);
            }
        }
    }
}

/// 16000 nested attributes, as many as fit in 64 KiB: the time is linear in the bytes.
#[test]
fn attribute_below_the_largest_depth_is_bytes() {
    let nests: Vec<u8> = (1..=16_000_u16)
        .rev()
        .flat_map(|left| [4 * left, IFLA_PROP_LIST.number() | NLA_F_NESTED])
        .flat_map(u16::to_ne_bytes)
        .collect();
    let message = link::change(IfInfoMsg::default())
        .put(IFLA_PROP_LIST, Attrs::new(&nests))
        .finish()
        .unwrap();
    let fields = print(message.bytes());
    assert_eq!(covered(&fields, message.bytes()), Ok(()));
    assert_eq!(fields.iter().map(|f| f.depth).max(), Some(MAX_DEPTH));
    let last = fields.last().unwrap();
    assert_eq!((last.role, last.depth), (Role::Payload, MAX_DEPTH));
    assert!(fields.len() < 40, "{}", fields.len());
}

#[test]
fn recorded_request_is_printed_field_by_field() {
    let bytes = golden("ip-create-veth");
    let fields = print(&bytes);
    use Role::{Attribute, Member, Padding, Payload};
    let expected = [
        (Member, "nlmsg_len", "148"),
        (Member, "nlmsg_type", "RTM_NEWLINK"),
        (
            Member,
            "nlmsg_flags",
            "NLM_F_REQUEST | NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE",
        ),
        (Member, "nlmsg_seq", "1"),
        (Member, "nlmsg_pid", "0"),
        (Member, "ifi_family", "AF_UNSPEC"),
        (Member, "__ifi_pad", "1 byte"),
        (Member, "ifi_type", "0"),
        (Member, "ifi_index", "0"),
        (Member, "ifi_flags", "IFF_UP"),
        (Member, "ifi_change", "IFF_UP"),
        (Attribute, "IFLA_GROUP", "8 bytes"),
        (Payload, "", "1853056871"),
        (Attribute, "IFLA_NUM_TX_QUEUES", "8 bytes"),
        (Payload, "", "1"),
        (Attribute, "IFLA_NUM_RX_QUEUES", "8 bytes"),
        (Payload, "", "1"),
        (Attribute, "IFLA_MASTER", "8 bytes"),
        (Payload, "", "2"),
        (Attribute, "IFLA_IFNAME", "10 bytes"),
        (Payload, "", "\"veth0\""),
        (Padding, "(padding)", ""),
        (Attribute, "IFLA_LINKINFO", "72 bytes"),
        (Attribute, "IFLA_INFO_KIND", "8 bytes"),
        (Payload, "", "\"veth\" (no NUL byte)"),
        (Attribute, "IFLA_INFO_DATA", "60 bytes"),
        (Attribute, "VETH_INFO_PEER", "56 bytes"),
        (Member, "ifi_family", "AF_UNSPEC"),
        (Member, "__ifi_pad", "1 byte"),
        (Member, "ifi_type", "0"),
        (Member, "ifi_index", "0"),
        (Member, "ifi_flags", "0"),
        (Member, "ifi_change", "0"),
        (Attribute, "IFLA_NUM_TX_QUEUES", "8 bytes"),
        (Payload, "", "1"),
        (Attribute, "IFLA_NUM_RX_QUEUES", "8 bytes"),
        (Payload, "", "1"),
        (Attribute, "IFLA_NET_NS_FD", "8 bytes"),
        (Payload, "", "descriptor 4"),
        (Attribute, "IFLA_IFNAME", "10 bytes"),
        (Payload, "", "\"veth1\""),
        (Padding, "(padding)", ""),
    ];
    assert_eq!(summary(&fields), expected);
    let depths: Vec<usize> = fields.iter().map(|f| f.depth).collect();
    assert_eq!(depths[..23], [0; 23]);
    assert_eq!(depths[23..26], [1; 3]);
    assert_eq!(depths[26], 2);
    assert_eq!(depths[27..], [3; 15]);
    assert_eq!(
        fields[11].description,
        "device group: a number that several links may share"
    );
    assert_eq!(
        fields[2].description,
        "flags; the upper bits depend on the type"
    );
    assert_eq!(fields[12].description, "");
}

#[test]
fn identifiers_with_known_name_are_printed_by_name() {
    let namer = |handle| match handle {
        Identifier::Index(2) => Some("index(brg0)".to_owned()),
        Identifier::Descriptor(4) => Some("the container's".to_owned()),
        _ => None,
    };
    let bytes = golden("ip-create-veth");
    let fields = fields(Protocol::Route, &bytes, &namer);
    assert_eq!(value(&fields, "IFLA_MASTER"), "index(brg0)");
    assert_eq!(value(&fields, "IFLA_NET_NS_FD"), "the container's");
    assert_eq!(value(&fields, "ifi_index"), "0");
}

#[test]
fn recorded_ack_is_printed_field_by_field() {
    let bytes = golden("ack-deep");
    let fields = print(&bytes);
    let text: Vec<_> = summary(&fields).into_iter().skip(5).collect();
    use Role::{Attribute, Member, Padding, Payload};
    let expected = [
        (Member, "error", "-34 ERANGE: Math result not representable"),
        (Member, "nlmsg_len", "108"),
        (Member, "nlmsg_type", "RTM_NEWLINK"),
        (
            Member,
            "nlmsg_flags",
            "NLM_F_REQUEST | NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE",
        ),
        (Member, "nlmsg_seq", "1"),
        (Member, "nlmsg_pid", "0"),
        (Attribute, "NLMSGERR_ATTR_MSG", "39 bytes"),
        (Payload, "", "\"Attribute failed policy validation\""),
        (Padding, "(padding)", ""),
        (Attribute, "NLMSGERR_ATTR_OFFS", "8 bytes"),
        (Payload, "", "80"),
        (Attribute, "NLMSGERR_ATTR_POLICY", "20 bytes NLA_F_NESTED"),
        (Attribute, "NL_POLICY_TYPE_ATTR_MAX_LENGTH", "8 bytes"),
        (Payload, "", "15"),
        (Attribute, "NL_POLICY_TYPE_ATTR_TYPE", "8 bytes"),
        (Payload, "", "NL_ATTR_TYPE_STRING"),
    ];
    assert_eq!(text, expected);
    assert_eq!(
        value(&fields, "nlmsg_flags"),
        "NLM_F_CAPPED | NLM_F_ACK_TLVS"
    );
    let inner = fields.iter().filter(|f| f.name == "nlmsg_len").nth(1);
    assert_eq!(inner.unwrap().depth, 1, "the echo is one deeper");
}

#[test]
fn request_in_ack_is_printed_as_request() {
    let bytes = golden("ack-odd-full");
    let fields = print(&bytes);
    assert_eq!(
        value(&fields, "error"),
        "-95 EOPNOTSUPP: Operation not supported on transport endpoint"
    );
    assert_eq!(value(&fields, "IFLA_IFNAME"), "\"odd0\"");
    assert_eq!(value(&fields, "IFLA_INFO_KIND"), "\"nosuch\" (no NUL byte)");
    assert_eq!(
        value(&fields, "NLMSGERR_ATTR_MSG"),
        "\"Unknown device type\""
    );
    let message = fields
        .iter()
        .position(|f| f.name == "NLMSGERR_ATTR_MSG")
        .unwrap();
    let before = &fields[message - 1];
    assert_eq!(
        (before.role, before.len, before.depth),
        (Role::Padding, 2, 0)
    );
    // An acknowledgement of success.
    assert_eq!(value(&print(&golden("ack-success")), "error"), "0: success");
    // A repeated request of an unknown type.
    let mut strange = golden("ack-full");
    strange[24..26].copy_from_slice(&4000_u16.to_ne_bytes());
    let fields = print(&strange);
    let unknown = fields.iter().find(|f| f.role == Role::Unknown).unwrap();
    assert_eq!(unknown.value, "a request of an unknown type");
    assert_eq!((unknown.offset, unknown.len), (36, 44));
    assert_eq!(covered(&fields, &strange), Ok(()));
}

#[test]
fn bytes_that_are_not_understood_have_a_reason() {
    let unknown = |bytes: &[u8]| {
        let fields = print(bytes);
        covered(&fields, bytes).unwrap();
        let found = fields.iter().find(|f| f.role == Role::Unknown).unwrap();
        (found.offset, found.len, found.value.clone())
    };
    let message = |kind, flags, payload: &[u8]| {
        let len = u32::try_from(HDRLEN + payload.len()).unwrap();
        let header = NlMsgHdr {
            len,
            kind,
            flags,
            seq: 0,
            pid: 0,
        };
        [header.as_bytes(), payload].concat()
    };
    assert_eq!(
        unknown(&message(64, 0, &[1; 9])),
        (16, 9, "a message of an unknown type".into())
    );
    assert_eq!(
        unknown(&message(2, 0, &[1; 9])),
        (16, 9, "an acknowledgement that is too short".into())
    );
    assert_eq!(
        unknown(&message(RTM_NEWLINK, 0, &[1; 9])),
        (16, 9, "shorter than its header".into())
    );
    assert_eq!(
        unknown(&message(NLMSG_DONE, 0, &[0; 12])),
        (20, 8, "bytes without the flag NLM_F_ACK_TLVS".into())
    );
    assert_eq!(
        unknown(&message(RTM_NEWLINK, 0, &[0; 26])),
        (32, 10, "an attribute shorter than its own header".into())
    );
    assert_eq!(
        unknown(&[&message(NLMSG_DONE, 0, &[0; 4])[..], &[1; 7]].concat()),
        (
            20,
            7,
            "fewer than sixteen bytes where a message should begin".into()
        )
    );
    // A message of an unknown type without payload has only a header.
    assert_eq!(print(&message(64, 0, &[])).len(), 5);
    assert_eq!(value(&print(&message(64, 0x301, &[])), "nlmsg_type"), "64");
    assert_eq!(
        value(&print(&message(15, 0x301, &[])), "nlmsg_flags"),
        "NLM_F_REQUEST | 0x300"
    );
}

#[test]
fn upper_flags_are_named_by_request_kind() {
    let flags = |kind, flags| {
        let header = NlMsgHdr {
            kind,
            flags,
            ..NlMsgHdr::default()
        };
        message_flags(Protocol::Route, header)
    };
    assert_eq!(
        flags(16, 0x301),
        "NLM_F_REQUEST | NLM_F_REPLACE | NLM_F_EXCL"
    );
    assert_eq!(flags(18, 0x301), "NLM_F_REQUEST | NLM_F_DUMP");
    assert_eq!(flags(18, 0x305), "NLM_F_REQUEST | NLM_F_ACK | NLM_F_DUMP");
    assert_eq!(flags(18, 0x201), "NLM_F_REQUEST | NLM_F_MATCH");
    assert_eq!(
        flags(17, 0x301),
        "NLM_F_REQUEST | NLM_F_NONREC | NLM_F_BULK"
    );
    assert_eq!(flags(2, 0x300), "NLM_F_CAPPED | NLM_F_ACK_TLVS");
    assert_eq!(
        flags(3, 0x232),
        "NLM_F_MULTI | NLM_F_DUMP_INTR | NLM_F_DUMP_FILTERED | NLM_F_ACK_TLVS"
    );
    assert_eq!(flags(16, 0), "0");
    assert_eq!(flags(16, 0x8000), "0x8000");
    assert_eq!(flags(16, 0x8001), "NLM_F_REQUEST | 0x8000");
}

#[test]
fn value_of_each_shape_has_its_text() {
    let printer = Printer {
        protocol: Protocol::Route,
        namer: &no_names,
        fields: Vec::new(),
        origin: 0,
        depth: 0,
    };
    let text = |shape, bytes: &[u8]| printer.value(shape, bytes);
    assert_eq!(text(Shape::Number, &[7]), "7");
    assert_eq!(text(Shape::Number, &0x102_u16.to_ne_bytes()), "258");
    assert_eq!(
        text(Shape::Number, &u64::MAX.to_ne_bytes()),
        "18446744073709551615"
    );
    assert_eq!(text(Shape::Number, &[1, 2, 3]), "3 bytes");
    assert_eq!(text(Shape::BigEndian, &[1, 2]), "258");
    assert_eq!(text(Shape::BigEndian, &[1, 2, 3]), "66051");
    assert_eq!(text(Shape::BigEndian, &[0xff; 8]), "18446744073709551615");
    assert_eq!(text(Shape::BigEndian, &[1; 9]), "9 bytes");
    assert_eq!(text(Shape::Signed, &[0xff]), "-1");
    assert_eq!(text(Shape::Signed, &(-2_i32).to_ne_bytes()), "-2");
    assert_eq!(
        text(Shape::Signed, &i64::MIN.to_ne_bytes()),
        i64::MIN.to_string()
    );
    assert_eq!(text(Shape::Signed, &7_u16.to_ne_bytes()), "7");
    assert_eq!(text(Shape::BigSigned, &(-100_i32).to_be_bytes()), "-100");
    assert_eq!(text(Shape::BigSigned, &300_i32.to_be_bytes()), "300");
    assert_eq!(text(Shape::BigSigned, &[]), "0");
    assert_eq!(
        text(Shape::Named(ARPHRD), &1_u16.to_ne_bytes()),
        "ARPHRD_ETHER"
    );
    assert_eq!(text(Shape::Named(ARPHRD), &9_u16.to_ne_bytes()), "9");
    assert_eq!(
        text(Shape::Named(ARPHRD), &u64::MAX.to_ne_bytes()),
        "8 bytes"
    );
    assert_eq!(
        text(Shape::Bits(IFF), &0x8010_0003_u32.to_ne_bytes()),
        "IFF_UP | IFF_BROADCAST | 0x80100000"
    );
    assert_eq!(text(Shape::Bits(IFF), &0_u32.to_ne_bytes()), "0");
    assert_eq!(text(Shape::NulString, b"br0\0"), "\"br0\"");
    assert_eq!(text(Shape::NulString, b"br0"), "\"br0\" (no NUL byte)");
    assert_eq!(text(Shape::NulString, b"a\"\n\xff\0"), r#""a\"\n\xff""#);
    assert_eq!(
        text(Shape::Mac, &[2, 0, 0xab, 0, 0, 1]),
        "02:00:ab:00:00:01"
    );
    assert_eq!(text(Shape::Ip, &[10, 0, 0, 1]), "10.0.0.1");
    assert_eq!(text(Shape::Ip, &[0; 16]), "::");
    assert_eq!(text(Shape::Ip, &[0; 5]), "5 bytes");
    assert_eq!(text(Shape::Index, &3_u32.to_ne_bytes()), "3");
    assert_eq!(
        text(Shape::Descriptor, &(-1_i32).to_ne_bytes()),
        "descriptor -1"
    );
    assert_eq!(text(Shape::Descriptor, &[1, 2]), "2 bytes");
    assert_eq!(text(Shape::Binary, &[1, 2]), "2 bytes");
    assert_eq!(text(Shape::Flag, &[]), "0 bytes");
}

#[test]
fn info_data_with_kind_veth_has_veth_attributes() {
    // The last IFLA_INFO_KIND selects the set, at any position, as in the kernel.
    let bytes = golden("ip-create-veth");
    let at = bytes.len() - 64;
    let names = |bytes: &[u8]| {
        let fields = print(bytes);
        covered(&fields, bytes).unwrap();
        fields.iter().any(|field| field.name == "VETH_INFO_PEER")
    };
    assert!(names(&bytes));
    let mut other = bytes.clone();
    assert_eq!(&other[at..at + 4], b"veth");
    other[at..at + 4].copy_from_slice(b"vath");
    assert!(!names(&other));
    let link = golden("get-link");
    let fields = print(&link);
    assert_eq!(value(&fields, "IFLA_INFO_KIND"), "\"bridge\"");
    assert_eq!(value(&fields, "IFLA_BR_FORWARD_DELAY"), "1500");
}

#[test]
fn last_of_several_kinds_selects_the_attribute_set() {
    use crate::wire::link::{IFLA_INFO_DATA_VETH, IFLA_INFO_KIND, IFLA_LINKINFO, VETH_INFO_PEER};
    let made = |first: &str, last: &str| {
        link::change(IfInfoMsg::default())
            .nest(IFLA_LINKINFO, |info| {
                info.put(IFLA_INFO_KIND, first)
                    .nest(IFLA_INFO_DATA_VETH, |data| {
                        data.nest_with_header(VETH_INFO_PEER, IfInfoMsg::default(), |_| {});
                    })
                    .put(IFLA_INFO_KIND, last);
            })
            .finish()
            .unwrap()
    };
    let peer = |message: &crate::wire::message::Message| {
        print(message.bytes())
            .iter()
            .any(|f| f.name == "VETH_INFO_PEER")
    };
    assert!(peer(&made("bridge", "veth")));
    assert!(!peer(&made("veth", "bridge")));
}

#[test]
fn unknown_attribute_is_named_by_set_and_number() {
    let bytes = golden("unknown-type-1");
    assert!(print(&bytes).iter().any(|f| f.role == Role::Unknown));
    let mut link = golden("ip-set-master");
    link[34..36].copy_from_slice(&(0x4000_u16 | 999).to_ne_bytes());
    let fields = print(&link);
    let attr = fields.iter().find(|f| f.role == Role::Attribute).unwrap();
    assert_eq!(
        (&*attr.name, &*attr.value),
        ("IFLA_999", "8 bytes NLA_F_NET_BYTEORDER")
    );
    assert_eq!(attr.description, "");
    assert_eq!(value(&fields, "IFLA_999"), "4 bytes");
}

#[test]
fn padding_that_is_not_zero_is_marked() {
    let mut bytes = golden("ack-odd-full");
    bytes[78] = 1;
    let fields = print(&bytes);
    let padding: Vec<&str> = fields
        .iter()
        .filter(|f| f.role == Role::Padding && f.offset == 78)
        .map(|f| &*f.value)
        .collect();
    assert_eq!(padding, ["not zero"]);
}

#[test]
fn bytes_between_messages_are_printed_as_padding() {
    let bytes = [
        &golden("ack-odd-full-request")[..],
        &[0, 0],
        &golden("ip-set-up"),
    ]
    .concat();
    let fields = print(&bytes);
    assert_eq!(covered(&fields, &bytes), Ok(()));
    let padding = fields.iter().find(|f| f.offset == 58).unwrap();
    assert_eq!((padding.role, padding.len), (Role::Padding, 2));
    let second = fields.iter().find(|f| f.offset == 60).unwrap();
    assert_eq!((&*second.name, &*second.value), ("nlmsg_len", "32"));
}

#[test]
fn lines_have_eight_bytes_in_order() {
    let bytes = golden("composed-cookie");
    let fields = print(&bytes);
    let text = format_rows(&fields, &bytes, Colour::Off, false);
    let rows: Vec<&str> = text.lines().collect();
    // The bytes are in host byte order.
    for (row, offset, rest) in [
        (0, "0000  ", "nlmsg_len                      48"),
        (6, "0014  ", "  nlmsg_len                    60"),
    ] {
        let (left, right) = rows[row].split_at(31);
        assert_eq!((&left[..6], right), (offset, rest));
    }
}

#[test]
fn errno_text_is_that_of_libc() {
    assert_eq!(errno_text(libc::EEXIST), "File exists");
    assert_eq!(no_names(Identifier::Index(1)), None);
}

#[test]
fn slave_data_with_slave_kind_bridge_has_port_attributes() {
    use crate::wire::link::{
        IFLA_BRPORT_STATE, IFLA_INFO_SLAVE_DATA_BRIDGE, IFLA_INFO_SLAVE_KIND, IFLA_LINKINFO,
    };
    let port = |kind: &str| {
        let message = link::change(IfInfoMsg::default()).nest(IFLA_LINKINFO, |info| {
            info.put(IFLA_INFO_SLAVE_KIND, kind)
                .nest(IFLA_INFO_SLAVE_DATA_BRIDGE, |data| {
                    data.put(IFLA_BRPORT_STATE, 3);
                });
        });
        let fields = print(message.finish().unwrap().bytes());
        let state = fields.iter().position(|f| f.name == "IFLA_BRPORT_STATE");
        state.map(|place| fields[place + 1].value.clone())
    };
    assert_eq!(port("bridge"), Some("3".into()));
    assert_eq!(port("bond"), None);
}

#[test]
fn empty_attribute_has_empty_value() {
    let empty = Attr::<Ifla, Binary>::new(3, "IFLA_IFNAME");
    let message = link::change(IfInfoMsg::default())
        .put(empty, &[])
        .put(link::IFLA_IFALIAS, "next")
        .finish()
        .unwrap();
    let fields = print(message.bytes());
    let roles: Vec<Role> = fields[11..].iter().map(|field| field.role).collect();
    use Role::{Attribute, Padding, Payload};
    assert_eq!(roles, [Attribute, Attribute, Payload, Padding]);
    let path = |offset| path(Protocol::Route, message.bytes(), offset);
    assert_eq!(path(32), Some(("IFLA_IFNAME".into(), String::new())));
    assert_eq!(path(36), Some(("IFLA_IFALIAS".into(), "\"next\"".into())));
}

#[test]
fn malformed_attribute_is_printed_as_unknown() {
    let mut bytes = golden("ip-set-mtu");
    bytes.extend([3, 0, 1, 0, 9]);
    let len = u32::try_from(bytes.len()).unwrap();
    bytes[..4].copy_from_slice(&len.to_ne_bytes());
    let fields = print(&bytes);
    assert_eq!(covered(&fields, &bytes), Ok(()));
    let last = fields.last().unwrap();
    assert_eq!((last.role, last.offset, last.len), (Role::Unknown, 40, 5));
}

/// The kernel has no header of such a size today.
#[test]
fn header_of_six_bytes_is_followed_by_padding() {
    const SIX: &Layout = &Layout {
        name: "six",
        size: 6,
        fields: &[crate::wire::shape::Member {
            name: "bytes",
            offset: 0,
            size: 6,
            shape: Shape::Binary,
            description: "",
        }],
    };
    let mut printer = Printer {
        protocol: Protocol::Route,
        namer: &no_names,
        fields: Vec::new(),
        origin: 0,
        depth: 0,
    };
    let mtu = [8_u16.to_ne_bytes(), 4_u16.to_ne_bytes()].concat();
    let bytes = [&[9; 16][..], &[1; 6], &[0; 2], &mtu, &[1, 0, 0, 0]].concat();
    printer.sub_message(16, &bytes[16..], SIX, Ifla::table());
    let places: Vec<(Role, usize, usize)> = printer
        .fields
        .iter()
        .map(|field| (field.role, field.offset, field.len))
        .collect();
    let expected = [
        (Role::Member, 16, 6),
        (Role::Padding, 22, 2),
        (Role::Attribute, 24, 4),
        (Role::Payload, 28, 4),
    ];
    assert_eq!(places, expected);
}

#[test]
fn sub_message_below_the_largest_depth_is_bytes() {
    use crate::wire::link::{IFLA_INFO_DATA_VETH, IFLA_INFO_KIND, IFLA_LINKINFO, VETH_INFO_PEER};
    fn dig(builder: &mut Builder<'_, Ifla>, deep: usize) {
        if deep > 0 {
            builder.nest(IFLA_PROP_LIST, |inner| dig(inner, deep - 1));
            return;
        }
        builder.nest(IFLA_LINKINFO, |info| {
            info.put(IFLA_INFO_KIND, "veth")
                .nest(IFLA_INFO_DATA_VETH, |data| {
                    data.nest_with_header(VETH_INFO_PEER, IfInfoMsg::default(), |_| {});
                });
        });
    }
    let depths = |deep: usize| {
        let message = link::change(IfInfoMsg::default())
            .nest(IFLA_PROP_LIST, |inner| dig(inner, deep - 1))
            .finish()
            .unwrap();
        let fields = print(message.bytes());
        let peer = fields.iter().position(|f| f.name == "VETH_INFO_PEER");
        let peer = peer.unwrap();
        (fields[peer].depth, fields[peer + 1].role)
    };
    assert_eq!(depths(MAX_DEPTH - 3), (MAX_DEPTH - 1, Role::Member));
    assert_eq!(depths(MAX_DEPTH - 2), (MAX_DEPTH, Role::Payload));
}

#[test]
fn nf_tables_integers_are_printed_from_network_byte_order() {
    let bytes = golden("dump-chains");
    let fields = fields(Protocol::Netfilter, &bytes, &no_names);
    assert_eq!(covered(&fields, &bytes), Ok(()));
    assert!(fields.iter().all(|field| field.role != Role::Unknown));
    for (name, expected) in [
        ("nlmsg_type", "NFT_MSG_NEWCHAIN"),
        ("nfgen_family", "NFPROTO_IPV4"),
        ("res_id", "4"),
        ("NFTA_CHAIN_TABLE", "\"filter\""),
        ("NFTA_CHAIN_HANDLE", "1"),
        ("NFTA_CHAIN_NAME", "\"forward\""),
        ("NFTA_HOOK_HOOKNUM", "NF_INET_FORWARD"),
        ("NFTA_HOOK_PRIORITY", "0"),
        ("NFTA_CHAIN_POLICY", "NF_DROP"),
        ("NFTA_CHAIN_TYPE", "\"filter\""),
    ] {
        assert_eq!(value(&fields, name), expected, "{name}");
    }
    let mut named = 7_u32.to_be_bytes().to_vec();
    let printer = Printer {
        protocol: Protocol::Netfilter,
        namer: &no_names,
        fields: Vec::new(),
        origin: 0,
        depth: 0,
    };
    let shape = Shape::BigNamed(crate::wire::uapi::NF);
    assert_eq!(printer.value(shape, &named), "7", "a number without a name");
    named[3] = 1;
    assert_eq!(printer.value(shape, &named), "NF_ACCEPT");
    assert_eq!(printer.value(shape, &[0; 9]), "9 bytes");
}

/// The second rule of the recorded chain: `iifname brg0 accept`.
#[test]
fn recorded_rule_is_printed_with_its_expressions() {
    let bytes = golden("dump-rules");
    let fields = fields(Protocol::Netfilter, &bytes, &no_names);
    assert_eq!(covered(&fields, &bytes), Ok(()));
    assert!(fields.iter().all(|field| field.role != Role::Unknown));
    let second = fields.iter().rposition(|f| f.name == "nlmsg_type").unwrap();
    let text = format_rows(&fields[second..], &bytes, Colour::Off, false);
    // The numbers of nf_tables are in network byte order, on every machine.
    for (bytes, value) in [
        ("0180  00 00 00 06", "NFT_META_IIFNAME"),
        ("01a8  00 00 00 00", "NFT_CMP_EQ"),
        ("01cc  69 6d 6d 65 64 69 61 74", "\"immediate\""),
        ("01f0  00 00 00 01", "NF_ACCEPT"),
    ] {
        let line = format!("{bytes:<62}{value}");
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
}

/// A message from a capture with a length limit (`tcpdump -s 60`).
#[test]
fn truncated_message_is_printed_up_to_its_end() {
    let whole = golden("our-create-veth");
    let cut = &whole[..60];
    let printed = fields(Protocol::Route, cut, &no_names);
    let names: Vec<&str> = printed.iter().map(|field| field.name.as_str()).collect();
    assert!(names.starts_with(&["nlmsg_len", "nlmsg_type"]), "{names:?}");
    let name = names
        .iter()
        .position(|name| *name == "IFLA_IFNAME")
        .unwrap();
    assert_eq!(printed[name + 1].value, "\"veth0\"");
    let last = printed.last().unwrap();
    assert_eq!((last.role, last.offset, last.len), (Role::Unknown, 60, 0));
    let words = format!(
        "a message longer than what is left: 60 of {} bytes are there",
        whole.len()
    );
    assert_eq!(last.value, words);
    // Bytes that are not a message are printed as unknown.
    let noise = [0xff; 60];
    let printed = fields(Protocol::Route, &noise, &no_names);
    assert_eq!(
        (printed.len(), printed[0].role, printed[0].len),
        (1, Role::Unknown, 60)
    );
}

/// RTM_SETLINK of the family AF_BRIDGE, as `bridge vlan add dev veth0 vid 10 pvid untagged` of
/// iproute2 6.1.0 sends it, with index 7.
#[test]
fn bridge_vlan_message_is_decoded_as_bridge_attributes() {
    let mut bytes = Vec::new();
    bytes.extend(44_u32.to_ne_bytes());
    bytes.extend(19_u16.to_ne_bytes());
    bytes.extend(5_u16.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend([7, 0, 0, 0]);
    bytes.extend(7_u32.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend(12_u16.to_ne_bytes());
    bytes.extend(26_u16.to_ne_bytes());
    bytes.extend(8_u16.to_ne_bytes());
    bytes.extend(2_u16.to_ne_bytes());
    bytes.extend(6_u16.to_ne_bytes());
    bytes.extend(10_u16.to_ne_bytes());
    let fields = fields(Protocol::Route, &bytes, &no_names);
    let of = |name: &str| fields.iter().find(|field| field.name == name);
    assert!(of("IFLA_BRIDGE_VLAN_INFO").is_some());
    assert!(of("vid").unwrap().value.starts_with("10"));
    assert!(fields.iter().all(|field| field.role != Role::Unknown));
}
