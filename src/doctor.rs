//! `doctor`: finds out why a container has no network. Each cause is printed with a command that
//! fixes it.
//!
//! netsetgo follows a packet from the container to the network: the container's link, address and
//! route (`doctor/container.rs`), the bridge and its port (`doctor/bridge.rs`), forwarding and the way
//! out (`doctor/host.rs`), and the firewall (`doctor/firewall.rs`).
//! It changes nothing, and sends one packet, an ICMP echo from the container to its gateway.

mod bridge;
mod container;
mod firewall;
mod host;

use crate::config::NetnsRef;
use crate::engine::query;
use crate::engine::sockets::{Container, Host};
use crate::error::{Kind, Result};

/// A line of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it should be; printed as `ok`.
    Ok(String),
    /// What netsetgo cannot evaluate, and a command that shows it; printed as `??`.
    Unknown(String, String),
    /// What is wrong, and a command that fixes it; printed as `BAD`.
    Bad(String, String),
}

impl Finding {
    /// Whether something is wrong.
    pub fn is_bad(&self) -> bool {
        matches!(self, Self::Bad(..))
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ok(what) => write!(f, "ok   {what}"),
            Self::Unknown(what, look) => write!(f, "??   {what}; look: {look}"),
            Self::Bad(what, hint) => write!(f, "BAD  {what}; fix: {hint}"),
        }
    }
}

fn bad(what: impl Into<String>, hint: impl Into<String>) -> Finding {
    Finding::Bad(what.into(), hint.into())
}

/// Looks at a container, or without one at the host alone.
pub fn doctor(container: Option<&NetnsRef>) -> Result<Vec<Finding>> {
    let mut host = Host::open()?;
    let mut all = Vec::new();
    let mut context = host::Context::default();
    match container {
        Some(reference) => match Container::open(&host, reference) {
            // In the caller's own namespace: no words of the kernel's.
            Err(own) if own.kind == Kind::Conflict => {
                return Ok(vec![bad(own.action, "netsetgo run -- COMMAND")]);
            }
            inside => {
                all.push(Finding::Ok(format!(
                    "{reference} has a network namespace of its own"
                )));
                let mut container = container::ExaminedContainer::new(reference, inside?);
                context = container.examine(&mut host, &mut all)?;
            }
        },
        None => {
            let links = query::links(&mut host.socket, None)?;
            for told in links
                .iter()
                .filter(|told| told.is_marked() && told.is("bridge"))
            {
                context.bridges.push(bridge::View::of(&mut host, told)?);
            }
        }
    }
    let routes = query::routes(&mut host.socket, None)?;
    for view in &context.bridges {
        bridge::examine(&mut host, view, &routes, &context, &mut all)?;
    }
    host::examine(&mut host, &routes, &mut context, &mut all)?;
    Ok(all)
}
