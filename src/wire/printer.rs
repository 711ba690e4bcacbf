//! Printing a datagram: each run of bytes with its name and its value.
//!
//! ```text
//!  bytes ──▶ Messages ──▶ registry: header, attribute set ──▶ Walk, also nested ──▶ Field…
//!            nlmsghdr      ifinfomsg, IFLA_…                IFLA_LINKINFO
//!                                                            └─ IFLA_INFO_KIND
//! ```
//!
//! The descriptions come from the same declarations that write and parse messages. The printer
//! accepts any bytes. It prints bytes that it does not understand as unknown, with the reason. Its
//! time is linear in the number of bytes: each byte belongs to one field at each depth, and the
//! depth is at most [`MAX_DEPTH`].

mod ack;
mod field;
mod kinds;
mod value;

pub use field::{Field, Identifier, NameLookup, Role, no_names};
pub use value::errno_text;

use super::shape::{Layout, Shape, Table};
use kinds::Kinds;
use value::{counted, message_flags};

use super::attr::{Malformed, Walk};
use super::layout::{
    ATTR_HDRLEN, HDRLEN, Header, NLA_F_NESTED, NLA_F_NET_BYTEORDER, NlMsgHdr, align,
};
use super::message::{Messages, Received};
use super::registry::{self, Protocol};
use super::uapi::{NLMSG_DONE, NLMSG_ERROR};
use zerocopy::FromBytes;

/// The largest depth of nested attributes. The printer shows deeper ones as bytes. The kernel's own
/// limit is 10 (`MAX_POLICY_RECURSION_DEPTH`, `lib/nlattr.c`).
pub const MAX_DEPTH: usize = 16;

/// The fields of all messages in `bytes`, in order. `namer` names interface indexes and
/// descriptors.
pub fn fields(protocol: Protocol, bytes: &[u8], namer: NameLookup<'_>) -> Vec<Field> {
    let mut printer = Printer {
        protocol,
        namer,
        fields: Vec::new(),
        origin: 0,
        depth: 0,
    };
    let mut end = 0;
    for message in Messages::new(bytes) {
        match message {
            Ok(message) => {
                printer.message(&message);
                end = message.offset + message.bytes.len();
                let next = align(end).min(bytes.len());
                printer.padding(end, bytes.get(end..next).unwrap_or_default());
                end = next;
            }
            Err(Malformed { offset, what }) => {
                printer.cut(offset, bytes.get(offset..).unwrap_or_default(), what);
                end = bytes.len();
            }
        }
    }
    debug_assert_eq!(end, bytes.len());
    printer.fields
}

/// The path and the value of the attribute at `offset` of a message, in bytes. The path has the
/// nested attributes that contain it: `IFLA_LINKINFO.IFLA_INFO_KIND`. `None` where no attribute
/// begins there.
pub fn path(protocol: Protocol, message: &[u8], offset: usize) -> Option<(String, String)> {
    let fields = fields(protocol, message, &no_names);
    let found = fields
        .iter()
        .position(|f| f.role == Role::Attribute && f.offset == offset)?;
    let (before, from) = fields.split_at_checked(found)?;
    let field = from.first()?;
    let mut names = vec![field.name.as_str()];
    let mut depth = field.depth;
    for outer in before.iter().rev().filter(|f| f.role == Role::Attribute) {
        if outer.depth < depth {
            names.push(&outer.name);
            depth = outer.depth;
        }
    }
    names.reverse();
    let value = from
        .get(1)
        .filter(|f| f.role == Role::Payload && f.depth == field.depth);
    Some((
        names.join("."),
        value.map(|f| f.value.clone()).unwrap_or_default(),
    ))
}

struct Printer<'a> {
    protocol: Protocol,
    namer: NameLookup<'a>,
    fields: Vec<Field>,
    /// The offset of the current bytes from the start of all bytes.
    origin: usize,
    depth: usize,
}

impl Printer<'_> {
    fn push(&mut self, offset: usize, len: usize, role: Role, name: &str, value: String) {
        let (offset, depth) = (self.origin + offset, self.depth);
        self.fields.push(Field {
            offset,
            len,
            depth,
            name: name.into(),
            value,
            description: "",
            role,
        });
    }

    fn description(&mut self, description: &'static str) {
        if let Some(field) = self.fields.last_mut() {
            field.description = description;
        }
    }

    fn padding(&mut self, offset: usize, bytes: &[u8]) {
        if !bytes.is_empty() {
            let zero = bytes.iter().all(|&byte| byte == 0);
            let value = if zero { "" } else { "not zero" };
            self.push(
                offset,
                bytes.len(),
                Role::Padding,
                "(padding)",
                value.into(),
            );
        }
    }

    fn unknown(&mut self, offset: usize, bytes: &[u8], reason: &str) {
        self.push(offset, bytes.len(), Role::Unknown, "?", reason.into());
    }

    /// Calls `work`. Its fields are one level deeper and `by` bytes later.
    fn inside(&mut self, by: usize, work: impl FnOnce(&mut Self)) {
        self.origin += by;
        self.depth += 1;
        work(self);
        self.depth -= 1;
        self.origin -= by;
    }

    fn message(&mut self, message: &Received<'_>) {
        self.origin += message.offset;
        self.members(0, NlMsgHdr::STRUCT, message.bytes, Some(message.header));
        match message.header.kind {
            NLMSG_ERROR | NLMSG_DONE => self.acknowledgement(message),
            kind => match registry::body(self.protocol, kind, registry::family(message.payload)) {
                Some(body) => {
                    self.sub_message(HDRLEN, message.payload, body.layout, (body.table)())
                }
                None if message.payload.is_empty() => {}
                None => self.unknown(HDRLEN, message.payload, "a message of an unknown type"),
            },
        }
        self.origin -= message.offset;
    }

    /// Prints the fields of an incomplete message, as in a capture with a length limit.
    fn cut(&mut self, offset: usize, bytes: &[u8], what: &'static str) {
        let header = NlMsgHdr::read_from_prefix(bytes).map(|(header, _)| header);
        let known = header.ok().filter(|header| {
            let length = usize::try_from(header.len).unwrap_or(usize::MAX);
            let family = registry::family(bytes.get(HDRLEN..).unwrap_or_default());
            length > bytes.len() && registry::body(self.protocol, header.kind, family).is_some()
        });
        let Some(header) = known else {
            self.unknown(offset, bytes, what);
            return;
        };
        self.message(&Received {
            offset,
            header,
            bytes,
            payload: bytes.get(HDRLEN..).unwrap_or_default(),
        });
        let end = bytes.len();
        let reason = format!("{what}: {end} of {} bytes are there", header.len);
        self.unknown(offset + end, &[], &reason);
    }

    /// Prints the members of a struct.
    fn members(&mut self, at: usize, layout: &Layout, bytes: &[u8], header: Option<NlMsgHdr>) {
        for member in layout.fields {
            let range = member.offset..member.offset + member.size;
            let Some(bytes) = bytes.get(range) else {
                continue;
            };
            let value = match (member.shape, header) {
                (Shape::MsgType, Some(header)) => registry::type_name(self.protocol, header.kind)
                    .map_or_else(|| header.kind.to_string(), str::to_owned),
                (Shape::MsgFlags, Some(header)) => message_flags(self.protocol, header),
                (shape, _) => self.value(shape, bytes),
            };
            self.push(
                at + member.offset,
                member.size,
                Role::Member,
                member.name,
                value,
            );
            self.description(member.description);
        }
    }

    /// Prints a struct, then attributes.
    fn sub_message(&mut self, at: usize, bytes: &[u8], layout: &Layout, table: &'static Table) {
        if bytes.len() < layout.size {
            self.unknown(at, bytes, "shorter than its header");
            return;
        }
        self.members(at, layout, bytes, None);
        let start = align(layout.size).min(bytes.len());
        self.padding(
            at + layout.size,
            bytes.get(layout.size..start).unwrap_or_default(),
        );
        self.attributes(at + start, bytes.get(start..).unwrap_or_default(), table);
    }

    fn attributes(&mut self, at: usize, bytes: &[u8], table: &'static Table) {
        let kinds = Kinds::of(table, bytes);
        for raw in Walk::new(bytes) {
            let raw = match raw {
                Ok(raw) => raw,
                Err(Malformed { offset, what }) => {
                    self.unknown(at + offset, bytes.get(offset..).unwrap_or_default(), what);
                    return;
                }
            };
            let entry = table.entry(raw.number());
            let name = entry.map_or_else(
                || format!("{}_{}", table.name, raw.number()),
                |entry| entry.name.to_owned(),
            );
            let mut length = counted(raw.len.into());
            for (bit, flag) in [
                (NLA_F_NESTED, "NLA_F_NESTED"),
                (NLA_F_NET_BYTEORDER, "NLA_F_NET_BYTEORDER"),
            ] {
                if raw.kind & bit != 0 {
                    length = format!("{length} {flag}");
                }
            }
            let start = at + raw.offset;
            self.push(start, ATTR_HDRLEN, Role::Attribute, &name, length);
            self.description(entry.map_or("", |entry| entry.description));
            let shape = match entry.map_or(Shape::Binary, |entry| entry.shape) {
                Shape::Selected(selector) => kinds.choose(selector),
                shape => shape,
            };
            self.payload(start + ATTR_HDRLEN, raw.payload, shape);
            self.padding(start + ATTR_HDRLEN + raw.payload.len(), raw.padding);
        }
    }

    fn payload(&mut self, at: usize, bytes: &[u8], shape: Shape) {
        match shape {
            Shape::Nest(table) if self.depth < MAX_DEPTH => {
                self.inside(at, |printer| printer.attributes(0, bytes, table()));
            }
            Shape::SubMessage(layout, table) if self.depth < MAX_DEPTH => {
                self.inside(at, |printer| printer.sub_message(0, bytes, layout, table()));
            }
            _ if bytes.is_empty() => {}
            shape => {
                let value = self.value(shape, bytes);
                self.push(at, bytes.len(), Role::Payload, "", value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
