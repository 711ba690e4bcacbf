//! Waits for a change of the links in a network namespace: each wait reads the kernel's events.

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, setsockopt,
    socket, sockopt::ReceiveTimeout,
};
use nix::{errno::Errno, sys::time::TimeVal};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// How long the kernel may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Returns when `condition` holds. It is checked at first, and again after each event of the group
/// RTNLGRP_LINK in the thread's network namespace.
///
/// # Panics
///
/// The condition does not hold after 20 seconds.
pub fn wait_for_links(what: &str, mut condition: impl FnMut() -> bool) {
    // The subscription comes first, so that no event between the check and the wait is lost.
    let events = link_events();
    let deadline = Instant::now() + TIMEOUT;
    while !condition() {
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "no {what} after {TIMEOUT:?}");
        // A socket's timeout of zero means no timeout.
        let left = TimeVal::new(left.as_secs() as _, left.subsec_micros().max(1) as _);
        setsockopt(&events, ReceiveTimeout, &left).expect("set a timeout");
        match recv(events.as_raw_fd(), &mut [0; 16], MsgFlags::empty()) {
            // ENOBUFS: the kernel dropped events, so something has changed.
            Ok(_) | Err(Errno::EAGAIN | Errno::EINTR | Errno::ENOBUFS) => {}
            Err(error) => panic!("receive link events: {error}"),
        }
    }
}

/// A netlink socket that receives the events of the group RTNLGRP_LINK (linux/rtnetlink.h).
fn link_events() -> OwnedFd {
    let events = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )
    .expect("open a netlink socket");
    let address = NetlinkAddr::new(0, libc::RTMGRP_LINK as u32);
    bind(events.as_raw_fd(), &address).expect("subscribe to link events");
    events
}
