//! What `check` and `list` print, and results that cannot be written.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::{links, listed};
use common::snapshot::{differences, snapshot};
use common::temporary::TemporaryDirectory;
use common::{TestContainer, binary, isolate, netsetgo, perform, refused, succeeds};
use netsetgo::plan::op::{Op, Route, RouteOp};
use std::process::{Command, Stdio};

#[test]
fn check_prints_each_difference_and_changes_nothing() {
    isolate("check_prints_each_difference_and_changes_nothing", || {
        let container = TestContainer::new();
        let arguments = format!("--pid {}", container.pid());
        let before = (snapshot(), container.in_netns(snapshot));
        let output = netsetgo(&format!("check {arguments}"));
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            printed.lines().count() >= 7 && printed.lines().all(|l| l.starts_with("missing: ")),
            "{printed}"
        );
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(
            differences(&before.1, &container.in_netns(snapshot)),
            [""; 0]
        );
        succeeds(&format!("up {arguments}"));
        succeeds(&format!("check {arguments}"));
        let (link, gateway) = ("veth1".parse().unwrap(), "10.10.10.1".parse().unwrap());
        container.in_netns(|| {
            perform(Op::Route(RouteOp::Delete(Route {
                destination: None,
                gateway,
                link,
            })))
        });
        let output = netsetgo(&format!("check {arguments}"));
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            "missing: add default route via 10.10.10.1 in container\n"
        );
    });
}

#[test]
fn list_prints_tree_of_bridges_and_containers() {
    isolate("list_prints_tree_of_bridges_and_containers", || {
        let container = TestContainer::new();
        succeeds(&format!(
            "up --pid {} --id c1 --mac 02:00:00:00:00:07",
            container.pid()
        ));
        let output = String::from_utf8(netsetgo("list").stdout).unwrap();
        assert_eq!(
            output,
            format!(
                "brg0  10.10.10.1/24\n└─ veth0  veth1  10.10.10.2/24  02:00:00:00:00:07  id c1  pid {}\n",
                container.pid()
            )
        );
    });
}

#[test]
fn namespace_without_process_is_listed_by_name() {
    isolate("namespace_without_process_is_listed_by_name", || {
        use nix::mount::{MsFlags, mount};
        // The test makes a mount namespace, in which /run is empty.
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS).unwrap();
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
        mount(Some("run"), "/run", Some("tmpfs"), MsFlags::empty(), none).unwrap();
        std::fs::create_dir("/run/netns").unwrap();
        // A file that `ip netns` leaves of a deleted namespace, and a file that never was a namespace.
        std::fs::write("/run/netns/a-leftover", "").unwrap();
        nix::unistd::mkfifo("/run/netns/b-pipe", nix::sys::stat::Mode::S_IRUSR).unwrap();
        std::fs::write("/run/netns/web", "").unwrap();
        let container = TestContainer::new();
        let file = format!("/proc/{}/ns/net", container.pid());
        mount(Some(&*file), "/run/netns/web", none, MsFlags::MS_BIND, none).unwrap();
        drop(container);
        succeeds("up --netns web");
        let output = String::from_utf8(netsetgo("list").stdout).unwrap();
        assert!(
            output.trim_end().ends_with("  netns web") && !output.contains("pid"),
            "{output}"
        );
        let list = listed();
        let listed = &list["bridges"][0]["containers"][0];
        assert_eq!(
            (&listed["netns"], &listed["pid"]),
            (&"web".into(), &serde_json::Value::Null)
        );
        succeeds("down --netns web");
    });
}

#[test]
fn pipe_as_netns_is_refused_at_once() {
    isolate("pipe_as_netns_is_refused_at_once", || {
        let directory = TemporaryDirectory::new("pipe");
        let path = directory.file("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
        let line = refused(&format!("up --netns {}", path.display()));
        assert!(line.contains("is not a network namespace"), "{line}");
    });
}

#[test]
fn result_that_cannot_be_written_is_an_error() {
    isolate("result_that_cannot_be_written_is_an_error", || {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let status = Command::new(binary())
            .args(["explain"])
            .stdout(full)
            .stderr(Stdio::null())
            .status();
        assert_eq!(status.unwrap().code(), Some(1));
        let full = || {
            std::fs::File::options()
                .write(true)
                .open("/dev/full")
                .unwrap()
        };
        let status = Command::new(binary())
            .args(["up", "--pid", "x"])
            .stderr(full())
            .status();
        assert_eq!(status.unwrap().code(), Some(2));
        // The error names the links that remain, and the exit status 3 means that they remain.
        let (before, container) = (links(), TestContainer::new());
        let pid = container.pid().to_string();
        let output = Command::new(binary())
            .args(["up", "--json", "--pid", &pid])
            .stdout(full())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{error}");
        assert!(
            error.contains("ENOSPC") && error.contains("what remains") && error.contains("veth0"),
            "{error}"
        );
        succeeds(&format!("down --pid {pid}"));
        let status = Command::new(binary())
            .args(["run", "--json", "--", "true"])
            .stdout(full())
            .stderr(Stdio::null())
            .status();
        assert_eq!((status.unwrap().code(), links()), (Some(1), before));
    });
}
