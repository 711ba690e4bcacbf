//! Queries to the kernel, one function each: a link, an address, a route, a namespace's id.

use crate::config::{Cidr, IfName};
use crate::error::{Error, Result};
use crate::os::socket::Socket;
use crate::plan::observed::{LinkInfo, RouteInfo};
use crate::plan::op::OWNER_PROTO;
use crate::wire::addr::{self, IFA_TARGET_NETNSID, IfAddrMsg, Ifa, ParsedAddress};
use crate::wire::attr::TooLong;
use crate::wire::link::{
    self, IFLA_ALT_IFNAME, IFLA_EXT_MASK, IFLA_IFNAME, IFLA_MASTER, IFLA_TARGET_NETNSID, IfInfoMsg,
    Ifla,
};
use crate::wire::message::{Dump, Get, Message, Request};
use crate::wire::netlink_error::NetlinkError;
use crate::wire::nsid::{self, NETNSA_FD, NETNSA_PID, Netnsa};
use crate::wire::route::{self, ParsedRoute, RTA_DST, RouteFlags, RtMsg};
use crate::wire::uapi::{
    AF_INET, AF_INET6, RT_SCOPE_LINK, RT_TABLE_MAIN, RTEXT_FILTER_SKIP_STATS, RTN_UNICAST,
};

use nix::errno::Errno;
use std::net::IpAddr;

fn reading(what: impl std::fmt::Display) -> impl FnOnce(NetlinkError) -> Error {
    move |error| Error::kernel(format!("read {what}"), error)
}

/// The finished message. Its parts have fixed sizes, so that it is never too long.
fn ready(finished: std::result::Result<Message, TooLong>) -> Result<Message> {
    finished.map_err(|long| Error::usage(format!("{} is {} bytes long", long.name, long.length)))
}

/// The link with this name; `None` where no link has it.
///
/// # Errors
/// The kernel's error, except ENODEV.
pub fn link(socket: &mut Socket, name: &IfName) -> Result<Option<LinkInfo>> {
    let request = link::get(IfInfoMsg::default()).put(IFLA_IFNAME, name.as_str());
    one(socket, request, format_args!("link {name}"))
}

/// The link with this index; `None` where no link has it.
///
/// # Errors
/// The kernel's error, except ENODEV.
pub fn link_by_index(socket: &mut Socket, index: u32) -> Result<Option<LinkInfo>> {
    let request = link::get(IfInfoMsg {
        index,
        ..IfInfoMsg::default()
    });
    one(socket, request, format_args!("link {index}"))
}

/// The link with this altname; `None` where no link has it.
///
/// # Errors
/// The kernel's error, except ENODEV.
pub fn link_by_altname(socket: &mut Socket, name: &str) -> Result<Option<LinkInfo>> {
    let request = link::get(IfInfoMsg::default()).put(IFLA_ALT_IFNAME, name);
    one(socket, request, format_args!("link {name}"))
}

/// The link with this index in the namespace with this id. The socket stays in its own namespace
/// (IFLA_TARGET_NETNSID, since Linux 4.20).
///
/// # Errors
/// The kernel's error, except ENODEV; EACCES without CAP_NET_ADMIN in that namespace.
pub fn link_in(socket: &mut Socket, netns: i32, index: u32) -> Result<Option<LinkInfo>> {
    let request = link::get(IfInfoMsg {
        index,
        ..IfInfoMsg::default()
    });
    let request = request.put(IFLA_TARGET_NETNSID, netns);
    one(
        socket,
        request,
        format_args!("link {index} of namespace {netns}"),
    )
}

fn one(
    socket: &mut Socket,
    request: Request<Ifla, Get>,
    what: std::fmt::Arguments<'_>,
) -> Result<Option<LinkInfo>> {
    let request = request.put(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    match socket.query(&ready(request.finish())?, |received| {
        link::parse(received).map(LinkInfo::from)
    }) {
        Ok(link) => Ok(Some(link)),
        Err(error) if error.errno == Errno::ENODEV as i32 => Ok(None),
        Err(error) => Err(reading(what)(error)),
    }
}

/// All links, or the ports of `master` only.
///
/// # Errors
/// The kernel's error.
pub fn links(socket: &mut Socket, master: Option<u32>) -> Result<Vec<LinkInfo>> {
    let request = link::dump(IfInfoMsg::default())
        .put(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
        .put_some(IFLA_MASTER, master);
    let mut all = socket
        .dump(&ready(request.finish())?, |received| {
            link::parse(received).map(LinkInfo::from)
        })
        .map_err(reading("links"))?;
    // The kernel filters by master since Linux 4.6.
    all.retain(|link| master.is_none() || link.master == master);
    Ok(all)
}

/// The routing entry for a packet to `destination`; `None` where the lookup finds none.
///
/// # Errors
/// Only where the request cannot be made.
pub fn route_to(socket: &mut Socket, destination: IpAddr) -> Result<Option<ParsedRoute>> {
    let (family, dst_len) = if destination.is_ipv4() {
        (AF_INET, 32)
    } else {
        (AF_INET6, 128)
    };
    let header = RtMsg {
        family,
        dst_len,
        flags: RouteFlags::FIB_MATCH,
        ..RtMsg::default()
    };
    let request = route::get(header).put(RTA_DST, destination);
    let found = socket.query(&ready(request.finish())?, route::parse);
    // The kernel reports "no entry" by several errnos: no route, no such family, a route that
    // rejects packets.
    Ok(found.ok())
}

/// All addresses of a link.
///
/// # Errors
/// The kernel's error.
pub fn addresses_of(socket: &mut Socket, index: u32) -> Result<Vec<Cidr>> {
    addresses(socket, of_link(index), |address| address.index == index)
}

/// The addresses of a link without those of link scope.
///
/// # Errors
/// The kernel's error.
pub fn global_addresses_of(socket: &mut Socket, index: u32) -> Result<Vec<Cidr>> {
    addresses(socket, of_link(index), |address| {
        address.index == index && address.scope != RT_SCOPE_LINK
    })
}

/// The addresses of a link in the namespace with this id, without those of link scope.
///
/// # Errors
/// The kernel's error.
pub fn global_addresses_in(socket: &mut Socket, netns: i32, index: u32) -> Result<Vec<Cidr>> {
    let request = of_link(index).put(IFA_TARGET_NETNSID, netns);
    addresses(socket, request, |address| {
        address.index == index && address.scope != RT_SCOPE_LINK
    })
}

/// The addresses that netsetgo has added to a pre-existing bridge ([`OWNER_PROTO`]).
///
/// # Errors
/// The kernel's error.
pub fn owned_addresses_of(socket: &mut Socket, index: u32) -> Result<Vec<Cidr>> {
    addresses(socket, of_link(index), |address| {
        address.index == index && address.proto == Some(OWNER_PROTO)
    })
}

fn of_link(index: u32) -> Request<Ifa, Dump> {
    addr::dump(IfAddrMsg {
        index,
        ..IfAddrMsg::default()
    })
}

fn addresses(
    socket: &mut Socket,
    request: Request<Ifa, Dump>,
    wanted: impl Fn(&ParsedAddress) -> bool,
) -> Result<Vec<Cidr>> {
    let all = socket.dump(&ready(request.finish())?, |received| {
        let parsed = addr::parse(received).filter(&wanted)?;
        Some(Cidr {
            address: parsed.address,
            prefix: parsed.prefix_len,
        })
    });
    all.map_err(reading("addresses"))
}

/// The id that the socket's namespace has for the namespace of `descriptor`; `None` where it has
/// none.
///
/// # Errors
/// The kernel's error.
pub fn nsid(socket: &mut Socket, descriptor: i32) -> Result<Option<i32>> {
    request_nsid(socket, nsid::get().put(NETNSA_FD, descriptor))
}

/// The same for the namespace of a process; `None` also where no such process exists.
pub fn nsid_of(socket: &mut Socket, pid: u32) -> Option<i32> {
    request_nsid(socket, nsid::get().put(NETNSA_PID, pid))
        .ok()
        .flatten()
}

fn request_nsid(socket: &mut Socket, request: Request<Netnsa, Get>) -> Result<Option<i32>> {
    socket
        .query(&ready(request.finish())?, nsid::parse)
        .map_err(reading("the namespace's id"))
}

/// The unicast routes of the main table, of both families. `link_name` is filled in for a route
/// with a gateway; `own` is a link whose name is known.
///
/// # Errors
/// The kernel's error.
pub fn routes(socket: &mut Socket, own: Option<&LinkInfo>) -> Result<Vec<RouteInfo>> {
    let mut all = unnamed_routes(socket)?;
    for route in all.iter_mut().filter(|route| route.gateway.is_some()) {
        if let Some(index) = route.link {
            route.link_name = match own.filter(|own| own.index == index) {
                Some(own) => Some(own.name.clone()),
                None => link_by_index(socket, index)?.map(|link| link.name),
            };
        }
    }
    Ok(all)
}

/// The same routes without the names of their links: one request, whatever their number.
///
/// # Errors
/// The kernel's error.
pub fn unnamed_routes(socket: &mut Socket) -> Result<Vec<RouteInfo>> {
    let request = route::dump(RtMsg::default());
    let all = socket.dump(&ready(request.finish())?, |received| {
        let unicast = |route: &ParsedRoute| {
            route.header.table == RT_TABLE_MAIN && route.header.kind == RTN_UNICAST
        };
        route::parse(received).filter(unicast).map(RouteInfo::from)
    });
    all.map_err(reading("routes"))
}
