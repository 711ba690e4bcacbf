//! Where a route leads: `DST[,GATEWAY]`.

use super::Cidr;
use crate::error::Error;
use std::net::IpAddr;
use std::str::FromStr;

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination {
    /// To this network.
    pub network: Cidr,
    /// Through this neighbour; none: the bridge.
    pub gateway: Option<IpAddr>,
}

impl FromStr for Destination {
    type Err = Error;

    /// `DST[,GATEWAY]`.
    fn from_str(words: &str) -> Result<Self, Error> {
        let (network, gateway) = match words.split_once(',') {
            Some((network, gateway)) => (network, Some(gateway)),
            None => (words, None),
        };
        let bad = || Error::usage(format!("route {words:?}: the gateway is not an address"));
        let network = Cidr::network_from(network)?;
        let gateway = gateway
            .map(|gateway| gateway.parse().map_err(|_| bad()))
            .transpose()?;
        if gateway.is_some_and(|gateway: IpAddr| gateway.is_ipv4() != network.address.is_ipv4()) {
            return Err(Error::usage(format!(
                "route {words:?}: the gateway is of another family than the network"
            )));
        }
        Ok(Self { network, gateway })
    }
}
