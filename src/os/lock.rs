//! One at a time, in one network namespace, without a file.
//!
//! The lock is a listening Unix socket with an abstract name: such names are a network namespace's
//! own, need no file system, and end with the process that has them, however it ends. Who comes
//! second gets EADDRINUSE, connects to the socket, and reads: what it reads is the end of the
//! first one.

use crate::error::{Error, Result};
use nix::sys::socket::getsockopt;
use nix::sys::socket::sockopt::PeerCredentials;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::Read;
use std::time::{Duration, Instant};

/// The first byte makes the name an abstract one, unix(7).
const NAME: &str = "\0netsetgo";
/// Two hundred at once are through in a second. Who holds it longer alone hangs, or is nobody of
/// ours; what is claimed by a name in the kernel is one's own also without the lock.
const TIMEOUT: Duration = Duration::from_secs(10);
/// And so long while one after the other has it: on a slow machine many take their time.
const ENDURANCE: Duration = Duration::from_secs(60);

/// Held until it is dropped, or its process ends.
#[derive(Debug)]
pub struct Lock {
    _held: Option<Socket>,
}

impl Lock {
    /// Waits for the lock of the network namespace that the thread is in.
    pub fn take() -> Result<Self> {
        let address = SockAddr::unix(NAME).map_err(|error| Error::io("name the lock", &error))?;
        let end = Instant::now() + ENDURANCE;
        let mut deadline = Instant::now() + TIMEOUT;
        while Instant::now() < deadline.min(end) {
            match listen(&address) {
                Ok(socket) => {
                    return Ok(Self {
                        _held: Some(socket),
                    });
                }
                Err(error) if error.raw_os_error() == Some(libc::EADDRINUSE) => {
                    match wait_for_holder(&address) {
                        Holder::Holds => {}
                        Holder::HasEnded => deadline = Instant::now() + TIMEOUT,
                        Holder::IsNoneOfOurs => break,
                    }
                }
                // A kernel without Unix sockets.
                Err(error) if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => break,
                Err(error) => return Err(Error::io("take the lock", &error)),
            }
        }
        Ok(Self { _held: None })
    }
}

fn listen(address: &SockAddr) -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(address)?;
    socket.listen(i32::MAX)?;
    Ok(socket)
}

/// Who has the lock that one waits for.
enum Holder {
    Holds,
    HasEnded,
    /// An ordinary user can bind the name too, and must not stop us with it.
    IsNoneOfOurs,
}

/// Waits for the holder to end, for a while.
fn wait_for_holder(address: &SockAddr) -> Holder {
    let connect = || -> std::io::Result<Socket> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // Where the holder's queue is full, connect(2) would wait for it without an end.
        socket.set_nonblocking(true)?;
        socket.connect(address)?;
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(Duration::from_secs(1)))?;
        Ok(socket)
    };
    let mut socket = match connect() {
        Ok(socket) => socket,
        Err(error) => {
            std::thread::sleep(Duration::from_micros(500));
            return match error.raw_os_error() {
                Some(libc::ECONNREFUSED) => Holder::HasEnded,
                // Its queue is full.
                _ => Holder::Holds,
            };
        }
    };
    let holder = getsockopt(&socket, PeerCredentials).map(|credentials| credentials.uid());
    if holder.is_ok_and(|uid| uid != 0 && uid != nix::unistd::geteuid().as_raw()) {
        return Holder::IsNoneOfOurs;
    }
    match socket.read(&mut [0]) {
        Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => Holder::Holds,
        _ => Holder::HasEnded,
    }
}
