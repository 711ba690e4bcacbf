//! The two sockets: one in the host's namespace, one in the container's.

use super::kernel::Kernel;
use super::query;
use crate::config::{IfName, NetnsRef};
use crate::error::{Error, Result};
use crate::os::ioctl;
use crate::os::netns::{Netns, NetnsHandle};
use crate::os::socket::Socket;
use crate::plan::step::Place;
use crate::wire::ifreq::IfReq;
use crate::wire::message::Message;
use crate::wire::netlink_error::NetlinkError;
use crate::wire::registry::Protocol;
use crate::wire::uapi::{IFF_UP, SIOCSIFADDR, SIOCSIFNETMASK};
use nix::errno::Errno;
use std::os::fd::AsRawFd;

/// The caller's namespace.
#[derive(Debug)]
pub struct Host {
    /// A socket in it.
    pub socket: Socket,
    /// Itself.
    pub netns: Netns,
}

impl Host {
    /// Opens a socket in the namespace that the thread is in.
    pub fn open() -> Result<Self> {
        let socket = Socket::open(Protocol::Route)
            .map_err(|errno| Error::system("open a netlink socket in host", errno))?
            .at("host");
        let netns = Netns::of_socket(&socket).map_err(|errno| denied("host", errno))?;
        Ok(Self { socket, netns })
    }
}

/// A container's namespace.
#[derive(Debug)]
pub struct Container {
    /// A socket in it.
    pub socket: Socket,
    /// Itself.
    pub netns: Netns,
    /// Its loopback is up.
    pub lo_up: bool,
    /// Its loopback has an address; only known where it is down.
    pub lo_addressed: bool,
}

impl Container {
    /// Opens a socket in the namespace that `reference` names, and comes back.
    ///
    /// Refuses the host's own namespace: its identity is compared, not its name, as a process id
    /// may be another process's by now.
    pub fn open(host: &Host, reference: &NetnsRef) -> Result<Self> {
        let action = |errno| Error::system(format!("enter the namespace of {reference}"), errno);
        let handle = NetnsHandle::open(reference)?;
        let inside =
            handle.within(&host.netns, Self::inside).map_err(|errno| {
                match errno {
            Errno::ESRCH => action(errno).with_hint("the process has ended"),
            Errno::EPERM => action(errno).with_hint(
                "it needs CAP_SYS_ADMIN there: be root, or be in the user namespace that owns it",
            ),
            errno => action(errno),
        }
            })??;
        let identities = (inside.netns.identity(), host.netns.identity());
        match identities {
            (Ok(there), Ok(here)) if there == here => Err(Error::conflict(format!(
                "{reference} is in the caller's own network namespace: it is no container"
            ))),
            (Ok(_), Ok(_)) => Ok(inside),
            (Err(errno), _) | (_, Err(errno)) => Err(action(errno)),
        }
    }

    fn inside() -> Result<Self> {
        let system = |action: &'static str| move |errno| Error::system(action, errno);
        let socket = Socket::open(Protocol::Route)
            .map_err(system("open a netlink socket in container"))?
            .at("container");
        let netns = Netns::of_socket(&socket).map_err(|errno| denied("container", errno))?;
        let lo = IfName::lo();
        let flags = ioctl::flags(&socket, &lo).map_err(system("read lo's flags in container"))?;
        let lo_up = u32::from(flags) & IFF_UP != 0;
        let lo_addressed = !lo_up
            && ioctl::internet_socket()
                .and_then(|internet| ioctl::has_address(&internet, &lo))
                .map_err(system("read lo's address in container"))?;
        Ok(Self {
            socket,
            netns,
            lo_up,
            lo_addressed,
        })
    }
}

fn denied(place: &str, errno: Errno) -> Error {
    let error = Error::system(format!("open the network namespace of {place}"), errno);
    match errno {
        Errno::EPERM => error.with_hint(
            "it needs CAP_NET_ADMIN there: be root, or be in the user namespace that owns it, or \
             try `netsetgo run --sandbox`",
        ),
        _ => error,
    }
}

/// Where the steps of a plan are done.
#[derive(Debug)]
pub struct Sockets<'a> {
    /// The host.
    pub host: &'a mut Host,
    /// The container, where there is one.
    pub container: Option<&'a mut Container>,
}

impl Sockets<'_> {
    fn socket(&mut self, place: Place) -> std::result::Result<&mut Socket, NetlinkError> {
        match (place, &mut self.container) {
            (Place::Host, _) => Ok(&mut self.host.socket),
            (Place::Container, Some(container)) => Ok(&mut container.socket),
            (Place::Container, None) => Err(NetlinkError::from_errno(libc::ENODEV)),
        }
    }
}

impl Kernel for Sockets<'_> {
    fn send(
        &mut self,
        place: Place,
        messages: &[Message],
    ) -> std::result::Result<Vec<(usize, NetlinkError)>, NetlinkError> {
        self.socket(place)?.send(messages)
    }

    fn ioctl(&mut self, place: Place, request: &IfReq) -> std::result::Result<(), NetlinkError> {
        let socket = self.socket(place)?;
        let done = match request.request() {
            // IPv4's own: inet_ioctl, net/ipv4/af_inet.c. The bridge is the host's.
            SIOCSIFADDR | SIOCSIFNETMASK => {
                ioctl::internet_socket().and_then(|internet| ioctl::call(&internet, request))
            }
            _ => ioctl::call(&*socket, request),
        };
        let done = done.map_err(|errno| NetlinkError::from_errno(errno as i32));
        socket.called(request, &done);
        done
    }

    fn flags(&mut self, place: Place, name: &IfName) -> std::result::Result<u16, NetlinkError> {
        let flags = ioctl::flags(&*self.socket(place)?, name);
        flags.map_err(|errno| NetlinkError::from_errno(errno as i32))
    }

    fn index(
        &mut self,
        place: Place,
        name: &IfName,
    ) -> std::result::Result<Option<u32>, NetlinkError> {
        let socket = self.socket(place)?;
        ioctl::index(&*socket, name).map_err(|errno| NetlinkError::from_errno(errno as i32))
    }

    fn is_ours(&mut self, place: Place, name: &IfName) -> bool {
        let told = self
            .socket(place)
            .ok()
            .and_then(|socket| query::link(socket, name).ok()?);
        told.is_some_and(|link| link.is_marked())
    }

    fn has_ports(&mut self, place: Place, bridge: &IfName) -> bool {
        let ports = self.socket(place).ok().and_then(|socket| {
            let index = ioctl::index(&*socket, bridge).ok()??;
            query::links(socket, Some(index)).ok()
        });
        ports.is_some_and(|ports| !ports.is_empty())
    }

    fn container_netns(&self) -> i32 {
        self.container
            .as_ref()
            .map_or(-1, |container| container.netns.as_raw_fd())
    }
}
