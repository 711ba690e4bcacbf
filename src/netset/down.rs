//! `down`: takes away what is ours, and the bridge with its last container.

use crate::config::{Id, IfName, NAMED, NetnsRef, NetworkConfig};
use crate::engine::kernel::Known;
use crate::engine::observe;
use crate::engine::query::{self, LinkInfo};
use crate::engine::run::{gone, run};
use crate::engine::sockets::{Container, Host, Sockets};
use crate::error::{Error, Result};
use crate::os::lock::Lock;
use crate::plan::step::{Place, Step};
use crate::plan::{detach, ownership};
use nix::errno::Errno;

/// Whose network is taken away.
#[derive(Clone, Debug)]
pub struct Target {
    /// The container.
    pub container: Option<NetnsRef>,
    /// Which of its links, by the container's end; none: all that are ours.
    pub container_ifname: Option<IfName>,
    /// Which of its links, by the host's end; none: any.
    pub host_ifname: Option<IfName>,
    /// Only what is on this bridge; none: on any.
    pub bridge: Option<IfName>,
    /// Its owner: all that this owner has, or with a container, whose it has to be.
    pub id: Option<Id>,
    /// Leave the bridge, also without ports.
    pub keep_bridge: bool,
}

/// Takes a container's network away, and the bridge with its last container, if it was ours.
/// Nothing there, or the container's namespace gone: success.
///
/// `bridge` is the one that is looked at where there is no container any more to tell of one.
pub fn down(bridge: &IfName, target: &Target) -> Result<()> {
    let mut host = Host::open()?;
    let mut bridges = Vec::new();
    for outer in outer_ends(target, &mut host)? {
        let master = match outer.link.master {
            Some(master) => query::link_by_index(&mut host.socket, master)?,
            None => None,
        };
        let on = master.map(|bridge| bridge.link.name);
        if target.bridge.is_some() && target.bridge != on {
            continue;
        }
        bridges.extend(on.filter(|on| !bridges.contains(on)));
        remove(&mut host, &outer, &detach::pair(&outer.link.name))?;
    }
    if bridges.is_empty() {
        bridges.push(bridge.clone());
    }
    if !target.keep_bridge {
        bridges
            .iter()
            .try_for_each(|bridge| leave_bridge(&mut host, bridge))?;
    }
    Ok(())
}

/// The host's ends of the pairs that are meant.
fn outer_ends(target: &Target, host: &mut Host) -> Result<Vec<LinkInfo>> {
    let inside = match &target.container {
        None => None,
        Some(reference) => match Container::open(host, reference) {
            Ok(inside) => Some(inside),
            // Its namespace has taken the pair with it, unless another process keeps that.
            Err(error) if is_gone(reference, &error) => None,
            Err(error) => return Err(error),
        },
    };
    let mut ends = match (inside, &target.id) {
        (Some(mut inside), _) => of_container(target, host, &mut inside)?,
        (None, Some(id)) => of_owner(id, target.container_ifname.as_ref(), host)?,
        (None, None) => Vec::new(),
    };
    ends.retain(|outer| {
        let named = |name: &IfName| *name == outer.link.name;
        target.host_ifname.as_ref().is_none_or(named)
    });
    Ok(ends)
}

/// All that an owner has; or of that the one link whose container's end has this name.
fn of_owner(id: &Id, end: Option<&IfName>, host: &mut Host) -> Result<Vec<LinkInfo>> {
    let mut all = query::links(&mut host.socket, None)?;
    all.retain(|told| {
        let tagged = |end: &IfName| told.link.names.contains(&ownership::owner(id, end));
        told.link.ours && owner(told) == Some(id.as_str()) && end.is_none_or(tagged)
    });
    Ok(all)
}

/// What a container has of ours: the link of this name, or all.
fn of_container(target: &Target, host: &mut Host, inside: &mut Container) -> Result<Vec<LinkInfo>> {
    let names = match &target.container_ifname {
        Some(name) => vec![name.clone()],
        None => {
            let links = query::links(&mut inside.socket, None)?;
            links.into_iter().map(|told| told.link.name).collect()
        }
    };
    let (mut ends, mut others) = (Vec::new(), None);
    for name in names {
        let Some((outer, _)) = observe::pair_of(host, inside, &name)? else {
            continue;
        };
        match not_meant(target, &outer) {
            None => ends.push(outer),
            Some(reason) => {
                let name = &outer.link.name;
                let refused = Error::conflict(format!("name {name} in host: {reason}"));
                // What nobody has named is only missed where it is one of ours.
                let missed = outer.link.ours || target.container_ifname.is_some();
                others = others.or(missed.then_some(refused));
            }
        }
    }
    match others {
        Some(refused) if ends.is_empty() => Err(refused),
        _ => Ok(ends),
    }
}

/// Why a link of the container is not taken away: nobody's of us, or another owner's.
fn not_meant(target: &Target, outer: &LinkInfo) -> Option<String> {
    if !outer.link.ours {
        return Some("the container's link is not one that netsetgo made".into());
    }
    match (owner(outer), &target.id) {
        (Some(owner), Some(id)) if owner != id.as_str() => {
            Some(format!("it is {owner}'s, not {id}'s"))
        }
        _ => None,
    }
}

fn owner(told: &LinkInfo) -> Option<&str> {
    ownership::id_in(&told.link.names)
}

/// A process that has ended, a file that is not there any more, or is what `ip netns` leaves of a
/// namespace that was unmounted.
fn is_gone(reference: &NetnsRef, error: &Error) -> bool {
    match reference {
        NetnsRef::Pid(_) => error.is(Errno::ESRCH),
        NetnsRef::Path(path) => {
            let named = [NAMED, "/var/run/netns"]
                .iter()
                .any(|dir| path.starts_with(dir));
            error.is(Errno::ENOENT) || named && error.is(Errno::EINVAL)
        }
        NetnsRef::Descriptor(_) => false,
    }
}

/// The host's end of an attachment, by its index: a name may be somebody else's by and by.
pub fn port(host: &mut Host, config: &NetworkConfig) -> Result<Option<u32>> {
    Ok(query::link(&mut host.socket, &config.host_ifname)?.map(|told| told.link.index))
}

/// Takes away what is left of an attachment whose container has ended.
pub fn leave(host: &mut Host, config: &NetworkConfig, port: Option<u32>) -> Result<()> {
    let outer = port
        .map(|port| query::link_by_index(&mut host.socket, port))
        .transpose()?
        .flatten();
    if let Some(outer) = outer.filter(|outer| outer.link.ours) {
        remove(host, &outer, &detach::pair(&outer.link.name))?;
    }
    leave_bridge(host, &config.bridge_name)
}

/// Takes the bridge away if it is ours and nothing is in it or on it; from somebody else's, with
/// the last port of ours, what it was lent. Under the lock: nobody gets a port in between.
fn leave_bridge(host: &mut Host, name: &IfName) -> Result<()> {
    let _lock = Lock::take()?;
    let told = query::link(&mut host.socket, name)?;
    let Some(bridge) = told.filter(|told| told.link.is("bridge")) else {
        return Ok(());
    };
    if !bridge.link.ours {
        let ports = query::links(&mut host.socket, Some(bridge.link.index))?;
        if ports.iter().any(|port| port.link.ours) {
            return Ok(());
        }
        let owned_addresses = query::owned_addresses_of(&mut host.socket, bridge.link.index)?;
        return remove(
            host,
            &bridge,
            &detach::owned_addresses(name, &owned_addresses),
        );
    }
    let used = query::links(&mut host.socket, None)?;
    if !used.iter().any(|link| link.uses(&bridge)) {
        remove(host, &bridge, &detach::bridge(name))?;
    }
    Ok(())
}

pub(super) fn remove(host: &mut Host, told: &LinkInfo, steps: &[Step]) -> Result<()> {
    let mut known = Known::default();
    known.learn(Place::Host, &told.link.name, told.link.index);
    match run(
        &mut Sockets {
            host,
            container: None,
        },
        known,
        steps,
    ) {
        // Somebody was faster.
        Err(error)
            if error
                .netlink
                .as_ref()
                .is_some_and(|netlink_error| gone(netlink_error.errno)) =>
        {
            Ok(())
        }
        done => done.map(drop),
    }
}
