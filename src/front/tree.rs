//! `list` as text: each bridge, with its containers below it.

use crate::netset::{Attached, BridgeEntry};

/// One line for each bridge, then one indented line for each of its containers.
pub fn list(bridges: &[BridgeEntry]) -> String {
    let mut lines = Vec::new();
    for bridge in bridges {
        let line = format!("{}  {}", bridge.name, joined(&bridge.addresses));
        lines.push(line.trim_end().to_owned());
        let last = bridge.containers.len().saturating_sub(1);
        for (position, attached) in bridge.containers.iter().enumerate() {
            let branch = if position == last { "└─" } else { "├─" };
            lines.push(format!("{branch} {}", container(attached)));
        }
    }
    lines.join("\n")
}

fn container(attached: &Attached) -> String {
    let container_end = attached.container.as_ref();
    let addresses: Vec<_> = attached
        .addresses
        .iter()
        .map(|address| address.cidr)
        .collect();
    let mut columns = vec![attached.host.name.clone()];
    columns.extend(container_end.map(|end| end.name.clone()));
    columns.push(joined(&addresses));
    columns.extend(container_end.and_then(|end| Some(end.mac?.to_string())));
    columns.extend(attached.id.as_ref().map(|id| format!("id {id}")));
    columns.extend(attached.pid.map(|pid| format!("pid {pid}")));
    columns.extend(attached.netns.as_ref().map(|name| format!("netns {name}")));
    columns.retain(|column| !column.is_empty());
    columns.join("  ")
}

fn joined<T: ToString>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netset::{Address, Interface};

    fn interface(name: &str) -> Interface {
        Interface {
            name: name.into(),
            index: Some(7),
            mac: None,
            mtu: Some(1500),
        }
    }

    fn attached(host: &str, id: Option<&str>) -> Attached {
        Attached {
            id: id.map(str::to_owned),
            bridge: interface("brg0"),
            host: interface(host),
            container: Some(interface("veth1")),
            addresses: vec![Address {
                cidr: "10.10.10.2/24".parse().unwrap(),
                gateway: None,
            }],
            routes: Vec::new(),
            pid: None,
            netns: id.map(|_| "web".to_owned()),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn list_with_two_containers_prints_them_below_their_bridge() {
        let bridge = BridgeEntry {
            name: "brg0".into(),
            addresses: vec!["10.10.10.1/24".parse().unwrap()],
            containers: vec![attached("veth0", Some("c1")), attached("w0", None)],
        };
        let empty = BridgeEntry {
            name: "br1".into(),
            addresses: vec![],
            containers: vec![],
        };
        assert_eq!(
            list(&[bridge, empty]),
            "brg0  10.10.10.1/24\n\
             ├─ veth0  veth1  10.10.10.2/24  id c1  netns web\n\
             └─ w0  veth1  10.10.10.2/24\n\
             br1"
        );
    }
}
