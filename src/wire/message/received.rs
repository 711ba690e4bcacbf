//! Splitting a received datagram into messages.
//!
//! ```text
//!  0        16              nlmsg_len      next multiple of four
//!  +--------+---------------+--------------+--------+------
//!  |nlmsghdr| payload       | padding      |nlmsghdr| …
//!  +--------+---------------+--------------+--------+------
//! ```

use crate::wire::attr::{Attrs, Malformed};
use crate::wire::layout::{HDRLEN, Header, NlMsgHdr, align};
use zerocopy::FromBytes;

/// One received message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// The offset of its header from the start of the datagram.
    pub offset: usize,
    /// The message header.
    pub header: NlMsgHdr,
    /// The message header and the payload, without padding.
    pub bytes: &'a [u8],
    /// The payload, without padding.
    pub payload: &'a [u8],
}

impl<'a> Received<'a> {
    /// The family header and the attributes after it; `None` where the payload is too short.
    pub fn body<H: Header, S>(&self) -> Option<(H, Attrs<'a, S>)> {
        let (header, _) = H::read_from_prefix(self.payload).ok()?;
        let attrs = self
            .payload
            .get(align(size_of::<H>())..)
            .unwrap_or_default();
        Some((header, Attrs::new(attrs)))
    }
}

/// Iterates over the messages of a datagram. It ends after the first malformed one, and returns its
/// offset.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Messages<'a> {
    /// Iterates over the whole datagram.
    pub fn new(datagram: &'a [u8]) -> Self {
        Self {
            bytes: datagram,
            offset: 0,
        }
    }

    fn step(&self) -> Result<(Received<'a>, &'a [u8]), &'static str> {
        let (header, _) = NlMsgHdr::read_from_prefix(self.bytes)
            .map_err(|_| "fewer than sixteen bytes where a message should begin")?;
        let len = usize::try_from(header.len).unwrap_or(usize::MAX);
        if len < HDRLEN {
            return Err("a message shorter than its own header");
        }
        let bytes = self
            .bytes
            .get(..len)
            .ok_or("a message longer than what is left")?;
        let payload = bytes.get(HDRLEN..).unwrap_or_default();
        // The last message of a datagram may have no padding.
        let rest = self.bytes.get(align(len)..).unwrap_or_default();
        Ok((
            Received {
                offset: self.offset,
                header,
                bytes,
                payload,
            },
            rest,
        ))
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Received<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        match self.step() {
            Ok((received, rest)) => {
                self.offset += self.bytes.len() - rest.len();
                self.bytes = rest;
                Some(Ok(received))
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
