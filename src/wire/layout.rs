//! The headers of a netlink message and of an attribute, and the macro that declares headers.
//!
//! ```text
//!  0               4       6       8              12              16
//!  +---------------+-------+-------+---------------+---------------+
//!  |  nlmsg_len    | _type | _flags|  nlmsg_seq    |  nlmsg_pid    |  struct nlmsghdr
//!  +---------------+-------+-------+---------------+---------------+
//!  |  the family header: ifinfomsg, ifaddrmsg, rtmsg, nfgenmsg …   |
//!  +-------+-------+-----------------------------------------------+
//!  |nla_len|nla_typ|  payload                     | 0 to 3 padding |  struct nlattr
//!  +-------+-------+-----------------------------------------------+
//!  |nla_len|nla_typ|  payload, or nested attributes                |
//!  +-------+-------+-----------------------------------------------+
//! ```
//!
//! `nlmsg_len` is the length of the whole message. `nla_len` is the length of the attribute's
//! header and payload, without the padding. Messages and attributes start at multiples of 4 bytes.
//! Integers are in host byte order, as the kernel runs on the same machine. Source:
//! `linux/netlink.h`, RFC 3549 section 2.3.

use super::shape::{Layout, Shape};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Messages and attributes start at multiples of this number of bytes (`NLMSG_ALIGNTO`,
/// `NLA_ALIGNTO`).
pub const ALIGNTO: usize = 4;

/// Rounds up to the next multiple of [`ALIGNTO`] (`NLMSG_ALIGN`, `NLA_ALIGN`).
pub const fn align(length: usize) -> usize {
    length.saturating_add(ALIGNTO - 1) & !(ALIGNTO - 1)
}

/// A header: a C struct of the kernel, at the start of a message or of a sub-message.
pub trait Header: FromBytes + IntoBytes + KnownLayout + Immutable + Copy + 'static {
    /// The description of the struct, for the printer.
    const STRUCT: &'static Layout;
}

/// Declares a header: the Rust struct, and its [`Layout`] for the printer. zerocopy rejects a
/// struct with hidden padding. The doc comment of a field becomes the description of its member.
macro_rules! header {
    ($(#[$meta:meta])* pub struct $name:ident is $c:literal {
        $( #[doc = $doc:literal] $field:ident is $cfield:literal: $ty:ty => $shape:expr, )*
    }) => {
        $(#[$meta])*
        #[doc(alias = $c)]
        #[repr(C)]
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq,
            zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::KnownLayout, zerocopy::Immutable,
        )]
        pub struct $name { $( #[doc = $doc] pub $field: $ty, )* }

        impl $crate::wire::layout::Header for $name {
            const STRUCT: &'static $crate::wire::shape::Layout = &$crate::wire::shape::Layout {
                name: $c,
                size: size_of::<$name>(),
                fields: &[ $( $crate::wire::shape::Member {
                    name: $cfield,
                    offset: std::mem::offset_of!($name, $field),
                    size: size_of::<$ty>(),
                    shape: $shape,
                    description: $doc.trim_ascii(),
                }, )* ],
            };
        }
    };
}
pub(crate) use header;

header! {
    /// The header of every message. Source: `struct nlmsghdr`, `linux/netlink.h`.
    pub struct NlMsgHdr is "nlmsghdr" {
        /// length of the message in bytes, with this header
        len is "nlmsg_len": u32 => Shape::Number,
        /// type of the message
        kind is "nlmsg_type": u16 => Shape::MsgType,
        /// flags; the upper bits depend on the type
        flags is "nlmsg_flags": u16 => Shape::MsgFlags,
        /// sequence number; the reply has the same
        seq is "nlmsg_seq": u32 => Shape::Number,
        /// port id of the sender; 0 is the kernel
        pid is "nlmsg_pid": u32 => Shape::Number,
    }
}

header! {
    /// The header of every attribute. Source: `struct nlattr`, `linux/netlink.h`.
    pub struct NlAttr is "nlattr" {
        /// length of header and payload in bytes, without padding
        len is "nla_len": u16 => Shape::Number,
        /// number of the attribute in its set, and two flag bits
        kind is "nla_type": u16 => Shape::Number,
    }
}

/// The size of [`NlMsgHdr`] in bytes (`NLMSG_HDRLEN`).
pub const HDRLEN: usize = size_of::<NlMsgHdr>();
/// The size of [`NlAttr`] in bytes (`NLA_HDRLEN`).
pub const ATTR_HDRLEN: usize = size_of::<NlAttr>();

/// The flag in `nla_type` of a nested attribute.
pub const NLA_F_NESTED: u16 = 1 << 15;
/// The flag in `nla_type` of a payload in network byte order.
pub const NLA_F_NET_BYTEORDER: u16 = 1 << 14;
/// The mask of the attribute number in `nla_type`.
pub const NLA_TYPE_MASK: u16 = !(NLA_F_NESTED | NLA_F_NET_BYTEORDER);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn align_rounds_up_to_the_next_multiple_of_four() {
        for (length, aligned) in [(0, 0), (1, 4), (3, 4), (4, 4), (5, 8), (16, 16), (17, 20)] {
            assert_eq!(align(length), aligned, "{length}");
        }
        assert_eq!(
            align(usize::MAX) % ALIGNTO,
            0,
            "no overflow at the end of the range"
        );
    }

    #[test]
    fn headers_have_the_sizes_and_offsets_of_libc() {
        assert_eq!(HDRLEN, size_of::<libc::nlmsghdr>());
        assert_eq!(ATTR_HDRLEN, size_of::<libc::nlattr>());
        let offset = |name| {
            NlMsgHdr::STRUCT
                .fields
                .iter()
                .find(|f| f.name == name)
                .map(|f| f.offset)
                .unwrap()
        };
        assert_eq!(
            offset("nlmsg_len"),
            std::mem::offset_of!(libc::nlmsghdr, nlmsg_len)
        );
        assert_eq!(
            offset("nlmsg_type"),
            std::mem::offset_of!(libc::nlmsghdr, nlmsg_type)
        );
        assert_eq!(
            offset("nlmsg_flags"),
            std::mem::offset_of!(libc::nlmsghdr, nlmsg_flags)
        );
        assert_eq!(
            offset("nlmsg_seq"),
            std::mem::offset_of!(libc::nlmsghdr, nlmsg_seq)
        );
        assert_eq!(
            offset("nlmsg_pid"),
            std::mem::offset_of!(libc::nlmsghdr, nlmsg_pid)
        );
        assert_eq!(
            i32::from(NLA_TYPE_MASK),
            i32::from(libc::NLA_TYPE_MASK as u16)
        );
    }
}
