//! The command line: runs the command that the arguments name, prints its result, and returns the
//! exit status.

use super::args::{Args, Check, Command, Doctor, Down, Explain, Gc, List, Run, Up};
use super::compat::normalize;
use super::{help, json, trace, tree};
use crate::error::{Error, Kind, Result};
use crate::netset::{self, Attached};
use crate::os::process;
use crate::wire::hexdump::Colour;
use argh::{EarlyExit, FromArgs};
use std::io::{ErrorKind, IsTerminal, Write};

#[cfg(feature = "textbook")]
mod textbook {
    //! The commands of the feature `textbook`.
    pub(super) use crate::doctor::{Finding, doctor};
    pub(super) use crate::front::decode::decode;
    pub(super) use crate::front::explain::explain;
}

#[cfg(not(feature = "textbook"))]
mod textbook {
    //! The commands of the feature `textbook`, in a build without it.
    use crate::config::{NetnsRef, Request};
    use crate::error::{Error, Result};
    use crate::front::trace::Capture;
    use crate::wire::hexdump::Colour;

    fn absent<T>(command: &str) -> Result<T> {
        Err(Error::usage(format!(
            "{command}: this build lacks the feature \"textbook\""
        )))
    }

    pub(super) fn decode(_: Option<&str>, _: Colour) -> Result<String> {
        absent("decode")
    }

    pub(super) fn explain(_: &Request, _: Option<&Capture>, _: Colour) -> Result<String> {
        absent("explain")
    }

    /// A finding of `doctor`, which this build lacks.
    pub(super) enum Finding {}

    impl Finding {
        pub(super) fn is_bad(&self) -> bool {
            match *self {}
        }
    }

    impl std::fmt::Display for Finding {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match *self {}
        }
    }

    pub(super) fn doctor(_: Option<&NetnsRef>) -> Result<Vec<Finding>> {
        absent("doctor")
    }
}

/// The exit status of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done. For `check`: the network is as `up` would leave it.
    Done,
    /// 1: refused or failed, and the state is as before. For `check`: the network differs.
    Failed,
    /// 2: wrong usage, and nothing was attempted. For `check`: the network could not be read.
    Usage,
    /// 3: failed, and the rollback could not complete. The error names what remains.
    Remains,
    /// The exit status of the command that `run` ran.
    Command(i32),
}

impl Exit {
    /// The number for exit(2).
    pub fn status(self) -> i32 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Remains => 3,
            Self::Command(status) => status,
        }
    }

    fn of(error: &Error) -> Self {
        match error.kind {
            _ if !error.rollback.is_empty() => Self::Remains,
            Kind::Usage => Self::Usage,
            _ => Self::Failed,
        }
    }
}

/// Runs the command that the arguments name. Prints an error on standard error, on one line.
pub fn main(arguments: &[String]) -> Exit {
    let arguments = normalize(arguments);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments == ["--version"] {
        return print(&version()).map_or_else(|error| fail(&error), |()| Exit::Done);
    }
    let done = match Args::from_args(&["netsetgo"], &arguments) {
        Ok(args) => command(args.command),
        Err(EarlyExit { status: Ok(()), .. }) => {
            let command = arguments.first().copied().unwrap_or_default();
            print(&help::help(command)).map(|()| Exit::Done)
        }
        Err(EarlyExit {
            output,
            status: Err(()),
        }) => Err(Error::usage(one_line(&output))),
    };
    done.unwrap_or_else(|error| fail(&error))
}

/// Prints an error. Where standard error is closed, the exit status alone tells of it.
fn fail(error: &Error) -> Exit {
    let _ = writeln!(std::io::stderr(), "netsetgo: {error}");
    Exit::of(error)
}

/// Rejects an argument that is not UTF-8.
pub fn reject_argument(argument: &std::ffi::OsStr) -> Exit {
    fail(&Error::usage(format!(
        "argument {argument:?} is not valid UTF-8"
    )))
}

/// The program's version, its commit where the build knew it, and its features.
fn version() -> String {
    let features: Vec<&str> = [
        cfg!(feature = "runtimes").then_some("runtimes"),
        cfg!(feature = "textbook").then_some("textbook"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let features = match features.as_slice() {
        [] => "none".to_owned(),
        features => features.join(", "),
    };
    let commit = option_env!("NETSETGO_COMMIT")
        .map(|commit| format!("commit {commit}; "))
        .unwrap_or_default();
    format!(
        "netsetgo {} ({commit}features: {features})",
        env!("CARGO_PKG_VERSION")
    )
}

/// argh's error text on one line, without its advice.
fn one_line(output: &str) -> String {
    let text = output.split("\nRun ").next().unwrap_or_default();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join(" ") + "; see netsetgo --help"
}

/// Prints a result on standard output. A reader that has closed the pipe is no error.
fn print(text: &str) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::io("write the result", &error))
        }
        _ => Ok(()),
    }
}

/// Colour on a terminal, unless NO_COLOR is set: <https://no-color.org>.
fn colour(stream: &impl IsTerminal) -> Colour {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if stream.is_terminal() && !unwanted {
        Colour::On
    } else {
        Colour::Off
    }
}

fn observe_sockets(trace: bool, pcap: &Option<String>) -> Result<()> {
    trace::begin(trace, pcap.as_deref(), || colour(&std::io::stderr()))
}

fn command(command: Command) -> Result<Exit> {
    match command {
        Command::Up(args) => up(&args),
        Command::Down(args) => down(&args),
        Command::Run(args) => run(&args),
        Command::Check(args) => check(&args),
        Command::List(args) => list(&args),
        Command::Gc(args) => gc(&args),
        Command::Explain(args) => explained(&args),
        Command::Decode(args) => {
            let text = textbook::decode(args.file.as_deref(), colour(&std::io::stdout()))?;
            print(&text).map(|()| Exit::Done)
        }
        Command::Doctor(args) => doctor(&args),
    }
}

fn up(args: &Up) -> Result<Exit> {
    let (request, container) = (args.request()?, args.container()?);
    if args.json {
        json::available()?;
    }
    observe_sockets(args.trace, &args.pcap)?;
    process::block_signals();
    let attached = netset::up(&request, &container)?;
    for warning in &attached.warnings {
        let _ = writeln!(std::io::stderr(), "netsetgo: warning: {warning}");
    }
    if args.json {
        print_attached(&attached).map_err(|error| Error {
            rollback: vec![Error::conflict(format!(
                "the attachment itself, {} in host; netsetgo down removes it",
                attached.host.name
            ))],
            ..error
        })?;
    }
    Ok(Exit::Done)
}

/// Prints an attachment as JSON.
fn print_attached(attached: &Attached) -> Result<()> {
    print(&json::up(attached)?)
}

fn down(args: &Down) -> Result<Exit> {
    let (request, target) = (args.request()?, args.target()?);
    observe_sockets(args.trace, &args.pcap)?;
    process::block_signals();
    netset::down(&request.bridge_name, &target).map(|()| Exit::Done)
}

fn list(args: &List) -> Result<Exit> {
    observe_sockets(args.trace, &args.pcap)?;
    let bridges = netset::list()?;
    let text = match args.json {
        true => json::list(&bridges)?,
        false => tree::list(&bridges),
    };
    print(&text).map(|()| Exit::Done)
}

fn gc(args: &Gc) -> Result<Exit> {
    observe_sockets(args.trace, &args.pcap)?;
    process::block_signals();
    print(&netset::gc(args.dry_run)?.join("\n")).map(|()| Exit::Done)
}

fn explained(args: &Explain) -> Result<Exit> {
    args.container()?;
    // netsetgo sends nothing here. The capture contains what `up` would send.
    observe_sockets(args.trace, &None)?;
    let capture = args.pcap.as_deref();
    let capture = capture.map(trace::Capture::open).transpose()?;
    let colour = colour(&std::io::stdout());
    let text = textbook::explain(&args.request()?, capture.as_ref(), colour)?;
    print(&text).map(|()| Exit::Done)
}

fn doctor(args: &Doctor) -> Result<Exit> {
    let container = args.container()?;
    observe_sockets(args.trace, &args.pcap)?;
    let findings = textbook::doctor(container.as_ref())?;
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    print(&lines.join("\n"))?;
    let bad = findings.iter().any(textbook::Finding::is_bad);
    Ok(if bad { Exit::Failed } else { Exit::Done })
}

/// As diff(1) does: 0 for no difference, 1 for differences, 2 where netsetgo could not compare.
fn check(args: &Check) -> Result<Exit> {
    let (request, container) = (args.request()?, args.container()?);
    observe_sockets(args.trace, &args.pcap)?;
    match netset::check(&request, &container) {
        Ok(differences) => {
            print(&differences.join("\n"))?;
            Ok(match differences.is_empty() {
                true => Exit::Done,
                false => Exit::Failed,
            })
        }
        Err(error) => {
            fail(&error);
            Ok(Exit::Usage)
        }
    }
}

fn run(args: &Run) -> Result<Exit> {
    let request = args.request()?;
    if args.command.is_empty() {
        return Err(Error::usage("run: missing COMMAND"));
    }
    observe_sockets(args.trace, &args.pcap)?;
    if args.json {
        json::available()?;
    }
    let before_start = |attached: &Attached| match args.json {
        true => print_attached(attached),
        false => Ok(()),
    };
    netset::run(&request, args.sandbox, &args.command, before_start).map(Exit::Command)
}
