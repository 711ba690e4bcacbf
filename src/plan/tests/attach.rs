//! What is planned, step by step: from nothing, and from parts.

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

/// A bridge of ours that has all of it, index 2.
fn bridge() -> Bridge {
    Bridge {
        link: link(2, "brg0", "bridge"),
        addresses: config().bridge_addresses,
        wrong_prefixes: Vec::new(),
        accepts_ra: false,
    }
}

/// A pair in it that has all of it, host's end 3, container's end 7.
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

fn whole() -> Observed {
    Observed {
        machine: Vec::new(),
        bridge: Some(bridge()),
        pair: Some(pair()),
        routes: vec![route("10.10.10.1", 7)],
        lo_up: true,
        lo_addressed: true,
    }
}

fn words(steps: &[Step]) -> Vec<String> {
    steps.iter().map(Step::action).collect()
}

fn planned(config: &Resolved, observed: &Observed) -> Vec<String> {
    words(&attach(config, observed).unwrap())
}

fn refused(config: &Resolved, observed: &Observed) -> String {
    attach(config, observed).unwrap_err().to_string()
}

/// The bridge is there, and the container has nothing.
fn unattached() -> Observed {
    Observed {
        pair: None,
        routes: Vec::new(),
        ..whole()
    }
}

const INSIDE: [&str; 6] = [
    "set net/ipv6/conf/veth1/accept_ra to 0 in container",
    "set lo up in container",
    "give veth1 no link-local address in container",
    "set veth1 up in container",
    "add address 10.10.10.2/24 to veth1 in container",
    "add default route via 10.10.10.1 in container",
];

#[test]
fn from_nothing_by_netlink() {
    let steps = attach(&config(), &Observed::default()).unwrap();
    let host = [
        "create bridge brg0 in host",
        "add address 10.10.10.1/24 to brg0 in host",
        "set net/ipv6/conf/brg0/accept_ra to 0 in host",
        "create veth0 in host",
        "add altname 10.10.10.2 to veth0 in host",
    ];
    assert_eq!(words(&steps), [&host[..], &INSIDE].concat());
    let optional: Vec<_> = steps.iter().map(|step| step.optional).collect();
    let is_sysctl = |step: &Step| matches!(step.op, Op::Sysctl(_));
    assert_eq!(optional, steps.iter().map(is_sysctl).collect::<Vec<_>>());
    // What may be there by now, and what a kernel may not have, is no failure; all else is.
    let tolerated: Vec<_> = steps.iter().map(|step| step.tolerate).collect();
    let mut expected = vec![None; 11];
    expected[1] = Some(Errno::EEXIST);
    expected[7] = Some(Errno::EAFNOSUPPORT);
    assert_eq!(tolerated, expected);
    // Born in the bridge, with an address as high as they come.
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
fn from_nothing_by_ioctl() {
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
        // A network of two has no broadcast address, and the ioctl would leave one.
        "add address 10.7.0.0/31 to brg0 in host",
        "set net/ipv6/conf/brg0/accept_ra to 0 in host",
        "create veth0 in host",
        "add altname 10.10.10.2 to veth0 in host",
        "make veth0 a port of brg0 by SIOCBRADDIF in host",
    ];
    assert_eq!(
        planned(&config, &Observed::default()),
        [&host[..], &INSIDE].concat()
    );
}

#[test]
fn nothing_is_planned_where_all_is_there() {
    assert_eq!(planned(&config(), &whole()), [""; 0]);
}

#[test]
fn what_a_port_is_told_is_told_for_either() {
    for (hairpin, isolated, said) in [
        (true, false, "set veth0 hairpin on, isolated off in host"),
        (false, true, "set veth0 hairpin off, isolated on in host"),
    ] {
        let config = Resolved {
            port: PortSettings { hairpin, isolated },
            ..config()
        };
        let planned = planned(&config, &Observed::default());
        assert_eq!(
            planned.iter().filter(|step| *step == said).count(),
            1,
            "{planned:?}"
        );
        assert_eq!(
            attach(&config, &whole()).map(|s| words(&s)).unwrap(),
            [said]
        );
    }
    let without = planned(&config(), &Observed::default());
    assert!(without.iter().all(|step| !step.contains("hairpin")));
}

#[test]
fn a_new_pair_has_the_bridges_mtu_unless_another_is_asked_for() {
    let mtu = |asked, bridges| {
        let mut observed = unattached();
        if let Some(bridge) = &mut observed.bridge {
            bridge.link.mtu = bridges;
        }
        let config = Resolved {
            mtu: asked,
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
        "what is the kernel's own is not said"
    );
    assert_eq!(mtu(None, 1400), Some(Some(1400)));
    assert_eq!(mtu(Some(1300), 1400), Some(Some(1300)));
}

#[test]
fn routes_are_wanted_by_network_gateway_and_link() {
    let mut config = config();
    config.default_route = false;
    config.routes = vec![
        "0.0.0.0/0".parse().unwrap(),
        "10.20.0.0/16".parse().unwrap(),
    ];
    let mut observed = whole();
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
    // A route to that very network is told apart from one to another.
    let through = |words: &str, gateway| RouteInfo {
        network: words.parse::<crate::config::Destination>().unwrap().network,
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
    // The right gateway by another link, and another gateway by the right one, are others' routes.
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
    // Beside the right one another does no harm.
    observed.routes = vec![route("10.10.10.9", 8), route("10.10.10.1", 7)];
    assert_eq!(planned(&self::config(), &observed), [""; 0]);
}

#[test]
fn a_bridge_of_ours_is_completed() {
    let mut observed = whole();
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
    // Its own hardware address is its own.
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
fn a_bridge_of_somebody_elses_is_lent_what_it_lacks_and_not_changed() {
    let theirs = || {
        let mut bridge = bridge();
        bridge.link.group = 0;
        bridge.addresses.clear();
        bridge
    };
    let observed = |bridge| Observed {
        bridge: Some(bridge),
        ..unattached()
    };
    let steps = attach(&config(), &observed(theirs())).unwrap();
    assert!(
        matches!(steps[0].op, Op::Address(AddressOp::AddOwned(..))),
        "{:?}",
        steps[0]
    );
    assert_eq!(steps[0].undo.len(), 1);
    // It keeps the hardware address that it has, or gets one that stays.
    let has = Mac([2, 0, 0, 0, 0, 9]);
    for (has, given) in [
        (has, vec![Mac([2, 0, 0, 0, 0, 8]), has]),
        (Mac([0; 6]), vec![Mac::stable(&[], &name("brg0"))]),
    ] {
        let mut unaddressed = theirs();
        unaddressed.link.unaddressed = true;
        unaddressed.link.mac = Some(has);
        let steps = attach(&config(), &observed(unaddressed.clone())).unwrap();
        let to = |&mac: &Mac| Op::Link(LinkOp::SetMac(name("brg0"), mac));
        let ops: Vec<_> = steps.iter().map(|step| step.op.clone()).collect();
        let expected: Vec<_> = given.iter().map(to).collect();
        assert_eq!(ops[..given.len()], expected);
        // Half-way it would have another than it had.
        let undo = if given.len() == 2 {
            vec![to(&has)]
        } else {
            vec![]
        };
        assert_eq!(steps[0].undo, undo);
        // With a pair there already, that has been done.
        let again = Observed {
            bridge: Some(unaddressed),
            ..whole()
        };
        assert!(
            planned(&config(), &again)
                .iter()
                .all(|step| !step.contains("set brg0 address"))
        );
    }
    // Its own MTU may be asked for, and no other.
    let mtu = |mtu| Resolved {
        mtu: Some(mtu),
        ..config()
    };
    assert!(attach(&mtu(1500), &observed(theirs())).is_ok());
    let line = refused(&mtu(1400), &observed(theirs()));
    assert_eq!(line, "mtu 1400: the pre-existing bridge brg0 has 1500");
    let mut half = theirs();
    half.wrong_prefixes = vec!["10.10.10.1/8".parse().unwrap()];
    assert!(refused(&config(), &observed(half)).contains("has it as 10.10.10.1/8"));
}

#[test]
fn a_pair_is_completed_in_one_datagram_for_each_side() {
    let mut observed = whole();
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
fn a_pair_of_somebody_elses_or_elsewhere_is_refused() {
    let with = |change: &dyn Fn(&mut Pair)| {
        let mut observed = whole();
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
        "who says no owner has no quarrel"
    );
}

#[test]
fn the_loopbacks_address_goes_with_it_where_it_had_none() {
    let undo = |lo_addressed| {
        let observed = Observed {
            lo_up: false,
            lo_addressed,
            ..whole()
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
fn ipv6_is_let_be_where_it_is_asked_for_and_told_by_other_means() {
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
        words(&announce(&config)),
        [
            "resolve 10.10.10.2 on veth1 in container",
            "delete neighbour 10.10.10.2 on veth1 in container"
        ]
    );
}
