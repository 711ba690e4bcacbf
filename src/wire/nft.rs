//! Messages of nf_tables about tables, chains and rules. netsetgo reads them to find rules that
//! drop packets of a container.
//!
//! ```text
//!  nlmsghdr   nlmsg_type: subsystem 10 (nf_tables) in the upper byte, the message in the lower
//!  nfgenmsg   family, version 0, resource id (big-endian)
//!  NFTA_CHAIN_TABLE "filter"
//!  NFTA_CHAIN_HOOK
//!   ├─ NFTA_HOOK_HOOKNUM 2        network byte order, as all numbers of nf_tables
//!   └─ NFTA_HOOK_PRIORITY 0
//!  NFTA_CHAIN_POLICY 0            NF_DROP
//! ```
//!
//! The expressions of a rule are in `nft/expr.rs`.

mod expr;

pub use expr::*;

use super::attr::{Be32, BeI32, Binary, Nest, NulString, attr_set};
use super::layout::header;
use super::message::{Create, Dump, Request};
use super::shape::Shape;
use super::uapi::{NF, NF_INET_HOOK, NFPROTO, NFT_MSG_GETCHAIN, NFT_MSG_GETRULE, NFT_MSG_NEWTABLE};

header! {
    /// The family header of every message of netfilter. Source: `struct nfgenmsg`,
    /// `linux/netfilter/nfnetlink.h`.
    pub struct NfGenMsg is "nfgenmsg" {
        /// protocol family: NFPROTO_IPV4 or another
        family is "nfgen_family": u8 => Shape::Named(NFPROTO),
        /// version: always 0
        version is "version": u8 => Shape::Number,
        /// big-endian: the subsystem of a batch, else the generation
        resource is "res_id": [u8; 2] => Shape::BigEndian,
    }
}

attr_set! {
    /// Attributes of other messages of nf_tables, which netsetgo prints by number. Source:
    /// `linux/netfilter/nf_tables.h`.
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
    /// Attributes of a table. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaTable is "NFTA_TABLE" {
        /// name of the table
        NFTA_TABLE_NAME = 1: NulString,
        /// flags of the table, as NFT_TABLE_F_DORMANT
        NFTA_TABLE_FLAGS = 2: Be32,
        /// number of chains in the table
        NFTA_TABLE_USE = 3: Be32,
        /// handle of the table, a number that the kernel assigns
        NFTA_TABLE_HANDLE = 4: Binary as Shape::BigEndian,
        /// padding
        NFTA_TABLE_PAD = 5: Binary,
        /// user data: bytes that the kernel only stores, as a comment
        NFTA_TABLE_USERDATA = 6: Binary,
        /// port id of the process that owns the table
        NFTA_TABLE_OWNER = 7: Be32,
    }
}

/// A request to create a table; the kernel reports EEXIST where it exists. nf_tables accepts it
/// only in a [`Transaction`](super::transaction::Transaction). `family` is `NFPROTO_IPV4` or
/// another of `linux/netfilter.h`.
pub fn create_table(family: u8, name: &str) -> Request<NftaTable, Create> {
    let header = NfGenMsg {
        family,
        ..NfGenMsg::default()
    };
    Request::new(NFT_MSG_NEWTABLE, header).put(NFTA_TABLE_NAME, name)
}

attr_set! {
    /// Attributes of a chain. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaChain is "NFTA_CHAIN" {
        /// name of the table that contains the chain
        NFTA_CHAIN_TABLE = 1: NulString,
        /// handle of the chain, a number that the kernel assigns
        NFTA_CHAIN_HANDLE = 2: Binary as Shape::BigEndian,
        /// name of the chain
        NFTA_CHAIN_NAME = 3: NulString,
        /// hook of a base chain; a chain without a hook runs only after a jump
        NFTA_CHAIN_HOOK = 4: Nest<NftaHook>,
        /// policy: verdict on a packet for which no rule has a verdict
        NFTA_CHAIN_POLICY = 5: Be32 as Shape::BigNamed(NF),
        /// number of references to the chain
        NFTA_CHAIN_USE = 6: Be32,
        /// type of the chain: filter, nat or route
        NFTA_CHAIN_TYPE = 7: NulString,
        /// counters: packets and bytes
        NFTA_CHAIN_COUNTERS = 8: Binary,
        /// flags of the chain, as NFT_CHAIN_HW_OFFLOAD
        NFTA_CHAIN_FLAGS = 10: Be32,
        /// id of the chain in the batch that creates it
        NFTA_CHAIN_ID = 11: Be32,
        /// user data: bytes that the kernel only stores
        NFTA_CHAIN_USERDATA = 12: Binary,
    }
}

attr_set! {
    /// Attributes of a base chain's hook. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaHook is "NFTA_HOOK" {
        /// hook number: where on a packet's path the chain runs
        NFTA_HOOK_HOOKNUM = 1: Be32 as Shape::BigNamed(NF_INET_HOOK),
        /// priority: the chain with the lowest number runs first; signed
        NFTA_HOOK_PRIORITY = 2: BeI32,
        /// name of the link, for a hook of one link
        NFTA_HOOK_DEV = 3: NulString,
    }
}

attr_set! {
    /// Attributes of a rule. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaRule is "NFTA_RULE" {
        /// name of the table that contains the rule
        NFTA_RULE_TABLE = 1: NulString,
        /// name of the chain that contains the rule
        NFTA_RULE_CHAIN = 2: NulString,
        /// handle of the rule, a number that the kernel assigns
        NFTA_RULE_HANDLE = 3: Binary as Shape::BigEndian,
        /// expressions of the rule, which the kernel evaluates in order
        NFTA_RULE_EXPRESSIONS = 4: Nest<NftaList>,
        /// match and target of iptables-nft
        NFTA_RULE_COMPAT = 5: Binary,
        /// handle of the rule before this one
        NFTA_RULE_POSITION = 6: Binary as Shape::BigEndian,
        /// user data: bytes that the kernel only stores, as a comment
        NFTA_RULE_USERDATA = 7: Binary,
        /// id of the rule in the batch that creates it
        NFTA_RULE_ID = 9: Be32,
        /// id of the rule before this one, in the same batch
        NFTA_RULE_POSITION_ID = 10: Be32,
        /// id of the chain, in the same batch
        NFTA_RULE_CHAIN_ID = 11: Be32,
    }
}

/// A query for all chains of all tables.
pub fn dump_chains() -> Request<NftaChain, Dump> {
    Request::new(NFT_MSG_GETCHAIN, NfGenMsg::default())
}

/// A query for rules. `family` is `NFPROTO_IPV4` or another of `linux/netfilter.h`.
/// [`NFTA_RULE_TABLE`] and [`NFTA_RULE_CHAIN`] restrict it to a table and a chain.
pub fn dump_rules(family: u8) -> Request<NftaRule, Dump> {
    let header = NfGenMsg {
        family,
        ..NfGenMsg::default()
    };
    Request::new(NFT_MSG_GETRULE, header)
}

#[cfg(test)]
mod tests;
