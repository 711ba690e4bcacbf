//! Parsing a message about a link (RTM_NEWLINK).

use super::{
    IFLA_ADDRESS, IFLA_ALT_IFNAME, IFLA_BR_BRIDGE_ID, IFLA_BRPORT_ISOLATED, IFLA_BRPORT_MODE,
    IFLA_BRPORT_STATE, IFLA_CARRIER, IFLA_GROUP, IFLA_IFNAME, IFLA_INFO_DATA_BRIDGE,
    IFLA_INFO_KIND, IFLA_INFO_SLAVE_DATA_BRIDGE, IFLA_LINK, IFLA_LINK_NETNSID, IFLA_LINKINFO,
    IFLA_MASTER, IFLA_MTU, IFLA_PROP_LIST, IfInfoMsg, Ifla, IflaInfo, LinkFlags,
};
use crate::wire::attr::{Attrs, NulString, Value};
use crate::wire::message::Received;

/// A link as the kernel describes it in RTM_NEWLINK (`linux/if_link.h`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedLink {
    /// The interface index in the link's network namespace.
    pub index: u32,
    /// The name (IFLA_IFNAME).
    pub name: String,
    /// The altnames (IFLA_ALT_IFNAME).
    pub altnames: Vec<String>,
    /// The driver (IFLA_INFO_KIND), as in "bridge" or "veth"; `None` for hardware and loopback.
    pub kind: Option<String>,
    /// Whether the link is administratively up (IFF_UP).
    pub up: bool,
    /// The index of the bridge, or other master, that the link is a port of (IFLA_MASTER).
    pub master: Option<u32>,
    /// Hairpin mode of the bridge port (IFLA_BRPORT_MODE).
    pub hairpin: bool,
    /// Isolation of the bridge port (IFLA_BRPORT_ISOLATED).
    pub isolated: bool,
    /// The spanning tree state of the bridge port (IFLA_BRPORT_STATE); 3 is forwarding.
    pub port_state: Option<u8>,
    /// The MTU in bytes (IFLA_MTU).
    pub mtu: u32,
    /// The hardware address (IFLA_ADDRESS), where it has six bytes.
    pub mac: Option<[u8; 6]>,
    /// The device group (IFLA_GROUP).
    pub group: u32,
    /// The index of the peer of a veth, or of the link below a VLAN, in its own network namespace
    /// (IFLA_LINK).
    pub peer: Option<u32>,
    /// The id of the peer's network namespace, as the queried one knows it (IFLA_LINK_NETNSID);
    /// `None` where it is the same.
    pub peer_nsid: Option<i32>,
    /// Whether the link has carrier (IFLA_CARRIER).
    pub carrier: bool,
    /// Whether the link is a bridge without a hardware address of its own and without a port: the
    /// bridge takes the address of its first port.
    pub unaddressed: bool,
}

/// Parses a message about a link; `None` where the message has no IFLA_IFNAME, is too short for
/// `struct ifinfomsg`, or has an attribute of a wrong length.
pub fn parse(received: &Received<'_>) -> Option<ParsedLink> {
    let (header, attrs) = received.body::<IfInfoMsg, Ifla>()?;
    let info = attrs.find(IFLA_LINKINFO).ok()?;
    let kind = info.and_then(|info| info.find(IFLA_INFO_KIND).ok()?);
    let port = info.and_then(|info| info.find(IFLA_INFO_SLAVE_DATA_BRIDGE).ok()?);
    let is_set = |attr| port.is_some_and(|port| port.find(attr).ok().flatten() == Some(1));
    let mac = attrs.find(IFLA_ADDRESS).ok()?;
    Some(ParsedLink {
        index: header.index,
        name: attrs.find(IFLA_IFNAME).ok()??.into_owned(),
        altnames: altnames(attrs),
        kind: kind.map(|kind| kind.into_owned()),
        up: header.flags.contains(LinkFlags::UP),
        master: attrs.find(IFLA_MASTER).ok()?,
        hairpin: is_set(IFLA_BRPORT_MODE),
        isolated: is_set(IFLA_BRPORT_ISOLATED),
        port_state: port.and_then(|port| port.find(IFLA_BRPORT_STATE).ok()?),
        mtu: attrs.find(IFLA_MTU).ok()?.unwrap_or(0),
        mac: mac.and_then(|mac| mac.try_into().ok()),
        group: attrs.find(IFLA_GROUP).ok()?.unwrap_or(0),
        peer: attrs.find(IFLA_LINK).ok()?,
        peer_nsid: attrs.find(IFLA_LINK_NETNSID).ok()?,
        carrier: attrs.find(IFLA_CARRIER).ok()? == Some(1),
        unaddressed: info.is_some_and(unaddressed),
    })
}

/// Whether a bridge has no hardware address of its own and no port.
///
/// A bridge id is the bridge's priority (2 bytes), then its hardware address. The kernel sets the
/// address when one is given or when the first port is added (`br_stp_change_bridge_id`,
/// `net/bridge/br_stp_if.c`). Until then it is zero.
fn unaddressed(info: Attrs<'_, IflaInfo>) -> bool {
    let bridge = info.find(IFLA_INFO_KIND).ok().flatten().as_deref() == Some("bridge");
    let data = info.find(IFLA_INFO_DATA_BRIDGE).ok().flatten();
    let id = data.and_then(|data| data.find(IFLA_BR_BRIDGE_ID).ok()?);
    bridge && id.is_some_and(|id| id.iter().skip(2).all(|&byte| byte == 0))
}

/// A link's altnames.
fn altnames(attrs: Attrs<'_, Ifla>) -> Vec<String> {
    let list = attrs.find(IFLA_PROP_LIST).ok().flatten();
    let attributes = list
        .into_iter()
        .flat_map(Attrs::walk)
        .map_while(|raw| raw.ok());
    attributes
        .filter(|raw| raw.number() == IFLA_ALT_IFNAME.number())
        .filter_map(|raw| NulString::read(raw.payload))
        .map(|name| name.into_owned())
        .collect()
}

#[cfg(test)]
mod tests;
