//! Errors of the kernel: errno, extack message, and the offending attribute.
//!
//! An extended acknowledgement has the offset of the offending attribute in the request. netsetgo
//! has kept the request, and shows the path to this attribute through the nested attributes:
//! `IFLA_LINKINFO.IFLA_INFO_KIND "veth"`.
//!
//! ```text
//!  the acknowledgement               the request
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

/// The kernel's error for a request, or its warning where errno is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetlinkError {
    /// The errno as a positive number; 0 for a warning.
    pub errno: i32,
    /// The extack message.
    pub extack_message: Option<String>,
    /// The path of the offending attribute, with its value or its policy.
    pub attribute: Option<String>,
}

impl NetlinkError {
    /// The error of a system call, with only an errno.
    pub fn from_errno(errno: i32) -> Self {
        Self {
            errno,
            extack_message: None,
            attribute: None,
        }
    }

    /// The error in the acknowledgement of `request`. The bytes of `request` are those that
    /// netsetgo has sent.
    pub fn read(protocol: Protocol, ack: &Ack<'_>, request: &[u8]) -> Self {
        Self {
            errno: ack.errno,
            extack_message: ack.extack_message(),
            attribute: offending_attribute(protocol, ack, request)
                .or_else(|| missing(protocol, ack, request)),
        }
    }

    /// The name of the errno, as EEXIST.
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

fn offending_attribute(protocol: Protocol, ack: &Ack<'_>, request: &[u8]) -> Option<String> {
    let offset = usize::try_from(ack.value(NLMSGERR_ATTR_OFFS)?).ok()?;
    let (path, value) = printer::path(protocol, request, offset)?;
    Some(
        match ack.value(NLMSGERR_ATTR_POLICY).and_then(policy_text) {
            Some(policy) => format!("{path}: {policy}"),
            None if value.is_empty() => path,
            None => format!("{path} {value}"),
        },
    )
}

fn missing(protocol: Protocol, ack: &Ack<'_>, request: &[u8]) -> Option<String> {
    let number = u16::try_from(ack.value(NLMSGERR_ATTR_MISS_TYPE)?).ok()?;
    let nest = ack
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
