//! `Ack` and `NetlinkError`: an acknowledgement that is built as the kernel builds it has its parts
//! after parsing. A damaged acknowledgement parses or fails, and an attribute that it names is one
//! of the request.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use netsetgo::wire::ack::{
    Ack, NLMSGERR_ATTR_COOKIE, NLMSGERR_ATTR_MISS_NEST, NLMSGERR_ATTR_MISS_TYPE, NLMSGERR_ATTR_MSG,
    NLMSGERR_ATTR_OFFS,
};
use netsetgo::wire::attr::Attrs;
use netsetgo::wire::layout::{HDRLEN, NlMsgHdr, align};
use netsetgo::wire::message::Messages;
use netsetgo::wire::netlink_error::NetlinkError;
use netsetgo::wire::printer::{Role, fields, no_names};
use netsetgo::wire::registry::Protocol;
use netsetgo::wire::uapi::{NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_DONE, NLMSG_ERROR};
use zerocopy::IntoBytes;

#[derive(Arbitrary, Debug)]
struct Case {
    done: bool,
    capped: bool,
    errno: u16,
    kind: u8,
    body: Vec<u8>,
    text: String,
    cookie: Vec<u8>,
    offset: u32,
    missing: Option<(u32, u32)>,
    damage: Vec<(u16, u8)>,
}

fuzz_target!(|case: Case| {
    let mut case = case;
    case.body.truncate(4096);
    case.cookie.truncate(64);
    case.text.truncate(
        case.text
            .char_indices()
            .nth(80)
            .map_or(case.text.len(), |(at, _)| at),
    );
    let request = message(case.kind.into(), 5, &case.body);
    let mut reply = acknowledgement(&case, &request);
    assert_undamaged(&case, &request, &reply);
    // Now any byte may have another value.
    for (place, value) in &case.damage {
        let place = usize::from(*place) % reply.len();
        reply[place] = *value;
    }
    for received in Messages::new(&reply).map_while(Result::ok) {
        if let Some(Ok(read)) = Ack::read(&received) {
            assert!(read.errno >= 0);
            assert!(read.echo.len() <= reply.len());
            let netlink_error = NetlinkError::read(Protocol::Route, &read, &request);
            assert_eq!(netlink_error.errno, read.errno);
            assert!(!netlink_error.to_string().is_empty());
        }
    }
});

/// Checks each part of an acknowledgement that is not damaged.
fn assert_undamaged(case: &Case, request: &[u8], reply: &[u8]) {
    let received = Messages::new(reply).next().unwrap().unwrap();
    let read = Ack::read(&received).unwrap().unwrap();
    assert_eq!(read.errno, i32::from(case.errno));
    match (case.done, case.capped) {
        (true, _) => assert!(read.request.is_none() && read.echo.is_empty()),
        (_, true) => assert!(read.echo.is_empty()),
        (..) => assert_eq!(read.echo, &request[HDRLEN..]),
    }
    let text = case.text.split('\0').next().unwrap_or_default();
    assert_eq!(read.extack_message().as_deref(), Some(text));
    assert_eq!(read.value(NLMSGERR_ATTR_OFFS), Some(case.offset));
    assert_eq!(read.value(NLMSGERR_ATTR_COOKIE), Some(&case.cookie[..]));
    assert_eq!(
        read.value(NLMSGERR_ATTR_MISS_TYPE),
        case.missing.map(|(kind, _)| kind)
    );
    assert_eq!(
        read.value(NLMSGERR_ATTR_MISS_NEST),
        case.missing.map(|(_, nest)| nest)
    );
    // The error names the attribute at the offset. Without one, it names none.
    let netlink_error = NetlinkError::read(Protocol::Route, &read, request);
    let attribute = fields(Protocol::Route, request, &no_names)
        .into_iter()
        .find(|f| f.role == Role::Attribute && f.offset == case.offset as usize);
    if let Some(attribute) = attribute {
        let named = netlink_error.attribute.expect("the request has it");
        assert!(
            named.contains(&attribute.name),
            "{named}: {}",
            attribute.name
        );
    } else if case.missing.is_none() {
        assert_eq!(netlink_error.attribute, None);
    }
}

fn message(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(HDRLEN + payload.len()).unwrap();
    let header = NlMsgHdr {
        len,
        kind,
        flags,
        seq: 1,
        pid: 0,
    };
    [header.as_bytes(), payload].concat()
}

/// An acknowledgement as `netlink_ack()` builds it (net/netlink/af_netlink.c).
fn acknowledgement(case: &Case, request: &[u8]) -> Vec<u8> {
    let mut payload = (-i32::from(case.errno)).to_ne_bytes().to_vec();
    if !case.done {
        payload.extend(if case.capped {
            &request[..HDRLEN]
        } else {
            request
        });
    }
    payload.resize(align(payload.len()), 0);
    payload.extend(tlv(
        NLMSGERR_ATTR_MSG.number(),
        &[case.text.as_bytes(), b"\0"].concat(),
    ));
    payload.extend(tlv(NLMSGERR_ATTR_OFFS.number(), &case.offset.to_ne_bytes()));
    payload.extend(tlv(NLMSGERR_ATTR_COOKIE.number(), &case.cookie));
    if let Some((kind, nest)) = case.missing {
        payload.extend(tlv(NLMSGERR_ATTR_MISS_TYPE.number(), &kind.to_ne_bytes()));
        payload.extend(tlv(NLMSGERR_ATTR_MISS_NEST.number(), &nest.to_ne_bytes()));
    }
    let kind = if case.done { NLMSG_DONE } else { NLMSG_ERROR };
    let capped = if case.capped && !case.done {
        NLM_F_CAPPED
    } else {
        0
    };
    message(kind, capped | NLM_F_ACK_TLVS, &payload)
}

fn tlv(number: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(4 + payload.len()).unwrap();
    let mut bytes = [&len.to_ne_bytes()[..], &number.to_ne_bytes(), payload].concat();
    bytes.resize(align(bytes.len()), 0);
    assert!(
        Attrs::<netsetgo::wire::ack::NlMsgErrAttr>::new(&bytes)
            .walk()
            .all(|raw| raw.is_ok())
    );
    bytes
}
