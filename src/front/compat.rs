//! Compatibility with the Go program of the same name: its options, with one dash or two, with a space
//! or `=`, and an omitted command.
//!
//! argh accepts `--bridge-name brg0` only. netsetgo rewrites every other form to that one first.

/// The options of the Go program, and the names of the same options in netsetgo.
const ORIGINAL: [(&str, &str); 5] = [
    ("bridgeName", "bridge-name"),
    ("bridgeAddress", "bridge-address"),
    ("containerAddress", "container-address"),
    ("vethNamePrefix", "veth-name-prefix"),
    ("pid", "pid"),
];

/// The commands. The first is the default.
pub const COMMANDS: [&str; 9] = [
    "up", "down", "run", "list", "check", "gc", "explain", "decode", "doctor",
];

/// The options that take no value.
pub const SWITCHES: [&str; 9] = [
    "--trace",
    "--help",
    "--sandbox",
    "--hairpin",
    "--isolated",
    "--no-default-route",
    "--json",
    "--keep-bridge",
    "--dry-run",
];

/// The arguments in the form that argh accepts, with a command first.
///
/// `help COMMAND` becomes `COMMAND --help`. The arguments after `run`'s options belong to the
/// command that `run` runs, and stay as they are.
pub fn normalize(arguments: &[String]) -> Vec<String> {
    let plain: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match plain.as_slice() {
        ["--help" | "-h" | "help"] => return vec!["--help".into()],
        ["--version" | "-V"] => return vec!["--version".into()],
        ["help", command] if COMMANDS.contains(command) => {
            return vec![(*command).into(), "--help".into()];
        }
        _ => {}
    }
    let (command, arguments) = match arguments.split_first() {
        Some((first, rest)) if COMMANDS.contains(&first.as_str()) => (first.as_str(), rest),
        _ => ("up", arguments),
    };
    let mut normal = vec![command.to_owned()];
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if command == "run" && (argument == "--" || !argument.starts_with('-')) {
            normal.push("--".into());
            normal.extend((argument != "--").then(|| argument.clone()));
            normal.extend(arguments.by_ref().cloned());
            break;
        }
        let Some((name, value)) = option(argument) else {
            normal.push(argument.clone());
            continue;
        };
        let takes_value = !SWITCHES.contains(&name.as_str());
        normal.push(name);
        match value {
            Some(value) => normal.push(value.into()),
            // The next argument is the value, even where it begins with a dash.
            None if takes_value => normal.extend(arguments.next().cloned()),
            None => {}
        }
    }
    normal
}

/// An option's name in argh's form, and the value after its `=`.
fn option(argument: &str) -> Option<(String, Option<&str>)> {
    let bare = argument
        .strip_prefix("--")
        .or_else(|| argument.strip_prefix('-'))?;
    let (name, value) = match bare.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (bare, None),
    };
    match ORIGINAL.iter().find(|(original, _)| *original == name) {
        Some((_, name)) => Some((format!("--{name}"), value)),
        None if name == "h" => Some(("--help".into(), value)),
        // With one dash, netsetgo accepts only the options of the Go program.
        None => argument
            .starts_with("--")
            .then(|| (format!("--{name}"), value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> String {
        let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
        normalize(&arguments).join(" ")
    }

    #[test]
    fn command_line_of_the_go_program_is_accepted() {
        let expected = "up --bridge-address 10.10.10.1/24 --bridge-name brg0 --pid 7 \
                    --veth-name-prefix veth";
        for original in [
            "-bridgeAddress 10.10.10.1/24 -bridgeName brg0 -pid 7 -vethNamePrefix veth",
            "--bridgeAddress=10.10.10.1/24 -bridgeName=brg0 --pid 7 --vethNamePrefix=veth",
            "up --bridge-address=10.10.10.1/24 --bridge-name=brg0 -pid=7 -vethNamePrefix veth",
        ] {
            assert_eq!(of(original), expected);
        }
    }

    #[test]
    fn value_with_dash_is_kept() {
        assert_eq!(of("--bridge-name --pid"), "up --bridge-name --pid");
        assert_eq!(of("--bridge-name=a=b"), "up --bridge-name a=b");
        assert_eq!(of("--bridge-name="), "up --bridge-name ");
    }

    #[test]
    fn run_with_command_keeps_its_arguments() {
        assert_eq!(of("run ls -l --pid=3"), "run -- ls -l --pid=3");
        assert_eq!(
            of("run --sandbox -- ls -- -pid"),
            "run --sandbox -- ls -- -pid"
        );
        assert_eq!(
            of("run --bridge-name br0 ip -a"),
            "run --bridge-name br0 -- ip -a"
        );
    }

    #[test]
    fn help_and_version_have_several_forms() {
        assert_eq!(of("-h"), "--help");
        assert_eq!(of("up -h"), "up --help");
        assert_eq!(of("down --help"), "down --help");
        assert_eq!(of("help down"), "down --help");
        assert_eq!(of("help"), "--help");
        assert_eq!(of("-V"), "--version");
        assert_eq!(of("--version"), "--version");
    }
}
