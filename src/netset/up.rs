//! `up` and `check`: both observe the kernel and make a plan. `up` runs it, `check` prints it.

use super::Attached;
use super::restart::Wait;
use crate::config::{Backend, HostIfname, IfName, Ipam, NetnsRef, Request, Resolved};
use crate::engine::allocate::{self, Strategy};
use crate::engine::announce::announce;
use crate::engine::kernel::Known;
use crate::engine::neighbourhood::Neighbourhood;
use crate::engine::observe::{self, Depth, observe};
use crate::engine::run::run;
use crate::engine::sockets::{Container, Host, Sockets};
use crate::error::{Error, Kind, Result};
use crate::os::lock::Lock;
use crate::os::sysctl;
use crate::plan::attach;
use crate::plan::observed::Observed;
use crate::plan::step::{Place, Step};
use nix::errno::Errno;

/// From a resolved request and what exists to the steps of one side, or of both.
pub(super) type Plan = fn(&Resolved, &Observed) -> Result<Vec<Step>>;

/// An attempt of `up`. Another process may change what netsetgo observed; netsetgo then rolls back
/// and tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    /// Observes only what the plan needs. The kernel rejects a conflict that this misses.
    Quick,
    /// Observes all conflicts, so that the error names them. Allocates the lowest free address.
    Careful,
    /// After two collisions, allocates from a random address on. Counts from 3.
    Contended(usize),
}

impl Attempt {
    /// The last attempt has this number.
    const LAST: usize = 16;

    fn next(self) -> Self {
        match self {
            Self::Quick => Self::Careful,
            Self::Careful => Self::Contended(3),
            Self::Contended(number) => Self::Contended(number + 1),
        }
    }

    fn is_last(self) -> bool {
        matches!(self, Self::Contended(number) if number >= Self::LAST)
    }

    fn strategy(self) -> Strategy {
        match self {
            Self::Quick | Self::Careful => Strategy::Lowest,
            Self::Contended(_) => Strategy::Random,
        }
    }

    /// A container whose loopback interface is up may have other networks.
    fn depth(self, container: &Container) -> Depth {
        match self {
            Self::Quick if !container.lo_up => Depth::Plan,
            _ => Depth::Conflicts,
        }
    }
}

/// What an attempt found: the resolved request, what exists, and the plan.
struct Prepared {
    config: Resolved,
    observed: Observed,
    steps: Vec<Step>,
}

/// Attaches a container: observes, plans, runs the plan, and waits until packets pass. A second
/// call with the same request changes nothing.
pub(super) fn apply(
    host: &mut Host,
    request: &Request,
    reference: &NetnsRef,
    plan: Plan,
) -> Result<Attached> {
    let mut container = Container::open(host, reference)?;
    let mut request = request.clone();
    let mut lock = Lock::take()?;
    let mut attempt = Attempt::Quick;
    let wait = Wait::start();
    let (prepared, known) = loop {
        let prepared = match prepare(&request, attempt, host, &mut container, plan) {
            Ok(prepared) => prepared,
            Err(error) if lost_race(&request, &error) && !attempt.is_last() => {
                attempt = attempt.next();
                continue;
            }
            // A container that has just ended may have the name or the address.
            Err(error) if error.kind == Kind::Conflict => {
                drop(lock);
                if !wait.again() {
                    return Err(error);
                }
                lock = Lock::take()?;
                continue;
            }
            Err(error) => return Err(error),
        };
        let error = match execute(&prepared, host, &mut container) {
            Ok(known) => break (prepared, known),
            Err(error) => error,
        };
        if !error.rollback.is_empty() || attempt.is_last() {
            return Err(error);
        }
        if needs_ioctl(&request, &error, &prepared.steps) {
            request.bridge_backend = Backend::Ioctl;
        } else if !raced(&error, &prepared.steps) {
            return Err(error);
        } else if attempt != Attempt::Quick {
            changed_since(&request, &prepared, error, host, &mut container)?;
        }
        attempt = attempt.next();
    };
    drop(lock);
    let mut known = known;
    let warnings = std::mem::take(&mut known.warnings);
    let mut host_end = None;
    if prepared.steps.iter().any(neighbours_must_learn) {
        // The attachment has succeeded, whether or not the neighbours learn of it now.
        host_end = announce(&prepared.config, known, host, &mut container).unwrap_or_default();
    } else if prepared.steps.is_empty() {
        host_end = prepared
            .observed
            .pair
            .as_ref()
            .map(|pair| pair.host.clone());
    }
    let observed = &prepared.observed;
    let attached = Attached::after(&prepared.config, observed, host_end, host, &mut container);
    Ok(Attached {
        warnings: warnings.into_iter().filter(is_relevant).collect(),
        ..attached
    })
}

/// Whether a warning concerns this kernel: one without IPv6 has no settings of IPv6.
fn is_relevant(warning: &Error) -> bool {
    !(warning.is(Errno::ENOENT) && sysctl::number("net.ipv4.ip_forward").is_some())
}

/// Observes the veth pair once, allocates addresses, observes the rest, and makes the plan.
fn prepare(
    request: &Request,
    attempt: Attempt,
    host: &mut Host,
    container: &mut Container,
    plan: Plan,
) -> Result<Prepared> {
    let depth = attempt.depth(container);
    let (config, observed) = look(request, attempt.strategy(), depth, host, container)?;
    let steps = plan(&config, &observed)?;
    Ok(Prepared {
        config,
        observed,
        steps,
    })
}

fn look(
    request: &Request,
    strategy: Strategy,
    depth: Depth,
    host: &mut Host,
    container: &mut Container,
) -> Result<(Resolved, Observed)> {
    let pair = observe::pair(request, host, container)?;
    let neighbourhood = Neighbourhood::read(request, &mut host.socket)?;
    let addresses = allocate::addresses(request, strategy, host, pair.as_ref(), &neighbourhood)?;
    let existing = pair.as_ref().map(|pair| pair.host.name.clone());
    let config = request.resolve(addresses, existing)?;
    let link = neighbourhood.bridge.clone();
    let observed = observe::observe_bridged(&config, pair, link, host, container, depth)?;
    if observed.pair.is_none() {
        neighbourhood.allows(&config, &mut host.socket)?;
    }
    Ok((config, observed))
}

fn execute(prepared: &Prepared, host: &mut Host, container: &mut Container) -> Result<Known> {
    let known = known(&prepared.config, &prepared.observed);
    let mut sockets = Sockets {
        host,
        container: Some(container),
    };
    run(&mut sockets, known, &prepared.steps)
}

/// After a failure that looks like a race: an error where another attempt would fail in the same
/// way, since nothing has changed, or where the conflict is now visible and stays.
fn changed_since(
    request: &Request,
    prepared: &Prepared,
    error: Error,
    host: &mut Host,
    container: &mut Container,
) -> Result<()> {
    // By now another link may have the name that netsetgo made from the allocated address.
    let named = Request {
        host_ifname: HostIfname::Named(prepared.config.host_ifname.clone()),
        ..request.clone()
    };
    let pair = observe::pair(&named, host, container);
    let now =
        pair.and_then(|pair| observe(&prepared.config, pair, host, container, Depth::Conflicts));
    match now {
        // With an allocated address, the other process may have rolled back already.
        Ok(now) if now == prepared.observed && request.ipam != Ipam::Auto => Err(error),
        Err(conflict) if !lost_race(request, &conflict) => Err(conflict),
        _ => Ok(()),
    }
}

/// Whether a step makes an address reachable that the neighbours may know at another MAC address.
fn neighbours_must_learn(step: &Step) -> bool {
    step.channel.place == Place::Container && step.op.makes_reachable()
}

/// The step that failed.
fn failed_step<'a>(error: &Error, steps: &'a [Step]) -> Option<&'a Step> {
    error.step.and_then(|position| steps.get(position))
}

/// Whether another process may have caused the failure, between the observation and the step.
fn raced(error: &Error, steps: &[Step]) -> bool {
    // The kernel returns EINVAL for a bridge that was deleted meanwhile (do_set_master,
    // net/core/rtnetlink.c).
    let creates_port = failed_step(error, steps).is_some_and(|step| step.op.creates_port());
    [Errno::EEXIST, Errno::ENODEV, Errno::EADDRINUSE]
        .into_iter()
        .any(|errno| error.is(errno))
        || error.is(Errno::EINVAL) && creates_port
}

/// Whether another process took an allocated address first. netsetgo then allocates another one.
fn lost_race(request: &Request, error: &Error) -> bool {
    request.ipam == Ipam::Auto && error.kind == Kind::Conflict
}

/// Whether the kernel cannot create a bridge by netlink. Netlink needs the module alias
/// rtnl-link-bridge to load the driver; the ioctl needs only the module's name.
fn needs_ioctl(request: &Request, error: &Error, steps: &[Step]) -> bool {
    let creates_bridge =
        failed_step(error, steps).is_some_and(|step| step.op.creates_bridge().is_some());
    request.bridge_backend == Backend::Auto && creates_bridge && error.is(Errno::EOPNOTSUPP)
}

fn known(config: &Resolved, observed: &Observed) -> Known {
    let mut known = Known::default();
    // Loopback is the first link of its namespace: LOOPBACK_IFINDEX, include/net/flow.h.
    known.learn(Place::Container, &IfName::lo(), 1);
    if let Some(bridge) = &observed.bridge {
        known.learn(Place::Host, &config.bridge_name, bridge.link.index);
    }
    if let Some(pair) = &observed.pair {
        known.learn(Place::Host, &config.host_ifname, pair.host.index);
        known.learn(
            Place::Container,
            &config.container_ifname,
            pair.container.index,
        );
    }
    known
}

/// The differences between the container's network and what `up` would leave, one text each.
/// Changes nothing.
pub(super) fn check(
    host: &mut Host,
    request: &Request,
    reference: &NetnsRef,
) -> Result<Vec<String>> {
    let mut container = Container::open(host, reference)?;
    let plan = look(
        request,
        Strategy::Lowest,
        Depth::Conflicts,
        host,
        &mut container,
    )
    .and_then(|(config, observed)| attach::attach(&config, &observed));
    match plan {
        Ok(steps) => Ok(steps
            .iter()
            .map(|step| format!("missing: {}", step.action()))
            .collect()),
        // A conflict is a difference too.
        Err(error) if error.kind == Kind::Conflict => Ok(vec![format!("conflict: {error}")]),
        Err(error) => Err(error),
    }
}
