//! Writing attributes: lengths, nests and padding fall into place.
//!
//! ```text
//!  1. header with length 0      2. the payload, or a whole nest   3. the length, patched in; padding
//!  +---+---+                    +---+---+----------------+        +---+---+----------------+---+
//!  | 0 | 3 |                    | 0 | 3 | v e t h 0 \0    |        |10 | 3 | v e t h 0 \0    |0 0|
//!  +---+---+                    +---+---+----------------+        +---+---+----------------+---+
//! ```

use super::set::{Attr, AttrSet, Value};
use super::value::{Nest, SubMessage};
use crate::wire::layout::{ATTR_HDRLEN, Header, NLA_F_NESTED, NlAttr, align};
use std::marker::PhantomData;
use zerocopy::IntoBytes;

/// Writes attributes of the space `S` behind what is already in the buffer.
///
/// A length that `nla_len` cannot carry (65 535) is remembered and refused by whoever finishes
/// the message: nothing is ever cut off silently.
#[derive(Debug)]
pub struct Builder<'a, S> {
    out: &'a mut Vec<u8>,
    too_long: &'a mut Option<TooLong>,
    space: PhantomData<fn() -> S>,
}

/// An attribute, or a message, longer than its length field can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The attribute's name.
    pub name: &'static str,
    /// What its length would have been.
    pub length: usize,
}

impl<'a, S: AttrSet> Builder<'a, S> {
    /// Starts behind what `out` holds; `out`'s length is a multiple of four.
    pub(crate) fn new(out: &'a mut Vec<u8>, too_long: &'a mut Option<TooLong>) -> Self {
        Self {
            out,
            too_long,
            space: PhantomData,
        }
    }

    /// Appends one attribute, padded.
    pub fn put<V: Value>(&mut self, attr: Attr<S, V>, value: V::In<'_>) -> &mut Self {
        self.framed(attr.number(), attr.name(), |out, _| V::write(value, out))
    }

    /// Appends a nest and lets `fill` write into it.
    ///
    /// `NLA_F_NESTED` is set: the kernel's newer parsers demand it, the older mask it away
    /// (`nla_parse_nested_deprecated`, `include/net/netlink.h`).
    pub fn nest<T: AttrSet>(
        &mut self,
        attr: Attr<S, Nest<T>>,
        fill: impl FnOnce(&mut Builder<'_, T>),
    ) -> &mut Self {
        self.framed(
            attr.number() | NLA_F_NESTED,
            attr.name(),
            |out, too_long| {
                fill(&mut Builder::new(out, too_long));
            },
        )
    }

    /// Appends a nest that a struct opens.
    pub fn nest_with_header<H: Header, T: AttrSet>(
        &mut self,
        attr: Attr<S, SubMessage<H, T>>,
        header: H,
        fill: impl FnOnce(&mut Builder<'_, T>),
    ) -> &mut Self {
        self.framed(
            attr.number() | NLA_F_NESTED,
            attr.name(),
            |out, too_long| {
                out.extend_from_slice(header.as_bytes());
                out.resize(align(out.len()), 0);
                fill(&mut Builder::new(out, too_long));
            },
        )
    }

    /// Header, payload, padding; the length is patched in when it is known.
    fn framed(
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
