//! A link as it tells of itself.

use crate::config::{IfName, Mac};
use crate::plan::observed::Link;
use crate::plan::op::{OWNER_GROUP, PENDING_DELETION_GROUP};
use crate::wire::attr::{Attrs, NulString, Value};
use crate::wire::link::{
    IFLA_ADDRESS, IFLA_ALT_IFNAME, IFLA_BR_BRIDGE_ID, IFLA_BRPORT_ISOLATED, IFLA_BRPORT_MODE,
    IFLA_BRPORT_STATE, IFLA_CARRIER, IFLA_GROUP, IFLA_IFNAME, IFLA_INFO_DATA_BRIDGE,
    IFLA_INFO_KIND, IFLA_INFO_SLAVE_DATA_BRIDGE, IFLA_LINK, IFLA_LINK_NETNSID, IFLA_LINKINFO,
    IFLA_MASTER, IFLA_MTU, IFLA_PROP_LIST, IfInfoMsg, Ifla, IflaInfo, LinkFlags,
};
use crate::wire::message::Received;

/// A link as it tells of itself, and for a veth where its other end is.
#[derive(Clone, Debug)]
pub struct LinkInfo {
    /// What plans need of it.
    pub link: Link,
    /// The other end's index, in its namespace.
    pub peer: Option<u32>,
    /// That namespace's id as the asking one knows it; none where it is the same.
    pub peer_netns: Option<i32>,
    /// As a bridge's port: 3 where it forwards.
    pub port_state: Option<u8>,
    /// Whether its other end is there and up.
    pub carrier: bool,
    /// A bridge that was not given a hardware address, and has none of a port's.
    pub unaddressed: bool,
}

impl LinkInfo {
    /// Whether this link is a port of the bridge, or stands on it, as a VLAN or a macvlan does:
    /// then that is the link that it has its packets from.
    pub fn uses(&self, bridge: &Self) -> bool {
        let index = Some(bridge.link.index);
        self.link.master == index || self.peer == index && self.peer_netns.is_none()
    }
}

pub(super) fn told(received: &Received<'_>) -> Option<LinkInfo> {
    let (header, attrs) = received.body::<IfInfoMsg, Ifla>()?;
    let info = attrs.find(IFLA_LINKINFO).ok()?;
    let kind = info.and_then(|info| info.find(IFLA_INFO_KIND).ok()?);
    let port = info.and_then(|info| info.find(IFLA_INFO_SLAVE_DATA_BRIDGE).ok()?);
    let set = |attr| port.is_some_and(|port| port.find(attr).ok().flatten() == Some(1));
    Some(LinkInfo {
        link: Link {
            index: header.index,
            name: IfName::told(attrs.find(IFLA_IFNAME).ok()??),
            names: names(attrs),
            kind: kind.map(|kind| kind.into_owned()),
            up: header.flags.contains(LinkFlags::UP),
            master: attrs.find(IFLA_MASTER).ok()?,
            port: (set(IFLA_BRPORT_MODE), set(IFLA_BRPORT_ISOLATED)),
            mtu: attrs.find(IFLA_MTU).ok()?.unwrap_or(0),
            mac: attrs
                .find(IFLA_ADDRESS)
                .ok()?
                .and_then(|mac| mac.try_into().ok())
                .map(Mac),
            ours: [OWNER_GROUP, PENDING_DELETION_GROUP]
                .map(Some)
                .contains(&attrs.find(IFLA_GROUP).ok()?),
        },
        peer: attrs.find(IFLA_LINK).ok()?,
        peer_netns: attrs.find(IFLA_LINK_NETNSID).ok()?,
        carrier: attrs.find(IFLA_CARRIER).ok()? == Some(1),
        unaddressed: info.is_some_and(unaddressed),
        port_state: port.and_then(|port| port.find(IFLA_BRPORT_STATE).ok()?),
    })
}

/// A bridge's id is its priority and its hardware address, once that is given or a port's
/// (`br_stp_change_bridge_id`, `net/bridge/br_stp_if.c`); until then it is zero.
fn unaddressed(info: Attrs<'_, IflaInfo>) -> bool {
    let bridge = info.find(IFLA_INFO_KIND).ok().flatten().as_deref() == Some("bridge");
    let data = info.find(IFLA_INFO_DATA_BRIDGE).ok().flatten();
    let id = data.and_then(|data| data.find(IFLA_BR_BRIDGE_ID).ok()?);
    bridge && id.is_some_and(|id| id.iter().skip(2).all(|&byte| byte == 0))
}

/// A link's further names.
fn names(attrs: Attrs<'_, Ifla>) -> Vec<String> {
    let list = attrs.find(IFLA_PROP_LIST).ok().flatten();
    let each = list
        .into_iter()
        .flat_map(Attrs::walk)
        .map_while(|raw| raw.ok());
    each.filter(|raw| raw.number() == IFLA_ALT_IFNAME.number())
        .filter_map(|raw| NulString::read(raw.payload))
        .map(|name| name.into_owned())
        .collect()
}
