//! The man page and the completions, made of the descriptions that the help texts use.

use netsetgo::front::help::{commands, grouped, spelling, synopsis};
use std::fmt::Write as _;

/// The manual page, for section 8.
pub fn man() -> String {
    let mut page = String::from(
        ".TH NETSETGO 8\n.SH NAME\nnetsetgo \\- give a container its network\n.SH SYNOPSIS\n",
    );
    for command in commands() {
        let _ = writeln!(page, ".B {}\n.br", roff(&synopsis(&command)));
    }
    page.push_str(
        ".SH DESCRIPTION\nnetsetgo attaches a container to a bridge: it creates the bridge, a veth \
         pair, addresses\nand routes.\nThe default command is\n.BR up .\n.SH COMMANDS\n",
    );
    for command in commands() {
        let _ = writeln!(
            page,
            ".SS {}\n{}",
            command.name,
            roff(&one_line(command.description))
        );
        for (group, flags) in grouped(&command) {
            let _ = writeln!(page, ".PP\n{group}:");
            for flag in flags {
                let (name, text) = (roff(&spelling(flag)), roff(&one_line(flag.description)));
                let _ = writeln!(page, ".TP\n.B {name}\n{text}");
            }
        }
    }
    page.push_str(
        ".SH EXIT STATUS\n.TP\n.B 0\nDone.\nFor\n.BR check :\nno difference.\n\
         .TP\n.B 1\nRefused or failed, and the state is as before.\nFor\n.BR check :\na difference.\n\
         .TP\n.B 2\nWrong usage, and nothing was attempted.\nFor\n.BR check :\nnetsetgo could not compare.\n\
         .TP\n.B 3\nFailed, and the rollback could not complete.\nThe error names what remains.\n\
         .PP\n.B run\nexits with the status of its command.\n\
         .SH SEE ALSO\n.BR ip (8),\n.BR bridge (8),\n.BR netlink (7)\n",
    );
    page
}

/// The completions for bash: commands first, then the options of the command.
pub fn bash() -> String {
    let mut names = Vec::new();
    let mut cases = String::new();
    for command in commands() {
        let flags: Vec<&str> = command.flags.iter().map(|flag| flag.long).collect();
        names.push(command.name);
        let _ = writeln!(
            cases,
            "        {}) options=\"{}\" ;;",
            command.name,
            flags.join(" ")
        );
    }
    let names = names.join(" ");
    format!(
        r#"# Completions of netsetgo for bash.
_netsetgo() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}} options
    if [ "$COMP_CWORD" = 1 ] && [[ $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "{names} help" -- "$word")
        return
    fi
    case ${{COMP_WORDS[COMP_CWORD - 1]}} in
        help) mapfile -t COMPREPLY < <(compgen -W "{names}" -- "$word"); return ;;
        --netns) mapfile -t COMPREPLY < <(compgen -f -- "$word"
            compgen -W "$(ls /run/netns 2>/dev/null)" -- "$word"); return ;;
        --bridge-backend) mapfile -t COMPREPLY < <(compgen -W "auto netlink ioctl" -- "$word"); return ;;
    esac
    [[ $command == -* ]] && command=up
    case $command in
{cases}    esac
    mapfile -t COMPREPLY < <(
        if [[ $word == -* ]]; then compgen -W "$options" -- "$word"; else compgen -f -- "$word"; fi
    )
}}
complete -F _netsetgo netsetgo
"#
    )
}

/// The completions for zsh.
pub fn zsh() -> String {
    let mut text = String::from("#compdef netsetgo\nlocal -a commands\ncommands=(\n");
    for command in commands() {
        let _ = writeln!(
            text,
            "    {}",
            quoted(&format!(
                "{}:{}",
                command.name,
                one_line(command.description)
            ))
        );
    }
    text.push_str(
        ")\nif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n    \
         _describe command commands\n    return\nfi\ncase $words[2] in\n",
    );
    for command in commands() {
        // An option comes first where `up` is not written.
        let pattern = if command.name == "up" {
            "up|-*"
        } else {
            command.name
        };
        let _ = writeln!(text, "{pattern}) _arguments \\");
        for flag in command.flags {
            let text_of = one_line(flag.description).replace(['[', ']', ':'], " ");
            let value = match spelling(flag).split_once(' ') {
                Some((_, argument)) => format!(":{}:_files", argument.replace(['[', ']'], "")),
                None => String::new(),
            };
            let specification = quoted(&format!("*{}[{text_of}]{value}", flag.long));
            let _ = writeln!(text, "    {specification} \\");
        }
        text.push_str("    '*:argument:_files' ;;\n");
    }
    text + "esac\n"
}

/// The completions for fish.
pub fn fish() -> String {
    let mut text = String::from("# Completions of netsetgo for fish.\n");
    for command in commands() {
        let _ = writeln!(
            text,
            "complete -c netsetgo -n __fish_use_subcommand -f -a {} -d {}",
            command.name,
            quoted(&one_line(command.description))
        );
        for flag in command.flags {
            let value = if spelling(flag).contains(' ') {
                " -r"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "complete -c netsetgo -n '__fish_seen_subcommand_from {}' -l {}{value} -d {}",
                command.name,
                flag.long.trim_start_matches('-'),
                quoted(&one_line(flag.description))
            );
        }
    }
    text
}

/// Words with one space between them: a doc comment has line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// In single quotes, for zsh and fish. A quote inside becomes a typographic one.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "\u{2019}"))
}

/// Escaped for roff: a dash stays a minus sign, so that it can be copied.
fn roff(text: &str) -> String {
    text.replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq")
}
