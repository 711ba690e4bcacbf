use super::*;
use crate::wire::goldens::golden;
use crate::wire::message::{Datagram, Message};
use crate::wire::uapi::NFPROTO_IPV4;

/// The bytes with the sequence number 1, which the recorded datagrams have.
fn numbered(message: &Message) -> Vec<u8> {
    let mut datagram = Datagram::new(1);
    datagram.push(message);
    datagram.bytes().to_vec()
}

#[test]
fn dump_of_chains_has_the_bytes_of_nft_list_chains() {
    let request = dump_chains().finish().unwrap();
    assert_eq!(numbered(&request), golden("nft-list-chains"));
}

#[test]
fn dump_of_rules_has_the_bytes_of_nft_list_chain() {
    let request = dump_rules(NFPROTO_IPV4)
        .put(NFTA_RULE_TABLE, "fw")
        .put(NFTA_RULE_CHAIN, "c");
    let request = request.finish().unwrap();
    assert_eq!(numbered(&request), golden("nft-list-rules"));
}
