//! Attribute sets, attribute constants and the trait of payload types; the macro that declares
//! them.
//!
//! ```text
//!  attr_set! { pub enum Ifla is "IFLA" { IFLA_MTU = 4: U32, … } }
//!   ├─ pub const IFLA_MTU: Attr<Ifla, U32>           for code that writes and parses
//!   └─ Table { name: "IFLA", entries: [Entry …] }    for the printer
//! ```

use crate::wire::shape::{Shape, Table};
use std::marker::PhantomData;

/// An attribute set: the attributes that may stand side by side. The implementing type is an enum
/// without values, for use as a type parameter only.
pub trait AttrSet: 'static {
    /// The description of the set, for the printer.
    fn table() -> &'static Table;
}

/// The type of an attribute's payload: how netsetgo writes it and parses it.
pub trait Value {
    /// The description of the payload, for the printer.
    const SHAPE: Shape;
    /// The Rust type that [`write`](Self::write) takes.
    type In<'a>;
    /// The Rust type that [`read`](Self::read) returns.
    type Out<'a>;
    /// Appends the payload to `out`, without the attribute's header and padding.
    fn write(value: Self::In<'_>, out: &mut Vec<u8>);
    /// Parses a payload without padding; `None` where its length does not fit the type.
    fn read(payload: &[u8]) -> Option<Self::Out<'_>>;
}

/// An attribute of the set `S` with a payload of type `V`: its number and its name.
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
    /// An attribute with this `nla_type` (without flag bits) and this name. `attr_set!` calls it.
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

/// Declares an attribute set: one [`Attr`] constant for each attribute, and the [`Table`] for the
/// printer. The doc comment of an attribute becomes its description.
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
            fn table() -> &'static $crate::wire::shape::Table {
                const TABLE: &$crate::wire::shape::Table = &$crate::wire::shape::Table {
                    name: $prefix,
                    entries: &[ $( $crate::wire::shape::Entry {
                        number: $number,
                        name: stringify!($name),
                        shape: $crate::wire::attr::shape!($value $(, $shape)?),
                        // A doc comment's text begins with the space after the slashes.
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
