#![allow(clippy::indexing_slicing)]

use super::*;
use crate::wire::attr::Walk;
use crate::wire::goldens::golden;
use crate::wire::message::Messages;
use proptest::prelude::*;
use zerocopy::IntoBytes;

/// The first acknowledgement in a datagram.
fn parsed(bytes: &[u8]) -> Ack<'_> {
    let received = Messages::new(bytes).next().unwrap().unwrap();
    Ack::read(&received).expect("an acknowledgement").unwrap()
}

/// An acknowledgement as `netlink_ack` writes it.
fn message(kind: u16, flags: u16, error: i32, echo: &[u8], tlvs: &[u8]) -> Vec<u8> {
    let mut bytes = [&[0; HDRLEN][..], error.as_bytes(), echo].concat();
    bytes.resize(align(bytes.len()), 0);
    bytes.extend_from_slice(tlvs);
    let header = NlMsgHdr {
        len: u32::try_from(bytes.len()).unwrap(),
        kind,
        flags,
        seq: 1,
        pid: 0,
    };
    bytes[..HDRLEN].copy_from_slice(header.as_bytes());
    bytes
}

fn request(length: usize) -> Vec<u8> {
    let header = NlMsgHdr {
        len: u32::try_from(length).unwrap(),
        kind: 16,
        flags: 5,
        seq: 1,
        pid: 0,
    };
    let mut bytes = header.as_bytes().to_vec();
    bytes.resize(length, 0xa5);
    bytes
}

fn tlv(number: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(4 + payload.len()).unwrap();
    let mut bytes = [&len.to_ne_bytes()[..], &number.to_ne_bytes(), payload].concat();
    bytes.resize(align(bytes.len()), 0);
    bytes
}

const POLICY_MESSAGE: &str = "Attribute failed policy validation";

/// FRRouting/frr PR #4019: the parser read the length of the request wrongly, and so the offset of the
/// TLVs.
#[test]
fn frr_4019_full_ack_has_tlvs_after_the_request() {
    let bytes = golden("ack-deep-full");
    let full = parsed(&bytes);
    let request = golden("ack-deep-request");
    assert_eq!(full.echo, &request[HDRLEN..]);
    assert_eq!(full.tlvs_at, HDRLEN + 4 + request.len());
    assert_eq!(full.extack_message().unwrap(), POLICY_MESSAGE);
    assert_eq!(full.value(NLMSGERR_ATTR_OFFS), Some(80));

    // The request has no padding at its end. The TLVs still begin at a multiple of 4 bytes.
    let bytes = golden("ack-odd-full");
    let odd = parsed(&bytes);
    assert_eq!(odd.request.unwrap().len, 58);
    assert_eq!((odd.echo.len(), odd.tlvs_at), (42, HDRLEN + 4 + 60));
    assert_eq!(odd.extack_message().unwrap(), "Unknown device type");
}

/// vishvananda/netlink PR #924: the parser tested the flag with OR, so that it was always true.
#[test]
fn vishvananda_924_ack_without_flag_has_no_tlvs() {
    for name in ["ack-success", "ack-full", "ack-capped"] {
        let bytes = golden(name);
        let ack = parsed(&bytes);
        assert_eq!(ack.tlvs.walk().count(), 0, "{name}");
        assert_eq!(ack.extack_message(), None, "{name}");
    }
    // Bytes that look like TLVs are not parsed without the flag.
    let tlvs = tlv(1, b"not announced\0");
    let request = request(32);
    let bytes = message(NLMSG_ERROR, 0, -17, &request, &tlvs);
    assert_eq!(parsed(&bytes).extack_message(), None);
    let bytes = message(NLMSG_ERROR, NLM_F_ACK_TLVS, -17, &request, &tlvs);
    assert_eq!(parsed(&bytes).extack_message().unwrap(), "not announced");
}

/// mdlayher/netlink #183: the parser expected a request in NLMSG_DONE.
#[test]
fn mdlayher_183_done_has_no_request() {
    let bytes = golden("done-error");
    let done = parsed(&bytes);
    assert_eq!(done.errno, libc::ENOENT);
    assert_eq!(done.request, None);
    assert_eq!((done.echo, done.tlvs_at), (&[][..], HDRLEN + 4));
    assert_eq!(
        done.extack_message().unwrap(),
        "ipv4: FIB table does not exist"
    );

    let bytes = golden("done-strict");
    let done = parsed(&bytes);
    assert_eq!(done.errno, libc::EINVAL);
    let extack_message = done.extack_message().unwrap();
    assert_eq!(extack_message, "Unsupported attribute in link dump request");

    let bytes = golden("dump-routes-2");
    let done = parsed(&bytes);
    assert_eq!((done.errno, done.tlvs.walk().count()), (0, 0));
}

/// openthread/openthread PR #9287: the program passed the negative errno to strerror().
#[test]
fn openthread_9287_errno_is_positive() {
    let bytes = golden("ack-capped");
    assert_eq!(bytes[16..20], (-17_i32).to_ne_bytes());
    assert_eq!(parsed(&bytes).errno, libc::EEXIST);
    // Some subsystems have sent them positive.
    let bytes = message(NLMSG_ERROR, NLM_F_CAPPED, 17, &request(16), &[]);
    assert_eq!(parsed(&bytes).errno, libc::EEXIST);
    // i32::MIN has no positive counterpart.
    let bytes = message(NLMSG_ERROR, NLM_F_CAPPED, i32::MIN, &request(16), &[]);
    assert_eq!(parsed(&bytes).errno, i32::MAX);
}

/// A TODO in mdlayher/netlink: with NETLINK_CAP_ACK, the kernel repeats only the header of the request.
/// `nlmsg_len` in it is still the length of the whole request.
#[test]
fn capped_ack_has_tlvs_after_the_request_header() {
    let bytes = golden("ack-deep");
    let capped = parsed(&bytes);
    let request = golden("ack-deep-request");
    assert_eq!(
        usize::try_from(capped.request.unwrap().len).unwrap(),
        request.len()
    );
    assert_eq!((capped.echo, capped.tlvs_at), (&[][..], 36));
    assert_eq!(capped.extack_message().unwrap(), POLICY_MESSAGE);
    assert_eq!(capped.value(NLMSGERR_ATTR_OFFS), Some(80));
    // The kernel always caps the acknowledgement of success (`netlink_ack`, `net/netlink/af_netlink.c`).
    let success = golden("ack-success");
    let received = Messages::new(&success).next().unwrap().unwrap();
    assert_eq!(received.header.flags, NLM_F_CAPPED);
    assert_eq!(parsed(&success).errno, 0);
}

#[test]
fn full_and_capped_ack_have_equal_tlvs() {
    for (full, capped) in [
        ("ack-full", "ack-capped"),
        ("ack-msg-full", "ack-msg-capped"),
        ("ack-policy-full", "ack-policy-capped"),
        ("ack-deep-full", "ack-deep"),
    ] {
        let (full, capped) = (golden(full), golden(capped));
        let (full, capped) = (parsed(&full), parsed(&capped));
        assert_eq!(full.errno, capped.errno);
        assert_eq!(full.extack_message(), capped.extack_message());
        let tlvs = |ack: Ack<'_>| -> Vec<(u16, Vec<u8>)> {
            let walk = ack.tlvs.walk().map(Result::unwrap);
            walk.map(|raw| (raw.kind, raw.payload.to_vec())).collect()
        };
        assert_eq!(tlvs(full), tlvs(capped));
    }
}

#[test]
fn ack_with_each_tlv_returns_its_value() {
    let bytes = golden("ack-miss-type");
    let missing = parsed(&bytes);
    assert_eq!(missing.value(NLMSGERR_ATTR_MISS_TYPE), Some(1));
    assert_eq!(missing.value(NLMSGERR_ATTR_MISS_NEST), None);
    assert_eq!(missing.extack_message(), None);

    let bytes = golden("ack-miss-nest");
    let missing = parsed(&bytes);
    assert_eq!(missing.value(NLMSGERR_ATTR_MISS_TYPE), Some(1));
    assert_eq!(missing.value(NLMSGERR_ATTR_MISS_NEST), Some(32));

    let bytes = golden("composed-cookie");
    let cookie = parsed(&bytes).value(NLMSGERR_ATTR_COOKIE);
    assert_eq!(cookie, Some(&[1, 2, 3, 4, 5, 6, 7, 8][..]));

    let bytes = golden("composed-warning");
    let warning = parsed(&bytes);
    assert_eq!(warning.errno, 0);
    assert!(
        warning
            .extack_message()
            .unwrap()
            .ends_with("Consider r2q change.")
    );

    let bytes = golden("ack-gateway");
    let refused = parsed(&bytes);
    assert_eq!(refused.errno, libc::ENETUNREACH);
    assert_eq!(
        refused.extack_message().unwrap(),
        "Nexthop has invalid gateway"
    );
}

#[test]
fn policy_of_recorded_ack_has_type_and_limit() {
    let words = |name| {
        let bytes = golden(name);
        policy_text(parsed(&bytes).value(NLMSGERR_ATTR_POLICY).unwrap()).unwrap()
    };
    assert_eq!(words("ack-policy-full"), "string, at most 15 bytes");
    assert_eq!(words("ack-policy-range"), "u32, 0 to 4294967295");
}

/// Policies that no request of netsetgo meets, as `netlink_policy_dump_write_attr` writes them.
#[test]
fn policy_of_each_type_has_its_text() {
    let words = |tlvs: &[Vec<u8>]| policy_text(Attrs::new(&tlvs.concat()));
    let kind = |kind: u32| tlv(1, kind.as_bytes());
    let wide = |number, value: i64| tlv(number, value.as_bytes());
    let length = |number, value: u32| tlv(number, value.as_bytes());
    let signed = [kind(8), wide(2, -5), wide(3, 7)];
    assert_eq!(words(&signed).unwrap(), "s32, -5 to 7");
    let unsigned = [kind(3), wide(4, 2), wide(5, -1)];
    assert_eq!(words(&unsigned).unwrap(), "u16, 2 to 18446744073709551615");
    let binary = [kind(10), length(6, 3), length(7, 32)];
    let both = "binary, at least 3 bytes, at most 32 bytes";
    assert_eq!(words(&binary).unwrap(), both);
    assert_eq!(words(&[kind(12)]).unwrap(), "string");
    assert_eq!(words(&[kind(14)]).unwrap(), "nested array");
    // A range needs both limits.
    assert_eq!(words(&[kind(8), wide(2, -5)]).unwrap(), "s32");
    assert_eq!(words(&[kind(3), wide(5, 9)]).unwrap(), "u16");
    assert_eq!(words(&[kind(99)]), None, "an unknown type");
    assert_eq!(words(&[length(7, 32)]), None, "no type");
}

#[test]
fn truncated_ack_is_an_error_with_its_offset() {
    let cut = |payload: &[u8]| {
        let header = NlMsgHdr {
            len: u32::try_from(HDRLEN + payload.len()).unwrap(),
            kind: NLMSG_ERROR,
            ..NlMsgHdr::default()
        };
        let bytes = [request(16).as_slice(), header.as_bytes(), payload].concat();
        let received = Messages::new(&bytes).nth(1).unwrap().unwrap();
        Ack::read(&received).unwrap().map(|_| ()).unwrap_err()
    };
    let short = cut(&[0; 3]);
    assert_eq!(short.what, "an acknowledgement too short for its error");
    assert_eq!(short.offset, 16 + 16 + 3);
    let short = cut(&[0; 19]);
    assert_eq!(
        short.what,
        "an acknowledgement too short for the header of the request"
    );
    assert_eq!(short.offset, 16 + 16 + 19);
}

#[test]
fn done_without_errno_is_success() {
    let bytes = message(NLMSG_DONE, 0, 0, &[], &[]);
    let bare = &mut bytes[..HDRLEN].to_vec();
    bare[..4].copy_from_slice(&16_u32.to_ne_bytes());
    assert_eq!(parsed(bare).errno, 0);
}

#[test]
fn ack_of_other_message_is_none() {
    for name in ["dump-links-1", "get-link", "unknown-type-1", "ip-set-up"] {
        let bytes = golden(name);
        let received = Messages::new(&bytes).next().unwrap().unwrap();
        assert!(Ack::read(&received).is_none(), "{name}");
    }
}

/// The kernel sends the length of the request, so that it may be wrong.
#[test]
fn ack_with_wrong_request_length_is_parsed_to_its_end() {
    let mut lying = request(32);
    lying[..4].copy_from_slice(&u32::MAX.to_ne_bytes());
    let bytes = message(NLMSG_ERROR, NLM_F_ACK_TLVS, -22, &lying, &tlv(1, b"x\0"));
    let ack = parsed(&bytes);
    assert_eq!(ack.errno, 22);
    assert_eq!(ack.extack_message(), None);
    assert_eq!(ack.echo.len(), bytes.len() - 36);
    // A length shorter than the header.
    lying[..4].copy_from_slice(&3_u32.to_ne_bytes());
    let bytes = message(
        NLMSG_ERROR,
        NLM_F_ACK_TLVS,
        -22,
        &lying[..16],
        &tlv(1, b"x\0"),
    );
    assert_eq!(parsed(&bytes).extack_message().unwrap(), "x");
}

#[test]
fn ack_with_malformed_tlv_has_its_errno() {
    let mut bytes = golden("ack-msg-capped");
    bytes[36..38].copy_from_slice(&999_u16.to_ne_bytes());
    let ack = parsed(&bytes);
    assert_eq!((ack.errno, ack.extack_message()), (95, None));
}

proptest! {
    #[test]
    fn written_ack_is_parsed_completely(
        length in 16..200_usize,
        capped in any::<bool>(),
        error in 0..4096_i32,
        text in "[ -~]{0,40}",
        offset in any::<u32>(),
    ) {
        let request = request(length);
        let tlvs = [
            tlv(1, &[text.as_bytes(), b"\0"].concat()),
            tlv(2, offset.as_bytes()),
        ].concat();
        let (flags, echo) = if capped {
            (NLM_F_CAPPED | NLM_F_ACK_TLVS, &request[..16])
        } else {
            (NLM_F_ACK_TLVS, &request[..])
        };
        let bytes = message(NLMSG_ERROR, flags, -error, echo, &tlvs);
        let ack = parsed(&bytes);
        prop_assert_eq!(ack.errno, error);
        prop_assert_eq!(ack.echo, &echo[16..]);
        prop_assert_eq!(ack.extack_message(), Some(text.clone()));
        prop_assert_eq!(ack.value(NLMSGERR_ATTR_OFFS), Some(offset));
        prop_assert_eq!(&bytes[ack.tlvs_at..], &tlvs[..]);
        let done = message(NLMSG_DONE, NLM_F_ACK_TLVS, -error, &[], &tlvs);
        let done = parsed(&done);
        prop_assert_eq!((done.errno, done.extack_message()), (error, Some(text)));
    }

    #[test]
    fn any_bytes_are_parsed_as_ack_without_panic(
        kind in prop_oneof![Just(NLMSG_ERROR), Just(NLMSG_DONE)],
        flags in any::<u16>(),
        payload in prop::collection::vec(any::<u8>(), 0..120),
        inner in 0..160_u32,
    ) {
        let mut payload = payload;
        // In half of the cases, the length of the request is almost right.
        if flags & 1 == 0 && let Some(field) = payload.get_mut(4..8) {
            field.copy_from_slice(inner.as_bytes());
        }
        let header = NlMsgHdr {
            len: u32::try_from(HDRLEN + payload.len()).unwrap(), kind, flags, seq: 0, pid: 0,
        };
        let bytes = [header.as_bytes(), &payload].concat();
        let received = Messages::new(&bytes).next().unwrap().unwrap();
        match Ack::read(&received).expect("an acknowledgement") {
            Ok(ack) => {
                prop_assert!(ack.errno >= 0);
                prop_assert!(ack.echo.len() <= payload.len());
                let room = bytes.len().saturating_sub(ack.tlvs_at);
                let walked: usize = ack.tlvs.walk().map_while(Result::ok)
                    .map(|raw| usize::from(raw.len)).sum();
                prop_assert!(walked <= room, "TLVs outside of the acknowledgement");
                let _ = ack.value(NLMSGERR_ATTR_POLICY).and_then(policy_text);
            }
            Err(malformed) => {
                prop_assert_eq!(kind, NLMSG_ERROR);
                prop_assert!(payload.len() < 20);
                prop_assert_eq!(malformed.offset, bytes.len());
            }
        }
        prop_assert!(Walk::new(&bytes).count() <= bytes.len() / 4 + 1);
    }
}
