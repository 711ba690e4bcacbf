//! What cannot be is refused: one line that says what and why, exit code 1, and everything as
//! before. What fails half-way is undone.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::snapshot::{Snapshot, differences, snapshot};
use common::{
    Container, binary, bound, fails, invalid, isolate, packets_pass, perform, refused, succeeds,
};
use netsetgo::config::Resolved;
use netsetgo::config::{Backend, IfName, NetnsRef};
use netsetgo::engine::kernel::{Kernel, Lookup};
use netsetgo::engine::observe::{Depth, observe, pair_of};
use netsetgo::engine::query;
use netsetgo::engine::run::run;
use netsetgo::engine::sockets;
use netsetgo::plan::attach::attach;
use netsetgo::plan::observed::Pair;
use netsetgo::plan::op::{AddressOp, LinkOp, Op, Route, RouteOp};
use netsetgo::plan::step::{Channel, Place, Step};
use netsetgo::wire::ifreq::IfReq;
use netsetgo::wire::message::Message;
use netsetgo::wire::netlink_error::NetlinkError;
use std::process::Command;

/// Both namespaces.
fn both(container: &Container) -> (Snapshot, Snapshot) {
    (snapshot(), container.inside(snapshot))
}

fn unchanged(before: &(Snapshot, Snapshot), container: &Container, what: &str) {
    let after = both(container);
    assert_eq!(
        differences(&before.0, &after.0),
        [""; 0],
        "host, after {what}"
    );
    assert_eq!(
        differences(&before.1, &after.1),
        [""; 0],
        "container, after {what}"
    );
}

fn name(name: &str) -> IfName {
    name.parse().unwrap()
}

#[test]
fn bad_words_are_refused_before_anything_changes() {
    isolate("bad_words_are_refused_before_anything_changes", || {
        let container = Container::new();
        let before = both(&container);
        for (words, reason) in [
            ("--bridge-name sixteen-letters-", "at most 15 bytes"),
            ("--bridge-name a/b", "cannot contain '/'"),
            ("--bridge-name a:b", "'/' or ':'"),
            ("--bridge-name br%d", "pattern"),
            ("--bridge-name .", "directories"),
            ("--bridge-name all", "reserved for /proc/sys"),
            (
                "--veth-name-prefix x --bridge-name x0",
                "both the bridge and the host interface",
            ),
            ("--bridge-name lo", "is reserved for the loopback interface"),
            ("--bridge-name=", "at least 1 byte"),
            ("--veth-name-prefix fifteen-letters", "at most 15 bytes"),
            (
                "--veth-name-prefix v --bridge-name v0",
                "both the bridge and the host interface",
            ),
            ("--bridge-address 10.10.10.1", "prefix length is missing"),
            ("--bridge-address 10.10.10.1/33", "from 0 to 32"),
            ("--bridge-address 10.10.10.1/+4", "from 0 to 32"),
            (
                "--bridge-address 10.10.10.256/24",
                "not an IPv4 or IPv6 address",
            ),
            ("--bridge-address 10.10.10.0/24", "the network address"),
            ("--bridge-address 10.10.10.255/24", "broadcast"),
            ("--bridge-address 224.0.0.1/24", "multicast"),
            ("--bridge-address 127.0.0.1/8", "loopback"),
            ("--bridge-address 0.0.0.0/0", "unspecified"),
            ("--bridge-address 0.0.0.1/8", "no host may use"),
            (
                "--bridge-address fd00::1/0 --container-address fd00::2/0",
                "prefix length 0 is not allowed",
            ),
            ("--host-ifname 10.10.10.2", "uses as an altname"),
            ("--bridge-name 10.10.10.2", "uses as an altname"),
            ("--container-address 10.10.10.0/24", "the network address"),
            ("--container-address 10.10.10.255/24", "broadcast"),
            ("--container-address fd00::/64", "the network address"),
            ("--container-address 10.10.10.1/24", "given twice"),
            (
                "--container-address 10.10.11.2/24",
                "gateway 10.10.10.1 is outside",
            ),
            (
                "--container-address 10.10.11.2/16",
                "outside the bridge's subnet 10.10.10.0/24",
            ),
            (
                "--container-address fd00::2/64",
                "no address of this family",
            ),
            ("--bridge-backend brctl", "expected auto, netlink or ioctl"),
            ("--no-such-option", "no-such-option"),
            ("-bridgename brg0", "bridgename"),
        ] {
            let line = invalid(&format!("up --pid {} {words}", container.pid()));
            assert!(
                line.contains(reason),
                "{words}: {line:?} does not say {reason:?}"
            );
            unchanged(&before, &container, words);
        }
    });
}

#[test]
fn no_container_is_refused() {
    isolate("no_container_is_refused", || {
        let dead = { Container::new().pid() };
        let container = Container::new();
        let before = both(&container);
        for (words, reason) in [
            (format!("--pid {dead}"), "ESRCH"),
            ("--pid 0".into(), "from 1 to 2147483647"),
            ("--pid 4294967295".into(), "from 1 to 2147483647"),
            ("--pid -7".into(), "is not a number"),
            ("--pid +7".into(), "is not a number"),
            ("--pid=".into(), "is not a number"),
            (String::new(), "missing container"),
            ("--pid 1 --netns x".into(), "name a container twice"),
            ("--netns no-such-namespace".into(), "ENOENT"),
            ("--netns /dev/null".into(), "not a network namespace"),
            (
                "--netns /proc/self/ns/uts".into(),
                "not a network namespace",
            ),
            ("--netns fd:999".into(), "EBADF"),
            ("--netns fd:x".into(), "descriptor's number"),
        ] {
            let status = match reason {
                "ESRCH" | "ENOENT" | "EBADF" | "not a network namespace" => 1,
                _ => 2,
            };
            let line = fails(&format!("up {words}"), status);
            assert!(
                line.contains(reason),
                "up {words}: {line:?} does not say {reason:?}"
            );
            // For what is gone there is nothing to undo.
            match reason {
                "ESRCH" | "ENOENT" => succeeds(&format!("down {words}")),
                _ => assert!(
                    fails(&format!("down {words}"), status).contains(reason),
                    "down {words}"
                ),
            }
            unchanged(&before, &container, &words);
        }
    });
}

#[test]
fn the_callers_own_namespace_is_no_container() {
    isolate("the_callers_own_namespace_is_no_container", || {
        let before = snapshot();
        for words in [
            format!("--pid {}", std::process::id()),
            "--netns /proc/self/ns/net".into(),
        ] {
            for verb in ["up", "down"] {
                let line = refused(&format!("{verb} {words}"));
                assert!(line.contains("caller's own network namespace"), "{line}");
            }
        }
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
    });
}

#[test]
fn a_name_or_address_of_somebody_elses_is_refused() {
    isolate("a_name_or_address_of_somebody_elses_is_refused", || {
        let (container, other) = (Container::new(), Container::new());
        succeeds(&format!(
            "up --pid {} --bridge-name theirs --bridge-address 10.9.9.1/24 \
        --container-address 10.9.9.2/24 --veth-name-prefix w",
            other.pid()
        ));
        // The other container's end of the pair, under the name that ours would have inside.
        let veth = |host: &str, peer: &str| {
            Op::Link(LinkOp::CreateVeth {
                host: name(host),
                host_mac: None,
                master: None,
                peer: name(peer),
                mac: None,
                mtu: None,
            })
        };
        let mut host = sockets::Host::open().unwrap();
        let mut inside = sockets::Container::open(&host, &NetnsRef::Pid(container.pid())).unwrap();
        let step = Step::host("A test wants it.", veth("x0", "x1"), vec![]);
        let mut both_sockets = sockets::Sockets {
            host: &mut host,
            container: Some(&mut inside),
        };
        run(&mut both_sockets, Default::default(), &[step]).unwrap();
        let before = both(&container);
        for (words, reason) in [
            (
                "--veth-name-prefix w",
                "name w0 in host: another link has it",
            ),
            (
                "--bridge-name w0",
                "name w0 in host: a veth has it, which is not a bridge",
            ),
            (
                "--bridge-address 10.9.9.1/24 --container-address 10.9.9.3/24",
                "address 10.9.9.1 in host: theirs has it already",
            ),
            (
                "--bridge-address 10.9.9.4/24 --container-address 10.9.9.1/24",
                "address 10.9.9.1 in host: theirs has it already",
            ),
        ] {
            let line = refused(&format!("up --pid {} {words}", container.pid()));
            assert!(
                line.contains(reason),
                "{words}: {line:?} does not say {reason:?}"
            );
            unchanged(&before, &container, words);
        }
    });
}

#[test]
fn a_link_in_the_container_with_our_name_is_refused() {
    isolate("a_link_in_the_container_with_our_name_is_refused", || {
        let (container, other) = (Container::new(), Container::new());
        // The container is the host of another pair, whose end there is called veth1.
        container.inside(|| {
            let mut host = sockets::Host::open().unwrap();
            let mut inside = sockets::Container::open(&host, &NetnsRef::Pid(other.pid())).unwrap();
            let op = Op::Link(LinkOp::CreateVeth {
                host: name("veth1"),
                host_mac: None,
                master: None,
                peer: name("z"),
                mac: None,
                mtu: None,
            });
            let step = Step::host("A test wants it.", op, vec![]);
            let mut both = sockets::Sockets {
                host: &mut host,
                container: Some(&mut inside),
            };
            run(&mut both, Default::default(), &[step]).unwrap();
        });
        let before = both(&container);
        let line = refused(&format!("up --pid {}", container.pid()));
        assert!(
            line.contains("name veth1 in container: another link has it"),
            "{line}"
        );
        unchanged(&before, &container, "a name taken inside");
    });
}

#[test]
fn a_default_route_of_somebody_elses_is_refused_by_name() {
    isolate(
        "a_default_route_of_somebody_elses_is_refused_by_name",
        || {
            let container = Container::new();
            succeeds(&format!("up --pid {}", container.pid()));
            let before = both(&container);
            let line = refused(&format!(
                "up --pid {} --bridge-name other --bridge-address 10.8.8.1/24 \
         --container-address 10.8.8.2/24 --veth-name-prefix w",
                container.pid()
            ));
            assert!(
                line.contains(
                    "add default route via 10.8.8.1 in container: another route to this destination exists via \
                       10.10.10.1 dev veth1"
                ),
                "{line}"
            );
            unchanged(&before, &container, "a route in the way");
        },
    );
}

#[test]
fn without_the_capability_the_line_says_which() {
    isolate("without_the_capability_the_line_says_which", || {
        use std::os::unix::process::CommandExt;
        let container = Container::new();
        let before = both(&container);
        let mut command = Command::new(binary());
        command.args(["--pid", &container.pid().to_string()]);
        // SAFETY: prctl(2) between fork and exec. Outside its bounding set root loses it by exec.
        unsafe {
            command.pre_exec(|| {
                const CAP_NET_ADMIN: libc::c_ulong = 12;
                match libc::prctl(libc::PR_CAPBSET_DROP, CAP_NET_ADMIN) {
                    0 => Ok(()),
                    _ => Err(std::io::Error::last_os_error()),
                }
            });
        }
        let output = command.output().unwrap();
        let line = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{line}");
        assert!(
            line.contains("EPERM") && line.contains("CAP_NET_ADMIN"),
            "{line}"
        );
        unchanged(&before, &container, "no capability");
    });
}

#[test]
fn a_failure_at_any_step_is_undone() {
    isolate("a_failure_at_any_step_is_undone", || {
        for backend in [Backend::Netlink, Backend::Ioctl] {
            let mut config =
                Resolved::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap();
            config.bridge_backend = backend;
            config
                .bridge_addresses
                .push("10.11.11.1/24".parse().unwrap());
            config
                .container_addresses
                .push("10.11.11.2/24".parse().unwrap());
            let from_nothing = every_step_fails_once(&config, &Container::new());
            assert!(from_nothing >= 8, "{from_nothing} steps");
            // Into a bridge that is there, for the pair of somebody else.
            let other = Container::new();
            succeeds(&format!(
                "up --pid {} --veth-name-prefix w \
            --container-address 10.10.10.9/24",
                other.pid()
            ));
            let into_a_bridge = every_step_fails_once(&config, &Container::new());
            assert!(
                (5..from_nothing).contains(&into_a_bridge),
                "{into_a_bridge} steps"
            );
            // And where only parts of it are lost.
            let container = Container::new();
            let up = format!(
                "up --pid {} --bridge-address 10.10.10.1/24 --bridge-address \
            10.11.11.1/24 --container-address 10.10.10.2/24 --container-address 10.11.11.2/24",
                container.pid()
            );
            succeeds(&up);
            let gateway = "10.10.10.1".parse().unwrap();
            container.inside(|| {
                perform(Op::Route(RouteOp::Delete(Route {
                    destination: None,
                    gateway,
                    link: name("veth1"),
                })));
                perform(Op::Address(AddressOp::Delete(
                    name("veth1"),
                    "10.11.11.2/24".parse().unwrap(),
                )));
            });
            perform(Op::Link(LinkOp::SetDown(name("veth0"))));
            perform(Op::Link(LinkOp::SetDown(name("brg0"))));
            let parts = every_step_fails_once(&config, &container);
            assert_eq!(parts, 4, "bridge up, port up, address, route");
            succeeds(&format!("down --pid {}", container.pid()));
            succeeds(&format!("down --pid {} --veth-name-prefix w", other.pid()));
        }
    });
}

/// The kernel, but for the answer to one datagram, which is lost.
struct Unanswered<'a> {
    sockets: sockets::Sockets<'a>,
    /// Datagrams before it.
    until: usize,
}

impl Kernel for Unanswered<'_> {
    fn send(
        &mut self,
        channel: Channel,
        messages: &[Message],
    ) -> Result<Vec<(usize, NetlinkError)>, NetlinkError> {
        let lost = self.until == 0;
        self.until = self.until.wrapping_sub(1);
        let said = self.sockets.send(channel, messages)?;
        if lost {
            Err(NetlinkError::from_errno(libc::ENOBUFS))
        } else {
            Ok(said)
        }
    }

    fn ioctl(&mut self, place: Place, request: &IfReq) -> Result<(), NetlinkError> {
        self.sockets.ioctl(place, request)
    }

    fn sysctl(&mut self, place: Place, path: &str, value: &str) -> Result<String, NetlinkError> {
        self.sockets.sysctl(place, path, value)
    }

    fn lookup(&mut self) -> &mut dyn Lookup {
        &mut self.sockets
    }
}

#[test]
fn an_answer_that_is_lost_is_a_failure_that_is_undone() {
    isolate("an_answer_that_is_lost_is_a_failure_that_is_undone", || {
        let config = Resolved::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap();
        let container = Container::new();
        let before = both(&container);
        let mut host = sockets::Host::open().unwrap();
        for until in 0..3 {
            let mut inside =
                sockets::Container::open(&host, &NetnsRef::Pid(container.pid())).unwrap();
            let observed =
                observe(&config, None, &mut host, &mut inside, Depth::Conflicts).unwrap();
            let steps = attach(&config, &observed).unwrap();
            let sockets = sockets::Sockets {
                host: &mut host,
                container: Some(&mut inside),
            };
            let mut kernel = Unanswered { sockets, until };
            let error = run(&mut kernel, Default::default(), &steps).unwrap_err();
            assert!(error.is(nix::errno::Errno::ENOBUFS), "{error}");
            assert_eq!(error.rollback, []);
            unchanged(
                &before,
                &container,
                &format!("datagram {until} without an answer"),
            );
        }
    });
}

/// The veth pair that exists already.
fn existing_pair(
    config: &Resolved,
    host: &mut sockets::Host,
    container: &mut sockets::Container,
) -> Option<Pair> {
    let (host, end) = pair_of(host, container, &config.container_ifname).unwrap()?;
    let addresses = query::addresses_of(&mut container.socket, end.index).unwrap();
    Some(Pair {
        host,
        container: end,
        addresses,
    })
}

/// Fails each step of the plan in turn; how many there are.
fn every_step_fails_once(config: &Resolved, container: &Container) -> usize {
    let before = both(container);
    let mut host = sockets::Host::open().unwrap();
    let mut failing = 0;
    loop {
        let mut inside = sockets::Container::open(&host, &NetnsRef::Pid(container.pid())).unwrap();
        let pair = existing_pair(config, &mut host, &mut inside);
        let observed = observe(config, pair, &mut host, &mut inside, Depth::Conflicts).unwrap();
        let steps = attach(config, &observed).unwrap();
        if failing == steps.len() {
            return failing;
        }
        let sockets = sockets::Sockets {
            host: &mut host,
            container: Some(&mut inside),
        };
        let mut kernel = Failing {
            sockets,
            until: failing,
            meanwhile: &|| (),
        };
        let error = run(&mut kernel, Default::default(), &steps).unwrap_err();
        let step = &steps[failing];
        assert!(
            error.action.starts_with(&step.action()),
            "{} at {}",
            error.action,
            step.action()
        );
        assert_eq!(error.rollback, [], "{}", step.action());
        unchanged(&before, container, &step.action());
        failing += 1;
    }
}

/// The kernel, but for one step, which it gets as a message of a type that it does not have: so
/// it refuses that, and goes on with what is behind it in the datagram, as it does.
struct Failing<'a> {
    sockets: sockets::Sockets<'a>,
    /// Steps before it.
    until: usize,
    /// What somebody else does then.
    meanwhile: &'a dyn Fn(),
}

impl Failing<'_> {
    fn is_next(&mut self) -> bool {
        let next = self.until == 0;
        if next {
            (self.meanwhile)();
        }
        // The undo comes behind it, and does not fail.
        self.until = self.until.wrapping_sub(1);
        next
    }
}

impl Kernel for Failing<'_> {
    fn send(
        &mut self,
        channel: Channel,
        messages: &[Message],
    ) -> Result<Vec<(usize, NetlinkError)>, NetlinkError> {
        let mut messages = messages.to_vec();
        for message in &mut messages {
            if self.is_next() {
                *message = unknown();
            }
        }
        self.sockets.send(channel, &messages)
    }

    fn ioctl(&mut self, place: Place, request: &IfReq) -> Result<(), NetlinkError> {
        match self.is_next() {
            true => Err(NetlinkError::from_errno(libc::EPERM)),
            false => self.sockets.ioctl(place, request),
        }
    }

    fn sysctl(&mut self, place: Place, path: &str, value: &str) -> Result<String, NetlinkError> {
        self.sockets.sysctl(place, path, value)
    }

    fn lookup(&mut self) -> &mut dyn Lookup {
        &mut self.sockets
    }
}

/// A request that every kernel refuses: delete a link, without saying which.
fn unknown() -> Message {
    netsetgo::wire::link::delete(Default::default())
        .finish()
        .unwrap()
}

#[test]
fn a_bridge_that_somebody_has_plugged_into_meanwhile_stays() {
    isolate(
        "a_bridge_that_somebody_has_plugged_into_meanwhile_stays",
        || {
            for backend in [Backend::Netlink, Backend::Ioctl] {
                let config = Resolved {
                    bridge_backend: backend,
                    ..Resolved::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap()
                };
                let (one, two) = (Container::new(), Container::new());
                let before = one.inside(snapshot);
                let mut host = sockets::Host::open().unwrap();
                let mut inside =
                    sockets::Container::open(&host, &NetnsRef::Pid(one.pid())).unwrap();
                let observed =
                    observe(&config, None, &mut host, &mut inside, Depth::Conflicts).unwrap();
                let steps = attach(&config, &observed).unwrap();
                let up = format!(
                    "up --pid {} --veth-name-prefix other --container-address 10.10.10.3/24",
                    two.pid()
                );
                let mut kernel = Failing {
                    sockets: sockets::Sockets {
                        host: &mut host,
                        container: Some(&mut inside),
                    },
                    until: steps.len() - 1,
                    meanwhile: &|| succeeds(&up),
                };
                let error = run(&mut kernel, Default::default(), &steps).unwrap_err();
                assert_eq!(error.rollback, []);
                assert_eq!(one.inside(snapshot), before);
                succeeds(&up.replace("up", "check"));
                let (host, inside) = (bound("10.10.10.1"), two.inside(|| bound("10.10.10.3")));
                packets_pass((&inside.0, inside.1), (&host.0, host.1));
                succeeds(&format!("down --pid {}", two.pid()));
            }
        },
    );
}
