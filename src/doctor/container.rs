//! The container's own side: loopback, links, addresses, routes, and the ports they lead to.

mod gateway;

use super::bridge::View;
use super::host::{Context, End};
use super::{Finding, bad};
use crate::config::{Cidr, IfName, NAMED, NetnsRef};
use crate::engine::query;
use crate::engine::sockets::{Container, Host};
use crate::error::Result;
use crate::plan::observed::LinkInfo;
use crate::plan::ownership;

/// The container.
pub(super) struct ExaminedContainer {
    /// What is typed before a command that is to be run in it.
    enter: String,
    /// The words that name it to netsetgo.
    words: String,
    inside: Container,
}

impl ExaminedContainer {
    pub(super) fn new(reference: &NetnsRef, inside: Container) -> Self {
        let named = |path: &std::path::Path| match path.strip_prefix(NAMED) {
            Ok(name) => name.display().to_string(),
            Err(_) => path.display().to_string(),
        };
        let (enter, words) = match reference {
            NetnsRef::Pid(pid) => (format!("nsenter -t {pid} -n"), format!("--pid {pid}")),
            NetnsRef::Path(path) => (
                format!("nsenter --net={}", path.display()),
                format!("--netns {}", named(path)),
            ),
            NetnsRef::Descriptor(number) => (
                format!("nsenter --net=/proc/self/fd/{number}"),
                format!("--netns fd:{number}"),
            ),
        };
        Self {
            enter,
            words,
            inside,
        }
    }

    fn ip(&self) -> String {
        format!("{} ip", self.enter)
    }

    /// The container's side, and what of the host's it leads to.
    pub(super) fn examine(&mut self, host: &mut Host, all: &mut Vec<Finding>) -> Result<Context> {
        let ip = self.ip();
        if !self.inside.lo_up {
            all.push(bad("lo in container: down", format!("{ip} link set lo up")));
        }
        let mut context = Context {
            words: self.words.clone(),
            ..Context::default()
        };
        let links = query::links(&mut self.inside.socket, None)?;
        for link in links.iter().filter(|told| told.index != LOOPBACK) {
            match link.kind.as_deref() {
                Some("veth") => self.end(host, link, &mut context, all)?,
                kind => all.push(Finding::Ok(format!(
                    "link {} in container: of kind {}, and not looked at",
                    link.name,
                    kind.unwrap_or("(hardware)")
                ))),
            }
        }
        if links.len() < 2 {
            let hint = format!("netsetgo up {}", self.words);
            all.push(bad("link in container: there is none besides lo", hint));
            return Ok(context);
        }
        self.routes(host, &mut context, all)?;
        context.enter = Some(self.enter.clone());
        context.firewall = self
            .inside
            .netns
            .within(&host.netns, super::host::netfilter)
            .ok()
            .flatten();
        Ok(context)
    }

    /// One link of the container, and the port that it leads to.
    fn end(
        &mut self,
        host: &mut Host,
        end: &LinkInfo,
        context: &mut Context,
        all: &mut Vec<Finding>,
    ) -> Result<()> {
        let port = match end.peer {
            Some(peer) => {
                query::link_by_index(&mut host.socket, peer)?.filter(|port| port.is("veth"))
            }
            None => None,
        };
        let view = match port.as_ref().and_then(|port| port.master) {
            Some(master) => query::link_by_index(&mut host.socket, master)?,
            None => None,
        };
        let view = view.map(|bridge| View::of(host, &bridge)).transpose()?;
        self.state(end, port.as_ref(), all);
        let addresses = query::global_addresses_of(&mut self.inside.socket, end.index)?;
        all.push(self.addressed(end, &addresses, port.as_ref(), view.as_ref()));
        match port {
            Some(port) => {
                self.port(host, end, &port, view.as_ref(), all)?;
                context.ends.push(End {
                    host: port.name,
                    container: end.name.clone(),
                    mtu: end.mtu,
                });
            }
            None => all.push(bad(
                format!(
                    "link {} in container: its other end is not in this namespace",
                    end.name
                ),
                format!("netsetgo doctor {}, run where the bridge is", self.words),
            )),
        }
        context.addresses.extend(addresses);
        context.bridges.extend(view);
        Ok(())
    }

    fn state(&self, end: &LinkInfo, port: Option<&LinkInfo>, all: &mut Vec<Finding>) {
        let (ip, name) = (self.ip(), &end.name);
        match (end.up, end.carrier, port) {
            (false, ..) => {
                let what = format!("link {name} in container: down");
                all.push(bad(what, format!("{ip} link set {name} up")));
            }
            (true, false, Some(port)) => {
                let hint = format!("ip link set {} up", port.name);
                let what = format!("link {name} in container: no carrier, its other end is down");
                all.push(bad(what, hint));
            }
            (true, false, None) => {}
            (true, true, _) => {
                let what = format!("link {name} in container: up, with carrier");
                all.push(Finding::Ok(what));
            }
        }
    }

    fn addressed(
        &self,
        end: &LinkInfo,
        addresses: &[Cidr],
        port: Option<&LinkInfo>,
        view: Option<&View>,
    ) -> Finding {
        let name = &end.name;
        if !addresses.is_empty() {
            let words: Vec<String> = addresses.iter().map(Cidr::to_string).collect();
            let what = format!("address of {name} in container: {}", words.join(" "));
            return Finding::Ok(what);
        }
        // Its host's end still claims the one that it had.
        let claimed = port.and_then(|port| ownership::addresses_in(&port.altnames).next());
        let subnet = view.and_then(|view| {
            let subnet = view
                .addresses
                .iter()
                .find(|c| claimed.is_some_and(|a| c.contains(a)));
            subnet.copied()
        });
        let hint = match (claimed, subnet) {
            (Some(address), Some(subnet)) => {
                let cidr = Cidr { address, ..subnet };
                format!("{} addr add {cidr} dev {name}", self.ip())
            }
            _ => format!("netsetgo up {} --container-address auto", self.words),
        };
        bad(
            format!("address of {name} in container: there is none"),
            hint,
        )
    }

    /// The other end of a container's link.
    fn port(
        &self,
        host: &mut Host,
        end: &LinkInfo,
        port: &LinkInfo,
        view: Option<&View>,
        all: &mut Vec<Finding>,
    ) -> Result<()> {
        let (name, outer) = (&end.name, &port.name);
        let least = port.mtu.min(end.mtu);
        if port.mtu != end.mtu {
            all.push(bad(
                format!("mtu: {} of {outer}, but {} of {name}", port.mtu, end.mtu),
                format!(
                    "ip link set {outer} mtu {least}; {} link set {name} mtu {least}",
                    self.ip()
                ),
            ));
        }
        if !port.up {
            let hint = format!("ip link set {outer} up");
            all.push(bad(format!("link {outer} in host: down"), hint));
        }
        let Some(view) = view else {
            let links = query::links(&mut host.socket, None)?;
            let ours = links
                .iter()
                .find(|told| told.is_marked() && told.is("bridge"));
            let bridge = ours.map_or("brg0", |bridge| bridge.name.as_str());
            let what = format!("link {outer} in host: in no bridge");
            all.push(bad(what, format!("ip link set {outer} master {bridge}")));
            return Ok(());
        };
        forwards(port, &view.told.name, all);
        Ok(())
    }
}

/// The first link of every namespace: `LOOPBACK_IFINDEX`, include/net/flow.h.
const LOOPBACK: u32 = 1;

/// `BR_STATE_…`, `linux/if_bridge.h`.
const DISABLED: u8 = 0;
const LISTENING: u8 = 1;
const LEARNING: u8 = 2;
const BLOCKING: u8 = 4;

/// Whether the bridge lets a port's packets through.
fn forwards(port: &LinkInfo, bridge: &IfName, all: &mut Vec<Finding>) {
    let outer = &port.name;
    match port.port_state.filter(|_| port.up && port.carrier) {
        Some(LISTENING | LEARNING) => all.push(bad(
            format!("link {outer} in host: does not forward yet, the bridge looks for loops"),
            format!("ip link set {bridge} type bridge stp_state 0"),
        )),
        Some(DISABLED | BLOCKING) => all.push(bad(
            format!("link {outer} in host: the bridge does not let it forward"),
            format!("bridge link set dev {outer} state 3"),
        )),
        _ => {}
    }
}
