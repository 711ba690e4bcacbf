//! Descriptions of wire data: how the bytes of a struct member or of an attribute are read.
//!
//! ```text
//!  Layout "ifinfomsg"                     Table "IFLA"
//!   ├─ Member ifi_family  Named(AF)        ├─ Entry 3  IFLA_IFNAME    NulString
//!   ├─ Member ifi_index   Index            ├─ Entry 10 IFLA_MASTER    Index
//!   └─ …                                   └─ Entry 18 IFLA_LINKINFO  Nest(Table "IFLA_INFO")
//! ```
//!
//! The macros `header!` and `attr_set!` make these descriptions from the same declarations that
//! write and parse messages. The printer reads them. This module imports only names of numbers.

use super::uapi::Names;

/// How a run of bytes is read. The terms are those of the kernel's netlink specs
/// (`Documentation/userspace-api/netlink/specs.rst`).
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A flag: present or absent, without a payload.
    Flag,
    /// An unsigned integer of 1, 2, 4 or 8 bytes in host byte order.
    Number,
    /// A signed integer of 1, 2, 4 or 8 bytes in host byte order.
    Signed,
    /// An unsigned integer of at most 8 bytes in network byte order (big-endian).
    BigEndian,
    /// A signed integer of at most 8 bytes in network byte order (big-endian).
    BigSigned,
    /// An enum in host byte order: its values have names.
    Named(Names),
    /// An enum in network byte order: its values have names.
    BigNamed(Names),
    /// Flags in host byte order: its bits have names.
    Bits(Names),
    /// A string that ends with a NUL byte.
    NulString,
    /// A hardware address (MAC address).
    Mac,
    /// An IPv4 address of 4 bytes, or an IPv6 address of 16 bytes, in network byte order.
    Ip,
    /// An interface index of 4 bytes, in the network namespace of the socket.
    Index,
    /// A file descriptor of the sending process, 4 bytes.
    Descriptor,
    /// `nlmsg_type`: the names of its values depend on the protocol.
    MsgType,
    /// `nlmsg_flags`: the names of its upper bits depend on `nlmsg_type`.
    MsgFlags,
    /// A binary attribute: the printer shows how many bytes it has.
    Binary,
    /// A nested attribute: attributes of this set.
    Nest(fn() -> &'static Table),
    /// A struct, then attributes of this set.
    SubMessage(&'static Layout, fn() -> &'static Table),
    /// A nested attribute whose attribute set depends on a string in a sibling attribute.
    Selected(&'static Selector),
}

/// How a string in a sibling attribute selects an attribute set: `IFLA_INFO_KIND` selects the set
/// of `IFLA_INFO_DATA`.
#[derive(Debug)]
pub struct Selector {
    /// `nla_type` of the sibling attribute, which holds the string.
    pub sibling: u16,
    /// Returns the shape for the sibling's payload, which may end with a NUL byte; `None` for a
    /// string that netsetgo does not know.
    pub choose: fn(&[u8]) -> Option<Shape>,
}

/// The attributes of one attribute set.
#[derive(Debug)]
pub struct Table {
    /// The common prefix of the kernel's names, without the last underscore: `IFLA`.
    pub name: &'static str,
    /// One entry for each attribute, in any order.
    pub entries: &'static [Entry],
}

/// One attribute of a [`Table`].
#[derive(Debug)]
pub struct Entry {
    /// `nla_type` without its flag bits.
    pub number: u16,
    /// The kernel's name, as `IFLA_IFNAME`.
    pub name: &'static str,
    /// How the payload is read.
    pub shape: Shape,
    /// What the attribute is for, in a short phrase.
    pub description: &'static str,
}

impl Table {
    /// The entry with this number, `nla_type` without its flag bits; `None` where the set has none.
    pub fn entry(&self, number: u16) -> Option<&'static Entry> {
        self.entries.iter().find(|entry| entry.number == number)
    }
}

/// A C struct: its name, its size and its members.
#[derive(Debug)]
pub struct Layout {
    /// The name of the C struct.
    pub name: &'static str,
    /// The size in bytes.
    pub size: usize,
    /// The members in the order of their offsets, without gaps.
    pub fields: &'static [Member],
}

/// One member of a [`Layout`].
#[derive(Debug)]
pub struct Member {
    /// The name of the C member.
    pub name: &'static str,
    /// The offset from the start of the struct, in bytes.
    pub offset: usize,
    /// The size in bytes.
    pub size: usize,
    /// How the bytes are read.
    pub shape: Shape,
    /// What the member is for, in a short phrase.
    pub description: &'static str,
}
