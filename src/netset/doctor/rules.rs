//! What the rules of a chain make of a packet, as far as that can be told from outside.
//!
//! A packet is known here by the links it comes in and goes out by, its family, and whether it
//! begins a connection. A rule that looks at anything else may fit or not: then the answer may be
//! "perhaps".

use crate::os::socket::Socket;
use crate::wire::attr::Attrs;
use crate::wire::message::Received;
use crate::wire::nft::{
    NFTA_BITWISE_MASK, NFTA_CMP_DATA, NFTA_CMP_OP, NFTA_CT_KEY, NFTA_DATA_VALUE, NFTA_DATA_VERDICT,
    NFTA_EXPR_DATA_BITWISE, NFTA_EXPR_DATA_CMP, NFTA_EXPR_DATA_CT, NFTA_EXPR_DATA_IMMEDIATE,
    NFTA_EXPR_DATA_META, NFTA_EXPR_NAME, NFTA_IMMEDIATE_DATA, NFTA_LIST_ELEM, NFTA_META_KEY,
    NFTA_RULE_CHAIN, NFTA_RULE_EXPRESSIONS, NFTA_RULE_TABLE, NFTA_VERDICT_CHAIN, NFTA_VERDICT_CODE,
    NfGenMsg, NftaExpr, NftaRule, dump_rules,
};
use crate::wire::uapi::{
    NF_ACCEPT, NF_DROP, NFPROTO_IPV4, NFPROTO_IPV6, NFT_CMP_EQ, NFT_GOTO, NFT_JUMP,
    NFT_META_BRI_IIFNAME, NFT_META_BRI_OIFNAME, NFT_META_IIFNAME, NFT_META_NFPROTO,
    NFT_META_OIFNAME, NFT_RETURN,
};

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

/// A rule, unless it decides nothing.
fn read(received: &Received<'_>) -> Option<Rule> {
    let (_, attrs) = received.body::<NfGenMsg, NftaRule>()?;
    let list = attrs.find(NFTA_RULE_EXPRESSIONS).ok()??;
    let (mut matches, mut verdict, mut loaded) = (Vec::new(), None, Loaded::Other);
    for raw in list.walk().map_while(Result::ok) {
        if raw.number() == NFTA_LIST_ELEM.number() {
            expression(
                Attrs::new(raw.payload),
                &mut matches,
                &mut verdict,
                &mut loaded,
            );
        }
    }
    verdict.map(|verdict| Rule { matches, verdict })
}

/// What the register holds that is compared next.
enum Loaded {
    In,
    Out,
    Within,
    Family,
    /// A connection's state, and which bits of it.
    State(u32),
    Other,
}

fn expression(
    expr: Attrs<'_, NftaExpr>,
    matches: &mut Vec<Match>,
    verdict: &mut Option<Verdict>,
    loaded: &mut Loaded,
) {
    let name = expr.find(NFTA_EXPR_NAME).ok().flatten().unwrap_or_default();
    match &*name {
        "meta" => *loaded = meta(expr).unwrap_or(Loaded::Other),
        "ct" => {
            let data = expr.find(NFTA_EXPR_DATA_CT).ok().flatten();
            let key = data.and_then(|data| data.find(NFTA_CT_KEY).ok()?);
            *loaded = if key == Some(0) {
                Loaded::State(!0)
            } else {
                Loaded::Other
            };
        }
        "bitwise" => {
            if let Loaded::State(states) = loaded {
                *states = mask(expr).unwrap_or(0);
            }
        }
        "cmp" => matches.push(compared(expr, loaded).unwrap_or(Match::Other)),
        "immediate" => *verdict = verdict.take().or(decided(expr)),
        "reject" => *verdict = Some(Verdict::Drop),
        // Address translation lets the packet pass.
        "masq" | "nat" | "redir" => *verdict = Some(Verdict::Accept),
        "counter" | "log" => {}
        _ => {
            *loaded = Loaded::Other;
            matches.push(Match::Other);
        }
    }
}

fn meta(expr: Attrs<'_, NftaExpr>) -> Option<Loaded> {
    let data = expr.find(NFTA_EXPR_DATA_META).ok()??;
    Some(match data.find(NFTA_META_KEY).ok()?? {
        NFT_META_IIFNAME => Loaded::In,
        NFT_META_OIFNAME => Loaded::Out,
        NFT_META_BRI_IIFNAME | NFT_META_BRI_OIFNAME => Loaded::Within,
        NFT_META_NFPROTO => Loaded::Family,
        _ => Loaded::Other,
    })
}

/// The states that are kept: a number of the machine's byte order (`nft_ct_get_eval`,
/// `net/netfilter/nft_ct.c`).
fn mask(expr: Attrs<'_, NftaExpr>) -> Option<u32> {
    let data = expr.find(NFTA_EXPR_DATA_BITWISE).ok()??;
    let value = data
        .find(NFTA_BITWISE_MASK)
        .ok()??
        .find(NFTA_DATA_VALUE)
        .ok()??;
    value.try_into().ok().map(u32::from_ne_bytes)
}

fn compared(expr: Attrs<'_, NftaExpr>, loaded: &Loaded) -> Option<Match> {
    let data = expr.find(NFTA_EXPR_DATA_CMP).ok()??;
    let equal = data.find(NFTA_CMP_OP).ok()?? == NFT_CMP_EQ;
    let value = data
        .find(NFTA_CMP_DATA)
        .ok()??
        .find(NFTA_DATA_VALUE)
        .ok()??;
    let name = || {
        let text = value.split(|&byte| byte == 0).next().unwrap_or_default();
        // A pattern has no zero byte: iifname "veth*".
        let star = if text.len() == value.len() && value.len() < 16 {
            "*"
        } else {
            ""
        };
        format!("{}{star}", String::from_utf8_lossy(text))
    };
    Some(match loaded {
        Loaded::In => Match::In(name(), equal),
        Loaded::Out => Match::Out(name(), equal),
        Loaded::Within => Match::Within(name(), equal),
        Loaded::Family => Match::Family(*value.first()?, equal),
        // Some bit of the mask is set: compared with zero, and not equal.
        Loaded::State(states) if !equal => Match::State(*states),
        Loaded::State(_) | Loaded::Other => Match::Other,
    })
}

fn decided(expr: Attrs<'_, NftaExpr>) -> Option<Verdict> {
    let data = expr.find(NFTA_EXPR_DATA_IMMEDIATE).ok()??;
    let verdict = data
        .find(NFTA_IMMEDIATE_DATA)
        .ok()??
        .find(NFTA_DATA_VERDICT)
        .ok()??;
    let chain = || Some(verdict.find(NFTA_VERDICT_CHAIN).ok()??.into_owned());
    Some(match verdict.find(NFTA_VERDICT_CODE).ok()?? {
        NF_ACCEPT => Verdict::Accept,
        NF_DROP => Verdict::Drop,
        NFT_JUMP => Verdict::Jump(chain()?),
        NFT_GOTO => Verdict::Goto(chain()?),
        NFT_RETURN => Verdict::Return,
        _ => return None,
    })
}
