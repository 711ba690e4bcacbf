//! The command line: what the words say is done, and becomes lines and an exit code.

use super::args::{Args, Check, Command, Doctor, Down, Explain, Gc, List, Run, Up};
use super::compat::normal;
use super::{json, trace, tree};
use crate::error::{Error, Result};
use crate::netset::{self, Attached, Finding};
use crate::os::process;
use crate::wire::hexdump::Colour;
use argh::{EarlyExit, FromArgs};
use std::io::{ErrorKind, IsTerminal, Write};

#[cfg(feature = "textbook")]
mod textbook {
    //! What explains, and who looks for causes.
    pub(super) use crate::front::decode::decode;
    pub(super) use crate::front::explain::explain;
    pub(super) use crate::netset::doctor;
}

#[cfg(not(feature = "textbook"))]
mod textbook {
    //! The same in a build that is to be small.
    use crate::config::{NetnsRef, Request};
    use crate::error::{Error, Result};
    use crate::front::trace::Capture;
    use crate::netset::Finding;
    use crate::wire::hexdump::Colour;

    fn absent<T>(command: &str) -> Result<T> {
        Err(Error::usage(format!(
            "{command}: this build has none (feature \"textbook\")"
        )))
    }

    pub(super) fn decode(_: Option<&str>, _: Colour) -> Result<String> {
        absent("decode")
    }

    pub(super) fn explain(_: &Request, _: Option<&Capture>, _: Colour) -> Result<String> {
        absent("explain")
    }

    pub(super) fn doctor(_: Option<&NetnsRef>) -> Result<Vec<Finding>> {
        absent("doctor")
    }
}

/// Done.
pub const DONE: i32 = 0;
/// Refused, and nothing is left behind.
pub const REFUSED: i32 = 1;
/// Refused, and the undo itself failed: what is left is named.
pub const LEFT_BEHIND: i32 = 3;

/// Does what the words say; the exit code.
pub fn main(words: &[String]) -> i32 {
    let words = normal(words);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match Args::from_args(&["netsetgo"], &words) {
        Ok(words) => command(words.command),
        Err(EarlyExit {
            output,
            status: Ok(()),
        }) => say(output.trim_end()).map(|()| DONE),
        Err(EarlyExit {
            output,
            status: Err(()),
        }) => Err(Error::usage(one_line(&output))),
    };
    done.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "netsetgo: {error}");
        if error.rollback.is_empty() {
            REFUSED
        } else {
            LEFT_BEHIND
        }
    })
}

/// Refuses a word that is not UTF-8; the exit code.
pub fn no_words(word: &std::ffi::OsStr) -> i32 {
    let _ = writeln!(std::io::stderr(), "netsetgo: word {word:?}: not UTF-8");
    REFUSED
}

/// argh's complaint, without its advice.
fn one_line(output: &str) -> String {
    let complaint = output.split("\nRun ").next().unwrap_or_default();
    let lines: Vec<&str> = complaint
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    lines.join(" ") + "; see netsetgo --help"
}

/// Onto standard output; whoever has closed it wants no more.
fn say(words: &str) -> Result<()> {
    if words.is_empty() {
        return Ok(());
    }
    match writeln!(std::io::stdout(), "{words}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::io("write the result", &error))
        }
        _ => Ok(()),
    }
}

/// Colours for a terminal, unless the user wants none: <https://no-color.org>.
fn colour(stream: &impl IsTerminal) -> Colour {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|words| !words.is_empty());
    if stream.is_terminal() && !unwanted {
        Colour::On
    } else {
        Colour::Off
    }
}

fn watched(trace: bool, pcap: &Option<String>) -> Result<()> {
    trace::begin(trace, pcap.as_deref(), || colour(&std::io::stderr()))
}

fn command(command: Command) -> Result<i32> {
    match command {
        Command::Up(words) => up(&words),
        Command::Down(words) => down(&words),
        Command::Run(words) => run(&words),
        Command::Check(words) => check(&words),
        Command::List(words) => list(&words),
        Command::Gc(words) => gc(&words),
        Command::Explain(words) => explained(&words),
        Command::Decode(words) => {
            let text = textbook::decode(words.file.as_deref(), colour(&std::io::stdout()))?;
            say(&text).map(|()| DONE)
        }
        Command::Doctor(words) => doctor(&words),
    }
}

fn up(args: &Up) -> Result<i32> {
    let (request, container) = (args.request()?, args.container()?);
    if args.json {
        json::available()?;
    }
    watched(args.trace, &args.pcap)?;
    process::hold_signals();
    let attached = netset::up(&request, &container)?;
    if args.json {
        print_attached(&attached).map_err(|error| Error {
            rollback: vec![Error::conflict(format!(
                "the attachment itself, {} in host; netsetgo down removes it",
                attached.host.name
            ))],
            ..error
        })?;
    }
    Ok(DONE)
}

/// Prints an attachment as JSON.
fn print_attached(attached: &Attached) -> Result<()> {
    say(&json::up(attached)?)
}

fn down(words: &Down) -> Result<i32> {
    let (request, target) = (words.request()?, words.target()?);
    watched(words.trace, &words.pcap)?;
    process::hold_signals();
    netset::down(&request.bridge_name, &target).map(|()| DONE)
}

fn list(words: &List) -> Result<i32> {
    watched(words.trace, &words.pcap)?;
    let bridges = netset::list()?;
    let told = match words.json {
        true => json::list(&bridges)?,
        false => tree::list(&bridges),
    };
    say(&told).map(|()| DONE)
}

fn gc(words: &Gc) -> Result<i32> {
    watched(words.trace, &words.pcap)?;
    process::hold_signals();
    say(&netset::gc(words.dry_run)?.join("\n")).map(|()| DONE)
}

fn explained(words: &Explain) -> Result<i32> {
    words.container()?;
    // Nothing is sent, so there is nothing to trace; the capture gets what would be.
    watched(words.trace, &None)?;
    let capture = words.pcap.as_deref();
    let capture = capture.map(trace::Capture::open).transpose()?;
    let colour = colour(&std::io::stdout());
    let text = textbook::explain(&words.request()?, capture.as_ref(), colour)?;
    say(&text).map(|()| DONE)
}

fn doctor(words: &Doctor) -> Result<i32> {
    let container = words.container()?;
    watched(words.trace, &words.pcap)?;
    let findings = textbook::doctor(container.as_ref())?;
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    say(&lines.join("\n"))?;
    let bad = findings.iter().any(Finding::is_bad);
    Ok(if bad { REFUSED } else { DONE })
}

fn check(words: &Check) -> Result<i32> {
    let (request, container) = (words.request()?, words.container()?);
    watched(words.trace, &words.pcap)?;
    let differences = netset::check(&request, &container)?;
    say(&differences.join("\n"))?;
    Ok(if differences.is_empty() {
        DONE
    } else {
        REFUSED
    })
}

fn run(args: &Run) -> Result<i32> {
    let request = args.request()?;
    if args.command.is_empty() {
        return Err(Error::usage("run: missing COMMAND"));
    }
    watched(args.trace, &args.pcap)?;
    if args.json {
        json::available()?;
    }
    netset::run(
        &request,
        args.sandbox,
        &args.command,
        |attached| match args.json {
            true => print_attached(attached),
            false => Ok(()),
        },
    )
}
