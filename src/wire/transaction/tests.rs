#![allow(clippy::indexing_slicing)]

use super::*;
use crate::wire::message::{Messages, Received};
use crate::wire::uapi::NLM_F_ACK;
use proptest::prelude::*;

proptest! {
    /// NLM_F_ACK is on the last request, and each sequence number gives the position of its request.
    #[test]
    fn transaction_is_framed_and_acknowledged_before_its_end(
        names in prop::collection::vec("[a-z]{1,20}", 1..8),
        first_seq in any::<u32>(),
    ) {
        let requests: Vec<Message> = names
            .iter()
            .map(|name| crate::wire::nft::create_table(2, name).finish().unwrap())
            .collect();
        let transaction = Transaction::new(first_seq, &requests).unwrap();
        let messages: Vec<Received<'_>> = Messages::new(transaction.bytes())
            .collect::<Result<_, _>>()
            .unwrap();
        prop_assert_eq!(messages.len(), requests.len() + 2);
        let last = messages.len() - 1;
        prop_assert_eq!(messages[0].header.kind, NFNL_MSG_BATCH_BEGIN);
        prop_assert_eq!(messages[last].header.kind, NFNL_MSG_BATCH_END);
        for frame in [&messages[0], &messages[last]] {
            // nfgenmsg: family, version, res_id (big-endian subsystem 10).
            prop_assert_eq!(frame.payload, &[0, 0, 0, 10][..]);
            prop_assert_eq!(transaction.position_of(frame.header.seq), None);
        }
        prop_assert!(transaction.is_begin(first_seq));
        for (position, message) in messages[1..last].iter().enumerate() {
            prop_assert_eq!(transaction.position_of(message.header.seq), Some(position));
            prop_assert_eq!(transaction.request(position), Some(message.bytes));
            let acknowledged = message.header.flags & NLM_F_ACK != 0;
            prop_assert_eq!(acknowledged, position + 1 == requests.len());
        }
        prop_assert_eq!(transaction.request(requests.len()), None);
        prop_assert_eq!(transaction.next_seq(), first_seq.wrapping_add(last as u32 + 1));
    }
}

#[test]
fn transaction_without_request_is_refused() {
    assert!(Transaction::new(1, &[]).is_none());
}
