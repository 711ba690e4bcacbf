//! One lock per network namespace, without a file.
//!
//! The lock is a listening Unix socket with an abstract name (unix(7)). Abstract names belong to a
//! network namespace and need no file system. The kernel closes the socket and frees the name when
//! the holder exits, also after SIGKILL.
//!
//! A second process gets EADDRINUSE from bind(2). It then connects to the socket and reads. The
//! holder never accepts the connection, so read(2) returns when the holder closes the socket or
//! exits: with ECONNRESET (`unix_release_sock`, `net/unix/af_unix.c`).

use crate::error::{Error, Result};
use nix::sys::socket::getsockopt;
use nix::sys::socket::sockopt::PeerCredentials;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::Read;
use std::time::{Duration, Instant};

/// The first byte is zero, which makes the name abstract (unix(7)).
const NAME: &str = "\0netsetgo";
/// The time that netsetgo waits for one holder. 200 concurrent runs of netsetgo take about one
/// second, so that a holder that needs longer does not respond or is another program. netsetgo then
/// continues without the lock. Two runs that make the same link or altname still conflict in the
/// kernel, which accepts each name only once.
const HOLDER_TIMEOUT: Duration = Duration::from_secs(10);
/// The time that netsetgo waits in total, while one holder follows another.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);

/// The lock of a network namespace. The process holds it until the value is dropped or the process
/// exits.
#[derive(Debug)]
pub struct Lock {
    _socket: Option<Socket>,
}

impl Lock {
    /// Waits for the lock of the thread's network namespace, and takes it.
    ///
    /// Also returns a value, without the lock, if the holder's timeout expires, if the holder
    /// belongs to another user, or if the kernel has no Unix sockets.
    ///
    /// # Errors
    /// The error of socket(2), bind(2) or listen(2), except EADDRINUSE and EAFNOSUPPORT.
    pub fn take() -> Result<Self> {
        let address = SockAddr::unix(NAME)
            .map_err(|error| Error::io("make the address of the lock", &error))?;
        let end = Instant::now() + TOTAL_TIMEOUT;
        let mut deadline = Instant::now() + HOLDER_TIMEOUT;
        while Instant::now() < deadline.min(end) {
            match listen(&address) {
                Ok(socket) => {
                    return Ok(Self {
                        _socket: Some(socket),
                    });
                }
                Err(error) if error.raw_os_error() == Some(libc::EADDRINUSE) => {
                    match wait_for_holder(&address) {
                        Holder::Running => {}
                        Holder::Released => deadline = Instant::now() + HOLDER_TIMEOUT,
                        Holder::OtherUser => break,
                    }
                }
                // The kernel has no Unix sockets (CONFIG_UNIX).
                Err(error) if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => break,
                Err(error) => return Err(Error::io("take the lock", &error)),
            }
        }
        Ok(Self { _socket: None })
    }
}

fn listen(address: &SockAddr) -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(address)?;
    socket.listen(i32::MAX)?;
    Ok(socket)
}

/// The state of the process that holds the lock.
enum Holder {
    /// It still holds the lock.
    Running,
    /// It released the lock, or it exited.
    Released,
    /// It belongs to another user. An unprivileged user can also bind the name. netsetgo does not
    /// wait for that user, so that the user cannot block netsetgo.
    OtherUser,
}

/// Waits up to one second until the holder releases the lock. Returns the state of the holder.
fn wait_for_holder(address: &SockAddr) -> Holder {
    let connect = || -> std::io::Result<Socket> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // If the holder's queue is full, a blocking connect(2) would wait without a timeout.
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
                Some(libc::ECONNREFUSED) => Holder::Released,
                // EAGAIN: the holder's queue is full.
                _ => Holder::Running,
            };
        }
    };
    let holder = getsockopt(&socket, PeerCredentials).map(|credentials| credentials.uid());
    if holder.is_ok_and(|uid| uid != 0 && uid != nix::unistd::geteuid().as_raw()) {
        return Holder::OtherUser;
    }
    match socket.read(&mut [0]) {
        Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => Holder::Running,
        _ => Holder::Released,
    }
}
