//! The command line: its arguments, its help, its commands, and the form of its results.

mod args;
pub mod cli;
mod compat;
#[cfg(feature = "textbook")]
mod decode;
#[cfg(feature = "textbook")]
mod explain;
pub mod help;
#[cfg(feature = "textbook")]
pub mod hex;
mod json;
pub mod pcap;
mod pcapng;
pub mod trace;
mod tree;
