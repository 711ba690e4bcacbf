//! A step of a plan: an operation, where it is sent, its reason, and its rollback.

use super::op::Op;
use crate::wire::registry::Protocol;
use nix::errno::Errno;

/// One of the two network namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The caller's namespace.
    Host,
    /// The container's namespace.
    Container,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Container => "container",
        })
    }
}

/// Where an operation is sent: a netlink protocol in a namespace. There is one socket for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The namespace.
    pub place: Place,
    /// The netlink protocol. An ioctl or a sysctl uses the namespace only.
    pub protocol: Protocol,
}

impl Channel {
    /// Rtnetlink in the host's namespace.
    pub const HOST: Self = Self::route(Place::Host);
    /// Rtnetlink in the container's namespace.
    pub const CONTAINER: Self = Self::route(Place::Container);

    /// Rtnetlink in this namespace.
    pub const fn route(place: Place) -> Self {
        Self {
            place,
            protocol: Protocol::Route,
        }
    }
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where the operation and its rollback are sent.
    pub channel: Channel,
    /// The reason for the step: one or two sentences for a learner.
    pub reason: &'static str,
    /// The operation.
    pub op: Op,
    /// The operations that roll it back, in this order.
    pub undo: Vec<Op>,
    /// An errno that means that the wanted state exists already. The step then counts as done, and
    /// has no rollback.
    pub tolerate: Option<Errno>,
    /// Whether the plan goes on where the step fails. The failure is then a warning. A sysctl of an
    /// optional step is not rolled back.
    pub optional: bool,
}

impl Step {
    /// A step in the host's namespace.
    pub fn host(reason: &'static str, op: impl Into<Op>, undo: Vec<Op>) -> Self {
        Self {
            channel: Channel::HOST,
            reason,
            op: op.into(),
            undo,
            tolerate: None,
            optional: false,
        }
    }

    /// A step in the container's namespace.
    pub fn container(reason: &'static str, op: impl Into<Op>, undo: Vec<Op>) -> Self {
        Self {
            channel: Channel::CONTAINER,
            ..Self::host(reason, op, undo)
        }
    }

    /// What the step does and where, as in `create veth0 in host`. Error texts begin with it.
    pub fn action(&self) -> String {
        format!("{} in {}", self.op, self.channel.place)
    }

    /// The equivalent command. In the container it is run by `ip -n NS` or `ip netns exec NS`, where
    /// NS is the name of the container's namespace under /run/netns.
    pub fn command(&self) -> String {
        let command = self.op.command();
        match self.channel.place {
            Place::Host => command,
            Place::Container if command.starts_with("ip ") => {
                command.replacen("ip ", "ip -n NS ", 1)
            }
            Place::Container => format!("ip netns exec NS {command}"),
        }
    }
}
