//! A snapshot of a network namespace: every link, address and route, with every attribute that the
//! kernel does not change by itself.

use netsetgo::os::socket::Socket;
use netsetgo::wire::addr::{self, IfAddrMsg};
use netsetgo::wire::link::{self, IfInfoMsg};
use netsetgo::wire::message::Message;
use netsetgo::wire::printer::{Field, Role, fields, no_names};
use netsetgo::wire::registry::Protocol;
use netsetgo::wire::route::{self, RtMsg};
use std::collections::BTreeMap;

/// Maps the name of an object to its attributes, and the path of an attribute to its value.
pub type Snapshot = BTreeMap<String, BTreeMap<String, String>>;

/// Counters and times, and the attributes that depend on them.
const VOLATILE: [&str; 26] = [
    "rtm_flags",
    "IFLA_STATS",
    "IFLA_STATS64",
    "IFLA_AF_SPEC",
    "IFLA_CARRIER",
    "IFLA_CARRIER_CHANGES",
    "IFLA_CARRIER_UP_COUNT",
    "IFLA_CARRIER_DOWN_COUNT",
    "IFLA_OPERSTATE",
    "IFLA_QDISC",
    "IFLA_TSO_MAX_SIZE",
    "IFLA_TSO_MAX_SEGS",
    "IFLA_PROMISCUITY",
    "IFLA_BR_ROOT_ID",
    "IFLA_BR_TOPOLOGY_CHANGE_DETECTED",
    "IFLA_BR_HELLO_TIMER",
    "IFLA_BR_TCN_TIMER",
    "IFLA_BR_TOPOLOGY_CHANGE_TIMER",
    "IFLA_BR_GC_TIMER",
    "IFLA_BR_FDB_N_LEARNED",
    "IFA_CACHEINFO",
    "IFA_FLAGS",
    "ifa_flags",
    "RTA_CACHEINFO",
    "IFLA_INFO_SLAVE_DATA",
    "IFLA_INFO_XSTATS",
];

/// Reads the network namespace of the thread.
pub fn snapshot() -> Snapshot {
    let mut socket = Socket::open(Protocol::Route).expect("a netlink socket");
    let mut all = Snapshot::new();
    for request in [
        link::dump(IfInfoMsg::default()).finish(),
        addr::dump(IfAddrMsg::default()).finish(),
        route::dump(RtMsg::default()).finish(),
    ] {
        for fields in dump(&mut socket, &request.expect("short")) {
            let object = attributes(&fields);
            if let Some(name) = name(&object) {
                all.insert(name, object);
            }
        }
    }
    all
}

fn dump(socket: &mut Socket, request: &Message) -> Vec<Vec<Field>> {
    let print = |received: &netsetgo::wire::message::Received<'_>| {
        Some(fields(Protocol::Route, received.bytes, &no_names))
    };
    socket.dump(request, print).expect("a dump")
}

/// Returns the name of the object. Returns `None` for link-local and multicast addresses and routes
/// of IPv6, which the kernel adds and deletes by itself.
fn name(object: &BTreeMap<String, String>) -> Option<String> {
    let get = |name: &str| object.get(name).cloned().unwrap_or_default();
    let link_local = |name| get(name).starts_with("fe80:") || get(name).starts_with("ff00:");
    if object.contains_key("ifi_index") {
        Some(format!("link {}", get("IFLA_IFNAME").trim_matches('"')))
    } else if object.contains_key("ifa_index") {
        (!link_local("IFA_ADDRESS"))
            .then(|| format!("address {}@{}", get("IFA_ADDRESS"), get("ifa_index")))
    } else {
        let name = format!(
            "route {} {}/{} via {}@{} {}",
            get("rtm_table"),
            get("RTA_DST"),
            get("rtm_dst_len"),
            get("RTA_GATEWAY"),
            get("RTA_OIF"),
            get("rtm_type"),
        );
        (!link_local("RTA_DST")).then_some(name)
    }
}

fn attributes(fields: &[Field]) -> BTreeMap<String, String> {
    let mut object = BTreeMap::new();
    let mut path: Vec<&str> = Vec::new();
    for field in fields {
        match field.role {
            Role::Attribute => {
                path.truncate(field.depth);
                path.push(&field.name);
            }
            Role::Payload if !path.iter().any(|name| VOLATILE.contains(name)) => {
                object.insert(path.join("."), field.value.clone());
            }
            Role::Member if !field.name.starts_with("nlmsg_") => {
                let up = field.value.split(" | ").any(|flag| flag == "IFF_UP");
                // The kernel changes the other flags by itself, for example with the carrier.
                let value = match &*field.name {
                    "ifi_flags" => up.to_string(),
                    name if VOLATILE.contains(&name) => continue,
                    _ => field.value.clone(),
                };
                object.insert(field.name.clone(), value);
            }
            _ => {}
        }
    }
    object
}

/// Returns a line for each difference between two snapshots.
pub fn differences(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let mut lines = Vec::new();
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        lines.push(format!("lost: {name}"));
    }
    for (name, object) in after {
        let Some(was) = before.get(name) else {
            lines.push(format!("new: {name}"));
            continue;
        };
        for key in was.keys().chain(object.keys()) {
            let (old, new) = (was.get(key), object.get(key));
            if old != new {
                lines.push(format!("{name}: {key}: {old:?} -> {new:?}"));
            }
        }
    }
    lines.dedup();
    lines
}
