//! Names of interfaces, and ids of owners.

use crate::error::Error;
use std::net::IpAddr;
use std::str::FromStr;

/// The name of an interface: 1 to 15 bytes.
///
/// Source: `dev_valid_name`, `net/core/dev.c`. `IFNAMSIZ` (`linux/if.h`) is 16 bytes, with the NUL
/// byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IfName(String);

impl IfName {
    /// The longest name, in bytes: `IFNAMSIZ` without the NUL byte.
    pub const LONGEST: usize = 15;

    /// The name of the loopback interface in every network namespace.
    pub fn lo() -> Self {
        Self("lo".into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that the kernel sent. It is not validated.
    pub(crate) fn from_kernel(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// A name that no other address gives: the prefix, then eight hexadecimal digits. The digits
    /// are an IPv4 address, or the 32-bit FNV-1a hash of an IPv6 address. The prefix is cut to 7
    /// bytes, between two characters. `None` where the prefix makes the name invalid.
    pub fn from_address(prefix: &str, address: IpAddr) -> Option<Self> {
        let number = match address {
            IpAddr::V4(v4) => u32::from(v4),
            IpAddr::V6(v6) => v6.octets().iter().fold(0x811c_9dc5, |hash: u32, &byte| {
                (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
            }),
        };
        let longest = (Self::LONGEST - 8).min(prefix.len());
        let end = (0..=longest)
            .rev()
            .find(|&end| prefix.is_char_boundary(end))?;
        format!("{}{number:08x}", prefix.get(..end)?).parse().ok()
    }
}

impl std::fmt::Display for IfName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for IfName {
    type Err = Error;

    /// Validates a name by the kernel's rules.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) with the rule that the name breaks.
    fn from_str(name: &str) -> Result<Self, Error> {
        let error = |rule: &str| Err(Error::usage(format!("interface name {name:?}: {rule}")));
        // The kernel's isspace() follows Latin-1, where 0xa0 is a space (lib/ctype.c). The kernel
        // therefore rejects a name whose UTF-8 encoding contains this byte.
        let space = |byte: u8| matches!(byte, b'\t'..=b'\r' | b' ' | 0xa0);
        match name {
            "" => error("a name has at least 1 byte"),
            "." | ".." => error("the name is reserved for directories"),
            // devinet_sysctl_register(), net/ipv4/devinet.c
            "all" | "default" => error("the name is reserved for /proc/sys/net/ipv4/conf"),
            _ if name.len() > Self::LONGEST => error(&format!(
                "{} bytes; a name has at most {} bytes",
                name.len(),
                Self::LONGEST
            )),
            _ if name.contains(['/', ':']) => error("a name cannot contain '/' or ':'"),
            _ if name.bytes().any(space) => error("a name cannot contain white space"),
            _ if name.contains('%') => error("the kernel reads '%' as a number pattern"),
            _ if name.contains('\0') => error("a name cannot contain a NUL byte"),
            _ => Ok(Self(name.into())),
        }
    }
}

/// The id of a container's owner, as container engines use it: 1 to 100 bytes.
///
/// netsetgo keeps it in an altname of the host end. An id is therefore short, and contains no
/// character that separates the parts of that altname.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(String);

impl Id {
    /// The longest id, in bytes. An altname has at most 127 bytes (`ALTIFNAMSIZ`, `linux/if.h`),
    /// and also contains the container end's name.
    pub const LONGEST: usize = 100;

    /// The id as text.
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

    /// Validates an id: ASCII letters, digits, `_`, `.`, `+` and `-`.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) with the rule that the id breaks.
    fn from_str(id: &str) -> Result<Self, Error> {
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(&byte);
        let error = |rule: &str| Err(Error::usage(format!("id {id:?}: {rule}")));
        match id {
            "" => error("an id has at least 1 byte"),
            _ if id.len() > Self::LONGEST => error(&format!(
                "{} bytes; an id has at most {} bytes",
                id.len(),
                Self::LONGEST
            )),
            _ if !id.bytes().all(valid) => {
                error("an id consists of ASCII letters, digits and the characters _ . + -")
            }
            _ => Ok(Self(id.into())),
        }
    }
}
