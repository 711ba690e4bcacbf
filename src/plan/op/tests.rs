#![allow(clippy::indexing_slicing)]

use super::*;
use crate::config::tests::{cidr, if_name};
use crate::config::{Cidr, Mac};
use crate::wire::goldens::{GOLDENS, golden, hex_text};
use crate::wire::printer::{Role, fields, no_names};
use crate::wire::registry::Protocol;
use proptest::prelude::*;
use std::net::Ipv4Addr;

/// The links that exist. The first has index 2, because lo has index 1.
struct Table(&'static [&'static str]);

impl Bindings for Table {
    fn index(&mut self, name: &IfName) -> Result<u32, Unbound> {
        let place = self.0.iter().position(|known| *known == name.as_str());
        let place = place.ok_or_else(|| Unbound::NoLink(name.clone()))?;
        Ok(u32::try_from(place).unwrap() + 2)
    }
    fn known(&self, name: &IfName) -> Option<u32> {
        Self(self.0).index(name).ok()
    }
    fn container_netns(&mut self) -> i32 {
        4
    }
}

/// Each name is the name of a link.
struct Every;

impl Bindings for Every {
    fn index(&mut self, name: &IfName) -> Result<u32, Unbound> {
        Ok(u32::try_from(name.as_str().len()).unwrap())
    }
    fn known(&self, _: &IfName) -> Option<u32> {
        Some(7)
    }
    fn container_netns(&mut self) -> i32 {
        i32::MAX
    }
}

fn both_links() -> Table {
    Table(&["brg0", "veth0"])
}

fn name(name: &str) -> IfName {
    name.parse().unwrap()
}

fn route(destination: Option<&str>, gateway: &str) -> Route {
    Route {
        // `Cidr` refuses the address of a network, so this is not parsed.
        destination: destination.map(|network| {
            let (address, prefix) = network.split_once('/').unwrap();
            Cidr {
                address: address.parse().unwrap(),
                prefix: prefix.parse().unwrap(),
            }
        }),
        gateway: gateway.parse().unwrap(),
        link: name("brg0"),
    }
}

/// Every operation that sends a message, and its golden.
fn operations() -> Vec<(&'static str, Op)> {
    let v4 = "10.10.10.1/24".parse().unwrap();
    let v6 = "fd00:10::1/64".parse().unwrap();
    let host = Ipv4Addr::new(10, 10, 10, 9);
    let altname = || "one-more-name-of-veth0".to_owned();
    let port = |hairpin, isolated| {
        Op::Link(LinkOp::SetPort {
            port: name("veth0"),
            hairpin,
            isolated,
        })
    };
    let master = |bridge: Option<&str>| {
        Op::Link(LinkOp::SetMaster {
            port: name("veth0"),
            bridge: bridge.map(name),
        })
    };
    vec![
        (
            "our-create-bridge",
            Op::Link(LinkOp::CreateBridge {
                bridge: name("brg0"),
                mac: Mac([2, 0, 10, 10, 10, 1]),
            }),
        ),
        (
            "our-create-veth",
            Op::Link(LinkOp::CreateVeth {
                host: name("veth0"),
                host_mac: None,
                master: Some(name("brg0")),
                peer: name("veth1"),
                mac: None,
                mtu: None,
            }),
        ),
        (
            "our-create-veth-mtu",
            Op::Link(LinkOp::CreateVeth {
                host: name("veth2"),
                host_mac: Some(Mac([0xfe, 0, 10, 10, 10, 3])),
                master: Some(name("brg0")),
                peer: name("veth3"),
                mac: Some(Mac([2, 0, 10, 10, 10, 3])),
                mtu: Some(1400),
            }),
        ),
        ("our-delete-link", Op::Link(LinkOp::Delete(name("veth0")))),
        ("our-set-up", Op::Link(LinkOp::SetUp(name("veth0")))),
        ("our-set-down", Op::Link(LinkOp::SetDown(name("veth0")))),
        ("our-set-master", master(Some("brg0"))),
        ("our-set-nomaster", master(None)),
        (
            "our-set-group",
            Op::Link(LinkOp::SetGroup(name("veth0"), OWNER_GROUP)),
        ),
        ("our-set-mtu", Op::Link(LinkOp::SetMtu(name("veth0"), 1400))),
        (
            "our-set-mac",
            Op::Link(LinkOp::SetMac(name("veth0"), Mac([2, 0, 10, 10, 10, 2]))),
        ),
        ("our-set-port", port(true, true)),
        (
            "our-set-no-link-local",
            Op::Link(LinkOp::DisableLinkLocal(name("veth0"))),
        ),
        (
            "our-add-name",
            Op::Link(LinkOp::AddAltname(name("veth0"), altname())),
        ),
        (
            "our-del-name",
            Op::Link(LinkOp::DeleteAltname(name("veth0"), altname())),
        ),
        (
            "our-delete-group",
            Op::Link(LinkOp::DeleteGroup(OWNER_GROUP + 1)),
        ),
        (
            "our-add-address-v4",
            Op::Address(AddressOp::Add(name("brg0"), v4)),
        ),
        (
            "our-add-address-v6",
            Op::Address(AddressOp::Add(name("brg0"), v6)),
        ),
        (
            "our-lend-address-v4",
            Op::Address(AddressOp::AddOwned(name("brg0"), v4)),
        ),
        (
            "our-del-address-v4",
            Op::Address(AddressOp::Delete(name("brg0"), v4)),
        ),
        (
            "our-del-address-v6",
            Op::Address(AddressOp::Delete(name("brg0"), v6)),
        ),
        (
            "our-add-route-default-v4",
            Op::Route(RouteOp::Add(route(None, "10.10.10.9"))),
        ),
        (
            "our-add-route-default-v6",
            Op::Route(RouteOp::Add(route(None, "fd00:10::9"))),
        ),
        (
            "our-add-route-network-v4",
            Op::Route(RouteOp::Add(route(Some("10.20.0.0/16"), "10.10.10.9"))),
        ),
        (
            "our-del-route-default-v4",
            Op::Route(RouteOp::Delete(route(None, "10.10.10.9"))),
        ),
        (
            "our-del-route-network-v4",
            Op::Route(RouteOp::Delete(route(Some("10.20.0.0/16"), "10.10.10.9"))),
        ),
        (
            "our-ask-neighbour",
            Op::Neighbour(NeighbourOp::Probe(name("brg0"), host)),
        ),
        (
            "our-forget-neighbour",
            Op::Neighbour(NeighbourOp::Delete(name("brg0"), host)),
        ),
    ]
}

fn message(op: &Op, bind: &mut impl Bindings) -> Message {
    match op.encode(bind) {
        Ok(Encoded::Message(message)) => message,
        other => panic!("{op}: {other:?}"),
    }
}

#[test]
fn every_operation_encodes_to_its_golden() {
    let mut wrong = String::new();
    for (file, op) in operations() {
        let made = message(&op, &mut both_links());
        let known = GOLDENS.iter().any(|(name, _)| *name == file);
        if !known || golden(file) != made.bytes() {
            let rows = hex_text(made.bytes());
            wrong += &format!("{file}.hex\n# Op: {op}\n{rows}\n\n");
        }
    }
    assert!(
        wrong.is_empty(),
        "these bytes differ from the goldens:\n{wrong}"
    );
}

#[test]
fn encode_with_missing_link_names_it() {
    let none = || Table(&[]);
    for (_, op) in operations() {
        let encoded = op.encode(&mut none());
        match op {
            Op::Link(LinkOp::CreateVeth { .. })
            | Op::Link(LinkOp::SetMaster {
                bridge: Some(_), ..
            }) => {
                assert_eq!(encoded, Err(Unbound::NoLink(name("brg0"))));
            }
            Op::Link(LinkOp::Delete(_))
            | Op::Address(AddressOp::Add(..))
            | Op::Address(AddressOp::AddOwned(..))
            | Op::Address(AddressOp::Delete(..)) => {
                assert!(matches!(encoded, Err(Unbound::NoLink(_))), "{op}");
            }
            Op::Route(RouteOp::Add(_))
            | Op::Route(RouteOp::Delete(_))
            | Op::Neighbour(NeighbourOp::Probe(..))
            | Op::Neighbour(NeighbourOp::Delete(..)) => {
                assert!(matches!(encoded, Err(Unbound::NoLink(_))), "{op}");
            }
            _ => assert!(encoded.is_ok(), "{op}: the message names the link"),
        }
    }
    let veth = Op::Link(LinkOp::CreateVeth {
        host: name("a"),
        host_mac: None,
        master: None,
        peer: name("b"),
        mac: None,
        mtu: None,
    });
    let made = message(&veth, &mut none());
    let masters = fields(Protocol::Route, made.bytes(), &no_names);
    assert!(masters.iter().all(|field| field.name != "IFLA_MASTER"));
}

/// A link that one message of a datagram creates has no known index in the next message.
#[test]
fn change_names_link_by_index_or_else_by_name() {
    let encoded = |op: &Op, mut table: Table| {
        let made = message(op, &mut table);
        let fields = fields(Protocol::Route, made.bytes(), &no_names);
        let index = fields.iter().find(|field| field.name == "ifi_index");
        let named = fields.iter().position(|field| field.name == "IFLA_IFNAME");
        (
            index.unwrap().value.clone(),
            named.map(|place| fields[place + 1].value.clone()),
        )
    };
    for (file, op) in operations() {
        let new = matches!(
            op,
            Op::Link(LinkOp::CreateBridge { .. }) | Op::Link(LinkOp::CreateVeth { .. })
        );
        let plain = ["our-set-", "our-add-name", "our-del-name"];
        if new || file == "our-set-master" || !plain.iter().any(|start| file.starts_with(start)) {
            continue;
        }
        assert_eq!(encoded(&op, both_links()), ("3".into(), None), "{op}");
        let named = Some("\"veth0\"".to_owned());
        assert_eq!(encoded(&op, Table(&[])), ("0".into(), named), "{op}");
    }
}

#[test]
fn ioctl_encodes_to_its_request_and_member() {
    use crate::wire::ifreq::{IfReq, UnionMember};
    use crate::wire::uapi::*;
    let (bridge, port) = (|| name("brg0"), || name("veth0"));
    let cidr: Cidr = "10.10.10.1/20".parse().unwrap();
    let mac = Mac([2, 0, 0, 0, 0, 7]);
    let [up, down] = [0x1003, 0x1002].map(UnionMember::Flags);
    for (ioctl, request, member) in [
        (Ioctl::AddBridge(bridge()), SIOCBRADDBR, UnionMember::Name),
        (
            Ioctl::DeleteBridge(bridge()),
            SIOCBRDELBR,
            UnionMember::Name,
        ),
        (
            Ioctl::AddPort {
                bridge: bridge(),
                port: port(),
            },
            SIOCBRADDIF,
            UnionMember::Index(3),
        ),
        (
            Ioctl::DeletePort {
                bridge: bridge(),
                port: port(),
            },
            SIOCBRDELIF,
            UnionMember::Index(3),
        ),
        (
            Ioctl::SetMac(bridge(), mac),
            SIOCSIFHWADDR,
            UnionMember::Mac(mac.0),
        ),
        (
            Ioctl::SetAddress(bridge(), cidr),
            SIOCSIFADDR,
            UnionMember::Address(Ipv4Addr::new(10, 10, 10, 1)),
        ),
        (
            Ioctl::SetNetmask(bridge(), cidr),
            SIOCSIFNETMASK,
            UnionMember::Address(Ipv4Addr::new(255, 255, 240, 0)),
        ),
        (Ioctl::SetUp(bridge(), true), SIOCSIFFLAGS, up),
        (Ioctl::SetUp(bridge(), false), SIOCSIFFLAGS, down),
    ] {
        let expected = IfReq::new(request, "brg0", member);
        let encoded = Op::Ioctl(ioctl).encode(&mut both_links());
        assert_eq!(encoded, Ok(Encoded::Ioctl(expected)));
    }
    let port = Ioctl::AddPort {
        bridge: bridge(),
        port: name("none"),
    };
    let encoded = Op::Ioctl(port).encode(&mut both_links());
    assert_eq!(encoded, Err(Unbound::NoLink(name("none"))));
}

/// `inet_abc_len`, net/ipv4/devinet.c.
#[test]
fn ioctl_address_gets_the_prefix_of_its_class() {
    for (address, expected) in [
        ("10.10.10.1", 8),
        ("127.0.0.1", 8),
        ("128.0.0.1", 16),
        ("191.255.0.1", 16),
        ("192.168.0.1", 24),
        ("223.0.0.1", 24),
        ("240.0.0.1", 32),
    ] {
        assert_eq!(
            ioctl::class(address.parse().unwrap()).prefix,
            expected,
            "{address}"
        );
    }
}

#[test]
fn each_operation_has_its_text() {
    let texts: Vec<String> = operations().iter().map(|(_, op)| op.to_string()).collect();
    let expected = [
        "create bridge brg0",
        "create veth0",
        "create veth2",
        "delete veth0",
        "set veth0 up",
        "set veth0 down",
        "make veth0 a port of brg0",
        "remove veth0 from its bridge",
        "put veth0 into group 1853056871",
        "set veth0 mtu 1400",
        "set veth0 address 02:00:0a:0a:0a:02",
        "set veth0 hairpin on, isolated on",
        "give veth0 no link-local address",
        "add altname one-more-name-of-veth0 to veth0",
        "delete altname one-more-name-of-veth0 from veth0",
        "delete group 1853056872",
        "add address 10.10.10.1/24 to brg0",
        "add address fd00:10::1/64 to brg0",
        "add address 10.10.10.1/24 to brg0",
        "delete address 10.10.10.1/24 from brg0",
        "delete address fd00:10::1/64 from brg0",
        "add default route via 10.10.10.9",
        "add default route via fd00:10::9",
        "add route to 10.20.0.0/16 via 10.10.10.9",
        "delete default route via 10.10.10.9",
        "delete route to 10.20.0.0/16 via 10.10.10.9",
        "resolve 10.10.10.9 on brg0",
        "delete neighbour 10.10.10.9 on brg0",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn each_ioctl_has_its_text() {
    let (bridge, port) = (name("brg0"), name("veth0"));
    let add = Ioctl::AddPort {
        bridge: bridge.clone(),
        port: port.clone(),
    };
    let delete = Ioctl::DeletePort {
        bridge: bridge.clone(),
        port,
    };
    let address: Cidr = "10.0.0.1/12".parse().unwrap();
    for (ioctl, text) in [
        (
            Ioctl::AddBridge(bridge.clone()),
            "create bridge brg0 by SIOCBRADDBR",
        ),
        (
            Ioctl::DeleteBridge(bridge.clone()),
            "delete bridge brg0 by SIOCBRDELBR",
        ),
        (add, "make veth0 a port of brg0 by SIOCBRADDIF"),
        (delete, "remove veth0 from brg0 by SIOCBRDELIF"),
        (
            Ioctl::SetMac(bridge.clone(), Mac([2, 0, 0, 0, 0, 1])),
            "set brg0 address 02:00:00:00:00:01 by SIOCSIFHWADDR",
        ),
        (
            Ioctl::SetAddress(bridge.clone(), address),
            "add address 10.0.0.1 to brg0 by SIOCSIFADDR",
        ),
        (
            Ioctl::SetNetmask(bridge.clone(), address),
            "set brg0 netmask 255.240.0.0 by SIOCSIFNETMASK",
        ),
        (
            Ioctl::SetUp(bridge.clone(), true),
            "set brg0 up by SIOCSIFFLAGS",
        ),
        (Ioctl::SetUp(bridge, false), "set brg0 down by SIOCSIFFLAGS"),
    ] {
        assert_eq!(Op::Ioctl(ioctl).to_string(), text);
    }
}

/// The message has the network of the destination, without host bits.
#[test]
fn route_destination_with_host_bits_is_masked() {
    let to = |network| {
        message(
            &Op::Route(RouteOp::Add(route(Some(network), "10.10.10.9"))),
            &mut both_links(),
        )
    };
    assert_eq!(to("10.20.3.4/16"), to("10.20.0.0/16"));
    let text = Op::Route(RouteOp::Add(route(Some("10.20.3.4/16"), "10.10.10.9"))).to_string();
    assert_eq!(text, "add route to 10.20.0.0/16 via 10.10.10.9");
}

proptest! {
    #[test]
    fn any_valid_operation_encodes_without_unknown_fields(
        link in if_name(),
        other in if_name(),
        cidr in cidr(),
        gateway in cidr(),
        mac in any::<[u8; 6]>(),
        master in any::<bool>(),
    ) {
        let ops = [
            Op::Link(LinkOp::CreateBridge { bridge: link.clone(), mac: Mac(mac) }),
            Op::Link(LinkOp::CreateVeth {
                host: link.clone(),
                host_mac: (!master).then_some(Mac(mac)),
                master: master.then(|| other.clone()),
                peer: other.clone(),
                mac: master.then_some(Mac(mac)),
                mtu: master.then_some(1500),
            }),
            Op::Address(AddressOp::Add(link.clone(), cidr)),
            Op::Address(AddressOp::Delete(link.clone(), cidr)),
            Op::Route(RouteOp::Add(Route {
                destination: Some(cidr),
                gateway: gateway.address,
                link: link.clone(),
            })),
            Op::Link(LinkOp::SetMaster { port: link.clone(), bridge: Some(other) }),
        ];
        for op in ops {
            let made = message(&op, &mut Every);
            let printed = fields(Protocol::Route, made.bytes(), &no_names);
            prop_assert!(printed.iter().all(|field| field.role != Role::Unknown), "{}", op);
            let padding = printed.iter().filter(|field| field.role == Role::Padding);
            prop_assert!(padding.clone().all(|field| field.value.is_empty()), "{}", op);
            prop_assert_eq!(usize::try_from(made.header().len).unwrap(), made.bytes().len());
            // The message contains the values of the operation.
            let shown = |value: String| printed.iter().any(|field| field.value == value);
            match op {
                Op::Address(AddressOp::Add(_, cidr)) | Op::Address(AddressOp::Delete(_, cidr)) => {
                    prop_assert!(shown(cidr.address.to_string()) && shown(cidr.prefix.to_string()));
                }
                Op::Link(LinkOp::CreateBridge { bridge, mac }) => {
                    prop_assert!(shown(mac.to_string()));
                    let quoted = format!("\"{}\"", bridge.as_str().as_bytes().escape_ascii());
                    prop_assert!(shown(quoted));
                }
                _ => {}
            }
        }
    }
}
