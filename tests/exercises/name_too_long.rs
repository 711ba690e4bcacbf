//! Exercise: a link's name has at most 15 bytes. What does the kernel say of 20?
//!
//! cargo build --bins --examples
//! target/debug/netsetgo run --sandbox -- target/debug/examples/name_too_long

use netsetgo::os::socket::Socket;
use netsetgo::wire::link::{self, IFLA_IFNAME, IfInfoMsg};
use netsetgo::wire::registry::Protocol;

fn main() {
    netsetgo::front::trace::begin(true, None, || netsetgo::wire::hexdump::Colour::Off)
        .expect("to stderr");
    let mut socket = Socket::open(Protocol::Route)
        .expect("a netlink socket")
        .at("sandbox");
    // IfName would refuse the word; the builder writes what it is given.
    let request = link::create(IfInfoMsg::default()).put(IFLA_IFNAME, "twenty-bytes-of-name");
    let answer = socket
        .send(&[request.finish().expect("short")])
        .expect("an answer");
    for (_, netlink_error) in answer {
        println!("{netlink_error}");
    }
}
