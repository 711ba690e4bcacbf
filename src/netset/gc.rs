//! `gc`: takes away what is ours and has no container any more.
//!
//! A pair goes with its container's namespace, the kernel sees to that. What can be left is a
//! bridge whose last container has ended without a `down`, and a pair whose other end somebody has
//! taken back out of its container.

use super::down::remove;
use crate::engine::kernel::Known;
use crate::engine::query::{self, LinkInfo};
use crate::engine::run::run;
use crate::engine::sockets::{Host, Sockets};
use crate::error::Result;
use crate::os::lock::Lock;
use crate::plan::detach;
use crate::plan::step::Place;

/// Takes away what nobody uses: links, and addresses that bridges of somebody else's were lent; the
/// names of them. `dry`: only tells.
pub fn gc(dry: bool) -> Result<Vec<String>> {
    let mut host = Host::open()?;
    let _lock = Lock::take()?;
    let all = query::links(&mut host.socket, None)?;
    let unused: Vec<&LinkInfo> = all.iter().filter(|told| is_unused(told, &all)).collect();
    if !dry && !unused.is_empty() {
        let mut known = Known::default();
        for told in &unused {
            known.learn(Place::Host, &told.link.name, told.link.index);
        }
        let names: Vec<_> = unused.iter().map(|told| told.link.name.clone()).collect();
        run(
            &mut Sockets {
                host: &mut host,
                container: None,
            },
            known,
            &detach::unused(&names),
        )?;
    }
    let mut names: Vec<String> = unused
        .iter()
        .map(|told| told.link.name.to_string())
        .collect();
    for bridge in all
        .iter()
        .filter(|told| may_have_owned_addresses(told, &all))
    {
        let owned_addresses = query::owned_addresses_of(&mut host.socket, bridge.link.index)?;
        names.extend(
            owned_addresses
                .iter()
                .map(|cidr| format!("{} {cidr}", bridge.link.name)),
        );
        if !dry {
            remove(
                &mut host,
                bridge,
                &detach::owned_addresses(&bridge.link.name, &owned_addresses),
            )?;
        }
    }
    Ok(names)
}

/// A bridge of somebody else's without a port of ours: it may still have addresses that it was lent.
fn may_have_owned_addresses(told: &LinkInfo, all: &[LinkInfo]) -> bool {
    let bridge = told.link.is("bridge") && !told.link.ours;
    bridge && !all.iter().any(|port| port.link.ours && port.uses(told))
}

fn is_unused(told: &LinkInfo, all: &[LinkInfo]) -> bool {
    match told.link.kind.as_deref() {
        _ if !told.link.ours => false,
        Some("bridge") => {
            let kept = |user: &LinkInfo| !(user.link.ours && is_stray(user));
            !all.iter().filter(|other| other.uses(told)).any(kept)
        }
        Some("veth") => is_stray(told),
        _ => false,
    }
}

/// Its other end is in this namespace too: no container has it.
fn is_stray(told: &LinkInfo) -> bool {
    told.link.is("veth") && told.peer.is_some() && told.peer_netns.is_none()
}
