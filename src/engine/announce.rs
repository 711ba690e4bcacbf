//! After an attach: wait until the bridge's port forwards, then announce the container's addresses.
//!
//! The kernel announces an address when its link is set up. That is some tenths of a millisecond
//! before the port reaches the forwarding state, so that the announcement is lost. A neighbour that
//! knows the address at a former hardware address then keeps it for minutes. netsetgo announces
//! again. Packets pass when `up` returns.

use super::kernel::Known;
use super::query;
use super::run::run;
use super::sockets::{Container, Host, Sockets};
use crate::config::Resolved;
use crate::error::Result;
use crate::os::icmp;
use crate::plan::attach;
use crate::plan::observed::LinkInfo;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// `BR_STATE_DISABLED` and `BR_STATE_FORWARDING`, `linux/if_bridge.h`.
const DISABLED: u8 = 0;
const FORWARDING: u8 = 3;
/// A port without carrier stays disabled. netsetgo then waits no longer than this.
const TIMEOUT: Duration = Duration::from_millis(500);

/// Waits for the port, then announces the container's addresses. Returns the host end as last
/// queried. `known` are the indexes that the attach found.
///
/// # Errors
/// Where the port's state cannot be read. An announcement that fails is no error: the network
/// exists, and the neighbours learn the address later.
pub fn announce(
    config: &Resolved,
    known: Known,
    host: &mut Host,
    container: &mut Container,
) -> Result<Option<LinkInfo>> {
    let host_end = wait_for_port(config, host)?;
    if host_end.as_ref().and_then(|link| link.port_state) != Some(FORWARDING) {
        return Ok(host_end);
    }
    advertise(config, host, container)?;
    let mut sockets = Sockets {
        host,
        container: Some(container),
    };
    let _ = run(&mut sockets, known, &attach::announce(config));
    Ok(host_end)
}

/// Sends unsolicited neighbour advertisements (RFC 4861 section 7.2.6) for the IPv6 addresses. No
/// netlink message makes the kernel send them.
fn advertise(config: &Resolved, host: &Host, container: &mut Container) -> Result<()> {
    let ipv6: Vec<Ipv6Addr> = config
        .container_addresses
        .iter()
        .filter_map(|cidr| match cidr.address {
            IpAddr::V4(_) => None,
            IpAddr::V6(v6) => Some(v6),
        })
        .collect();
    if ipv6.is_empty() {
        return Ok(());
    }
    let container_end = query::link(&mut container.socket, &config.container_ifname)?;
    if let Some((index, mac)) = container_end.and_then(|link| Some((link.index, link.mac?))) {
        let _ = container.netns.within(&host.netns, || {
            ipv6.iter()
                .try_for_each(|&address| icmp::advertise(index, mac, address))
        });
    }
    Ok(())
}

/// Waits until the port leaves the disabled state, and returns the host end. With spanning tree,
/// the port then listens and learns for many seconds; netsetgo does not wait for that.
fn wait_for_port(config: &Resolved, host: &mut Host) -> Result<Option<LinkInfo>> {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let host_end = query::link(&mut host.socket, &config.host_ifname)?;
        let disabled = host_end.as_ref().and_then(|link| link.port_state) == Some(DISABLED);
        if !disabled || Instant::now() >= deadline {
            return Ok(host_end);
        }
        std::thread::sleep(Duration::from_micros(50));
    }
}
