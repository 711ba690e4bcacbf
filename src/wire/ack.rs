//! Acknowledgements (ACKs): NLMSG_ERROR after a request, NLMSG_DONE after a dump.
//!
//! ```text
//!  NLMSG_ERROR                                        NLMSG_DONE
//!  +----------------+                                 +----------------+
//!  | nlmsghdr       | flags: CAPPED? ACK_TLVS?        | nlmsghdr       | flags: ACK_TLVS?
//!  +----------------+                                 +----------------+
//!  | error          | 0, or a negative errno        | error          |
//!  +----------------+                                 +----------------+
//!  | nlmsghdr       | of the request                  | TLVs, if       |
//!  +----------------+                                 | ACK_TLVS       |
//!  | the rest of    | not if CAPPED                   +----------------+
//!  | the request    |
//!  +----------------+
//!  | TLVs, if       | NLMSGERR_ATTR_MSG "…", _OFFS 32, …
//!  | ACK_TLVS       |
//!  +----------------+
//! ```
//!
//! The TLVs are the attributes of the extended acknowledgement. Their offset in the payload depends
//! on the message. In a capped NLMSG_ERROR it is 4 + 16 bytes. In a full one it is 4 bytes plus the
//! *aligned* length of the request. In NLMSG_DONE it is 4 bytes. Source: `netlink_ack`,
//! `net/netlink/af_netlink.c`; `linux/netlink.h`.

use super::attr::{Attrs, Binary, Malformed, Nest, NulString, U32, U64, Value, attr_set};
use super::layout::{HDRLEN, NlMsgHdr, align};
use super::message::Received;
use super::shape::Shape;
use super::uapi::{NL_ATTR_TYPE, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_DONE, NLMSG_ERROR};
use zerocopy::FromBytes;

attr_set! {
    /// Attributes of the extended acknowledgement (extack). Source: `linux/netlink.h`, since Linux
    /// 4.12.
    pub enum NlMsgErrAttr is "NLMSGERR_ATTR" {
        /// extack message: the kernel's error message
        NLMSGERR_ATTR_MSG = 1: NulString,
        /// offset of the offending attribute in the request, in bytes
        NLMSGERR_ATTR_OFFS = 2: U32,
        /// cookie: bytes that only the subsystem uses
        NLMSGERR_ATTR_COOKIE = 3: Binary,
        /// policy of the offending attribute: which values the kernel accepts
        NLMSGERR_ATTR_POLICY = 4: Nest<NlPolicyType>,
        /// number of a missing attribute
        NLMSGERR_ATTR_MISS_TYPE = 5: U32,
        /// offset of the nested attribute that lacks the missing one, in bytes
        NLMSGERR_ATTR_MISS_NEST = 6: U32,
    }
}

attr_set! {
    /// The policy of an attribute. Source: `linux/netlink.h`, since Linux 5.10.
    pub enum NlPolicyType is "NL_POLICY_TYPE_ATTR" {
        /// type of the payload
        NL_POLICY_TYPE_ATTR_TYPE = 1: U32 as Shape::Named(NL_ATTR_TYPE),
        /// smallest allowed signed value
        NL_POLICY_TYPE_ATTR_MIN_VALUE_S = 2: U64 as Shape::Signed,
        /// largest allowed signed value
        NL_POLICY_TYPE_ATTR_MAX_VALUE_S = 3: U64 as Shape::Signed,
        /// smallest allowed unsigned value
        NL_POLICY_TYPE_ATTR_MIN_VALUE_U = 4: U64,
        /// largest allowed unsigned value
        NL_POLICY_TYPE_ATTR_MAX_VALUE_U = 5: U64,
        /// smallest allowed length of the payload in bytes
        NL_POLICY_TYPE_ATTR_MIN_LENGTH = 6: U32,
        /// largest allowed length of the payload in bytes
        NL_POLICY_TYPE_ATTR_MAX_LENGTH = 7: U32,
        /// index of the policy of a nested attribute, in a dump of policies
        NL_POLICY_TYPE_ATTR_POLICY_IDX = 8: U32,
        /// largest attribute number in a nested attribute
        NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE = 9: U32,
        /// mask of the allowed bits of a bitfield
        NL_POLICY_TYPE_ATTR_BITFIELD32_MASK = 10: U32,
        /// padding
        NL_POLICY_TYPE_ATTR_PAD = 11: Binary,
        /// mask of the allowed bits
        NL_POLICY_TYPE_ATTR_MASK = 12: U64,
    }
}

/// A parsed acknowledgement.
#[derive(Clone, Copy, Debug)]
pub struct Ack<'a> {
    /// The errno as a positive number; 0 is success.
    pub errno: i32,
    /// The header of the request, which the kernel repeats; `None` in NLMSG_DONE.
    pub request: Option<NlMsgHdr>,
    /// The bytes of the request after its header, where the kernel repeats them.
    pub echo: &'a [u8],
    /// The offset of the TLVs from the start of the message.
    pub tlvs_at: usize,
    /// The attributes of the extended acknowledgement.
    pub tlvs: Attrs<'a, NlMsgErrAttr>,
}

impl<'a> Ack<'a> {
    /// Parses NLMSG_ERROR or NLMSG_DONE; `None` for a message of another type.
    ///
    /// # Errors
    /// [`Malformed`] where the message is too short.
    pub fn read(received: &Received<'a>) -> Option<Result<Self, Malformed>> {
        match received.header.kind {
            NLMSG_ERROR => Some(Self::error(received)),
            NLMSG_DONE => Some(Self::done(received)),
            _ => None,
        }
    }

    fn error(received: &Received<'a>) -> Result<Self, Malformed> {
        let short = |what| Malformed {
            offset: received.offset + received.bytes.len(),
            what,
        };
        let (error, rest) = i32::read_from_prefix(received.payload)
            .map_err(|_| short("an acknowledgement too short for its error"))?;
        let (request, _) = NlMsgHdr::read_from_prefix(rest)
            .map_err(|_| short("an acknowledgement too short for the header of the request"))?;
        let echoed = if received.header.flags & NLM_F_CAPPED != 0 {
            HDRLEN
        } else {
            usize::try_from(request.len)
                .unwrap_or(usize::MAX)
                .max(HDRLEN)
                // A wrong length could overflow in align() on a 32-bit machine.
                .min(rest.len().max(HDRLEN))
        };
        let echo = rest.get(HDRLEN..echoed).unwrap_or_default();
        Ok(Self::with_tlvs(
            received,
            error,
            Some(request),
            echo,
            4 + align(echoed),
        ))
    }

    fn done(received: &Received<'a>) -> Result<Self, Malformed> {
        // Older kernels end a dump without an error number, which means success.
        let error = i32::read_from_prefix(received.payload).map_or(0, |(error, _)| error);
        Ok(Self::with_tlvs(received, error, None, &[], 4))
    }

    fn with_tlvs(
        received: &Received<'a>,
        error: i32,
        request: Option<NlMsgHdr>,
        echo: &'a [u8],
        at: usize,
    ) -> Self {
        // Without NLM_F_ACK_TLVS, the bytes are not TLVs.
        let announced = received.header.flags & NLM_F_ACK_TLVS != 0;
        let tlvs = received
            .payload
            .get(at..)
            .filter(|_| announced)
            .unwrap_or_default();
        Self {
            // The kernel sends negative errnos. Some subsystems have sent positive ones.
            errno: error.checked_abs().unwrap_or(i32::MAX),
            request,
            echo,
            tlvs_at: HDRLEN.saturating_add(at),
            tlvs: Attrs::new(tlvs),
        }
    }

    /// The extack message: the reason of the error, or a warning where errno is 0.
    pub fn extack_message(&self) -> Option<String> {
        self.value(NLMSGERR_ATTR_MSG).map(|text| text.into_owned())
    }

    /// The value of one TLV; `None` where it is absent or malformed. The errno is valid in any
    /// case.
    pub fn value<V: Value>(&self, attr: super::attr::Attr<NlMsgErrAttr, V>) -> Option<V::Out<'a>> {
        self.tlvs.find(attr).ok().flatten()
    }
}

/// The text for a policy, as `string, at most 15 bytes`; `None` where it has no known type.
pub fn policy_text(policy: Attrs<'_, NlPolicyType>) -> Option<String> {
    let number = |attr| policy.find(attr).ok().flatten();
    let wide = |attr| policy.find(attr).ok().flatten();
    let kind = number(NL_POLICY_TYPE_ATTR_TYPE)?;
    let name = super::uapi::name_of(NL_ATTR_TYPE, kind)?.trim_start_matches("NL_ATTR_TYPE_");
    let mut words = name
        .to_ascii_lowercase()
        .replace("nul_string", "string")
        .replace('_', " ");
    let signed = |value: u64| i64::from_ne_bytes(value.to_ne_bytes());
    match (
        wide(NL_POLICY_TYPE_ATTR_MIN_VALUE_S).map(signed),
        wide(NL_POLICY_TYPE_ATTR_MAX_VALUE_S).map(signed),
    ) {
        (Some(min), Some(max)) => words += &format!(", {min} to {max}"),
        _ => {
            if let (Some(min), Some(max)) = (
                wide(NL_POLICY_TYPE_ATTR_MIN_VALUE_U),
                wide(NL_POLICY_TYPE_ATTR_MAX_VALUE_U),
            ) {
                words += &format!(", {min} to {max}");
            }
        }
    }
    if let Some(min) = number(NL_POLICY_TYPE_ATTR_MIN_LENGTH) {
        words += &format!(", at least {min} bytes");
    }
    if let Some(max) = number(NL_POLICY_TYPE_ATTR_MAX_LENGTH) {
        words += &format!(", at most {max} bytes");
    }
    Some(words)
}

#[cfg(test)]
mod tests;
