//! What tells this machine from another.

/// Bytes that stay with the machine: its id, or where it has none its name.
///
/// /etc/machine-id: machine-id(5). uname(2) needs no file.
pub fn seed() -> Vec<u8> {
    match std::fs::read("/etc/machine-id") {
        Ok(id) if !id.is_empty() => id,
        _ => nodename(),
    }
}

fn nodename() -> Vec<u8> {
    // SAFETY: utsname is arrays of characters: all zero bytes are a value of it.
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
