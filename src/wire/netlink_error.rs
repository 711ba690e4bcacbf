//! The kernel's no, in words: errno, its own sentence, and the attribute that it points at.
//!
//! An extended ack points into the request by an offset. The request is ours, so the offset
//! becomes a path through its nests: `IFLA_LINKINFO.IFLA_INFO_KIND "veth"`.
//!
//! ```text
//!  the answer                        our request
//!  NLMSGERR_ATTR_OFFS 76     ──┐     0048  IFLA_LINKINFO
//!  NLMSGERR_ATTR_MSG "…"       └──▶  004c    IFLA_INFO_KIND "veth"
//!  NLMSGERR_ATTR_POLICY …            005c    IFLA_INFO_DATA
//!
//!  EOPNOTSUPP: … (IFLA_LINKINFO.IFLA_INFO_KIND "veth")
//! ```

use super::ack::{
    Ack, NLMSGERR_ATTR_MISS_NEST, NLMSGERR_ATTR_MISS_TYPE, NLMSGERR_ATTR_OFFS,
    NLMSGERR_ATTR_POLICY, policy_text,
};
use super::printer;
use super::registry::{self, Protocol};
use nix::errno::Errno;

/// Why the kernel refused a request; with errno 0, what it warns of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetlinkError {
    /// Positive; 0 for a warning.
    pub errno: i32,
    /// The kernel's own sentence.
    pub extack_message: Option<String>,
    /// The attribute it points at, with its value or its policy.
    pub attribute: Option<String>,
}

impl NetlinkError {
    /// Only an errno, as a system call gives it.
    pub fn from_errno(errno: i32) -> Self {
        Self {
            errno,
            extack_message: None,
            attribute: None,
        }
    }

    /// Reads an answer to `request`, the very bytes that were sent.
    pub fn read(protocol: Protocol, answer: &Ack<'_>, request: &[u8]) -> Self {
        Self {
            errno: answer.errno,
            extack_message: answer.extack_message(),
            attribute: offending_attribute(protocol, answer, request)
                .or_else(|| missing(protocol, answer, request)),
        }
    }

    /// The errno's name, as `EEXIST`.
    pub fn name(&self) -> String {
        format!("{:?}", Errno::from_raw(self.errno))
    }
}

impl std::fmt::Display for NetlinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let extack_message = self
            .extack_message
            .as_deref()
            .unwrap_or(printer::errno_text(self.errno));
        write!(f, "{}: {extack_message}", self.name())?;
        match &self.attribute {
            Some(attribute) => write!(f, " ({attribute})"),
            None => Ok(()),
        }
    }
}

fn offending_attribute(protocol: Protocol, answer: &Ack<'_>, request: &[u8]) -> Option<String> {
    let offset = usize::try_from(answer.value(NLMSGERR_ATTR_OFFS)?).ok()?;
    let (path, value) = printer::path(protocol, request, offset)?;
    Some(
        match answer.value(NLMSGERR_ATTR_POLICY).and_then(policy_text) {
            Some(policy) => format!("{path}: {policy}"),
            None if value.is_empty() => path,
            None => format!("{path} {value}"),
        },
    )
}

fn missing(protocol: Protocol, answer: &Ack<'_>, request: &[u8]) -> Option<String> {
    let number = u16::try_from(answer.value(NLMSGERR_ATTR_MISS_TYPE)?).ok()?;
    let nest = answer
        .value(NLMSGERR_ATTR_MISS_NEST)
        .and_then(|at| usize::try_from(at).ok());
    if let Some((path, _)) = nest.and_then(|at| printer::path(protocol, request, at)) {
        return Some(format!("attribute {number} of {path} is missing"));
    }
    let message = super::message::Messages::new(request).next()?.ok()?;
    let family = registry::family(message.payload);
    let table = (registry::body(protocol, message.header.kind, family)?.table)();
    Some(match table.entry(number) {
        Some(entry) => format!("{} is missing", entry.name),
        None => format!("{}_{number} is missing", table.name),
    })
}

#[cfg(test)]
mod tests;
