//! Operations on links: bridges, veth pairs, and their settings (RTM_NEWLINK and kin).

mod text;

use super::{Bindings, Unbound};
use crate::config::{IfName, Mac};
use crate::plan::step::Place;
use crate::wire::link::{
    self, IFLA_ADDRESS, IFLA_AF_INET6, IFLA_AF_SPEC, IFLA_ALT_IFNAME, IFLA_BRPORT_ISOLATED,
    IFLA_BRPORT_MODE, IFLA_GROUP, IFLA_IFNAME, IFLA_INET6_ADDR_GEN_MODE, IFLA_INFO_DATA_VETH,
    IFLA_INFO_KIND, IFLA_INFO_SLAVE_DATA_BRIDGE, IFLA_INFO_SLAVE_KIND, IFLA_LINKINFO, IFLA_MASTER,
    IFLA_MTU, IFLA_NET_NS_FD, IFLA_NUM_RX_QUEUES, IFLA_NUM_TX_QUEUES, IFLA_PROP_LIST, IfInfoMsg,
    Ifla, LinkFlags, VETH_INFO_PEER,
};
use crate::wire::message::{self, Intent, Message, Request};
use crate::wire::uapi::IN6_ADDR_GEN_MODE_NONE;
use nix::errno::Errno;

/// The ownership marker: the device group of every link that netsetgo creates on a host. The bytes
/// spell "nsgg" (`ip link show group 1853056871`). The message that creates a link sets the group.
/// A link in the group was created by netsetgo, and netsetgo deletes no other link.
pub const OWNER_GROUP: u32 = 0x6e73_6767;
/// A device group of links that netsetgo is about to delete. `number` is 0x100 or more. Each process
/// takes a group that no link has, so that it deletes no link of another process with the group.
/// The lower half depends on the upper half: a group that another program chooses is none of them.
pub const fn pending_deletion_group(number: u16) -> u32 {
    let check = number.wrapping_mul(0x9e37) ^ 0x6e73;
    (number as u32) << 16 | check as u32
}

/// Whether a device group is one of [`pending_deletion_group`].
pub const fn is_pending_deletion_group(group: u32) -> bool {
    let number = (group >> 16) as u16;
    number >= 0x100 && group == pending_deletion_group(number)
}

/// An operation on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOp {
    /// Create a bridge and set it up.
    CreateBridge {
        /// The bridge's name.
        bridge: IfName,
        /// The bridge's hardware address.
        mac: Mac,
    },
    /// Create a veth pair, with the container end in the container's namespace.
    CreateVeth {
        /// The name of the host end, which is set up.
        host: IfName,
        /// The bridge that gets the host end as a port; `None` where an ioctl adds it.
        master: Option<IfName>,
        /// The host end's hardware address; `None`: the kernel chooses one.
        host_mac: Option<Mac>,
        /// The name of the container end.
        peer: IfName,
        /// The container end's hardware address; `None`: the kernel chooses one.
        mac: Option<Mac>,
        /// The MTU of both ends in bytes; `None`: the kernel's default.
        mtu: Option<u32>,
    },
    /// Delete a link.
    Delete(IfName),
    /// Delete all links of a device group.
    DeleteGroup(u32),
    /// Set a link up.
    SetUp(IfName),
    /// Set a link down.
    SetDown(IfName),
    /// Make a link a port of a bridge.
    SetMaster {
        /// The link.
        port: IfName,
        /// The bridge; `None` removes the link from its bridge.
        bridge: Option<IfName>,
    },
    /// Set a link's device group.
    SetGroup(IfName, u32),
    /// Keep the kernel from adding an IPv6 link-local address to a link.
    DisableLinkLocal(IfName),
    /// Add an altname to a link.
    AddAltname(IfName, String),
    /// Delete an altname of a link.
    DeleteAltname(IfName, String),
    /// Set how a bridge treats a port.
    SetPort {
        /// The port.
        port: IfName,
        /// Hairpin mode: the bridge may send a frame back out of the port on which it arrived.
        hairpin: bool,
        /// Isolation: the bridge forwards no frame between two isolated ports.
        isolated: bool,
    },
    /// Set a link's MTU, in bytes.
    SetMtu(IfName, u32),
    /// Set a link's hardware address.
    SetMac(IfName, Mac),
}

type Create = Request<Ifla, message::Create>;
type Change = Request<Ifla, message::Change>;

impl LinkOp {
    pub(super) fn encode(&self, bind: &mut impl Bindings) -> Result<Message, Unbound> {
        let message = match self {
            Self::CreateBridge { bridge, mac } => create_bridge(bridge, *mac).finish(),
            Self::CreateVeth { master, .. } => {
                let master = master.as_ref().map(|name| bind.index(name)).transpose()?;
                self.create_veth(master, bind.container_netns()).finish()
            }
            Self::Delete(name) => link::delete(IfInfoMsg {
                index: bind.index(name)?,
                ..IfInfoMsg::default()
            })
            .finish(),
            Self::DeleteGroup(group) => link::delete(IfInfoMsg::default())
                .put(IFLA_GROUP, *group)
                .finish(),
            Self::SetUp(name) => set_up(bind, name, LinkFlags::UP).finish(),
            Self::SetDown(name) => set_up(bind, name, LinkFlags::empty()).finish(),
            Self::SetMaster { port, bridge } => {
                let master = bridge.as_ref().map(|name| bind.index(name)).transpose()?;
                change(bind, port)
                    .put(IFLA_MASTER, master.unwrap_or(0))
                    .finish()
            }
            Self::SetGroup(name, group) => change(bind, name).put(IFLA_GROUP, *group).finish(),
            Self::DisableLinkLocal(name) => disable_link_local(bind, name).finish(),
            Self::AddAltname(name, altname) => {
                let (header, named) = header(bind, name);
                property(link::add_properties(header), named, altname).finish()
            }
            Self::DeleteAltname(name, altname) => {
                let (header, named) = header(bind, name);
                property(link::delete_properties(header), named, altname).finish()
            }
            Self::SetPort {
                port,
                hairpin,
                isolated,
            } => set_port(bind, port, *hairpin, *isolated).finish(),
            Self::SetMtu(name, mtu) => change(bind, name).put(IFLA_MTU, *mtu).finish(),
            Self::SetMac(name, mac) => change(bind, name).put(IFLA_ADDRESS, &mac.0).finish(),
        };
        Ok(message?)
    }

    /// The veth pair in its final state, except that the container end is down. The kernel creates
    /// the peer first, and cannot set up a veth without a peer (ENOTCONN from `veth_open`,
    /// `drivers/net/veth.c`).
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
        link::create(up())
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
                            // Each further queue costs an RCU wait in the kernel, and a veth
                            // queues nothing (veth_newlink, drivers/net/veth.c).
                            end.put(IFLA_NUM_TX_QUEUES, 1).put(IFLA_NUM_RX_QUEUES, 1);
                        });
                    });
            })
    }

    pub(super) fn hint(&self, errno: Errno) -> Option<&'static str> {
        Some(match (self, errno) {
            (Self::CreateVeth { .. }, Errno::EOPNOTSUPP) => {
                "the kernel has no veth driver; CONFIG_VETH, or modprobe veth"
            }
            (Self::CreateBridge { .. }, Errno::EOPNOTSUPP) => super::ioctl::NO_BRIDGE_DRIVER,
            (Self::CreateVeth { .. }, Errno::EEXIST) => {
                "another link has the name of the host end or of the container end"
            }
            (Self::CreateVeth { .. } | Self::SetMaster { .. }, Errno::EXFULL) => {
                "a bridge has at most 1023 ports"
            }
            _ => return None,
        })
    }

    /// For an unknown kind, the kernel reports "Unknown device type" without an offset
    /// (`rtnl_newlink`, `net/core/rtnetlink.c`).
    pub(super) fn offending_attribute(&self, errno: Errno) -> Option<&'static str> {
        match (self, errno) {
            (Self::CreateVeth { .. }, Errno::EOPNOTSUPP) => {
                Some("IFLA_LINKINFO.IFLA_INFO_KIND \"veth\"")
            }
            (Self::CreateBridge { .. }, Errno::EOPNOTSUPP) => {
                Some("IFLA_LINKINFO.IFLA_INFO_KIND \"bridge\"")
            }
            _ => None,
        }
    }

    pub(super) fn creates(&self, place: Place) -> Option<&IfName> {
        match (self, place) {
            (Self::CreateBridge { bridge, .. }, Place::Host) => Some(bridge),
            (Self::CreateVeth { host, .. }, Place::Host) => Some(host),
            (Self::CreateVeth { peer, .. }, Place::Container) => Some(peer),
            _ => None,
        }
    }
}

fn up() -> IfInfoMsg {
    IfInfoMsg {
        flags: LinkFlags::UP,
        change: LinkFlags::UP,
        ..IfInfoMsg::default()
    }
}

fn create_bridge(bridge: &IfName, mac: Mac) -> Create {
    link::create(up())
        .put(IFLA_IFNAME, bridge.as_str())
        .put(IFLA_ADDRESS, &mac.0)
        .put(IFLA_GROUP, OWNER_GROUP)
        .nest(IFLA_LINKINFO, |info| {
            info.put(IFLA_INFO_KIND, "bridge");
        })
}

/// The header of a message about a link: its index where that is known. Otherwise an IFLA_IFNAME
/// must name the link. Beside an index, an IFLA_IFNAME would rename the link.
fn header<'a>(bind: &impl Bindings, name: &'a IfName) -> (IfInfoMsg, Option<&'a str>) {
    let known = bind.known(name);
    let header = IfInfoMsg {
        index: known.unwrap_or(0),
        ..IfInfoMsg::default()
    };
    (header, known.is_none().then_some(name.as_str()))
}

fn change(bind: &impl Bindings, name: &IfName) -> Change {
    let (header, named) = header(bind, name);
    link::change(header).put_some(IFLA_IFNAME, named)
}

fn set_up(bind: &impl Bindings, name: &IfName, flags: LinkFlags) -> Change {
    let (header, named) = header(bind, name);
    link::change(IfInfoMsg {
        flags,
        change: LinkFlags::UP,
        ..header
    })
    .put_some(IFLA_IFNAME, named)
}

/// The message that creates the link cannot carry this attribute: IPv6 does not know the link yet
/// (EAFNOSUPPORT). Nor can the message that sets the link up, since the kernel sets the link up
/// first (`do_setlink`, `net/core/rtnetlink.c`).
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

fn property<I: Intent>(
    request: Request<Ifla, I>,
    named: Option<&str>,
    altname: &str,
) -> Request<Ifla, I> {
    request
        .put_some(IFLA_IFNAME, named)
        .nest(IFLA_PROP_LIST, |list| {
            list.put(IFLA_ALT_IFNAME, altname);
        })
}
