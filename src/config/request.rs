//! What a user asks for.

use super::{Cidr, Destination, Id, IfName, Mac, PortSettings, Resolved};
use crate::error::Error;

use std::str::FromStr;

/// Which interface of the kernel creates and changes the bridge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// Netlink; the ioctls only where the kernel reports that netlink cannot create a bridge.
    #[default]
    Auto,
    /// Netlink only.
    Netlink,
    /// The ioctls (`SIOCBRADDBR` and kin, `linux/sockios.h`).
    Ioctl,
}

impl FromStr for Backend {
    type Err = Error;

    /// Parses `auto`, `netlink` or `ioctl`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "auto" => Ok(Self::Auto),
            "netlink" => Ok(Self::Netlink),
            "ioctl" => Ok(Self::Ioctl),
            _ => Err(Error::usage(format!(
                "bridge backend {text:?}: expected auto, netlink or ioctl"
            ))),
        }
    }
}

/// How the container gets its addresses (IP address management).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ipam {
    /// The caller names them. An empty list is allowed only where nothing needs an address.
    Static(Vec<Cidr>),
    /// netsetgo allocates the next free address of each subnet of the bridge.
    Auto,
}

/// How the host end of the veth pair gets its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostIfname {
    /// The caller names it.
    Named(IfName),
    /// This prefix, and the container's first address in hexadecimal digits: two containers on one
    /// bridge never get the same name.
    FromAddress(String),
}

/// The network that a container is to have. All values are valid by themselves;
/// [`Request::validated`] checks them together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The bridge's name.
    pub bridge_name: IfName,
    /// The bridge's addresses: they are the containers' gateways.
    pub bridge_addresses: Vec<Cidr>,
    /// The hardware address of a new bridge; `None`: [`Mac::stable`].
    pub bridge_mac: Option<Mac>,
    /// Which interface of the kernel creates the bridge.
    pub bridge_backend: Backend,
    /// How the container gets its addresses.
    pub ipam: Ipam,
    /// How the host end of the veth pair gets its name.
    pub host_ifname: HostIfname,
    /// The name of the container end of the veth pair.
    pub container_ifname: IfName,
    /// The owner id that the kernel keeps with the link.
    pub id: Option<Id>,
    /// The MTU of both ends, in bytes; `None`: the bridge's.
    pub mtu: Option<u32>,
    /// The container end's hardware address; `None`: the kernel chooses a random one.
    pub mac: Option<Mac>,
    /// How the bridge treats the container's port.
    pub port: PortSettings,
    /// Routes besides the default route.
    pub routes: Vec<Destination>,
    /// Whether the container gets a default route.
    pub default_route: bool,
}

impl Request {
    /// One bridge address, one container address, and the names `P0` and `P1` for the host end and
    /// the container end of the veth pair.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) for a value that is invalid.
    pub fn new(
        bridge_name: &str,
        bridge_address: &str,
        container_address: &str,
        veth_name_prefix: &str,
    ) -> Result<Self, Error> {
        let (host_ifname, container_ifname) = Self::pair(veth_name_prefix)?;
        Self {
            bridge_name: bridge_name.parse()?,
            bridge_addresses: vec![bridge_address.parse()?],
            bridge_mac: None,
            bridge_backend: Backend::Auto,
            ipam: Ipam::Static(vec![container_address.parse()?]),
            host_ifname: HostIfname::Named(host_ifname),
            container_ifname,
            id: None,
            mtu: None,
            mac: None,
            port: PortSettings::default(),
            routes: Vec::new(),
            default_route: true,
        }
        .validated()
    }

    /// The names of a veth pair with this prefix: the host end's, then the container end's.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) where the prefix makes an invalid name.
    pub fn pair(prefix: &str) -> Result<(IfName, IfName), Error> {
        let name = |digit: char| {
            format!("{prefix}{digit}")
                .parse::<IfName>()
                .map_err(|error| {
                    Error::usage(format!("veth name prefix {prefix:?}: invalid {error}"))
                })
        };
        Ok((name('0')?, name('1')?))
    }

    /// The addresses that the caller named; none where netsetgo allocates them.
    pub fn static_addresses(&self) -> &[Cidr] {
        match &self.ipam {
            Ipam::Static(addresses) => addresses,
            Ipam::Auto => &[],
        }
    }

    /// The same network with every address and name known: `addresses` are the container's.
    /// `existing` is the name of the host end where the veth pair exists already.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) where the addresses do not match the rest.
    pub fn resolve(
        &self,
        addresses: Vec<Cidr>,
        existing: Option<IfName>,
    ) -> Result<Resolved, Error> {
        let host_ifname = match &self.host_ifname {
            HostIfname::Named(name) => name.clone(),
            HostIfname::FromAddress(prefix) => existing
                .or_else(|| IfName::from_address(prefix, addresses.first()?.address))
                .ok_or_else(|| {
                    Error::usage(format!(
                        "veth name prefix {prefix:?}: no address to make a name from"
                    ))
                })?,
        };
        Resolved {
            bridge_name: self.bridge_name.clone(),
            bridge_addresses: self.bridge_addresses.clone(),
            bridge_mac: self.bridge_mac,
            bridge_backend: self.bridge_backend,
            container_addresses: addresses,
            host_ifname,
            container_ifname: self.container_ifname.clone(),
            id: self.id.clone(),
            mtu: self.mtu,
            mac: self.mac,
            port: self.port,
            routes: self.routes.clone(),
            default_route: self.default_route,
        }
        .validated()
    }
}

/// The configuration of the original's Go API, with its five values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// The bridge's name.
    pub bridge_name: String,
    /// The bridge's address with its prefix length, as in `10.10.10.1/24`.
    pub bridge_address: String,
    /// The container's address with its prefix length.
    pub container_address: String,
    /// The prefix of the veth pair's names: host end `P0`, container end `P1`.
    pub veth_name_prefix: String,
}

impl NetworkConfig {
    /// Validates and keeps the values.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) for a value that is invalid.
    pub fn new(
        bridge_name: &str,
        bridge_address: &str,
        container_address: &str,
        veth_name_prefix: &str,
    ) -> Result<Self, Error> {
        let config = Self {
            bridge_name: bridge_name.into(),
            bridge_address: bridge_address.into(),
            container_address: container_address.into(),
            veth_name_prefix: veth_name_prefix.into(),
        };
        config.request().map(|_| config)
    }

    /// The same as a [`Request`].
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) for a value that is invalid.
    pub fn request(&self) -> Result<Request, Error> {
        Request::new(
            &self.bridge_name,
            &self.bridge_address,
            &self.container_address,
            &self.veth_name_prefix,
        )
    }
}
