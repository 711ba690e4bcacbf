//! From an operation to the bytes that ask for it.

use super::{Bindings, Encoded, OWNER_GROUP, OWNER_PROTO, Op, Route, Unbound};
use crate::config::{Cidr, IfName, Mac};
use crate::wire::addr::{
    self, IFA_ADDRESS, IFA_BROADCAST, IFA_FLAGS, IFA_LOCAL, IFA_PROTO, IfAddrMsg, Ifa,
};
use crate::wire::link::{
    self, IFLA_ADDRESS, IFLA_AF_INET6, IFLA_AF_SPEC, IFLA_ALT_IFNAME, IFLA_BRPORT_ISOLATED,
    IFLA_BRPORT_MODE, IFLA_GROUP, IFLA_IFNAME, IFLA_INET6_ADDR_GEN_MODE, IFLA_INFO_DATA_VETH,
    IFLA_INFO_KIND, IFLA_INFO_SLAVE_DATA_BRIDGE, IFLA_INFO_SLAVE_KIND, IFLA_LINKINFO, IFLA_MASTER,
    IFLA_MTU, IFLA_NET_NS_FD, IFLA_NUM_RX_QUEUES, IFLA_NUM_TX_QUEUES, IFLA_PROP_LIST, IfInfoMsg,
    Ifla, LinkFlags, VETH_INFO_PEER,
};
use crate::wire::message::{self, Intent, Request};
use crate::wire::neigh::{self, NDA_DST, NdMsg, Nda};
use crate::wire::route::{self, RTA_DST, RTA_GATEWAY, RTA_OIF, RtMsg, Rta};
use crate::wire::uapi::{
    AF_INET, AF_INET6, IFA_F_NODAD, IN6_ADDR_GEN_MODE_NONE, NTF_USE, RT_SCOPE_UNIVERSE,
    RT_TABLE_MAIN, RTN_UNICAST, RTPROT_BOOT,
};
use std::net::{IpAddr, Ipv4Addr};

impl Op {
    /// The bytes that ask for it. Pure: the same bindings give the same bytes.
    pub fn encode(&self, bind: &mut impl Bindings) -> Result<Encoded, Unbound> {
        let request = match self {
            Self::Ioctl(ioctl) => return ioctl.encode(bind).map(Encoded::Ioctl),
            Self::CreateBridge { bridge, mac } => create_bridge(bridge, *mac).finish(),
            Self::CreateVeth { master, .. } => {
                let master = master.as_ref().map(|name| bind.index(name)).transpose()?;
                self.create_veth(master, bind.container_netns()).finish()
            }
            Self::DeleteLink(name) => link::delete(IfInfoMsg {
                index: bind.index(name)?,
                ..IfInfoMsg::default()
            })
            .finish(),
            Self::SetMaster { port, bridge } => {
                let master = bridge.as_ref().map(|name| bind.index(name)).transpose()?;
                change(bind, port)
                    .put(IFLA_MASTER, master.unwrap_or(0))
                    .finish()
            }
            Self::SetUp(name) => set_up(bind, name, true).finish(),
            Self::SetDown(name) => set_up(bind, name, false).finish(),
            Self::SetGroup(name, group) => change(bind, name).put(IFLA_GROUP, *group).finish(),
            Self::DeleteGroup(group) => link::delete(IfInfoMsg::default())
                .put(IFLA_GROUP, *group)
                .finish(),
            Self::SetMtu(name, mtu) => change(bind, name).put(IFLA_MTU, *mtu).finish(),
            Self::SetMac(name, mac) => change(bind, name).put(IFLA_ADDRESS, &mac.0).finish(),
            Self::DisableLinkLocal(name) => disable_link_local(bind, name).finish(),
            Self::SetPort {
                port,
                hairpin,
                isolated,
            } => set_port(bind, port, *hairpin, *isolated).finish(),
            Self::AddAltname(name, more) => {
                let (header, named) = of(bind, name);
                property(link::add_properties(header), named, more).finish()
            }
            Self::DeleteAltname(name, more) => {
                let (header, named) = of(bind, name);
                property(link::delete_properties(header), named, more).finish()
            }
            Self::AddAddress(name, cidr) => add_address(bind.index(name)?, *cidr).finish(),
            Self::AddOwnedAddress(name, cidr) => add_address(bind.index(name)?, *cidr)
                .put(IFA_PROTO, OWNER_PROTO)
                .finish(),
            Self::DeleteAddress(name, cidr) => delete_address(bind.index(name)?, *cidr).finish(),
            Self::AddRoute(to) => leads(add_route(to), to, bind.index(&to.link)?).finish(),
            Self::DeleteRoute(to) => {
                let request = route::delete(route_header(to));
                leads(request, to, bind.index(&to.link)?).finish()
            }
            Self::ProbeNeighbour(name, address) => ask(bind.index(name)?, *address).finish(),
            Self::DeleteNeighbour(name, address) => {
                neigh::delete(neighbour_header(bind.index(name)?))
                    .put(NDA_DST, (*address).into())
                    .finish()
            }
        };
        Ok(Encoded::Message(request?))
    }
}

fn create_bridge(bridge: &IfName, mac: Mac) -> Create {
    link::create(IfInfoMsg {
        flags: LinkFlags::UP,
        change: LinkFlags::UP,
        ..IfInfoMsg::default()
    })
    .put(IFLA_IFNAME, bridge.as_str())
    .put(IFLA_ADDRESS, &mac.0)
    .put(IFLA_GROUP, OWNER_GROUP)
    .nest(IFLA_LINKINFO, |info| {
        info.put(IFLA_INFO_KIND, "bridge");
    })
}

type Create = Request<Ifla, message::Create>;
type Change = Request<Ifla, message::Change>;

impl Op {
    /// The pair in its final state, but for the peer's IFF_UP: a veth's end cannot be opened
    /// before it has a peer, and the kernel makes the peer first (ENOTCONN, `veth_open`).
    fn create_veth(&self, master: Option<u32>, netns: i32) -> Create {
        let Self::CreateVeth {
            host,
            host_mac,
            peer,
            mac,
            mtu,
            ..
        } = self
        else {
            return link::create(IfInfoMsg::default());
        };
        let up = IfInfoMsg {
            flags: LinkFlags::UP,
            change: LinkFlags::UP,
            ..IfInfoMsg::default()
        };
        link::create(up)
            .put(IFLA_IFNAME, host.as_str())
            .put_some(IFLA_ADDRESS, host_mac.as_ref().map(|mac| &mac.0[..]))
            .put_some(IFLA_MASTER, master)
            .put_some(IFLA_MTU, *mtu)
            .put(IFLA_GROUP, OWNER_GROUP)
            .put(IFLA_NUM_TX_QUEUES, 1)
            .put(IFLA_NUM_RX_QUEUES, 1)
            .nest(IFLA_LINKINFO, |info| {
                info.put(IFLA_INFO_KIND, "veth")
                    .nest(IFLA_INFO_DATA_VETH, |data| {
                        data.nest_with_header(VETH_INFO_PEER, IfInfoMsg::default(), |end| {
                            end.put(IFLA_IFNAME, peer.as_str())
                                .put(IFLA_NET_NS_FD, netns);
                            if let Some(mac) = mac {
                                end.put(IFLA_ADDRESS, &mac.0);
                            }
                            if let Some(mtu) = mtu {
                                end.put(IFLA_MTU, *mtu);
                            }
                            // One queue each way on both ends: a queue more is an RCU wait more in
                            // the kernel, and a veth queues nothing (veth_newlink).
                            end.put(IFLA_NUM_TX_QUEUES, 1).put(IFLA_NUM_RX_QUEUES, 1);
                        });
                    });
            })
    }
}

/// A link's own message names it by its index where that is known, else by its name.
fn of<'a>(bind: &impl Bindings, name: &'a IfName) -> (IfInfoMsg, Option<&'a str>) {
    let known = bind.known(name);
    let header = IfInfoMsg {
        index: known.unwrap_or(0),
        ..IfInfoMsg::default()
    };
    // A name beside an index would rename the link.
    (header, known.is_none().then_some(name.as_str()))
}

fn change(bind: &impl Bindings, name: &IfName) -> Change {
    let (header, named) = of(bind, name);
    link::change(header).put_some(IFLA_IFNAME, named)
}

fn set_up(bind: &impl Bindings, name: &IfName, up: bool) -> Change {
    let (header, named) = of(bind, name);
    let flags = if up {
        LinkFlags::UP
    } else {
        LinkFlags::empty()
    };
    link::change(IfInfoMsg {
        flags,
        change: LinkFlags::UP,
        ..header
    })
    .put_some(IFLA_IFNAME, named)
}

/// Cannot ride in the message that makes the link (EAFNOSUPPORT: IPv6 does not know it yet), nor
/// in the one that sets it up, which does that first (`do_setlink`, `net/core/rtnetlink.c`).
fn disable_link_local(bind: &impl Bindings, name: &IfName) -> Change {
    change(bind, name).nest(IFLA_AF_SPEC, |families| {
        families.nest(IFLA_AF_INET6, |inet6| {
            inet6.put(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
        });
    })
}

fn set_port(bind: &impl Bindings, port: &IfName, hairpin: bool, isolated: bool) -> Change {
    change(bind, port).nest(IFLA_LINKINFO, |info| {
        info.put(IFLA_INFO_SLAVE_KIND, "bridge")
            .nest(IFLA_INFO_SLAVE_DATA_BRIDGE, |data| {
                data.put(IFLA_BRPORT_MODE, hairpin.into())
                    .put(IFLA_BRPORT_ISOLATED, isolated.into());
            });
    })
}

/// One more name, or one name less.
fn property<I: Intent>(
    request: Request<Ifla, I>,
    named: Option<&str>,
    more: &str,
) -> Request<Ifla, I> {
    request
        .put_some(IFLA_IFNAME, named)
        .nest(IFLA_PROP_LIST, |list| {
            list.put(IFLA_ALT_IFNAME, more);
        })
}

fn family(address: IpAddr) -> u8 {
    if address.is_ipv4() { AF_INET } else { AF_INET6 }
}

fn add_address(index: u32, cidr: Cidr) -> Request<Ifa, message::Create> {
    // The address is ours to give: nobody else has it, nobody waits for that.
    let undoubted = cidr.address.is_ipv6().then_some(IFA_F_NODAD);
    addr::create(address_header(index, cidr))
        .put(IFA_LOCAL, cidr.address)
        .put(IFA_ADDRESS, cidr.address)
        .put_some(IFA_BROADCAST, cidr.broadcast().map(IpAddr::from))
        .put_some(IFA_FLAGS, undoubted)
}

fn delete_address(index: u32, cidr: Cidr) -> Request<Ifa, message::Delete> {
    addr::delete(address_header(index, cidr))
        .put(IFA_LOCAL, cidr.address)
        .put(IFA_ADDRESS, cidr.address)
}

fn address_header(index: u32, cidr: Cidr) -> IfAddrMsg {
    let family = family(cidr.address);
    IfAddrMsg {
        family,
        prefixlen: cidr.prefix,
        index,
        ..IfAddrMsg::default()
    }
}

/// Asks who has the address; whoever answers, all hear who asks.
fn ask(index: u32, address: Ipv4Addr) -> Request<Nda, message::Replace> {
    let header = NdMsg {
        flags: NTF_USE,
        ..neighbour_header(index)
    };
    neigh::replace(header).put(NDA_DST, address.into())
}

fn neighbour_header(index: u32) -> NdMsg {
    NdMsg {
        family: AF_INET,
        index,
        ..NdMsg::default()
    }
}

fn add_route(to: &Route) -> Request<Rta, message::Create> {
    route::create(RtMsg {
        protocol: RTPROT_BOOT,
        scope: RT_SCOPE_UNIVERSE,
        kind: RTN_UNICAST,
        ..route_header(to)
    })
}

/// Where it leads, and by which link.
fn leads<I: Intent>(request: Request<Rta, I>, to: &Route, index: u32) -> Request<Rta, I> {
    request
        .put_some(RTA_DST, to.destination.map(Cidr::network))
        .put(RTA_GATEWAY, to.gateway)
        .put(RTA_OIF, index)
}

fn route_header(to: &Route) -> RtMsg {
    RtMsg {
        family: family(to.gateway),
        dst_len: to.destination.map_or(0, |destination| destination.prefix),
        table: RT_TABLE_MAIN,
        ..RtMsg::default()
    }
}
