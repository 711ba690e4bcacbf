//! # netsetgo
//!
//! Gives a container its network: a bridge on the host, a veth pair, one end of it in the
//! container's network namespace, addresses on both sides, a route through the bridge. By netlink
//! messages whose every byte is made here.
//!
//! ## Theory of operation
//!
//! *A plan is data, a message is bytes, only [`os`] touches the kernel.*
//!
//! 1. Words become a [`NetworkConfig`], or are refused ([`config`]).
//! 2. Two sockets are opened, one in the caller's namespace, one in the container's
//!    ([`engine::sockets`]). From then on *where* is *which socket*.
//! 3. What is there already is read from the kernel ([`engine::observe`]).
//! 4. What is missing becomes steps, each with its undo beside it ([`plan`]).
//! 5. Steps become bytes ([`plan::op`], [`wire`]), go out a datagram at a time, and the answers
//!    come back ([`engine::run`]). A refusal undoes all of it.
//!
//! 6. The neighbours are told, once the bridge forwards ([`engine::announce`]).
//!
//! ## Reading order
//!
//! [`wire::layout`] draws a message and [`wire::attr`] what is in it; [`wire::message`] sends
//! several at once, [`wire::ack`] takes the answer apart. Then one family at a time. With that,
//! [`plan::op`] is a list of sentences and the bytes for each, [`plan::attach`] the order of them,
//! [`engine::run`] the loop that sends them and takes them back. [`netset::up`] is where it all
//! comes together.
//!
//! ## One attach, from words to bytes to answer
//!
//! `--container-address 10.10.10.2/24` is a [`config::Cidr`]; in [`plan::attach::attach`] it becomes
//! the step [`plan::op::Op::AddAddress`] with [`plan::op::Op::DeleteAddress`] as its undo.
//! [`plan::op::Op::encode`] asks its [`plan::op::Bindings`] for the link's index and makes an
//! `RTM_NEWADDR` of it:
//!
//! ```
//! use netsetgo::plan::op::{Bindings, Encoded, Op, Unbound};
//! use netsetgo::config::IfName;
//! use netsetgo::wire::{registry::Protocol, printer::{fields, nameless}};
//!
//! /// Every link is number 2.
//! struct Two;
//! impl Bindings for Two {
//!     fn index(&mut self, _: &IfName) -> Result<u32, Unbound> { Ok(2) }
//!     fn known(&self, _: &IfName) -> Option<u32> { Some(2) }
//!     fn container_netns(&mut self) -> i32 { -1 }
//! }
//!
//! # fn main() -> Result<(), netsetgo::Error> {
//! let op = Op::AddAddress("veth1".parse()?, "10.10.10.2/24".parse()?);
//! let Ok(Encoded::Message(message)) = op.encode(&mut Two) else { panic!() };
//! assert_eq!(message.bytes().len(), 16 + 8 + 8 + 8 + 8);
//! let names: Vec<String> = fields(Protocol::Route, message.bytes(), &nameless)
//!     .into_iter().map(|field| field.name).filter(|name| name.starts_with("IFA_")).collect();
//! assert_eq!(names, ["IFA_LOCAL", "IFA_ADDRESS", "IFA_BROADCAST"]);
//! # Ok(())
//! # }
//! ```
//!
//! [`os::socket::Socket::send`] puts it into a datagram with its neighbours, and the kernel's
//! answer, an [`wire::ack::Ack`], becomes nothing, or a [`wire::netlink_error::NetlinkError`] with the
//! attribute that it points at.

pub mod config;
pub mod engine;
pub mod error;
pub mod front;
pub mod netset;
pub mod os;
pub mod plan;
pub mod wire;

pub use config::NetworkConfig;
pub use error::{Error, Result};
pub use netset::{Configurer, ContainerConfigurer, HostConfigurer, Netset};
