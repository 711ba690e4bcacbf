//! The kernel's settings, `/proc/sys`: the only way to them.

/// The number that a setting has; `None` where /proc is not mounted or has no such setting.
/// As for sysctl(8), a slash in the name is a dot in the file's.
pub fn number(name: &str) -> Option<i64> {
    let turned = name.chars().map(|char| match char {
        '.' => '/',
        '/' => '.',
        char => char,
    });
    let path = format!("/proc/sys/{}", turned.collect::<String>());
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}
