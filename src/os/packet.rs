//! A neighbour advertisement that nobody asked for: IPv6's "here I am".
//!
//! ```text
//!  +------+------+-----------------+
//!  | 136  | 0    | checksum        |  RFC 4861, 4.4; the kernel sums it (RFC 3542, 3.1)
//!  +------+------+-----------------+
//!  | O: override, what you know is old
//!  +-------------------------------+
//!  | our address (16 bytes)        |
//!  +------+------+-----------------+
//!  | 2    | 1    | our MAC         |  option: target link-layer address
//!  +------+------+-----------------+
//! ```
//!
//! IPv4's counterpart needs no packet of ours: netlink makes the kernel send it, see
//! `engine/announce.rs`. A packet socket (AF_PACKET) could send both, but the kernel waits for RCU
//! when one is closed (`packet_release`, `net/packet/af_packet.c`): 19 ms.

use crate::config::Mac;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv6Addr, SocketAddrV6};

/// All nodes of the link, RFC 4291 section 2.7.1.
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

/// Tells everyone on the link that this address is at this hardware address now, from the
/// namespace that the thread is in. Needs CAP_NET_RAW there.
pub fn advertise(link: u32, mac: Mac, address: Ipv6Addr) -> std::io::Result<()> {
    let socket = Socket::new(Domain::IPV6, Type::RAW, Some(Protocol::ICMPV6))?;
    // Whoever hears it refuses any other hop limit: it cannot have come through a router.
    socket.set_multicast_hops_v6(255)?;
    socket.set_multicast_if_v6(link)?;
    socket.bind(&SocketAddrV6::new(address, 0, 0, link).into())?;
    let to = SocketAddrV6::new(ALL_NODES, 0, 0, link);
    socket
        .send_to(&advertisement(mac, address), &to.into())
        .map(drop)
}

fn advertisement(mac: Mac, address: Ipv6Addr) -> Vec<u8> {
    const OVERRIDE: u8 = 0x20;
    let mut message = vec![136, 0, 0, 0, OVERRIDE, 0, 0, 0];
    message.extend(address.octets());
    message.extend([2, 1]);
    message.extend(mac.0);
    message
}
