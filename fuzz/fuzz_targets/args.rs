//! The types of the arguments (`IfName`, `Cidr`, `Id`, `Mac`, `Destination`, `NetnsRef`,
//! `Resolved`): valid text prints and parses to the same value, and operations with the value encode.
//! Invalid text is refused with a reason.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netsetgo::config::{Cidr, Destination, Id, IfName, Mac, NetnsRef, Resolved};
use netsetgo::plan::op::{AddressOp, Bindings, Encoded, LinkOp, Op, Route, RouteOp, Unbound};
use netsetgo::wire::printer::{Role, fields, no_names};
use netsetgo::wire::registry::Protocol;
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// Each name is the name of a link.
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

fuzz_target!(|text: &str| {
    let name = round_trips::<IfName>(text);
    let cidr = round_trips::<Cidr>(text);
    if let Some(id) = round_trips::<Id>(text) {
        assert_eq!(id.to_string(), text);
    }
    if let Some(mac) = round_trips::<Mac>(text) {
        encodes(&Op::Link(LinkOp::SetMac(IfName::lo(), mac)));
    }
    if let Ok(Destination { network, .. }) = text.parse() {
        assert_eq!(network.network(), network.address);
        encodes(&Op::Route(RouteOp::Add(Route {
            destination: Some(network),
            gateway: network.address,
            link: IfName::lo(),
        })));
    }
    if let Ok(netns) = text.parse::<NetnsRef>() {
        // Control characters are escaped. Text without them parses to the same value.
        let printed = netns.to_string();
        assert!(!printed.contains(char::is_control));
        if text.escape_debug().eq(text.chars()) {
            assert_eq!(printed.parse::<NetnsRef>().unwrap(), netns);
        }
    }
    if let Some(name) = &name {
        assert!((1..=15).contains(&name.as_str().len()));
        encodes(&Op::Link(LinkOp::CreateBridge {
            bridge: name.clone(),
            mac: Mac::stable(text.as_bytes(), name),
        }));
        encodes(&Op::Link(LinkOp::CreateVeth {
            host: name.clone(),
            host_mac: Some(Mac::stable(b"", name).of_port(name)),
            master: None,
            peer: name.clone(),
            mac: Some(Mac::stable(text.as_bytes(), name)),
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
    // Four arguments are a configuration.
    let four: Vec<&str> = text.splitn(4, ' ').collect();
    if let [bridge, gateway, address, prefix] = four[..]
        && let Ok(config) = Resolved::new(bridge, gateway, address, prefix)
    {
        assert_eq!(config.gateways().len(), 1);
        assert_ne!(config.host_ifname, config.bridge_name);
        assert_eq!(config.bridge_name.as_str(), bridge);
    }
});

/// Parses the text. A value that it has prints and parses to the same value.
fn round_trips<T: FromStr<Err = netsetgo::Error> + Display + PartialEq + Debug>(
    text: &str,
) -> Option<T> {
    match text.parse::<T>() {
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

/// The operation encodes, and each of its attributes is known.
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
