//! Kernel settings below /proc/sys. No other interface reaches them.
//!
//! /proc/sys/net shows the network namespace of the thread that opens a file.

use nix::errno::Errno;
use std::io::{Error, Read, Seek, SeekFrom, Write};

/// The value of a numeric setting; `None` where /proc is not mounted or has no such setting. As in
/// sysctl(8), a slash in `name` stands for a dot in the file name.
pub fn number(name: &str) -> Option<i64> {
    let path: String = name
        .chars()
        .map(|char| match char {
            '.' => '/',
            '/' => '.',
            char => char,
        })
        .collect();
    let text = std::fs::read_to_string(format!("/proc/sys/{path}")).ok()?;
    text.trim().parse().ok()
}

/// Sets a value, unless it is set already. `path` is below /proc/sys. Returns the value before,
/// without its line break.
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
    let mut before = String::new();
    file.read_to_string(&mut before).map_err(errno)?;
    let before = before.trim_end().to_owned();
    if before != value {
        file.seek(SeekFrom::Start(0)).map_err(errno)?;
        file.write_all(value.as_bytes()).map_err(errno)?;
    }
    Ok(before)
}
