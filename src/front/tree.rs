//! `list` for people.

use crate::netset::{ListedBridge, ListedContainer};

/// Each bridge with its containers below it.
pub fn list(bridges: &[ListedBridge]) -> String {
    let mut lines = Vec::new();
    for bridge in bridges {
        lines.push(
            format!("{}  {}", bridge.name, words(&bridge.addresses))
                .trim_end()
                .to_owned(),
        );
        let last = bridge.containers.len().saturating_sub(1);
        for (place, container) in bridge.containers.iter().enumerate() {
            let branch = if place == last { "└─" } else { "├─" };
            lines.push(format!("{branch} {}", line(container)));
        }
    }
    lines.join("\n")
}

fn line(container: &ListedContainer) -> String {
    let mut line = vec![container.host_ifname.clone()];
    line.extend(container.container_ifname.clone());
    line.push(words(&container.addresses));
    line.extend(container.mac.map(|mac| mac.to_string()));
    line.extend(container.id.as_ref().map(|id| format!("id {id}")));
    line.extend(container.pid.map(|pid| format!("pid {pid}")));
    line.extend(container.netns.as_ref().map(|name| format!("netns {name}")));
    line.retain(|word| !word.is_empty());
    line.join("  ")
}

fn words<T: ToString>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bridge_stands_above_its_containers() {
        let container = |host: &str, id: Option<&str>| ListedContainer {
            id: id.map(str::to_owned),
            host_ifname: host.into(),
            container_ifname: Some("veth1".into()),
            addresses: vec!["10.10.10.2/24".parse().unwrap()],
            netns: id.map(|_| "web".to_owned()),
            ..ListedContainer::default()
        };
        let bridge = ListedBridge {
            name: "brg0".into(),
            addresses: vec!["10.10.10.1/24".parse().unwrap()],
            containers: vec![container("veth0", Some("c1")), container("w0", None)],
        };
        let empty = ListedBridge {
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
