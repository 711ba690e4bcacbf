//! Reading attributes: one after the other, nothing trusted, nothing indexed.
//!
//! ```text
//!  +---+---+--------+--+---+---+----+---+---+-- -
//!  |10 | 3 | veth0  |  | 8 | 4 |1500| 3 | 1 |        the third says 3: shorter than its own header
//!  +---+---+--------+--+---+---+----+---+---+-- -
//!  ^ len 10 and pad 2   ^ len 8      ^ Malformed at this offset; the walk ends
//!    next at align(10)
//! ```

use super::set::{Attr, Value};
use crate::wire::layout::{ATTR_HDRLEN, NLA_TYPE_MASK, NlAttr, align};
use std::marker::PhantomData;
use zerocopy::FromBytes;

/// A length that its surroundings do not allow. Iteration ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// From the start of the bytes that were handed in.
    pub offset: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// Received attributes of the space `S`: a view, nothing is copied or checked beforehand.
pub struct Attrs<'a, S> {
    pub(super) bytes: &'a [u8],
    space: PhantomData<fn() -> S>,
}

impl<S> Clone for Attrs<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Attrs<'_, S> {}

impl<S> std::fmt::Debug for Attrs<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.walk()).finish()
    }
}

impl<'a, S> Attrs<'a, S> {
    /// Views `bytes`, which begin with an attribute.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            space: PhantomData,
        }
    }

    /// The attributes one after the other, unknown ones too.
    pub fn walk(self) -> Walk<'a> {
        Walk::new(self.bytes)
    }

    /// The value of an attribute; the last one counts, as in the kernel (`__nla_parse`).
    ///
    /// `Ok(None)` where it is absent; an error where the walk meets one, or the payload has not
    /// the length that the value needs.
    pub fn find<V: Value>(self, attr: Attr<S, V>) -> Result<Option<V::Out<'a>>, Malformed> {
        let mut found = None;
        for raw in self.walk() {
            let raw = raw?;
            if raw.number() == attr.number() {
                let what = "a payload of the wrong length";
                found = Some(V::read(raw.payload).ok_or(Malformed {
                    offset: raw.offset,
                    what,
                })?);
            }
        }
        Ok(found)
    }
}

/// One attribute as it stands in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    /// Of its header, from the start of the walked bytes.
    pub offset: usize,
    /// `nla_type`, flag bits included.
    pub kind: u16,
    /// `nla_len`.
    pub len: u16,
    /// Without padding.
    pub payload: &'a [u8],
    /// Behind the payload; may be cut short at the end.
    pub padding: &'a [u8],
}

impl Raw<'_> {
    /// `nla_type` without its flag bits.
    pub fn number(&self) -> u16 {
        self.kind & NLA_TYPE_MASK
    }
}

/// Walks over attributes; ends at the first malformed one, with its offset.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Walk<'a> {
    /// Over `bytes`, which begin with an attribute.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// The attribute at the head of `bytes`, and what follows it.
    fn step(&self) -> Result<(Raw<'a>, &'a [u8]), &'static str> {
        let (head, _) = NlAttr::read_from_prefix(self.bytes)
            .map_err(|_| "fewer than four bytes where an attribute should begin")?;
        let len = usize::from(head.len);
        if len < ATTR_HDRLEN {
            // Also what keeps the walk from standing still: every step takes four bytes or more.
            return Err("an attribute shorter than its own header");
        }
        let payload = self
            .bytes
            .get(ATTR_HDRLEN..len)
            .ok_or("an attribute longer than what is left")?;
        let end = align(len).min(self.bytes.len());
        let padding = self.bytes.get(len..end).unwrap_or_default();
        let raw = Raw {
            offset: self.offset,
            kind: head.kind,
            len: head.len,
            payload,
            padding,
        };
        Ok((raw, self.bytes.get(end..).unwrap_or_default()))
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<Raw<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        match self.step() {
            Ok((raw, rest)) => {
                self.offset += self.bytes.len() - rest.len();
                self.bytes = rest;
                Some(Ok(raw))
            }
            Err(what) => {
                self.bytes = &[];
                Some(Err(Malformed {
                    offset: self.offset,
                    what,
                }))
            }
        }
    }
}
