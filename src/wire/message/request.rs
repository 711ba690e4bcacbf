//! Writing one request: message header, family header, attributes.
//!
//! ```text
//!  Request::new(RTM_NEWLINK, ifinfomsg)   .put(IFLA_MTU, 1400)   .finish()
//!  +----------+-----------+               +----------+           nlmsg_len = 40
//!  | nlmsghdr | ifinfomsg |               | IFLA_MTU |
//!  +----------+-----------+               +----------+
//! ```

use crate::wire::attr::{Attr, AttrSet, Builder, Nest, SubMessage, TooLong, Value};
use crate::wire::layout::{Header, NlMsgHdr, align};
use crate::wire::uapi::{NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST};
use std::marker::PhantomData;
use zerocopy::{FromBytes, IntoBytes};

/// What a request is for. `nlmsg_flags` follows from it.
///
/// `RTM_NEWLINK` both creates and changes a link. `NLM_F_DUMP` has the same bits as `NLM_F_REPLACE`
/// and `NLM_F_EXCL` together. The purpose is therefore a type. No code derives it from the bits.
pub trait Intent {
    /// `nlmsg_flags`, without `NLM_F_ACK`.
    const FLAGS: u16;
}

macro_rules! intents { ($( $(#[$meta:meta])* $name:ident = $flags:expr; )*) => { $(
    $(#[$meta])*
    #[derive(Debug)]
    pub enum $name {}
    impl Intent for $name {
        const FLAGS: u16 = NLM_F_REQUEST | $flags;
    }
)* } }
intents! {
    /// Create an object; the kernel reports EEXIST where it exists.
    Create = NLM_F_CREATE | NLM_F_EXCL;
    /// Create an object, or replace it where it exists.
    Replace = NLM_F_CREATE | NLM_F_REPLACE;
    /// Change an object that exists.
    Change = 0;
    /// Delete an object.
    Delete = 0;
    /// Query one object; the reply is one message.
    Get = 0;
    /// Query all objects of a kind; the reply is many messages, then `NLMSG_DONE`.
    Dump = NLM_F_DUMP;
}

/// A message under construction: attributes of the set `S`, for the purpose `I`.
#[derive(Debug)]
pub struct Request<S, I> {
    bytes: Vec<u8>,
    too_long: Option<TooLong>,
    meaning: PhantomData<fn() -> (S, I)>,
}

impl<S: AttrSet, I: Intent> Request<S, I> {
    /// Starts a message with this `nlmsg_type` and this family header.
    pub(crate) fn new<H: Header>(kind: u16, header: H) -> Self {
        // The largest message of an attach fits, so that the buffer is allocated once.
        let mut bytes = Vec::with_capacity(192);
        let message_header = NlMsgHdr {
            len: 0,
            kind,
            flags: I::FLAGS,
            seq: 0,
            pid: 0,
        };
        bytes.extend_from_slice(message_header.as_bytes());
        bytes.extend_from_slice(header.as_bytes());
        bytes.resize(align(bytes.len()), 0);
        Self {
            bytes,
            too_long: None,
            meaning: PhantomData,
        }
    }

    fn attrs(&mut self) -> Builder<'_, S> {
        Builder::new(&mut self.bytes, &mut self.too_long)
    }

    /// Appends one attribute.
    #[must_use]
    pub fn put<V: Value>(mut self, attr: Attr<S, V>, value: V::In<'_>) -> Self {
        self.attrs().put(attr, value);
        self
    }

    /// Appends one attribute, where `value` is `Some`.
    #[must_use]
    pub fn put_some<V: Value>(self, attr: Attr<S, V>, value: Option<V::In<'_>>) -> Self {
        match value {
            Some(value) => self.put(attr, value),
            None => self,
        }
    }

    /// Appends a nested attribute. `fill` writes its attributes.
    #[must_use]
    pub fn nest<T: AttrSet>(
        mut self,
        attr: Attr<S, Nest<T>>,
        fill: impl FnOnce(&mut Builder<'_, T>),
    ) -> Self {
        self.attrs().nest(attr, fill);
        self
    }

    /// Appends a sub-message: the struct `header`, then the attributes that `fill` writes.
    #[must_use]
    pub fn nest_with_header<H: Header, T: AttrSet>(
        mut self,
        attr: Attr<S, SubMessage<H, T>>,
        header: H,
        fill: impl FnOnce(&mut Builder<'_, T>),
    ) -> Self {
        self.attrs().nest_with_header(attr, header, fill);
        self
    }

    /// The message of a request whose length is known to fit, as it has no attributes.
    pub(in crate::wire) fn into_message(self) -> Message {
        let length = self.bytes.len();
        self.finish().unwrap_or(Message {
            bytes: vec![0; length],
        })
    }

    /// Writes `nlmsg_len` and returns the message, ready to send.
    ///
    /// # Errors
    /// [`TooLong`] where an attribute exceeds 65535 bytes, or the message 4 GiB.
    pub fn finish(mut self) -> Result<Message, TooLong> {
        if let Some(too_long) = self.too_long {
            return Err(too_long);
        }
        let length = self.bytes.len();
        let len = u32::try_from(length).map_err(|_| TooLong {
            name: "nlmsg_len",
            length,
        })?;
        if let Some(field) = self.bytes.get_mut(..size_of::<u32>()) {
            field.copy_from_slice(len.as_bytes());
        }
        Ok(Message { bytes: self.bytes })
    }
}

/// One complete request. [`Datagram::push`](super::Datagram::push) sets its sequence number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// Message header, family header and attributes. The length is a multiple of 4 bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The message header.
    pub fn header(&self) -> NlMsgHdr {
        NlMsgHdr::read_from_prefix(&self.bytes)
            .map(|(header, _)| header)
            .unwrap_or_default()
    }
}
