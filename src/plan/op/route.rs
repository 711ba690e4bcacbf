//! Operations on routes (RTM_NEWROUTE, RTM_DELROUTE).

use super::{Bindings, Unbound, family};
use crate::config::{Cidr, IfName};
use crate::wire::message::{Intent, Message, Request};
use crate::wire::route::{self, RTA_DST, RTA_GATEWAY, RTA_OIF, RtMsg, Rta};
use crate::wire::uapi::{RT_SCOPE_UNIVERSE, RT_TABLE_MAIN, RTN_UNICAST, RTPROT_BOOT};
use std::net::IpAddr;

/// A route through a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The destination network; `None`: the default route.
    pub destination: Option<Cidr>,
    /// The gateway.
    pub gateway: IpAddr,
    /// The output link.
    pub link: IfName,
}

/// An operation on a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteOp {
    /// Add a route.
    Add(Route),
    /// Delete a route.
    Delete(Route),
}

impl RouteOp {
    pub(super) fn encode(&self, bind: &mut impl Bindings) -> Result<Message, Unbound> {
        let message = match self {
            Self::Add(route) => {
                let header = RtMsg {
                    protocol: RTPROT_BOOT,
                    scope: RT_SCOPE_UNIVERSE,
                    kind: RTN_UNICAST,
                    ..header(route)
                };
                attributes(route::create(header), route, bind.index(&route.link)?).finish()
            }
            Self::Delete(route) => {
                let request = route::delete(header(route));
                attributes(request, route, bind.index(&route.link)?).finish()
            }
        };
        Ok(message?)
    }

    pub(super) fn command(&self) -> String {
        let (verb, route) = match self {
            Self::Add(route) => ("add", route),
            Self::Delete(route) => ("del", route),
        };
        let ip = if route.gateway.is_ipv4() {
            "ip"
        } else {
            "ip -6"
        };
        let destination = match route.destination {
            None => "default".into(),
            Some(network) => network.subnet().to_string(),
        };
        format!(
            "{ip} route {verb} {destination} via {} dev {}",
            route.gateway, route.link
        )
    }
}

impl std::fmt::Display for RouteOp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Add(route) => write!(f, "add {route}"),
            Self::Delete(route) => write!(f, "delete {route}"),
        }
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.destination {
            None => write!(f, "default route")?,
            Some(network) => write!(f, "route to {}", network.subnet())?,
        }
        write!(f, " via {}", self.gateway)
    }
}

fn attributes<I: Intent>(request: Request<Rta, I>, route: &Route, index: u32) -> Request<Rta, I> {
    request
        .put_some(RTA_DST, route.destination.map(Cidr::network))
        .put(RTA_GATEWAY, route.gateway)
        .put(RTA_OIF, index)
}

fn header(route: &Route) -> RtMsg {
    RtMsg {
        family: family(route.gateway),
        dst_len: route.destination.map_or(0, |network| network.prefix),
        table: RT_TABLE_MAIN,
        ..RtMsg::default()
    }
}
