//! Which address is free: the kernel knows, by the names that claim addresses ([`tag`]).
//!
//! Nothing is written down and nothing is listed. A candidate is looked up by its claim, in a
//! table of the kernel's; candidates are tried at growing distances, so that a bridge of a
//! thousand containers costs ten lookups more than an empty one. Who is overtaken between the look
//! and the claim gets EEXIST from the kernel, and looks again; who is overtaken twice looks where
//! the others do not.

use super::observe;
use super::query::link_by_alternative;
use super::sockets::{Container, Host};
use crate::config::{Auto, Cidr, IfName, NetworkConfig};
use crate::error::{Error, Result};
use crate::os::ioctl;
use crate::plan::ownership;
use crate::plan::step::Place;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

/// In a subnet larger than this the search ends here.
const SEARCHED: u128 = 1 << 20;
/// So many are looked at from an arbitrary one on.
const RUN: u128 = 64;

/// Where the next free address is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// From the first of the subnet on.
    Lowest,
    /// From an arbitrary one on: many who look at the same one get it one by one.
    Anywhere,
}

/// The words with every address found that was to be found: the container's own, where it has
/// one, else the next free one of each of the bridge's subnets.
pub fn resolve(
    config: &NetworkConfig,
    search: Search,
    host: &mut Host,
    inside: &mut Container,
) -> Result<NetworkConfig> {
    let Some(auto) = &config.auto else {
        return Ok(config.clone());
    };
    let mut found = NetworkConfig {
        auto: None,
        ..config.clone()
    };
    let mut own = Vec::new();
    if let Some(outer) = own_link(config, host, inside)? {
        own = ownership::addresses_in(&outer.names).collect();
        if let Auto::Prefixed(_) = auto {
            found.host_ifname = outer.name;
        }
    }
    let kept = !own.is_empty();
    for subnet in &config.bridge_addresses {
        // Two addresses of the bridge may be in one subnet.
        let has = |cidr: &Cidr| subnet.contains(cidr.address);
        if found.container_addresses.iter().any(has) {
            continue;
        }
        let address = match own.iter().find(|&&address| subnet.contains(address)) {
            Some(&address) => address,
            None => {
                let first = found.container_addresses.is_empty();
                next_free(config, search, host, *subnet, first)?
            }
        };
        found.container_addresses.push(Cidr { address, ..*subnet });
    }
    if let (false, Auto::Prefixed(prefix), Some(first)) =
        (kept, auto, found.container_addresses.first())
        && let Some(name) = ownership::host_ifname(prefix, first.address)
    {
        found.host_ifname = name;
    }
    found.validated()
}

/// The host's end of the pair that the container has already.
fn own_link(
    config: &NetworkConfig,
    host: &mut Host,
    inside: &mut Container,
) -> Result<Option<crate::plan::observed::Link>> {
    if ioctl::index(&inside.socket, &config.container_ifname)
        .ok()
        .flatten()
        .is_none()
    {
        return Ok(None);
    }
    let pair = observe::pair_of(host, inside, &config.container_ifname)?;
    Ok(pair.map(|(outer, _)| outer.link).filter(|link| link.ours))
}

/// An address of the subnet that nobody has. The `first` address of a container's is its host
/// end's name, too.
fn next_free(
    config: &NetworkConfig,
    search: Search,
    host: &mut Host,
    subnet: Cidr,
    first: bool,
) -> Result<IpAddr> {
    let end = subnet.hosts().min(SEARCHED);
    let mut taken = |number: u128| -> Result<bool> {
        let Some(address) = subnet.nth(number) else {
            return Ok(true);
        };
        let gateway = config
            .bridge_addresses
            .iter()
            .any(|cidr| cidr.address == address);
        Ok(gateway || claimed(host, address)? || first && named(config, host, address)?)
    };
    let found = match search {
        Search::Lowest => None,
        Search::Anywhere => anywhere(end, &mut taken)?,
    };
    let found = match found {
        None => lowest(end, &mut taken)?,
        found => found,
    };
    found.and_then(|number| subnet.nth(number)).ok_or_else(|| {
        let network = Cidr {
            address: subnet.network(),
            ..subnet
        };
        Error::conflict(format!(
            "no address of {network} is free: all {end} are taken"
        ))
    })
}

/// One behind an arbitrary one, below `end`; `None` where some in a row are taken.
fn anywhere(end: u128, taken: &mut impl FnMut(u128) -> Result<bool>) -> Result<Option<u128>> {
    let start = u128::from(RandomState::new().hash_one(RUN)) % end.max(1);
    for number in start..end.min(start + RUN) {
        if !taken(number)? {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// The lowest of all below `end`, or the one behind a run of taken ones.
fn lowest(end: u128, taken: &mut impl FnMut(u128) -> Result<bool>) -> Result<Option<u128>> {
    let (mut low, mut step, mut last) = (0, 1, None);
    // A free one at a growing distance …
    while low < end && taken(low)? {
        last = Some(low);
        low += step;
        step = (step * 2).min(end / 8 + 1);
    }
    // … and from there back to the end of the run before it.
    let (mut high, mut known) = (low, last.unwrap_or(low));
    while low < end && high - known > 1 {
        let middle = known + (high - known) / 2;
        if taken(middle)? {
            known = middle
        } else {
            high = middle
        }
    }
    if low >= end {
        high = 0;
        while high < end && taken(high)? {
            high += 1;
        }
    }
    Ok(Some(high).filter(|_| high < end))
}

/// Whether some link has the name that the address would give the host's end.
fn named(config: &NetworkConfig, host: &mut Host, address: IpAddr) -> Result<bool> {
    let Some(Auto::Prefixed(prefix)) = &config.auto else {
        return Ok(false);
    };
    match ownership::host_ifname(prefix, address) {
        Some(name) => Ok(look_for(host, &name)?.is_some()),
        None => Ok(false),
    }
}

fn look_for(host: &Host, name: &IfName) -> Result<Option<u32>> {
    ioctl::index(&host.socket, name)
        .map_err(|errno| Error::system(format!("look for {name}"), errno))
}

/// Whether a link has the address as a name, or the host has it itself.
fn claimed(host: &mut Host, address: IpAddr) -> Result<bool> {
    let name = ownership::claim(address);
    let claimed = match name.parse::<IfName>() {
        // SIOCGIFINDEX finds by alternative names too, but only such as fit into an ifreq.
        Ok(name) => look_for(host, &name)?.is_some(),
        Err(_) => link_by_alternative(&mut host.socket, &name)?.is_some(),
    };
    Ok(claimed || observe::free(&mut host.socket, Place::Host, address, None).is_err())
}
