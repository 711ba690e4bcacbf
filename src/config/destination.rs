//! The destination of a route: `DST[,GATEWAY]`.

use super::Cidr;
use crate::error::Error;
use std::net::IpAddr;
use std::str::FromStr;

/// The destination of a route, and its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The destination network; prefix length 0 is the default route.
    pub network: Cidr,
    /// The gateway; `None`: the bridge.
    pub gateway: Option<IpAddr>,
}

impl FromStr for Destination {
    type Err = Error;

    /// Parses `DST[,GATEWAY]`.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind::Usage) where DST is not a network, where GATEWAY is not
    /// an address, or where their families differ.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (network, gateway) = match text.split_once(',') {
            Some((network, gateway)) => (network, Some(gateway)),
            None => (text, None),
        };
        let network = Cidr::parse_subnet(network)?;
        let gateway: Option<IpAddr> = gateway.map(str::parse).transpose().map_err(|_| {
            Error::usage(format!(
                "route {text:?}: the gateway is not an IPv4 or IPv6 address"
            ))
        })?;
        if gateway.is_some_and(|gateway| gateway.is_ipv4() != network.address.is_ipv4()) {
            return Err(Error::usage(format!(
                "route {text:?}: the gateway and the network have different address families"
            )));
        }
        Ok(Self { network, gateway })
    }
}
