use super::*;
use crate::wire::shape::Shape;

#[test]
fn body_of_each_type_has_header_and_attribute_set() {
    let carries = |kind| body(Protocol::Route, kind, 0).map(|b| (b.layout.name, (b.table)().name));
    for kind in 0..200 {
        let expected = match kind {
            16..=19 | 108..=109 => Some(("ifinfomsg", "IFLA")),
            20..=22 => Some(("ifaddrmsg", "IFA")),
            24..=26 => Some(("rtmsg", "RTA")),
            28..=30 => Some(("ndmsg", "NDA")),
            88..=90 => Some(("rtgenmsg", "NETNSA")),
            _ => None,
        };
        assert_eq!(carries(kind), expected, "{kind}");
    }
}

#[test]
fn request_kind_of_each_type_is_right() {
    let request_kind = |kind| request_kind(Protocol::Route, kind);
    for kind in 0..16 {
        assert_eq!(request_kind(kind), RequestKind::Other, "{kind}");
    }
    for (kind, expected) in [
        (RTM_NEWLINK, RequestKind::New),
        (17, RequestKind::Del),
        (18, RequestKind::Get),
        (RTM_SETLINK, RequestKind::New),
        (RTM_NEWADDR, RequestKind::New),
        (21, RequestKind::Del),
        (RTM_GETADDR, RequestKind::Get),
        (RTM_NEWROUTE, RequestKind::New),
        (25, RequestKind::Del),
        (RTM_GETROUTE, RequestKind::Get),
        (RTM_GETNSID, RequestKind::Get),
        (RTM_NEWLINKPROP, RequestKind::New),
        (RTM_DELLINKPROP, RequestKind::Del),
    ] {
        assert_eq!(request_kind(kind), expected, "{kind}");
    }
}

#[test]
fn type_name_of_known_types_is_found() {
    assert_eq!(type_name(Protocol::Route, 2), Some("NLMSG_ERROR"));
    assert_eq!(type_name(Protocol::Route, 16), Some("RTM_NEWLINK"));
    assert_eq!(type_name(Protocol::Route, 90), Some("RTM_GETNSID"));
    assert_eq!(type_name(Protocol::Route, 64), None);
}

/// All attribute sets that messages can contain, each once.
fn tables() -> Vec<&'static Table> {
    let mut all: Vec<&'static Table> = vec![super::super::ack::NlMsgErrAttr::table()];
    all.extend(
        (0..200)
            .filter_map(|kind| body(Protocol::Route, kind, 0))
            .map(|b| (b.table)()),
    );
    let mut place = 0;
    while let Some(table) = all.get(place).copied() {
        for entry in table.entries {
            let found: Vec<Shape> = match entry.shape {
                Shape::Selected(by) => [&b"veth\0"[..], b"veth", b"bridge\0", b"bridge"]
                    .into_iter()
                    .filter_map(by.choose)
                    .collect(),
                shape => vec![shape],
            };
            for shape in found {
                if let Shape::Nest(table) | Shape::SubMessage(_, table) = shape
                    && all.iter().all(|known| known.name != table().name)
                {
                    all.push(table());
                }
            }
        }
        place += 1;
    }
    all
}

#[test]
fn table_entries_are_unique_and_have_their_prefix() {
    let mut observed = Vec::new();
    for table in tables() {
        if observed.contains(&table.name) {
            continue;
        }
        observed.push(table.name);
        for (place, entry) in table.entries.iter().enumerate() {
            let rest = table.entries.iter().skip(place + 1);
            assert!(
                rest.clone()
                    .all(|other| other.number != entry.number && other.name != entry.name),
                "{} of {} is there twice",
                entry.name,
                table.name
            );
            assert!(
                entry.name.starts_with(table.name) || table.name == "AF",
                "{} in {}",
                entry.name,
                table.name
            );
            assert!(!entry.description.is_empty(), "{}", entry.name);
        }
    }
    for name in [
        "IFLA",
        "IFLA_INFO",
        "VETH_INFO",
        "IFLA_BR",
        "IFLA_BRPORT",
        "NLMSGERR_ATTR",
    ] {
        assert!(observed.contains(&name), "{name} is not reached");
    }
}

#[test]
fn header_members_have_no_gaps() {
    for layout in (0..200)
        .filter_map(|kind| body(Protocol::Route, kind, 0))
        .map(|body| body.layout)
        .chain([super::super::layout::NlMsgHdr::STRUCT])
    {
        let mut at = 0;
        for member in layout.fields {
            assert_eq!(member.offset, at, "{} of {}", member.name, layout.name);
            at += member.size;
        }
        assert_eq!(at, layout.size, "{}", layout.name);
    }
}

/// The numbers are equal to those of libc, where libc has them.
#[test]
fn attribute_numbers_are_those_of_libc() {
    use crate::wire::{addr::*, link::*, route::*};
    macro_rules! same { ($($name:ident)*) => { $(
        assert_eq!($name.number(), libc::$name, "{}", stringify!($name));
    )* } }
    same! {
        IFLA_ADDRESS IFLA_BROADCAST IFLA_IFNAME IFLA_MTU IFLA_LINK IFLA_QDISC IFLA_STATS
        IFLA_MASTER IFLA_PROTINFO IFLA_TXQLEN IFLA_MAP IFLA_OPERSTATE IFLA_LINKMODE IFLA_LINKINFO
        IFLA_NET_NS_PID IFLA_IFALIAS IFLA_STATS64 IFLA_AF_SPEC IFLA_GROUP IFLA_NET_NS_FD
        IFLA_EXT_MASK IFLA_PROMISCUITY IFLA_NUM_TX_QUEUES IFLA_NUM_RX_QUEUES IFLA_CARRIER
        IFLA_CARRIER_CHANGES IFLA_LINK_NETNSID IFLA_PROTO_DOWN IFLA_GSO_MAX_SEGS
        IFLA_GSO_MAX_SIZE IFLA_XDP IFLA_TARGET_NETNSID IFLA_CARRIER_UP_COUNT
        IFLA_CARRIER_DOWN_COUNT IFLA_NEW_IFINDEX IFLA_MIN_MTU IFLA_MAX_MTU IFLA_PROP_LIST
        IFLA_ALT_IFNAME IFLA_PERM_ADDRESS
        IFLA_INFO_KIND IFLA_INFO_DATA IFLA_INFO_XSTATS IFLA_INFO_SLAVE_KIND IFLA_INFO_SLAVE_DATA
        IFA_ADDRESS IFA_LOCAL IFA_LABEL IFA_BROADCAST IFA_ANYCAST IFA_CACHEINFO IFA_MULTICAST
        IFA_FLAGS
        RTA_DST RTA_SRC RTA_IIF RTA_OIF RTA_GATEWAY RTA_PRIORITY RTA_PREFSRC RTA_METRICS
        RTA_MULTIPATH RTA_CACHEINFO RTA_TABLE RTA_MARK
    }
}

#[test]
fn nf_tables_types_have_name_body_and_request_kind() {
    for (kind, name, expected, space) in [
        (0xa03, "NFT_MSG_NEWCHAIN", RequestKind::New, "NFTA_CHAIN"),
        (0xa04, "NFT_MSG_GETCHAIN", RequestKind::Get, "NFTA_CHAIN"),
        (0xa05, "NFT_MSG_DELCHAIN", RequestKind::Del, "NFTA_CHAIN"),
        (0xa06, "NFT_MSG_NEWRULE", RequestKind::New, "NFTA_RULE"),
        (0xa07, "NFT_MSG_GETRULE", RequestKind::Get, "NFTA_RULE"),
        (0xa08, "NFT_MSG_DELRULE", RequestKind::Del, "NFTA_RULE"),
        (0xa00, "NFT_MSG_NEWTABLE", RequestKind::New, "NFTA_TABLE"),
        (0xa0c, "NFT_MSG_NEWSETELEM", RequestKind::New, "NFTA"),
        (0xa21, "NFT_MSG_GETSETELEM_RESET", RequestKind::Get, "NFTA"),
        (0xa1a, "NFT_MSG_DESTROYTABLE", RequestKind::Other, "NFTA"),
        (16, "NFNL_MSG_BATCH_BEGIN", RequestKind::Other, "NFTA"),
        (17, "NFNL_MSG_BATCH_END", RequestKind::Other, "NFTA"),
    ] {
        assert_eq!(type_name(Protocol::Netfilter, kind), Some(name));
        assert_eq!(request_kind(Protocol::Netfilter, kind), expected);
        let body = body(Protocol::Netfilter, kind, 0).unwrap();
        assert_eq!(body.layout.name, "nfgenmsg");
        assert_eq!((body.table)().name, space);
        if kind >= 256 {
            assert!(super::body(Protocol::Route, kind, 0).is_none());
        }
    }
    assert_eq!(request_kind(Protocol::Netfilter, 3), RequestKind::Other);
    // A message of another subsystem has a known header and no name.
    assert_eq!(
        body(Protocol::Netfilter, 0x100, 0).unwrap().layout.name,
        "nfgenmsg"
    );
    assert_eq!(type_name(Protocol::Netfilter, 0x100), None);
    for kind in [18, 255] {
        assert!(body(Protocol::Netfilter, kind, 0).is_none());
        assert_eq!(type_name(Protocol::Netfilter, kind), None);
    }
}

#[test]
fn protocol_of_unknown_number_is_none() {
    assert_eq!(Protocol::of(0), Some(Protocol::Route));
    assert_eq!(Protocol::of(12), Some(Protocol::Netfilter));
    assert_eq!(Protocol::of(16), None);
    assert_eq!(Protocol::Route.number(), libc::NETLINK_ROUTE as u16);
    assert_eq!(Protocol::Netfilter.number(), libc::NETLINK_NETFILTER as u16);
}

#[test]
fn body_of_bridge_family_has_the_bridge_attributes() {
    let set = |family| {
        let table = (body(Protocol::Route, RTM_SETLINK, family).unwrap().table)();
        let spec = table.entry(26).unwrap();
        match spec.shape {
            Shape::Nest(table) => table().name,
            _ => panic!("IFLA_AF_SPEC is a nested attribute"),
        }
    };
    assert_eq!((set(0), set(7)), ("AF", "IFLA_BRIDGE"));
}

#[test]
fn body_of_netfilter_follows_the_subsystem() {
    let set = |kind| body(Protocol::Netfilter, kind, 2).map(|body| (body.table)().name);
    for (kind, expected) in [
        (0x0100, Some("CTA")),
        (0x0a00, Some("NFTA_TABLE")),
        (0x0a03, Some("NFTA_CHAIN")),
        (0x0a06, Some("NFTA_RULE")),
        (0x0a0c, Some("NFTA")),
        (0x0600, Some("NF_ATTR")),
        (16, Some("NFTA")),
        (18, None),
    ] {
        assert_eq!(set(kind), expected, "{kind:#x}");
    }
}
