//! Datagrams out and in, and no waiting without end.

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

/// The kernel makes no datagram of a dump larger than this, if the buffer has so much room
/// (`netlink_dump`, `net/netlink/af_netlink.c`).
const BUFFER: usize = 32 * 1024;
/// A runtime waits for its hook: it gets an answer, if only that there is none.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Socket {
    pub(super) fn transmit(&self, datagram: &[u8]) -> Result<(), NetlinkError> {
        if let Some(watch) = &self.watch {
            watch.sent(self.place, self.protocol, datagram);
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
            Ok(_) => Err(said(
                Errno::EMSGSIZE,
                "the kernel took a part of the datagram only",
            )),
            Err(errno) => Err(NetlinkError::from_errno(errno as i32)),
        }
    }

    /// Hands each message that the kernel sends to `each`, until that says that it was the last.
    pub(super) fn receive(
        &mut self,
        mut each: impl FnMut(&Received<'_>) -> Result<bool, NetlinkError>,
    ) -> Result<(), NetlinkError> {
        // On the stack: it costs no allocation, and every answer is read before the next comes.
        let mut buffer = [0; BUFFER];
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(said(Errno::ETIMEDOUT, "the kernel gave no answer"));
            }
            let Some(length) = self.datagram(&mut buffer, left)? else {
                continue;
            };
            let datagram = buffer.get(..length).unwrap_or_default();
            if let Some(watch) = &self.watch {
                let waited = self
                    .sent_at
                    .get()
                    .map(|sent| sent.elapsed())
                    .unwrap_or_default();
                watch.received(self.place, self.protocol, datagram, waited);
            }
            for message in Messages::new(datagram) {
                if !each(&message.map_err(malformed_reply)?)? {
                    return Ok(());
                }
            }
        }
    }

    /// One datagram into the buffer; `None` where there is none yet, or it is not the kernel's.
    ///
    /// The kernel answers while it is sent to, so as a rule there is nothing to wait for.
    fn datagram(
        &self,
        buffer: &mut [u8],
        timeout: Duration,
    ) -> Result<Option<usize>, NetlinkError> {
        let mut room = [IoSliceMut::new(buffer)];
        let flags = MsgFlags::MSG_DONTWAIT;
        match recvmsg::<NetlinkAddr>(self.descriptor.as_raw_fd(), &mut room, None, flags) {
            Ok(got) if got.flags.contains(MsgFlags::MSG_TRUNC) => Err(said(
                Errno::EMSGSIZE,
                "the answer is larger than the buffer",
            )),
            // Whoever has the right to may send to this port too: only port 0 is the kernel.
            Ok(got) if got.address.is_some_and(|sender| sender.pid() != 0) => Ok(None),
            Ok(got) => Ok(Some(got.bytes)),
            Err(Errno::EINTR) => Ok(None),
            Err(Errno::EAGAIN) => {
                let mut sockets = [PollFd::new(self.descriptor.as_fd(), PollFlags::POLLIN)];
                let timeout = PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX);
                // Whether there is something now, or a signal has come: the caller looks again.
                let _ = poll(&mut sockets, timeout);
                Ok(None)
            }
            Err(errno) => Err(NetlinkError::from_errno(errno as i32)),
        }
    }
}

pub(super) fn said(errno: Errno, extack_message: &str) -> NetlinkError {
    NetlinkError {
        extack_message: Some(extack_message.into()),
        ..NetlinkError::from_errno(errno as i32)
    }
}

pub(super) fn malformed_reply(malformed: Malformed) -> NetlinkError {
    said(
        Errno::EBADMSG,
        &format!(
            "the answer has {} at byte {}",
            malformed.what, malformed.offset
        ),
    )
}
