//! From the text of one option, or of two that belong together, to a validated value.

use crate::config::{Ipam, NetnsRef};
use crate::error::{Error, Result};
use std::str::FromStr;

pub(super) fn container(pid: Option<&str>, netns: Option<&str>) -> Result<Option<NetnsRef>> {
    match (pid, netns) {
        (Some(pid), None) => match number(pid) {
            Some(pid) => Ok(Some(NetnsRef::Pid(pid))),
            None => Err(Error::usage(format!("process id {pid:?} is not a number"))),
        },
        (None, Some(netns)) => netns.parse().map(Some),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Error::usage(
            "--pid and --netns name a container twice; give one of them",
        )),
    }
}

/// How the container gets its addresses.
pub(super) fn ipam(values: &[String]) -> Result<Ipam> {
    match values {
        [auto] if auto == "auto" => Ok(Ipam::Auto),
        values if values.iter().any(|value| value == "auto") => Err(Error::usage(
            "container address \"auto\" allocates one address in each subnet of the bridge; no other \
             address can be given beside it",
        )),
        values => Ok(Ipam::Static(all(values, "10.10.10.2/24")?)),
    }
}

pub(super) fn mtu(text: &str) -> Result<u32> {
    number(text).ok_or_else(|| Error::usage(format!("mtu {text:?}: expected a number of bytes")))
}

/// A number of digits only. `parse` alone would accept a sign.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

pub(super) fn each<T: FromStr<Err = Error>>(values: &[String]) -> Result<Vec<T>> {
    values.iter().map(|value| value.parse()).collect()
}

pub(super) fn all<T: FromStr<Err = Error>>(values: &[String], default: &str) -> Result<Vec<T>> {
    match values {
        [] => Ok(vec![default.parse()?]),
        values => each(values),
    }
}

pub(super) fn maybe<T: FromStr<Err = Error>>(value: &Option<String>) -> Result<Option<T>> {
    value.as_deref().map(str::parse).transpose()
}
