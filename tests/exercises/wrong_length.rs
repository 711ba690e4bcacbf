#![allow(clippy::indexing_slicing)]
//! Exercise: nla_len includes the four bytes of the attribute header. What does the kernel return
//! if nla_len counts only the payload?
//!
//! cargo build --bins --examples
//! target/debug/netsetgo run --sandbox -- target/debug/examples/wrong_length

use netsetgo::wire::ack::Ack;
use netsetgo::wire::hexdump::{Colour, format_rows};
use netsetgo::wire::layout::NlAttr;
use netsetgo::wire::link::{self, IFLA_IFNAME, IfInfoMsg};
use netsetgo::wire::message::{Datagram, Messages};
use netsetgo::wire::netlink_error::NetlinkError;
use netsetgo::wire::printer::{fields, no_names};
use netsetgo::wire::registry::Protocol;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use zerocopy::IntoBytes;

fn main() {
    let request = link::get(IfInfoMsg::default())
        .put(IFLA_IFNAME, "lo")
        .finish()
        .expect("a short message");
    let mut datagram = Datagram::new(1);
    datagram.push(&request);
    let mut bytes = datagram.datagram().to_vec();
    // "lo" and its NUL byte are three bytes. With the header, the right nla_len is seven.
    bytes[32..36].copy_from_slice(
        NlAttr {
            len: 3,
            kind: IFLA_IFNAME.number(),
        }
        .as_bytes(),
    );
    println!(
        "{}",
        format_rows(
            &fields(Protocol::Route, &bytes, &no_names),
            &bytes,
            Colour::Off,
            false
        )
    );

    let socket = netsetgo::os::socket::Socket::open(Protocol::Route).expect("a netlink socket");
    let mut raw = std::fs::File::from(OwnedFd::from(socket));
    raw.write_all(&bytes).expect("sent");
    let mut reply = [0; 4096];
    let length = raw.read(&mut reply).expect("the kernel replies");
    let received = Messages::new(&reply[..length])
        .next()
        .expect("one")
        .expect("well formed");
    let ack = Ack::read(&received)
        .expect("an acknowledgement")
        .expect("well formed");
    println!("{}", NetlinkError::read(Protocol::Route, &ack, &bytes));
}
