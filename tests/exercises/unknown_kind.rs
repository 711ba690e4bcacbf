//! Exercise: request a link of a kind that no driver has. Which attribute does the kernel name?
//!
//! cargo build --bins --examples
//! target/debug/netsetgo run --sandbox -- target/debug/examples/unknown_kind

use netsetgo::os::socket::Socket;
use netsetgo::wire::link::{self, IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO, IfInfoMsg};
use netsetgo::wire::registry::Protocol;

fn main() {
    netsetgo::front::trace::begin(true, None, || netsetgo::wire::hexdump::Colour::Off)
        .expect("trace to standard error");
    let mut socket = Socket::open(Protocol::Route)
        .expect("a netlink socket")
        .at("sandbox");
    let request = link::create(IfInfoMsg::default())
        .put(IFLA_IFNAME, "new0")
        .nest(IFLA_LINKINFO, |info| {
            info.put(IFLA_INFO_KIND, "vetch");
        });
    let errors = socket
        .send(&[request.finish().expect("a short message")])
        .expect("the kernel replies");
    for (_, netlink_error) in errors {
        println!("{netlink_error}");
    }
}
