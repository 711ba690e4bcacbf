//! The kernel's settings, `/proc/sys`: the only way to them.

/// The number that a setting has; `None` where /proc is not mounted or has no such setting.
pub fn number(name: &str) -> Option<i64> {
    let path = format!("/proc/sys/{}", name.replace('.', "/"));
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}
