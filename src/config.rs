//! Values that netsetgo has validated: a [`Request`] as a user makes it, a [`Resolved`] as the plan
//! needs it.
//!
//! Everything here is valid before the first change: a name that the kernel would reject, or read
//! as a pattern, is rejected with the rule that it breaks.

mod address;
mod destination;
mod name;
mod netns;
mod request;
mod resolved;
mod validate;

pub use address::{Cidr, Mac};
pub use destination::Destination;
pub use name::{Id, IfName};
pub use netns::{NAMED, NetnsRef};
pub use request::{Backend, HostIfname, Ipam, NetworkConfig, Request};
pub use resolved::{PortSettings, Resolved};
pub use validate::gateway;

#[cfg(test)]
pub(crate) mod tests;
