//! Sends and receives datagrams, with a timeout.

use super::Socket;
use crate::wire::attr::Malformed;
use crate::wire::message::{Messages, Received};
use crate::wire::netlink_error::NetlinkError;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, NetlinkAddr, recvmsg, sendto};
use std::io::IoSliceMut;
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

/// The size of the receive buffer in bytes. The kernel uses the size of the reader's buffer for the
/// datagrams of a dump, up to 32 KiB (`netlink_recvmsg`, `net/netlink/af_netlink.c`).
const BUFFER: usize = 32 * 1024;
/// The time that netsetgo waits for a reply. A container runtime waits for netsetgo, so that
/// netsetgo must return an error instead of waiting without end.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Socket {
    /// Sends a datagram to the kernel.
    pub(super) fn transmit(&self, datagram: &[u8]) -> Result<(), NetlinkError> {
        if let Some(observer) = &self.observer {
            observer.sent(self.place, self.protocol, datagram);
            self.sent_at.set(Some(Instant::now()));
        }
        let kernel = NetlinkAddr::new(0, 0);
        let sent = sendto(
            self.descriptor.as_raw_fd(),
            datagram,
            &kernel,
            MsgFlags::empty(),
        );
        match sent {
            Ok(length) if length == datagram.len() => Ok(()),
            Ok(_) => Err(error(
                Errno::EMSGSIZE,
                "the kernel accepted only a part of the datagram",
            )),
            Err(errno) => Err(NetlinkError::from_errno(errno as i32)),
        }
    }

    /// Passes each message from the kernel to `each`, until `each` returns false or an error.
    ///
    /// # Errors
    /// The error of `each`; ETIMEDOUT if the last message does not arrive within the timeout;
    /// EBADMSG if a message is malformed; the errno of recvmsg(2).
    pub(super) fn receive(
        &mut self,
        mut each: impl FnMut(&Received<'_>) -> Result<bool, NetlinkError>,
    ) -> Result<(), NetlinkError> {
        // The buffer is on the stack, which needs no allocation. `each` reads each message before
        // the next recvmsg(2) overwrites the buffer.
        let mut buffer = [0; BUFFER];
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let remaining = deadline.saturating_duration_since(Instant::now());
            if remaining.is_zero() {
                return Err(error(Errno::ETIMEDOUT, "the kernel sent no reply in time"));
            }
            let Some(length) = self.receive_datagram(&mut buffer, remaining)? else {
                continue;
            };
            let datagram = buffer.get(..length).unwrap_or_default();
            if let Some(observer) = &self.observer {
                let elapsed = self
                    .sent_at
                    .get()
                    .map(|sent| sent.elapsed())
                    .unwrap_or_default();
                observer.received(self.place, self.protocol, datagram, elapsed);
            }
            for message in Messages::new(datagram) {
                if !each(&message.map_err(malformed_reply)?)? {
                    return Ok(());
                }
            }
        }
    }

    /// Receives one datagram into the buffer, and returns its length. Returns `None` if no datagram
    /// arrived, or if its sender is not the kernel; the caller then tries again.
    ///
    /// The kernel handles most requests inside sendto(2) (`netlink_unicast_kernel`,
    /// `net/netlink/af_netlink.c`), so that recvmsg(2) rarely has to wait.
    fn receive_datagram(
        &self,
        buffer: &mut [u8],
        timeout: Duration,
    ) -> Result<Option<usize>, NetlinkError> {
        let mut slices = [IoSliceMut::new(buffer)];
        let flags = MsgFlags::MSG_DONTWAIT;
        match recvmsg::<NetlinkAddr>(self.descriptor.as_raw_fd(), &mut slices, None, flags) {
            Ok(reply) if reply.flags.contains(MsgFlags::MSG_TRUNC) => Err(error(
                Errno::EMSGSIZE,
                "the reply is larger than the buffer",
            )),
            // Another process with CAP_NET_ADMIN can also send to this port. The kernel's port is 0.
            Ok(reply) if reply.address.is_some_and(|sender| sender.pid() != 0) => Ok(None),
            Ok(reply) => Ok(Some(reply.bytes)),
            Err(Errno::EINTR) => Ok(None),
            Err(Errno::EAGAIN) => {
                let mut sockets = [PollFd::new(self.descriptor.as_fd(), PollFlags::POLLIN)];
                let timeout = PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX);
                // The caller tries again after a datagram, a signal or the timeout.
                let _ = poll(&mut sockets, timeout);
                Ok(None)
            }
            Err(errno) => Err(NetlinkError::from_errno(errno as i32)),
        }
    }
}

/// Makes a [`NetlinkError`] with a message from netsetgo instead of the kernel.
pub(super) fn error(errno: Errno, extack_message: &str) -> NetlinkError {
    NetlinkError {
        extack_message: Some(extack_message.into()),
        ..NetlinkError::from_errno(errno as i32)
    }
}

/// The error for a reply that violates the format of netlink messages.
pub(super) fn malformed_reply(malformed: Malformed) -> NetlinkError {
    error(
        Errno::EBADMSG,
        &format!(
            "the reply has {} at byte {}",
            malformed.what, malformed.offset
        ),
    )
}
