//! Printing an acknowledgement: the errno, the request that the kernel repeats, and the TLVs.

use super::value::errno_text;
use super::{Printer, Role};
use crate::wire::ack::{Ack, NlMsgErrAttr};
use crate::wire::attr::AttrSet;
use crate::wire::layout::{HDRLEN, Header, NlMsgHdr};
use crate::wire::message::Received;
use crate::wire::registry;
use crate::wire::shape::Shape;
use crate::wire::uapi::NLM_F_ACK_TLVS;
use nix::errno::Errno;

impl Printer<'_> {
    pub(super) fn acknowledgement(&mut self, message: &Received<'_>) {
        let Some(Ok(ack)) = Ack::read(message) else {
            self.unknown(
                HDRLEN,
                message.payload,
                "an acknowledgement that is too short",
            );
            return;
        };
        if let Some(error) = message.payload.get(..4) {
            let name = match ack.errno {
                0 => "0: success".into(),
                errno => format!(
                    "{} {:?}: {}",
                    self.value(Shape::Signed, error),
                    Errno::from_raw(errno),
                    errno_text(errno)
                ),
            };
            self.push(HDRLEN, error.len(), Role::Member, "error", name);
        } else if !message.payload.is_empty() {
            self.unknown(
                HDRLEN,
                message.payload,
                "an acknowledgement that is too short",
            );
        }
        let tlvs_at = ack.tlvs_at.min(message.bytes.len());
        if let Some(request) = ack.request {
            self.echo(message, &ack, request);
        }
        let has_tlvs = message.header.flags & NLM_F_ACK_TLVS != 0;
        let rest = message.bytes.get(tlvs_at..).unwrap_or_default();
        if has_tlvs {
            self.attributes(tlvs_at, rest, NlMsgErrAttr::table());
        } else if !rest.is_empty() && message.payload.len() >= 4 {
            self.unknown(tlvs_at, rest, "bytes without the flag NLM_F_ACK_TLVS");
        }
    }

    /// Prints the bytes of the request that the acknowledgement repeats.
    fn echo(&mut self, message: &Received<'_>, ack: &Ack<'_>, request: NlMsgHdr) {
        let start = HDRLEN + 4;
        self.inside(start, |printer| {
            let echoed = message.bytes.get(start..).unwrap_or_default();
            printer.members(0, NlMsgHdr::STRUCT, echoed, Some(request));
            if let Some(body) =
                registry::body(printer.protocol, request.kind, registry::family(ack.echo))
                && !ack.echo.is_empty()
            {
                printer.sub_message(HDRLEN, ack.echo, body.layout, (body.table)());
            } else if !ack.echo.is_empty() {
                printer.unknown(HDRLEN, ack.echo, "a request of an unknown type");
            }
        });
        let end = start + HDRLEN + ack.echo.len();
        let tlvs_at = ack.tlvs_at.min(message.bytes.len());
        self.padding(end, message.bytes.get(end..tlvs_at).unwrap_or_default());
    }
}
