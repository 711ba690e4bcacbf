//! Chains that drop containers' packets: whose, where, and what lets the packets pass.
//!
//! ```text
//!  container ── brg0 ──▶ prerouting ─┬─▶ forward ──▶ postrouting ──▶ out
//!                                    └─▶ input: the gateway itself
//! ```

use super::{Finding, bad};
use crate::engine::nft_rules::{Fate, Packet, Rules};
use crate::os::socket::Socket;
use crate::wire::attr::{Attr, NulString};
use crate::wire::message::Received;
use crate::wire::nft::{
    NFTA_CHAIN_HOOK, NFTA_CHAIN_NAME, NFTA_CHAIN_POLICY, NFTA_CHAIN_TABLE, NFTA_HOOK_HOOKNUM,
    NFTA_HOOK_PRIORITY, NfGenMsg, NftaChain, dump_chains,
};
use crate::wire::uapi::{
    NF_DROP, NF_INET_FORWARD, NF_INET_LOCAL_IN, NF_INET_LOCAL_OUT, NF_INET_POST_ROUTING,
    NF_INET_PRE_ROUTING, NFPROTO_BRIDGE, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6,
};

/// Where packets come by, and who.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'a> {
    /// `nft` as it is typed there.
    pub(super) nft: &'a str,
    /// The bridge; in the container its own link.
    pub(super) link: &'a str,
    /// The bridge's port that the container is plugged into.
    pub(super) port: Option<&'a str>,
    /// The link of the host's default route.
    pub(super) out: Option<&'a str>,
    /// Families: IPv4, IPv6.
    pub(super) families: [bool; 2],
    /// Look at what the gateway itself gets and says, not at what passes through.
    pub(super) ends_here: bool,
}

/// A base chain.
struct Chain {
    family: u8,
    table: String,
    name: String,
    hook: u32,
    priority: i32,
    drops: bool,
}

impl Chain {
    fn read(received: &Received<'_>) -> Option<Self> {
        let (header, attrs) = received.body::<NfGenMsg, NftaChain>()?;
        let hook = attrs.find(NFTA_CHAIN_HOOK).ok()??;
        let text = |attr: Attr<NftaChain, NulString>| {
            Some(attrs.find(attr).ok()?.unwrap_or_default().into_owned())
        };
        Some(Self {
            family: header.family,
            table: text(NFTA_CHAIN_TABLE)?,
            name: text(NFTA_CHAIN_NAME)?,
            hook: hook.find(NFTA_HOOK_HOOKNUM).ok()??,
            priority: hook.find(NFTA_HOOK_PRIORITY).ok()??,
            drops: attrs.find(NFTA_CHAIN_POLICY).ok()? == Some(NF_DROP),
        })
    }

    /// The table, as `nft` names it.
    fn table(&self) -> String {
        let family = match self.family {
            NFPROTO_INET => "inet",
            NFPROTO_IPV4 => "ip",
            NFPROTO_IPV6 => "ip6",
            NFPROTO_BRIDGE => "bridge",
            _ => "arp",
        };
        format!("{family} {}", self.table)
    }

    fn hook(&self) -> &'static str {
        match self.hook {
            NF_INET_PRE_ROUTING => "prerouting",
            NF_INET_LOCAL_IN => "input",
            NF_INET_FORWARD => "forward",
            NF_INET_LOCAL_OUT => "output",
            _ => "postrouting",
        }
    }

    /// What comes by: a packet that the container sends, and one that it gets, each with the rule
    /// that lets it pass.
    fn packets<'a>(&self, way: Way<'a>, ipv4: bool) -> Vec<(Packet<'a>, String)> {
        let link = Some(way.link);
        let packet = |iif, oif, new| Packet {
            iif,
            oif,
            within: None,
            ipv4,
            new,
        };
        let by = |key: &str| format!("{key} {} accept", way.link);
        let known = || "ct state established,related accept".to_owned();
        match (self.family, self.hook, way.ends_here) {
            (NFPROTO_BRIDGE, NF_INET_FORWARD, false) => self.through_port(way, ipv4),
            (NFPROTO_BRIDGE, ..) => Vec::new(),
            (_, NF_INET_PRE_ROUTING, false) => vec![
                (packet(link, None, true), by("iifname")),
                (packet(way.out, None, false), known()),
            ],
            (_, NF_INET_FORWARD, false) => vec![
                (packet(link, way.out, true), by("iifname")),
                (packet(way.out, link, false), by("oifname")),
            ],
            (_, NF_INET_POST_ROUTING, false) => vec![
                (packet(link, way.out, true), by("iifname")),
                (packet(way.out, link, false), by("oifname")),
            ],
            (_, NF_INET_LOCAL_IN, true) => vec![(packet(link, None, true), by("iifname"))],
            (_, NF_INET_LOCAL_OUT, true) => vec![(packet(None, link, true), by("oifname"))],
            _ => Vec::new(),
        }
    }

    /// What goes between the ports of a bridge, as far as it is the container's.
    fn through_port<'a>(&self, way: Way<'a>, ipv4: bool) -> Vec<(Packet<'a>, String)> {
        let Some(port) = way.port else {
            return Vec::new();
        };
        let through = |iif, oif| Packet {
            iif,
            oif,
            within: Some(way.link),
            ipv4,
            new: true,
        };
        vec![
            (through(Some(port), None), format!("iifname {port} accept")),
            (through(None, Some(port)), format!("oifname {port} accept")),
        ]
    }

    /// What the chain does to those who come this way, if that is worth a line.
    fn examine(&self, socket: &mut Socket, way: Way<'_>) -> Option<Finding> {
        let mut rules = Rules {
            socket,
            family: self.family,
            table: &self.table,
        };
        let (mut missing, mut perhaps) = (Vec::new(), false);
        for (family, ipv4) in [(NFPROTO_IPV4, true), (NFPROTO_IPV6, false)] {
            let [four, six] = way.families;
            let wanted = if ipv4 { four } else { six };
            let sees = [NFPROTO_INET, NFPROTO_BRIDGE, family].contains(&self.family);
            if !wanted || !sees {
                continue;
            }
            for (packet, hint) in self.packets(way, ipv4) {
                match rules.fate(&self.name, self.drops, packet) {
                    Fate::Dropped if !missing.contains(&hint) => missing.push(hint),
                    Fate::Unknown => perhaps = true,
                    Fate::Accepted | Fate::Dropped => {}
                }
            }
        }
        self.finding(way, &missing, perhaps)
    }

    fn finding(&self, way: Way<'_>, missing: &[String], perhaps: bool) -> Option<Finding> {
        let (table, name, nft) = (self.table(), &self.name, way.nft);
        let chain = format!(
            "firewall: chain {name} of table {table} (hook {}, priority {})",
            self.hook(),
            self.priority
        );
        let link = way.link;
        if !missing.is_empty() {
            let rules: Vec<String> = missing
                .iter()
                .map(|rule| format!("insert rule {table} {name} {rule}"))
                .collect();
            let hint = format!("{nft} '{}'", rules.join("; "));
            return Some(bad(format!("{chain} drops packets of {link}"), hint));
        }
        perhaps.then(|| {
            let what = format!("{chain} may drop packets of {link}: it has rules of its own");
            Finding::Unknown(what, format!("{nft} list chain {table} {name}"))
        })
    }
}

/// Looks at all base chains that the packets come by. Where there is no nf_tables in the kernel, or
/// no right to look, there is nothing to tell.
pub(super) fn examine(socket: &mut Socket, way: Way<'_>, all: &mut Vec<Finding>) {
    let Ok(request) = dump_chains().finish() else {
        return;
    };
    let chains = socket.dump(&request, Chain::read).unwrap_or_default();
    all.extend(chains.iter().filter_map(|chain| chain.examine(socket, way)));
}
