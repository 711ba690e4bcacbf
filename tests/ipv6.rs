//! IPv6: both families, no IPv6, and IPv6 that is disabled.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::addresses;
use common::snapshot::{differences, snapshot};
use common::wait::wait_for_links;
use common::{TestContainer, bound, isolate, packets_pass, refused, succeeds};
use netsetgo::os::ioctl;

#[test]
fn up_with_ipv4_and_ipv6_configures_both() {
    isolate("up_with_ipv4_and_ipv6_configures_both", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        let up = |container: &TestContainer| {
            format!(
                "up --pid {} --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64 \
         --container-address auto",
                container.pid()
            )
        };
        succeeds(&up(&one));
        succeeds(&up(&two));
        // netsetgo sets IFA_F_NODAD, so a socket can be bound without a wait for duplicate address
        // detection.
        let (host, in_container) = (bound("fd00:10::1"), one.in_netns(|| bound("fd00:10::2")));
        packets_pass((&host.0, host.1), (&in_container.0, in_container.1));
        let other = two.in_netns(|| bound("fd00:10::3"));
        packets_pass((&other.0, other.1), (&in_container.0, in_container.1));
        let routes = one.in_netns(snapshot);
        assert!(
            routes
                .keys()
                .any(|name| name.contains("/0 via fd00:10::1@")),
            "{:?}",
            routes.keys()
        );
        assert!(
            routes
                .keys()
                .any(|name| name.contains("/0 via 10.10.10.1@"))
        );
        succeeds(&up(&one).replace("up", "check"));
        let mut all = addresses();
        all.sort();
        assert_eq!(
            all,
            [
                "10.10.10.2/24",
                "10.10.10.3/24",
                "fd00:10::2/64",
                "fd00:10::3/64"
            ]
        );
    });
}

#[test]
fn up_without_ipv6_leaves_no_ipv6_in_container() {
    isolate("up_without_ipv6_leaves_no_ipv6_in_container", || {
        let container = TestContainer::new();
        succeeds(&format!("up --pid {}", container.pid()));
        // The kernel adds a link-local address, if it adds one, when it reports the carrier: both
        // happen under one lock (net/core/link_watch.c, net/ipv6/addrconf.c).
        container.in_netns(|| {
            let (socket, veth1) = (bound("10.10.10.2").0, "veth1".parse().unwrap());
            let running = || ioctl::flags(&socket, &veth1).unwrap() & libc::IFF_RUNNING as u16;
            wait_for_links("carrier of veth1", || running() != 0);
        });
        // /proc/self shows the namespace of the main thread, not of this one.
        let list = container
            .in_netns(|| std::fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap());
        assert!(!list.contains("veth1"), "{list}");
    });
}

#[test]
fn up_with_ipv6_disabled_names_disable_ipv6() {
    isolate("up_with_ipv6_disabled_names_disable_ipv6", || {
        std::fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").unwrap();
        std::fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1").unwrap();
        let container = TestContainer::new();
        let before = (snapshot(), container.in_netns(snapshot));
        let line = refused(&format!(
            "up --pid {} --bridge-address fd00:10::1/64 \
        --container-address fd00:10::2/64",
            container.pid()
        ));
        assert!(
            line.contains("add address fd00:10::1/64 to brg0 in host: EACCES"),
            "{line}"
        );
        assert!(line.contains("disable_ipv6"), "{line}");
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(
            differences(&before.1, &container.in_netns(snapshot)),
            [""; 0]
        );
        succeeds(&format!("up --pid {}", container.pid()));
    });
}
