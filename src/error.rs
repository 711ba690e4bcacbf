//! Errors: their kind, the action that failed, the kernel's reply, and a hint.
//!
//! An error prints on one line:
//!
//! *create veth0 in host: EOPNOTSUPP: Unknown device type (IFLA_LINKINFO.IFLA_INFO_KIND "veth"):
//! the kernel has no veth driver; CONFIG_VETH, or modprobe veth*

use crate::wire::netlink_error::NetlinkError;
use nix::errno::Errno;

/// What kind of failure an [`Error`] is. A caller decides by the kind, never by the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An argument is invalid. netsetgo has attempted nothing.
    Usage,
    /// The request is valid, but a name, address, subnet or route that it needs is in use.
    Conflict,
    /// A link, a process or a namespace that the request names does not exist.
    NotFound,
    /// Another process holds what the request needs, or changes it faster than netsetgo reads it.
    Busy,
    /// The kernel rejected a netlink request or an ioctl; [`Error::netlink`] has its reply.
    Kernel,
    /// Another system call failed; [`Error::netlink`] has its errno.
    System,
}

/// A failure. It prints on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure it is.
    pub kind: Kind,
    /// The position, in the plan, of the step that failed; `None` where no step failed.
    pub step: Option<usize>,
    /// The action that failed and where, as in `create veth0 in host`; for [`Kind::Usage`] and
    /// [`Kind::Conflict`] the whole explanation.
    pub action: String,
    /// The errno, and what the kernel's extended ACK says.
    pub netlink: Option<Box<NetlinkError>>,
    /// What the user can do.
    pub hint: Option<String>,
    /// The rollback steps that failed. Empty: the state is as it was before.
    pub rollback: Vec<Error>,
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of this kind without a reply of the kernel.
    fn new(kind: Kind, action: impl Into<String>) -> Self {
        Self {
            kind,
            step: None,
            action: action.into(),
            netlink: None,
            hint: None,
            rollback: Vec::new(),
        }
    }

    /// An invalid argument; `explanation` states the rule that it breaks.
    pub fn usage(explanation: impl Into<String>) -> Self {
        Self::new(Kind::Usage, explanation)
    }

    /// A valid request that conflicts with what exists; `explanation` names the holder.
    pub fn conflict(explanation: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, explanation)
    }

    /// Something that the request names does not exist.
    pub fn not_found(explanation: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, explanation)
    }

    /// Another process is in the way for now.
    pub fn busy(explanation: impl Into<String>) -> Self {
        Self::new(Kind::Busy, explanation)
    }

    /// The kernel rejected a request.
    pub fn kernel(action: impl Into<String>, error: NetlinkError) -> Self {
        Self {
            netlink: Some(Box::new(error)),
            ..Self::new(Kind::Kernel, action)
        }
    }

    /// A system call failed with `errno`.
    pub fn system(action: impl Into<String>, errno: Errno) -> Self {
        Self {
            kind: Kind::System,
            ..Self::kernel(action, NetlinkError::from_errno(errno as i32))
        }
    }

    /// An operation of the standard library failed. An error without an errno becomes EIO.
    pub fn io(action: impl Into<String>, error: &std::io::Error) -> Self {
        let errno = error.raw_os_error().unwrap_or(libc::EIO);
        Self::system(action, Errno::from_raw(errno))
    }

    /// Adds a hint: what the user can do.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Names the step of the plan that failed, by its position.
    #[must_use]
    pub fn at_step(self, step: usize) -> Self {
        Self {
            step: Some(step),
            ..self
        }
    }

    /// Whether the kernel returned this errno.
    pub fn is(&self, errno: Errno) -> bool {
        self.netlink
            .as_ref()
            .is_some_and(|error| error.errno == errno as i32)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.action)?;
        if let Some(error) = &self.netlink {
            write!(f, ": {error}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, ": {hint}")?;
        }
        for (position, error) in self.rollback.iter().enumerate() {
            f.write_str(if position == 0 {
                "; rollback failed, what remains: "
            } else {
                "; "
            })?;
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
