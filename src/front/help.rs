//! The help texts. argh's derive describes each option once, in `src/front/args.rs`; this module sorts
//! the options into groups. `examples/generate` makes the man page and the completions of the same
//! descriptions.

use super::args::Args;
use argh::{ArgsInfo, CommandInfoWithArgs, FlagInfo, FlagInfoKind, Optionality, PositionalInfo};
use std::fmt::Write as _;

/// The groups of options, in the order of the help text.
pub const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Container",
        &[
            "--pid",
            "--netns",
            "--id",
            "--container-address",
            "--container-ifname",
            "--mac",
            "--mtu",
            "--sandbox",
        ],
    ),
    (
        "Bridge",
        &[
            "--bridge-name",
            "--bridge-address",
            "--bridge-backend",
            "--keep-bridge",
        ],
    ),
    (
        "Port",
        &[
            "--host-ifname",
            "--veth-name-prefix",
            "--hairpin",
            "--isolated",
        ],
    ),
    ("Routes", &["--route", "--no-default-route"]),
    (
        "Output",
        &["--dry-run", "--json", "--trace", "--pcap", "--help"],
    ),
];

/// The width of a line of help, in characters.
const WIDTH: usize = 80;

/// The description of every command, with its options.
pub fn commands() -> Vec<CommandInfoWithArgs> {
    let commands = Args::get_args_info().commands;
    commands
        .into_iter()
        .map(|command| command.command)
        .collect()
}

/// The options of one command by group. A group without options is left out.
pub fn grouped<'a>(command: &'a CommandInfoWithArgs) -> Vec<(&'static str, Vec<&'a FlagInfo<'a>>)> {
    GROUPS
        .iter()
        .map(|(group, names)| {
            let find = |name: &&str| command.flags.iter().find(|flag| flag.long == *name);
            (*group, names.iter().filter_map(find).collect::<Vec<_>>())
        })
        .filter(|(_, flags)| !flags.is_empty())
        .collect()
}

/// One line that shows how to call a command.
pub fn synopsis(command: &CommandInfoWithArgs) -> String {
    let positionals = command.positionals.iter().map(|positional| {
        let PositionalInfo {
            name, optionality, ..
        } = positional;
        match optionality {
            Optionality::Greedy => format!(" [--] {name}..."),
            _ => format!(" [{name}]"),
        }
    });
    format!(
        "netsetgo {} [OPTIONS]{}",
        command.name,
        positionals.collect::<String>()
    )
}

/// An option as the user writes it: its name, and its argument where it takes one.
pub fn spelling(flag: &FlagInfo<'_>) -> String {
    match flag.kind {
        FlagInfoKind::Switch => flag.long.to_owned(),
        FlagInfoKind::Option { arg_name } => format!("{} {arg_name}", flag.long),
    }
}

/// The help text of one command, or of the program where the name is no command's.
pub fn help(name: &str) -> String {
    match commands().iter().find(|command| command.name == name) {
        Some(command) => of_command(command),
        None => of_program(),
    }
}

fn of_program() -> String {
    let mut text = String::from("Usage: netsetgo [COMMAND] [OPTIONS]\n\n");
    paragraph(&mut text, Args::get_args_info().description, 0);
    text.push_str("\nCommands:\n");
    for command in commands() {
        entry(&mut text, command.name, 10, command.description);
    }
    text.push_str("\nOther forms:\n");
    entry(&mut text, "help COMMAND", 15, "print the help of a command");
    entry(
        &mut text,
        "--version, -V",
        15,
        "print version, commit and features",
    );
    text.trim_end().to_owned()
}

fn of_command(command: &CommandInfoWithArgs) -> String {
    let mut text = format!("Usage: {}\n\n", synopsis(command));
    paragraph(&mut text, command.description, 0);
    for positional in command.positionals {
        text.push('\n');
        entry(&mut text, positional.name, 10, positional.description);
    }
    for (group, flags) in grouped(command) {
        let _ = writeln!(text, "\n{group}:");
        for flag in flags {
            entry(&mut text, &spelling(flag), 26, flag.description);
        }
    }
    text.trim_end().to_owned()
}

/// A term, and its description from a column on. A long term has a line of its own.
fn entry(text: &mut String, term: &str, column: usize, description: &str) {
    let _ = write!(text, "  {term:column$}");
    if term.len() >= column {
        let _ = write!(text, "\n  {:column$}", "");
    }
    paragraph(text, description, column + 2);
}

/// Appends words in lines of at most [`WIDTH`]; every line but the first is indented.
fn paragraph(text: &mut String, words: &str, indent: usize) {
    let mut column = indent;
    for (position, word) in words.split_whitespace().enumerate() {
        if position > 0 && column + 1 + word.len() > WIDTH {
            let _ = write!(text, "\n{:indent$}", "");
            column = indent;
        } else if position > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += word.len();
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::compat::{COMMANDS, SWITCHES};

    #[test]
    fn every_option_is_in_one_group() {
        for command in commands() {
            for flag in command.flags {
                let groups = GROUPS
                    .iter()
                    .filter(|(_, names)| names.contains(&flag.long));
                assert_eq!(groups.count(), 1, "{} of {}", flag.long, command.name);
            }
        }
    }

    #[test]
    fn every_name_in_a_group_is_an_option() {
        let commands = commands();
        let flags: Vec<&str> = commands
            .iter()
            .flat_map(|command| command.flags)
            .map(|flag| flag.long)
            .collect();
        for name in GROUPS.iter().flat_map(|(_, names)| *names) {
            assert!(flags.contains(name), "{name}");
        }
    }

    #[test]
    fn commands_and_switches_are_those_of_the_parser() {
        let described = commands();
        let names: Vec<&str> = described.iter().map(|command| command.name).collect();
        assert_eq!(names, COMMANDS);
        for flag in described.iter().flat_map(|command| command.flags) {
            let switch = matches!(flag.kind, FlagInfoKind::Switch);
            assert_eq!(switch, SWITCHES.contains(&flag.long), "{}", flag.long);
        }
    }

    #[test]
    fn help_lines_fit_the_width() {
        for name in COMMANDS.iter().chain(&["help"]) {
            for line in help(name).lines() {
                assert!(line.chars().count() <= WIDTH, "{name}: {line}");
            }
        }
    }

    #[test]
    fn help_of_up_has_five_groups() {
        let text = help("up");
        for (group, _) in GROUPS {
            assert!(text.contains(&format!("\n\n{group}:\n")), "{text}");
        }
        assert!(text.starts_with("Usage: netsetgo up [OPTIONS]\n"), "{text}");
        assert!(!text.contains("--sandbox"), "{text}");
    }
}
