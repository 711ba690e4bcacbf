//! The older way to links: `ioctl(2)` with a name, for what netlink would be slow at or cannot do.
//!
//! ```text
//!  struct ifreq
//!  +------------------+------------------------------------+
//!  | ifr_name[16]     | union: ifr_ifindex, ifr_flags,     |
//!  |                  | ifr_addr, ifr_netmask, ifr_hwaddr  |
//!  +------------------+------------------------------------+
//! ```
//!
//! Most of these work on any socket, a netlink one too (`sock_do_ioctl`, `net/socket.c`); IPv4
//! addresses need one of `AF_INET` (`inet_ioctl`, `net/ipv4/af_inet.c`).

use crate::config::{IfName, Mac};
use nix::errno::Errno;
use socket2::{Domain, Socket, Type};
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, AsRawFd};

type Result<T> = std::result::Result<T, Errno>;

mod request {
    //! One function for each number.
    #![allow(missing_docs)]
    nix::ioctl_readwrite_bad!(siocgifindex, libc::SIOCGIFINDEX, libc::ifreq);
    nix::ioctl_readwrite_bad!(siocgifflags, libc::SIOCGIFFLAGS, libc::ifreq);
    nix::ioctl_readwrite_bad!(siocgifaddr, libc::SIOCGIFADDR, libc::ifreq);
    nix::ioctl_write_ptr_bad!(siocsifflags, libc::SIOCSIFFLAGS, libc::ifreq);
    nix::ioctl_write_ptr_bad!(siocsifhwaddr, libc::SIOCSIFHWADDR, libc::ifreq);
    nix::ioctl_write_ptr_bad!(siocsifaddr, libc::SIOCSIFADDR, libc::ifreq);
    nix::ioctl_write_ptr_bad!(siocsifnetmask, libc::SIOCSIFNETMASK, libc::ifreq);
    // linux/sockios.h; libc does not have them everywhere.
    nix::ioctl_write_ptr_bad!(siocbraddbr, 0x89a0, libc::c_char);
    nix::ioctl_write_ptr_bad!(siocbrdelbr, 0x89a1, libc::c_char);
    nix::ioctl_write_ptr_bad!(siocbraddif, 0x89a2, libc::ifreq);
    nix::ioctl_write_ptr_bad!(siocbrdelif, 0x89a3, libc::ifreq);
}
use request::{
    siocbraddbr, siocbraddif, siocbrdelbr, siocbrdelif, siocgifaddr, siocgifflags, siocgifindex,
    siocsifaddr, siocsifflags, siocsifhwaddr, siocsifnetmask,
};

/// The name, zero-padded to `IFNAMSIZ`.
fn name_bytes(name: &IfName) -> [libc::c_char; libc::IFNAMSIZ] {
    let mut bytes = [0; libc::IFNAMSIZ];
    for (to, from) in bytes
        .iter_mut()
        .zip(name.as_str().bytes())
        .take(IfName::LONGEST)
    {
        *to = libc::c_char::from_ne_bytes([from]);
    }
    bytes
}

fn request(name: &IfName) -> libc::ifreq {
    // SAFETY: ifreq is integers, arrays and pointers: all zero bytes are a value of it.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name = name_bytes(name);
    request
}

/// The index of the link of this name; `None` where there is none.
pub fn index(socket: impl AsFd, name: &IfName) -> Result<Option<u32>> {
    let mut request = request(name);
    // SAFETY: the kernel reads ifr_name and writes ifr_ifindex, both within `request`.
    match unsafe { siocgifindex(socket.as_fd().as_raw_fd(), &mut request) } {
        Ok(_) => {
            // SAFETY: the call has just written this member of the union.
            let index = unsafe { request.ifr_ifru.ifru_ifindex };
            Ok(u32::try_from(index).ok())
        }
        Err(Errno::ENODEV) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// The lower sixteen of a link's flags.
pub fn flags(socket: impl AsFd, name: &IfName) -> Result<i16> {
    let mut request = request(name);
    // SAFETY: the kernel reads ifr_name and writes ifr_flags, both within `request`.
    unsafe { siocgifflags(socket.as_fd().as_raw_fd(), &mut request) }?;
    // SAFETY: the call has just written this member of the union.
    Ok(unsafe { request.ifr_ifru.ifru_flags })
}

/// Sets a link up or down, and leaves its other flags.
pub fn set_up(socket: impl AsFd, name: &IfName, up: bool) -> Result<()> {
    let before = flags(&socket, name)?;
    let bit = libc::IFF_UP as i16;
    let mut request = request(name);
    request.ifr_ifru.ifru_flags = if up { before | bit } else { before & !bit };
    // SAFETY: the kernel reads ifr_name and ifr_flags.
    unsafe { siocsifflags(socket.as_fd().as_raw_fd(), &request) }.map(drop)
}

/// Whether the link has an IPv4 address. `socket` is of `AF_INET`.
pub fn has_address(socket: impl AsFd, name: &IfName) -> Result<bool> {
    let mut request = request(name);
    // Selects the family (devinet_ioctl, net/ipv4/devinet.c).
    request.ifr_ifru.ifru_addr.sa_family = libc::AF_INET as libc::sa_family_t;
    // SAFETY: the kernel reads ifr_name and writes ifr_addr, both within `request`.
    match unsafe { siocgifaddr(socket.as_fd().as_raw_fd(), &mut request) } {
        Ok(_) => Ok(true),
        Err(Errno::EADDRNOTAVAIL) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Sets a link's hardware address.
pub fn set_mac(socket: impl AsFd, name: &IfName, mac: Mac) -> Result<()> {
    let mut request = request(name);
    let mut data = [0; 14];
    for (to, from) in data.iter_mut().zip(mac.0) {
        *to = libc::c_char::from_ne_bytes([from]);
    }
    request.ifr_ifru.ifru_hwaddr = libc::sockaddr {
        sa_family: libc::ARPHRD_ETHER,
        sa_data: data,
    };
    // SAFETY: the kernel reads ifr_name and ifr_hwaddr.
    unsafe { siocsifhwaddr(socket.as_fd().as_raw_fd(), &request) }.map(drop)
}

fn internet(address: Ipv4Addr) -> libc::sockaddr {
    let mut data = [0; 14];
    // sockaddr_in: two bytes of port, then the address in network order.
    for (to, from) in data.iter_mut().skip(2).zip(address.octets()) {
        *to = libc::c_char::from_ne_bytes([from]);
    }
    libc::sockaddr {
        sa_family: libc::AF_INET as libc::sa_family_t,
        sa_data: data,
    }
}

/// Gives a link its IPv4 address, in the place of the one it had: the caller knows that it has
/// none. `socket` is of `AF_INET`.
pub fn set_address(socket: impl AsFd, name: &IfName, address: Ipv4Addr) -> Result<()> {
    let mut request = request(name);
    request.ifr_ifru.ifru_addr = internet(address);
    // SAFETY: the kernel reads ifr_name and ifr_addr.
    unsafe { siocsifaddr(socket.as_fd().as_raw_fd(), &request) }.map(drop)
}

/// Sets the prefix of a link's IPv4 address, as a mask; the broadcast address follows it.
/// `socket` is of `AF_INET`.
pub fn set_netmask(socket: impl AsFd, name: &IfName, mask: Ipv4Addr) -> Result<()> {
    let mut request = request(name);
    request.ifr_ifru.ifru_netmask = internet(mask);
    // SAFETY: the kernel reads ifr_name and ifr_netmask.
    unsafe { siocsifnetmask(socket.as_fd().as_raw_fd(), &request) }.map(drop)
}

/// Makes a bridge. The kernel loads its module by the name "bridge", where netlink needs the
/// alias `rtnl-link-bridge`: that is why this can work where netlink says EOPNOTSUPP
/// (`br_ioctl_call`, `net/socket.c`).
pub fn add_bridge(socket: impl AsFd, name: &IfName) -> Result<()> {
    // SAFETY: the kernel reads IFNAMSIZ bytes, which the array has.
    unsafe { siocbraddbr(socket.as_fd().as_raw_fd(), name_bytes(name).as_ptr()) }.map(drop)
}

/// Takes a bridge away, which is down.
pub fn delete_bridge(socket: impl AsFd, name: &IfName) -> Result<()> {
    // SAFETY: the kernel reads IFNAMSIZ bytes, which the array has.
    unsafe { siocbrdelbr(socket.as_fd().as_raw_fd(), name_bytes(name).as_ptr()) }.map(drop)
}

/// Makes the link `port` a port of a bridge, or takes it out.
pub fn set_port(socket: impl AsFd, bridge: &IfName, port: u32, inside: bool) -> Result<()> {
    let mut request = request(bridge);
    request.ifr_ifru.ifru_ifindex = i32::try_from(port).map_err(|_| Errno::ENODEV)?;
    let descriptor = socket.as_fd().as_raw_fd();
    // SAFETY: the kernel reads ifr_name and ifr_ifindex.
    unsafe {
        if inside {
            siocbraddif(descriptor, &request)
        } else {
            siocbrdelif(descriptor, &request)
        }
    }
    .map(drop)
}

/// A socket of `AF_INET` in the namespace that the thread is in, for IPv4's ioctls.
pub fn internet_socket() -> Result<Socket> {
    Socket::new(Domain::IPV4, Type::DGRAM, None)
        .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))
}
