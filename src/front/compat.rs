//! Spellings: the original's options, `=`, one dash or two, and the command that may be left out.
//!
//! argh takes `--bridge-name brg0` and nothing else. Whatever people type is brought to that first.

/// The original's options, as its users have them in scripts.
const ORIGINAL: [(&str, &str); 5] = [
    ("bridgeName", "bridge-name"),
    ("bridgeAddress", "bridge-address"),
    ("containerAddress", "container-address"),
    ("vethNamePrefix", "veth-name-prefix"),
    ("pid", "pid"),
];

/// The commands; without one it is the first.
pub const COMMANDS: [&str; 9] = [
    "up", "down", "run", "list", "check", "gc", "explain", "decode", "doctor",
];

/// Options that take no value.
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

/// The words in argh's spelling, a command first.
///
/// Behind `run`'s options the words are the command's own and stay as they are.
pub fn normal(words: &[String]) -> Vec<String> {
    let (command, words) = match words.split_first() {
        // Help for all of it.
        Some((only, [])) if ["--help", "-h", "help"].contains(&only.as_str()) => {
            return vec!["--help".into()];
        }
        Some((first, rest)) if COMMANDS.contains(&first.as_str()) => (first.as_str(), rest),
        _ => ("up", words),
    };
    let mut normal = vec![command.to_owned()];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if command == "run" && (word == "--" || !word.starts_with('-')) {
            normal.push("--".into());
            normal.extend((word != "--").then(|| word.clone()));
            normal.extend(words.by_ref().cloned());
            break;
        }
        let Some((name, value)) = option(word) else {
            normal.push(word.clone());
            continue;
        };
        let takes_value = !SWITCHES.contains(&name.as_str());
        normal.push(name);
        match value {
            Some(value) => normal.push(value.into()),
            // The next word is a value, whatever it looks like.
            None if takes_value => normal.extend(words.next().cloned()),
            None => {}
        }
    }
    normal
}

/// An option's name in argh's spelling, and the value behind its `=`.
fn option(word: &str) -> Option<(String, Option<&str>)> {
    let bare = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    let (name, value) = match bare.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (bare, None),
    };
    match ORIGINAL.iter().find(|(original, _)| *original == name) {
        Some((_, name)) => Some((format!("--{name}"), value)),
        None if name == "h" => Some(("--help".into(), value)),
        // One dash with a name that is not the original's is no spelling of ours.
        None => word.starts_with("--").then(|| (format!("--{name}"), value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        normal(&words).join(" ")
    }

    #[test]
    fn the_originals_line_is_ours() {
        let ours = "up --bridge-address 10.10.10.1/24 --bridge-name brg0 --pid 7 \
                    --veth-name-prefix veth";
        for original in [
            "-bridgeAddress 10.10.10.1/24 -bridgeName brg0 -pid 7 -vethNamePrefix veth",
            "--bridgeAddress=10.10.10.1/24 -bridgeName=brg0 --pid 7 --vethNamePrefix=veth",
            "up --bridge-address=10.10.10.1/24 --bridge-name=brg0 -pid=7 -vethNamePrefix veth",
        ] {
            assert_eq!(of(original), ours);
        }
    }

    #[test]
    fn a_value_stays_as_it_is() {
        assert_eq!(of("--bridge-name --pid"), "up --bridge-name --pid");
        assert_eq!(of("--bridge-name=a=b"), "up --bridge-name a=b");
        assert_eq!(of("--bridge-name="), "up --bridge-name ");
    }

    #[test]
    fn the_commands_words_are_its_own() {
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
    fn help_has_two_spellings() {
        assert_eq!(of("-h"), "--help");
        assert_eq!(of("up -h"), "up --help");
        assert_eq!(of("down --help"), "down --help");
    }
}
