//! `run`: a command in a new network namespace that is attached while the command runs.

use super::{Attached, Session, down};
use crate::config::{NetnsRef, Request};
use crate::error::Result;
use crate::os::process::{self, PreparedCommand};

/// Runs `command` in a new network namespace with the requested network, waits for it, and removes
/// the network. Returns the command's exit status; 128 plus the number of a signal that ended it.
///
/// With `sandbox`, the host too is a new network namespace, inside a new user namespace.
/// `before_start` is called when the network is there and the command has not started; an error
/// from it stops the command.
///
/// # Errors
/// As [`up()`](super::up()); and where the command's process cannot be made.
pub fn run(
    request: &Request,
    sandbox: bool,
    command: &[String],
    before_start: impl FnOnce(&Attached) -> Result<()>,
) -> Result<i32> {
    if sandbox {
        process::sandbox()?;
    }
    let mut session = Session::open()?;
    let command = PreparedCommand::fork(command)?;
    let attached = match session.up(request, &NetnsRef::Pid(command.pid())) {
        Ok(attached) => attached,
        Err(error) => {
            command.cancel();
            return Err(error);
        }
    };
    let status = match before_start(&attached) {
        Ok(()) => Ok(command.run()),
        Err(error) => {
            command.cancel();
            Err(error)
        }
    };
    // The kernel deletes the veth pair with the command's namespace, but not at once.
    down::remove_attachment(&mut session.host, &request.bridge_name, attached.host.index)?;
    status
}
