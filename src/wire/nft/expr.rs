//! What a rule does: expressions, one after the other, that load registers, compare them, and at
//! the end say what becomes of the packet.
//!
//! ```text
//!  NFTA_RULE_EXPRESSIONS            iifname "brg0" accept
//!   ├─ NFTA_LIST_ELEM
//!   │   ├─ NFTA_EXPR_NAME "meta"    register 1: the name of the link it came in by
//!   │   └─ NFTA_EXPR_DATA           its space follows from the name
//!   ├─ NFTA_LIST_ELEM
//!   │   ├─ NFTA_EXPR_NAME "cmp"     is it this? if not, the rule ends here
//!   │   └─ NFTA_EXPR_DATA
//!   └─ NFTA_LIST_ELEM
//!       ├─ NFTA_EXPR_NAME "immediate"
//!       └─ NFTA_EXPR_DATA           register 0 is the verdict: NF_ACCEPT
//! ```
//!
//! Source: `linux/netfilter/nf_tables.h`; `struct nft_expr_ops` of each, `net/netfilter/nft_*.c`.

use crate::wire::attr::{Attr, AttrSet, Be32, Binary, Nest, NulString, attr_set};
use crate::wire::shape::{Selector, Shape};
use crate::wire::uapi::{NF, NFT_CMP, NFT_META};

/// How [`NFTA_EXPR_NAME`] chooses the space of `NFTA_EXPR_DATA`.
const BY_NAME: &Selector = &Selector {
    sibling: 1,
    choose: |name| match name {
        b"immediate" | b"immediate\0" => Some(Shape::Nest(NftaImmediate::table)),
        b"meta" | b"meta\0" => Some(Shape::Nest(NftaMeta::table)),
        b"cmp" | b"cmp\0" => Some(Shape::Nest(NftaCmp::table)),
        b"ct" | b"ct\0" => Some(Shape::Nest(NftaCt::table)),
        b"bitwise" | b"bitwise\0" => Some(Shape::Nest(NftaBitwise::table)),
        _ => None,
    },
};

attr_set! {
    /// A list, of expressions here. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaList is "NFTA_LIST" {
        /// one of it
        NFTA_LIST_ELEM = 1: Nest<NftaExpr>,
    }
}

attr_set! {
    /// An expression. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaExpr is "NFTA_EXPR" {
        /// what kind it is
        NFTA_EXPR_NAME = 1: NulString,
        /// what that kind wants to know
        NFTA_EXPR_DATA = 2: Binary as Shape::Selected(BY_NAME),
    }
}

/// [`NFTA_EXPR_DATA`] where the name is "immediate".
pub const NFTA_EXPR_DATA_IMMEDIATE: Attr<NftaExpr, Nest<NftaImmediate>> =
    Attr::new(2, "NFTA_EXPR_DATA");
/// [`NFTA_EXPR_DATA`] where the name is "meta".
pub const NFTA_EXPR_DATA_META: Attr<NftaExpr, Nest<NftaMeta>> = Attr::new(2, "NFTA_EXPR_DATA");
/// [`NFTA_EXPR_DATA`] where the name is "cmp".
pub const NFTA_EXPR_DATA_CMP: Attr<NftaExpr, Nest<NftaCmp>> = Attr::new(2, "NFTA_EXPR_DATA");
/// [`NFTA_EXPR_DATA`] where the name is "ct".
pub const NFTA_EXPR_DATA_CT: Attr<NftaExpr, Nest<NftaCt>> = Attr::new(2, "NFTA_EXPR_DATA");
/// [`NFTA_EXPR_DATA`] where the name is "bitwise".
pub const NFTA_EXPR_DATA_BITWISE: Attr<NftaExpr, Nest<NftaBitwise>> =
    Attr::new(2, "NFTA_EXPR_DATA");

attr_set! {
    /// Loads a value as it stands. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaImmediate is "NFTA_IMMEDIATE" {
        /// into this register; 0 is the verdict
        NFTA_IMMEDIATE_DREG = 1: Be32,
        /// the value
        NFTA_IMMEDIATE_DATA = 2: Nest<NftaData>,
    }
}

attr_set! {
    /// A value, or a verdict. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaData is "NFTA_DATA" {
        /// bytes in the order of a packet's
        NFTA_DATA_VALUE = 1: Binary,
        /// what becomes of the packet
        NFTA_DATA_VERDICT = 2: Nest<NftaVerdict>,
    }
}

attr_set! {
    /// What becomes of a packet. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaVerdict is "NFTA_VERDICT" {
        /// dropped, accepted, or sent on to another chain
        NFTA_VERDICT_CODE = 1: Be32 as Shape::BigNamed(NF),
        /// that chain
        NFTA_VERDICT_CHAIN = 2: NulString,
        /// that chain's number in the batch that makes it
        NFTA_VERDICT_CHAIN_ID = 3: Be32,
    }
}

attr_set! {
    /// Loads what surrounds the packet. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaMeta is "NFTA_META" {
        /// into this register
        NFTA_META_DREG = 1: Be32,
        /// what
        NFTA_META_KEY = 2: Be32 as Shape::BigNamed(NFT_META),
        /// or sets it, from this register
        NFTA_META_SREG = 3: Be32,
    }
}

attr_set! {
    /// Compares a register. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaCmp is "NFTA_CMP" {
        /// this register
        NFTA_CMP_SREG = 1: Be32,
        /// how
        NFTA_CMP_OP = 2: Be32 as Shape::BigNamed(NFT_CMP),
        /// with this
        NFTA_CMP_DATA = 3: Nest<NftaData>,
    }
}

attr_set! {
    /// Loads what is known of the packet's connection. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaCt is "NFTA_CT" {
        /// into this register
        NFTA_CT_DREG = 1: Be32,
        /// what: 0 is its state
        NFTA_CT_KEY = 2: Be32,
        /// of which of its two directions
        NFTA_CT_DIRECTION = 3: Binary,
        /// or sets it, from this register
        NFTA_CT_SREG = 4: Be32,
    }
}

attr_set! {
    /// Keeps some of a register's bits. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaBitwise is "NFTA_BITWISE" {
        /// of this register
        NFTA_BITWISE_SREG = 1: Be32,
        /// into this register
        NFTA_BITWISE_DREG = 2: Be32,
        /// so many bytes
        NFTA_BITWISE_LEN = 3: Be32,
        /// the bits that are kept
        NFTA_BITWISE_MASK = 4: Nest<NftaData>,
        /// the bits that are turned afterwards
        NFTA_BITWISE_XOR = 5: Nest<NftaData>,
        /// 0: mask and turn, else shift
        NFTA_BITWISE_OP = 6: Be32,
        /// by so many bits
        NFTA_BITWISE_DATA = 7: Nest<NftaData>,
    }
}
