//! An ICMP echo, sent in-process from the namespace that the thread is in.

use socket2::{Domain, Protocol, Socket, Type};
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// Whether an address answers, and after how long. Needs CAP_NET_RAW there.
pub fn ping(address: IpAddr, timeout: Duration) -> std::io::Result<Option<Duration>> {
    let (domain, protocol, request, reply) = match address {
        IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4, 8, 0),
        IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6, 128, 129),
    };
    let mut socket = Socket::new(domain, Type::RAW, Some(protocol))?;
    socket.connect(&SocketAddr::new(address, 0).into())?;
    let [high, low] = (std::process::id() as u16).to_be_bytes();
    let mut echo = [request, 0, 0, 0, high, low, 0, 1];
    // The kernel sums ICMPv6 itself, and over a header that it makes (RFC 3542, 3.1).
    if address.is_ipv4() {
        let [a, b] = checksum(&echo).to_be_bytes();
        echo = [request, 0, a, b, high, low, 0, 1];
    }
    let sent = Instant::now();
    socket.send(&echo)?;
    while let Some(left) = timeout
        .checked_sub(sent.elapsed())
        .filter(|left| !left.is_zero())
    {
        socket.set_read_timeout(Some(left))?;
        let mut room = [0; 256];
        let length = match socket.read(&mut room) {
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        };
        // IPv4's header comes along: its length is in the first byte, in units of four.
        let [first, ..] = room;
        let skip = if address.is_ipv4() {
            usize::from(first & 15) * 4
        } else {
            0
        };
        let answer = room.get(skip..length).unwrap_or_default();
        if answer.first() == Some(&reply) && answer.get(4..8) == Some(&[high, low, 0, 1]) {
            return Ok(Some(sent.elapsed()));
        }
    }
    Ok(None)
}

/// The Internet's checksum, RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let pair = |pair: &[u8]| match *pair {
        [high, low] => u32::from(u16::from_be_bytes([high, low])),
        [high] => u32::from(high) << 8,
        _ => 0,
    };
    let sum: u32 = bytes.chunks(2).map(pair).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1071, section 3: the example's bytes, whose sum is ddf2.
    #[test]
    fn the_checksum_is_the_rfcs() {
        assert_eq!(
            checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            !0xddf2
        );
    }
}
