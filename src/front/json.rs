//! Results as JSON. An unknown value is null.

use crate::error::{Error, Result};
use crate::netset::{Attached, BridgeEntry};

#[cfg(feature = "runtimes")]
mod objects {
    //! The objects, with their members in the order of the output.

    use crate::netset::{Attached, BridgeEntry};
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
    pub struct AttachedObject {
        pub bridge: String,
        pub gateways: Vec<String>,
        #[serde(flatten)]
        pub container: Container,
    }

    impl From<&BridgeEntry> for Bridge {
        fn from(bridge: &BridgeEntry) -> Self {
            Self {
                name: bridge.name.clone(),
                addresses: bridge.addresses.iter().map(ToString::to_string).collect(),
                containers: bridge.containers.iter().map(Container::from).collect(),
            }
        }
    }

    impl From<&Attached> for Container {
        fn from(attached: &Attached) -> Self {
            let container = attached.container.as_ref();
            Self {
                id: attached.id.clone(),
                host_ifname: attached.host.name.clone(),
                container_ifname: container.map(|end| end.name.clone()),
                addresses: attached
                    .addresses
                    .iter()
                    .map(|address| address.cidr.to_string())
                    .collect(),
                mac: container.and_then(|end| Some(end.mac?.to_string())),
                pid: attached.pid,
                netns: attached.netns.clone(),
            }
        }
    }
}

/// Rejects `--json`, before the first change, in a build without JSON.
///
/// # Errors
/// [`Kind::Usage`](crate::error::Kind::Usage).
pub fn available() -> Result<()> {
    match cfg!(feature = "runtimes") {
        true => Ok(()),
        false => Err(Error::usage(
            "--json: this build lacks the feature \"runtimes\"",
        )),
    }
}

/// The output of `list --json`.
///
/// # Errors
/// In a build without JSON.
#[cfg(feature = "runtimes")]
pub fn list(bridges: &[BridgeEntry]) -> Result<String> {
    to_json(&objects::List {
        bridges: bridges.iter().map(objects::Bridge::from).collect(),
    })
}

/// The output of `up --json`.
///
/// # Errors
/// In a build without JSON.
#[cfg(feature = "runtimes")]
pub fn up(attached: &Attached) -> Result<String> {
    to_json(&objects::AttachedObject {
        bridge: attached.bridge.name.clone(),
        gateways: attached
            .gateways()
            .iter()
            .map(ToString::to_string)
            .collect(),
        container: attached.into(),
    })
}

#[cfg(feature = "runtimes")]
fn to_json(object: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(object).map_err(|error| Error::usage(format!("--json: {error}")))
}

/// The output of `list --json`.
///
/// # Errors
/// In a build without JSON.
#[cfg(not(feature = "runtimes"))]
pub fn list(_: &[BridgeEntry]) -> Result<String> {
    available().map(|()| String::new())
}

/// The output of `up --json`.
///
/// # Errors
/// In a build without JSON.
#[cfg(not(feature = "runtimes"))]
pub fn up(_: &Attached) -> Result<String> {
    available().map(|()| String::new())
}
