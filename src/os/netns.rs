//! Network namespaces: open one, be in it for a moment, come back, tell two apart.
//!
//! No /proc is needed: a process's namespace is entered by its pidfd, and the descriptor of the
//! namespace that a socket lives in comes from the socket itself (`SIOCGSKNS`). That descriptor is
//! the way back, what `IFLA_NET_NS_FD` takes, and by device and inode the namespace's identity.

use crate::config::{NAMED, NetnsRef};
use crate::error::{Error, Result};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sched::{CloneFlags, setns};
use nix::sys::stat::{Mode, fstat};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

mod request {
    //! One function for each number.
    #![allow(missing_docs)]
    nix::ioctl_none_bad!(siocgskns, 0x894c); // SIOCGSKNS, linux/sockios.h
    nix::ioctl_none_bad!(ns_get_nstype, 0xb703); // NS_GET_NSTYPE, linux/nsfs.h
}
use request::{ns_get_nstype, siocgskns};

/// An open namespace.
#[derive(Debug)]
pub struct Netns(OwnedFd);

impl AsFd for Netns {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Netns {
    fn as_raw_fd(&self) -> i32 {
        self.0.as_raw_fd()
    }
}

/// What tells one namespace from another: device and inode of its file.
pub type Identity = (u64, u64);

impl Netns {
    /// The namespace that a socket lives in. Needs CAP_NET_ADMIN there (`sock_ioctl`,
    /// `net/socket.c`), as all that we do does.
    pub fn of_socket(socket: impl AsFd) -> std::result::Result<Self, Errno> {
        // SAFETY: SIOCGSKNS takes no argument; the descriptor is borrowed for the call.
        let descriptor = unsafe { siocgskns(socket.as_fd().as_raw_fd()) }?;
        // SAFETY: the kernel has just opened it for us, and nobody else knows of it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }

    /// Who it is.
    #[allow(clippy::unnecessary_cast)] // st_dev and st_ino are narrower on some machines
    pub fn identity(&self) -> std::result::Result<Identity, Errno> {
        fstat(&self.0).map(|stat| (stat.st_dev as u64, stat.st_ino as u64))
    }
}

impl AsRawFd for NetnsHandle {
    fn as_raw_fd(&self) -> i32 {
        self.0.as_raw_fd()
    }
}

/// What is no namespace, a pipe say, is not waited for.
const FLAGS: OFlag = OFlag::O_RDONLY
    .union(OFlag::O_CLOEXEC)
    .union(OFlag::O_NONBLOCK);

/// The way into a namespace.
#[derive(Debug)]
pub struct NetnsHandle(OwnedFd);

impl NetnsHandle {
    /// Opens the way; changes nothing.
    pub fn open(reference: &NetnsRef) -> Result<Self> {
        match reference {
            NetnsRef::Pid(pid) => Self::of_process(*pid),
            NetnsRef::Path(path) => {
                let opened = open(path, FLAGS, Mode::empty());
                let descriptor = opened
                    .map_err(|errno| Error::system(format!("open namespace {reference}"), errno))?;
                Self::checked(descriptor, reference)
            }
            NetnsRef::Descriptor(number) => {
                // SAFETY: only duplicated; a number that is not open gives EBADF.
                let borrowed = unsafe { libc::fcntl(*number, libc::F_DUPFD_CLOEXEC, 3) };
                let duplicate = Errno::result(borrowed)
                    .map_err(|errno| Error::system(format!("open namespace {reference}"), errno))?;
                // SAFETY: the duplicate is ours alone.
                Self::checked(unsafe { OwnedFd::from_raw_fd(duplicate) }, reference)
            }
        }
    }

    fn of_process(pid: u32) -> Result<Self> {
        let action = || format!("open the namespace of process {pid}");
        let number = libc::pid_t::try_from(pid)
            .ok()
            .filter(|&pid| pid > 0)
            .ok_or_else(|| {
                Error::usage(format!(
                    "process id {pid} is outside the range from 1 to 2147483647"
                ))
            })?;
        // SAFETY: pidfd_open(2) takes two integers and gives a new descriptor or an errno.
        let opened = unsafe { libc::syscall(libc::SYS_pidfd_open, number, 0) };
        match Errno::result(opened) {
            Ok(descriptor) => {
                let descriptor = i32::try_from(descriptor).unwrap_or(-1);
                // SAFETY: the kernel has just opened it for us, with close-on-exec.
                Ok(Self(unsafe { OwnedFd::from_raw_fd(descriptor) }))
            }
            // Before 5.3. The file may be another process's by the time it is open, if this one
            // ended meanwhile: the pidfd is there to rule that out.
            Err(Errno::ENOSYS) => {
                let path = format!("/proc/{pid}/ns/net");
                let opened = open(&*path, FLAGS, Mode::empty());
                opened
                    .map(Self)
                    .map_err(|errno| Error::system(action(), errno))
            }
            Err(Errno::ESRCH) => {
                Err(Error::system(action(), Errno::ESRCH).with_hint("there is no such process"))
            }
            Err(errno @ (Errno::EINVAL | Errno::ENOENT)) => Err(Error::system(action(), errno)
                .with_hint("it is a thread; name the process that it belongs to")),
            Err(errno) => Err(Error::system(action(), errno)),
        }
    }

    /// The namespaces that `ip netns` and its like have bound to files, with their names.
    pub fn named() -> Vec<(String, Self)> {
        let files = std::fs::read_dir(NAMED).into_iter().flatten().flatten();
        let named = files.filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            let descriptor = open(&file.path(), FLAGS, Mode::empty()).ok()?;
            let path = NetnsRef::Path(file.path());
            Some((name, Self::checked(descriptor, &path).ok()?))
        });
        let mut all: Vec<_> = named.collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all
    }

    /// Refuses a file that is no network namespace, as `ip netns` leaves behind at times.
    fn checked(descriptor: OwnedFd, reference: &NetnsRef) -> Result<Self> {
        // SAFETY: NS_GET_NSTYPE takes no argument; any other file answers ENOTTY.
        match unsafe { ns_get_nstype(descriptor.as_raw_fd()) } {
            Ok(libc::CLONE_NEWNET) => Ok(Self(descriptor)),
            _ => {
                let action = format!("{reference} is not a network namespace");
                // What setns(2) would say of it.
                Err(Error::system(action, Errno::EINVAL))
            }
        }
    }

    /// Does `work` inside, and comes back to `home`.
    pub fn within<T>(&self, home: &Netns, work: impl FnOnce() -> T) -> Entered<T> {
        within(&self.0, home, work)
    }
}

impl Netns {
    /// Does `work` inside, and comes back to `home`.
    pub fn within<T>(&self, home: &Netns, work: impl FnOnce() -> T) -> Entered<T> {
        within(&self.0, home, work)
    }
}

/// What was done inside; an errno where there was no getting in.
pub type Entered<T> = std::result::Result<T, Errno>;

/// The thread that cannot come back ends the process: it must not go on configuring in the wrong
/// place.
fn within<T>(handle: &OwnedFd, home: &Netns, work: impl FnOnce() -> T) -> Entered<T> {
    /// Comes back also when `work` panics.
    struct Return<'a>(&'a Netns);
    impl Drop for Return<'_> {
        fn drop(&mut self) {
            if setns(self.0, CloneFlags::CLONE_NEWNET).is_err() {
                std::process::abort();
            }
        }
    }
    setns(handle, CloneFlags::CLONE_NEWNET)?;
    let _return = Return(home);
    Ok(work())
}
