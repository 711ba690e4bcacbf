//! How a user names a container's network namespace.

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The directory of named network namespaces, ip-netns(8).
pub const NAMED: &str = "/run/netns";

/// A reference to a network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetnsRef {
    /// The namespace of the process with this id.
    Pid(u32),
    /// The namespace that is bound to this file, as in `/run/netns/NAME`.
    Path(PathBuf),
    /// The namespace that this descriptor of the caller refers to.
    Descriptor(i32),
}

impl FromStr for NetnsRef {
    type Err = Error;

    /// Parses a path, a name under /run/netns, or `fd:N`.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) for an empty name, `.`, `..`, or an invalid N.
    fn from_str(text: &str) -> Result<Self, Error> {
        let error = |reason: &str| Err(Error::usage(format!("namespace {text:?}: {reason}")));
        if let Some(number) = text.strip_prefix("fd:") {
            return match number.parse() {
                Ok(number) if number >= 0 => Ok(Self::Descriptor(number)),
                _ => error("expected a descriptor's number after fd:"),
            };
        }
        match text {
            "" | "." | ".." => error("expected a path, a name under /run/netns, or fd:N"),
            _ if text.contains('/') => Ok(Self::Path(text.into())),
            _ => Ok(Self::Path(Path::new(NAMED).join(text))),
        }
    }
}

impl std::fmt::Display for NetnsRef {
    /// Escapes a path, so that the text stays on one line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pid(pid) => write!(f, "process {pid}"),
            Self::Path(path) => write!(f, "{}", path.to_string_lossy().escape_debug()),
            Self::Descriptor(number) => write!(f, "fd:{number}"),
        }
    }
}
