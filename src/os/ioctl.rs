//! ioctl(2) requests for links: the interface that Linux had before netlink.
//!
//! netsetgo uses an ioctl where netlink is slower or cannot do the task. The argument is a `struct
//! ifreq`; [`crate::wire::ifreq`] shows its layout.
//!
//! Most of these requests work on each kind of socket, also on a netlink socket (`sock_do_ioctl`,
//! `net/socket.c`). The requests for IPv4 addresses need an `AF_INET` socket (`inet_ioctl`,
//! `net/ipv4/af_inet.c`).

use crate::config::IfName;
use crate::wire::ifreq::IfReq;
use nix::errno::Errno;
use socket2::{Domain, Socket, Type};
use std::os::fd::{AsFd, AsRawFd};

type Result<T> = std::result::Result<T, Errno>;

mod request {
    //! nix generates one function for each request number.
    #![allow(missing_docs)]
    nix::ioctl_readwrite_bad!(siocgifindex, libc::SIOCGIFINDEX, libc::ifreq);
    nix::ioctl_readwrite_bad!(siocgifflags, libc::SIOCGIFFLAGS, libc::ifreq);
    nix::ioctl_readwrite_bad!(siocgifaddr, libc::SIOCGIFADDR, libc::ifreq);
}
use request::{siocgifaddr, siocgifflags, siocgifindex};

/// Returns the name, padded with zero bytes to `IFNAMSIZ`.
fn name_bytes(name: &IfName) -> [libc::c_char; libc::IFNAMSIZ] {
    let mut bytes = [0; libc::IFNAMSIZ];
    for (byte, source) in bytes
        .iter_mut()
        .zip(name.as_str().bytes())
        .take(IfName::LONGEST)
    {
        *byte = libc::c_char::from_ne_bytes([source]);
    }
    bytes
}

fn request_for(name: &IfName) -> libc::ifreq {
    // SAFETY: ifreq contains integers, arrays and pointers, so all zero bytes are a valid value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name = name_bytes(name);
    request
}

/// Returns the index of the link with this name (SIOCGIFINDEX), or `None` if no such link exists.
///
/// # Errors
/// The errno of ioctl(2), except ENODEV.
pub fn index(socket: impl AsFd, name: &IfName) -> Result<Option<u32>> {
    let mut request = request_for(name);
    // SAFETY: the kernel reads ifr_name and writes ifr_ifindex, both within `request`.
    match unsafe { siocgifindex(socket.as_fd().as_raw_fd(), &mut request) } {
        Ok(_) => {
            // SAFETY: the kernel has just written this member of the union.
            let index = unsafe { request.ifr_ifru.ifru_ifindex };
            Ok(u32::try_from(index).ok())
        }
        Err(Errno::ENODEV) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Returns the lower 16 bits of the link's flags (SIOCGIFFLAGS, `IFF_*`).
///
/// # Errors
/// The errno of ioctl(2); ENODEV if no link has this name.
pub fn flags(socket: impl AsFd, name: &IfName) -> Result<u16> {
    let mut request = request_for(name);
    // SAFETY: the kernel reads ifr_name and writes ifr_flags, both within `request`.
    unsafe { siocgifflags(socket.as_fd().as_raw_fd(), &mut request) }?;
    // SAFETY: the kernel has just written this member of the union.
    Ok(unsafe { request.ifr_ifru.ifru_flags }.cast_unsigned())
}

/// Returns true if the link has an IPv4 address (SIOCGIFADDR). `socket` must be an `AF_INET` socket.
///
/// # Errors
/// The errno of ioctl(2), except EADDRNOTAVAIL; ENODEV if no link has this name.
pub fn has_address(socket: impl AsFd, name: &IfName) -> Result<bool> {
    let mut request = request_for(name);
    // devinet_ioctl (net/ipv4/devinet.c) reads the family of the address from the request.
    request.ifr_ifru.ifru_addr.sa_family = libc::AF_INET as libc::sa_family_t;
    // SAFETY: the kernel reads ifr_name and writes ifr_addr, both within `request`.
    match unsafe { siocgifaddr(socket.as_fd().as_raw_fd(), &mut request) } {
        Ok(_) => Ok(true),
        Err(Errno::EADDRNOTAVAIL) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Makes an ioctl that changes a link or a bridge.
///
/// SIOCBRADDBR can work where netlink returns EOPNOTSUPP. For SIOCBRADDBR, the kernel loads the
/// module by its name `bridge` (`br_ioctl_call`, `net/socket.c`). For netlink, the kernel needs the
/// module alias `rtnl-link-bridge` (`net/core/rtnetlink.c`).
///
/// # Errors
/// The errno of ioctl(2).
pub fn call(socket: impl AsFd, request: &IfReq) -> Result<()> {
    let mut argument = [0; size_of::<libc::ifreq>()];
    for (byte, source) in argument.iter_mut().zip(request.bytes()) {
        *byte = source;
    }
    let descriptor = socket.as_fd().as_raw_fd();
    // SAFETY: the kernel reads at most a struct ifreq, and the argument has that length.
    let result = unsafe { libc::ioctl(descriptor, request.request() as _, argument.as_ptr()) };
    Errno::result(result).map(drop)
}

/// Opens an `AF_INET` socket in the network namespace of the thread, for the ioctls of IPv4.
///
/// # Errors
/// The errno of socket(2).
pub fn internet_socket() -> Result<Socket> {
    Socket::new(Domain::IPV4, Type::DGRAM, None)
        .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))
}
