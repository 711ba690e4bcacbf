//! The sockets: one in the host's namespace, one in the container's. A socket stays in the namespace
//! in which it was opened. The place of a step is therefore the choice of a socket.

use super::kernel::{Kernel, Lookup, Rejected};
use super::query;
use crate::config::{IfName, NetnsRef};
use crate::error::{Error, Result};
use crate::os::netns::{Netns, NetnsHandle};
use crate::os::socket::Socket;
use crate::os::{ioctl, sysctl};
use crate::plan::observed::LinkInfo;
use crate::plan::step::{Channel, Place};
use crate::wire::ifreq::IfReq;
use crate::wire::message::Message;
use crate::wire::netlink_error::NetlinkError;
use crate::wire::registry::Protocol;
use crate::wire::uapi::{IFF_UP, SIOCSIFADDR, SIOCSIFNETMASK};
use nix::errno::Errno;
use std::os::fd::AsRawFd;

/// The host: the caller's network namespace.
#[derive(Debug)]
pub struct Host {
    /// A rtnetlink socket in it.
    pub socket: Socket,
    /// The namespace.
    pub netns: Netns,
    /// A nfnetlink socket in it; netsetgo opens it on first use.
    pub(super) netfilter: Option<Socket>,
}

impl Host {
    /// Opens a socket in the network namespace of the calling thread.
    ///
    /// # Errors
    /// The errno of socket(2); EPERM without CAP_NET_ADMIN in the namespace.
    pub fn open() -> Result<Self> {
        let socket = Socket::open(Protocol::Route)
            .map_err(|errno| Error::system("open a netlink socket in host", errno))?
            .at("host");
        let netns = Netns::of_socket(&socket).map_err(|errno| denied("host", errno))?;
        Ok(Self {
            socket,
            netns,
            netfilter: None,
        })
    }
}

/// A container's network namespace.
#[derive(Debug)]
pub struct Container {
    /// A rtnetlink socket in it.
    pub socket: Socket,
    /// The namespace.
    pub netns: Netns,
    /// Whether the loopback interface is up.
    pub lo_up: bool,
    /// Whether the loopback interface has an IPv4 address; read only where it is down.
    pub lo_addressed: bool,
    /// A nfnetlink socket in it; netsetgo opens it on first use.
    pub(super) netfilter: Option<Socket>,
}

impl Container {
    /// Enters the namespace that `reference` names, opens a socket there, and returns to the host.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::error::Kind::Conflict) for the caller's own namespace. netsetgo
    /// compares the identities of the namespaces, since the kernel may have reused a process id.
    pub fn open(host: &Host, reference: &NetnsRef) -> Result<Self> {
        let action = |errno| Error::system(format!("enter the namespace of {reference}"), errno);
        let handle = NetnsHandle::open(reference)?;
        let inside =
            handle.within(&host.netns, Self::inside).map_err(|errno| {
                match errno {
            Errno::ESRCH => action(errno).with_hint("the process has ended"),
            Errno::EPERM => action(errno).with_hint(
                "netsetgo needs CAP_SYS_ADMIN there: be root, or be in the user namespace that owns it",
            ),
            errno => action(errno),
        }
            })??;
        let identities = (inside.netns.identity(), host.netns.identity());
        match identities {
            (Ok(there), Ok(here)) if there == here => Err(Error::conflict(format!(
                "{reference} is in the caller's own network namespace, which is not a container"
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
        let lo_up = match ioctl::flags(&socket, &lo) {
            Ok(flags) => u32::from(flags) & IFF_UP != 0,
            // The container has renamed its loopback interface, and configures it itself.
            Err(Errno::ENODEV) => true,
            Err(errno) => return Err(system("read lo's flags in container")(errno)),
        };
        let lo_addressed = !lo_up
            && ioctl::internet_socket()
                .and_then(|internet| ioctl::has_address(&internet, &lo))
                .map_err(system("read lo's address in container"))?;
        Ok(Self {
            socket,
            netns,
            lo_up,
            lo_addressed,
            netfilter: None,
        })
    }
}

fn denied(place: &str, errno: Errno) -> Error {
    let error = Error::system(format!("open the network namespace of {place}"), errno);
    match errno {
        Errno::EPERM => error.with_hint(
            "netsetgo needs CAP_NET_ADMIN there: be root, or be in the user namespace that owns it, or \
             try `netsetgo run --sandbox`",
        ),
        _ => error,
    }
}

/// The sockets on which a plan runs.
#[derive(Debug)]
pub struct Sockets<'a> {
    /// The host.
    pub host: &'a mut Host,
    /// The container; `None` for a plan that concerns the host only.
    pub container: Option<&'a mut Container>,
}

/// The result of a call on behalf of a step.
type Called<T> = std::result::Result<T, NetlinkError>;

fn call_error(errno: Errno) -> NetlinkError {
    NetlinkError::from_errno(errno as i32)
}

fn query_error(link: &IfName, error: NetlinkError) -> Error {
    Error::kernel(format!("query the link {link}"), error)
}

impl Sockets<'_> {
    fn socket(&mut self, place: Place) -> Called<&mut Socket> {
        match (place, &mut self.container) {
            (Place::Host, _) => Ok(&mut self.host.socket),
            (Place::Container, Some(container)) => Ok(&mut container.socket),
            (Place::Container, None) => Err(call_error(Errno::ENODEV)),
        }
    }

    /// Runs `work` in the namespace of the place.
    fn within<T>(&mut self, place: Place, work: impl FnOnce() -> T) -> Called<T> {
        match (place, &mut self.container) {
            (Place::Host, _) => Ok(work()),
            (Place::Container, Some(container)) => container
                .netns
                .within(&self.host.netns, work)
                .map_err(call_error),
            (Place::Container, None) => Err(call_error(Errno::ENODEV)),
        }
    }

    /// The nfnetlink socket of the place. netsetgo opens it on first use.
    fn netfilter(&mut self, place: Place) -> Called<&mut Socket> {
        let present = match (place, &self.container) {
            (Place::Container, Some(container)) => container.netfilter.is_some(),
            _ => self.host.netfilter.is_some(),
        };
        let opened = match present {
            true => None,
            false => {
                let open = || Socket::open(Protocol::Netfilter);
                Some(self.within(place, open)?.map_err(call_error)?)
            }
        };
        let slot = match (place, &mut self.container) {
            (Place::Container, Some(container)) => &mut container.netfilter,
            _ => &mut self.host.netfilter,
        };
        if let Some(socket) = opened {
            *slot = Some(socket.at(match place {
                Place::Host => "host",
                Place::Container => "container",
            }));
        }
        slot.as_mut().ok_or_else(|| call_error(Errno::ENODEV))
    }
}

impl Kernel for Sockets<'_> {
    fn send(&mut self, channel: Channel, messages: &[Message]) -> Called<Vec<Rejected>> {
        match channel.protocol {
            Protocol::Route => self.socket(channel.place)?.send(messages),
            Protocol::Netfilter => self.netfilter(channel.place)?.commit(messages),
        }
    }

    fn ioctl(&mut self, place: Place, request: &IfReq) -> Called<()> {
        let socket = self.socket(place)?;
        let done = match request.request() {
            // Only an IPv4 socket has these (inet_ioctl, net/ipv4/af_inet.c). The plan uses them
            // for the bridge, which is in the host.
            SIOCSIFADDR | SIOCSIFNETMASK => {
                ioctl::internet_socket().and_then(|internet| ioctl::call(&internet, request))
            }
            _ => ioctl::call(&*socket, request),
        };
        let done = done.map_err(call_error);
        socket.report_ioctl(request, &done);
        done
    }

    fn sysctl(&mut self, place: Place, path: &str, value: &str) -> Called<String> {
        self.within(place, || sysctl::set(path, value))?
            .map_err(call_error)
    }

    fn lookup(&mut self) -> &mut dyn Lookup {
        self
    }
}

impl Lookup for Sockets<'_> {
    fn flags(&mut self, place: Place, name: &IfName) -> Called<u16> {
        ioctl::flags(&*self.socket(place)?, name).map_err(call_error)
    }

    fn index(&mut self, place: Place, name: &IfName) -> Called<Option<u32>> {
        ioctl::index(&*self.socket(place)?, name).map_err(call_error)
    }

    fn marked_index(&mut self, place: Place, name: &IfName) -> Result<Option<u32>> {
        let socket = self
            .socket(place)
            .map_err(|error| query_error(name, error))?;
        let marked = query::link(socket, name)?.filter(LinkInfo::is_marked);
        Ok(marked.map(|link| link.index))
    }

    fn has_ports(&mut self, place: Place, bridge: &IfName) -> Result<bool> {
        let failed = |error| query_error(bridge, error);
        let socket = self.socket(place).map_err(failed)?;
        match ioctl::index(&*socket, bridge).map_err(|errno| failed(call_error(errno)))? {
            None => Ok(false),
            Some(index) => Ok(!query::links(socket, Some(index))?.is_empty()),
        }
    }

    fn container_netns(&self) -> i32 {
        self.container
            .as_ref()
            .map_or(-1, |container| container.netns.as_raw_fd())
    }
}
