//! What the program can send, what `ip` sends for the same, and how the two may differ.
#![allow(dead_code, clippy::indexing_slicing)]

pub mod cases;
pub mod traced;

pub use cases::cases;
pub use traced::{Sent, trace};

use crate::common::TestContainer;
use netsetgo::config::IfName;
use netsetgo::os::socket::Socket;
use netsetgo::plan::op::{Bindings, Encoded, Unbound};
use netsetgo::wire::printer::{Role, fields, nameless};
use netsetgo::wire::registry::Protocol;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::AsRawFd;

/// Where a difference has nothing on one side.
pub const ABSENT: &str = "absent";

/// A message as pairs of where and what: `IFLA_LINKINFO.IFLA_INFO_KIND` is `"veth"`.
///
/// Lengths, the sequence number and the port are left out: they follow from the rest, or number
/// the moment.
pub fn flat(message: &[u8]) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    let mut path: Vec<String> = Vec::new();
    for field in fields(Protocol::Route, message, &nameless) {
        match field.role {
            Role::Member => {
                path.truncate(field.depth);
                if !["nlmsg_len", "nlmsg_seq", "nlmsg_pid"].contains(&&*field.name) {
                    path.push(field.name);
                    flat.insert(path.join("."), field.value);
                }
            }
            Role::Attribute => {
                path.truncate(field.depth);
                path.push(field.name);
                let twice = flat.insert(path.join("."), String::new());
                assert_eq!(twice, None, "{} is there twice", path.join("."));
                if field.value.contains("NLA_F_NESTED") {
                    flat.insert(path.join(".") + " NLA_F_NESTED", "set".into());
                }
            }
            Role::Payload => {
                flat.insert(path.join("."), field.value);
            }
            Role::Padding => assert_eq!(field.value, "", "padding in {path:?}"),
            Role::Unknown => panic!("not understood in {path:?}: {}", field.value),
        }
    }
    flat
}

/// Where two messages differ: the place, what ours says, what the other says.
pub fn differences(ours: &[u8], other: &[u8]) -> Vec<(String, String, String)> {
    let (ours, other) = (flat(ours), flat(other));
    let mut places: Vec<&String> = ours.keys().chain(other.keys()).collect();
    places.sort();
    places.dedup();
    let said = |flat: &BTreeMap<String, String>, place: &String| {
        flat.get(place).cloned().unwrap_or_else(|| ABSENT.into())
    };
    places
        .into_iter()
        .map(|place| (place.clone(), said(&ours, place), said(&other, place)))
        .filter(|(_, ours, other)| ours != other)
        .collect()
}

/// The links and the container of this very process.
struct Live(i32);

impl Bindings for Live {
    fn index(&mut self, name: &IfName) -> Result<u32, Unbound> {
        nix::net::if_::if_nametoindex(name.as_str()).map_err(|_| Unbound::NoLink(name.clone()))
    }
    fn known(&self, name: &IfName) -> Option<u32> {
        Self(self.0).index(name).ok()
    }
    fn container_netns(&mut self) -> i32 {
        self.0
    }
}

/// Set for the process that sends under strace: the container's process.
const SENDER: &str = "NETSETGO_TEST_SENDER";

/// Whether this is the process that [`ours`] starts; then it has sent everything.
pub fn sending() -> bool {
    let Ok(pid) = std::env::var(SENDER) else {
        return false;
    };
    send_all(&File::open(format!("/proc/{pid}/ns/net")).expect("the container"));
    true
}

/// Our datagrams, one for each case, as they go out of a process of this test's own.
pub fn ours(test: &str) -> Vec<Sent> {
    let container = TestContainer::new();
    let binary = std::env::current_exe().expect("/proc is mounted");
    let pid = format!("{SENDER}={}", container.pid());
    let binary = binary.to_str().expect("a path of UTF-8");
    let mut sent = trace(&["env", &pid, binary, test, "--exact", "--test-threads=1"]);
    // The first one asks for lo.
    let sent: Vec<Sent> = sent.drain(1..).collect();
    assert_eq!(sent.len(), cases().len(), "a datagram for each case");
    sent
}

/// Sends for each case what the program sends, one datagram each, and the kernel takes it.
fn send_all(container: &File) {
    let mut socket = Socket::open(Protocol::Route).expect("a netlink socket");
    // strace learns a socket's protocol when it is bound, which the first datagram does.
    netsetgo::engine::query::link(&mut socket, &IfName::lo()).expect("lo is there");
    for case in cases() {
        match case.ours {
            cases::Ours::Does(op) => {
                let encoded = op.encode(&mut Live(container.as_raw_fd()));
                let Ok(Encoded::Message(message)) = encoded else {
                    panic!("{}: {encoded:?}", case.name);
                };
                let said = socket.send(&[message]);
                assert_eq!(said, Ok(Vec::new()), "{}", case.name);
            }
            cases::Ours::Asks(ask) => ask(&mut socket, container.as_raw_fd()),
        }
    }
}
