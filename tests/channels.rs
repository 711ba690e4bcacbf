//! The channels of a plan besides rtnetlink: transactions of nf_tables, and /proc/sys.

mod common;

use common::{TestContainer, isolate};
use netsetgo::config::NetnsRef;
use netsetgo::engine::kernel::Kernel;
use netsetgo::engine::run::run;
use netsetgo::engine::sockets;
use netsetgo::error::Kind;
use netsetgo::plan::op::{AddressOp, LinkOp, Op, SysctlOp};
use netsetgo::plan::step::{Channel, Place, Step};
use netsetgo::wire::message::Message;
use netsetgo::wire::nft::create_table;
use netsetgo::wire::registry::Protocol;
use nix::errno::Errno;

/// NFPROTO_IPV4, linux/netfilter.h.
const NFPROTO_IPV4: u8 = 2;

fn table(name: &str) -> Message {
    create_table(NFPROTO_IPV4, name).finish().unwrap()
}

fn nf_tables(place: Place) -> Channel {
    Channel {
        place,
        protocol: Protocol::Netfilter,
    }
}

fn sysctl(path: &str, value: &str) -> Op {
    let (path, value) = (path.to_owned(), value.to_owned());
    SysctlOp { path, value }.into()
}

#[test]
fn transaction_with_conflict_leaves_nothing() {
    isolate("transaction_with_conflict_leaves_nothing", || {
        let container = TestContainer::new();
        let mut host = sockets::Host::open().unwrap();
        let mut inside = sockets::Container::open(&host, &NetnsRef::Pid(container.pid())).unwrap();
        let mut sockets = sockets::Sockets {
            host: &mut host,
            container: Some(&mut inside),
        };
        for place in [Place::Host, Place::Container] {
            let channel = nf_tables(place);
            assert_eq!(sockets.send(channel, &[table("first")]), Ok(vec![]));
            // The kernel rejects the second request, and applies neither.
            let rejected = sockets
                .send(channel, &[table("second"), table("first")])
                .unwrap();
            let errors: Vec<_> = rejected
                .iter()
                .map(|(position, error)| (*position, error.errno))
                .collect();
            assert_eq!(errors, [(1, libc::EEXIST)]);
            // The table can be created, so it did not exist.
            assert_eq!(sockets.send(channel, &[table("second")]), Ok(vec![]));
        }
    });
}

#[test]
fn sysctl_is_written_in_its_place_and_rolled_back() {
    isolate("sysctl_is_written_in_its_place_and_rolled_back", || {
        let container = TestContainer::new();
        let path = "net/ipv4/conf/lo/forwarding";
        let read = || std::fs::read_to_string(format!("/proc/sys/{path}")).unwrap();
        let mut host = sockets::Host::open().unwrap();
        let mut inside = sockets::Container::open(&host, &NetnsRef::Pid(container.pid())).unwrap();
        let mut sockets = sockets::Sockets {
            host: &mut host,
            container: Some(&mut inside),
        };
        let set = || Step::container("A test sets it.", sysctl(path, "1"), vec![]);
        let before = (read(), container.in_netns(read));
        assert_eq!(before, ("0\n".into(), "0\n".into()));
        run(&mut sockets, Default::default(), &[set()]).unwrap();
        assert_eq!(
            (read(), container.in_netns(read)),
            ("0\n".into(), "1\n".into())
        );
        // A later step fails: the value that was there before is written again.
        let set_to_0 = Step::container("A test sets it.", sysctl(path, "0"), vec![]);
        let fails = Step::container(
            "No link has this name.",
            LinkOp::Delete("none".parse().unwrap()),
            vec![],
        );
        let error = run(&mut sockets, Default::default(), &[set_to_0, fails]).unwrap_err();
        assert!(error.is(Errno::ENODEV), "{error}");
        assert_eq!((error.step, error.rollback.len()), (Some(1), 0));
        assert_eq!(container.in_netns(read), "1\n");
        // A setting that does not exist is an error with a hint.
        let absent = Step::host("A test sets it.", sysctl("net/none", "1"), vec![]);
        let error = run(&mut sockets, Default::default(), &[absent]).unwrap_err();
        let text = error.to_string();
        assert!(error.is(Errno::ENOENT) && text.contains("/proc"), "{text}");
    });
}

/// A step that sends RTM_NEWADDR on the channel of nf_tables. The kernel rejects it there.
fn misdirected(link: &str) -> Step {
    let op = AddressOp::Add(link.parse().unwrap(), "10.0.0.1/24".parse().unwrap());
    Step {
        channel: nf_tables(Place::Host),
        ..Step::host("A test sends it.", op, vec![])
    }
}

#[test]
fn rejected_transaction_with_tolerated_error_is_a_failure() {
    isolate(
        "rejected_transaction_with_tolerated_error_is_a_failure",
        || {
            let mut host = sockets::Host::open().unwrap();
            let mut sockets = sockets::Sockets {
                host: &mut host,
                container: None,
            };
            let tolerant = Step {
                tolerate: Some(Errno::EINVAL),
                ..misdirected("lo")
            };
            let error = run(&mut sockets, Default::default(), &[tolerant]).unwrap_err();
            assert!(error.is(Errno::EINVAL), "{error}");
            assert_eq!((error.step, error.rollback.len()), (Some(0), 0));
        },
    );
}

#[test]
fn transaction_with_missing_link_is_not_sent_in_part() {
    isolate("transaction_with_missing_link_is_not_sent_in_part", || {
        let mut host = sockets::Host::open().unwrap();
        let mut sockets = sockets::Sockets {
            host: &mut host,
            container: None,
        };
        // The kernel would reject the first message if it were sent.
        let steps = [misdirected("lo"), misdirected("none")];
        let error = run(&mut sockets, Default::default(), &steps).unwrap_err();
        assert_eq!((error.kind, error.step), (Kind::NotFound, Some(1)));
        let text = error.to_string();
        assert!(text.contains("there is no link none"), "{text}");
    });
}
