//! What `netsetgo list` prints, and the links of the thread's network namespace.

use super::netsetgo;
use super::snapshot::snapshot;

/// Runs `netsetgo list --json` and parses what it prints.
pub fn listed() -> serde_json::Value {
    let output = netsetgo("list --json");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// All addresses of all containers on the first bridge that `netsetgo list --json` prints.
pub fn addresses() -> Vec<String> {
    let list = listed();
    let containers = list["bridges"][0]["containers"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let each = |container: &serde_json::Value| container["addresses"].as_array().unwrap().clone();
    containers
        .iter()
        .flat_map(each)
        .map(|a| a.as_str().unwrap().to_owned())
        .collect()
}

/// The links of the thread's network namespace, each as `link NAME`.
pub fn links() -> Vec<String> {
    let is_link = |name: &&String| name.starts_with("link ");
    snapshot().keys().filter(is_link).cloned().collect()
}
