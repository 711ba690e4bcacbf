//! How a container is named.

use crate::error::Error;
use std::str::FromStr;

/// Where `ip netns` keeps its namespaces, ip-netns(8).
pub const NAMED: &str = "/run/netns";

/// How a container's namespace is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetnsRef {
    /// That of a process.
    Pid(u32),
    /// A file that is bound to it, as `/run/netns/NAME`.
    Path(std::path::PathBuf),
    /// An open descriptor of ours.
    Descriptor(i32),
}

impl FromStr for NetnsRef {
    type Err = Error;

    /// A path, a name under /run/netns, or `fd:N`.
    fn from_str(words: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Err(Error::usage(format!("namespace {words:?}: {reason}")));
        if let Some(number) = words.strip_prefix("fd:") {
            return match number.parse() {
                Ok(number) if number >= 0 => Ok(Self::Descriptor(number)),
                _ => bad("after fd: comes a descriptor's number"),
            };
        }
        match words {
            "" | "." | ".." => bad("a path, a name under /run/netns, or fd:N"),
            _ if words.contains('/') => Ok(Self::Path(words.into())),
            _ => Ok(Self::Path(std::path::Path::new(NAMED).join(words))),
        }
    }
}

impl std::fmt::Display for NetnsRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pid(pid) => write!(f, "process {pid}"),
            // On one line, whatever is in the name.
            Self::Path(path) => write!(f, "{}", path.to_string_lossy().escape_debug()),
            Self::Descriptor(number) => write!(f, "fd:{number}"),
        }
    }
}
