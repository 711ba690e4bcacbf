//! ICMP echo requests and IPv6 neighbour advertisements, sent through raw sockets.
//!
//! [`crate::wire::icmp`] encodes the messages. Both functions send from the network namespace of
//! the calling thread and need CAP_NET_RAW there.

use crate::config::Mac;
use crate::wire::icmp::{Echo, NeighbourAdvertisement, ipv4_payload};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::Read;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::{Duration, Instant};

/// The multicast address of all nodes on the link (RFC 4291 section 2.7.1).
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
/// The hop limit of a neighbour advertisement. A receiver discards an advertisement with another
/// hop limit, because a router may have forwarded it (RFC 4861 section 7.1.2).
const NEIGHBOUR_DISCOVERY_HOP_LIMIT: u32 = 255;
/// The reply has an IPv4 header of at most 60 bytes and an echo message of 8 bytes.
const BUFFER: usize = 256;

/// Sends one ICMP echo request to `address`. Returns the round-trip time, or `None` if no reply
/// arrives before the timeout.
///
/// # Errors
/// The error of socket(2), connect(2), send(2) or read(2). For example, connect(2) fails with
/// ENETUNREACH if no route to the address exists.
pub fn ping(address: IpAddr, timeout: Duration) -> std::io::Result<Option<Duration>> {
    let identifier = std::process::id() as u16;
    let (domain, protocol, request) = match address {
        IpAddr::V4(_) => (
            Domain::IPV4,
            Protocol::ICMPV4,
            Echo::request_v4(identifier, 1),
        ),
        IpAddr::V6(_) => (
            Domain::IPV6,
            Protocol::ICMPV6,
            Echo::request_v6(identifier, 1),
        ),
    };
    let mut socket = Socket::new(domain, Type::RAW, Some(protocol))?;
    socket.connect(&SocketAddr::new(address, 0).into())?;
    let sent = Instant::now();
    socket.send(request.bytes())?;
    while let Some(remaining) = timeout
        .checked_sub(sent.elapsed())
        .filter(|remaining| !remaining.is_zero())
    {
        socket.set_read_timeout(Some(remaining))?;
        let mut buffer = [0; BUFFER];
        let length = match socket.read(&mut buffer) {
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        };
        let packet = buffer.get(..length).unwrap_or_default();
        // An IPv4 raw socket receives the IP header too (raw(7)). An IPv6 raw socket does not
        // (RFC 3542 section 3).
        let message = match address {
            IpAddr::V4(_) => ipv4_payload(packet),
            IpAddr::V6(_) => packet,
        };
        if request.is_answered_by(message) {
            return Ok(Some(sent.elapsed()));
        }
    }
    Ok(None)
}

/// Sends an unsolicited neighbour advertisement (RFC 4861 section 7.2.6) to all nodes on the link:
/// `address` is at the hardware address `mac`. `link` is the index of the link that sends it.
///
/// netsetgo needs no such packet for IPv4, because netlink makes the kernel send the ARP
/// announcement; see `src/engine/announce.rs`. A packet socket (AF_PACKET) could send both. But
/// close(2) of a packet socket waits for an RCU grace period (`packet_release`,
/// `net/packet/af_packet.c`); that took 19 ms when it was measured.
///
/// # Errors
/// The error of socket(2), setsockopt(2), bind(2) or sendto(2). For example, bind(2) fails with
/// EADDRNOTAVAIL if the link does not have the address.
pub fn advertise(link: u32, mac: Mac, address: Ipv6Addr) -> std::io::Result<()> {
    let socket = Socket::new(Domain::IPV6, Type::RAW, Some(Protocol::ICMPV6))?;
    socket.set_multicast_hops_v6(NEIGHBOUR_DISCOVERY_HOP_LIMIT)?;
    socket.set_multicast_if_v6(link)?;
    socket.bind(&SocketAddrV6::new(address, 0, 0, link).into())?;
    let destination = SocketAddrV6::new(ALL_NODES, 0, 0, link);
    let message = NeighbourAdvertisement::unsolicited(address, mac.0);
    socket
        .send_to(message.bytes(), &destination.into())
        .map(drop)
}
