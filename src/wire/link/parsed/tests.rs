use super::*;
use crate::wire::goldens::golden;
use crate::wire::link::{IFLA_INFO_SLAVE_KIND, create};
use crate::wire::message::{Message, Messages};
use proptest::prelude::*;

/// The message about `link`, as the kernel writes it (`rtnl_fill_ifinfo`, `net/core/rtnetlink.c`).
fn written(link: &ParsedLink) -> Message {
    let mut flags = LinkFlags::LOWER_UP;
    flags.set(LinkFlags::UP, link.up);
    let header = IfInfoMsg {
        index: link.index,
        flags,
        ..IfInfoMsg::default()
    };
    let request = create(header)
        .put(IFLA_IFNAME, &link.name)
        .put(IFLA_MTU, link.mtu)
        .put(IFLA_GROUP, link.group)
        .put(IFLA_CARRIER, link.carrier.into())
        .put_some(IFLA_MASTER, link.master)
        .put_some(IFLA_LINK, link.peer)
        .put_some(IFLA_LINK_NETNSID, link.peer_nsid)
        .put_some(IFLA_ADDRESS, link.mac.as_ref().map(|mac| &mac[..]))
        .nest(IFLA_LINKINFO, |info| {
            if let Some(kind) = &link.kind {
                info.put(IFLA_INFO_KIND, kind);
            }
            if link.kind.as_deref() == Some("bridge") {
                let last = u8::from(!link.unaddressed);
                info.nest(IFLA_INFO_DATA_BRIDGE, |data| {
                    data.put(IFLA_BR_BRIDGE_ID, &[0x80, 0, 0, 0, 0, 0, 0, last]);
                });
            }
            if let Some(state) = link.port_state {
                info.put(IFLA_INFO_SLAVE_KIND, "bridge").nest(
                    IFLA_INFO_SLAVE_DATA_BRIDGE,
                    |data| {
                        data.put(IFLA_BRPORT_STATE, state)
                            .put(IFLA_BRPORT_MODE, link.hairpin.into())
                            .put(IFLA_BRPORT_ISOLATED, link.isolated.into());
                    },
                );
            }
        })
        .nest(IFLA_PROP_LIST, |list| {
            for name in &link.altnames {
                list.put(IFLA_ALT_IFNAME, name);
            }
        });
    request.finish().unwrap()
}

fn links() -> impl Strategy<Value = ParsedLink> {
    let names = ("[!-~]{1,15}", prop::collection::vec("[!-~]{1,127}", 0..4));
    let kind = prop::option::of(prop_oneof!["bridge", "veth", "vlan"]);
    let numbers = any::<(u32, u32, u32)>();
    let options = any::<(Option<u32>, Option<u32>, Option<i32>, Option<[u8; 6]>)>();
    let port = prop::option::of(any::<(u8, bool, bool)>());
    (
        names,
        kind,
        numbers,
        options,
        port,
        any::<(bool, bool, bool)>(),
    )
        .prop_map(
            |((name, altnames), kind, (index, mtu, group), options, port, (up, carrier, zero))| {
                let (master, peer, peer_nsid, mac) = options;
                ParsedLink {
                    index,
                    name,
                    altnames,
                    unaddressed: zero && kind.as_deref() == Some("bridge"),
                    kind,
                    up,
                    master,
                    hairpin: port.is_some_and(|(_, hairpin, _)| hairpin),
                    isolated: port.is_some_and(|(_, _, isolated)| isolated),
                    port_state: port.map(|(state, ..)| state),
                    mtu,
                    mac,
                    group,
                    peer,
                    peer_nsid,
                    carrier,
                }
            },
        )
}

proptest! {
    #[test]
    fn parse_of_written_link_returns_it(link in links()) {
        let message = written(&link);
        let received = Messages::new(message.bytes()).next().unwrap().unwrap();
        prop_assert_eq!(parse(&received), Some(link));
    }
}

#[test]
fn parse_of_recorded_bridge_returns_its_name_and_kind() {
    let bytes = golden("get-link");
    let received = Messages::new(&bytes).next().unwrap().unwrap();
    let link = parse(&received).unwrap();
    assert_eq!(link.kind.as_deref(), Some("bridge"));
    assert!(!link.name.is_empty());
}

#[test]
fn parse_of_link_without_name_is_none() {
    let message = create(IfInfoMsg::default()).finish().unwrap();
    let received = Messages::new(message.bytes()).next().unwrap().unwrap();
    assert_eq!(parse(&received), None);
}
