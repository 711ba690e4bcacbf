//! Operations on kernel settings for which netlink has no message: files below /proc/sys.

use super::Encoded;
use nix::errno::Errno;

/// Set one value. /proc/sys/net belongs to the network namespace of the process that opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SysctlOp {
    /// The path below /proc/sys, as in `net/ipv4/conf/brg0/forwarding`.
    pub path: String,
    /// The value, without a line break.
    pub value: String,
}

impl SysctlOp {
    pub(super) fn encode(&self) -> Encoded {
        Encoded::Sysctl {
            path: self.path.clone(),
            value: self.value.clone(),
        }
    }

    pub(super) fn command(&self) -> String {
        format!("sysctl -w {}={}", self.path, self.value)
    }

    pub(super) fn hint(&self, errno: Errno) -> Option<&'static str> {
        match errno {
            Errno::ENOENT => Some("/proc is not mounted, or the kernel does not have this setting"),
            Errno::EROFS => Some("/proc/sys is mounted read-only"),
            _ => None,
        }
    }
}

impl std::fmt::Display for SysctlOp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "set {} to {}", self.path, self.value)
    }
}
