//! What went wrong: while doing what, where, what the kernel says, and what helps.
//!
//! *create veth0 in host: EOPNOTSUPP: Unknown device type (IFLA_LINKINFO.IFLA_INFO_KIND "veth"):
//! the kernel has no veth driver; CONFIG_VETH, or modprobe veth*

use crate::wire::refusal::Refusal;

/// A failure, one line long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What was being done and where, as `create veth0 in host`; or the whole reason.
    pub doing: String,
    /// The kernel's answer.
    pub refusal: Option<Box<Refusal>>,
    /// What helps.
    pub cure: Option<String>,
    /// What the undo could not undo. Empty: the state is as before.
    pub left: Vec<Error>,
}

/// What this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Words, or a state of things, that we refuse ourselves.
    pub fn refused(why: impl Into<String>) -> Self {
        Self {
            doing: why.into(),
            refusal: None,
            cure: None,
            left: Vec::new(),
        }
    }

    /// The kernel refused.
    pub fn kernel(doing: impl Into<String>, refusal: Refusal) -> Self {
        Self {
            refusal: Some(Box::new(refusal)),
            ..Self::refused(doing)
        }
    }

    /// A system call failed.
    pub fn system(doing: impl Into<String>, errno: nix::errno::Errno) -> Self {
        Self::kernel(doing, Refusal::bare(errno as i32))
    }

    /// The standard library's word for one.
    pub fn io(doing: impl Into<String>, error: &std::io::Error) -> Self {
        let errno = error.raw_os_error().unwrap_or(libc::EIO);
        Self::kernel(doing, Refusal::bare(errno))
    }

    /// With what helps.
    #[must_use]
    pub fn cure(self, cure: impl Into<String>) -> Self {
        Self {
            cure: Some(cure.into()),
            ..self
        }
    }

    /// Whether the kernel gave this errno.
    pub fn is(&self, errno: nix::errno::Errno) -> bool {
        self.refusal
            .as_ref()
            .is_some_and(|refusal| refusal.errno == errno as i32)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.doing)?;
        if let Some(refusal) = &self.refusal {
            write!(f, ": {refusal}")?;
        }
        if let Some(cure) = &self.cure {
            write!(f, ": {cure}")?;
        }
        for (place, left) in self.left.iter().enumerate() {
            f.write_str(if place == 0 {
                "; left behind, as the undo failed: "
            } else {
                "; "
            })?;
            write!(f, "{left}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
