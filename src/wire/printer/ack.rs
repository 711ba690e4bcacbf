//! Answers: the errno, the request that it echoes, what the kernel says besides.

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
    pub(super) fn answer(&mut self, message: &Received<'_>) {
        let Some(Ok(answer)) = Ack::read(message) else {
            self.unknown(HDRLEN, message.payload, "an answer that is cut short");
            return;
        };
        if let Some(error) = message.payload.get(..4) {
            let name = match answer.errno {
                0 => "0: done".into(),
                errno => format!(
                    "{} {:?}: {}",
                    self.value(Shape::Signed, error),
                    Errno::from_raw(errno),
                    errno_text(errno)
                ),
            };
            self.push(HDRLEN, error.len(), Role::Member, "error", name);
        } else if !message.payload.is_empty() {
            self.unknown(HDRLEN, message.payload, "an answer that is cut short");
        }
        let tlvs_at = answer.tlvs_at.min(message.bytes.len());
        if let Some(request) = answer.request {
            self.echo(message, &answer, request);
        }
        let announced = message.header.flags & NLM_F_ACK_TLVS != 0;
        let rest = message.bytes.get(tlvs_at..).unwrap_or_default();
        if announced {
            self.attributes(tlvs_at, rest, NlMsgErrAttr::table());
        } else if !rest.is_empty() && message.payload.len() >= 4 {
            self.unknown(tlvs_at, rest, "bytes that no flag announces");
        }
    }

    /// What the answer repeats of the request.
    fn echo(&mut self, message: &Received<'_>, answer: &Ack<'_>, request: NlMsgHdr) {
        let start = HDRLEN + 4;
        self.inside(start, |printer| {
            let echoed = message.bytes.get(start..).unwrap_or_default();
            printer.members(0, NlMsgHdr::STRUCT, echoed, Some(request));
            if let Some(body) = registry::body(
                printer.protocol,
                request.kind,
                registry::family(answer.echo),
            ) && !answer.echo.is_empty()
            {
                printer.headed(HDRLEN, answer.echo, body.layout, (body.table)());
            } else if !answer.echo.is_empty() {
                printer.unknown(HDRLEN, answer.echo, "a request of an unknown type");
            }
        });
        let end = start + HDRLEN + answer.echo.len();
        let tlvs_at = answer.tlvs_at.min(message.bytes.len());
        self.padding(end, message.bytes.get(end..tlvs_at).unwrap_or_default());
    }
}
