//! System calls only. This layer contains all `unsafe` code of the library, and each `unsafe` block
//! states its reason.
//!
//! [`socket`] is a netlink socket. [`netns`] opens network namespaces and runs functions inside
//! them. [`ioctl`] makes the ioctls of links and bridges. [`process`] runs a command, and [`lock`]
//! is one lock per network namespace. [`icmp`] sends ICMP echo requests and neighbour
//! advertisements. [`sysctl`] reads and writes kernel settings. [`host`] reads the identity of the
//! machine.
#![allow(unsafe_code)]

pub mod host;
pub mod icmp;
pub mod ioctl;
pub mod lock;
pub mod netns;
pub mod process;
pub mod socket;
pub mod sysctl;
