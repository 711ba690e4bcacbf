//! The command line's words as argh reads them, and what they say as checked values.

mod values;

use crate::config::{Backend, HostIfname, Ipam, NetnsRef, PortSettings, Request};
use crate::error::{Error, Result};
use crate::netset::Target;
use argh::FromArgs;
use values::{all, container, each, ipam, maybe, mtu};

/// Gives a container its network: bridge, veth pair, addresses, routes. Without a command: up.
#[derive(Debug, FromArgs)]
pub struct Args {
    #[argh(subcommand)]
    pub command: Command,
}

#[derive(Debug, FromArgs)]
#[argh(subcommand)]
pub enum Command {
    Up(Up),
    Down(Down),
    Run(Run),
    List(List),
    Check(Check),
    Gc(Gc),
    Explain(Explain),
    Decode(Decode),
    Doctor(Doctor),
}

/// A command with the options that describe an attachment, and its own.
macro_rules! attachment {
    ($(#[doc = $doc:literal])* $struct:ident is $name:literal { $($own:tt)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, FromArgs)]
        #[argh(subcommand, name = $name)]
        pub struct $struct {
            /// the bridge; default brg0
            #[argh(option, arg_name = "NAME")]
            bridge_name: Option<String>,
            /// the bridge's address with its prefix; default 10.10.10.1/24; repeat for IPv6
            #[argh(option, arg_name = "CIDR")]
            bridge_address: Vec<String>,
            /// the container's address with its prefix, default 10.10.10.2/24, repeat for IPv6; or
            /// auto: the next free one of each of the bridge's subnets
            #[argh(option, arg_name = "CIDR|auto")]
            container_address: Vec<String>,
            /// names the pair: host end P0, container end P1; default veth
            #[argh(option, arg_name = "P")]
            veth_name_prefix: Option<String>,
            /// the container's end, by its whole name
            #[argh(option, arg_name = "NAME")]
            container_ifname: Option<String>,
            /// the host's end, by its whole name
            #[argh(option, arg_name = "NAME")]
            host_ifname: Option<String>,
            /// whose it is: kept in the kernel with the link
            #[argh(option, arg_name = "ID")]
            id: Option<String>,
            /// largest packet of both ends; default: the bridge's
            #[argh(option, arg_name = "N")]
            mtu: Option<String>,
            /// the container's hardware address; default: the kernel's choice
            #[argh(option, arg_name = "ADDR")]
            mac: Option<String>,
            /// what the container sends to itself by way of the bridge comes back
            #[argh(switch)]
            hairpin: bool,
            /// the container does not reach other isolated ones
            #[argh(switch)]
            isolated: bool,
            /// a route besides the default one, through the bridge or another neighbour; repeatable
            #[argh(option, arg_name = "DST[,GATEWAY]")]
            route: Vec<String>,
            /// no default route
            #[argh(switch)]
            no_default_route: bool,
            /// how the bridge is made: auto, netlink or ioctl; default auto
            #[argh(option, arg_name = "HOW", default = "\"auto\".into()")]
            bridge_backend: String,
            /// each message sent and received, decoded, on standard error
            #[argh(switch)]
            pub trace: bool,
            /// the same conversation as a capture that Wireshark opens
            #[argh(option, arg_name = "FILE")]
            pub pcap: Option<String>,
            /// the result as a JSON object on standard output
            #[argh(switch)]
            pub json: bool,
            $($own)*
        }

        impl $struct {
            /// The network that the options describe.
            pub fn request(&self) -> Result<Request> {
                // Every command takes the options of `up`; only `up` and `run` print a result.
                let _ = self.json;
                let prefix = self.veth_name_prefix.as_deref().unwrap_or("veth");
                let (host, container) = Request::pair(prefix)?;
                let ipam = ipam(&self.container_address)?;
                let host_ifname = match (maybe(&self.host_ifname)?, &ipam) {
                    (Some(name), _) => HostIfname::Named(name),
                    (None, Ipam::Auto) => HostIfname::FromAddress(prefix.to_owned()),
                    (None, Ipam::Static(_)) => HostIfname::Named(host),
                };
                Request {
                    bridge_name: self.bridge_name.as_deref().unwrap_or("brg0").parse()?,
                    bridge_addresses: all(&self.bridge_address, "10.10.10.1/24")?,
                    bridge_mac: None,
                    bridge_backend: self.bridge_backend.parse::<Backend>()?,
                    ipam,
                    host_ifname,
                    container_ifname: maybe(&self.container_ifname)?.unwrap_or(container),
                    id: maybe(&self.id)?,
                    mtu: self.mtu.as_deref().map(mtu).transpose()?,
                    mac: maybe(&self.mac)?,
                    port: PortSettings {
                        hairpin: self.hairpin,
                        isolated: self.isolated,
                    },
                    routes: each(&self.route)?,
                    default_route: !self.no_default_route,
                }
                .validated()
            }
        }
    };
}

/// The same, for a container that is there already.
macro_rules! attachment_of_a_container {
    ($(#[doc = $doc:literal])* $struct:ident is $name:literal { $($own:tt)* }) => {
        attachment! {
            $(#[doc = $doc])*
            $struct is $name {
                /// the container, by a process in it
                #[argh(option, arg_name = "PID")]
                pid: Option<String>,
                /// the container, by its namespace: a path, a name under /run/netns, or fd:N
                #[argh(option, arg_name = "NS")]
                netns: Option<String>,
                $($own)*
            }
        }

        impl $struct {
            /// The one container that is meant.
            pub fn container(&self) -> Result<NetnsRef> {
                container(self.pid.as_deref(), self.netns.as_deref())?
                    .ok_or_else(|| Error::usage("which container? say --pid PID or --netns NS"))
            }
        }
    };
}

attachment_of_a_container! {
    /// Attach one container: bridge, veth pair, addresses, routes.
    Up is "up" {}
}
attachment_of_a_container! {
    /// Is the network as up would leave it? Silent and 0, or each difference on a line and 1.
    Check is "check" {}
}
attachment! {
    /// Every step of up in words, as a command, and as bytes; asks nothing of the kernel.
    Explain is "explain" {
        /// ignored, as the words are up's: nothing is entered
        #[argh(option, arg_name = "PID")]
        pid: Option<String>,
        /// ignored, as the words are up's: nothing is entered
        #[argh(option, arg_name = "NS")]
        netns: Option<String>,
    }
}
attachment! {
    /// Undo an attachment, by container or by owner; nothing there is success.
    Down is "down" {
        /// the container, by a process in it
        #[argh(option, arg_name = "PID")]
        pid: Option<String>,
        /// the container, by its namespace: a path, a name under /run/netns, or fd:N
        #[argh(option, arg_name = "NS")]
        netns: Option<String>,
        /// leave the bridge, also without ports
        #[argh(switch)]
        keep_bridge: bool,
    }
}
attachment! {
    /// Run a command in a new network namespace that is attached; ends with its exit status.
    Run is "run" {
        /// the host side too is a new namespace, in a user namespace: needs no root
        #[argh(switch)]
        pub sandbox: bool,
        /// the command and its words
        #[argh(positional, greedy, arg_name = "COMMAND")]
        pub command: Vec<String>,
    }
}

/// Bridges and the containers on them, read from the kernel.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "list")]
pub struct List {
    /// as a JSON object
    #[argh(switch)]
    pub json: bool,
    /// each message sent and received, decoded, on standard error
    #[argh(switch)]
    pub trace: bool,
    /// the same conversation as a capture that Wireshark opens
    #[argh(option, arg_name = "FILE")]
    pub pcap: Option<String>,
}

/// Remove what has no container any more, and say what.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "gc")]
pub struct Gc {
    /// only say what would be removed
    #[argh(switch)]
    pub dry_run: bool,
    /// each message sent and received, decoded, on standard error
    #[argh(switch)]
    pub trace: bool,
    /// the same conversation as a capture that Wireshark opens
    #[argh(option, arg_name = "FILE")]
    pub pcap: Option<String>,
}

/// Netlink messages out of hex (plain, xxd, hexdump -C, strace, C) or a capture, field by field.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "decode")]
pub struct Decode {
    /// the file; without one, standard input
    #[argh(positional, arg_name = "FILE")]
    pub file: Option<String>,
}

/// Why does this container have no network? Each cause with its cure.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "doctor")]
pub struct Doctor {
    /// the container, by a process in it; without one, the host alone
    #[argh(option, arg_name = "PID")]
    pid: Option<String>,
    /// the container, by its namespace: a path, a name under /run/netns, or fd:N
    #[argh(option, arg_name = "NS")]
    netns: Option<String>,
    /// each message sent and received, decoded, on standard error
    #[argh(switch)]
    pub trace: bool,
    /// the same conversation as a capture that Wireshark opens
    #[argh(option, arg_name = "FILE")]
    pub pcap: Option<String>,
}

impl Doctor {
    /// The container, if one is meant.
    pub fn container(&self) -> Result<Option<NetnsRef>> {
        container(self.pid.as_deref(), self.netns.as_deref())
    }
}

impl Down {
    /// Whose network is meant.
    pub fn target(&self) -> Result<Target> {
        let container = container(self.pid.as_deref(), self.netns.as_deref())?;
        let named = self.veth_name_prefix.is_some() || self.container_ifname.is_some();
        let request = self.request()?;
        let target = Target {
            container,
            container_ifname: named.then_some(request.container_ifname),
            host_ifname: maybe(&self.host_ifname)?,
            bridge: maybe(&self.bridge_name)?,
            id: maybe(&self.id)?,
            keep_bridge: self.keep_bridge,
        };
        match target {
            Target {
                container: None,
                id: None,
                ..
            } => Err(Error::usage(
                "which container? say --pid PID, --netns NS or --id ID",
            )),
            target => Ok(target),
        }
    }
}

impl Explain {
    /// Whether what is said of the container can be.
    pub fn container(&self) -> Result<Option<NetnsRef>> {
        container(self.pid.as_deref(), self.netns.as_deref())
    }
}
