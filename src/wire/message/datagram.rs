//! Several requests in one datagram.
//!
//! ```text
//!  one sendto(2)                                  one recvmsg(2)
//!  +---------+---------+-------------------+      +-------------+-------------+
//!  | request | request | request NLM_F_ACK |      | NLMSG_ERROR | NLMSG_ERROR |  …
//!  +---------+---------+-------------------+      +-------------+-------------+
//!    seq 1     seq 2     seq 3                      seq 2: -17    seq 3: 0
//! ```
//!
//! The kernel processes the messages of a datagram in order. It continues after a message that
//! failed (`netlink_rcv_skb`, `net/netlink/af_netlink.c`). It acknowledges each failed message, but
//! a successful one only where it has `NLM_F_ACK`. netsetgo sets this flag on the last message
//! only. The last acknowledgement then means that the kernel has processed all messages. The
//! acknowledgements before it tell which messages failed.

use super::request::Message;
use crate::wire::layout::{HDRLEN, NlMsgHdr};
use crate::wire::uapi::NLM_F_ACK;
use zerocopy::{FromBytes, IntoBytes};

/// Requests that netsetgo sends in one datagram. The last one has `NLM_F_ACK`.
#[derive(Clone, Debug)]
pub struct Datagram {
    bytes: Vec<u8>,
    first_seq: u32,
    starts: Vec<usize>,
}

impl Datagram {
    /// An empty datagram. The first message gets this sequence number, each later one the next.
    pub fn new(first_seq: u32) -> Self {
        Self {
            bytes: Vec::new(),
            first_seq,
            starts: Vec::new(),
        }
    }

    /// Sets NLM_F_ACK on the message at this position, counted from 0.
    pub(in crate::wire) fn acknowledge(&mut self, position: usize) {
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

    /// Appends a message and sets its sequence number.
    pub fn push(&mut self, message: &Message) {
        let header = NlMsgHdr {
            seq: self.seq_of(self.starts.len()),
            ..message.header()
        };
        self.starts.push(self.bytes.len());
        self.bytes.extend_from_slice(header.as_bytes());
        self.bytes
            .extend_from_slice(message.bytes().get(HDRLEN..).unwrap_or_default());
    }

    /// Sets `NLM_F_ACK` on the last message and returns the datagram's bytes.
    pub fn datagram(&mut self) -> &[u8] {
        if let Some(last) = self.starts.len().checked_sub(1) {
            self.acknowledge(last);
        }
        &self.bytes
    }

    /// The bytes, with `NLM_F_ACK` only where [`acknowledge`](Self::acknowledge) has set it.
    pub(in crate::wire) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The number of messages.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether the datagram has no message.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The sequence number of the message at `position`, counted from 0.
    pub fn seq_of(&self, position: usize) -> u32 {
        self.first_seq
            .wrapping_add(u32::try_from(position).unwrap_or(u32::MAX))
    }

    /// The position of the message with this sequence number; `None` where the datagram has none.
    pub fn position_of(&self, seq: u32) -> Option<usize> {
        let position = usize::try_from(seq.wrapping_sub(self.first_seq)).ok()?;
        (position < self.starts.len()).then_some(position)
    }

    /// The bytes of the message at `position`, counted from 0; `None` where it has no such message.
    pub fn message(&self, position: usize) -> Option<&[u8]> {
        let start = *self.starts.get(position)?;
        let end = self
            .starts
            .get(position + 1)
            .copied()
            .unwrap_or(self.bytes.len());
        self.bytes.get(start..end)
    }
}
