//! The only loops with effects: observe what is there, do what a plan says, undo it.

pub mod allocate;
pub mod announce;
pub mod kernel;
pub mod observe;
pub mod query;
pub mod run;
pub mod sockets;
