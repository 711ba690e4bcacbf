//! Attributes: what an attribute's number means, writing them, walking over them.
//!
//! ```text
//!   nla_len = 4 + payload (padding not counted)
//!  |<----------------------------->|
//!  +-------+-------+---------------+-------+
//!  |nla_len|nla_typ|  payload      |  pad  |   -> next attribute, on a multiple of four
//!  +-------+-------+---------------+-------+
//! ```
//!
//! The number 1 means something else in every nest: `IFLA_ADDRESS` in a link, `IFLA_INFO_KIND`
//! in its link info, `VETH_INFO_PEER` in a veth's data. So a constant carries the *space* it
//! belongs to and the *value* it holds, [`Attr<AttrSet, Value>`], and a link's builder takes no
//! address's attribute: that does not compile.
//!
//! ```compile_fail,E0308
//! use netsetgo::wire::{addr::IFA_LOCAL, link};
//! link::change(link::IfInfoMsg::default()).put(IFA_LOCAL, "10.0.0.1".parse().unwrap());
//! ```
//!
//! The same constants make the printer's [`Table`]s, so builder, walker and printer agree.

mod builder;
mod value;
mod walk;

pub use builder::{Builder, TooLong};
pub use value::{
    Be32, BeI32, Binary, Descriptor, I32, Index, Ip, Nest, NulString, SubMessage, U8, U16, U32, U64,
};
pub use walk::{Attrs, Malformed, Raw, Walk};

use super::layout::Layout;
use super::uapi::Names;
use std::marker::PhantomData;

/// What a run of bytes means, for the printer.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Present or absent; no payload.
    Flag,
    /// A number in the machine's byte order, as wide as its bytes.
    Number,
    /// A number in the machine's byte order, below zero where its uppermost bit is set.
    Signed,
    /// A number in network byte order, as wide as its bytes.
    BigEndian,
    /// The same, below zero where its uppermost bit is set.
    BigSigned,
    /// A number whose values have names.
    Named(Names),
    /// A number in network byte order whose values have names.
    BigNamed(Names),
    /// A number whose bits have names.
    Bits(Names),
    /// Text, ended by a zero byte.
    NulString,
    /// A hardware address.
    Mac,
    /// An IPv4 or IPv6 address, in network byte order.
    Ip,
    /// An interface index: a link of the namespace the socket lives in.
    Index,
    /// An open file descriptor of the sender.
    Descriptor,
    /// `nlmsg_type`: its names depend on the protocol.
    MsgType,
    /// `nlmsg_flags`: its upper bits' names depend on the type.
    MsgFlags,
    /// Bytes that say nothing by themselves.
    Binary,
    /// Attributes.
    Nest(fn() -> &'static Table),
    /// A struct, then attributes.
    SubMessage(&'static Layout, fn() -> &'static Table),
    /// Attributes whose space another attribute, beside this one, names.
    Selected(&'static Selector),
}

/// How a nest's space is found: by the text in a sibling attribute.
#[derive(Debug)]
pub struct Selector {
    /// The sibling's number, which holds a text.
    pub sibling: u16,
    /// The text's nest.
    pub choose: fn(&[u8]) -> Option<Shape>,
}

/// All attributes of a space that the printer knows.
#[derive(Debug)]
pub struct Table {
    /// The space's name, as the kernel's enum begins: `IFLA`.
    pub name: &'static str,
    /// In no particular order.
    pub entries: &'static [Entry],
}

/// One attribute of a [`Table`].
#[derive(Debug)]
pub struct Entry {
    /// `nla_type` without its flag bits.
    pub number: u16,
    /// The kernel's name.
    pub name: &'static str,
    /// What the payload means.
    pub shape: Shape,
    /// A sentence for the learner.
    pub description: &'static str,
}

impl Table {
    /// The entry of this number.
    pub fn entry(&self, number: u16) -> Option<&'static Entry> {
        self.entries.iter().find(|entry| entry.number == number)
    }
}

/// A set of attribute numbers with one meaning: an empty enum, never a value.
pub trait AttrSet: 'static {
    /// What the printer knows of it.
    fn table() -> &'static Table;
}

/// What an attribute's payload holds: how it is written and read.
pub trait Value {
    /// For the printer.
    const SHAPE: Shape;
    /// What a builder takes.
    type In<'a>;
    /// What a reader gives.
    type Out<'a>;
    /// Appends the payload.
    fn write(value: Self::In<'_>, out: &mut Vec<u8>);
    /// Reads a payload; `None` where it has not the length this value needs.
    fn read(payload: &[u8]) -> Option<Self::Out<'_>>;
}

/// The number of an attribute, with the space it belongs to and the value it holds.
pub struct Attr<S, V> {
    number: u16,
    name: &'static str,
    marker: PhantomData<fn() -> (S, V)>,
}

impl<S, V> Clone for Attr<S, V> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S, V> Copy for Attr<S, V> {}

impl<S, V> Attr<S, V> {
    /// A constant of a space; the `space!` declarations call this.
    pub const fn new(number: u16, name: &'static str) -> Self {
        Self {
            number,
            name,
            marker: PhantomData,
        }
    }
    /// `nla_type` without its flag bits.
    pub const fn number(self) -> u16 {
        self.number
    }
    /// The kernel's name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// Declares a space: its constants, each with a sentence, and the printer's table of them.
macro_rules! attr_set {
    ($(#[$meta:meta])* pub enum $attr_set:ident is $prefix:literal {
        $( #[doc = $doc:literal] $name:ident = $number:literal: $value:ty $(as $shape:expr)?, )*
    }) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub enum $attr_set {}
        $(
            #[doc = $doc]
            pub const $name: $crate::wire::attr::Attr<$attr_set, $value> =
                $crate::wire::attr::Attr::new($number, stringify!($name));
        )*
        impl $crate::wire::attr::AttrSet for $attr_set {
            fn table() -> &'static $crate::wire::attr::Table {
                const TABLE: &$crate::wire::attr::Table = &$crate::wire::attr::Table {
                    name: $prefix,
                    entries: &[ $( $crate::wire::attr::Entry {
                        number: $number,
                        name: stringify!($name),
                        shape: $crate::wire::attr::shape!($value $(, $shape)?),
                        // rustdoc's text begins with the blank behind the slashes
                        description: $doc.trim_ascii(),
                    }, )* ],
                };
                TABLE
            }
        }
    };
}
macro_rules! shape {
    ($value:ty) => {
        <$value as $crate::wire::attr::Value>::SHAPE
    };
    ($value:ty, $shape:expr) => {
        $shape
    };
}
pub(crate) use {attr_set, shape};

#[cfg(test)]
mod tests;
