//! What is around the bridge: forwarding, firewalls, the way out, other routes.

use super::doctor::{Finding, bad, is_link_local};
use crate::config::Cidr;
use crate::engine::ask::{self, Told};
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::os::socket::Socket;
use crate::os::sysctl;
use crate::wire::attr::{Attr, Text};
use crate::wire::catalog::Protocol;
use crate::wire::message::Received;
use crate::wire::nft::{
    NFTA_CHAIN_HOOK, NFTA_CHAIN_NAME, NFTA_CHAIN_POLICY, NFTA_CHAIN_TABLE, NFTA_HOOK_HOOKNUM,
    NFTA_HOOK_PRIORITY, NfGenMsg, NftaChain, dump_chains,
};
use crate::wire::uapi::{NF_DROP, NF_INET_FORWARD, NFPROTO, NFPROTO_BRIDGE, name_of};

/// Forwarding, chains that drop, and the link that leads out.
pub(super) fn of_host(host: &mut Host, bridges: &[Told], all: &mut Vec<Finding>) -> Result<()> {
    for (setting, family) in [
        ("net.ipv4.ip_forward", true),
        ("net.ipv6.conf.all.forwarding", false),
    ] {
        let mut wanted = family;
        for bridge in bridges {
            let addresses = ask::addresses_of(&mut host.socket, bridge.link.index)?;
            let global = |cidr: &Cidr| !is_link_local(cidr);
            wanted |= addresses
                .iter()
                .any(|c| global(c) && c.address.is_ipv4() == family);
        }
        match sysctl::number(setting) {
            Some(0) if wanted => all.push(bad(
                format!("forwarding: {setting} is 0, so nothing leaves the host"),
                format!("sysctl -w {setting}=1"),
            )),
            Some(_) if wanted => all.push(Finding::Fine(format!("forwarding: {setting} is on"))),
            None if family => all.push(bad(
                format!("forwarding: {setting} cannot be read"),
                "mount -t proc proc /proc",
            )),
            _ => {}
        }
    }
    dropping_chains(bridges, all);
    way_out(host, bridges, all)
}

/// A base chain that drops what no rule of it accepts.
struct Chain {
    family: String,
    table: String,
    name: String,
    priority: i32,
    /// It sees what goes between the ports of a bridge.
    of_bridges: bool,
}

impl Chain {
    /// `None` where it drops nothing, or not where containers' packets come by.
    fn dropping(received: &Received<'_>) -> Option<Self> {
        let (header, attrs) = received.body::<NfGenMsg, NftaChain>()?;
        let hook = attrs.find(NFTA_CHAIN_HOOK).ok()??;
        let forwards = hook.find(NFTA_HOOK_HOOKNUM).ok()?? == NF_INET_FORWARD;
        let drops = attrs.find(NFTA_CHAIN_POLICY).ok()? == Some(NF_DROP);
        if !forwards || !drops {
            return None;
        }
        let family = name_of(NFPROTO, header.family.into()).unwrap_or("?");
        let family = family.trim_start_matches("NFPROTO_").to_ascii_lowercase();
        let text = |attr: Attr<NftaChain, Text>| {
            Some(attrs.find(attr).ok()?.unwrap_or_default().into_owned())
        };
        Some(Self {
            family: family.replace("ipv4", "ip").replace("ipv6", "ip6"),
            table: text(NFTA_CHAIN_TABLE)?,
            name: text(NFTA_CHAIN_NAME)?,
            priority: hook.find(NFTA_HOOK_PRIORITY).ok()??.cast_signed(),
            of_bridges: header.family == NFPROTO_BRIDGE,
        })
    }

    fn finding(&self, bridge: &str) -> Finding {
        let Self {
            family,
            table,
            name,
            priority,
            of_bridges,
        } = self;
        let who = match of_bridges {
            true => "between containers",
            false => "to and from containers",
        };
        bad(
            format!(
                "firewall: chain {name} of table {family} {table} (hook forward, priority \
                 {priority}) drops what it does not accept, {who}"
            ),
            format!("nft insert rule {family} {table} {name} iifname {bridge} accept"),
        )
    }
}

fn dropping_chains(bridges: &[Told], all: &mut Vec<Finding>) {
    // No nf_tables in the kernel, or no right to look: nothing to tell.
    let Ok(socket) = Socket::open(Protocol::Netfilter) else {
        return;
    };
    let Ok(request) = dump_chains().finish() else {
        return;
    };
    let chains = socket.at("host").dump(&request, Chain::dropping);
    let bridge = bridges
        .first()
        .map_or("BRIDGE", |bridge| bridge.link.name.as_str());
    let chains = chains.unwrap_or_default();
    all.extend(chains.iter().map(|chain| chain.finding(bridge)));
}

/// The link of the host's default route, and whether the containers' packets fit.
fn way_out(host: &mut Host, bridges: &[Told], all: &mut Vec<Finding>) -> Result<()> {
    let routes = ask::routes(&mut host.socket)?;
    let out = routes
        .iter()
        .find(|route| route.network.prefix == 0)
        .and_then(|route| route.link);
    let Some(out) = out else {
        all.push(bad(
            "way out: the host has no default route, so containers reach the host alone",
            "ip route add default via ROUTER",
        ));
        return Ok(());
    };
    let Some(out) = ask::link_by_index(&mut host.socket, out)? else {
        return Ok(());
    };
    for bridge in bridges
        .iter()
        .filter(|bridge| bridge.link.mtu > out.link.mtu)
    {
        let (name, least) = (&out.link.name, out.link.mtu);
        all.push(bad(
            format!(
                "mtu: {} of {}, but {least} of {name}",
                bridge.link.mtu, bridge.link.name
            ),
            format!("netsetgo up --mtu {least}"),
        ));
    }
    Ok(())
}

/// Routes of the host by other links into a bridge's subnet.
pub(super) fn of_subnet(
    host: &mut Host,
    bridge: &Told,
    cidr: Cidr,
    all: &mut Vec<Finding>,
) -> Result<()> {
    let routes = ask::routes(&mut host.socket)?;
    for route in routes.iter().filter(|route| route.network.prefix > 0) {
        let overlaps = route.network.contains(cidr.address) || cidr.contains(route.network.address);
        let own = route.link == Some(bridge.link.index);
        if !overlaps || own || route.network.address.is_ipv4() != cidr.address.is_ipv4() {
            continue;
        }
        let link = route
            .link
            .map(|index| ask::link_by_index(&mut host.socket, index));
        let name = link
            .transpose()?
            .flatten()
            .map(|told| told.link.name.to_string());
        all.push(bad(
            format!(
                "subnet {cidr} of {}: overlaps the host's route to {} by {}",
                bridge.link.name,
                route.network,
                name.unwrap_or_else(|| "another link".into())
            ),
            "netsetgo down, and up with a --bridge-address of another subnet",
        ));
    }
    Ok(())
}
