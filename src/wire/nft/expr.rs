//! The expressions of a rule. The kernel evaluates them in order: they load registers, compare them
//! and set the verdict on the packet.
//!
//! ```text
//!  NFTA_RULE_EXPRESSIONS            iifname "brg0" accept
//!   ├─ NFTA_LIST_ELEM
//!   │   ├─ NFTA_EXPR_NAME "meta"    loads the name of the input link into register 1
//!   │   └─ NFTA_EXPR_DATA           the name selects its attribute set
//!   ├─ NFTA_LIST_ELEM
//!   │   ├─ NFTA_EXPR_NAME "cmp"     compares the register; if they differ, the rule ends
//!   │   └─ NFTA_EXPR_DATA
//!   └─ NFTA_LIST_ELEM
//!       ├─ NFTA_EXPR_NAME "immediate"
//!       └─ NFTA_EXPR_DATA           sets register 0, the verdict, to NF_ACCEPT
//! ```
//!
//! Source: `linux/netfilter/nf_tables.h`, and `struct nft_expr_ops` in `net/netfilter/nft_*.c`.

use crate::wire::attr::{Attr, AttrSet, Be32, Binary, Nest, NulString, attr_set};
use crate::wire::shape::{Selector, Shape};
use crate::wire::uapi::{NF, NFT_CMP, NFT_META};

/// How [`NFTA_EXPR_NAME`] selects the attribute set of `NFTA_EXPR_DATA`.
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
    /// A list of expressions. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaList is "NFTA_LIST" {
        /// element of the list
        NFTA_LIST_ELEM = 1: Nest<NftaExpr>,
    }
}

attr_set! {
    /// An expression. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaExpr is "NFTA_EXPR" {
        /// name of the expression, as cmp or immediate
        NFTA_EXPR_NAME = 1: NulString,
        /// attributes of the expression
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
    /// The expression "immediate": loads a constant value into a register. Source:
    /// `linux/netfilter/nf_tables.h`.
    pub enum NftaImmediate is "NFTA_IMMEDIATE" {
        /// destination register; 0 is the verdict register
        NFTA_IMMEDIATE_DREG = 1: Be32,
        /// immediate value, or verdict
        NFTA_IMMEDIATE_DATA = 2: Nest<NftaData>,
    }
}

attr_set! {
    /// A value, or a verdict. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaData is "NFTA_DATA" {
        /// value: bytes in the order of a packet
        NFTA_DATA_VALUE = 1: Binary,
        /// verdict on the packet
        NFTA_DATA_VERDICT = 2: Nest<NftaVerdict>,
    }
}

attr_set! {
    /// A verdict. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaVerdict is "NFTA_VERDICT" {
        /// verdict code: drop, accept, jump to a chain, or another
        NFTA_VERDICT_CODE = 1: Be32 as Shape::BigNamed(NF),
        /// name of the chain to jump to
        NFTA_VERDICT_CHAIN = 2: NulString,
        /// id of the chain to jump to, in the same batch
        NFTA_VERDICT_CHAIN_ID = 3: Be32,
    }
}

attr_set! {
    /// The expression "meta": loads metadata of the packet. Source: `linux/netfilter/nf_tables.h`.
    pub enum NftaMeta is "NFTA_META" {
        /// destination register of the metadata
        NFTA_META_DREG = 1: Be32,
        /// which metadata, as the name of the input link
        NFTA_META_KEY = 2: Be32 as Shape::BigNamed(NFT_META),
        /// source register, where the expression sets metadata
        NFTA_META_SREG = 3: Be32,
    }
}

attr_set! {
    /// The expression "cmp": compares a register with a value. Source:
    /// `linux/netfilter/nf_tables.h`.
    pub enum NftaCmp is "NFTA_CMP" {
        /// source register of the comparison
        NFTA_CMP_SREG = 1: Be32,
        /// comparison operator
        NFTA_CMP_OP = 2: Be32 as Shape::BigNamed(NFT_CMP),
        /// value to compare with
        NFTA_CMP_DATA = 3: Nest<NftaData>,
    }
}

attr_set! {
    /// The expression "ct": loads connection tracking (conntrack) data. Source:
    /// `linux/netfilter/nf_tables.h`.
    pub enum NftaCt is "NFTA_CT" {
        /// destination register of the connection tracking (conntrack) data
        NFTA_CT_DREG = 1: Be32,
        /// which conntrack data: 0 is the state
        NFTA_CT_KEY = 2: Be32,
        /// direction of the connection: original or reply
        NFTA_CT_DIRECTION = 3: Binary,
        /// source register, where the expression sets conntrack data
        NFTA_CT_SREG = 4: Be32,
    }
}

attr_set! {
    /// The expression "bitwise": masks, inverts or shifts a register. Source:
    /// `linux/netfilter/nf_tables.h`.
    pub enum NftaBitwise is "NFTA_BITWISE" {
        /// source register of the bitwise operation
        NFTA_BITWISE_SREG = 1: Be32,
        /// destination register of the bitwise operation
        NFTA_BITWISE_DREG = 2: Be32,
        /// length of the value in bytes
        NFTA_BITWISE_LEN = 3: Be32,
        /// mask: the bits to keep
        NFTA_BITWISE_MASK = 4: Nest<NftaData>,
        /// bits to invert (XOR) after the mask
        NFTA_BITWISE_XOR = 5: Nest<NftaData>,
        /// operation: 0 is mask and XOR, 1 and 2 shift left and right
        NFTA_BITWISE_OP = 6: Be32,
        /// number of bits to shift by
        NFTA_BITWISE_DATA = 7: Nest<NftaData>,
    }
}
