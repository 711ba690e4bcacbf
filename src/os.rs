//! System calls only. All `unsafe` code of the library is in this layer, each with its reason.
//!
//! [`socket`] is a netlink socket. [`netns`] opens, enters and leaves network namespaces. [`ioctl`]
//! makes the ioctls of bridges and links. [`process`] runs a command, [`lock`] is the lock of a
//! namespace, [`packet`] sends neighbour advertisements, [`ping`] sends an ICMP echo. [`sysctl`]
//! reads and writes kernel settings, [`host`] reads what identifies the machine.
#![allow(unsafe_code)]

pub mod host;
pub mod ioctl;
pub mod lock;
pub mod netns;
pub mod packet;
pub mod ping;
pub mod process;
pub mod socket;
pub mod sysctl;
