//! Address allocation (IPAM): the addresses that `auto` gives, and addresses that are taken.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::listing::{addresses, links};
use common::snapshot::{differences, snapshot};
use common::wait::wait_for_links;
use common::{TestContainer, isolate, netsetgo, perform, refused, succeeds};
use netsetgo::plan::op::{AddressOp, LinkOp, Op};
use std::collections::HashSet;

#[test]
fn auto_address_is_lowest_free_and_is_reused() {
    isolate("auto_address_is_lowest_free_and_is_reused", || {
        let containers: Vec<TestContainer> = (0..3).map(|_| TestContainer::new()).collect();
        let up = |container: &TestContainer| {
            let output = netsetgo(&format!(
                "up --json --pid {} --container-address auto",
                container.pid()
            ));
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(object["bridge"], "brg0");
            assert_eq!(object["gateways"], serde_json::json!(["10.10.10.1"]));
            (
                object["addresses"][0].as_str().unwrap().to_owned(),
                object["host_ifname"].as_str().unwrap().to_owned(),
            )
        };
        let given: Vec<_> = containers.iter().map(up).collect();
        assert_eq!(given[0], ("10.10.10.2/24".into(), "veth0a0a0a02".into()));
        assert_eq!(given[1].0, "10.10.10.3/24");
        assert_eq!(given[2].0, "10.10.10.4/24");
        // A container that has an address keeps it.
        let before = snapshot();
        assert_eq!(up(&containers[1]), given[1]);
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        // The namespace of the first container ends. The kernel deletes the link some time later.
        let mut containers = containers;
        drop(containers.remove(0));
        wait_for_links("removal of the first host end", || {
            !links().contains(&"link veth0a0a0a02".to_owned())
        });
        let next = TestContainer::new();
        assert_eq!(up(&next), given[0]);
        assert_eq!(addresses().len(), 3);
    });
}

#[test]
fn auto_address_in_full_subnet_is_refused() {
    isolate("auto_address_in_full_subnet_is_refused", || {
        let containers: Vec<TestContainer> = (0..6).map(|_| TestContainer::new()).collect();
        let up = |container: &TestContainer| {
            format!(
                "up --pid {} --bridge-address 10.10.10.1/29 --container-address auto",
                container.pid()
            )
        };
        // One container has a static address.
        succeeds(&format!(
            "up --pid {} --bridge-address 10.10.10.1/29 --container-address \
        10.10.10.4/29",
            containers[0].pid()
        ));
        containers[1..5]
            .iter()
            .for_each(|container| succeeds(&up(container)));
        let given: HashSet<String> = addresses().into_iter().collect();
        assert_eq!(given.len(), 5, "{given:?}");
        let before = snapshot();
        let line = refused(&up(&containers[5]));
        assert!(
            line.contains("subnet 10.10.10.0/29 has no free address: all 6 are in use"),
            "{line}"
        );
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
    });
}

#[test]
fn auto_address_with_taken_names_uses_the_next() {
    isolate("auto_address_with_taken_names_uses_the_next", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        // A bridge with two addresses in one subnet gives the container one address.
        let up = |container: &TestContainer, more: &str| {
            format!(
                "up --pid {} --bridge-address 10.10.10.1/24 \
        --bridge-address 10.10.10.254/24 --container-address auto{more}",
                container.pid()
            )
        };
        succeeds(&up(&one, ""));
        assert_eq!(addresses(), ["10.10.10.2/24"]);
        succeeds(&up(&one, "").replace("up", "check"));
        let line = refused(&up(&one, " --host-ifname other"));
        assert!(
            line.contains("the host end of the container's veth1 is veth0a0a0a02"),
            "{line}"
        );
        // A link that netsetgo did not create has the name of the next host end, but not its address.
        perform(Op::Ioctl(netsetgo::plan::op::Ioctl::AddBridge(
            "veth0a0a0a03".parse().unwrap(),
        )));
        succeeds(&up(&two, ""));
        assert_eq!(addresses(), ["10.10.10.2/24", "10.10.10.4/24"]);
        // The bridge may have the name that the host end has without auto.
        let three = TestContainer::new();
        succeeds(&format!(
            "up --pid {} --bridge-name veth0 --bridge-address 10.11.0.1/24 \
        --container-address auto",
            three.pid()
        ));
    });
}

#[test]
fn address_of_another_container_is_refused() {
    isolate("address_of_another_container_is_refused", || {
        let (one, two) = (TestContainer::new(), TestContainer::new());
        succeeds(&format!("up --pid {} --id first", one.pid()));
        let before = (snapshot(), two.in_netns(snapshot));
        let line = refused(&format!("up --pid {} --veth-name-prefix w", two.pid()));
        assert!(
            line.contains("address 10.10.10.2 in host: veth0 of first has it already"),
            "{line}"
        );
        let line = refused(&format!(
            "up --pid {} --veth-name-prefix w --container-ifname veth1 \
        --container-address 10.10.10.3/24 --id first",
            two.pid()
        ));
        assert!(
            line.contains("attachment of this owner in host: veth0 of first has it"),
            "{line}"
        );
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(differences(&before.1, &two.in_netns(snapshot)), [""; 0]);
    });
}

#[test]
fn address_that_the_container_has_is_refused() {
    isolate("address_that_the_container_has_is_refused", || {
        let (container, other) = (TestContainer::new(), TestContainer::new());
        succeeds(&format!("up --pid {} --no-default-route", container.pid()));
        let before = (snapshot(), container.in_netns(snapshot));
        let arguments = "--bridge-name br1 --bridge-address 10.10.10.9/24 --host-ifname h1 \
        --container-ifname eth1 --no-default-route";
        // The first address is on a link of netsetgo. The second is one that another program added.
        let line = refused(&format!("up --pid {} {arguments}", container.pid()));
        assert!(
            line.contains("address 10.10.10.2 in container: veth1 has it already"),
            "{line}"
        );
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        other.in_netns(|| {
            let lo = netsetgo::config::IfName::lo;
            perform(Op::Link(LinkOp::SetUp(lo())));
            perform(Op::Address(AddressOp::Add(
                lo(),
                "10.11.0.2/24".parse().unwrap(),
            )));
        });
        let line = refused(&format!(
            "up --pid {} --bridge-name br1 --bridge-address 10.11.0.1/24 \
        --container-address 10.11.0.2/24 --host-ifname h1",
            other.pid()
        ));
        assert!(
            line.contains("address 10.11.0.2 in container: lo has it already"),
            "{line}"
        );
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
    });
}
