//! The older way to links: `ioctl(2)` with a name, for what netlink would be slow at or cannot do.
//!
//! The argument is a struct ifreq: [`crate::wire::ifreq`] draws it.
//!
//! Most of these work on any socket, a netlink one too (`sock_do_ioctl`, `net/socket.c`); IPv4
//! addresses need one of `AF_INET` (`inet_ioctl`, `net/ipv4/af_inet.c`).

use crate::config::IfName;
use crate::wire::ifreq::IfReq;
use nix::errno::Errno;
use socket2::{Domain, Socket, Type};
use std::os::fd::{AsFd, AsRawFd};

type Result<T> = std::result::Result<T, Errno>;

mod request {
    //! One function for each number.
    #![allow(missing_docs)]
    nix::ioctl_readwrite_bad!(siocgifindex, libc::SIOCGIFINDEX, libc::ifreq);
    nix::ioctl_readwrite_bad!(siocgifflags, libc::SIOCGIFFLAGS, libc::ifreq);
    nix::ioctl_readwrite_bad!(siocgifaddr, libc::SIOCGIFADDR, libc::ifreq);
}
use request::{siocgifaddr, siocgifflags, siocgifindex};

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
pub fn flags(socket: impl AsFd, name: &IfName) -> Result<u16> {
    let mut request = request(name);
    // SAFETY: the kernel reads ifr_name and writes ifr_flags, both within `request`.
    unsafe { siocgifflags(socket.as_fd().as_raw_fd(), &mut request) }?;
    // SAFETY: the call has just written this member of the union.
    Ok(unsafe { request.ifr_ifru.ifru_flags }.cast_unsigned())
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

/// Makes a request that changes something.
///
/// The kernel loads the bridge's module by the name "bridge" for `SIOCBRADDBR`, where netlink needs
/// the alias `rtnl-link-bridge`: that is why this can work where netlink says EOPNOTSUPP
/// (`br_ioctl_call`, `net/socket.c`).
pub fn call(socket: impl AsFd, request: &IfReq) -> Result<()> {
    let mut argument = [0; size_of::<libc::ifreq>()];
    for (to, from) in argument.iter_mut().zip(request.bytes()) {
        *to = from;
    }
    let descriptor = socket.as_fd().as_raw_fd();
    // SAFETY: the kernel reads at most a struct ifreq, which is as long as the argument.
    let done = unsafe { libc::ioctl(descriptor, request.request() as _, argument.as_ptr()) };
    Errno::result(done).map(drop)
}

/// A socket of `AF_INET` in the namespace that the thread is in, for IPv4's ioctls.
pub fn internet_socket() -> Result<Socket> {
    Socket::new(Domain::IPV4, Type::DGRAM, None)
        .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))
}
