//! Observers of sockets: `--trace` and `--pcap` receive each datagram through an [`Observer`].

use crate::wire::ifreq::IfReq;
use crate::wire::netlink_error::NetlinkError;
use crate::wire::registry::Protocol;
use std::cell::Cell;
use std::time::Duration;

/// Receives a copy of each datagram that a socket sends or receives, and of each ioctl that changes
/// a link. `place` is the value that the socket got from [`Socket::at`](super::Socket::at).
pub trait Observer {
    /// The socket sends `datagram` to the kernel.
    fn sent(&self, place: &'static str, protocol: Protocol, datagram: &[u8]);
    /// The socket received `datagram` from the kernel. `elapsed` is the time since the socket sent
    /// its last datagram.
    fn received(&self, place: &'static str, protocol: Protocol, datagram: &[u8], elapsed: Duration);
    /// An ioctl was made. `netlink_error` is the kernel's error, or `None` if the ioctl succeeded.
    fn ioctl(&self, place: &'static str, request: &IfReq, netlink_error: Option<&NetlinkError>);
}

thread_local! {
    /// The observer of the thread. A socket copies it when it opens. The type has no destructor, so
    /// that no thread-exit handler is registered at the start of the program.
    pub(super) static OBSERVER: Cell<Option<&'static dyn Observer>> = const { Cell::new(None) };
}

/// Sets the observer of the sockets that the thread opens from now on.
pub fn observe(observer: &'static dyn Observer) {
    OBSERVER.set(Some(observer));
}
