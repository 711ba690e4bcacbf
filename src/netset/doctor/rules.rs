//! What the rules of a chain make of a packet, as far as that can be told from outside.
//!
//! A packet is known here by the links it comes in and goes out by, its family, and whether it
//! begins a connection. A rule that looks at anything else may fit or not: then the answer may be
//! "perhaps".

mod read;

use crate::os::socket::Socket;
use crate::wire::nft::{NFTA_RULE_CHAIN, NFTA_RULE_TABLE, dump_rules};
use crate::wire::uapi::{NFPROTO_IPV4, NFPROTO_IPV6};
use read::read;

/// Bits of a connection's state, as a rule compares them: `NF_CT_STATE_BIT(IP_CT_ESTABLISHED)` and
/// `NF_CT_STATE_BIT(IP_CT_NEW)`, `linux/netfilter/nf_conntrack_common.h`.
const ESTABLISHED: u32 = 1 << 1;
const NEW: u32 = 1 << 3;
/// Chains that jump to each other are followed no deeper; the kernel's own limit is 16
/// (`NFT_JUMP_STACK_SIZE`, `net/netfilter/nf_tables.h`).
const DEEPEST: usize = 16;

/// What is known of a packet; none is not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    /// The link that it comes in by.
    pub(super) iif: Option<&'a str>,
    /// The link that it goes out by.
    pub(super) oif: Option<&'a str>,
    /// The bridge, where it stays within one.
    pub(super) within: Option<&'a str>,
    /// IPv4, or IPv6.
    pub(super) ipv4: bool,
    /// It begins a connection; else it belongs to one.
    pub(super) new: bool,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It passes.
    Passes,
    /// It is dropped.
    Dropped,
    /// A rule that was not understood may let it pass before another drops it.
    Perhaps,
}

/// What one rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Match {
    /// The link it comes in by: whether it is, or is not, this one.
    In(String, bool),
    /// The link it goes out by.
    Out(String, bool),
    /// The bridge that it comes in, or goes out, by.
    Within(String, bool),
    /// The family.
    Family(u8, bool),
    /// One of these states.
    State(u32),
    /// Something else.
    Other,
}

/// What a rule does with a packet that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Accept,
    Drop,
    Jump(String),
    Goto(String),
    Return,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    matches: Vec<Match>,
    verdict: Verdict,
}

/// A table's chains, asked for as they are needed.
pub(super) struct Rules<'a> {
    pub(super) socket: &'a mut Socket,
    pub(super) family: u8,
    pub(super) table: &'a str,
}

impl Rules<'_> {
    /// What becomes of a packet in a base chain with this policy.
    pub(super) fn fate(&mut self, chain: &str, drops: bool, packet: Packet<'_>) -> Fate {
        let mut perhaps = false;
        let accepted = match self.walk(chain, packet, &mut perhaps, DEEPEST) {
            Some(accepted) => accepted,
            None => !drops,
        };
        match (accepted, perhaps) {
            (true, _) => Fate::Passes,
            (false, true) => Fate::Perhaps,
            (false, false) => Fate::Dropped,
        }
    }

    /// Whether the chain accepts the packet, or drops it; none where it decides nothing.
    fn walk(
        &mut self,
        chain: &str,
        packet: Packet<'_>,
        perhaps: &mut bool,
        depth: usize,
    ) -> Option<bool> {
        let Some(deeper) = depth.checked_sub(1) else {
            *perhaps = true;
            return None;
        };
        for rule in self.of(chain) {
            match (fits(&rule, packet), rule.verdict) {
                (Some(false), _) | (None, Verdict::Drop | Verdict::Return) => {}
                (None, _) => *perhaps = true,
                (Some(true), Verdict::Accept) => return Some(true),
                (Some(true), Verdict::Drop) => return Some(false),
                (Some(true), Verdict::Return) => return None,
                (Some(true), Verdict::Goto(other)) => {
                    return self.walk(&other, packet, perhaps, deeper);
                }
                (Some(true), Verdict::Jump(other)) => {
                    if let Some(decided) = self.walk(&other, packet, perhaps, deeper) {
                        return Some(decided);
                    }
                }
            }
        }
        None
    }

    /// The chain's rules that decide something.
    fn of(&mut self, chain: &str) -> Vec<Rule> {
        let request = dump_rules(self.family)
            .put(NFTA_RULE_TABLE, self.table)
            .put(NFTA_RULE_CHAIN, chain);
        let Ok(request) = request.finish() else {
            return Vec::new();
        };
        // A chain that cannot be read decides nothing that we could tell.
        self.socket.dump(&request, read).unwrap_or_default()
    }
}

/// Whether a packet fits a rule; none where that cannot be told.
fn fits(rule: &Rule, packet: Packet<'_>) -> Option<bool> {
    let same = |is: Option<&str>, name: &str, wanted: bool| {
        is.map(|is| match name.strip_suffix('*') {
            Some(start) => is.starts_with(start) == wanted,
            None => (is == name) == wanted,
        })
    };
    let mut all = Some(true);
    for one in &rule.matches {
        let fits = match one {
            Match::In(name, wanted) => same(packet.iif, name, *wanted),
            Match::Out(name, wanted) => same(packet.oif, name, *wanted),
            Match::Within(name, wanted) => same(packet.within, name, *wanted),
            Match::Family(family, wanted) => {
                let own = if packet.ipv4 {
                    NFPROTO_IPV4
                } else {
                    NFPROTO_IPV6
                };
                Some((own == *family) == *wanted)
            }
            Match::State(states) => {
                let own = if packet.new { NEW } else { ESTABLISHED };
                Some(states & own != 0)
            }
            Match::Other => None,
        };
        match fits {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}
