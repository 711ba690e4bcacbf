//! Messages: writing requests, sending several in one datagram, splitting a received datagram.
//!
//! `request` writes one message, `datagram` joins several, and `received` splits what the kernel
//! sends. A batch of nf_tables is a [`Transaction`](super::transaction::Transaction).

mod datagram;
mod received;
mod request;

pub use datagram::Datagram;
pub use received::{Messages, Received};
pub use request::{Change, Create, Delete, Dump, Get, Intent, Message, Replace, Request};

#[cfg(test)]
mod tests;
