//! A command in a network namespace of its own: fork, unshare, exec, wait.
//!
//! ```text
//!  parent                          child
//!  fork ------------------------>  unshare(CLONE_NEWNET)
//!  read    <-- 0, or an errno ---  write
//!  attaches the child's namespace  read
//!  write   --- go ------------->   execvp COMMAND
//!  waits, passes signals on
//! ```
//!
//! The process has one thread, so unshare(2) and fork(2) mean all of it.

use crate::error::{Error, Result};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, kill, signal, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, execvp, fork, getegid, geteuid};
use std::ffi::CString;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// The exit code of a command that cannot be started, and of one that is not there: as a shell's.
const CANNOT_START: i32 = 126;
const NOT_FOUND: i32 = 127;

/// Puts the process into a new user namespace, as its root, and a new network namespace: from now
/// on *host* means that, and no privilege is needed.
pub fn sandbox() -> Result<()> {
    let (uid, gid) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).map_err(|errno| {
        Error::system("make a user namespace", errno).with_hint(
            "the machine forbids it; see sysctl user.max_user_namespaces and, where there are, \
             kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns",
        )
    })?;
    // user_namespaces(7): without "deny" an ordinary user may not write gid_map.
    for (file, line) in [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("0 {uid} 1")),
        ("gid_map", format!("0 {gid} 1")),
    ] {
        std::fs::write(format!("/proc/self/{file}"), line).map_err(|error| {
            Error::io(format!("write /proc/self/{file}"), &error)
                .with_hint("--sandbox needs /proc mounted")
        })?;
    }
    Ok(())
}

/// Lets no signal end the process between two steps: what has been begun is finished, or undone.
pub fn hold_signals() {
    let held: SigSet = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]
        .into_iter()
        .collect();
    let _ = sigprocmask(SigmaskHow::SIG_BLOCK, Some(&held), None);
}

/// Ends the process. What the runtime would give back before, the kernel takes anyway.
pub fn exit(status: i32) -> ! {
    let _ = std::io::stdout().flush();
    // SAFETY: nothing is to be run at the end of this program, and nothing else to be flushed.
    unsafe { libc::_exit(status) }
}

/// What `id` gives for each process, with the process: the lowest number first. Without /proc,
/// nothing.
pub fn namespaces(mut id: impl FnMut(u32) -> Option<i32>) -> Vec<(i32, u32)> {
    let names = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut pids: Vec<u32> = names
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    pids.sort_unstable();
    pids.into_iter()
        .filter_map(|pid| Some((id(pid)?, pid)))
        .collect()
}

/// A process in a namespace of its own, that waits to become its command.
#[derive(Debug)]
pub struct Command {
    pid: Pid,
    line: UnixStream,
}

/// Signals that are the command's, or tell of it.
fn signals() -> SigSet {
    use Signal::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    [SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM]
        .into_iter()
        .collect()
}

impl Command {
    /// Forks; the child makes itself a network namespace and waits.
    pub fn prepare(words: &[String]) -> Result<Self> {
        let system = |action: &'static str| move |errno| Error::system(action, errno);
        let words: Vec<CString> = words
            .iter()
            .map(|word| CString::new(word.as_str()))
            .collect::<std::result::Result<_, _>>()
            .map_err(|_| Error::conflict("a word of the command has a zero byte"))?;
        let (mut line, childs) = UnixStream::pair()
            .map_err(|_| Errno::last())
            .map_err(system("make a pair of sockets"))?;
        let mut mask = SigSet::empty();
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&signals()), Some(&mut mask))
            .map_err(system("block signals"))?;
        // SAFETY: the process has one thread, so the child may do whatever the parent may.
        match unsafe { fork() }.map_err(system("fork"))? {
            ForkResult::Child => {
                drop(line);
                child(childs, &words, &mask)
            }
            ForkResult::Parent { child: pid } => {
                drop(childs);
                let mut answer = [0; 4];
                let made = line
                    .read_exact(&mut answer)
                    .map(|()| i32::from_ne_bytes(answer));
                let command = Self { pid, line };
                match made {
                    Ok(0) => Ok(command),
                    Ok(errno) => {
                        command.give_up();
                        let error = Error::system(
                            "make a network namespace for the command",
                            Errno::from_raw(errno),
                        );
                        Err(error.with_hint("be root, or try --sandbox"))
                    }
                    Err(_) => {
                        command.give_up();
                        Err(Error::conflict(
                            "the command's process ended before its time",
                        ))
                    }
                }
            }
        }
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// Ends the process without its having become the command.
    pub fn give_up(self) {
        drop(self.line);
        let _ = waitpid(self.pid, None);
    }

    /// Lets it become the command, passes signals on, and gives its status as a shell would: a
    /// signal's is 128 and its number.
    pub fn run(mut self) -> i32 {
        let _ = self.line.write_all(b"!");
        loop {
            if let Some(status) = self.ended() {
                // Signals stay held: what the command has left behind is still to be taken away.
                return status;
            }
            // SAFETY: an all-zero siginfo_t is one, and the kernel writes within it.
            let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
            // SAFETY: both pointers are to live values of the right type.
            let number = unsafe { libc::sigwaitinfo(signals().as_ref(), &mut info) };
            // A terminal sends its signals to the command by itself (SI_KERNEL).
            if let Ok(signal) = Signal::try_from(number)
                && signal != Signal::SIGCHLD
                && info.si_code <= 0
            {
                let _ = kill(self.pid, signal);
            }
        }
    }

    fn ended(&self) -> Option<i32> {
        match waitpid(self.pid, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(_, status)) => Some(status),
            Ok(WaitStatus::Signaled(_, signal, _)) => Some(128 + signal as i32),
            Err(Errno::ECHILD) => Some(CANNOT_START),
            _ => None,
        }
    }
}

/// The child's side; does not return.
fn child(mut line: UnixStream, words: &[CString], mask: &SigSet) -> ! {
    // The command does not outlive its network.
    // SAFETY: PR_SET_PDEATHSIG takes a signal's number.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let made = unshare(CloneFlags::CLONE_NEWNET)
        .err()
        .map_or(0, |errno| errno as i32);
    let _ = line.write_all(&made.to_ne_bytes());
    let mut go = [0];
    if made != 0 || line.read_exact(&mut go).is_err() {
        // SAFETY: ends the process; nothing of the parent's is flushed twice.
        unsafe { libc::_exit(CANNOT_START) };
    }
    // Rust ignores it, and the command would inherit that.
    // SAFETY: the default action is no function of ours.
    let _ = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) };
    let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(mask), None);
    let errno = match words.first() {
        Some(command) => execvp(command, words).unwrap_err(),
        None => Errno::ENOENT,
    };
    let name = words
        .first()
        .map(|word| word.to_string_lossy())
        .unwrap_or_default();
    let error = Error::system(format!("run {name}"), errno);
    let _ = writeln!(std::io::stderr(), "netsetgo: {error}");
    let status = if errno == Errno::ENOENT {
        NOT_FOUND
    } else {
        CANNOT_START
    };
    // SAFETY: ends the process; nothing of the parent's is flushed twice.
    unsafe { libc::_exit(status) }
}
