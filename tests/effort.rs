//! How many datagrams and sockets a command needs.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::{TestContainer, binary, isolate, netsetgo};

/// How many datagrams the command sends, as its trace shows them.
fn datagrams_sent(arguments: &str) -> usize {
    let output = netsetgo(&format!("{arguments} --trace"));
    let trace = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments}: {trace}");
    trace
        .lines()
        .filter(|line| line.starts_with("--> "))
        .count()
}

#[test]
fn up_repeated_sends_few_datagrams() {
    isolate("up_repeated_sends_few_datagrams", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        let first = format!("up --pid {}", one.pid());
        let auto = format!("up --pid {} --container-address auto", two.pid());
        // A first up sends 9, and more where the port takes longer to reach the forwarding state.
        assert!(datagrams_sent(&first) >= 9, "with a new bridge");
        assert_eq!(datagrams_sent(&first), 7, "repeated");
        assert!(datagrams_sent(&auto) >= 9, "an allocated address");
        assert_eq!(datagrams_sent(&auto), 7, "repeated");
        assert_eq!(datagrams_sent(&format!("{auto} --json")), 7, "with JSON");
    });
}

/// How many netlink sockets the command opens, as strace prints them.
fn netlink_sockets_opened(arguments: &str) -> usize {
    let output = std::process::Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=socket", &binary()])
        .args(arguments.split(' '))
        .output()
        .expect("this test needs strace (Debian: strace)");
    let trace = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments}: {trace}");
    let netlink = |line: &&str| line.contains("socket(AF_NETLINK");
    trace.lines().filter(netlink).count()
}

#[test]
fn up_with_json_opens_no_further_netlink_socket() {
    isolate("up_with_json_opens_no_further_netlink_socket", || {
        let container = TestContainer::new();
        let up = format!("up --pid {} --container-address auto", container.pid());
        for arguments in [up.clone(), format!("{up} --json")] {
            let count = netlink_sockets_opened(&arguments);
            assert_eq!(count, 2, "{arguments}: one in host, one in container");
        }
    });
}
