//! Kernel settings in `/proc/sys`. Netlink and ioctl(2) do not offer these settings.
//!
//! `/proc/sys/net` shows the settings of the network namespace of the thread that opens the file.

use nix::errno::Errno;
use std::io::{Error, Read, Seek, SeekFrom, Write};

/// Returns the value of a numeric setting, or `None` if `/proc` is not mounted or has no such
/// setting. `name` is a name as in sysctl(8): a dot separates components, and a slash stands for a
/// dot within a component.
pub fn number(name: &str) -> Option<i64> {
    let path: String = name
        .chars()
        .map(|character| match character {
            '.' => '/',
            '/' => '.',
            character => character,
        })
        .collect();
    let text = std::fs::read_to_string(format!("/proc/sys/{path}")).ok()?;
    text.trim().parse().ok()
}

/// Sets a setting to `value`, unless it has this value already. `path` is relative to `/proc/sys`.
/// Returns the previous value, without its line break.
///
/// # Errors
/// The errno of open(2), read(2) or write(2).
pub fn set(path: &str, value: &str) -> Result<String, Errno> {
    let errno = |error: Error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO));
    let mut file = std::fs::File::options()
        .read(true)
        .write(true)
        .open(format!("/proc/sys/{path}"))
        .map_err(errno)?;
    let mut previous = String::new();
    file.read_to_string(&mut previous).map_err(errno)?;
    let previous = previous.trim_end().to_owned();
    if previous != value {
        file.seek(SeekFrom::Start(0)).map_err(errno)?;
        file.write_all(value.as_bytes()).map_err(errno)?;
    }
    Ok(previous)
}
