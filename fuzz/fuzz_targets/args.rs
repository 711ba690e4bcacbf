//! Words: what is accepted reads back as it is written, and encodes; what is refused is refused
//! with a reason.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netsetgo::config::{Cidr, Destination, Id, IfName, Mac, NetnsRef, Resolved};
use netsetgo::plan::op::{AddressOp, Bindings, Encoded, LinkOp, Op, Route, RouteOp, Unbound};
use netsetgo::wire::printer::{Role, fields, no_names};
use netsetgo::wire::registry::Protocol;
use std::fmt::{Debug, Display};
use std::str::FromStr;

struct Every;

impl Bindings for Every {
    fn index(&mut self, _: &IfName) -> Result<u32, Unbound> {
        Ok(1)
    }
    fn known(&self, _: &IfName) -> Option<u32> {
        None
    }
    fn container_netns(&mut self) -> i32 {
        3
    }
}

fuzz_target!(|words: &str| {
    let name = same::<IfName>(words);
    let cidr = same::<Cidr>(words);
    same::<Id>(words);
    if let Some(mac) = same::<Mac>(words) {
        encodes(&Op::Link(LinkOp::SetMac(IfName::lo(), mac)));
    }
    if let Ok(Destination { network, .. }) = words.parse() {
        assert_eq!(network.network(), network.address);
        encodes(&Op::Route(RouteOp::Add(Route {
            destination: Some(network),
            gateway: network.address,
            link: IfName::lo(),
        })));
    }
    if let Ok(netns) = words.parse::<NetnsRef>() {
        // Shown on one line whatever is in it; what needs no escape reads back as it is written.
        let shown = netns.to_string();
        assert!(!shown.contains(char::is_control));
        if words.escape_debug().eq(words.chars()) {
            assert_eq!(shown.parse::<NetnsRef>().unwrap(), netns);
        }
    }
    if let Some(name) = &name {
        assert!((1..=15).contains(&name.as_str().len()));
        encodes(&Op::Link(LinkOp::CreateBridge {
            bridge: name.clone(),
            mac: Mac::stable(words.as_bytes(), name),
        }));
        encodes(&Op::Link(LinkOp::CreateVeth {
            host: name.clone(),
            host_mac: Some(Mac::stable(b"", name).of_port(name)),
            master: None,
            peer: name.clone(),
            mac: Some(Mac::stable(words.as_bytes(), name)),
            mtu: Some(1500),
        }));
    }
    if let Some(cidr) = cidr {
        assert!(cidr.contains(cidr.address) && cidr.contains(cidr.network()));
        let lo = IfName::lo();
        encodes(&Op::Address(AddressOp::Add(lo.clone(), cidr)));
        encodes(&Op::Address(AddressOp::Delete(lo.clone(), cidr)));
        let gateway = cidr.address;
        encodes(&Op::Route(RouteOp::Add(Route {
            destination: Some(cidr),
            gateway,
            link: lo,
        })));
    }
    // Four words as a whole configuration: right or refused, never a panic.
    let four: Vec<&str> = words.splitn(4, ' ').collect();
    if let [bridge, gateway, address, prefix] = four[..]
        && let Ok(config) = Resolved::new(bridge, gateway, address, prefix)
    {
        assert_eq!(config.gateways().len(), 1);
        assert_ne!(config.host_ifname, config.bridge_name);
    }
});

fn same<T: FromStr<Err = netsetgo::Error> + Display + PartialEq + Debug>(words: &str) -> Option<T> {
    match words.parse::<T>() {
        Ok(value) => {
            assert_eq!(value.to_string().parse::<T>().unwrap(), value);
            Some(value)
        }
        Err(reason) => {
            assert!(!reason.to_string().is_empty());
            None
        }
    }
}

fn encodes(op: &Op) {
    let Ok(Encoded::Message(message)) = op.encode(&mut Every) else {
        panic!("{op} has no message");
    };
    let fields = fields(Protocol::Route, message.bytes(), &no_names);
    assert!(
        fields.iter().all(|field| field.role != Role::Unknown),
        "{op}"
    );
}
