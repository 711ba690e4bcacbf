//! The ways in: what somebody says becomes a call of [`crate::netset`], and its result words.

pub mod cli;
#[cfg(feature = "textbook")]
mod decode;
#[cfg(feature = "textbook")]
mod explain;
mod json;
mod spelling;
mod tree;
pub mod watch;
mod words;
