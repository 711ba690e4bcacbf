//! The identity of the machine.

/// Returns bytes that identify the machine: the content of `/etc/machine-id` (machine-id(5)), or the
/// node name of uname(2) if that file is missing or empty.
pub fn identity() -> Vec<u8> {
    match std::fs::read("/etc/machine-id") {
        Ok(id) if !id.is_empty() => id,
        _ => node_name(),
    }
}

fn node_name() -> Vec<u8> {
    // SAFETY: utsname contains only character arrays, so all zero bytes are a valid value.
    let mut names: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: uname(2) writes within the struct.
    unsafe { libc::uname(&mut names) };
    names
        .nodename
        .iter()
        .take_while(|&&byte| byte != 0)
        .map(|byte| byte.to_ne_bytes()[0])
        .collect()
}
