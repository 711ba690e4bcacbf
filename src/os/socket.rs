//! A netlink socket: send, wait for the answer, give up after a while.
//!
//! A socket stays in the namespace in which it was opened, wherever the process goes. So one
//! socket per namespace, opened early, and from then on *where* is *which socket*.

mod observer;
mod options;
mod transfer;

pub use observer::{Watch, watch};

use crate::wire::ack::Ack;
use crate::wire::ifreq::IfReq;
use crate::wire::message::{Datagram, Message, Received};
use crate::wire::netlink_error::NetlinkError;
use crate::wire::registry::Protocol;
use crate::wire::transaction::Transaction;
use crate::wire::uapi::{NLM_F_DUMP_INTR, NLMSG_DONE};
use nix::errno::Errno;
use nix::sys::socket::setsockopt;
use observer::WATCH;
use socket2::{Domain, Socket as Descriptor, Type};
use std::cell::Cell;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;
use transfer::{malformed_reply, said};

/// A dump that others keep changing is begun anew this often.
const DUMPS: usize = 16;

/// A socket of one protocol in one namespace.
pub struct Socket {
    descriptor: Descriptor,
    protocol: Protocol,
    seq: u32,
    strict: bool,
    place: &'static str,
    watch: Option<&'static dyn Watch>,
    sent_at: Cell<Option<Instant>>,
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Socket({} in {}: {:?})",
            self.seq, self.place, self.descriptor
        )
    }
}

impl From<Socket> for OwnedFd {
    /// For whoever wants to write their own bytes.
    fn from(socket: Socket) -> Self {
        socket.descriptor.into()
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl Socket {
    /// Opens a socket in the namespace that the thread is in.
    pub fn open(protocol: Protocol) -> Result<Self, Errno> {
        let descriptor = Descriptor::new(
            Domain::from(libc::AF_NETLINK),
            Type::RAW,
            Some(i32::from(protocol.number()).into()),
        )
        .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))?;
        // Without them the answers are poorer, or longer; nothing depends on them.
        let _ = setsockopt(&descriptor, options::ExtAck, &true);
        let _ = setsockopt(&descriptor, options::CapAck, &true);
        Ok(Self {
            descriptor,
            protocol,
            seq: 1,
            strict: false,
            place: "",
            watch: WATCH.get(),
            sent_at: Cell::new(None),
        })
    }

    /// Says to whoever watches where the socket is.
    #[must_use]
    pub fn at(self, place: &'static str) -> Self {
        Self { place, ..self }
    }

    /// Sends messages in one datagram; what the kernel refused, or warned of, by the message's
    /// place. An empty answer: all is done.
    pub fn send(
        &mut self,
        messages: &[Message],
    ) -> Result<Vec<(usize, NetlinkError)>, NetlinkError> {
        let mut batch = Datagram::new(self.seq);
        messages.iter().for_each(|message| batch.push(message));
        let Some(last) = batch.len().checked_sub(1) else {
            return Ok(Vec::new());
        };
        self.seq = batch.seq_of(batch.len());
        self.transmit(batch.datagram())?;
        let mut said = Vec::new();
        let protocol = self.protocol;
        self.receive(|received| {
            let Some(place) = batch.position_of(received.header.seq) else {
                return Ok(true);
            };
            if let Some(answer) = Ack::read(received) {
                let request = batch.message(place).unwrap_or_default();
                let netlink_error =
                    NetlinkError::read(protocol, &answer.map_err(malformed_reply)?, request);
                let done = place == last;
                if netlink_error.errno != 0 || netlink_error.extack_message.is_some() {
                    said.push((place, netlink_error));
                }
                return Ok(!done);
            }
            Ok(true)
        })?;
        Ok(said)
    }

    /// Sends requests of nf_tables as one transaction. Returns the requests that the kernel rejected
    /// or warned about, by position; the kernel then has applied none of the transaction. An error
    /// about the transaction as a whole counts for its first request.
    ///
    /// # Errors
    /// Where the datagram cannot be sent, and where no ACK arrives. The kernel may have applied the
    /// transaction.
    pub fn commit(
        &mut self,
        requests: &[Message],
    ) -> Result<Vec<(usize, NetlinkError)>, NetlinkError> {
        let (Some(last), Some(transaction)) = (
            requests.len().checked_sub(1),
            Transaction::new(self.seq, requests),
        ) else {
            return Ok(Vec::new());
        };
        self.seq = transaction.next_seq();
        self.transmit(transaction.bytes())?;
        let mut rejected = Vec::new();
        let protocol = self.protocol;
        self.receive(|received| {
            let Some(ack) = Ack::read(received) else {
                return Ok(true);
            };
            let seq = received.header.seq;
            let position = transaction.position_of(seq);
            let request = position.and_then(|position| transaction.request(position));
            let error = NetlinkError::read(
                protocol,
                &ack.map_err(malformed_reply)?,
                request.unwrap_or_default(),
            );
            match position {
                None if transaction.is_begin(seq) && error.errno != 0 => {
                    rejected.push((0, error));
                    Ok(false)
                }
                None => Ok(true),
                Some(position) => {
                    if error.errno != 0 || error.extack_message.is_some() {
                        rejected.push((position, error));
                    }
                    Ok(position != last)
                }
            }
        })?;
        Ok(rejected)
    }

    /// Asks for one thing; the answering message goes through `read`.
    pub fn ask<T>(
        &mut self,
        message: &Message,
        read: impl FnOnce(&Received<'_>) -> Option<T>,
    ) -> Result<T, NetlinkError> {
        let mut batch = Datagram::new(self.seq);
        batch.push(message);
        self.seq = batch.seq_of(1);
        // No NLM_F_ACK: the answer itself is one.
        let request = batch.message(0).unwrap_or_default().to_vec();
        self.transmit(&request)?;
        let (mut read, mut answer) = (Some(read), None);
        let protocol = self.protocol;
        self.receive(|received| {
            if batch.position_of(received.header.seq).is_none() {
                return Ok(true);
            }
            match Ack::read(received) {
                Some(refused) => Err(NetlinkError::read(
                    protocol,
                    &refused.map_err(malformed_reply)?,
                    &request,
                )),
                None => {
                    answer = read.take().and_then(|read| read(received));
                    Ok(false)
                }
            }
        })?;
        answer.ok_or_else(|| said(Errno::EBADMSG, "the answer is not what was asked for"))
    }

    /// Asks for all of a kind; each answering message goes through `read`, in the order they
    /// come. A dump that was disturbed by a change is begun anew: `read` starts with nothing.
    pub fn dump<T>(
        &mut self,
        message: &Message,
        read: impl Fn(&Received<'_>) -> Option<T>,
    ) -> Result<Vec<T>, NetlinkError> {
        if !self.strict {
            // Without it the header's and the attributes' filters are ignored, silently.
            let _ = setsockopt(&self.descriptor, options::StrictCheck, &true);
            self.strict = true;
        }
        for _ in 0..DUMPS {
            if let Some(all) = self.dump_once(message, &read)? {
                return Ok(all);
            }
        }
        Err(said(
            Errno::EINTR,
            "the dump was interrupted by changes, again and again",
        ))
    }

    /// `None` where the kernel says that the dump is not of one piece (`NLM_F_DUMP_INTR`).
    fn dump_once<T>(
        &mut self,
        message: &Message,
        read: &impl Fn(&Received<'_>) -> Option<T>,
    ) -> Result<Option<Vec<T>>, NetlinkError> {
        let mut batch = Datagram::new(self.seq);
        batch.push(message);
        self.seq = batch.seq_of(1);
        let request = batch.message(0).unwrap_or_default().to_vec();
        self.transmit(&request)?;
        let (mut all, mut whole) = (Vec::new(), true);
        let protocol = self.protocol;
        self.receive(|received| {
            if batch.position_of(received.header.seq).is_none() {
                return Ok(true);
            }
            whole &= received.header.flags & NLM_F_DUMP_INTR == 0;
            match Ack::read(received) {
                None => {
                    all.extend(read(received));
                    Ok(true)
                }
                Some(answer) => {
                    let netlink_error =
                        NetlinkError::read(protocol, &answer.map_err(malformed_reply)?, &request);
                    match netlink_error.errno {
                        0 if received.header.kind == NLMSG_DONE => Ok(false),
                        0 => Ok(true),
                        _ => Err(netlink_error),
                    }
                }
            }
        })?;
        Ok(whole.then_some(all))
    }

    /// Shows an ioctl, and its answer, to whoever watches.
    pub fn called(&self, request: &IfReq, answer: &Result<(), NetlinkError>) {
        if let Some(watch) = &self.watch {
            watch.called(self.place, request, answer.as_ref().err());
        }
    }
}
