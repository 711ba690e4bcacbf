//! Parsing attributes. The parser checks each length and never indexes past the end.
//!
//! ```text
//!  +---+---+--------+--+---+---+----+---+---+-- -
//!  |10 | 3 | veth0  |  | 8 | 4 |1500| 3 | 1 |        the third has length 3: shorter than its header
//!  +---+---+--------+--+---+---+----+---+---+-- -
//!  ^ len 10 and pad 2   ^ len 8      ^ Malformed at this offset; the walk ends
//!    next at align(10)
//! ```

use super::set::{Attr, Value};
use crate::wire::layout::{ATTR_HDRLEN, NLA_TYPE_MASK, NlAttr, align};
use std::marker::PhantomData;
use zerocopy::FromBytes;

/// A wrong length. The iteration ends after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The offset from the start of the bytes that the caller passed.
    pub offset: usize,
    /// What is wrong.
    pub what: &'static str,
}

/// Received attributes of the set `S`. This is a view: it copies nothing, and it checks lengths
/// only during iteration.
pub struct Attrs<'a, S> {
    pub(super) bytes: &'a [u8],
    set: PhantomData<fn() -> S>,
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
    /// A view of `bytes`, which begin with an attribute.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            set: PhantomData,
        }
    }

    /// The attributes in order, unknown ones too.
    pub fn walk(self) -> Walk<'a> {
        Walk::new(self.bytes)
    }

    /// The value of an attribute; `None` where it is absent. Of several, the last one is returned,
    /// as in the kernel (`__nla_parse`, `lib/nlattr.c`).
    ///
    /// # Errors
    /// [`Malformed`] where the length of an attribute is wrong, or that of this one's payload.
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

/// One attribute: its header, payload and padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    /// The offset of its header from the start of the bytes.
    pub offset: usize,
    /// `nla_type` with its flag bits.
    pub kind: u16,
    /// `nla_len`: header and payload, in bytes.
    pub len: u16,
    /// The payload without padding.
    pub payload: &'a [u8],
    /// The padding after the payload; it may be shorter at the end of the bytes.
    pub padding: &'a [u8],
}

impl Raw<'_> {
    /// `nla_type` without its flag bits.
    pub fn number(&self) -> u16 {
        self.kind & NLA_TYPE_MASK
    }
}

/// Iterates over attributes. It ends after the first malformed one, and returns its offset.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Walk<'a> {
    /// Iterates over `bytes`, which begin with an attribute.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// The first attribute, and the bytes after it.
    fn step(&self) -> Result<(Raw<'a>, &'a [u8]), &'static str> {
        let (head, _) = NlAttr::read_from_prefix(self.bytes)
            .map_err(|_| "fewer than four bytes where an attribute should begin")?;
        let len = usize::from(head.len);
        if len < ATTR_HDRLEN {
            // Each step therefore takes at least 4 bytes, and the iteration ends.
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
