//! The only loops with effects: observe what is there, do what a plan says, undo it.

pub mod announce;
pub mod ask;
pub mod kernel;
pub mod lease;
pub mod observe;
pub mod run;
pub mod sockets;
