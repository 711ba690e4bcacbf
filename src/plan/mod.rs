//! What is to be done, as data: a list of [`step::Step`]s, each with its undo beside it.
//!
//! Pure: from the words of a user ([`crate::config`]) and what is there ([`seen::Seen`]) to
//! steps, and from a step to the bytes that the kernel gets. `engine` does them, `explain` prints
//! them, tests compare them.

mod adopt;
pub mod attach;
mod bridge;
pub mod command;
pub mod cure;
pub mod detach;
pub mod op;
pub mod seen;
pub mod step;
pub mod tag;

#[cfg(test)]
mod tests;
