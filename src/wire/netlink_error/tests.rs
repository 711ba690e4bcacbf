#![allow(clippy::indexing_slicing)]

use super::*;
use crate::wire::goldens::golden;
use crate::wire::message::Messages;

fn netlink_error(ack: &str, request: &str) -> NetlinkError {
    let (ack, request) = (golden(ack), golden(request));
    let received = Messages::new(&ack).next().unwrap().unwrap();
    let ack = Ack::read(&received).unwrap().unwrap();
    NetlinkError::read(Protocol::Route, &ack, &request)
}

#[test]
fn offending_attribute_in_nested_ones_has_its_path() {
    for ack in ["ack-deep", "ack-deep-full"] {
        assert_eq!(
            netlink_error(ack, "ack-deep-request").to_string(),
            "ERANGE: Attribute failed policy validation \
             (IFLA_LINKINFO.IFLA_INFO_DATA.VETH_INFO_PEER.IFLA_IFNAME: string, at most 15 bytes)"
        );
    }
}

#[test]
fn rejected_name_has_its_policy() {
    for ack in ["ack-policy-full", "ack-policy-capped"] {
        let netlink_error = netlink_error(ack, "ack-policy-full-request");
        assert_eq!(
            (netlink_error.errno, netlink_error.name()),
            (34, "ERANGE".into())
        );
        assert_eq!(
            netlink_error.attribute.unwrap(),
            "IFLA_IFNAME: string, at most 15 bytes"
        );
    }
    assert_eq!(
        netlink_error("ack-policy-range", "ack-policy-range-request").attribute,
        Some("IFA_LOCAL: u32, 0 to 4294967295".into())
    );
}

#[test]
fn error_without_extack_message_has_the_errno_text() {
    assert_eq!(
        netlink_error("ack-capped", "ack-full-request").to_string(),
        "EEXIST: File exists"
    );
    assert_eq!(
        netlink_error("ack-refused", "ip-set-up").to_string(),
        "EOPNOTSUPP: Operation not supported on transport endpoint"
    );
    assert_eq!(
        NetlinkError::from_errno(1).to_string(),
        "EPERM: Operation not permitted"
    );
    assert_eq!(NetlinkError::from_errno(1).name(), "EPERM");
}

#[test]
fn warning_has_message_and_errno_zero() {
    let warning = netlink_error("composed-warning", "ip-set-up");
    assert_eq!(warning.errno, 0);
    assert!(warning.extack_message.unwrap().starts_with("quantum"));
    assert_eq!(warning.attribute, None);
}

#[test]
fn failed_dump_has_errno_and_extack_message() {
    let refused = netlink_error("done-strict", "done-strict-request");
    assert_eq!((refused.errno, refused.attribute), (22, None));
    let refused = netlink_error("done-error", "done-error-request");
    assert_eq!(
        refused.to_string(),
        "ENOENT: ipv4: FIB table does not exist"
    );
}

#[test]
fn missing_attribute_is_named_with_its_parent() {
    assert_eq!(
        netlink_error("composed-miss-nest", "ack-deep-request").attribute,
        Some("attribute 1 of IFLA_LINKINFO.IFLA_INFO_DATA is missing".into())
    );
    // This request has no attribute at the offset. The number is still known.
    let message = "IFLA_ADDRESS is missing";
    assert_eq!(
        netlink_error("composed-miss-nest", "ip-set-up").attribute,
        Some(message.into())
    );
    assert_eq!(
        netlink_error("ack-miss-type", "ip-set-up").attribute,
        Some(message.into())
    );
}

/// The kernel sends the offset, so that it may be wrong.
#[test]
fn offset_outside_of_attributes_has_no_path() {
    let request = golden("ack-deep-request");
    let mut ack = golden("ack-deep");
    let at = ack.len() - 20 - 4;
    assert_eq!(ack[at..at + 4], 80_u32.to_ne_bytes(), "NLMSGERR_ATTR_OFFS");
    for offset in (0..200)
        .filter(|&o| ![32, 40, 44, 56, 60, 80].contains(&o))
        .chain([u32::MAX])
    {
        ack[at..at + 4].copy_from_slice(&offset.to_ne_bytes());
        let received = Messages::new(&ack).next().unwrap().unwrap();
        let ack = Ack::read(&received).unwrap().unwrap();
        let netlink_error = NetlinkError::read(Protocol::Route, &ack, &request);
        assert_eq!(netlink_error.attribute, None, "{offset}");
    }
}

#[test]
fn offset_of_each_attribute_has_a_path() {
    let request = golden("ack-deep-request");
    for (offset, path, value) in [
        (32, "IFLA_IFNAME", "\"v0\""),
        (40, "IFLA_LINKINFO", ""),
        (44, "IFLA_LINKINFO.IFLA_INFO_KIND", "\"veth\""),
        (56, "IFLA_LINKINFO.IFLA_INFO_DATA", ""),
        (60, "IFLA_LINKINFO.IFLA_INFO_DATA.VETH_INFO_PEER", ""),
        (
            80,
            "IFLA_LINKINFO.IFLA_INFO_DATA.VETH_INFO_PEER.IFLA_IFNAME",
            "\"a-name-of-20-bytes-x\"",
        ),
    ] {
        assert_eq!(
            printer::path(Protocol::Route, &request, offset),
            Some((path.into(), value.into())),
            "{offset}"
        );
    }
}

/// Without a policy, the error shows the value.
#[test]
fn offending_attribute_without_policy_has_its_value() {
    let request = golden("ack-deep-request");
    let mut ack = golden("ack-deep");
    // The test gives the policy an unknown attribute number.
    let at = ack.len() - 20;
    ack[at + 2..at + 4].copy_from_slice(&99_u16.to_ne_bytes());
    for (offset, words) in [
        (44_u32, "IFLA_LINKINFO.IFLA_INFO_KIND \"veth\""),
        (56, "IFLA_LINKINFO.IFLA_INFO_DATA"),
    ] {
        ack[at - 4..at].copy_from_slice(&offset.to_ne_bytes());
        let received = Messages::new(&ack).next().unwrap().unwrap();
        let ack = Ack::read(&received).unwrap().unwrap();
        let netlink_error = NetlinkError::read(Protocol::Route, &ack, &request);
        assert_eq!(netlink_error.attribute.as_deref(), Some(words));
    }
}
