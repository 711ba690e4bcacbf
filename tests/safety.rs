//! What `up`, `down` and `gc` do not take from the host and from other programs.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::links;
use common::{
    Snapshots, TestContainer, TestSockets, isolate, netsetgo, perform, refused, succeeds,
};
use netsetgo::config::{IfName, Resolved};
use netsetgo::engine::observe::{Depth, observe};
use netsetgo::engine::run::run;
use netsetgo::engine::sockets::Host;
use netsetgo::plan::attach::attach;
use netsetgo::plan::op::{
    AddressOp, LinkOp, OWNER_GROUP, Op, Route, RouteOp, pending_deletion_group,
};
use netsetgo::plan::step::Step;
use std::os::unix::process::CommandExt;
use std::process::Command;

fn name(name: &str) -> IfName {
    name.parse().unwrap()
}

fn create_bridge(bridge: &str) {
    let (bridge, mac) = (name(bridge), "02:00:00:00:00:01".parse().unwrap());
    perform(Op::Link(LinkOp::CreateBridge { bridge, mac }));
}

/// A bridge that netsetgo did not create, with an address.
fn foreign_bridge(bridge: &str, address: &str) {
    create_bridge(bridge);
    perform(Op::Link(LinkOp::SetGroup(name(bridge), 0)));
    let address = address.parse().unwrap();
    perform(Op::Address(AddressOp::Add(name(bridge), address)));
}

/// A route of the host through a gateway.
fn route(destination: Option<&str>, gateway: &str, link: &str) {
    perform(Op::Route(RouteOp::Add(Route {
        destination: destination.map(|cidr| cidr.parse().unwrap()),
        gateway: gateway.parse().unwrap(),
        link: name(link),
    })));
}

/// Runs `gc`, which succeeds.
fn collect() {
    let output = netsetgo("gc");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn up_with_subnet_that_another_link_reaches_is_refused() {
    isolate(
        "up_with_subnet_that_another_link_reaches_is_refused",
        || {
            let container = TestContainer::new();
            foreign_bridge("lan", "10.10.10.57/24");
            route(None, "10.10.10.1", "lan");
            let before = Snapshots::take(&container);
            let up = format!("up --pid {}", container.pid());
            // The default address of the bridge is the gateway of the host.
            let line = refused(&up);
            assert!(
                line.contains("address 10.10.10.1 in host: it is the gateway"),
                "{line}"
            );
            let line = refused(&format!(
                "{up} --bridge-address 10.10.10.3/24 --container-address auto"
            ));
            assert!(
                line.contains("subnet 10.10.10.0/24 in host: the route to 10.10.10.0/24 by lan"),
                "{line}"
            );
            // A wider subnet would take the packets of some other hosts of the LAN.
            let line = refused(&format!(
                "{up} --bridge-address 10.10.0.1/16 --container-address auto"
            ));
            assert!(line.contains("by lan reaches it already"), "{line}");
            before.assert_unchanged(&container, "the refused up");
            succeeds(&format!(
                "{up} --bridge-address 10.11.11.1/24 --container-address auto"
            ));
        },
    );
}

#[test]
fn auto_address_is_never_a_gateway_of_the_host() {
    isolate("auto_address_is_never_a_gateway_of_the_host", || {
        let container = TestContainer::new();
        foreign_bridge("br0", "192.168.1.50/24");
        route(None, "192.168.1.1", "br0");
        let up = format!(
            "up --pid {} --bridge-name br0 --bridge-address 192.168.1.50/24 --container-address",
            container.pid()
        );
        let line = refused(&format!("{up} 192.168.1.1/24"));
        assert!(
            line.contains("address 192.168.1.1 in host: it is the gateway"),
            "{line}"
        );
        succeeds(&format!("{up} auto"));
        assert_eq!(common::listing::addresses(), ["192.168.1.2/24"]);
    });
}

#[test]
fn gc_leaves_links_of_other_kinds_and_groups() {
    isolate("gc_leaves_links_of_other_kinds_and_groups", || {
        create_bridge("unused");
        // The loopback interface cannot be deleted: gc must not ask for it.
        for group in [OWNER_GROUP, pending_deletion_group(0x1234)] {
            perform(Op::Link(LinkOp::SetGroup(name("lo"), group)));
            collect();
            assert_eq!(links(), ["link lo"]);
            create_bridge("unused");
        }
        foreign_bridge("other", "10.1.1.1/24");
        perform(Op::Link(LinkOp::SetGroup(name("other"), OWNER_GROUP + 1)));
        collect();
        assert_eq!(links(), ["link lo", "link other"]);
    });
}

#[test]
fn gc_deletes_more_links_than_one_datagram_names() {
    isolate("gc_deletes_more_links_than_one_datagram_names", || {
        let steps: Vec<Step> = (0..140)
            .map(|number| {
                let bridge = name(&format!("b{number}"));
                let mac = "02:00:00:00:00:01".parse().unwrap();
                let create = LinkOp::CreateBridge { bridge, mac };
                Step::host("A test creates it.", create, vec![])
            })
            .collect();
        let mut host = Host::open().unwrap();
        let mut sockets = netsetgo::engine::sockets::Sockets {
            host: &mut host,
            container: None,
        };
        run(&mut sockets, Default::default(), &steps).unwrap();
        assert_eq!(links().len(), 141);
        collect();
        assert_eq!(links(), ["link lo"]);
    });
}

#[test]
fn rollback_leaves_a_link_that_took_the_name() {
    isolate("rollback_leaves_a_link_that_took_the_name", || {
        let (container, other) = (TestContainer::new(), TestContainer::new());
        let config = Resolved::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap();
        let mut sockets = TestSockets::open(&container);
        let observed = observe(
            &config,
            None,
            &mut sockets.host,
            &mut sockets.container,
            Depth::Conflicts,
        )
        .unwrap();
        let steps = attach(&config, &observed).unwrap();
        // The pair, then a step that the kernel rejects. In between, another program deletes veth0
        // and creates a link of that name: here the rollback begins after that.
        run(&mut sockets.both(), Default::default(), &steps).unwrap();
        perform(Op::Link(LinkOp::Delete(name("veth0"))));
        let pair = LinkOp::CreateVeth {
            host: name("veth0"),
            master: None,
            host_mac: None,
            peer: name("eth0"),
            mac: None,
            mtu: None,
        };
        common::perform_with(&other, Op::Link(pair));
        perform(Op::Link(LinkOp::SetGroup(name("veth0"), 0)));
        let undo = vec![Op::Link(LinkOp::Delete(name("veth0")))];
        let done = Step::host("A test repeats it.", LinkOp::SetUp(name("veth0")), undo);
        let fails = Step::host(
            "No link has this name.",
            LinkOp::SetUp(name("none")),
            vec![],
        );
        let error = run(&mut sockets.both(), Default::default(), &[done, fails]).unwrap_err();
        assert_eq!((error.step, error.rollback.len()), (Some(1), 0));
        assert!(links().contains(&"link veth0".to_owned()), "{:?}", links());
    });
}

/// What the kernel does with router advertisements that arrive by a link.
fn accept_ra(link: &str) -> String {
    std::fs::read_to_string(format!("/proc/sys/net/ipv6/conf/{link}/accept_ra")).unwrap()
}

#[test]
fn up_leaves_no_link_that_accepts_router_advertisements() {
    isolate(
        "up_leaves_no_link_that_accepts_router_advertisements",
        || {
            for arguments in [
                "",
                "--bridge-backend ioctl",
                "--bridge-address fd00::1/64 --container-address fd00::2/64",
            ] {
                let container = TestContainer::new();
                succeeds(&format!("up --pid {} {arguments}", container.pid()));
                assert_eq!(accept_ra("brg0"), "0\n", "{arguments}");
                assert_eq!(
                    container.in_netns(|| accept_ra("veth1")),
                    "0\n",
                    "{arguments}"
                );
                // A process that was killed after it had created the bridge.
                std::fs::write("/proc/sys/net/ipv6/conf/brg0/accept_ra", "1").unwrap();
                let check = netsetgo(&format!("check --pid {} {arguments}", container.pid()));
                assert_eq!(check.status.code(), Some(1), "{check:?}");
                succeeds(&format!("up --pid {} {arguments}", container.pid()));
                assert_eq!(accept_ra("brg0"), "0\n", "{arguments}");
                succeeds(&format!("down --pid {}", container.pid()));
            }
        },
    );
}

#[test]
fn up_with_read_only_proc_sys_warns() {
    isolate("up_with_read_only_proc_sys_warns", || {
        let container = TestContainer::new();
        let mut command = Command::new(common::binary());
        command.args(["up", "--pid", &container.pid().to_string()]);
        let mount = |flags| {
            let path = c"/proc/sys".as_ptr();
            // SAFETY: the arguments are NUL-terminated strings or null pointers.
            match unsafe { libc::mount(path, path, std::ptr::null(), flags, std::ptr::null()) } {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        };
        let read_only = move || {
            // SAFETY: unshare has no memory arguments.
            if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
                return Err(std::io::Error::last_os_error());
            }
            let bind = libc::MS_BIND | libc::MS_REC;
            mount(bind)?;
            mount(libc::MS_BIND | libc::MS_REMOUNT | libc::MS_RDONLY)
        };
        // SAFETY: the closure makes system calls only.
        let output = unsafe { command.pre_exec(read_only) }.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let printed = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<&str> = printed.lines().collect();
        let expected = [("brg0", "host"), ("veth1", "container")].map(|(link, place)| {
            format!(
                "netsetgo: warning: set net/ipv6/conf/{link}/accept_ra to 0 in {place}: EROFS: \
                 Read-only file system: /proc/sys is mounted read-only"
            )
        });
        assert_eq!(lines, expected);
    });
}

#[test]
fn down_deletes_the_link_of_a_container_that_hides_it() {
    isolate("down_deletes_the_link_of_a_container_that_hides_it", || {
        let rename = |from: &'static str, to: &'static str| {
            move || {
                perform(Op::Link(LinkOp::SetDown(name(from))));
                let socket = netsetgo::os::ioctl::internet_socket().unwrap();
                rename_link(&socket, from.as_bytes(), to.as_bytes());
            }
        };
        let not_utf8 = || {
            perform(Op::Link(LinkOp::SetDown(name("veth1"))));
            let socket = netsetgo::os::ioctl::internet_socket().unwrap();
            rename_link(&socket, b"veth1", b"\xff\xfe\xff");
        };
        let hide: [&(dyn Fn() + Sync); 3] =
            [&rename("veth1", "eth7"), &rename("lo", "lo0"), &not_utf8];
        for hide in hide {
            let container = TestContainer::new();
            succeeds(&format!("up --pid {}", container.pid()));
            container.in_netns(hide);
            succeeds(&format!("down --pid {}", container.pid()));
            assert_eq!(links(), ["link lo"]);
        }
    });
}

/// Renames a link by SIOCSIFNAME. The link is down.
fn rename_link(socket: &impl std::os::fd::AsRawFd, from: &[u8], to: &[u8]) {
    // SAFETY: all zero bytes are a value of ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    let copy = |target: &mut [libc::c_char; libc::IFNAMSIZ], source: &[u8]| {
        for (to, from) in target.iter_mut().zip(source) {
            *to = libc::c_char::from_ne_bytes([*from]);
        }
    };
    copy(&mut request.ifr_name, from);
    let mut new = [0; libc::IFNAMSIZ];
    copy(&mut new, to);
    request.ifr_ifru.ifru_newname = new;
    // SAFETY: the kernel reads a struct ifreq.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFNAME as _, &request) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

#[test]
fn up_down_and_gc_after_a_killed_container_succeed() {
    isolate("up_down_and_gc_after_a_killed_container_succeed", || {
        let mut container = TestContainer::new();
        succeeds(&format!("up --pid {}", container.pid()));
        for _ in 0..5 {
            // The namespace ends with its only process.
            drop(container);
            container = TestContainer::new();
            succeeds(&format!("up --pid {}", container.pid()));
        }
        let pid = container.pid();
        drop(container);
        succeeds(&format!("down --pid {pid}"));
        assert_eq!(links(), ["link lo"]);
        let container = TestContainer::new();
        succeeds(&format!("up --pid {}", container.pid()));
        drop(container);
        collect();
        assert_eq!(links(), ["link lo"]);
    });
}
