//! The container's default routes, and whether what they lead to answers.

use super::Patient;
use crate::config::Cidr;
use crate::engine::ask;
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::netset::doctor::bridge::View;
use crate::netset::doctor::host::Visit;
use crate::netset::doctor::{Finding, bad};
use crate::os::ping;
use crate::plan::seen::SeenRoute;
use std::net::IpAddr;
use std::time::Duration;

impl Patient {
    /// The default routes, and whether what they lead to answers.
    pub(super) fn routes(
        &mut self,
        host: &Host,
        visit: &mut Visit,
        all: &mut Vec<Finding>,
    ) -> Result<()> {
        let routes = ask::routes(&mut self.inside.socket)?;
        let defaults: Vec<&SeenRoute> = routes
            .iter()
            .filter(|route| route.network.prefix == 0)
            .collect();
        let gateway = visit.gateway();
        let via = gateway.map_or("GATEWAY".into(), |gateway| gateway.to_string());
        if defaults.is_empty() {
            let cure = format!("{} route add default via {via}", self.ip());
            all.push(bad("route in container: there is no default route", cure));
        }
        for route in defaults {
            match route.gateway {
                Some(gateway) => {
                    let finding = self.gateway(host, gateway, visit);
                    visit.deaf |= finding.is_bad();
                    all.push(finding);
                }
                None => all.push(bad(
                    "route in container: the default route leads to no gateway, but straight out",
                    format!("{} route replace default via {via}", self.ip()),
                )),
            }
        }
        Ok(())
    }

    fn gateway(&self, host: &Host, gateway: IpAddr, visit: &Visit) -> Finding {
        let known = |view: &View| view.addresses.iter().any(|c| c.address == gateway);
        if !visit.bridges.is_empty() && !visit.bridges.iter().any(known) {
            return self.elsewhere(gateway, visit);
        }
        let ip = self.ip();
        let patience = Duration::from_secs(1);
        match self
            .inside
            .netns
            .within(&host.netns, || ping::ping(gateway, patience))
        {
            Ok(Ok(Some(after))) => Finding::Fine(format!(
                "gateway {gateway}: answers the container after {} µs",
                after.as_micros()
            )),
            Ok(Ok(None)) => bad(
                format!("gateway {gateway}: does not answer the container"),
                "nft list ruleset",
            ),
            Ok(Err(error)) => bad(
                format!("gateway {gateway}: no packet can be sent to it: {error}"),
                format!("{ip} route get {gateway}; {} nft list ruleset", self.enter),
            ),
            Err(errno) => bad(
                format!(
                    "gateway {gateway}: the container cannot be entered: {}",
                    errno.desc()
                ),
                format!("sudo netsetgo doctor {}", self.words),
            ),
        }
    }

    /// The container's gateway is no address of its bridge.
    fn elsewhere(&self, gateway: IpAddr, visit: &Visit) -> Finding {
        let what = format!("gateway {gateway}: the container's bridge does not have this address");
        let family = |other: &IpAddr| other.is_ipv4() == gateway.is_ipv4();
        if let Some(right) = visit.gateway().filter(family) {
            let cure = format!("{} route replace default via {right}", self.ip());
            return bad(what, cure);
        }
        let own = visit.addresses.iter().find(|cidr| cidr.contains(gateway));
        let bridge = visit.bridges.first().map(|view| &view.told.link.name);
        match (own, bridge) {
            (Some(own), Some(bridge)) => {
                let cidr = Cidr {
                    address: gateway,
                    ..*own
                };
                bad(what, format!("ip addr add {cidr} dev {bridge}"))
            }
            _ => bad(what, format!("netsetgo up {}", self.words)),
        }
    }
}
