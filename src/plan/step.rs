//! A step: what to do, where, why, and how to undo it.

use super::op::Op;
use nix::errno::Errno;

/// Which of the two namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The caller's.
    Host,
    /// The container's.
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

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it is done and undone.
    pub place: Place,
    /// A sentence for the learner.
    pub reason: &'static str,
    /// What is done.
    pub op: Op,
    /// What takes it back, in this order.
    pub undo: Vec<Op>,
    /// With this errno somebody else has done it already, and nothing is to be undone.
    pub tolerate: Option<Errno>,
}

impl Step {
    /// In the host's namespace.
    pub fn host(reason: &'static str, op: Op, undo: Vec<Op>) -> Self {
        Self {
            place: Place::Host,
            reason,
            op,
            undo,
            tolerate: None,
        }
    }

    /// In the container's namespace.
    pub fn container(reason: &'static str, op: Op, undo: Vec<Op>) -> Self {
        Self {
            place: Place::Container,
            ..Self::host(reason, op, undo)
        }
    }

    /// What it does and where, as an error begins: `create veth0 in host`.
    pub fn action(&self) -> String {
        format!("{} in {}", self.op, self.place)
    }
}
