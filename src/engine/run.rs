//! Runs the steps of a plan. Where one fails, rolls back the steps before it.
//!
//! netsetgo sends consecutive steps of one channel in one datagram, as far as no step needs a reply
//! to an earlier one. The kernel continues after a message that failed. A rollback therefore covers
//! every message of the datagram that succeeded, and all steps before it, in reverse order.
//!
//! A transaction of nf_tables is different: the kernel applies all of its messages or none
//! (`nfnetlink_rcv_batch`, `net/netfilter/nfnetlink.c`). A rejected transaction needs no rollback,
//! and no error in it is tolerated, since the kernel then has not applied the other messages
//! either. Where the ACK of a datagram or a transaction is lost, the kernel may have applied it, so
//! that netsetgo rolls it back.

use super::kernel::{Kernel, Known, Live, Rejected};
use crate::config::IfName;
use crate::error::{Error, Kind, Result};
use crate::plan::op::{Encoded, LinkOp, Op, SysctlOp, Unbound};
use crate::plan::step::{Channel, Place, Step};
use crate::wire::message::Message;
use crate::wire::netlink_error::NetlinkError;
use crate::wire::registry::Protocol;
use nix::errno::Errno;

/// Runs all steps. `known` are the indexes that are known before; the indexes known afterwards are
/// returned.
///
/// # Errors
/// The error of the first step that failed, with its position in [`Error::step`]. The steps before
/// it are rolled back; [`Error::rollback`] has the errors of that.
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

/// netsetgo sends at most this many messages in one datagram of rtnetlink. The kernel rejects a
/// datagram that is larger than the socket's send buffer (EMSGSIZE), and drops ACKs that the
/// receive buffer has no space for.
const MAX_MESSAGES: usize = 128;

/// A step that succeeded, with the operations that roll it back.
struct Done<'a> {
    step: &'a Step,
    undo: Vec<Op>,
}

struct Run<'a, K> {
    kernel: &'a mut K,
    known: &'a mut Known,
    steps: &'a [Step],
    /// The steps that succeeded, in their order.
    done: Vec<Done<'a>>,
    /// The positions and messages of the next datagram, all of one channel.
    waiting: Vec<(usize, Message)>,
}

impl<'a, K: Kernel> Run<'a, K> {
    fn forwards(&mut self) -> Result<()> {
        let steps: &'a [Step] = self.steps;
        for (position, step) in steps.iter().enumerate() {
            if self
                .waiting_channel()
                .is_some_and(|channel| channel != step.channel)
            {
                self.flush()?;
            }
            match self.encode(position, step)? {
                Encoded::Message(message) => {
                    self.waiting.push((position, message));
                    let full = self.waiting.len() >= MAX_MESSAGES;
                    if full && step.channel.protocol == Protocol::Route {
                        self.flush()?;
                    }
                }
                Encoded::Ioctl(request) => {
                    self.flush()?;
                    let result = self.kernel.ioctl(step.channel.place, &request);
                    self.settle(position, step, result.err())?;
                }
                Encoded::Sysctl { path, value } => {
                    self.flush()?;
                    self.sysctl(position, step, path, &value)?;
                }
            }
        }
        self.flush()
    }

    fn waiting_channel(&self) -> Option<Channel> {
        let (position, _) = self.waiting.first()?;
        self.steps.get(*position).map(|step| step.channel)
    }

    /// Encodes a step. Where a link does not exist, a waiting message may create it. A message of
    /// nf_tables creates no link, so that a transaction is never split.
    fn encode(&mut self, position: usize, step: &Step) -> Result<Encoded> {
        match self.bind(step) {
            Err(Unbound::NoLink(_))
                if self
                    .waiting_channel()
                    .is_some_and(|channel| channel.protocol == Protocol::Route) =>
            {
                self.flush()?;
                self.bind(step)
            }
            bound => bound,
        }
        .map_err(|unbound| unencoded(step.action(), unbound).at_step(position))
    }

    fn bind(&mut self, step: &Step) -> std::result::Result<Encoded, Unbound> {
        step.op.encode(&mut Live {
            kernel: self.kernel,
            known: self.known,
            place: step.channel.place,
        })
    }

    /// Writes a sysctl. The value before it becomes the rollback.
    fn sysctl(&mut self, position: usize, step: &'a Step, path: String, value: &str) -> Result<()> {
        match self.kernel.sysctl(step.channel.place, &path, value) {
            // Another process may use the link by now: what protects it stays.
            Ok(_) if step.optional => Ok(()),
            Ok(before) => {
                let undo = Op::from(SysctlOp {
                    path,
                    value: before,
                });
                self.done.push(Done {
                    step,
                    undo: vec![undo],
                });
                Ok(())
            }
            Err(error) if step.optional => {
                self.known.warnings.push(rejection(position, step, error));
                Ok(())
            }
            Err(error) => self.settle(position, step, Some(error)),
        }
    }

    /// Sends the waiting messages. The first error that is not tolerated is the failure.
    fn flush(&mut self) -> Result<()> {
        let Some(channel) = self.waiting_channel() else {
            return Ok(());
        };
        let (positions, messages): (Vec<usize>, Vec<Message>) =
            std::mem::take(&mut self.waiting).into_iter().unzip();
        let all: &'a [Step] = self.steps;
        let steps: Vec<(usize, &'a Step)> = positions
            .into_iter()
            .filter_map(|position| Some((position, all.get(position)?)))
            .collect();
        let rejected = match self.kernel.send(channel, &messages) {
            Ok(rejected) => rejected,
            Err(error) => return Err(self.unanswered(channel, &steps, error)),
        };
        let errors = (0..steps.len()).map(|index| error_of(&rejected, index));
        if channel.protocol == Protocol::Netfilter {
            let failed = steps
                .iter()
                .zip(errors)
                .find_map(|(step, error)| Some((step, error?)));
            if let Some((&(position, step), error)) = failed {
                return Err(rejection(position, step, error));
            }
            steps.iter().for_each(|(_, step)| self.push(step));
            return Ok(());
        }
        let mut failure = Ok(());
        for ((position, step), error) in steps.into_iter().zip(errors) {
            failure = failure.and(self.settle(position, step, error));
        }
        failure
    }

    /// The failure of a datagram without an ACK. The kernel may have run its messages, so that they
    /// are rolled back. A link that a message would create is deleted only where it has the
    /// ownership marker: another process may have created a link of that name.
    fn unanswered(
        &mut self,
        channel: Channel,
        steps: &[(usize, &'a Step)],
        error: NetlinkError,
    ) -> Error {
        for (_, step) in steps {
            let place = channel.place;
            let creates = step.op.creates(place);
            if creates.is_none_or(|name| self.may_be_ours(place, name)) {
                self.push(step);
            }
        }
        let (position, action) = match steps.first() {
            Some((position, step)) => (*position, step.action()),
            None => (0, String::new()),
        };
        Error::kernel(action, error).at_step(position)
    }

    /// Whether a link may be the one that netsetgo created: it has the ownership marker, or the
    /// kernel does not tell.
    fn may_be_ours(&mut self, place: Place, name: &IfName) -> bool {
        let marked = self.kernel.lookup().marked_index(place, name);
        marked.map_or(true, |index| index.is_some())
    }

    fn push(&mut self, step: &'a Step) {
        self.done.push(Done {
            step,
            undo: step.undo.clone(),
        });
    }

    /// Stores a step as done, ignores a tolerated error, or returns the failure.
    fn settle(
        &mut self,
        position: usize,
        step: &'a Step,
        error: Option<NetlinkError>,
    ) -> Result<()> {
        match error {
            None => {
                self.push(step);
                Ok(())
            }
            Some(error)
                if step
                    .tolerate
                    .is_some_and(|errno| errno as i32 == error.errno) =>
            {
                Ok(())
            }
            Some(error) => Err(rejection(position, step, error)),
        }
    }

    /// Rolls back what is done, and returns the errors of that. A new bridge that meanwhile has a
    /// port of another process stays as it is.
    fn backwards(&mut self) -> Vec<Error> {
        let done = std::mem::take(&mut self.done);
        let bridge = done.iter().find_map(|done| done.step.op.creates_bridge());
        let mut errors = Vec::new();
        for done in done.iter().rev() {
            let channel = done.step.channel;
            for op in &done.undo {
                let of_bridge = bridge.filter(|bridge| op.removes() == Some(bridge));
                let in_use = match of_bridge {
                    None => Ok(false),
                    Some(bridge) => self.kernel.lookup().has_ports(channel.place, bridge),
                };
                let undone = match in_use {
                    Ok(true) => Ok(()),
                    Ok(false) => undo(self.kernel, self.known, channel, op),
                    Err(error) => Err(error),
                };
                errors.extend(undone.err());
            }
        }
        errors
    }
}

/// The error for the message at this position; a warning is none.
fn error_of(rejected: &[Rejected], position: usize) -> Option<NetlinkError> {
    rejected
        .iter()
        .find(|(rejected, error)| *rejected == position && error.errno != 0)
        .map(|(_, error)| error.clone())
}

/// The error of a step that the kernel rejected.
fn rejection(position: usize, step: &Step, mut error: NetlinkError) -> Error {
    let attribute = step.op.offending_attribute(&error).map(str::to_owned);
    error.attribute = error.attribute.or(attribute);
    let hint = step.op.hint(&error).map(str::to_owned);
    Error {
        hint,
        ..Error::kernel(step.action(), error).at_step(position)
    }
}

/// The error of a step that cannot be encoded.
fn unencoded(action: String, unbound: Unbound) -> Error {
    match unbound {
        Unbound::NoLink(name) => Error {
            kind: Kind::NotFound,
            ..Error::kernel(action, NetlinkError::from_errno(libc::ENODEV))
                .with_hint(format!("there is no link {name}"))
        },
        Unbound::Query(error) => Error::kernel(action, error),
        Unbound::TooLong(long) => Error::usage(format!(
            "{action}: {} would be {} bytes long",
            long.name, long.length
        )),
    }
}

/// Rolls back one operation. What does not exist any more needs no rollback.
fn undo(kernel: &mut impl Kernel, known: &mut Known, channel: Channel, op: &Op) -> Result<()> {
    let place = channel.place;
    // By now, another process may have deleted the link and created one with the same name. The
    // index identifies the link, from this query on.
    if let Op::Link(LinkOp::Delete(link)) = op {
        match kernel.lookup().marked_index(place, link)? {
            Some(index) => known.learn(place, link, index),
            None => return Ok(()),
        }
    }
    let action = || format!("{op} in {place}");
    let encoded = op.encode(&mut Live {
        kernel,
        known,
        place,
    });
    let error = match encoded {
        Err(Unbound::NoLink(_)) => return Ok(()),
        Err(unbound) => return Err(unencoded(action(), unbound)),
        Ok(Encoded::Ioctl(request)) => kernel.ioctl(place, &request).err(),
        Ok(Encoded::Sysctl { path, value }) => kernel.sysctl(place, &path, &value).err(),
        Ok(Encoded::Message(message)) => match kernel.send(channel, &[message]) {
            Ok(rejected) => error_of(&rejected, 0),
            Err(error) => Some(error),
        },
    };
    match error {
        Some(error) if !gone(error.errno) => Err(Error::kernel(action(), error)),
        _ => Ok(()),
    }
}

/// Whether the errno means that a link, an address, a route or an altname does not exist.
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
