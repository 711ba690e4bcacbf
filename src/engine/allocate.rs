//! Address allocation (IPAM) without a file: the kernel's table of altnames is the database.
//!
//! The host end of each veth pair carries its container's addresses as altnames. A name belongs to
//! one link only in a namespace. A lookup by name therefore tells whether an address is in use, and
//! the kernel rejects the second link that takes it (EEXIST).
//!
//! netsetgo lists nothing. It tests candidates at growing distances, so that a bridge with a
//! thousand containers costs ten lookups more than an empty one. When another process takes the
//! address between the lookup and the request, the kernel returns EEXIST and netsetgo allocates
//! again: first from the lowest address, later from a random one.

use super::neighbourhood::Neighbourhood;
use super::observe;
use super::query::link_by_altname;
use super::sockets::Host;
use crate::config::{Cidr, HostIfname, IfName, Ipam, Request};
use crate::error::{Error, Kind, Result};
use crate::os::ioctl;
use crate::plan::observed::Pair;
use crate::plan::ownership;
use crate::plan::step::Place;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

/// netsetgo tests at most this many addresses of a subnet.
const MAX_CANDIDATES: u128 = 1 << 20;
/// From a random address on, netsetgo tests at most this many in a row.
const RANDOM_RUN: u128 = 64;

/// Which free address is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The lowest one, as a rule: the first after a run of addresses that are in use.
    Lowest,
    /// One after a random address. Processes that allocate at the same time rarely meet there.
    Random,
}

/// The container's addresses: those that the request names, or those that its veth pair has
/// already, else the next free address of each subnet of the bridge.
///
/// # Errors
/// [`Kind::Conflict`] where a subnet has no free address.
pub fn addresses(
    request: &Request,
    strategy: Strategy,
    host: &mut Host,
    pair: Option<&Pair>,
    neighbourhood: &Neighbourhood,
) -> Result<Vec<Cidr>> {
    if let Ipam::Static(addresses) = &request.ipam {
        return Ok(addresses.clone());
    }
    let kept: Vec<IpAddr> = pair
        .filter(|pair| pair.host.is_marked())
        .map(|pair| ownership::addresses_in(&pair.host.altnames).collect())
        .unwrap_or_default();
    let mut addresses: Vec<Cidr> = Vec::new();
    for subnet in &request.bridge_addresses {
        // Two addresses of the bridge may be in one subnet.
        if addresses.iter().any(|cidr| subnet.contains(cidr.address)) {
            continue;
        }
        let address = match kept.iter().find(|&&address| subnet.contains(address)) {
            Some(&address) => address,
            None => {
                let first = addresses.is_empty() && pair.is_none();
                next_free(request, strategy, host, *subnet, first, neighbourhood)?
            }
        };
        addresses.push(Cidr { address, ..*subnet });
    }
    Ok(addresses)
}

/// A free address of the subnet. The `first` address of a container also makes the host end's
/// name, which must be free too.
fn next_free(
    request: &Request,
    strategy: Strategy,
    host: &mut Host,
    subnet: Cidr,
    first: bool,
    neighbourhood: &Neighbourhood,
) -> Result<IpAddr> {
    let end = subnet.hosts().min(MAX_CANDIDATES);
    let mut in_use = |position: u128| -> Result<bool> {
        let Some(address) = subnet.nth(position) else {
            return Ok(true);
        };
        let is_gateway = request
            .bridge_addresses
            .iter()
            .any(|cidr| cidr.address == address);
        Ok(is_gateway
            || neighbourhood.is_gateway(address)
            || is_allocated(host, address)?
            || first && name_is_taken(request, host, address)?)
    };
    let found = match strategy {
        Strategy::Lowest => None,
        Strategy::Random => random(end, &mut in_use)?,
    };
    let found = match found {
        None => lowest(end, &mut in_use)?,
        found => found,
    };
    found
        .and_then(|position| subnet.nth(position))
        .ok_or_else(|| {
            Error::conflict(format!(
                "subnet {} has no free address: all {end} are in use",
                subnet.subnet()
            ))
        })
}

/// A free position after a random one, below `end`; `None` where [`RANDOM_RUN`] are in use.
fn random(end: u128, in_use: &mut impl FnMut(u128) -> Result<bool>) -> Result<Option<u128>> {
    let start = u128::from(RandomState::new().hash_one(RANDOM_RUN)) % end.max(1);
    for position in start..end.min(start + RANDOM_RUN) {
        if !in_use(position)? {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

/// The lowest free position below `end`, or the one after a run of positions that are in use.
fn lowest(end: u128, in_use: &mut impl FnMut(u128) -> Result<bool>) -> Result<Option<u128>> {
    let (mut low, mut step, mut last) = (0, 1, None);
    // First find a free position, at growing distances.
    while low < end && in_use(low)? {
        last = Some(low);
        low += step;
        step = (step * 2).min(end / 8 + 1);
    }
    // Then bisect back to the end of the run before it.
    let (mut high, mut known) = (low, last.unwrap_or(low));
    while low < end && high - known > 1 {
        let middle = known + (high - known) / 2;
        if in_use(middle)? {
            known = middle
        } else {
            high = middle
        }
    }
    if low >= end {
        high = 0;
        while high < end && in_use(high)? {
            high += 1;
        }
    }
    Ok(Some(high).filter(|_| high < end))
}

/// Whether a link has the name that the host end would get from this address.
fn name_is_taken(request: &Request, host: &mut Host, address: IpAddr) -> Result<bool> {
    let HostIfname::FromAddress(prefix) = &request.host_ifname else {
        return Ok(false);
    };
    match IfName::from_address(prefix, address) {
        Some(name) => Ok(index_of(host, &name)?.is_some()),
        None => Ok(false),
    }
}

fn index_of(host: &Host, name: &IfName) -> Result<Option<u32>> {
    ioctl::index(&host.socket, name)
        .map_err(|errno| Error::system(format!("find link {name} in host"), errno))
}

/// Whether a link has the address as an altname, or the host has the address itself.
fn is_allocated(host: &mut Host, address: IpAddr) -> Result<bool> {
    let name = ownership::address_altname(address);
    let taken = match name.parse::<IfName>() {
        // SIOCGIFINDEX finds altnames too, but only those that fit into a struct ifreq.
        Ok(name) => index_of(host, &name)?.is_some(),
        Err(_) => link_by_altname(&mut host.socket, &name)?.is_some(),
    };
    if taken {
        return Ok(true);
    }
    match observe::address_is_free(&mut host.socket, Place::Host, address, None) {
        Ok(()) => Ok(false),
        Err(error) if error.kind == Kind::Conflict => Ok(true),
        Err(error) => Err(error),
    }
}
