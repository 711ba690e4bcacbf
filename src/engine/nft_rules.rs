//! Evaluates the rules of a nf_tables chain for one packet, as far as that is possible without the
//! packet.
//!
//! netsetgo knows the packet's input and output links, its family, and whether it begins a
//! connection. A rule may test anything else. netsetgo then cannot evaluate the rule, and the result
//! may be [`Fate::Unknown`].

mod expressions;

use crate::os::socket::Socket;
use crate::wire::nft::{NFTA_RULE_CHAIN, NFTA_RULE_TABLE, dump_rules};
use crate::wire::uapi::{NFPROTO_IPV4, NFPROTO_IPV6};
use expressions::parse;

/// Bits of a connection's state, as a rule compares them: `NF_CT_STATE_BIT(IP_CT_ESTABLISHED)` and
/// `NF_CT_STATE_BIT(IP_CT_NEW)`, `linux/netfilter/nf_conntrack_common.h`.
const ESTABLISHED: u32 = 1 << 1;
const NEW: u32 = 1 << 3;
/// The longest path of jumps that is followed. The kernel's limit is 16
/// (`NFT_JUMP_STACK_SIZE`, `net/netfilter/nf_tables.h`).
const MAX_DEPTH: usize = 16;

/// What is known of a packet. `None` means that a value is not known.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// The input link.
    pub iif: Option<&'a str>,
    /// The output link.
    pub oif: Option<&'a str>,
    /// The bridge that forwards the packet between two of its ports.
    pub within: Option<&'a str>,
    /// Whether the packet is IPv4; otherwise it is IPv6.
    pub ipv4: bool,
    /// Whether the packet begins a connection; otherwise it belongs to one.
    pub new: bool,
}

/// The result for a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The chain accepts it.
    Accepted,
    /// The chain drops it.
    Dropped,
    /// A rule that netsetgo cannot evaluate may accept it before another rule drops it.
    Unknown,
}

/// One test of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Match {
    /// The input link has this name, or does not have it.
    In(String, bool),
    /// The output link has this name, or does not have it.
    Out(String, bool),
    /// The bridge has this name, or does not have it.
    Bridge(String, bool),
    /// The family is this one, or is not.
    Family(u8, bool),
    /// The connection has one of these states.
    State(u32),
    /// A test that netsetgo cannot evaluate.
    Other,
}

/// The verdict of a rule for a packet that matches.
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

/// The chains of a table. netsetgo dumps each when it is needed.
pub struct Rules<'a> {
    /// A nfnetlink socket in the namespace of the table.
    pub socket: &'a mut Socket,
    /// The family of the table (`linux/netfilter.h`).
    pub family: u8,
    /// The name of the table.
    pub table: &'a str,
}

impl Rules<'_> {
    /// The result for a packet in a base chain. `drops`: the policy of the chain is drop.
    pub fn fate(&mut self, chain: &str, drops: bool, packet: Packet<'_>) -> Fate {
        let mut unknown = false;
        let accepted = match self.walk(chain, packet, &mut unknown, MAX_DEPTH) {
            Some(accepted) => accepted,
            None => !drops,
        };
        match (accepted, unknown) {
            (true, _) => Fate::Accepted,
            (false, true) => Fate::Unknown,
            (false, false) => Fate::Dropped,
        }
    }

    /// Whether the chain accepts or drops the packet; `None` where no rule decides.
    fn walk(
        &mut self,
        chain: &str,
        packet: Packet<'_>,
        unknown: &mut bool,
        depth: usize,
    ) -> Option<bool> {
        let Some(deeper) = depth.checked_sub(1) else {
            *unknown = true;
            return None;
        };
        for rule in self.of(chain) {
            match (matches(&rule, packet), rule.verdict) {
                (Some(false), _) | (None, Verdict::Drop | Verdict::Return) => {}
                (None, _) => *unknown = true,
                (Some(true), Verdict::Accept) => return Some(true),
                (Some(true), Verdict::Drop) => return Some(false),
                (Some(true), Verdict::Return) => return None,
                (Some(true), Verdict::Goto(other)) => {
                    return self.walk(&other, packet, unknown, deeper);
                }
                (Some(true), Verdict::Jump(other)) => {
                    if let Some(decided) = self.walk(&other, packet, unknown, deeper) {
                        return Some(decided);
                    }
                }
            }
        }
        None
    }

    /// The chain's rules that have a verdict. None where the chain cannot be read.
    fn of(&mut self, chain: &str) -> Vec<Rule> {
        let request = dump_rules(self.family)
            .put(NFTA_RULE_TABLE, self.table)
            .put(NFTA_RULE_CHAIN, chain);
        let Ok(request) = request.finish() else {
            return Vec::new();
        };
        self.socket.dump(&request, parse).unwrap_or_default()
    }
}

/// Whether a packet matches a rule; `None` where netsetgo cannot evaluate it.
fn matches(rule: &Rule, packet: Packet<'_>) -> Option<bool> {
    let same = |is: Option<&str>, name: &str, wanted: bool| {
        is.map(|is| match name.strip_suffix('*') {
            Some(start) => is.starts_with(start) == wanted,
            None => (is == name) == wanted,
        })
    };
    let mut all = Some(true);
    for one in &rule.matches {
        let result = match one {
            Match::In(name, wanted) => same(packet.iif, name, *wanted),
            Match::Out(name, wanted) => same(packet.oif, name, *wanted),
            Match::Bridge(name, wanted) => same(packet.within, name, *wanted),
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
        match result {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}
