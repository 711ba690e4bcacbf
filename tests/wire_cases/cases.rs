//! Every message that the program sends, in an order in which the kernel takes them all.

use netsetgo::config::{Cidr, Mac};
use netsetgo::engine::query;
use netsetgo::os::socket::Socket;
use netsetgo::plan::op::{AddressOp, LinkOp, NeighbourOp, OWNER_GROUP, Op, Route, RouteOp};
use netsetgo::plan::step::Step;
use std::net::Ipv4Addr;

/// How our message may differ from that of `ip`.
pub struct Difference {
    /// The attribute's or the field's path.
    pub place: &'static str,
    /// What we say there.
    pub ours: &'static str,
    /// What `ip` says there.
    pub theirs: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// One thing that both can do.
pub struct Case {
    /// Its golden is `ip-NAME`, and ours, where it is an operation, `our-NAME`.
    pub name: &'static str,
    /// The words of `ip`; `NS` stands for the container's namespace, a path.
    pub ip: String,
    /// How we do it.
    pub ours: Ours,
    /// All of them, and no others.
    pub differences: Vec<Difference>,
}

/// How we do it.
pub enum Ours {
    /// By an operation.
    Does(Op),
    /// By a question.
    Asks(fn(&mut Socket, i32)),
}

const fn difference(
    place: &'static str,
    ours: &'static str,
    theirs: &'static str,
    reason: &'static str,
) -> Difference {
    Difference {
        place,
        ours,
        theirs,
        reason,
    }
}

fn does(name: &'static str, op: Op, differences: impl IntoIterator<Item = Difference>) -> Case {
    // As explain tells it: so what it tells is true.
    let words = Step::host("", op.clone(), Vec::new()).command();
    let words = words.strip_prefix("ip ").expect("ip's words").to_owned();
    Case {
        name,
        ip: words,
        ours: Ours::Does(op),
        differences: differences.into_iter().collect(),
    }
}

fn asks(
    name: &'static str,
    ip: &'static str,
    ask: fn(&mut Socket, i32),
    differences: impl IntoIterator<Item = Difference>,
) -> Case {
    Case {
        name,
        ip: ip.into(),
        ours: Ours::Asks(ask),
        differences: differences.into_iter().collect(),
    }
}

const NESTED: &str = "the kernel's newer parsers want the flag on a nest, the older mask it away";
const ZERO: &str = "a text ends with a zero byte; iproute2 6.1 leaves this one's out";
const FD: &str = "each process numbers its own descriptors";
const SLAVE: &str =
    "the port's kind is the bridge's; ip's name for it no driver has, and none is asked";
const UNNAMED: &str = "without the port's kind nobody but the kernel knows what ip's bytes are";
const FILTER: &str = "no counters are wanted; ip wants virtual functions";
const FAMILY: &str = "the family is of no meaning there; ip asks as AF_PACKET";
const SCOPE: &str = "NOWHERE is any scope; a route through a gateway has this one";

/// All cases.
pub fn cases() -> Vec<Case> {
    let mut cases = links();
    cases.extend(settings());
    cases.extend(addresses_and_routes());
    cases.extend(questions());
    cases.extend(removals());
    cases
}

fn links() -> Vec<Case> {
    let name = |name: &str| name.parse().unwrap();
    let bridge = Op::Link(LinkOp::CreateBridge {
        bridge: name("brg0"),
        mac: Mac([2, 0, 10, 10, 10, 1]),
    });
    let veth = Op::Link(LinkOp::CreateVeth {
        host: name("veth0"),
        host_mac: None,
        master: Some(name("brg0")),
        peer: name("veth1"),
        mac: None,
        mtu: None,
    });
    let master = |bridge: Option<&str>| {
        Op::Link(LinkOp::SetMaster {
            port: name("veth0"),
            bridge: bridge.map(name),
        })
    };
    vec![
        does(
            "create-bridge",
            bridge,
            [
                difference("IFLA_LINKINFO NLA_F_NESTED", "set", "absent", NESTED),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_KIND",
                    "\"bridge\"",
                    "\"bridge\" (no zero byte)",
                    ZERO,
                ),
            ],
        ),
        does(
            "create-veth",
            veth,
            [
                difference("IFLA_LINKINFO NLA_F_NESTED", "set", "absent", NESTED),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_DATA NLA_F_NESTED",
                    "set",
                    "absent",
                    NESTED,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_DATA.VETH_INFO_PEER NLA_F_NESTED",
                    "set",
                    "absent",
                    NESTED,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_DATA.VETH_INFO_PEER.IFLA_NET_NS_FD",
                    "*",
                    "*",
                    FD,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_KIND",
                    "\"veth\"",
                    "\"veth\" (no zero byte)",
                    ZERO,
                ),
            ],
        ),
        does("set-down", Op::Link(LinkOp::SetDown(name("veth0"))), []),
        does("set-up", Op::Link(LinkOp::SetUp(name("veth0"))), []),
        does("set-nomaster", master(None), []),
        does("set-master", master(Some("brg0")), []),
        does(
            "set-group",
            Op::Link(LinkOp::SetGroup(name("veth0"), OWNER_GROUP)),
            [],
        ),
    ]
}

/// What a link can be given besides; a second pair, and how it goes.
fn settings() -> Vec<Case> {
    let name = |name: &str| name.parse().unwrap();
    let more = || "one-more-name-of-veth0".to_owned();
    let veth = Op::Link(LinkOp::CreateVeth {
        host: name("veth2"),
        host_mac: Some(Mac([0xfe, 0, 10, 10, 10, 3])),
        master: Some(name("brg0")),
        peer: name("veth3"),
        mac: Some(Mac([2, 0, 10, 10, 10, 3])),
        mtu: Some(1400),
    });
    let port = Op::Link(LinkOp::SetPort {
        port: name("veth0"),
        hairpin: true,
        isolated: true,
    });
    vec![
        does(
            "create-veth-mtu",
            veth,
            [
                difference("IFLA_LINKINFO NLA_F_NESTED", "set", "absent", NESTED),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_DATA NLA_F_NESTED",
                    "set",
                    "absent",
                    NESTED,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_DATA.VETH_INFO_PEER NLA_F_NESTED",
                    "set",
                    "absent",
                    NESTED,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_DATA.VETH_INFO_PEER.IFLA_NET_NS_FD",
                    "*",
                    "*",
                    FD,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_KIND",
                    "\"veth\"",
                    "\"veth\" (no zero byte)",
                    ZERO,
                ),
            ],
        ),
        does("set-mtu", Op::Link(LinkOp::SetMtu(name("veth0"), 1400)), []),
        does(
            "set-mac",
            Op::Link(LinkOp::SetMac(name("veth0"), Mac([2, 0, 10, 10, 10, 2]))),
            [],
        ),
        does(
            "set-port",
            port,
            [
                difference("IFLA_LINKINFO NLA_F_NESTED", "set", "absent", NESTED),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_KIND",
                    "absent",
                    "\"bridge_slave\" (no zero byte)",
                    SLAVE,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_SLAVE_KIND",
                    "\"bridge\"",
                    "absent",
                    SLAVE,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_SLAVE_DATA NLA_F_NESTED",
                    "set",
                    "absent",
                    NESTED,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_SLAVE_DATA",
                    "",
                    "16 bytes",
                    UNNAMED,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_SLAVE_DATA.IFLA_BRPORT_MODE",
                    "1",
                    "absent",
                    UNNAMED,
                ),
                difference(
                    "IFLA_LINKINFO.IFLA_INFO_SLAVE_DATA.IFLA_BRPORT_ISOLATED",
                    "1",
                    "absent",
                    UNNAMED,
                ),
            ],
        ),
        does(
            "set-no-link-local",
            Op::Link(LinkOp::DisableLinkLocal(name("veth0"))),
            [
                difference("IFLA_AF_SPEC NLA_F_NESTED", "set", "absent", NESTED),
                difference(
                    "IFLA_AF_SPEC.IFLA_AF_INET6 NLA_F_NESTED",
                    "set",
                    "absent",
                    NESTED,
                ),
            ],
        ),
        does(
            "add-name",
            Op::Link(LinkOp::AddAltname(name("veth0"), more())),
            [difference(
                "nlmsg_flags",
                "NLM_F_REQUEST | NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE",
                "NLM_F_REQUEST | NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE | NLM_F_APPEND",
                "rtnl_linkprop() reads none of them",
            )],
        ),
        does(
            "del-name",
            Op::Link(LinkOp::DeleteAltname(name("veth0"), more())),
            [],
        ),
    ]
}

fn addresses_and_routes() -> Vec<Case> {
    let brg0 = || "brg0".parse().unwrap();
    let host = || Ipv4Addr::new(10, 10, 10, 9);
    let cidr = |words: &str| -> Cidr { words.parse().unwrap() };
    let route = |destination, gateway: &str| {
        Op::Route(RouteOp::Add(Route {
            destination,
            gateway: gateway.parse().unwrap(),
            link: brg0(),
        }))
    };
    vec![
        does(
            "add-address-v4",
            Op::Address(AddressOp::Add(brg0(), cidr("10.10.10.1/24"))),
            [],
        ),
        does(
            "add-address-v6",
            Op::Address(AddressOp::Add(brg0(), cidr("fd00:10::1/64"))),
            [
                difference(
                    "IFA_FLAGS",
                    "IFA_F_NODAD",
                    "absent",
                    "all 32 flags stand there, and it counts before the header",
                ),
                difference(
                    "ifa_flags",
                    "0",
                    "IFA_F_NODAD",
                    "the header has room for eight flags only",
                ),
            ],
        ),
        does("add-route-default-v4", route(None, "10.10.10.9"), []),
        does(
            "add-route-network-v4",
            route(Some(network()), "10.10.10.9"),
            [],
        ),
        does(
            "add-route-default-v6",
            route(None, "fd00:10::9"),
            [difference(
                "RTA_DST",
                "absent",
                "::",
                "a prefix of no bits needs no address, as in IPv4",
            )],
        ),
        does(
            "ask-neighbour",
            Op::Neighbour(NeighbourOp::Probe(brg0(), host())),
            [],
        ),
        does(
            "forget-neighbour",
            Op::Neighbour(NeighbourOp::Delete(brg0(), host())),
            [difference(
                "ndm_state",
                "NUD_NONE",
                "NUD_PERMANENT",
                "neigh_delete() does not read it",
            )],
        ),
    ]
}

/// A network's own address is no host's, so the words refuse it.
fn network() -> Cidr {
    Cidr {
        address: "10.20.0.0".parse().unwrap(),
        prefix: 16,
    }
}

fn questions() -> Vec<Case> {
    vec![
        asks(
            "get-link",
            "link show dev brg0",
            |socket, _| {
                let link = query::link(socket, &"brg0".parse().unwrap()).unwrap();
                assert_eq!(link.unwrap().index, 2);
            },
            [
                difference(
                    "IFLA_EXT_MASK",
                    "RTEXT_FILTER_SKIP_STATS",
                    "RTEXT_FILTER_VF",
                    FILTER,
                ),
                difference("ifi_family", "AF_UNSPEC", "17", FAMILY),
            ],
        ),
        asks(
            "dump-links",
            "link show",
            |socket, _| assert_eq!(query::links(socket, None).unwrap().len(), 4),
            [
                difference(
                    "IFLA_EXT_MASK",
                    "RTEXT_FILTER_SKIP_STATS",
                    "RTEXT_FILTER_VF",
                    FILTER,
                ),
                difference("ifi_family", "AF_UNSPEC", "17", FAMILY),
            ],
        ),
        asks(
            "dump-ports",
            "link show master brg0",
            |socket, _| assert_eq!(query::links(socket, Some(2)).unwrap().len(), 2),
            [
                difference(
                    "IFLA_EXT_MASK",
                    "RTEXT_FILTER_SKIP_STATS",
                    "RTEXT_FILTER_VF",
                    FILTER,
                ),
                difference("ifi_family", "AF_UNSPEC", "17", FAMILY),
            ],
        ),
        asks(
            "dump-addresses",
            "address show dev brg0",
            |socket, _| assert!(query::addresses_of(socket, 2).unwrap().len() >= 2),
            [],
        ),
    ]
}

fn removals() -> Vec<Case> {
    let brg0 = || "brg0".parse().unwrap();
    let cidr = |words: &str| -> Cidr { words.parse().unwrap() };
    let route = |destination| {
        Op::Route(RouteOp::Delete(Route {
            destination,
            gateway: "10.10.10.9".parse().unwrap(),
            link: brg0(),
        }))
    };
    vec![
        does(
            "del-route-default-v4",
            route(None),
            [difference(
                "rtm_scope",
                "RT_SCOPE_UNIVERSE",
                "RT_SCOPE_NOWHERE",
                SCOPE,
            )],
        ),
        does(
            "del-route-network-v4",
            route(Some(network())),
            [difference(
                "rtm_scope",
                "RT_SCOPE_UNIVERSE",
                "RT_SCOPE_NOWHERE",
                SCOPE,
            )],
        ),
        does(
            "del-address-v4",
            Op::Address(AddressOp::Delete(brg0(), cidr("10.10.10.1/24"))),
            [],
        ),
        does(
            "del-address-v6",
            Op::Address(AddressOp::Delete(brg0(), cidr("fd00:10::1/64"))),
            [],
        ),
        does(
            "delete-link",
            Op::Link(LinkOp::Delete("veth0".parse().unwrap())),
            [],
        ),
        // The bridge and the second pair: all that is left.
        does(
            "delete-group",
            Op::Link(LinkOp::DeleteGroup(OWNER_GROUP)),
            [],
        ),
    ]
}
