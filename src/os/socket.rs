//! A netlink socket: sends requests, and waits for the replies with a timeout.
//!
//! A socket belongs to the network namespace in which it was opened, also after the thread enters
//! another namespace. netsetgo opens one socket per namespace early, and then selects a namespace by
//! its socket.

mod observer;
mod options;
mod transfer;

pub use observer::{Observer, observe};

use crate::wire::ack::Ack;
use crate::wire::ifreq::IfReq;
use crate::wire::message::{Datagram, Message, Received};
use crate::wire::netlink_error::NetlinkError;
use crate::wire::registry::Protocol;
use crate::wire::transaction::Transaction;
use crate::wire::uapi::{NLM_F_DUMP_INTR, NLMSG_DONE};
use nix::errno::Errno;
use nix::sys::socket::setsockopt;
use observer::OBSERVER;
use socket2::{Domain, Socket as Descriptor, Type};
use std::cell::Cell;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;
use transfer::{error, malformed_reply};

/// The number of attempts for a dump that concurrent changes interrupt (NLM_F_DUMP_INTR).
const DUMP_ATTEMPTS: usize = 16;

/// A netlink socket of one protocol in one network namespace.
pub struct Socket {
    descriptor: Descriptor,
    protocol: Protocol,
    /// The sequence number of the next request.
    seq: u32,
    /// True if NETLINK_GET_STRICT_CHK was set.
    strict: bool,
    /// The name of the context for the observer: "host" or "container".
    place: &'static str,
    observer: Option<&'static dyn Observer>,
    /// The time of the last datagram that was sent; only set if an observer exists.
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
    /// Returns the descriptor, with which the caller can send its own bytes.
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
    /// Opens a socket in the network namespace of the thread.
    ///
    /// # Errors
    /// The errno of socket(2); EPROTONOSUPPORT if the kernel does not have the protocol.
    pub fn open(protocol: Protocol) -> Result<Self, Errno> {
        let descriptor = Descriptor::new(
            Domain::from(libc::AF_NETLINK),
            Type::RAW,
            Some(i32::from(protocol.number()).into()),
        )
        .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))?;
        // NETLINK_EXT_ACK adds the extack message to an ACK. NETLINK_CAP_ACK removes the copy of the
        // request from an ACK. netsetgo also works without them.
        let _ = setsockopt(&descriptor, options::ExtAck, &true);
        let _ = setsockopt(&descriptor, options::CapAck, &true);
        Ok(Self {
            descriptor,
            protocol,
            seq: 1,
            strict: false,
            place: "",
            observer: OBSERVER.get(),
            sent_at: Cell::new(None),
        })
    }

    /// Sets the name of the context that the socket reports to its observer.
    #[must_use]
    pub fn at(self, place: &'static str) -> Self {
        Self { place, ..self }
    }

    /// Sends requests in one datagram, and waits for the ACK of the last request. Returns the
    /// requests that the kernel rejected or warned about, by position. The kernel has applied all
    /// other requests.
    ///
    /// # Errors
    /// If the datagram cannot be sent, or if an ACK does not arrive or is malformed.
    pub fn send(
        &mut self,
        requests: &[Message],
    ) -> Result<Vec<(usize, NetlinkError)>, NetlinkError> {
        let mut datagram = Datagram::new(self.seq);
        requests.iter().for_each(|request| datagram.push(request));
        let Some(last) = datagram.len().checked_sub(1) else {
            return Ok(Vec::new());
        };
        self.seq = datagram.seq_of(datagram.len());
        self.transmit(datagram.datagram())?;
        let mut rejected = Vec::new();
        let protocol = self.protocol;
        self.receive(|received| {
            let Some(position) = datagram.position_of(received.header.seq) else {
                return Ok(true);
            };
            let Some(ack) = Ack::read(received) else {
                return Ok(true);
            };
            let request = datagram.message(position).unwrap_or_default();
            let error = NetlinkError::read(protocol, &ack.map_err(malformed_reply)?, request);
            if error.errno != 0 || error.extack_message.is_some() {
                rejected.push((position, error));
            }
            Ok(position != last)
        })?;
        Ok(rejected)
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

    /// Sends a query, and parses the reply with `parse`.
    ///
    /// # Errors
    /// The kernel's error; EBADMSG if `parse` returns `None`.
    pub fn query<T>(
        &mut self,
        query: &Message,
        parse: impl FnOnce(&Received<'_>) -> Option<T>,
    ) -> Result<T, NetlinkError> {
        let mut datagram = Datagram::new(self.seq);
        datagram.push(query);
        self.seq = datagram.seq_of(1);
        // The request has no NLM_F_ACK, because the reply is the acknowledgement.
        let request = datagram.message(0).unwrap_or_default().to_vec();
        self.transmit(&request)?;
        let (mut parse, mut reply) = (Some(parse), None);
        let protocol = self.protocol;
        self.receive(|received| {
            if datagram.position_of(received.header.seq).is_none() {
                return Ok(true);
            }
            match Ack::read(received) {
                Some(ack) => {
                    let ack = ack.map_err(malformed_reply)?;
                    Err(NetlinkError::read(protocol, &ack, &request))
                }
                None => {
                    reply = parse.take().and_then(|parse| parse(received));
                    Ok(false)
                }
            }
        })?;
        reply.ok_or_else(|| error(Errno::EBADMSG, "the reply does not match the query"))
    }

    /// Sends a dump request, and parses each message of the reply with `parse`, in order. Skips a
    /// message for which `parse` returns `None`. Repeats the dump if a concurrent change interrupted
    /// it.
    ///
    /// # Errors
    /// The kernel's error; EINTR if concurrent changes interrupted each attempt.
    pub fn dump<T>(
        &mut self,
        message: &Message,
        parse: impl Fn(&Received<'_>) -> Option<T>,
    ) -> Result<Vec<T>, NetlinkError> {
        if !self.strict {
            // Without this option, the kernel silently ignores the filters in the header and in the
            // attributes of a dump request.
            let _ = setsockopt(&self.descriptor, options::StrictCheck, &true);
            self.strict = true;
        }
        for _ in 0..DUMP_ATTEMPTS {
            if let Some(all) = self.dump_once(message, &parse)? {
                return Ok(all);
            }
        }
        Err(error(
            Errno::EINTR,
            "concurrent changes interrupted each attempt of the dump",
        ))
    }

    /// Returns `None` if the kernel reports that the dump is inconsistent (NLM_F_DUMP_INTR).
    fn dump_once<T>(
        &mut self,
        message: &Message,
        parse: &impl Fn(&Received<'_>) -> Option<T>,
    ) -> Result<Option<Vec<T>>, NetlinkError> {
        let mut datagram = Datagram::new(self.seq);
        datagram.push(message);
        self.seq = datagram.seq_of(1);
        let request = datagram.message(0).unwrap_or_default().to_vec();
        self.transmit(&request)?;
        let (mut all, mut consistent) = (Vec::new(), true);
        let protocol = self.protocol;
        self.receive(|received| {
            if datagram.position_of(received.header.seq).is_none() {
                return Ok(true);
            }
            consistent &= received.header.flags & NLM_F_DUMP_INTR == 0;
            match Ack::read(received) {
                None => {
                    all.extend(parse(received));
                    Ok(true)
                }
                Some(ack) => {
                    let error =
                        NetlinkError::read(protocol, &ack.map_err(malformed_reply)?, &request);
                    match error.errno {
                        0 if received.header.kind == NLMSG_DONE => Ok(false),
                        0 => Ok(true),
                        _ => Err(error),
                    }
                }
            }
        })?;
        Ok(consistent.then_some(all))
    }

    /// Reports an ioctl and its result to the observer.
    pub fn report_ioctl(&self, request: &IfReq, result: &Result<(), NetlinkError>) {
        if let Some(observer) = &self.observer {
            observer.ioctl(self.place, request, result.as_ref().err());
        }
    }
}
