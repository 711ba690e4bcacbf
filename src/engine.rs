//! Everything with effects: sockets, queries, running and rolling back a plan, address allocation.

pub mod allocate;
pub mod announce;
pub mod kernel;
pub mod neighbourhood;
pub mod nft_rules;
pub mod observe;
pub mod query;
pub mod run;
pub mod sockets;
