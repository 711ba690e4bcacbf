//! The container's default routes, and whether what they lead to answers.

use super::ExaminedContainer;
use crate::config::Cidr;
use crate::doctor::bridge::View;
use crate::doctor::host::Context;
use crate::doctor::{Finding, bad};
use crate::engine::query;
use crate::engine::sockets::Host;
use crate::error::Result;
use crate::os::icmp;
use crate::plan::observed::RouteInfo;
use std::net::IpAddr;
use std::time::Duration;

impl ExaminedContainer {
    /// The default routes, and whether what they lead to answers.
    pub(super) fn routes(
        &mut self,
        host: &Host,
        context: &mut Context,
        all: &mut Vec<Finding>,
    ) -> Result<()> {
        let routes = query::routes(&mut self.inside.socket, None)?;
        let defaults: Vec<&RouteInfo> = routes
            .iter()
            .filter(|route| route.network.prefix == 0)
            .collect();
        let gateway = context.gateway();
        let via = gateway.map_or("GATEWAY".into(), |gateway| gateway.to_string());
        if defaults.is_empty() {
            let hint = format!("{} route add default via {via}", self.ip());
            all.push(bad("route in container: there is no default route", hint));
        }
        for route in defaults {
            match route.gateway {
                Some(gateway) => {
                    let finding = self.gateway(host, gateway, context);
                    context.deaf |= finding.is_bad();
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

    fn gateway(&self, host: &Host, gateway: IpAddr, context: &Context) -> Finding {
        let known = |view: &View| view.addresses.iter().any(|c| c.address == gateway);
        if !context.bridges.is_empty() && !context.bridges.iter().any(known) {
            return self.elsewhere(gateway, context);
        }
        let ip = self.ip();
        let timeout = Duration::from_secs(1);
        match self
            .inside
            .netns
            .within(&host.netns, || icmp::ping(gateway, timeout))
        {
            Ok(Ok(Some(after))) => Finding::Ok(format!(
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
    fn elsewhere(&self, gateway: IpAddr, context: &Context) -> Finding {
        let what = format!("gateway {gateway}: the container's bridge does not have this address");
        let family = |other: &IpAddr| other.is_ipv4() == gateway.is_ipv4();
        if let Some(right) = context.gateway().filter(family) {
            let hint = format!("{} route replace default via {right}", self.ip());
            return bad(what, hint);
        }
        let own = context.addresses.iter().find(|cidr| cidr.contains(gateway));
        let bridge = context.bridges.first().map(|view| &view.told.name);
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
