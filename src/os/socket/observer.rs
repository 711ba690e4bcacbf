//! Looking on: whatever goes through a socket can be shown to somebody, as it goes.

use crate::wire::ifreq::IfReq;
use crate::wire::netlink_error::NetlinkError;
use crate::wire::registry::Protocol;
use std::cell::Cell;
use std::time::Duration;

/// Is shown every datagram, as it goes out and as it comes in, and every ioctl that changes
/// something.
pub trait Watch {
    /// To the kernel.
    fn sent(&self, place: &'static str, protocol: Protocol, datagram: &[u8]);
    /// From the kernel, so long after what it answers was sent.
    fn received(&self, place: &'static str, protocol: Protocol, datagram: &[u8], waited: Duration);
    /// An ioctl, and the kernel's no.
    fn called(&self, place: &'static str, request: &IfReq, netlink_error: Option<&NetlinkError>);
}

thread_local! {
    /// Whoever watches the thread's sockets, from their opening on. Nothing to be dropped at the
    /// thread's end, which would cost every start of the program a registration.
    pub(super) static WATCH: Cell<Option<&'static dyn Watch>> = const { Cell::new(None) };
}

/// Lets `watch` see what goes through the sockets that the thread opens from now on.
pub fn watch(watch: &'static dyn Watch) {
    WATCH.set(Some(watch));
}
