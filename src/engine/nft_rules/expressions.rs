//! From the expressions of a rule to its tests and its verdict.

use super::{Match, Rule, Verdict};
use crate::wire::attr::Attrs;
use crate::wire::message::Received;
use crate::wire::nft::{
    NFTA_BITWISE_MASK, NFTA_CMP_DATA, NFTA_CMP_OP, NFTA_CT_KEY, NFTA_DATA_VALUE, NFTA_DATA_VERDICT,
    NFTA_EXPR_DATA_BITWISE, NFTA_EXPR_DATA_CMP, NFTA_EXPR_DATA_CT, NFTA_EXPR_DATA_IMMEDIATE,
    NFTA_EXPR_DATA_META, NFTA_EXPR_NAME, NFTA_IMMEDIATE_DATA, NFTA_LIST_ELEM, NFTA_META_KEY,
    NFTA_RULE_EXPRESSIONS, NFTA_VERDICT_CHAIN, NFTA_VERDICT_CODE, NfGenMsg, NftaExpr, NftaRule,
};
use crate::wire::uapi::{
    NF_ACCEPT, NF_DROP, NFT_CMP_EQ, NFT_GOTO, NFT_JUMP, NFT_META_BRI_IIFNAME, NFT_META_BRI_OIFNAME,
    NFT_META_IIFNAME, NFT_META_NFPROTO, NFT_META_OIFNAME, NFT_RETURN,
};

/// Parses a rule; `None` for a rule without a verdict.
pub(super) fn parse(received: &Received<'_>) -> Option<Rule> {
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

/// What an expression loaded into the register that the next expression compares.
enum Loaded {
    In,
    Out,
    Within,
    Family,
    /// The bits of a connection's state.
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
        Loaded::Within => Match::Bridge(name(), equal),
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
