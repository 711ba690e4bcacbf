//! After an attach: wait until the bridge forwards, and tell the neighbours.
//!
//! The kernel's own announcements go out when the link comes up, some tenths of a millisecond
//! before the bridge's port forwards: they are lost, and whoever has had the address's former
//! owner in its table keeps it for minutes. When `up` returns, packets pass.

use super::kernel::Known;
use super::query;
use super::run::run;
use super::sockets::{Container, Host, Sockets};
use crate::config::NetworkConfig;
use crate::error::Result;
use crate::os::packet;
use crate::plan::attach;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// `BR_STATE_DISABLED` and `BR_STATE_FORWARDING`, `linux/if_bridge.h`.
const DISABLED: u8 = 0;
const FORWARDING: u8 = 3;
/// Without carrier nothing will come.
const TIMEOUT: Duration = Duration::from_millis(500);

/// Waits for the port, then announces the container's addresses. Does what it can: a network
/// whose neighbours learn late is still one.
/// `known` are the links that the attach came to know.
pub fn announce(
    config: &NetworkConfig,
    known: Known,
    host: &mut Host,
    inside: &mut Container,
) -> Result<()> {
    if !forwards(config, host)? {
        return Ok(());
    }
    advertise(config, host, inside)?;
    let mut sockets = Sockets {
        host,
        container: Some(inside),
    };
    let _ = run(&mut sockets, known, &attach::announce(config));
    Ok(())
}

/// IPv6's unsolicited neighbour advertisements: no netlink message makes the kernel send them.
fn advertise(config: &NetworkConfig, host: &Host, inside: &mut Container) -> Result<()> {
    let ipv6 = config
        .container_addresses
        .iter()
        .filter_map(|cidr| match cidr.address {
            IpAddr::V4(_) => None,
            IpAddr::V6(v6) => Some(v6),
        });
    let ipv6: Vec<Ipv6Addr> = ipv6.collect();
    if ipv6.is_empty() {
        return Ok(());
    }
    let end = query::link(&mut inside.socket, &config.container_ifname)?;
    if let Some((link, mac)) = end.and_then(|end| Some((end.link.index, end.link.mac?))) {
        let _ = inside.netns.within(&host.netns, || {
            ipv6.iter()
                .try_for_each(|&address| packet::advertise(link, mac, address))
        });
    }
    Ok(())
}

/// Whether the port forwards, by and by; a bridge that looks for loops first does not soon.
fn forwards(config: &NetworkConfig, host: &mut Host) -> Result<bool> {
    let deadline = Instant::now() + TIMEOUT;
    while Instant::now() < deadline {
        let told = query::link(&mut host.socket, &config.host_ifname)?;
        match told.and_then(|told| told.port_state) {
            Some(FORWARDING) => return Ok(true),
            Some(DISABLED) => std::thread::sleep(Duration::from_micros(50)),
            _ => return Ok(false),
        }
    }
    Ok(false)
}
