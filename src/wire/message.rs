//! Making messages, sending several at once; `received`: splitting what arrives.
//!
//! ```text
//!  one sendto(2)                                  one recvmsg(2)
//!  +---------+---------+-----------------+        +-------------+-------------+
//!  | request | request | request NLM_F_ACK |      | NLMSG_ERROR | NLMSG_ERROR |  …
//!  +---------+---------+-----------------+        +-------------+-------------+
//!    seq 1     seq 2     seq 3                      seq 2: -17    seq 3: 0
//! ```
//!
//! The kernel works through a datagram's messages one after the other and *goes on* after one
//! that failed (`netlink_rcv_skb`, `net/netlink/af_netlink.c`). A failed one is always answered,
//! a good one only if it carries `NLM_F_ACK`: so with that flag on the last alone, the last
//! answer says that all were worked through, and the answers before it which of them failed.

mod received;

pub use received::{Messages, Received};

use super::attr::{Attr, AttrSet, Builder, Nest, SubMessage, TooLong, Value};
use super::layout::{HDRLEN, Header, NlMsgHdr, align};
use super::nft::{NfGenMsg, Nfta};
use super::uapi::{
    NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL,
    NLM_F_REPLACE, NLM_F_REQUEST,
};
use std::marker::PhantomData;

use zerocopy::{FromBytes, IntoBytes};

/// The subsystem of nf_tables (NFNL_SUBSYS_NFTABLES, `linux/netfilter/nfnetlink.h`).
const NFNL_SUBSYS_NFTABLES: u16 = 10;

/// What a request wants; its upper flags follow from it.
///
/// `RTM_NEWLINK` both creates and changes, and the bits of `NLM_F_DUMP` are those of
/// `NLM_F_REPLACE` and `NLM_F_EXCL`: so the intention is a type, and never read from bits.
pub trait Intent {
    /// `nlmsg_flags`, without `NLM_F_ACK`.
    const FLAGS: u16;
}

macro_rules! intents { ($( $(#[$meta:meta])* $name:ident = $flags:expr; )*) => { $(
    $(#[$meta])*
    #[derive(Debug)]
    pub enum $name {}
    impl Intent for $name {
        const FLAGS: u16 = NLM_F_REQUEST | $flags;
    }
)* } }
intents! {
    /// Make what is not there; `EEXIST` where it is.
    Create = NLM_F_CREATE | NLM_F_EXCL;
    /// Make it, or put it in the place of what is there.
    Replace = NLM_F_CREATE | NLM_F_REPLACE;
    /// Change what is there.
    Change = 0;
    /// Take it away.
    Delete = 0;
    /// Ask for one thing; the answer is one message.
    Get = 0;
    /// Ask for all of a kind; the answer is many messages and `NLMSG_DONE`.
    Dump = NLM_F_DUMP;
}

/// A message in the making: attributes of the space `S`, meant as `I`.
#[derive(Debug)]
pub struct Request<S, I> {
    bytes: Vec<u8>,
    too_long: Option<TooLong>,
    meaning: PhantomData<fn() -> (S, I)>,
}

impl<S: AttrSet, I: Intent> Request<S, I> {
    /// A message of this type, its family's header behind the message header.
    pub(crate) fn new<H: Header>(kind: u16, header: H) -> Self {
        // Room for the largest message of an attach, so that the buffer grows once.
        let mut bytes = Vec::with_capacity(192);
        let opening = NlMsgHdr {
            len: 0,
            kind,
            flags: I::FLAGS,
            seq: 0,
            pid: 0,
        };
        bytes.extend_from_slice(opening.as_bytes());
        bytes.extend_from_slice(header.as_bytes());
        bytes.resize(align(bytes.len()), 0);
        Self {
            bytes,
            too_long: None,
            meaning: PhantomData,
        }
    }

    fn attrs(&mut self) -> Builder<'_, S> {
        Builder::new(&mut self.bytes, &mut self.too_long)
    }

    /// Appends one attribute.
    #[must_use]
    pub fn put<V: Value>(mut self, attr: Attr<S, V>, value: V::In<'_>) -> Self {
        self.attrs().put(attr, value);
        self
    }

    /// Appends one attribute where there is a value.
    #[must_use]
    pub fn put_some<V: Value>(self, attr: Attr<S, V>, value: Option<V::In<'_>>) -> Self {
        match value {
            Some(value) => self.put(attr, value),
            None => self,
        }
    }

    /// Appends a nest and lets `fill` write into it.
    #[must_use]
    pub fn nest<T: AttrSet>(
        mut self,
        attr: Attr<S, Nest<T>>,
        fill: impl FnOnce(&mut Builder<'_, T>),
    ) -> Self {
        self.attrs().nest(attr, fill);
        self
    }

    /// Appends a nest that a struct opens.
    #[must_use]
    pub fn nest_with_header<H: Header, T: AttrSet>(
        mut self,
        attr: Attr<S, SubMessage<H, T>>,
        header: H,
        fill: impl FnOnce(&mut Builder<'_, T>),
    ) -> Self {
        self.attrs().nest_with_header(attr, header, fill);
        self
    }

    /// The message of a request without attributes, whose length is known to fit.
    fn into_message(self) -> Message {
        let length = self.bytes.len();
        self.finish().unwrap_or(Message {
            bytes: vec![0; length],
        })
    }

    /// Writes the length and gives the message up for sending.
    pub fn finish(mut self) -> Result<Message, TooLong> {
        if let Some(too_long) = self.too_long {
            return Err(too_long);
        }
        let length = self.bytes.len();
        let len = u32::try_from(length).map_err(|_| TooLong {
            name: "nlmsg_len",
            length,
        })?;
        if let Some(field) = self.bytes.get_mut(..size_of::<u32>()) {
            field.copy_from_slice(len.as_bytes());
        }
        Ok(Message { bytes: self.bytes })
    }
}

/// One complete request; its sequence number is given to it when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// Header, family header and attributes; a multiple of four.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its header.
    pub fn header(&self) -> NlMsgHdr {
        NlMsgHdr::read_from_prefix(&self.bytes)
            .map(|(header, _)| header)
            .unwrap_or_default()
    }
}

/// Requests that go to the kernel in one datagram, the last one with `NLM_F_ACK`.
#[derive(Clone, Debug)]
pub struct Datagram {
    bytes: Vec<u8>,
    first_seq: u32,
    starts: Vec<usize>,
}

impl Datagram {
    /// Empty; the first message will have this sequence number, each next one the next.
    pub fn new(first_seq: u32) -> Self {
        Self {
            bytes: Vec::new(),
            first_seq,
            starts: Vec::new(),
        }
    }

    /// Sets NLM_F_ACK on the message at this position.
    fn acknowledge(&mut self, position: usize) {
        let start = self.starts.get(position).copied();
        if let Some(message) = start.and_then(|start| self.bytes.get_mut(start..))
            && let Ok((header, _)) = NlMsgHdr::read_from_prefix(message)
            && let Some(field) = message.get_mut(..HDRLEN)
        {
            let header = NlMsgHdr {
                flags: header.flags | NLM_F_ACK,
                ..header
            };
            field.copy_from_slice(header.as_bytes());
        }
    }

    /// Appends a message and numbers it.
    pub fn push(&mut self, message: &Message) {
        let header = NlMsgHdr {
            seq: self.seq_of(self.starts.len()),
            ..message.header()
        };
        self.starts.push(self.bytes.len());
        self.bytes.extend_from_slice(header.as_bytes());
        self.bytes
            .extend_from_slice(message.bytes.get(HDRLEN..).unwrap_or_default());
    }

    /// The datagram, `NLM_F_ACK` set on the last message.
    pub fn datagram(&mut self) -> &[u8] {
        if let Some(last) = self.starts.len().checked_sub(1) {
            self.acknowledge(last);
        }
        &self.bytes
    }

    /// How many messages are in it.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The sequence number of the message at `place`.
    pub fn seq_of(&self, place: usize) -> u32 {
        self.first_seq
            .wrapping_add(u32::try_from(place).unwrap_or(u32::MAX))
    }

    /// Which message has this sequence number, if it is one of ours.
    pub fn position_of(&self, seq: u32) -> Option<usize> {
        let place = usize::try_from(seq.wrapping_sub(self.first_seq)).ok()?;
        (place < self.starts.len()).then_some(place)
    }

    /// The bytes of the message at `place`.
    pub fn message(&self, place: usize) -> Option<&[u8]> {
        let start = *self.starts.get(place)?;
        let end = self
            .starts
            .get(place + 1)
            .copied()
            .unwrap_or(self.bytes.len());
        self.bytes.get(start..end)
    }
}

/// Requests of nf_tables that the kernel applies together or not at all: a transaction.
///
/// ```text
///  NFNL_MSG_BATCH_BEGIN | request | request NLM_F_ACK | NFNL_MSG_BATCH_END
/// ```
///
/// The last request asks for the ACK, and not BATCH_END: the kernel acknowledges BATCH_END only
/// since Linux 6.10. The kernel rolls an aborted transaction back itself (`nfnetlink_rcv_batch`,
/// `net/netfilter/nfnetlink.c`). It reports an error of the transaction as a whole with the
/// sequence number of BATCH_BEGIN.
#[derive(Clone, Debug)]
pub struct Transaction {
    datagram: Datagram,
}

impl Transaction {
    /// A transaction of these requests. BATCH_BEGIN has the sequence number `first_seq`, and each
    /// message after it the next one.
    pub fn new(first_seq: u32, requests: &[Message]) -> Self {
        let mut datagram = Datagram::new(first_seq);
        datagram.push(&batch_frame(NFNL_MSG_BATCH_BEGIN));
        requests.iter().for_each(|request| datagram.push(request));
        datagram.acknowledge(requests.len());
        datagram.push(&batch_frame(NFNL_MSG_BATCH_END));
        Self { datagram }
    }

    /// The datagram.
    pub fn bytes(&self) -> &[u8] {
        &self.datagram.bytes
    }

    /// The sequence number after that of BATCH_END.
    pub fn next_seq(&self) -> u32 {
        self.datagram.seq_of(self.datagram.len())
    }

    /// The position of the request with this sequence number, counted from 0.
    pub fn position_of(&self, seq: u32) -> Option<usize> {
        let position = self.datagram.position_of(seq)?.checked_sub(1)?;
        (position + 2 < self.datagram.len()).then_some(position)
    }

    /// Whether this is the sequence number of BATCH_BEGIN.
    pub fn is_begin(&self, seq: u32) -> bool {
        self.datagram.position_of(seq) == Some(0)
    }

    /// The bytes of the request at this position.
    pub fn request(&self, position: usize) -> Option<&[u8]> {
        self.datagram
            .message(position + 1)
            .filter(|_| position + 2 < self.datagram.len())
    }
}

/// BATCH_BEGIN or BATCH_END: a nfgenmsg whose resource id is the subsystem.
fn batch_frame(kind: u16) -> Message {
    let header = NfGenMsg {
        resource: NFNL_SUBSYS_NFTABLES.to_be_bytes(),
        ..NfGenMsg::default()
    };
    Request::<Nfta, Change>::new(kind, header).into_message()
}

#[cfg(test)]
mod tests;
