//! Writing attributes: the builder computes lengths and padding, also of nested attributes.
//!
//! ```text
//!  1. header with length 0      2. payload, or attributes         3. the length in the header; padding
//!  +---+---+                    +---+---+----------------+        +---+---+----------------+---+
//!  | 0 | 3 |                    | 0 | 3 | v e t h 0 \0    |        |10 | 3 | v e t h 0 \0    |0 0|
//!  +---+---+                    +---+---+----------------+        +---+---+----------------+---+
//! ```

use super::set::{Attr, AttrSet, Value};
use super::value::{Nest, SubMessage};
use crate::wire::layout::{ATTR_HDRLEN, Header, NLA_F_NESTED, NlAttr, align};
use std::marker::PhantomData;
use zerocopy::IntoBytes;

/// Appends attributes of the set `S` to a buffer.
///
/// `nla_len` can hold at most 65535. The builder records a longer attribute, and
/// [`Request::finish`](crate::wire::message::Request::finish) then refuses the message.
#[derive(Debug)]
pub struct Builder<'a, S> {
    out: &'a mut Vec<u8>,
    too_long: &'a mut Option<TooLong>,
    set: PhantomData<fn() -> S>,
}

/// An attribute or a message that is too long for its length field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The name of the attribute, or `nlmsg_len`.
    pub name: &'static str,
    /// Its length in bytes.
    pub length: usize,
}

impl<'a, S: AttrSet> Builder<'a, S> {
    /// Appends to `out`, whose length is a multiple of 4 bytes. A too long attribute is recorded in
    /// `too_long`.
    pub(crate) fn new(out: &'a mut Vec<u8>, too_long: &'a mut Option<TooLong>) -> Self {
        Self {
            out,
            too_long,
            set: PhantomData,
        }
    }

    /// Appends one attribute and its padding.
    pub fn put<V: Value>(&mut self, attr: Attr<S, V>, value: V::In<'_>) -> &mut Self {
        self.attribute(attr.number(), attr.name(), |out, _| V::write(value, out))
    }

    /// Appends a nested attribute. `fill` writes its attributes.
    ///
    /// The attribute has `NLA_F_NESTED`. The kernel's newer parsers require this flag, and the
    /// older ones ignore it (`nla_parse_nested_deprecated`, `include/net/netlink.h`).
    pub fn nest<T: AttrSet>(
        &mut self,
        attr: Attr<S, Nest<T>>,
        fill: impl FnOnce(&mut Builder<'_, T>),
    ) -> &mut Self {
        self.attribute(
            attr.number() | NLA_F_NESTED,
            attr.name(),
            |out, too_long| {
                fill(&mut Builder::new(out, too_long));
            },
        )
    }

    /// Appends a sub-message: the struct `header`, then the attributes that `fill` writes.
    pub fn nest_with_header<H: Header, T: AttrSet>(
        &mut self,
        attr: Attr<S, SubMessage<H, T>>,
        header: H,
        fill: impl FnOnce(&mut Builder<'_, T>),
    ) -> &mut Self {
        self.attribute(
            attr.number() | NLA_F_NESTED,
            attr.name(),
            |out, too_long| {
                out.extend_from_slice(header.as_bytes());
                out.resize(align(out.len()), 0);
                fill(&mut Builder::new(out, too_long));
            },
        )
    }

    /// Appends header, payload and padding. It writes the length after the payload.
    fn attribute(
        &mut self,
        kind: u16,
        name: &'static str,
        payload: impl FnOnce(&mut Vec<u8>, &mut Option<TooLong>),
    ) -> &mut Self {
        let start = self.out.len();
        self.out
            .extend_from_slice(NlAttr { len: 0, kind }.as_bytes());
        payload(self.out, self.too_long);
        let length = self.out.len() - start;
        let len = u16::try_from(length).unwrap_or_else(|_| {
            self.too_long.get_or_insert(TooLong { name, length });
            0
        });
        if let Some(head) = self.out.get_mut(start..start + ATTR_HDRLEN) {
            head.copy_from_slice(NlAttr { len, kind }.as_bytes());
        }
        self.out.resize(align(self.out.len()), 0);
        self
    }
}
