//! System calls, and nothing else. All of the crate's `unsafe` is here, each with its reason.
//!
//! [`socket`] talks netlink, [`netns`] opens, enters and leaves namespaces, [`ioctl`] is the older
//! way to bridges and links, [`process`] runs a command, [`lock`] lets one work at a time, [`packet`]
//! tells IPv6's neighbours, [`ping`] asks one, [`sysctl`] reads settings, [`host`] what the machine
//! calls itself. [`bump_allocator`] is the program's memory.
#![allow(unsafe_code)]

pub mod bump_allocator;
pub mod host;
pub mod ioctl;
pub mod lock;
pub mod netns;
pub mod packet;
pub mod ping;
pub mod process;
pub mod socket;
pub mod sysctl;
