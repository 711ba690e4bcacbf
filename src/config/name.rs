//! Names: of links, and of a container's owner.

use crate::error::Error;
use std::str::FromStr;

/// The name of a link: 1 to 15 bytes.
///
/// Source: `dev_valid_name`, `net/core/dev.c`; `IFNAMSIZ` is 16 with the ending zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IfName(String);

impl IfName {
    /// Bytes that fit into `IFNAMSIZ` with the ending zero.
    pub const LONGEST: usize = 15;

    /// The name of the loopback link, in every namespace.
    pub fn lo() -> Self {
        Self("lo".into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a name as the kernel tells it, whatever it is.
    pub(crate) fn told(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl std::fmt::Display for IfName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for IfName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Err(Error::usage(format!("name {name:?}: {reason}")));
        // The kernel's isspace() is Latin-1's, in which 0xa0 is a space too (lib/ctype.c): it
        // refuses a name whose UTF-8 has that byte.
        let space = |byte: u8| matches!(byte, b'\t'..=b'\r' | b' ' | 0xa0);
        match name {
            "" => bad("a link needs a name"),
            "." | ".." => bad("the kernel keeps it for directories"),
            // devinet_sysctl_register(), net/ipv4/devinet.c
            "all" | "default" => bad("the kernel keeps it for its settings of all links"),
            _ if name.len() > Self::LONGEST => bad(&format!(
                "{} bytes, and a link's name has at most {}",
                name.len(),
                Self::LONGEST
            )),
            _ if name.contains(['/', ':']) => bad("a link's name has no '/' and no ':'"),
            _ if name.bytes().any(space) => bad("a link's name has no white space"),
            _ if name.contains('%') => bad("the kernel reads '%' as a pattern to number links by"),
            _ if name.contains('\0') => bad("a zero byte ends a name"),
            _ => Ok(Self(name.into())),
        }
    }
}

/// The name of whoever a container belongs to: a container's id, as runtimes have it.
///
/// It is kept in the kernel, in one of the link's alternative names, so it has to be short and to
/// leave out what separates it there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(String);

impl Id {
    /// An alternative name has 127 bytes (`ALTIFNAMSIZ`, `linux/if.h`), and the container's end
    /// of the pair is in it too.
    pub const LONGEST: usize = 100;

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Id {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(&byte);
        match id {
            "" => Err(Error::usage("id \"\": an owner needs a name")),
            _ if id.len() > Self::LONGEST => Err(Error::usage(format!(
                "id {id:?}: {} bytes, and an id has at most {}",
                id.len(),
                Self::LONGEST
            ))),
            _ if !id.bytes().all(fits) => Err(Error::usage(format!(
                "id {id:?}: an id has letters, digits and any of _ . + -"
            ))),
            _ => Ok(Self(id.into())),
        }
    }
}
