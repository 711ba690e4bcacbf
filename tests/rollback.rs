//! `up` that fails at any step: the engine rolls back the steps before it.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::snapshot::snapshot;
use common::{
    Snapshots, TestContainer, TestSockets, bound, isolate, packets_pass, perform, succeeds,
};
use netsetgo::config::{Backend, IfName, Resolved};
use netsetgo::engine::kernel::{Kernel, Lookup, Rejected};
use netsetgo::engine::observe::{Depth, observe, pair_of};
use netsetgo::engine::query;
use netsetgo::engine::run::run;
use netsetgo::engine::sockets::Sockets;
use netsetgo::plan::attach::attach;
use netsetgo::plan::observed::Pair;
use netsetgo::plan::op::{AddressOp, LinkOp, Op, Route, RouteOp};
use netsetgo::plan::step::{Channel, Place, Step};
use netsetgo::wire::ifreq::IfReq;
use netsetgo::wire::message::Message;
use netsetgo::wire::netlink_error::NetlinkError;

fn name(name: &str) -> IfName {
    name.parse().unwrap()
}

fn config() -> Resolved {
    Resolved::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap()
}

/// The configuration with a second address of the bridge and of the container.
fn config_with_two_addresses(bridge_backend: Backend) -> Resolved {
    let mut config = Resolved {
        bridge_backend,
        ..config()
    };
    let (bridge, container) = ("10.11.11.1/24", "10.11.11.2/24");
    config.bridge_addresses.push(bridge.parse().unwrap());
    config.container_addresses.push(container.parse().unwrap());
    config
}

/// The plan of `up`, made from the current state of the host and the container.
fn planned(config: &Resolved, sockets: &mut TestSockets) -> Vec<Step> {
    let pair = existing_pair(config, sockets);
    let (host, container) = (&mut sockets.host, &mut sockets.container);
    let observed = observe(config, pair, host, container, Depth::Conflicts).unwrap();
    attach(config, &observed).unwrap()
}

/// The veth pair that exists already.
fn existing_pair(config: &Resolved, sockets: &mut TestSockets) -> Option<Pair> {
    let (host, in_container) = (&mut sockets.host, &mut sockets.container);
    let (host, container) = pair_of(host, in_container, &config.container_ifname).unwrap()?;
    let addresses = query::addresses_of(&mut in_container.socket, container.index).unwrap();
    Some(Pair {
        host,
        container,
        addresses,
    })
}

/// Runs the plan once for each step, and lets that step fail. Returns the number of steps.
fn number_of_steps_that_roll_back(config: &Resolved, container: &TestContainer) -> usize {
    let before = Snapshots::take(container);
    let mut failing = 0;
    loop {
        let mut sockets = TestSockets::open(container);
        let steps = planned(config, &mut sockets);
        let Some(step) = steps.get(failing) else {
            return failing;
        };
        // Without an optional step, the plan goes on.
        if step.optional {
            failing += 1;
            continue;
        }
        let mut kernel = FailingStep {
            sockets: sockets.both(),
            steps_before: Some(failing),
            concurrently: &|| (),
        };
        let error = run(&mut kernel, Default::default(), &steps).unwrap_err();
        let action = step.action();
        assert!(
            error.action.starts_with(&action),
            "{} at {action}",
            error.action
        );
        assert_eq!(error.rollback, [], "{action}");
        before.assert_unchanged(container, &action);
        failing += 1;
    }
}

#[test]
fn failure_at_any_step_is_rolled_back() {
    isolate("failure_at_any_step_is_rolled_back", || {
        for backend in [Backend::Netlink, Backend::Ioctl] {
            let config = config_with_two_addresses(backend);
            // All of it is missing.
            let all = number_of_steps_that_roll_back(&config, &TestContainer::new());
            assert!(all >= 8, "{all} steps");
            // The bridge exists, for the attachment of another container.
            let other = TestContainer::new();
            succeeds(&format!(
                "up --pid {} --veth-name-prefix w --container-address 10.10.10.9/24",
                other.pid()
            ));
            let without_bridge = number_of_steps_that_roll_back(&config, &TestContainer::new());
            assert!((5..all).contains(&without_bridge), "{without_bridge} steps");
            // Parts of the attachment are missing.
            let container = TestContainer::new();
            succeeds(&format!(
                "up --pid {} --bridge-address 10.10.10.1/24 --bridge-address 10.11.11.1/24 \
                 --container-address 10.10.10.2/24 --container-address 10.11.11.2/24",
                container.pid()
            ));
            delete_parts(&container);
            let parts = number_of_steps_that_roll_back(&config, &container);
            assert_eq!(parts, 4, "bridge up, port up, address, route");
            succeeds(&format!("down --pid {}", container.pid()));
            succeeds(&format!("down --pid {} --veth-name-prefix w", other.pid()));
        }
    });
}

/// Deletes the default route and an address, and sets the host end and the bridge down.
fn delete_parts(container: &TestContainer) {
    let gateway = "10.10.10.1".parse().unwrap();
    container.in_netns(|| {
        perform(Op::Route(RouteOp::Delete(Route {
            destination: None,
            gateway,
            link: name("veth1"),
        })));
        perform(Op::Address(AddressOp::Delete(
            name("veth1"),
            "10.11.11.2/24".parse().unwrap(),
        )));
    });
    perform(Op::Link(LinkOp::SetDown(name("veth0"))));
    perform(Op::Link(LinkOp::SetDown(name("brg0"))));
}

#[test]
fn lost_acknowledgement_is_rolled_back() {
    isolate("lost_acknowledgement_is_rolled_back", || {
        let container = TestContainer::new();
        let before = Snapshots::take(&container);
        for datagrams_before in 0..3 {
            let mut sockets = TestSockets::open(&container);
            let steps = planned(&config(), &mut sockets);
            let mut kernel = LostAck {
                sockets: sockets.both(),
                datagrams_before: Some(datagrams_before),
            };
            let error = run(&mut kernel, Default::default(), &steps).unwrap_err();
            assert!(error.is(nix::errno::Errno::ENOBUFS), "{error}");
            assert_eq!(error.rollback, []);
            let event = format!("datagram {datagrams_before} without acknowledgement");
            before.assert_unchanged(&container, &event);
        }
    });
}

#[test]
fn rollback_keeps_bridge_with_port_of_another_process() {
    isolate("rollback_keeps_bridge_with_port_of_another_process", || {
        for bridge_backend in [Backend::Netlink, Backend::Ioctl] {
            let config = Resolved {
                bridge_backend,
                ..config()
            };
            let (one, two) = (TestContainer::new(), TestContainer::new());
            let before = one.in_netns(snapshot);
            let mut sockets = TestSockets::open(&one);
            let steps = planned(&config, &mut sockets);
            let up = format!(
                "up --pid {} --veth-name-prefix other --container-address 10.10.10.3/24",
                two.pid()
            );
            // The last step fails. Before it, another process attaches a container to the bridge.
            let mut kernel = FailingStep {
                sockets: sockets.both(),
                steps_before: Some(steps.len() - 1),
                concurrently: &|| succeeds(&up),
            };
            let error = run(&mut kernel, Default::default(), &steps).unwrap_err();
            assert_eq!(error.rollback, []);
            assert_eq!(one.in_netns(snapshot), before);
            succeeds(&up.replace("up", "check"));
            let host = bound("10.10.10.1");
            let in_container = two.in_netns(|| bound("10.10.10.3"));
            packets_pass((&in_container.0, in_container.1), (&host.0, host.1));
            succeeds(&format!("down --pid {}", two.pid()));
        }
    });
}

/// Counts a call. Returns whether it is the chosen one: `before` calls came before it. Each later
/// call, also each call of the rollback, is not.
fn is_chosen(before: &mut Option<usize>) -> bool {
    let chosen = *before == Some(0);
    *before = before.and_then(|count| count.checked_sub(1));
    chosen
}

/// The kernel, which rejects one step. netsetgo sends an invalid message in place of the step's
/// message. The kernel rejects it, and performs the later messages of the datagram.
struct FailingStep<'a> {
    sockets: Sockets<'a>,
    /// The number of steps before the step that fails; `None` after it.
    steps_before: Option<usize>,
    /// What another process does before the step fails.
    concurrently: &'a dyn Fn(),
}

impl FailingStep<'_> {
    fn is_rejected(&mut self) -> bool {
        let rejected = is_chosen(&mut self.steps_before);
        if rejected {
            (self.concurrently)();
        }
        rejected
    }
}

impl Kernel for FailingStep<'_> {
    fn send(
        &mut self,
        channel: Channel,
        messages: &[Message],
    ) -> Result<Vec<Rejected>, NetlinkError> {
        let mut messages = messages.to_vec();
        for message in &mut messages {
            if self.is_rejected() {
                *message = invalid();
            }
        }
        self.sockets.send(channel, &messages)
    }

    fn ioctl(&mut self, place: Place, request: &IfReq) -> Result<(), NetlinkError> {
        if self.is_rejected() {
            return Err(NetlinkError::from_errno(libc::EPERM));
        }
        self.sockets.ioctl(place, request)
    }

    fn sysctl(&mut self, place: Place, path: &str, value: &str) -> Result<String, NetlinkError> {
        if self.is_rejected() {
            return Err(NetlinkError::from_errno(libc::EROFS));
        }
        self.sockets.sysctl(place, path, value)
    }

    fn lookup(&mut self) -> &mut dyn Lookup {
        &mut self.sockets
    }
}

/// A request that every kernel rejects: RTM_DELLINK that names no link.
fn invalid() -> Message {
    netsetgo::wire::link::delete(Default::default())
        .finish()
        .unwrap()
}

/// The kernel, whose acknowledgement of one datagram is lost.
struct LostAck<'a> {
    sockets: Sockets<'a>,
    /// The number of datagrams before the one whose acknowledgement is lost; `None` after it.
    datagrams_before: Option<usize>,
}

impl Kernel for LostAck<'_> {
    fn send(
        &mut self,
        channel: Channel,
        messages: &[Message],
    ) -> Result<Vec<Rejected>, NetlinkError> {
        let lost = is_chosen(&mut self.datagrams_before);
        let rejected = self.sockets.send(channel, messages)?;
        if lost {
            return Err(NetlinkError::from_errno(libc::ENOBUFS));
        }
        Ok(rejected)
    }

    fn ioctl(&mut self, place: Place, request: &IfReq) -> Result<(), NetlinkError> {
        self.sockets.ioctl(place, request)
    }

    fn sysctl(&mut self, place: Place, path: &str, value: &str) -> Result<String, NetlinkError> {
        self.sockets.sysctl(place, path, value)
    }

    fn lookup(&mut self) -> &mut dyn Lookup {
        &mut self.sockets
    }
}
