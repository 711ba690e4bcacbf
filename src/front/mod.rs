//! The ways in: what somebody says becomes a call of [`crate::netset`], and its result words.

mod args;
pub mod cli;
mod compat;
#[cfg(feature = "textbook")]
mod decode;
#[cfg(feature = "textbook")]
mod explain;
mod json;
pub mod trace;
mod tree;
