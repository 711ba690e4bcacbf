//! What is to be done, as data: a list of [`step::Step`]s, each with its undo beside it.
//!
//! Pure: from the words of a user ([`crate::config`]) and what is there ([`observed::Observed`]) to
//! steps, and from a step to the bytes that the kernel gets. `engine` does them, `explain` prints
//! them, tests compare them.

mod adopt;
pub mod attach;
pub mod bridge;
pub mod detach;
pub mod observed;
pub mod op;
pub mod ownership;
pub mod step;

#[cfg(test)]
mod tests;
