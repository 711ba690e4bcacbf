//! nf_tables, as far as it is read: which base chains there are, and which rules are in a chain.
//!
//! ```text
//!  nlmsghdr   type: subsystem 10 (nf_tables) in the upper byte, the message in the lower
//!  nfgenmsg   family, version 0, resource id (big-endian)
//!  NFTA_CHAIN_TABLE "filter"
//!  NFTA_CHAIN_HOOK
//!   ├─ NFTA_HOOK_HOOKNUM 2        big-endian, as all numbers of nf_tables
//!   └─ NFTA_HOOK_PRIORITY 0
//!  NFTA_CHAIN_POLICY 0            NF_DROP
//! ```
//!
//! What a rule does is in `nft/expr.rs`.

mod expr;

pub use expr::*;

use super::attr::{Be32, BeI32, Binary, Nest, NulString, attr_set};
use super::layout::header;
use super::message::{Create, Dump, Request};
use super::shape::Shape;
use super::uapi::{NF, NF_INET_HOOK, NFPROTO, NFT_MSG_GETCHAIN, NFT_MSG_GETRULE, NFT_MSG_NEWTABLE};

header! {
    /// Opens every message of netfilter. Source: `struct nfgenmsg`, `linux/netfilter/nfnetlink.h`.
    pub struct NfGenMsg is "nfgenmsg" {
        /// which packets: NFPROTO_IPV4 and kin
        family is "nfgen_family": u8 => Shape::Named(NFPROTO),
        /// always 0
        version is "version": u8 => Shape::Number,
        /// big-endian: a batch's subsystem, else the generation
        resource is "res_id": [u8; 2] => Shape::BigEndian,
    }
}

attr_set! {
    /// A message of netfilter's that is not taken apart here. Source: `linux/netfilter/nf_tables.h`.
    pub enum Nfta is "NFTA" {}
}

attr_set! {
    /// Attributes of connection tracking, which netsetgo prints by number. Source:
    /// `linux/netfilter/nfnetlink_conntrack.h`.
    pub enum Cta is "CTA" {}
}

attr_set! {
    /// Attributes of another subsystem of netfilter, which netsetgo prints by number.
    pub enum NfAttr is "NF_ATTR" {}
}

attr_set! {
    /// A table. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaTable is "NFTA_TABLE" {
        /// the table's name
        NFTA_TABLE_NAME = 1: NulString,
        /// flags of the table, as NFT_TABLE_F_DORMANT
        NFTA_TABLE_FLAGS = 2: Be32,
        /// how many chains are in the table
        NFTA_TABLE_USE = 3: Be32,
        /// the table's handle, a number that the kernel assigns
        NFTA_TABLE_HANDLE = 4: Binary as Shape::BigEndian,
        /// padding
        NFTA_TABLE_PAD = 5: Binary,
        /// bytes of the owner's own, as a comment
        NFTA_TABLE_USERDATA = 6: Binary,
        /// the port id of the process that owns the table
        NFTA_TABLE_OWNER = 7: Be32,
    }
}

/// Create a table; EEXIST where it exists. nf_tables accepts it only in a
/// [`Transaction`](super::transaction::Transaction). `family` is `NFPROTO_IPV4` or another of
/// `linux/netfilter.h`.
pub fn create_table(family: u8, name: &str) -> Request<NftaTable, Create> {
    let header = NfGenMsg {
        family,
        ..NfGenMsg::default()
    };
    Request::new(NFT_MSG_NEWTABLE, header).put(NFTA_TABLE_NAME, name)
}

attr_set! {
    /// A chain. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaChain is "NFTA_CHAIN" {
        /// the table that it is in
        NFTA_CHAIN_TABLE = 1: NulString,
        /// its number in the table
        NFTA_CHAIN_HANDLE = 2: Binary as Shape::BigEndian,
        /// its name
        NFTA_CHAIN_NAME = 3: NulString,
        /// where packets come to it; without one only other chains jump here
        NFTA_CHAIN_HOOK = 4: Nest<NftaHook>,
        /// what becomes of a packet that no rule decided about
        NFTA_CHAIN_POLICY = 5: Be32 as Shape::BigNamed(NF),
        /// how many refer to it
        NFTA_CHAIN_USE = 6: Be32,
        /// filter, nat or route
        NFTA_CHAIN_TYPE = 7: NulString,
        /// packets and bytes
        NFTA_CHAIN_COUNTERS = 8: Binary,
        /// bits of the chain
        NFTA_CHAIN_FLAGS = 10: Be32,
        /// its number in the batch that makes it
        NFTA_CHAIN_ID = 11: Be32,
        /// what its maker notes of it
        NFTA_CHAIN_USERDATA = 12: Binary,
    }
}

attr_set! {
    /// Where a chain is hooked in. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaHook is "NFTA_HOOK" {
        /// where on a packet's way
        NFTA_HOOK_HOOKNUM = 1: Be32 as Shape::BigNamed(NF_INET_HOOK),
        /// the smallest comes first; signed
        NFTA_HOOK_PRIORITY = 2: BeI32,
        /// of one link only
        NFTA_HOOK_DEV = 3: NulString,
    }
}

attr_set! {
    /// A rule. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaRule is "NFTA_RULE" {
        /// the table that it is in
        NFTA_RULE_TABLE = 1: NulString,
        /// the chain that it is in
        NFTA_RULE_CHAIN = 2: NulString,
        /// its number in the table
        NFTA_RULE_HANDLE = 3: Binary as Shape::BigEndian,
        /// what it does, one thing after the other
        NFTA_RULE_EXPRESSIONS = 4: Nest<NftaList>,
        /// of iptables' rules
        NFTA_RULE_COMPAT = 5: Binary,
        /// the rule before it
        NFTA_RULE_POSITION = 6: Binary as Shape::BigEndian,
        /// what its maker notes of it
        NFTA_RULE_USERDATA = 7: Binary,
        /// its number in the batch that makes it
        NFTA_RULE_ID = 9: Be32,
        /// the rule before it, by its number in the batch
        NFTA_RULE_POSITION_ID = 10: Be32,
        /// the chain, by its number in the batch
        NFTA_RULE_CHAIN_ID = 11: Be32,
    }
}

/// Asks for all chains of all tables.
pub fn dump_chains() -> Request<NftaChain, Dump> {
    Request::new(NFT_MSG_GETCHAIN, NfGenMsg::default())
}

/// Asks for the rules of the table of this family that [`NFTA_RULE_TABLE`] names, and of the chain
/// that [`NFTA_RULE_CHAIN`] does.
pub fn dump_rules(family: u8) -> Request<NftaRule, Dump> {
    let header = NfGenMsg {
        family,
        ..NfGenMsg::default()
    };
    Request::new(NFT_MSG_GETRULE, header)
}

#[cfg(test)]
mod tests;
