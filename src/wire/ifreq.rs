//! `struct ifreq`: the argument of ioctl(2) requests about links, which are older than netlink.
//!
//! ```text
//!  0                16                           40, on 32-bit machines 32
//!  +----------------+----------------------------+
//!  | ifr_name       | ifr_ifindex                |  SIOCBRADDIF, SIOCBRDELIF
//!  | "brg0" and     | ifr_flags                  |  SIOCSIFFLAGS
//!  | zeros          | ifr_hwaddr: sockaddr       |  SIOCSIFHWADDR
//!  |                | ifr_addr: sockaddr_in      |  SIOCSIFADDR, SIOCSIFNETMASK
//!  +----------------+----------------------------+
//! ```
//!
//! The request determines which member of the union is valid. SIOCBRADDBR and SIOCBRDELBR take the
//! name alone. Source: `linux/if.h`, `linux/sockios.h`; `br_ioctl_stub`, `net/bridge/br_ioctl.c`.

use super::printer::{Field, Identifier, NameLookup, Role};
use super::uapi::{AF_INET, ARPHRD_ETHER, IFF, SIOC, SIOCSIFADDR, SIOCSIFNETMASK, bits, name_of};
use std::net::Ipv4Addr;

/// The size of `ifr_name` in bytes.
pub const IFNAMSIZ: usize = 16;
/// The size of the union after it in bytes: `struct ifmap` is its largest member.
const UNION: usize = if usize::BITS == 64 { 24 } else { 16 };

/// The valid member of the union `ifr_ifru`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnionMember {
    /// No member: the argument is the name alone.
    Name,
    /// `ifr_ifindex`: an interface index.
    Index(u32),
    /// `ifr_flags`: the lower 16 flags of a link.
    Flags(u16),
    /// `ifr_hwaddr`: a hardware address.
    Mac([u8; 6]),
    /// `ifr_addr` or `ifr_netmask`: an IPv4 address or a netmask.
    Address(Ipv4Addr),
}

/// An ioctl request and its argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfReq {
    request: u32,
    name: String,
    member: UnionMember,
}

impl IfReq {
    /// The request with this number, for the link with this name. A name longer than 15 bytes is
    /// cut.
    pub fn new(request: u32, name: &str, member: UnionMember) -> Self {
        Self {
            request,
            name: name.into(),
            member,
        }
    }

    /// The number of the request.
    pub fn request(&self) -> u32 {
        self.request
    }

    /// The bytes of the argument.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.name.bytes().take(IFNAMSIZ - 1).collect();
        bytes.resize(IFNAMSIZ, 0);
        match self.member {
            UnionMember::Name => return bytes,
            UnionMember::Index(index) => bytes.extend(index.to_ne_bytes()),
            UnionMember::Flags(flags) => bytes.extend(flags.to_ne_bytes()),
            UnionMember::Mac(mac) => {
                bytes.extend(ARPHRD_ETHER.to_ne_bytes());
                bytes.extend(mac);
            }
            UnionMember::Address(address) => {
                bytes.extend(u16::from(AF_INET).to_ne_bytes());
                bytes.extend([0; 2]);
                bytes.extend(address.octets());
            }
        }
        bytes.resize(IFNAMSIZ + UNION, 0);
        bytes
    }

    /// The fields of the argument, for the printer.
    pub fn fields(&self, namer: NameLookup<'_>) -> Vec<Field> {
        let name = format!("\"{}\"", self.name.escape_default());
        let mut parts = vec![("ifr_name", IFNAMSIZ, name, "name of the link")];
        parts.extend(self.member_fields(namer));
        let used: usize = parts.iter().map(|(_, len, ..)| len).sum();
        parts.push(("(unused)", self.bytes().len() - used, String::new(), ""));
        let mut end = 0;
        let field = |(name, len, value, description): (&str, usize, String, &'static str)| {
            let offset = end;
            end += len;
            let role = match name {
                "(unused)" => Role::Padding,
                _ => Role::Member,
            };
            Field {
                offset,
                len,
                depth: 0,
                name: name.into(),
                value,
                description,
                role,
            }
        };
        let all = parts.into_iter().filter(|(_, len, ..)| *len > 0);
        all.map(field).collect()
    }

    fn member_fields(
        &self,
        namer: NameLookup<'_>,
    ) -> Vec<(&'static str, usize, String, &'static str)> {
        match self.member {
            UnionMember::Name => Vec::new(),
            UnionMember::Index(index) => {
                let value = namer(Identifier::Index(index)).unwrap_or_else(|| index.to_string());
                vec![("ifr_ifindex", 4, value, "index of the port")]
            }
            UnionMember::Flags(flags) => {
                let value = bits(flags.into(), &[IFF]);
                vec![("ifr_flags", 2, value, "flags of the link, all of them")]
            }
            UnionMember::Mac(mac) => {
                let words: Vec<String> = mac.iter().map(|byte| format!("{byte:02x}")).collect();
                let kind = "hardware type";
                vec![
                    ("ifr_hwaddr.sa_family", 2, "ARPHRD_ETHER".into(), kind),
                    ("ifr_hwaddr.sa_data", 6, words.join(":"), "hardware address"),
                ]
            }
            UnionMember::Address(address) => {
                let (family, description) = match self.request {
                    SIOCSIFADDR => ("ifr_addr.sin_family", "address"),
                    SIOCSIFNETMASK => ("ifr_netmask.sin_family", "mask"),
                    _ => ("sin_family", "address"),
                };
                vec![
                    (family, 2, "AF_INET".into(), "family"),
                    ("sin_port", 2, "0".into(), "unused"),
                    ("sin_addr", 4, address.to_string(), description),
                ]
            }
        }
    }
}

impl std::fmt::Display for IfReq {
    /// The name of the request, as SIOCSIFFLAGS.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match name_of(SIOC, self.request) {
            Some(name) => f.write_str(name),
            None => write!(f, "ioctl {:#x}", self.request),
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::wire::printer::no_names;
    use crate::wire::uapi::{SIOCBRADDBR, SIOCBRADDIF, SIOCSIFFLAGS, SIOCSIFHWADDR};
    use std::mem::offset_of;

    fn cases() -> Vec<IfReq> {
        [
            (SIOCBRADDBR, UnionMember::Name),
            (SIOCBRADDIF, UnionMember::Index(0x0102_0304)),
            (SIOCSIFFLAGS, UnionMember::Flags(0x1003)),
            (SIOCSIFHWADDR, UnionMember::Mac([2, 0, 0, 0, 0, 7])),
            (
                SIOCSIFADDR,
                UnionMember::Address(Ipv4Addr::new(10, 10, 10, 1)),
            ),
            (
                SIOCSIFNETMASK,
                UnionMember::Address(Ipv4Addr::new(255, 255, 255, 0)),
            ),
        ]
        .into_iter()
        .map(|(request, member)| IfReq::new(request, "brg0", member))
        .collect()
    }

    #[test]
    fn argument_has_the_layout_of_libc() {
        assert_eq!(IFNAMSIZ, libc::IFNAMSIZ);
        assert_eq!(IFNAMSIZ + UNION, size_of::<libc::ifreq>());
        assert_eq!(IFNAMSIZ, offset_of!(libc::ifreq, ifr_ifru));
        assert_eq!(8, offset_of!(libc::sockaddr_in, sin_zero));
        assert_eq!(4, offset_of!(libc::sockaddr_in, sin_addr));
        assert_eq!(2, offset_of!(libc::sockaddr, sa_data));
        for (number, name) in [
            (libc::SIOCSIFFLAGS as u32, "SIOCSIFFLAGS"),
            (libc::SIOCSIFADDR as u32, "SIOCSIFADDR"),
            (libc::SIOCSIFNETMASK as u32, "SIOCSIFNETMASK"),
            (libc::SIOCSIFHWADDR as u32, "SIOCSIFHWADDR"),
        ] {
            assert_eq!(
                IfReq::new(number, "lo", UnionMember::Name).to_string(),
                name
            );
        }
        assert_eq!(
            IfReq::new(7, "lo", UnionMember::Name).to_string(),
            "ioctl 0x7"
        );
    }

    #[test]
    fn argument_of_each_request_has_its_bytes() {
        let name = b"brg0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (case, member) in cases().iter().zip([
            &[][..],
            &0x0102_0304_u32.to_ne_bytes(),
            &0x1003_u16.to_ne_bytes(),
            &[&1_u16.to_ne_bytes()[..], &[2, 0, 0, 0, 0, 7]].concat(),
            &[&2_u16.to_ne_bytes()[..], &[0, 0, 10, 10, 10, 1]].concat(),
            &[&2_u16.to_ne_bytes()[..], &[0, 0, 255, 255, 255, 0]].concat(),
        ]) {
            let bytes = case.bytes();
            assert_eq!(bytes[..16], *name, "{case}");
            assert_eq!(bytes[16..16 + member.len()], *member, "{case}");
            assert!(
                bytes[16 + member.len()..].iter().all(|&byte| byte == 0),
                "{case}"
            );
            let whole = if member.is_empty() {
                16
            } else {
                IFNAMSIZ + UNION
            };
            assert_eq!(bytes.len(), whole, "{case}");
        }
        let long = IfReq::new(SIOCBRADDBR, "sixteen-letters-", UnionMember::Name).bytes();
        assert_eq!(long, b"sixteen-letters\0");
    }

    #[test]
    fn fields_of_each_request_cover_its_bytes() {
        let mut printed = Vec::new();
        for case in cases() {
            let mut end = 0;
            for field in case.fields(&no_names) {
                assert_eq!(field.offset, end, "{case}: {}", field.name);
                end += field.len;
                if field.role == Role::Member && field.name != "ifr_name" {
                    printed.push(format!("{} {}", field.name, field.value));
                }
            }
            assert_eq!(end, case.bytes().len(), "{case}");
        }
        assert_eq!(
            printed,
            [
                "ifr_ifindex 16909060",
                "ifr_flags IFF_UP | IFF_BROADCAST | IFF_MULTICAST",
                "ifr_hwaddr.sa_family ARPHRD_ETHER",
                "ifr_hwaddr.sa_data 02:00:00:00:00:07",
                "ifr_addr.sin_family AF_INET",
                "sin_port 0",
                "sin_addr 10.10.10.1",
                "ifr_netmask.sin_family AF_INET",
                "sin_port 0",
                "sin_addr 255.255.255.0",
            ]
        );
    }
}
