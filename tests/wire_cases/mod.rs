//! The messages that netsetgo sends, the messages of `ip` for the same task, and their differences.
#![allow(dead_code, clippy::indexing_slicing)]

pub mod cases;
pub mod traced;

pub use cases::cases;
pub use traced::{Sent, trace};

use crate::common::TestContainer;
use netsetgo::config::IfName;
use netsetgo::os::socket::Socket;
use netsetgo::plan::op::{Bindings, Encoded, Unbound};
use netsetgo::wire::printer::{Role, fields, no_names};
use netsetgo::wire::registry::Protocol;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::AsRawFd;

/// The value of a field that only one of two messages has.
pub const ABSENT: &str = "absent";

/// Maps the path of each field to its value: `IFLA_LINKINFO.IFLA_INFO_KIND` is `"veth"`.
///
/// The map does not contain lengths, the sequence number and the port id: they follow from the rest
/// or change with each run.
pub fn flat(message: &[u8]) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    let mut path: Vec<String> = Vec::new();
    for field in fields(Protocol::Route, message, &no_names) {
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
                assert_eq!(twice, None, "{} occurs twice", path.join("."));
                if field.value.contains("NLA_F_NESTED") {
                    flat.insert(path.join(".") + " NLA_F_NESTED", "set".into());
                }
            }
            Role::Payload => {
                flat.insert(path.join("."), field.value);
            }
            Role::Padding => assert_eq!(field.value, "", "padding in {path:?}"),
            Role::Unknown => panic!("unknown attribute in {path:?}: {}", field.value),
        }
    }
    flat
}

/// Returns the differences of two messages: path, value of `from_netsetgo`, value of `other`.
pub fn differences(from_netsetgo: &[u8], other: &[u8]) -> Vec<(String, String, String)> {
    let (from_netsetgo, other) = (flat(from_netsetgo), flat(other));
    let mut paths: Vec<&String> = from_netsetgo.keys().chain(other.keys()).collect();
    paths.sort();
    paths.dedup();
    let printed = |flat: &BTreeMap<String, String>, path: &String| {
        flat.get(path).cloned().unwrap_or_else(|| ABSENT.into())
    };
    paths
        .into_iter()
        .map(|path| {
            (
                path.clone(),
                printed(&from_netsetgo, path),
                printed(&other, path),
            )
        })
        .filter(|(_, from_netsetgo, other)| from_netsetgo != other)
        .collect()
}

/// Looks up links in the namespace of this process. The number is the container's descriptor.
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

/// The environment variable of the process under strace: the process id of the container.
const SENDER: &str = "NETSETGO_TEST_SENDER";

/// Sends all messages if [`from_netsetgo`] started this process. Returns whether it did.
pub fn sending() -> bool {
    let Ok(pid) = std::env::var(SENDER) else {
        return false;
    };
    send_all(&File::open(format!("/proc/{pid}/ns/net")).expect("the container"));
    true
}

/// Returns the datagrams of netsetgo, one for each case, from a process that the test starts.
pub fn from_netsetgo(test: &str) -> Vec<Sent> {
    let container = TestContainer::new();
    let binary = std::env::current_exe().expect("/proc is mounted");
    let pid = format!("{SENDER}={}", container.pid());
    let binary = binary.to_str().expect("a path of UTF-8");
    let mut sent = trace(&["env", &pid, binary, test, "--exact", "--test-threads=1"]);
    // The first datagram requests lo.
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
        match case.from_netsetgo {
            cases::Task::Does(op) => {
                let encoded = op.encode(&mut Live(container.as_raw_fd()));
                let Ok(Encoded::Message(message)) = encoded else {
                    panic!("{}: {encoded:?}", case.name);
                };
                let printed = socket.send(&[message]);
                assert_eq!(printed, Ok(Vec::new()), "{}", case.name);
            }
            cases::Task::Queries(query) => query(&mut socket, container.as_raw_fd()),
        }
    }
}
