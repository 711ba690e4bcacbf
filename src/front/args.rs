//! The command line's arguments as argh parses them, and their validated values.

mod values;

use crate::config::{Backend, HostIfname, Ipam, NetnsRef, PortSettings, Request};
use crate::error::{Error, Result};
use crate::netset::Target;
use argh::{ArgsInfo, FromArgs};
use values::{all, container, each, ipam, maybe, mtu};

/// Give a container its network: bridge, veth pair, addresses and routes. The default command is
/// up. `netsetgo help COMMAND` describes a command; `--version` prints the version.
#[derive(Debug, ArgsInfo, FromArgs)]
pub struct Args {
    #[argh(subcommand)]
    pub command: Command,
}

#[derive(Debug, ArgsInfo, FromArgs)]
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

/// A command with the options of an attachment, and its own options.
macro_rules! attachment {
    ($(#[doc = $doc:literal])* $struct:ident is $name:literal { $($own:tt)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, ArgsInfo, FromArgs)]
        #[argh(subcommand, name = $name)]
        pub struct $struct {
            /// name of the bridge; default brg0
            #[argh(option, arg_name = "NAME")]
            bridge_name: Option<String>,
            /// address of the bridge with its prefix length; default 10.10.10.1/24; repeat for IPv6
            #[argh(option, arg_name = "CIDR")]
            bridge_address: Vec<String>,
            /// address of the container with its prefix length; default 10.10.10.2/24; repeat for
            /// IPv6; or auto: the next free address of each subnet of the bridge
            #[argh(option, arg_name = "CIDR|auto")]
            container_address: Vec<String>,
            /// prefix of the veth pair's names: host end P0, container end P1; default veth
            #[argh(option, arg_name = "P")]
            veth_name_prefix: Option<String>,
            /// name of the container end
            #[argh(option, arg_name = "NAME")]
            container_ifname: Option<String>,
            /// name of the host end
            #[argh(option, arg_name = "NAME")]
            host_ifname: Option<String>,
            /// id of the owner; the kernel keeps it with the link
            #[argh(option, arg_name = "ID")]
            id: Option<String>,
            /// MTU of both ends in bytes; default: the bridge's
            #[argh(option, arg_name = "N")]
            mtu: Option<String>,
            /// hardware address of the container end; default: the kernel chooses one
            #[argh(option, arg_name = "ADDR")]
            mac: Option<String>,
            /// hairpin mode: the bridge may send a frame back to the container that sent it
            #[argh(switch)]
            hairpin: bool,
            /// isolation: the bridge forwards no frame between two isolated containers
            #[argh(switch)]
            isolated: bool,
            /// a further route; without GATEWAY, the gateway is the bridge; repeatable
            #[argh(option, arg_name = "DST[,GATEWAY]")]
            route: Vec<String>,
            /// create no default route
            #[argh(switch)]
            no_default_route: bool,
            /// kernel interface that creates the bridge: auto, netlink or ioctl; default auto
            #[argh(option, arg_name = "HOW", default = "\"auto\".into()")]
            bridge_backend: String,
            /// print each message sent and received, decoded, on standard error
            #[argh(switch)]
            pub trace: bool,
            /// write the messages to a capture file that Wireshark opens
            #[argh(option, arg_name = "FILE")]
            pub pcap: Option<String>,
            /// print the result as a JSON object on standard output
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

/// A command as [`attachment!`] makes it, with the options that name an existing container.
macro_rules! attachment_of_a_container {
    ($(#[doc = $doc:literal])* $struct:ident is $name:literal { $($own:tt)* }) => {
        attachment! {
            $(#[doc = $doc])*
            $struct is $name {
                /// a process in the container
                #[argh(option, arg_name = "PID")]
                pid: Option<String>,
                /// the container's network namespace: a path, a name under /run/netns, or fd:N
                #[argh(option, arg_name = "NS")]
                netns: Option<String>,
                $($own)*
            }
        }

        impl $struct {
            /// The container.
            pub fn container(&self) -> Result<NetnsRef> {
                container(self.pid.as_deref(), self.netns.as_deref())?
                    .ok_or_else(|| Error::usage("missing container: give --pid PID or --netns NS"))
            }
        }
    };
}

attachment_of_a_container! {
    /// Attach one container: create what is missing of bridge, veth pair, addresses and routes.
    Up is "up" {}
}
attachment_of_a_container! {
    /// Compare the network with what up would create. Exit status 0: no difference; 1: each difference
    /// on a line; 2: netsetgo could not compare.
    Check is "check" {}
}
attachment! {
    /// Print every step of up with its reason, the equivalent ip command, and its bytes.
    /// netsetgo sends nothing.
    Explain is "explain" {
        /// accepted as in up, and not used
        #[argh(option, arg_name = "PID")]
        pid: Option<String>,
        /// accepted as in up, and not used
        #[argh(option, arg_name = "NS")]
        netns: Option<String>,
    }
}
attachment! {
    /// Detach a container. If nothing is attached, this succeeds.
    Down is "down" {
        /// a process in the container
        #[argh(option, arg_name = "PID")]
        pid: Option<String>,
        /// the container's network namespace: a path, a name under /run/netns, or fd:N
        #[argh(option, arg_name = "NS")]
        netns: Option<String>,
        /// keep the bridge, even without ports
        #[argh(switch)]
        keep_bridge: bool,
    }
}
attachment! {
    /// Run a command in a new, attached network namespace. The exit status is the command's.
    Run is "run" {
        /// create a new namespace for the host side, too, in a user namespace; needs no root
        #[argh(switch)]
        pub sandbox: bool,
        /// the command and its arguments
        #[argh(positional, greedy, arg_name = "COMMAND")]
        pub command: Vec<String>,
    }
}

/// List the bridges and their containers, read from the kernel.
#[derive(Debug, ArgsInfo, FromArgs)]
#[argh(subcommand, name = "list")]
pub struct List {
    /// print a JSON object
    #[argh(switch)]
    pub json: bool,
    /// print each message sent and received, decoded, on standard error
    #[argh(switch)]
    pub trace: bool,
    /// write the messages to a capture file that Wireshark opens
    #[argh(option, arg_name = "FILE")]
    pub pcap: Option<String>,
}

/// Delete what no container uses, and print the names.
#[derive(Debug, ArgsInfo, FromArgs)]
#[argh(subcommand, name = "gc")]
pub struct Gc {
    /// print the names, and delete nothing
    #[argh(switch)]
    pub dry_run: bool,
    /// print each message sent and received, decoded, on standard error
    #[argh(switch)]
    pub trace: bool,
    /// write the messages to a capture file that Wireshark opens
    #[argh(option, arg_name = "FILE")]
    pub pcap: Option<String>,
}

/// Decode netlink messages from hex (plain, xxd, hexdump -C, strace, C) or a capture file.
#[derive(Debug, ArgsInfo, FromArgs)]
#[argh(subcommand, name = "decode")]
pub struct Decode {
    /// the file; default: standard input
    #[argh(positional, arg_name = "FILE")]
    pub file: Option<String>,
}

/// Find out why a container has no network. Print each cause with a command that fixes it.
#[derive(Debug, ArgsInfo, FromArgs)]
#[argh(subcommand, name = "doctor")]
pub struct Doctor {
    /// a process in the container; without a container, doctor examines the host only
    #[argh(option, arg_name = "PID")]
    pid: Option<String>,
    /// the container's network namespace: a path, a name under /run/netns, or fd:N
    #[argh(option, arg_name = "NS")]
    netns: Option<String>,
    /// print each message sent and received, decoded, on standard error
    #[argh(switch)]
    pub trace: bool,
    /// write the messages to a capture file that Wireshark opens
    #[argh(option, arg_name = "FILE")]
    pub pcap: Option<String>,
}

impl Doctor {
    /// The container, where one is named.
    pub fn container(&self) -> Result<Option<NetnsRef>> {
        container(self.pid.as_deref(), self.netns.as_deref())
    }
}

impl Down {
    /// The attachments to remove.
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
                "missing container: give --pid PID, --netns NS or --id ID",
            )),
            target => Ok(target),
        }
    }
}

impl Explain {
    /// The container, where one is named; only validated.
    pub fn container(&self) -> Result<Option<NetnsRef>> {
        container(self.pid.as_deref(), self.netns.as_deref())
    }
}
