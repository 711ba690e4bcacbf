//! Runs a command in a new network namespace: fork, unshare, exec, wait.
//!
//! ```text
//!  parent                          child
//!  fork ------------------------>  unshare(CLONE_NEWNET)
//!  read    <-- 0, or an errno ---  write
//!  attaches the child's namespace  read
//!  write   --- one byte -------->  execvp COMMAND
//!  waits, forwards signals
//! ```
//!
//! unshare(2) and fork(2) act on the calling thread only. The process has one thread, so they act on
//! the whole process.

use crate::error::{Error, Result};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, kill, signal, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, execvp, fork, getegid, geteuid};
use std::ffi::CString;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// The exit status if the command exists and cannot start; a shell returns the same status.
const CANNOT_START: i32 = 126;
/// The exit status if the command does not exist; a shell returns the same status.
const NOT_FOUND: i32 = 127;

/// Moves the process into a new user namespace, where it is root, and into a new network namespace.
/// The new network namespace is then the *host*. An unprivileged user can call this.
///
/// # Errors
/// The errno of unshare(2), for example EPERM if the machine does not allow user namespaces; or the
/// error of a write to `/proc/self/setgroups`, `uid_map` or `gid_map`.
pub fn sandbox() -> Result<()> {
    let (uid, gid) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).map_err(|errno| {
        Error::system("create a user namespace", errno).with_hint(
            "the machine does not allow it; check sysctl user.max_user_namespaces and, if they exist, \
             kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns",
        )
    })?;
    // An unprivileged process may write gid_map only after "deny" in setgroups
    // (user_namespaces(7)).
    for (file, line) in [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("0 {uid} 1")),
        ("gid_map", format!("0 {gid} 1")),
    ] {
        std::fs::write(format!("/proc/self/{file}"), line).map_err(|error| {
            Error::io(format!("write /proc/self/{file}"), &error)
                .with_hint("--sandbox needs a mounted /proc")
        })?;
    }
    Ok(())
}

/// Sets the signal actions that netsetgo relies on, whatever the caller of the program has set.
/// SIGCHLD gets its default action: with SIG_IGN, the kernel discards the exit status of a child
/// (waitpid(2)). SIGXFSZ is ignored: beyond RLIMIT_FSIZE, write(2) then returns EFBIG, and the
/// process is not killed between two changes (setrlimit(2)).
pub fn set_signal_actions() {
    // SAFETY: these actions run no code of the process.
    let _ = unsafe { signal(Signal::SIGCHLD, SigHandler::SigDfl) };
    // SAFETY: as above.
    let _ = unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) };
}

/// Blocks SIGTERM, SIGINT and SIGHUP until the process exits. These signals then cannot stop the
/// process between two steps, so that netsetgo completes the configuration or rolls it back.
pub fn block_signals() {
    let blocked: SigSet = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]
        .into_iter()
        .collect();
    let _ = sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), None);
}

/// Writes out the buffer of standard output and exits with `status`. Skips destructors and exit
/// handlers; the kernel frees the memory and closes the descriptors.
pub fn exit(status: i32) -> ! {
    let _ = std::io::stdout().flush();
    // SAFETY: netsetgo registers no exit handlers, and no other buffer contains output.
    unsafe { libc::_exit(status) }
}

/// Returns the ids of all processes, in ascending order; empty if `/proc` is not mounted.
pub fn ids() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut ids: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    ids.sort_unstable();
    ids
}

/// A child process in its own network namespace, which waits before it executes the command.
#[derive(Debug)]
pub struct PreparedCommand {
    pid: Pid,
    /// Connected to the child. The child executes the command when it receives a byte, and exits when
    /// it receives end-of-file.
    channel: UnixStream,
}

/// The signals that the parent blocks and receives with sigwaitinfo(2): SIGCHLD, and the signals
/// that the parent forwards to the command.
fn signals() -> SigSet {
    use Signal::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    [SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM]
        .into_iter()
        .collect()
}

impl PreparedCommand {
    /// Forks. The child creates a network namespace and then waits. `arguments` are the command and
    /// its arguments.
    ///
    /// # Errors
    /// If an argument contains a NUL byte, if fork(2) fails, or if the child cannot create the
    /// network namespace.
    pub fn fork(arguments: &[String]) -> Result<Self> {
        let system = |action: &'static str| move |errno| Error::system(action, errno);
        let arguments: Vec<CString> = arguments
            .iter()
            .map(|argument| CString::new(argument.as_str()))
            .collect::<std::result::Result<_, _>>()
            .map_err(|_| Error::conflict("an argument of COMMAND contains a NUL byte"))?;
        let (mut channel, child_channel) = UnixStream::pair()
            .map_err(|_| Errno::last())
            .map_err(system("create a socket pair"))?;
        let mut mask = SigSet::empty();
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&signals()), Some(&mut mask))
            .map_err(system("block signals"))?;
        // SAFETY: the process has one thread, so the child may call each function.
        match unsafe { fork() }.map_err(system("fork"))? {
            ForkResult::Child => {
                drop(channel);
                run_child(child_channel, &arguments, &mask)
            }
            ForkResult::Parent { child: pid } => {
                drop(child_channel);
                let mut status = [0; 4];
                let status = channel
                    .read_exact(&mut status)
                    .map(|()| i32::from_ne_bytes(status));
                let command = Self { pid, channel };
                match status {
                    Ok(0) => Ok(command),
                    Ok(errno) => {
                        command.cancel();
                        let error = Error::system(
                            "create a network namespace for the command",
                            Errno::from_raw(errno),
                        );
                        Err(error.with_hint("be root, or try --sandbox"))
                    }
                    Err(_) => {
                        command.cancel();
                        Err(Error::conflict(
                            "the child process exited before it created its network namespace",
                        ))
                    }
                }
            }
        }
    }

    /// Returns the process id of the child.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// Ends the child; the command does not start.
    pub fn cancel(self) {
        drop(self.channel);
        let _ = waitpid(self.pid, None);
    }

    /// Lets the child execute the command, forwards signals to it, and waits until it exits. Returns
    /// its exit status as a shell does: 128 plus the signal number if a signal ended it.
    pub fn run(mut self) -> i32 {
        let _ = self.channel.write_all(b"!");
        loop {
            if let Some(status) = self.exit_status() {
                // The signals stay blocked, so that they cannot stop the removal of the network.
                return status;
            }
            // SAFETY: siginfo_t contains integers and pointers, so all zero bytes are a valid value.
            let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
            // SAFETY: both pointers point to live values of the correct type.
            let number = unsafe { libc::sigwaitinfo(signals().as_ref(), &mut info) };
            // The kernel sends a terminal's signals (SI_KERNEL) to the whole process group, so the
            // command already has them. A process sends with a code of 0 or less (sigaction(2)).
            if let Ok(signal) = Signal::try_from(number)
                && signal != Signal::SIGCHLD
                && info.si_code <= 0
            {
                let _ = kill(self.pid, signal);
            }
        }
    }

    /// Returns the exit status, or `None` while the command runs.
    fn exit_status(&self) -> Option<i32> {
        match waitpid(self.pid, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(_, status)) => Some(status),
            Ok(WaitStatus::Signaled(_, signal, _)) => Some(128 + signal as i32),
            Err(Errno::ECHILD) => Some(CANNOT_START),
            _ => None,
        }
    }
}

/// Runs in the child: creates the network namespace, waits for the parent, and executes the command.
/// `mask` is the signal mask of the command.
fn run_child(mut channel: UnixStream, arguments: &[CString], mask: &SigSet) -> ! {
    // If netsetgo dies, the kernel also kills the command, so that no command runs unattended.
    // SAFETY: PR_SET_PDEATHSIG takes a signal number.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let status = unshare(CloneFlags::CLONE_NEWNET)
        .err()
        .map_or(0, |errno| errno as i32);
    let _ = channel.write_all(&status.to_ne_bytes());
    let mut start = [0];
    if status != 0 || channel.read_exact(&mut start).is_err() {
        // SAFETY: _exit(2) does not write out the buffers that the child inherited from the parent.
        unsafe { libc::_exit(CANNOT_START) };
    }
    // The Rust runtime ignores SIGPIPE, and execve(2) preserves that.
    // SAFETY: SIG_DFL installs no handler function.
    let _ = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) };
    // SAFETY: as above. `set_signal_actions` ignores SIGXFSZ.
    let _ = unsafe { signal(Signal::SIGXFSZ, SigHandler::SigDfl) };
    let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(mask), None);
    let errno = match arguments.first() {
        Some(command) => execvp(command, arguments).unwrap_err(),
        None => Errno::ENOENT,
    };
    let name = arguments
        .first()
        .map(|argument| argument.to_string_lossy())
        .unwrap_or_default();
    let error = Error::system(format!("run {name}"), errno);
    let _ = writeln!(std::io::stderr(), "netsetgo: {error}");
    let status = if errno == Errno::ENOENT {
        NOT_FOUND
    } else {
        CANNOT_START
    };
    // SAFETY: _exit(2) does not write out the buffers that the child inherited from the parent.
    unsafe { libc::_exit(status) }
}
