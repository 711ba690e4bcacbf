//! The generated man page and the generated completions.

#[path = "../examples/generate/forms.rs"]
mod forms;

use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a program with a text on standard input, and returns its output.
fn pipe(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .env("MANWIDTH", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("this test needs {program}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && errors.is_empty(),
        "{program}: {errors}"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The completions that bash offers for a command line whose last word is incomplete.
fn bash_completes(words: &str) -> Vec<String> {
    let script = format!(
        "{}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
         _netsetgo; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        forms::bash()
    );
    let output = pipe("bash", &["--norc"], &script);
    output.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_options_and_commands() {
    let expected = [
        (
            "netsetgo up --bri",
            vec!["--bridge-name", "--bridge-address", "--bridge-backend"],
        ),
        ("netsetgo --container-i", vec!["--container-ifname"]),
        ("netsetgo d", vec!["down", "decode", "doctor"]),
        ("netsetgo help g", vec!["gc"]),
        ("netsetgo up --bridge-backend n", vec!["netlink"]),
    ];
    for (words, completions) in expected {
        assert_eq!(bash_completes(words), completions, "{words}");
    }
}

#[test]
fn completions_are_valid_for_their_shells() {
    for (shell, text) in [
        ("bash", forms::bash()),
        ("zsh", forms::zsh()),
        ("fish", forms::fish()),
    ] {
        assert!(text.contains("container-address"), "{shell}");
        pipe(shell, &["-n"], &text);
    }
}

#[test]
fn man_page_is_formatted_without_warnings() {
    let page = forms::man();
    assert!(
        page.contains("\\-\\-container\\-address CIDR|auto"),
        "{page}"
    );
    for (formatter, arguments) in [
        ("groff", ["-man", "-ww", "-Tutf8", "-z"].as_slice()),
        ("mandoc", &["-T", "lint", "-W", "error"]),
    ] {
        pipe(formatter, arguments, &page);
    }
}

#[test]
fn readme_names_every_command_and_option() {
    let readme = include_str!("../README.md");
    for command in netsetgo::front::help::commands() {
        assert!(
            readme.contains(&format!("`{}`", command.name)),
            "{}",
            command.name
        );
        for flag in command.flags.iter().filter(|flag| flag.long != "--help") {
            assert!(readme.contains(&format!("`{}", flag.long)), "{}", flag.long);
        }
    }
}
