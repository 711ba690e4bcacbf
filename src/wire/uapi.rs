//! Constants of the kernel's user API headers, with the kernel's names.
//!
//! Each group declares its constants and, for the printer, the list of their names.
//!
//! ```text
//!  numbers! { pub const RTM: u16 { RTM_NEWLINK = 16, … } }
//!   ├─ pub const RTM_NEWLINK: u16 = 16;                       for code that writes and parses
//!   └─ pub const RTM: Names = &[(16, "RTM_NEWLINK"), …];      for the printer
//! ```

mod link;
mod names;
mod netfilter;
mod netlink;
mod rtnetlink;

pub use link::*;
pub use names::{Names, bits, name_of};
pub use netfilter::*;
pub use netlink::*;
pub use rtnetlink::*;

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are equal to those of libc, where libc has them.
    #[test]
    fn constants_are_those_of_libc() {
        macro_rules! same { ($($name:ident)*) => { $(
            assert_eq!(i64::from($name), i64::from(libc::$name), stringify!($name));
        )* } }
        same! {
            RTM_NEWLINK RTM_DELLINK RTM_GETLINK RTM_SETLINK RTM_NEWADDR RTM_DELADDR RTM_GETADDR
            RTM_NEWROUTE RTM_DELROUTE RTM_GETROUTE RTM_NEWNSID RTM_DELNSID RTM_GETNSID
            NLMSG_NOOP NLMSG_ERROR NLMSG_DONE NLMSG_OVERRUN
            NLM_F_REQUEST NLM_F_MULTI NLM_F_ACK NLM_F_ECHO NLM_F_DUMP_INTR NLM_F_DUMP_FILTERED
            NLM_F_ROOT NLM_F_MATCH NLM_F_ATOMIC NLM_F_DUMP
            NLM_F_REPLACE NLM_F_EXCL NLM_F_CREATE NLM_F_APPEND
            AF_UNSPEC AF_INET AF_BRIDGE AF_INET6 ARPHRD_ETHER ARPHRD_LOOPBACK
            IFF_UP IFF_BROADCAST IFF_LOOPBACK IFF_RUNNING IFF_MULTICAST IFF_LOWER_UP IFF_DORMANT
            RT_SCOPE_UNIVERSE RT_SCOPE_LINK RT_SCOPE_HOST RTN_UNICAST RTN_LOCAL RTN_BROADCAST
            RTPROT_BOOT RTPROT_KERNEL RT_TABLE_MAIN RT_TABLE_LOCAL
            IFA_F_NODAD IFA_F_TENTATIVE IFA_F_PERMANENT IFA_F_NOPREFIXROUTE
        }
    }

    #[test]
    fn name_of_unknown_number_is_none() {
        assert_eq!(name_of(RTM, 16), Some("RTM_NEWLINK"));
        assert_eq!(name_of(RTM, 15), None);
    }
}
