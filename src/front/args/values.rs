//! From the words of one option, or of two that belong together, to a checked value.

use crate::config::{Ipam, NetnsRef};
use crate::error::{Error, Result};
use std::str::FromStr;

pub(super) fn container(pid: Option<&str>, netns: Option<&str>) -> Result<Option<NetnsRef>> {
    match (pid, netns) {
        (Some(pid), None) => match number(pid) {
            Some(pid) => Ok(Some(NetnsRef::Pid(pid))),
            None => Err(Error::usage(format!(
                "process {pid:?}: not a process's number"
            ))),
        },
        (None, Some(netns)) => netns.parse().map(Some),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Error::usage(
            "which container? --pid and --netns are two ways to say it",
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

pub(super) fn mtu(words: &str) -> Result<u32> {
    number(words).ok_or_else(|| Error::usage(format!("mtu {words:?}: a number of bytes")))
}

/// Digits and nothing else: no sign, which `parse` would take.
fn number(words: &str) -> Option<u32> {
    let digits = words.bytes().all(|byte| byte.is_ascii_digit());
    words.parse().ok().filter(|_| digits)
}

pub(super) fn each<T: FromStr<Err = Error>>(words: &[String]) -> Result<Vec<T>> {
    words.iter().map(|word| word.parse()).collect()
}

pub(super) fn all<T: FromStr<Err = Error>>(words: &[String], default: &str) -> Result<Vec<T>> {
    match words {
        [] => Ok(vec![default.parse()?]),
        words => each(words),
    }
}

pub(super) fn maybe<T: FromStr<Err = Error>>(word: &Option<String>) -> Result<Option<T>> {
    word.as_deref().map(str::parse).transpose()
}
