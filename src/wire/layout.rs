//! What a netlink message is: a header, a family's own header, and attributes.
//!
//! ```text
//!  0               4       6       8              12              16
//!  +---------------+-------+-------+---------------+---------------+
//!  |  nlmsg_len    | _type | _flags|  nlmsg_seq    |  nlmsg_pid    |  struct nlmsghdr
//!  +---------------+-------+-------+---------------+---------------+
//!  |  the family's header: ifinfomsg, ifaddrmsg, rtmsg, nfgenmsg … |
//!  +-------+-------+-----------------------------------------------+
//!  |nla_len|nla_typ|  payload                     | 0 to 3 padding |  struct nlattr
//!  +-------+-------+-----------------------------------------------+
//!  |nla_len|nla_typ|  payload, or again attributes: a nest         |
//!  +-------+-------+-----------------------------------------------+
//! ```
//!
//! `nlmsg_len` counts the whole message, `nla_len` its own four bytes and the payload but not
//! the padding. Both start on a multiple of four. Integers are in the machine's own byte order,
//! because both ends are the same machine. Source: `linux/netlink.h`, RFC 3549 section 2.3.

use super::shape::{Layout, Shape};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Messages and attributes start on a multiple of this (`NLMSG_ALIGNTO`, `NLA_ALIGNTO`).
pub const ALIGNTO: usize = 4;

/// Rounds up to the next multiple of [`ALIGNTO`] (`NLMSG_ALIGN`, `NLA_ALIGN`).
pub const fn align(length: usize) -> usize {
    length.saturating_add(ALIGNTO - 1) & !(ALIGNTO - 1)
}

/// A fixed part of a message, as the kernel's C struct lays it out.
pub trait Header: FromBytes + IntoBytes + KnownLayout + Immutable + Copy + 'static {
    /// The struct as the printer knows it.
    const STRUCT: &'static Layout;
}

/// Declares a wire struct once: for the compiler (zerocopy refuses hidden padding) and for the
/// printer, which thereby cannot disagree.
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
    /// Opens every message. Source: `struct nlmsghdr`, `linux/netlink.h`.
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
    /// Opens every attribute. Source: `struct nlattr`, `linux/netlink.h`.
    pub struct NlAttr is "nlattr" {
        /// length of header and payload in bytes, without padding
        len is "nla_len": u16 => Shape::Number,
        /// number of the attribute in its set, and two flag bits
        kind is "nla_type": u16 => Shape::Number,
    }
}

/// Bytes of [`NlMsgHdr`] (`NLMSG_HDRLEN`).
pub const HDRLEN: usize = size_of::<NlMsgHdr>();
/// Bytes of [`NlAttr`] (`NLA_HDRLEN`).
pub const ATTR_HDRLEN: usize = size_of::<NlAttr>();

/// Set in `nla_type` where the payload is a nest (`NLA_F_NESTED`).
pub const NLA_F_NESTED: u16 = 1 << 15;
/// Set in `nla_type` where the payload is big-endian (`NLA_F_NET_BYTEORDER`).
pub const NLA_F_NET_BYTEORDER: u16 = 1 << 14;
/// What is left of `nla_type` without the flags (`NLA_TYPE_MASK`).
pub const NLA_TYPE_MASK: u16 = !(NLA_F_NESTED | NLA_F_NET_BYTEORDER);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_up_is_the_kernels() {
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
    fn headers_have_the_c_structs_size_and_offsets() {
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
