//! # netsetgo
//!
//! netsetgo gives a container its network: a bridge on the host, a veth pair with one end in the
//! container's network namespace, addresses at both ends, and a route through the bridge. It encodes
//! and parses its netlink messages itself.
//!
//! ## The life of one message
//!
//! A plan is data, a message is bytes, and only [`os`] calls the kernel.
//!
//! | step | what happens | file |
//! |---|---|---|
//! | 1 | The command line becomes a [`config::Request`], or netsetgo rejects it. | `src/front/args.rs`, `src/config/` |
//! | 2 | netsetgo opens one socket in the caller's namespace and one in the container's. A message's socket decides its namespace. | `src/engine/sockets.rs` |
//! | 3 | netsetgo reads what exists from the kernel. | `src/engine/observe/` |
//! | 4 | netsetgo makes a list of the missing steps. Each step has its rollback. | `src/plan/attach.rs` |
//! | 5 | A step becomes the bytes of a request. | `src/plan/op.rs`, `src/wire/` |
//! | 6 | netsetgo sends the requests of one namespace in one datagram. | `src/engine/run.rs`, `src/os/socket.rs` |
//! | 7 | netsetgo compares each acknowledgement with its request. An error starts the rollback. | `src/wire/ack.rs`, `src/engine/run.rs` |
//! | 8 | When the port forwards, netsetgo makes the kernel announce the addresses to the neighbours. | `src/engine/announce.rs` |
//!
//! ## Reading order
//!
//! Read [`wire::layout`] (the parts of a message), [`wire::attr`] (attributes), [`wire::message`]
//! (several messages in one datagram) and [`wire::ack`] (acknowledgements) first. Then read one
//! message family. [`plan::op`] maps each step to its bytes, [`plan::attach`] decides the order of the
//! steps, and [`engine::run`] sends them and rolls them back. [`netset::up`] calls all of them.
//!
//! ## Glossary
//!
//! | term | meaning |
//! |---|---|
//! | acknowledgement (ACK) | A message of type NLMSG_ERROR: the kernel's result for one request. Its error number is 0 for success. |
//! | address allocation (IPAM) | The choice of a free address in a subnet. |
//! | altname | An alternative name of a link (IFLA_ALT_IFNAME). It is unique in a namespace. |
//! | attribute | Length, type and payload, padded to four bytes: the part of a message behind its headers. |
//! | attribute set | The attributes that may be together at one place. A type number has its meaning only in its set. |
//! | batch | A transaction of nf_tables: the kernel applies all of its messages or none. |
//! | bridge | A link that forwards frames between its ports, as a switch does. |
//! | byte order | The order of a number's bytes. netlink uses the machine's order; addresses and ports use big-endian order. |
//! | carrier | The state of a link's cable. A veth end has carrier when the other end is up. |
//! | CIDR | An address and its prefix length: 10.10.10.2/24. |
//! | container | Processes with their own network namespace. |
//! | container end | The end of the veth pair in the container's namespace. |
//! | datagram | The unit that one call of send(2) or recv(2) moves. It contains one or more messages. |
//! | default route | The route for every destination without a more specific route. |
//! | device group | A number that a link has (IFLA_GROUP). netsetgo marks its links with 1853056871. |
//! | dump | A query with NLM_F_DUMP: the kernel replies with every object, in several messages. |
//! | errno | The kernel's number for an error, with a name such as EEXIST. |
//! | extended ACK | An acknowledgement with the extack message and the offending attribute (`NLMSGERR_ATTR_MSG`, `NLMSGERR_ATTR_OFFS`). |
//! | forwarding state | The state of a bridge port in which the bridge sends and accepts frames. |
//! | gateway | The address of the router that a route uses. Here it is the address of the bridge. |
//! | gratuitous ARP | An ARP message that announces the sender's own address. |
//! | hint | What the user can do about an error. |
//! | host end | The end of the veth pair on the host. It is a port of the bridge. |
//! | interface | The user's word for a link. |
//! | link | A network device, real or virtual, with a name and an index (RTM_NEWLINK). |
//! | link index | The kernel's number for a link. It is unique in a namespace. |
//! | link-local address | An IPv6 address in fe80::/10, valid on one link only. |
//! | MAC | The hardware address of a link (IFLA_ADDRESS): six bytes for Ethernet. |
//! | MTU | The largest packet that a link sends, in bytes (IFLA_MTU). |
//! | neighbour | A host on the same link, with its network address and its MAC. |
//! | nested attribute | An attribute whose payload is attributes (NLA_F_NESTED). |
//! | netlink | The kernel's interface of messages on a socket of the family AF_NETLINK. |
//! | network namespace | A network of its own: links, addresses, routes and firewall rules. |
//! | offending attribute | The attribute that the kernel rejected. |
//! | ownership marker | The device group on a link, or the protocol number 0x6e on an address: it shows that netsetgo created the object. |
//! | owner id | The id of the caller's container (`--id`). The kernel keeps it in an altname. |
//! | port | A link that belongs to a bridge. |
//! | pre-existing bridge | A bridge that netsetgo did not create. |
//! | request, reply | A message to the kernel, and a message from it. |
//! | rollback | The messages that undo a failed change. |
//! | rtnetlink | The netlink family for links, addresses, routes and neighbours (NETLINK_ROUTE). |
//! | sequence number | The number that connects a reply with its request (`nlmsg_seq`). |
//! | sub-message | An attribute whose payload has a format that another attribute decides, such as IFLA_INFO_DATA. |
//! | timeout | The time after which netsetgo stops to wait. |
//! | veth pair | Two links. The kernel delivers every frame that one end sends to the other end. |
//!
//! ## One step, from argument to bytes
//!
//! `--container-address 10.10.10.2/24` becomes a [`config::Cidr`]. [`plan::attach::attach`] makes the
//! step [`plan::op::AddressOp::Add`] of it, with [`plan::op::AddressOp::Delete`] as the rollback.
//! [`plan::op::Op::encode`] gets the link's index from [`plan::op::Bindings`] and returns an
//! `RTM_NEWADDR`:
//!
//! ```
//! use netsetgo::plan::op::{AddressOp, Bindings, Encoded, Op, Unbound};
//! use netsetgo::config::IfName;
//! use netsetgo::wire::{registry::Protocol, printer::{fields, no_names}};
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
//! let op = Op::Address(AddressOp::Add("veth1".parse()?, "10.10.10.2/24".parse()?));
//! let Ok(Encoded::Message(message)) = op.encode(&mut Two) else { panic!() };
//! assert_eq!(message.bytes().len(), 16 + 8 + 8 + 8 + 8);
//! let names: Vec<String> = fields(Protocol::Route, message.bytes(), &no_names)
//!     .into_iter().map(|field| field.name).filter(|name| name.starts_with("IFA_")).collect();
//! assert_eq!(names, ["IFA_LOCAL", "IFA_ADDRESS", "IFA_BROADCAST"]);
//! # Ok(())
//! # }
//! ```
//!
//! [`os::socket::Socket::send`] sends the datagram with this message. The kernel's acknowledgement, a
//! [`wire::ack::Ack`], reports success or a [`wire::netlink_error::NetlinkError`] with the offending
//! attribute.
//!
//! ## Stability
//!
//! The names at the top of the crate are its interface: [`Netset`], [`NetworkConfig`], [`Configurer`],
//! [`HostConfigurer`], [`ContainerConfigurer`], [`Error`] and [`Result`]. The modules are public for
//! readers and for the tests; they may change in any version.

pub mod config;
#[cfg(feature = "textbook")]
pub mod doctor;
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
