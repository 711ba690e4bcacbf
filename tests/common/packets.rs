//! Packets between two sockets.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

/// Sends a datagram from `from` to `to` and a reply back. Each socket belongs to the network
/// namespace in which it was opened.
pub fn packets_pass(from: (&UdpSocket, IpAddr), to: (&UdpSocket, IpAddr)) {
    let port = |socket: &UdpSocket| socket.local_addr().expect("bound").port();
    let timeout = Some(Duration::from_secs(5));
    from.0.set_read_timeout(timeout).expect("a timeout");
    to.0.set_read_timeout(timeout).expect("a timeout");
    from.0
        .send_to(b"ping", SocketAddr::new(to.1, port(to.0)))
        .expect("send");
    let mut buffer = [0; 8];
    let (length, sender) = to.0.recv_from(&mut buffer).expect("a packet arrives");
    assert_eq!((&buffer[..length], sender.ip()), (&b"ping"[..], from.1));
    to.0.send_to(b"pong", sender).expect("send the reply");
    let (length, sender) = from.0.recv_from(&mut buffer).expect("the reply arrives");
    assert_eq!((&buffer[..length], sender.ip()), (&b"pong"[..], to.1));
}

/// Binds a socket to an address in the thread's network namespace.
pub fn bound(address: &str) -> (UdpSocket, IpAddr) {
    let address: IpAddr = address.parse().expect("an address");
    let socket = UdpSocket::bind(SocketAddr::new(address, 0))
        .unwrap_or_else(|error| panic!("bind {address}: {error}"));
    (socket, address)
}
