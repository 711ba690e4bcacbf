//! The text of an operation on a link, and the equivalent command of iproute2.

use super::{LinkOp, OWNER_GROUP};
use crate::config::IfName;
use crate::plan::op::on_off;

impl LinkOp {
    /// The equivalent command of iproute2.
    pub(in crate::plan::op) fn command(&self) -> String {
        match self {
            Self::CreateBridge { bridge, mac } => {
                format!("ip link add {bridge} up address {mac} group {OWNER_GROUP} type bridge")
            }
            Self::CreateVeth { .. } => self.create_veth_command(),
            Self::Delete(link) => format!("ip link del {link}"),
            Self::DeleteGroup(group) => format!("ip link del group {group}"),
            Self::SetUp(link) => format!("ip link set {link} up"),
            Self::SetDown(link) => format!("ip link set {link} down"),
            Self::SetMaster {
                port,
                bridge: Some(bridge),
            } => format!("ip link set {port} master {bridge}"),
            Self::SetMaster { port, bridge: None } => format!("ip link set {port} nomaster"),
            Self::SetGroup(link, group) => format!("ip link set {link} group {group}"),
            Self::DisableLinkLocal(link) => format!("ip link set {link} addrgenmode none"),
            Self::AddAltname(link, name) => {
                format!("ip link property add dev {link} altname {name}")
            }
            Self::DeleteAltname(link, name) => {
                format!("ip link property del dev {link} altname {name}")
            }
            Self::SetPort {
                port,
                hairpin,
                isolated,
            } => {
                let (hairpin, isolated) = (on_off(*hairpin), on_off(*isolated));
                format!(
                    "ip link set {port} type bridge_slave hairpin {hairpin} isolated {isolated}"
                )
            }
            Self::SetMtu(link, mtu) => format!("ip link set {link} mtu {mtu}"),
            Self::SetMac(link, mac) => format!("ip link set {link} address {mac}"),
        }
    }

    fn create_veth_command(&self) -> String {
        let Self::CreateVeth {
            host,
            host_mac,
            master,
            peer,
            mac,
            mtu,
        } = self
        else {
            return String::new();
        };
        let option = |name: &str, value: Option<String>| match value {
            Some(value) => format!(" {name} {value}"),
            None => String::new(),
        };
        let queues = "numtxqueues 1 numrxqueues 1";
        let master = option("master", master.as_ref().map(IfName::to_string));
        let mtu = option("mtu", mtu.map(|mtu| mtu.to_string()));
        let host_mac = option("address", host_mac.map(|mac| mac.to_string()));
        let mac = option("address", mac.map(|mac| mac.to_string()));
        format!(
            "ip link add {host} up{host_mac}{master}{mtu} group {OWNER_GROUP} {queues} type veth \
             peer name {peer}{mac}{mtu} {queues} netns NS"
        )
    }
}

impl std::fmt::Display for LinkOp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CreateBridge { bridge, .. } => write!(f, "create bridge {bridge}"),
            Self::CreateVeth { host, .. } => write!(f, "create {host}"),
            Self::Delete(link) => write!(f, "delete {link}"),
            Self::DeleteGroup(group) => write!(f, "delete group {group}"),
            Self::SetUp(link) => write!(f, "set {link} up"),
            Self::SetDown(link) => write!(f, "set {link} down"),
            Self::SetMaster {
                port,
                bridge: Some(bridge),
            } => write!(f, "make {port} a port of {bridge}"),
            Self::SetMaster { port, bridge: None } => write!(f, "remove {port} from its bridge"),
            Self::SetGroup(link, group) => write!(f, "put {link} into group {group}"),
            Self::DisableLinkLocal(link) => write!(f, "give {link} no link-local address"),
            Self::AddAltname(link, name) => write!(f, "add altname {name} to {link}"),
            Self::DeleteAltname(link, name) => write!(f, "delete altname {name} from {link}"),
            Self::SetPort {
                port,
                hairpin,
                isolated,
            } => {
                let (hairpin, isolated) = (on_off(*hairpin), on_off(*isolated));
                write!(f, "set {port} hairpin {hairpin}, isolated {isolated}")
            }
            Self::SetMtu(link, mtu) => write!(f, "set {link} mtu {mtu}"),
            Self::SetMac(link, mac) => write!(f, "set {link} address {mac}"),
        }
    }
}
