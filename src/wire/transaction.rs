//! Transactions of nf_tables.

use super::message::{Change, Datagram, Message, Request};
use super::nft::{NfGenMsg, Nfta};
use super::uapi::{NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END};

/// The subsystem of nf_tables (NFNL_SUBSYS_NFTABLES, `linux/netfilter/nfnetlink.h`).
const NFNL_SUBSYS_NFTABLES: u16 = 10;

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
    ///
    /// `None` where `requests` is empty: there is no request that can carry NLM_F_ACK. The kernel
    /// ignores this flag on BATCH_BEGIN before Linux 6.10.
    pub fn new(first_seq: u32, requests: &[Message]) -> Option<Self> {
        let last = requests.len().checked_sub(1)?;
        let mut datagram = Datagram::new(first_seq);
        datagram.push(&batch_frame(NFNL_MSG_BATCH_BEGIN));
        requests.iter().for_each(|request| datagram.push(request));
        // BATCH_BEGIN is at position 0, before the first request.
        datagram.acknowledge(last + 1);
        datagram.push(&batch_frame(NFNL_MSG_BATCH_END));
        Some(Self { datagram })
    }

    /// The bytes of the datagram.
    pub fn bytes(&self) -> &[u8] {
        self.datagram.bytes()
    }

    /// The sequence number after that of BATCH_END.
    pub fn next_seq(&self) -> u32 {
        self.datagram.seq_of(self.datagram.len())
    }

    /// The position of the request with this sequence number, counted from 0; `None` for
    /// BATCH_BEGIN, BATCH_END and the numbers of other datagrams.
    pub fn position_of(&self, seq: u32) -> Option<usize> {
        let position = self.datagram.position_of(seq)?.checked_sub(1)?;
        (position + 2 < self.datagram.len()).then_some(position)
    }

    /// Whether this is the sequence number of BATCH_BEGIN.
    pub fn is_begin(&self, seq: u32) -> bool {
        self.datagram.position_of(seq) == Some(0)
    }

    /// The bytes of the request at this position, counted from 0; `None` where there is none.
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
