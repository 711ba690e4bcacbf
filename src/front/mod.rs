//! The ways in: what somebody says becomes a call of [`crate::netset`], and its result words.

pub mod cli;
mod decode;
mod explain;
mod json;
mod spelling;
mod tree;
pub mod watch;
mod words;
