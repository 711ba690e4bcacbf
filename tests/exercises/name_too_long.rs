//! Exercise: a link name has at most 15 bytes. Which error does the kernel return for 20 bytes?
//!
//! cargo build --bins --examples
//! target/debug/netsetgo run --sandbox -- target/debug/examples/name_too_long

use netsetgo::os::socket::Socket;
use netsetgo::wire::link::{self, IFLA_IFNAME, IfInfoMsg};
use netsetgo::wire::registry::Protocol;

fn main() {
    netsetgo::front::trace::begin(true, None, || netsetgo::wire::hexdump::Colour::Off)
        .expect("trace to standard error");
    let mut socket = Socket::open(Protocol::Route)
        .expect("a netlink socket")
        .at("sandbox");
    // IfName refuses this name. The message builder does not validate it.
    let request = link::create(IfInfoMsg::default()).put(IFLA_IFNAME, "twenty-bytes-of-name");
    let errors = socket
        .send(&[request.finish().expect("a short message")])
        .expect("the kernel replies");
    for (_, netlink_error) in errors {
        println!("{netlink_error}");
    }
}
