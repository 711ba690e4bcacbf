//! `up`, and `check`: the same look, the same plan, done or only told.

use crate::config::{Backend, IfName, NetnsRef, NetworkConfig};
use crate::engine::allocate::{self, Search};
use crate::engine::announce::announce;
use crate::engine::kernel::Known;
use crate::engine::observe::observe;
use crate::engine::run::run;
use crate::engine::sockets::{Container, Host, Sockets};
use crate::error::{Error, Kind, Result};
use crate::os::lock::Lock;
use crate::plan::attach;
use crate::plan::observed::Observed;
use crate::plan::op::Op;
use crate::plan::step::{Place, Step};
use nix::errno::Errno;

/// Somebody else may change what we have just seen: then everything is taken back and looked at
/// anew, this often.
const ATTEMPTS: usize = 16;

/// Gives a container its network: all that is missing of it. The same twice is the same as once.
/// The words with everything found that was to be found.
///
/// On failure everything is as before, or [`Error::left`] says what is not.
pub fn up(config: &NetworkConfig, container: &NetnsRef) -> Result<NetworkConfig> {
    apply(config, container, attach::attach)
}

/// What a side's plan is made by.
type Plan = fn(&NetworkConfig, &Observed) -> Result<Vec<Step>>;

pub(super) fn apply(
    config: &NetworkConfig,
    container: &NetnsRef,
    plan: Plan,
) -> Result<NetworkConfig> {
    let mut host = Host::open()?;
    let mut inside = Container::open(&host, container)?;
    let mut asked = config.clone();
    let lock = Lock::take()?;
    // Somebody has set up its loopback, so there may be other networks in it.
    let lived_in = inside.lo_up;
    for attempt in 1.. {
        // The first look is quick; what it has overlooked the kernel refuses, and the second
        // look says in words.
        let search = match attempt {
            1 | 2 => Search::Lowest,
            _ => Search::Anywhere,
        };
        let config = allocate::resolve(&asked, search, &mut host, &mut inside)?;
        let observed = match observe(&config, &mut host, &mut inside, attempt > 1 || lived_in) {
            Err(conflict) if lost_race(&asked, &conflict) && attempt < ATTEMPTS => continue,
            observed => observed?,
        };
        let steps = plan(&config, &observed)?;
        let mut sockets = Sockets {
            host: &mut host,
            container: Some(&mut inside),
        };
        let error = match run(&mut sockets, known(&config, &observed), &steps) {
            Err(error) => error,
            Ok(known) => {
                drop(lock);
                if steps.iter().any(is_news) {
                    // The network is there, whether or not the neighbours have heard of it.
                    let _ = announce(&config, known, &mut host, &mut inside);
                }
                return Ok(config);
            }
        };
        if !error.rollback.is_empty() || attempt == ATTEMPTS {
            return Err(error);
        }
        if cannot_by_netlink(&config, &error, &steps) {
            asked.bridge_backend = Backend::Ioctl;
            continue;
        }
        if !raced(&error, &steps) {
            return Err(error);
        }
        if attempt > 1 {
            match observe(&config, &mut host, &mut inside, true) {
                // Nothing has changed: the next attempt would fail as this one did.
                Ok(now) if now == observed => return Err(error),
                Err(conflict) if !lost_race(&asked, &conflict) => return Err(conflict),
                _ => {}
            }
        }
    }
    unreachable!("the last attempt returns")
}

/// Whether a step makes something that the neighbours do not know.
fn is_news(step: &Step) -> bool {
    let container = step.place == Place::Container;
    container && matches!(step.op, Op::SetUp(_) | Op::AddAddress(..))
}

/// Whether a failure may be somebody else's doing between our look and our step.
fn raced(error: &Error, steps: &[Step]) -> bool {
    // A bridge that has just gone is EINVAL's to tell (do_set_master, net/core/rtnetlink.c).
    let plugged = |step: &Step| {
        let into = matches!(&step.op, Op::CreateVeth { master, .. } if master.is_some());
        into && step.action() == error.action
    };
    [Errno::EEXIST, Errno::ENODEV, Errno::EADDRINUSE]
        .into_iter()
        .any(|errno| error.is(errno))
        || error.is(Errno::EINVAL) && steps.iter().any(plugged)
}

/// Whether an error is of somebody who was faster with what had been found: something else will be.
fn lost_race(asked: &NetworkConfig, error: &Error) -> bool {
    asked.auto.is_some() && error.kind == Kind::Conflict
}

/// Netlink needs the alias rtnl-link-bridge to load the module, the ioctl only its name.
fn cannot_by_netlink(config: &NetworkConfig, error: &Error, steps: &[Step]) -> bool {
    let new = steps
        .iter()
        .any(|step| matches!(step.op, Op::CreateBridge { .. }) && step.action() == error.action);
    config.bridge_backend == Backend::Auto && new && error.is(Errno::EOPNOTSUPP)
}

fn known(config: &NetworkConfig, observed: &Observed) -> Known {
    let mut known = Known::default();
    // The loopback is the first link of its namespace: LOOPBACK_IFINDEX, include/net/flow.h.
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

/// What an `up` with the same words would change, a line each; nothing: all is as it should be.
/// Changes nothing itself.
pub fn check(config: &NetworkConfig, container: &NetnsRef) -> Result<Vec<String>> {
    let mut host = Host::open()?;
    let mut inside = Container::open(&host, container)?;
    let found = allocate::resolve(config, Search::Lowest, &mut host, &mut inside)
        .and_then(|config| Ok((observe(&config, &mut host, &mut inside, true)?, config)))
        .and_then(|(observed, config)| attach::attach(&config, &observed));
    match found {
        Ok(steps) => Ok(steps
            .iter()
            .map(|step| format!("missing: {}", step.action()))
            .collect()),
        // What is somebody else's is a difference too.
        Err(conflict) if conflict.kind == Kind::Conflict => {
            Ok(vec![format!("conflict: {conflict}")])
        }
        Err(error) => Err(error),
    }
}
