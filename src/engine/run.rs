//! Does the steps of a plan, and where one fails takes back all of them.
//!
//! Steps of one place that need no answer in between go to the kernel in one datagram. The kernel
//! works through all of it, also behind a step that failed: so what is undone is everything in the
//! datagram that did not fail, and everything before it, backwards.

use super::kernel::{Kernel, Known, Live};

use crate::config::IfName;
use crate::error::{Error, Result};
use crate::plan::hint::{hint, suspect};
use crate::plan::op::{Encoded, Ioctl, Op, Unbound};
use crate::plan::step::{Place, Step};
use crate::wire::message::Message;
use crate::wire::netlink_error::NetlinkError;
use nix::errno::Errno;

/// Does all steps, or none: on failure everything is taken back, and what could not be is named
/// in the error. `known` are the links that are there already; what has become known is returned.
pub fn run(kernel: &mut impl Kernel, mut known: Known, steps: &[Step]) -> Result<Known> {
    let mut run = Run {
        kernel,
        known: &mut known,
        steps,
        done: Vec::new(),
        waiting: Vec::new(),
    };
    match run.forwards() {
        Ok(()) => Ok(known),
        Err(failed) => {
            let rollback = run.backwards();
            Err(Error { rollback, ..failed })
        }
    }
}

struct Run<'a, K> {
    kernel: &'a mut K,
    known: &'a mut Known,
    steps: &'a [Step],
    /// Steps to take back, in the order in which they were done.
    done: Vec<&'a Step>,
    /// Steps that go into the next datagram, all of one place.
    waiting: Vec<(&'a Step, Message)>,
}

impl<'a, K: Kernel> Run<'a, K> {
    fn forwards(&mut self) -> Result<()> {
        let steps: &'a [Step] = self.steps;
        for step in steps {
            if self
                .waiting
                .last()
                .is_some_and(|(last, _)| last.place != step.place)
            {
                self.flush()?;
            }
            match self.encode(step)? {
                Encoded::Message(message) => self.waiting.push((step, message)),
                Encoded::Ioctl(ioctl) => {
                    self.flush()?;
                    let made = self.kernel.ioctl(step.place, &ioctl);
                    self.settle(step, made.err())?;
                }
            }
        }
        self.flush()
    }

    /// A step's bytes. A link that is not there may be one that waits to be made.
    fn encode(&mut self, step: &'a Step) -> Result<Encoded> {
        match self.bound(step) {
            Err(Unbound::NoLink(_)) if !self.waiting.is_empty() => {
                self.flush()?;
                self.bound(step)
            }
            bound => bound,
        }
        .map_err(|unbound| match unbound {
            Unbound::NoLink(name) => Error::kernel(
                step.action(),
                NetlinkError {
                    extack_message: Some(format!("there is no link {name}")),
                    ..NetlinkError::from_errno(libc::ENODEV)
                },
            ),
            Unbound::TooLong(long) => Error::conflict(format!(
                "{}: {} would be {} bytes long",
                step.action(),
                long.name,
                long.length
            )),
        })
    }

    fn bound(&mut self, step: &Step) -> std::result::Result<Encoded, Unbound> {
        let place = step.place;
        step.op.encode(&mut Live {
            kernel: self.kernel,
            known: self.known,
            place,
        })
    }

    /// Sends what waits. The first refusal that is not tolerated is the failure.
    fn flush(&mut self) -> Result<()> {
        let Some(place) = self.waiting.first().map(|(first, _)| first.place) else {
            return Ok(());
        };
        let (steps, messages): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().unzip();
        let said = match self.kernel.send(place, &messages) {
            Ok(said) => said,
            Err(netlink_error) => {
                let action = steps.first().map(|step| step.action()).unwrap_or_default();
                self.perhaps_done(&steps);
                return Err(Error::kernel(action, netlink_error));
            }
        };
        let mut failure = Ok(());
        for (place, step) in steps.into_iter().enumerate() {
            let netlink_error = said
                .iter()
                .find(|(refused, netlink_error)| *refused == place && netlink_error.errno != 0)
                .map(|(_, netlink_error)| netlink_error.clone());
            failure = failure.and(self.settle(step, netlink_error));
        }
        failure
    }

    /// Sent, but never answered: what may have been done is taken back, but nothing that a message
    /// would have made and somebody else may have.
    fn perhaps_done(&mut self, steps: &[&'a Step]) {
        for step in steps {
            let made = match &step.op {
                Op::CreateBridge { bridge, .. } => Some(bridge),
                Op::CreateVeth { host, .. } => Some(host),
                _ => None,
            };
            if made.is_none_or(|name| self.kernel.is_ours(step.place, name)) {
                self.done.push(step);
            }
        }
    }

    /// Notes a step as done, as not needed, or as failed.
    fn settle(&mut self, step: &'a Step, netlink_error: Option<NetlinkError>) -> Result<()> {
        match netlink_error {
            None => {
                self.done.push(step);
                Ok(())
            }
            Some(netlink_error)
                if step
                    .tolerate
                    .is_some_and(|errno| errno as i32 == netlink_error.errno) =>
            {
                Ok(())
            }
            Some(mut netlink_error) => {
                let suspect = suspect(&step.op, &netlink_error).map(str::to_owned);
                netlink_error.attribute = netlink_error.attribute.or(suspect);
                let hint = hint(&step.op, &netlink_error).map(str::to_owned);
                Err(Error {
                    hint,
                    ..Error::kernel(step.action(), netlink_error)
                })
            }
        }
    }

    /// Takes back what was done; what cannot be taken back is told. A bridge of ours that somebody
    /// has plugged into meanwhile stays as it is.
    fn backwards(&mut self) -> Vec<Error> {
        let done = std::mem::take(&mut self.done);
        let bridge = done.iter().find_map(|step| created_bridge(&step.op));
        let mut left = Vec::new();
        for step in done.iter().rev() {
            for op in &step.undo {
                let taken = bridge.filter(|bridge| takes_away(op, bridge));
                if taken.is_some_and(|bridge| self.kernel.has_ports(step.place, bridge)) {
                    continue;
                }
                if let Err(error) = undo(self.kernel, self.known, step.place, op) {
                    left.push(error);
                }
            }
        }
        left
    }
}

fn created_bridge(op: &Op) -> Option<&IfName> {
    match op {
        Op::CreateBridge { bridge, .. } | Op::Ioctl(Ioctl::AddBridge(bridge)) => Some(bridge),
        _ => None,
    }
}

/// Whether an operation takes this link away, or what makes it of use to others.
fn takes_away(op: &Op, bridge: &IfName) -> bool {
    match op {
        Op::DeleteLink(link)
        | Op::DeleteAddress(link, _)
        | Op::Ioctl(Ioctl::DeleteBridge(link) | Ioctl::SetUp(link, false)) => link == bridge,
        _ => false,
    }
}

/// Takes one thing back. What is gone already needs no taking back.
fn undo(kernel: &mut impl Kernel, known: &mut Known, place: Place, op: &Op) -> Result<()> {
    let action = || format!("{op} in {place}");
    let done = match op.encode(&mut Live {
        kernel,
        known,
        place,
    }) {
        Err(Unbound::NoLink(_)) => return Ok(()),
        Err(Unbound::TooLong(long)) => {
            return Err(Error::conflict(format!(
                "{}: {} is too long",
                action(),
                long.name
            )));
        }
        Ok(Encoded::Ioctl(ioctl)) => kernel.ioctl(place, &ioctl).err(),
        Ok(Encoded::Message(message)) => match kernel.send(place, &[message]) {
            Ok(said) => said
                .into_iter()
                .map(|(_, netlink_error)| netlink_error)
                .find(|r| r.errno != 0),
            Err(netlink_error) => Some(netlink_error),
        },
    };
    match done {
        None => Ok(()),
        Some(netlink_error) if gone(netlink_error.errno) => Ok(()),
        Some(netlink_error) => Err(Error::kernel(action(), netlink_error)),
    }
}

/// The errnos of a link, an address, a route, a further name that is not there.
pub fn gone(errno: i32) -> bool {
    const GONE: [Errno; 5] = [
        Errno::ENODEV,
        Errno::EADDRNOTAVAIL,
        Errno::ESRCH,
        Errno::ENXIO,
        Errno::ENOENT,
    ];
    GONE.contains(&Errno::from_raw(errno))
}
