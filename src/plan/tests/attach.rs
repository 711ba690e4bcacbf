//! The plan of `up`, where nothing exists yet, and where parts exist.

use crate::config::{Backend, Cidr, IfName, Mac, PortSettings, Resolved};
use crate::plan::attach::{announce, attach};
use crate::plan::observed::{Bridge, LinkInfo, Observed, Pair, RouteInfo};
use crate::plan::op::{AddressOp, LinkOp, OWNER_GROUP, Op, Route, RouteOp};
use crate::plan::step::{Place, Step};
use nix::errno::Errno;

fn name(name: &str) -> IfName {
    name.parse().unwrap()
}

fn config() -> Resolved {
    Resolved::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap()
}

fn link(index: u32, named: &str, kind: &str) -> LinkInfo {
    LinkInfo {
        index,
        name: name(named),
        altnames: Vec::new(),
        kind: Some(kind.into()),
        up: true,
        master: None,
        port: PortSettings::default(),
        port_state: None,
        mtu: 1500,
        mac: Some(Mac([2, 0, 0, 0, 0, 9])),
        group: OWNER_GROUP,
        peer: None,
        peer_nsid: None,
        carrier: true,
        unaddressed: false,
    }
}

/// A bridge of netsetgo, index 2. Nothing is missing.
fn bridge() -> Bridge {
    Bridge {
        link: link(2, "brg0", "bridge"),
        addresses: config().bridge_addresses,
        wrong_prefixes: Vec::new(),
        accepts_ra: false,
    }
}

/// A pair on that bridge. The host end has index 3, the container end has index 7. Nothing is missing.
fn pair() -> Pair {
    let mut host = link(3, "veth0", "veth");
    host.altnames = vec!["10.10.10.2".into()];
    host.master = Some(2);
    Pair {
        host,
        container: link(7, "veth1", "veth"),
        addresses: config().container_addresses,
    }
}

fn route(gateway: &str, index: u32) -> RouteInfo {
    RouteInfo {
        network: Cidr {
            address: "0.0.0.0".parse().unwrap(),
            prefix: 0,
        },
        gateway: Some(gateway.parse().unwrap()),
        link: Some(index),
        link_name: Some(name("eth9")),
        metric: 0,
    }
}

fn complete() -> Observed {
    Observed {
        machine: Vec::new(),
        bridge: Some(bridge()),
        pair: Some(pair()),
        routes: vec![route("10.10.10.1", 7)],
        lo_up: true,
        lo_addressed: true,
    }
}

fn actions(steps: &[Step]) -> Vec<String> {
    steps.iter().map(Step::action).collect()
}

fn planned(config: &Resolved, observed: &Observed) -> Vec<String> {
    actions(&attach(config, observed).unwrap())
}

fn refused(config: &Resolved, observed: &Observed) -> String {
    attach(config, observed).unwrap_err().to_string()
}

/// The bridge exists, and the container has no attachment.
fn unattached() -> Observed {
    Observed {
        pair: None,
        routes: Vec::new(),
        ..complete()
    }
}

const CONTAINER_ACTIONS: [&str; 6] = [
    "set net/ipv6/conf/veth1/accept_ra to 0 in container",
    "set lo up in container",
    "give veth1 no link-local address in container",
    "set veth1 up in container",
    "add address 10.10.10.2/24 to veth1 in container",
    "add default route via 10.10.10.1 in container",
];

#[test]
fn plan_with_netlink_backend_creates_all() {
    let steps = attach(&config(), &Observed::default()).unwrap();
    let host = [
        "create bridge brg0 in host",
        "add address 10.10.10.1/24 to brg0 in host",
        "set net/ipv6/conf/brg0/accept_ra to 0 in host",
        "create veth0 in host",
        "add altname 10.10.10.2 to veth0 in host",
    ];
    assert_eq!(actions(&steps), [&host[..], &CONTAINER_ACTIONS].concat());
    let optional: Vec<_> = steps.iter().map(|step| step.optional).collect();
    let is_sysctl = |step: &Step| matches!(step.op, Op::Sysctl(_));
    assert_eq!(optional, steps.iter().map(is_sysctl).collect::<Vec<_>>());
    // Another process may have added the address concurrently. A kernel may lack IPv6. The plan
    // tolerates no other error.
    let tolerated: Vec<_> = steps.iter().map(|step| step.tolerate).collect();
    let mut expected = vec![None; 11];
    expected[1] = Some(Errno::EEXIST);
    expected[7] = Some(Errno::EAFNOSUPPORT);
    assert_eq!(tolerated, expected);
    // The kernel creates the host end as a port. Its MAC address starts with fe, so it is higher than
    // that of the bridge, and the bridge does not inherit it.
    let Op::Link(LinkOp::CreateVeth {
        master,
        host_mac,
        mtu,
        ..
    }) = &steps[3].op
    else {
        panic!("{:?}", steps[3]);
    };
    assert_eq!((master, mtu), (&Some(name("brg0")), &None));
    let Op::Link(LinkOp::CreateBridge { mac, .. }) = &steps[0].op else {
        panic!("{:?}", steps[0]);
    };
    assert_eq!(host_mac, &Some(mac.of_port(&name("veth0"))));
    assert_eq!(host_mac.unwrap().0[0], 0xfe);
}

#[test]
fn plan_with_ioctl_backend_creates_all() {
    let mut config = config();
    config.bridge_backend = Backend::Ioctl;
    config
        .bridge_addresses
        .insert(0, "10.7.0.0/31".parse().unwrap());
    let host = [
        "create bridge brg0 by SIOCBRADDBR in host",
        "put brg0 into group 1853056871 in host",
        &format!(
            "set brg0 address {} by SIOCSIFHWADDR in host",
            Mac::stable(&[], &name("brg0"))
        ),
        "add address 10.10.10.1 to brg0 by SIOCSIFADDR in host",
        "set brg0 netmask 255.255.255.0 by SIOCSIFNETMASK in host",
        "set brg0 up by SIOCSIFFLAGS in host",
        // A /31 network has no broadcast address, but SIOCSIFADDR would set one.
        "add address 10.7.0.0/31 to brg0 in host",
        "set net/ipv6/conf/brg0/accept_ra to 0 in host",
        "create veth0 in host",
        "add altname 10.10.10.2 to veth0 in host",
        "make veth0 a port of brg0 by SIOCBRADDIF in host",
    ];
    assert_eq!(
        planned(&config, &Observed::default()),
        [&host[..], &CONTAINER_ACTIONS].concat()
    );
}

#[test]
fn plan_of_complete_attachment_is_empty() {
    assert_eq!(planned(&config(), &complete()), [""; 0]);
}

#[test]
fn port_settings_are_planned_for_new_and_existing_port() {
    for (hairpin, isolated, action) in [
        (true, false, "set veth0 hairpin on, isolated off in host"),
        (false, true, "set veth0 hairpin off, isolated on in host"),
    ] {
        let config = Resolved {
            port: PortSettings { hairpin, isolated },
            ..config()
        };
        let planned = planned(&config, &Observed::default());
        assert_eq!(
            planned.iter().filter(|step| *step == action).count(),
            1,
            "{planned:?}"
        );
        assert_eq!(
            attach(&config, &complete()).map(|s| actions(&s)).unwrap(),
            [action]
        );
    }
    let without = planned(&config(), &Observed::default());
    assert!(without.iter().all(|step| !step.contains("hairpin")));
}

#[test]
fn new_pair_without_requested_mtu_gets_bridge_mtu() {
    let mtu = |requested, of_bridge| {
        let mut observed = unattached();
        if let Some(bridge) = &mut observed.bridge {
            bridge.link.mtu = of_bridge;
        }
        let config = Resolved {
            mtu: requested,
            ..config()
        };
        let steps = attach(&config, &observed).unwrap();
        steps.iter().find_map(|step| match step.op {
            Op::Link(LinkOp::CreateVeth { mtu, .. }) => Some(mtu),
            _ => None,
        })
    };
    assert_eq!(
        mtu(None, 1500),
        Some(None),
        "the kernel's default is not sent"
    );
    assert_eq!(mtu(None, 1400), Some(Some(1400)));
    assert_eq!(mtu(Some(1300), 1400), Some(Some(1300)));
}

#[test]
fn routes_are_compared_by_network_gateway_and_link() {
    let mut config = config();
    config.default_route = false;
    config.routes = vec![
        "0.0.0.0/0".parse().unwrap(),
        "10.20.0.0/16".parse().unwrap(),
    ];
    let mut observed = complete();
    observed.routes.clear();
    let steps = attach(&config, &observed).unwrap();
    let to = |step: &Step| match &step.op {
        Op::Route(RouteOp::Add(Route {
            destination,
            gateway,
            ..
        })) => (*destination, gateway.to_string()),
        other => panic!("{other}"),
    };
    let network = config.routes[1].network;
    let gateway = || "10.10.10.1".to_owned();
    assert_eq!(
        steps.iter().map(to).collect::<Vec<_>>(),
        [(None, gateway()), (Some(network), gateway())]
    );
    // A route to this network is not a route to another network.
    let through = |network: &str, gateway| RouteInfo {
        network: network
            .parse::<crate::config::Destination>()
            .unwrap()
            .network,
        ..route(gateway, 7)
    };
    observed.routes = vec![
        through("10.20.0.0/16", "10.10.10.1"),
        through("10.21.0.0/16", "10.10.10.9"),
    ];
    assert_eq!(
        planned(&config, &observed),
        ["add default route via 10.10.10.1 in container"]
    );
    observed.routes = vec![through("10.20.0.0/16", "10.10.10.9")];
    let line = refused(&config, &observed);
    assert!(line.starts_with(
        "add route to 10.20.0.0/16 via 10.10.10.1 in container: another route to this destination exists"
    ));
    // A route with the right gateway but another link, or the reverse, is a conflict.
    for (gateway, index) in [("10.10.10.1", 8), ("10.10.10.9", 7)] {
        observed.routes = vec![route(gateway, index)];
        let line = refused(&self::config(), &observed);
        assert_eq!(
            line,
            format!(
                "add default route via 10.10.10.1 in container: another route to this destination exists via {gateway} \
                 dev eth9"
            )
        );
    }
    // An additional route beside the right one is no conflict.
    observed.routes = vec![route("10.10.10.9", 8), route("10.10.10.1", 7)];
    assert_eq!(planned(&self::config(), &observed), [""; 0]);
}

#[test]
fn bridge_of_netsetgo_with_missing_parts_is_completed() {
    let mut observed = complete();
    let mut lacking = bridge();
    lacking.link.up = false;
    lacking.addresses.clear();
    lacking.wrong_prefixes = vec!["10.10.10.1/8".parse().unwrap()];
    observed.bridge = Some(lacking);
    assert_eq!(
        planned(&config(), &observed),
        [
            "set brg0 up in host",
            "delete address 10.10.10.1/8 from brg0 in host",
            "add address 10.10.10.1/24 to brg0 in host",
        ]
    );
    let steps = attach(&config(), &observed).unwrap();
    assert!(matches!(steps[2].op, Op::Address(AddressOp::Add(..))));
    // A bridge of netsetgo keeps its MAC address, also where the kernel chose it.
    let mut observed = unattached();
    let mut unaddressed = bridge();
    unaddressed.link.unaddressed = true;
    observed.bridge = Some(unaddressed);
    assert!(
        planned(&config(), &observed)
            .iter()
            .all(|step| !step.contains("set brg0 address"))
    );
}

#[test]
fn pre_existing_bridge_gets_owned_addresses_only() {
    let pre_existing = || {
        let mut bridge = bridge();
        bridge.link.group = 0;
        bridge.addresses.clear();
        bridge
    };
    let observed = |bridge| Observed {
        bridge: Some(bridge),
        ..unattached()
    };
    let steps = attach(&config(), &observed(pre_existing())).unwrap();
    assert!(
        matches!(steps[0].op, Op::Address(AddressOp::AddOwned(..))),
        "{:?}",
        steps[0]
    );
    assert_eq!(steps[0].undo.len(), 1);
    // The bridge keeps its MAC address. A bridge without one gets one that stays.
    let has = Mac([2, 0, 0, 0, 0, 9]);
    for (has, given) in [
        (has, vec![Mac([2, 0, 0, 0, 0, 8]), has]),
        (Mac([0; 6]), vec![Mac::stable(&[], &name("brg0"))]),
    ] {
        let mut unaddressed = pre_existing();
        unaddressed.link.unaddressed = true;
        unaddressed.link.mac = Some(has);
        let steps = attach(&config(), &observed(unaddressed.clone())).unwrap();
        let to = |&mac: &Mac| Op::Link(LinkOp::SetMac(name("brg0"), mac));
        let ops: Vec<_> = steps.iter().map(|step| step.op.clone()).collect();
        let expected: Vec<_> = given.iter().map(to).collect();
        assert_eq!(ops[..given.len()], expected);
        // The first of two steps sets another MAC address, so a rollback restores the original.
        let undo = if given.len() == 2 {
            vec![to(&has)]
        } else {
            vec![]
        };
        assert_eq!(steps[0].undo, undo);
        // Where the pair exists, an earlier `up` has done this.
        let again = Observed {
            bridge: Some(unaddressed),
            ..complete()
        };
        assert!(
            planned(&config(), &again)
                .iter()
                .all(|step| !step.contains("set brg0 address"))
        );
    }
    // `--mtu` with the MTU of the bridge is allowed. Another MTU is refused.
    let mtu = |mtu| Resolved {
        mtu: Some(mtu),
        ..config()
    };
    assert!(attach(&mtu(1500), &observed(pre_existing())).is_ok());
    let line = refused(&mtu(1400), &observed(pre_existing()));
    assert_eq!(line, "mtu 1400: the pre-existing bridge brg0 has 1500");
    let mut wrong_prefix = pre_existing();
    wrong_prefix.wrong_prefixes = vec!["10.10.10.1/8".parse().unwrap()];
    assert!(refused(&config(), &observed(wrong_prefix)).contains("has it as 10.10.10.1/8"));
}

#[test]
fn pair_with_missing_parts_is_completed_host_first() {
    let mut observed = complete();
    let mut lacking = pair();
    lacking.host.master = None;
    lacking.host.up = false;
    lacking.host.altnames.clear();
    lacking.container.mtu = 1300;
    lacking.container.up = false;
    lacking.addresses.clear();
    observed.pair = Some(lacking);
    let config = Resolved {
        mac: Some(Mac([2, 0, 0, 0, 0, 8])),
        ..config()
    };
    assert_eq!(
        planned(&config, &observed),
        [
            "make veth0 a port of brg0 in host",
            "add altname 10.10.10.2 to veth0 in host",
            "set veth0 up in host",
            "set veth1 mtu 1500 in container",
            "set veth1 address 02:00:00:00:00:08 in container",
            "give veth1 no link-local address in container",
            "set veth1 up in container",
            "add address 10.10.10.2/24 to veth1 in container",
        ]
    );
    let places: Vec<Place> = attach(&config, &observed)
        .unwrap()
        .iter()
        .map(|s| s.channel.place)
        .collect();
    assert!(places.is_sorted_by_key(|place| *place == Place::Container));
}

#[test]
fn pair_of_other_bridge_group_or_owner_is_refused() {
    let with = |change: &dyn Fn(&mut Pair)| {
        let mut observed = complete();
        observed.pair.iter_mut().for_each(change);
        observed
    };
    let line = refused(&config(), &with(&|pair| pair.host.master = Some(5)));
    assert_eq!(
        line,
        "name veth0 in host: the host end is a port of another bridge"
    );
    let line = refused(&config(), &with(&|pair| pair.host.group = 0));
    assert_eq!(
        line,
        "name veth0 in host: netsetgo did not create the container's link"
    );
    let owned = with(&|pair| pair.host.altnames.push("netsetgo:a:veth1".into()));
    let of = |id: &str| Resolved {
        id: Some(id.parse().unwrap()),
        ..config()
    };
    assert_eq!(
        refused(&of("b"), &owned),
        "name veth0 in host: its owner is a, not b"
    );
    assert_eq!(planned(&of("a"), &owned), [""; 0]);
    assert_eq!(
        planned(&config(), &owned),
        [""; 0],
        "without an owner id, any owner is accepted"
    );
}

#[test]
fn rollback_of_lo_deletes_an_address_that_it_did_not_have() {
    let undo = |lo_addressed| {
        let observed = Observed {
            lo_up: false,
            lo_addressed,
            ..complete()
        };
        let steps = attach(&config(), &observed).unwrap();
        let [lo] = &steps[..] else {
            panic!("{steps:?}")
        };
        lo.undo.iter().map(Op::to_string).collect::<Vec<_>>()
    };
    assert_eq!(undo(true), ["set lo down"]);
    assert_eq!(
        undo(false),
        ["set lo down", "delete address 127.0.0.1/8 from lo"]
    );
}

#[test]
fn plan_with_ipv6_keeps_link_local_and_announces_ipv4() {
    let mut config = config();
    config
        .bridge_addresses
        .push("fd00:10::1/64".parse().unwrap());
    config
        .container_addresses
        .push("fd00:10::2/64".parse().unwrap());
    let planned = planned(&config, &Observed::default());
    assert!(planned.iter().all(|step| !step.contains("link-local")));
    assert!(planned.contains(&"add default route via fd00:10::1 in container".to_owned()));
    assert_eq!(
        actions(&announce(&config)),
        [
            "resolve 10.10.10.2 on veth1 in container",
            "delete neighbour 10.10.10.2 on veth1 in container"
        ]
    );
}
