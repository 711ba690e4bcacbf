//! Each message that netsetgo sends, in an order in which the kernel accepts all of them.

use netsetgo::config::{Cidr, Mac};
use netsetgo::engine::query;
use netsetgo::os::socket::Socket;
use netsetgo::plan::op::{AddressOp, LinkOp, NeighbourOp, OWNER_GROUP, Op, Route, RouteOp};
use netsetgo::plan::step::Step;
use std::net::Ipv4Addr;

/// A declared difference between the message of netsetgo and the message of `ip`.
pub struct Difference {
    /// The path of the attribute or field.
    pub path: &'static str,
    /// The value that netsetgo sends.
    pub from_netsetgo: &'static str,
    /// The value that `ip` sends.
    pub from_ip: &'static str,
    /// Why the two differ.
    pub reason: &'static str,
}

/// A task that netsetgo and `ip` can do.
pub struct Case {
    /// The golden of ip is `ip-NAME`. For an operation, the golden of netsetgo is `our-NAME`.
    pub name: &'static str,
    /// The arguments of `ip`. `NS` stands for the path of the container's namespace.
    pub ip: String,
    /// How netsetgo does the task.
    pub from_netsetgo: Task,
    /// All differences: the test fails on others, and on a declared one that does not exist.
    pub differences: Vec<Difference>,
}

/// How netsetgo does a task.
pub enum Task {
    /// By an operation of a plan.
    Does(Op),
    /// By a request for information.
    Queries(fn(&mut Socket, i32)),
}

const fn difference(
    path: &'static str,
    from_netsetgo: &'static str,
    from_ip: &'static str,
    reason: &'static str,
) -> Difference {
    Difference {
        path,
        from_netsetgo,
        from_ip,
        reason,
    }
}

fn does(name: &'static str, op: Op, differences: impl IntoIterator<Item = Difference>) -> Case {
    // The arguments come from the equivalent command that `explain` prints. So the test also checks
    // that this command is right.
    let arguments = Step::host("", op.clone(), Vec::new()).command();
    let arguments = arguments
        .strip_prefix("ip ")
        .expect("ip's words")
        .to_owned();
    Case {
        name,
        ip: arguments,
        from_netsetgo: Task::Does(op),
        differences: differences.into_iter().collect(),
    }
}

fn queries(
    name: &'static str,
    ip: &'static str,
    query_kernel: fn(&mut Socket, i32),
    differences: impl IntoIterator<Item = Difference>,
) -> Case {
    Case {
        name,
        ip: ip.into(),
        from_netsetgo: Task::Queries(query_kernel),
        differences: differences.into_iter().collect(),
    }
}

const NESTED: &str = "newer parsers of the kernel require NLA_F_NESTED, older ones ignore it";
const ZERO: &str = "a string is NUL-terminated; iproute2 6.1 omits the NUL byte here";
const FD: &str = "the number of a descriptor depends on the process";
const SLAVE: &str =
    "the kernel compares the slave kind with the kind of the bridge; no driver has the name of ip";
const UNNAMED: &str = "the decoder needs IFLA_INFO_SLAVE_KIND, which ip does not send";
const FILTER: &str = "netsetgo skips the statistics; ip requests virtual functions";
const FAMILY: &str = "the kernel ignores the family here; ip sends AF_PACKET";
const SCOPE: &str =
    "RT_SCOPE_NOWHERE matches any scope; a route with a gateway has RT_SCOPE_UNIVERSE";

/// All cases.
pub fn cases() -> Vec<Case> {
    let mut cases = links();
    cases.extend(settings());
    cases.extend(addresses_and_routes());
    cases.extend(query_cases());
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
                    "\"bridge\" (no NUL byte)",
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
                    "\"veth\" (no NUL byte)",
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

/// Settings of a link, altnames, and a second pair.
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
                    "\"veth\" (no NUL byte)",
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
                    "\"bridge_slave\" (no NUL byte)",
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
                "rtnl_linkprop() does not read these flags",
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
    let cidr = |arguments: &str| -> Cidr { arguments.parse().unwrap() };
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
                    "IFA_FLAGS holds all 32 flags, and the kernel prefers it to ifa_flags",
                ),
                difference(
                    "ifa_flags",
                    "0",
                    "IFA_F_NODAD",
                    "the header member has only eight bits",
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
                "a prefix of length 0 needs no address, as in IPv4",
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

/// A network address, which `Cidr` does not parse because no host has it.
fn network() -> Cidr {
    Cidr {
        address: "10.20.0.0".parse().unwrap(),
        prefix: 16,
    }
}

fn query_cases() -> Vec<Case> {
    vec![
        queries(
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
        queries(
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
        queries(
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
        queries(
            "dump-addresses",
            "address show dev brg0",
            |socket, _| assert!(query::addresses_of(socket, 2).unwrap().len() >= 2),
            [],
        ),
    ]
}

fn removals() -> Vec<Case> {
    let brg0 = || "brg0".parse().unwrap();
    let cidr = |arguments: &str| -> Cidr { arguments.parse().unwrap() };
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
        // The device group contains the rest: the bridge and the second pair.
        does(
            "delete-group",
            Op::Link(LinkOp::DeleteGroup(OWNER_GROUP)),
            [],
        ),
    ]
}
