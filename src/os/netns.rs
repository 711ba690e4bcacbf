//! Network namespaces: open one, run a function inside it, compare two.
//!
//! netsetgo does not need `/proc` for this. It enters the namespace of a process with a pidfd
//! (setns(2), since Linux 5.8). It gets a descriptor of the namespace of a socket from the socket
//! (SIOCGSKNS). netsetgo uses that descriptor to return to the namespace, as the value of
//! IFLA_NET_NS_FD, and for the namespace's identity (device and inode).

use crate::config::{NAMED, NetnsRef};
use crate::error::{Error, Result};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sched::{CloneFlags, setns};
use nix::sys::stat::{Mode, fstat};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

mod request {
    //! nix generates one function for each request number.
    #![allow(missing_docs)]
    nix::ioctl_none_bad!(siocgskns, 0x894c); // SIOCGSKNS, linux/sockios.h
    nix::ioctl_none_bad!(ns_get_nstype, 0xb703); // NS_GET_NSTYPE, linux/nsfs.h
}
use request::{ns_get_nstype, siocgskns};

/// A descriptor of a network namespace.
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

/// Device and inode of a namespace's file. Two namespaces that exist at the same time
/// have different pairs (namespaces(7)).
pub type Identity = (u64, u64);

impl Netns {
    /// Opens the network namespace of a socket (SIOCGSKNS).
    ///
    /// # Errors
    /// The errno of ioctl(2); EPERM without CAP_NET_ADMIN in that namespace (`sock_ioctl`,
    /// `net/socket.c`).
    pub fn of_socket(socket: impl AsFd) -> std::result::Result<Self, Errno> {
        // SAFETY: SIOCGSKNS takes no argument; the descriptor stays open during the call.
        let descriptor = unsafe { siocgskns(socket.as_fd().as_raw_fd()) }?;
        // SAFETY: the kernel has just opened this descriptor, and no other value owns it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }

    /// Returns the device and the inode of the namespace's file.
    ///
    /// # Errors
    /// The errno of fstat(2).
    #[allow(clippy::unnecessary_cast)] // st_dev and st_ino have 32 bits on some machines
    pub fn identity(&self) -> std::result::Result<Identity, Errno> {
        fstat(&self.0).map(|stat| (stat.st_dev as u64, stat.st_ino as u64))
    }
}

impl AsRawFd for NetnsHandle {
    fn as_raw_fd(&self) -> i32 {
        self.0.as_raw_fd()
    }
}

/// With O_NONBLOCK, open(2) does not wait if the path names a FIFO.
const FLAGS: OFlag = OFlag::O_RDONLY
    .union(OFlag::O_CLOEXEC)
    .union(OFlag::O_NONBLOCK);

/// A descriptor with which netsetgo can enter a namespace: the namespace's file, or a pidfd of a
/// process in it.
#[derive(Debug)]
pub struct NetnsHandle(OwnedFd);

impl NetnsHandle {
    /// Opens the namespace that `reference` names.
    ///
    /// # Errors
    /// If the process, the path or the descriptor does not exist, or if the file is not a network
    /// namespace.
    pub fn open(reference: &NetnsRef) -> Result<Self> {
        match reference {
            NetnsRef::Pid(pid) => Self::of_process(*pid),
            NetnsRef::Path(path) => {
                let opened = open(path, FLAGS, Mode::empty());
                let descriptor = opened
                    .map_err(|errno| Error::system(format!("open namespace {reference}"), errno))?;
                Self::validated(descriptor, reference)
            }
            NetnsRef::Descriptor(number) => {
                // SAFETY: fcntl(2) only duplicates the descriptor; it returns EBADF for a closed one.
                let duplicated = unsafe { libc::fcntl(*number, libc::F_DUPFD_CLOEXEC, 3) };
                let duplicate = Errno::result(duplicated)
                    .map_err(|errno| Error::system(format!("open namespace {reference}"), errno))?;
                // SAFETY: fcntl(2) has just opened the duplicate, and no other value owns it.
                Self::validated(unsafe { OwnedFd::from_raw_fd(duplicate) }, reference)
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
        // SAFETY: pidfd_open(2) takes two integers and returns a new descriptor or an error.
        let opened = unsafe { libc::syscall(libc::SYS_pidfd_open, number, 0) };
        match Errno::result(opened) {
            Ok(descriptor) => {
                let descriptor = i32::try_from(descriptor).unwrap_or(-1);
                // SAFETY: the kernel has just opened this descriptor, with close-on-exec.
                Ok(Self(unsafe { OwnedFd::from_raw_fd(descriptor) }))
            }
            // The kernel has no pidfd_open(2) (before Linux 5.3), or a seccomp filter hides it.
            // If the process ends now, another process may get its id, and netsetgo opens the
            // wrong namespace. A pidfd does not have this race.
            Err(Errno::ENOSYS) => {
                let path = format!("/proc/{pid}/ns/net");
                let opened = open(&*path, FLAGS, Mode::empty());
                opened
                    .map(Self)
                    .map_err(|errno| Error::system(action(), errno))
            }
            Err(Errno::ESRCH) => {
                Err(Error::system(action(), Errno::ESRCH).with_hint("no process has this id"))
            }
            Err(errno @ (Errno::EINVAL | Errno::ENOENT)) => Err(Error::system(action(), errno)
                .with_hint("this is the id of a thread; give the id of its process")),
            Err(errno) => Err(Error::system(action(), errno)),
        }
    }

    /// Returns the named namespaces with their names, in the order of the names. `ip netns add` and
    /// similar tools mount them in `/run/netns` (ip-netns(8)). Skips a file that is not a network
    /// namespace.
    pub fn named() -> Vec<(String, Self)> {
        let files = std::fs::read_dir(NAMED).into_iter().flatten().flatten();
        let namespaces = files.filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            let descriptor = open(&file.path(), FLAGS, Mode::empty()).ok()?;
            let path = NetnsRef::Path(file.path());
            Some((name, Self::validated(descriptor, &path).ok()?))
        });
        let mut all: Vec<_> = namespaces.collect();
        all.sort_by(|(first, _), (second, _)| first.cmp(second));
        all
    }

    /// Fails if the file is not a network namespace. `ip netns` creates an empty file before it
    /// mounts the namespace on it, and that file can remain.
    fn validated(descriptor: OwnedFd, reference: &NetnsRef) -> Result<Self> {
        // SAFETY: NS_GET_NSTYPE takes no argument; ioctl(2) fails with ENOTTY on other files.
        match unsafe { ns_get_nstype(descriptor.as_raw_fd()) } {
            Ok(libc::CLONE_NEWNET) => Ok(Self(descriptor)),
            _ => {
                let action = format!("{reference} is not a network namespace");
                // setns(2) returns the same errno for such a file.
                Err(Error::system(action, Errno::EINVAL))
            }
        }
    }

    /// Enters the namespace, calls `work`, and returns to `home`. Returns the result of `work`.
    ///
    /// # Errors
    /// The errno of setns(2); `work` was then not called.
    pub fn within<T>(
        &self,
        home: &Netns,
        work: impl FnOnce() -> T,
    ) -> std::result::Result<T, Errno> {
        within(&self.0, home, work)
    }
}

impl Netns {
    /// Enters the namespace, calls `work`, and returns to `home`. Returns the result of `work`.
    ///
    /// # Errors
    /// The errno of setns(2); `work` was then not called.
    pub fn within<T>(
        &self,
        home: &Netns,
        work: impl FnOnce() -> T,
    ) -> std::result::Result<T, Errno> {
        within(&self.0, home, work)
    }
}

/// Aborts the process if the thread cannot return to `home`. Otherwise netsetgo would continue to
/// configure the wrong namespace.
fn within<T>(
    target: &OwnedFd,
    home: &Netns,
    work: impl FnOnce() -> T,
) -> std::result::Result<T, Errno> {
    /// Returns to the namespace on drop, so also after a panic in `work`.
    struct Return<'a>(&'a Netns);
    impl Drop for Return<'_> {
        fn drop(&mut self) {
            if setns(self.0, CloneFlags::CLONE_NEWNET).is_err() {
                std::process::abort();
            }
        }
    }
    setns(target, CloneFlags::CLONE_NEWNET)?;
    let _return = Return(home);
    Ok(work())
}
