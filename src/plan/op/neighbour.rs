//! Operations on the neighbour table (RTM_NEWNEIGH, RTM_DELNEIGH).

use super::{Bindings, Unbound};
use crate::config::IfName;
use crate::wire::message::Message;
use crate::wire::neigh::{self, NDA_DST, NdMsg};
use crate::wire::uapi::{AF_INET, NTF_USE};
use std::net::Ipv4Addr;

/// An operation on an IPv4 neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeighbourOp {
    /// Make the kernel resolve an address: it broadcasts an ARP request on the link.
    Probe(IfName, Ipv4Addr),
    /// Delete the entry of an address.
    Delete(IfName, Ipv4Addr),
}

impl NeighbourOp {
    pub(super) fn encode(&self, bind: &mut impl Bindings) -> Result<Message, Unbound> {
        let message = match self {
            Self::Probe(link, address) => {
                let header = NdMsg {
                    flags: NTF_USE,
                    ..header(bind.index(link)?)
                };
                neigh::replace(header)
                    .put(NDA_DST, (*address).into())
                    .finish()
            }
            Self::Delete(link, address) => neigh::delete(header(bind.index(link)?))
                .put(NDA_DST, (*address).into())
                .finish(),
        };
        Ok(message?)
    }

    pub(super) fn command(&self) -> String {
        match self {
            Self::Probe(link, address) => {
                format!("ip neigh replace {address} dev {link} nud none use")
            }
            Self::Delete(link, address) => format!("ip neigh del {address} dev {link}"),
        }
    }
}

impl std::fmt::Display for NeighbourOp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Probe(link, address) => write!(f, "resolve {address} on {link}"),
            Self::Delete(link, address) => write!(f, "delete neighbour {address} on {link}"),
        }
    }
}

fn header(index: u32) -> NdMsg {
    NdMsg {
        family: AF_INET,
        index,
        ..NdMsg::default()
    }
}
