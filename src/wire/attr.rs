//! Attributes: their sets, their payload types, writing them and parsing them.
//!
//! ```text
//!   nla_len = 4 + payload, without the padding
//!  |<----------------------------->|
//!  +-------+-------+---------------+-------+
//!  |nla_len|nla_typ|  payload      |  pad  |   -> the next attribute, at a multiple of 4 bytes
//!  +-------+-------+---------------+-------+
//! ```
//!
//! The number 1 has another meaning in each attribute set: it is `IFLA_ADDRESS` in a link,
//! `IFLA_INFO_KIND` in IFLA_LINKINFO, and `VETH_INFO_PEER` in the data of a veth pair. An attribute
//! constant therefore has its attribute set and its payload type in its own type,
//! [`Attr<AttrSet, Value>`]. A request about a link takes no attribute of an address. This example
//! does not compile:
//!
//! ```compile_fail,E0308
//! use netsetgo::wire::{addr::IFA_LOCAL, link};
//! link::change(link::IfInfoMsg::default()).put(IFA_LOCAL, "10.0.0.1".parse().unwrap());
//! ```
//!
//! The same declarations make the [`Table`](super::shape::Table)s of the printer. The code that
//! writes, the code that parses and the printer therefore agree.
//!
//! `set` declares, `walk` parses, `value` has the payload types, and `builder` writes. Each of them
//! imports only from those before it.

mod set;

mod builder;
mod value;
mod walk;

pub use builder::{Builder, TooLong};
pub use set::{Attr, AttrSet, Value};
pub(crate) use set::{attr_set, shape};
pub use value::{
    Be32, BeI32, Binary, Descriptor, I32, Index, Ip, Nest, NulString, SubMessage, U8, U16, U32, U64,
};
pub use walk::{Attrs, Malformed, Raw, Walk};

#[cfg(test)]
mod tests;
