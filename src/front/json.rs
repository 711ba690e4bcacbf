//! Results as JSON. Unknown things are null.

use crate::config::NetworkConfig;
use crate::error::{Error, Result};
use crate::netset::{ListedBridge, ListedContainer};

#[cfg(feature = "runtimes")]
mod objects {
    //! The objects' members, in their order.

    use crate::netset::{ListedBridge, ListedContainer};
    use serde::Serialize;

    #[derive(Serialize)]
    pub struct List {
        pub bridges: Vec<Bridge>,
    }

    #[derive(Serialize)]
    pub struct Bridge {
        name: String,
        addresses: Vec<String>,
        containers: Vec<Container>,
    }

    #[derive(Serialize)]
    pub struct Container {
        id: Option<String>,
        host_ifname: String,
        container_ifname: Option<String>,
        addresses: Vec<String>,
        mac: Option<String>,
        pid: Option<u32>,
        netns: Option<String>,
    }

    #[derive(Serialize)]
    pub struct Attached {
        pub bridge: String,
        pub gateways: Vec<String>,
        #[serde(flatten)]
        pub container: Container,
    }

    impl From<&ListedBridge> for Bridge {
        fn from(bridge: &ListedBridge) -> Self {
            Self {
                name: bridge.name.clone(),
                addresses: bridge.addresses.iter().map(ToString::to_string).collect(),
                containers: bridge.containers.iter().map(Container::from).collect(),
            }
        }
    }

    impl From<&ListedContainer> for Container {
        fn from(container: &ListedContainer) -> Self {
            Self {
                id: container.id.clone(),
                host_ifname: container.host_ifname.clone(),
                container_ifname: container.container_ifname.clone(),
                addresses: container
                    .addresses
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                mac: container.mac.map(|mac| mac.to_string()),
                pid: container.pid,
                netns: container.netns.clone(),
            }
        }
    }
}

/// Refuses, before anything is changed, what this build cannot say.
pub fn available() -> Result<()> {
    match cfg!(feature = "runtimes") {
        true => Ok(()),
        false => Err(Error::usage(
            "--json: this build has no JSON (feature \"runtimes\")",
        )),
    }
}

/// `list --json`.
#[cfg(feature = "runtimes")]
pub fn list(bridges: &[ListedBridge]) -> Result<String> {
    words(&objects::List {
        bridges: bridges.iter().map(objects::Bridge::from).collect(),
    })
}

/// `up --json`.
#[cfg(feature = "runtimes")]
pub fn up(config: &NetworkConfig, container: &ListedContainer) -> Result<String> {
    words(&objects::Attached {
        bridge: config.bridge_name.to_string(),
        gateways: config.gateways().iter().map(ToString::to_string).collect(),
        container: container.into(),
    })
}

#[cfg(feature = "runtimes")]
fn words(object: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(object).map_err(|error| Error::usage(format!("--json: {error}")))
}

/// `list --json`.
#[cfg(not(feature = "runtimes"))]
pub fn list(_: &[ListedBridge]) -> Result<String> {
    available().map(|()| String::new())
}

/// `up --json`.
#[cfg(not(feature = "runtimes"))]
pub fn up(_: &NetworkConfig, _: &ListedContainer) -> Result<String> {
    available().map(|()| String::new())
}
