//! Runs netsetgo and checks its exit status and output.

use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio};

/// The program under test.
pub fn binary() -> String {
    std::env::var("NETSETGO_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_netsetgo").into())
}

/// Runs the program with these arguments, separated by spaces.
pub fn netsetgo(arguments: &str) -> Output {
    let arguments = arguments.split(' ').filter(|word| !word.is_empty());
    Command::new(binary())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

/// A started program. `drop` kills it if it still runs, also when an assertion fails.
pub struct Running(Option<Child>);

impl Running {
    /// Starts a command.
    pub fn start(command: &mut Command) -> Self {
        Self(Some(command.spawn().expect("the program starts")))
    }

    fn child(&mut self) -> &mut Child {
        self.0.as_mut().expect("the program was not waited for")
    }

    /// The process id.
    pub fn pid(&mut self) -> nix::unistd::Pid {
        nix::unistd::Pid::from_raw(self.child().id().cast_signed())
    }

    /// The pipe to the program's standard input. The program reads end-of-file when it is dropped.
    pub fn stdin(&mut self) -> ChildStdin {
        self.child().stdin.take().expect("standard input is a pipe")
    }

    /// The pipe from the program's standard output.
    pub fn stdout(&mut self) -> ChildStdout {
        self.child()
            .stdout
            .take()
            .expect("standard output is a pipe")
    }

    /// Kills the program by SIGKILL.
    pub fn kill(&mut self) {
        self.child().kill().expect("the program can be killed");
    }

    /// Closes the pipe to standard input, if the caller did not take it, and waits for the end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child().wait().expect("the program was started")
    }

    /// Waits for the end and returns the output.
    pub fn output(mut self) -> Output {
        let child = self.0.take().expect("the program was not waited for");
        child.wait_with_output().expect("the program was started")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // Both fail only when the program has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts netsetgo with these arguments, separated by spaces, and does not wait for its end.
pub fn start(arguments: &str) -> Running {
    let mut command = Command::new(binary());
    command
        .args(arguments.split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Running::start(&mut command)
}

/// Runs the program, which must succeed and print nothing.
pub fn succeeds(arguments: &str) {
    let output = netsetgo(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "netsetgo {arguments}: {error}");
    assert_eq!(
        (&*error, output.stdout.len()),
        ("", 0),
        "netsetgo {arguments} prints something"
    );
}

/// Runs the program, which must fail with exit status 1 and print one line. Returns the line.
pub fn refused(arguments: &str) -> String {
    fails(arguments, 1)
}

/// Runs the program with wrong usage: exit status 2 and one line. Returns the line.
pub fn invalid(arguments: &str) -> String {
    fails(arguments, 2)
}

/// Runs the program, which must fail with this exit status and print one line. Returns the line.
pub fn fails(arguments: &str, status: i32) -> String {
    let output = netsetgo(arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(status),
        "netsetgo {arguments}: {error}"
    );
    assert!(output.stdout.is_empty(), "results only on standard output");
    assert!(
        error.starts_with("netsetgo: ") && error.ends_with('\n'),
        "{error:?}"
    );
    assert_eq!(
        error.lines().count(),
        1,
        "one line for one failure: {error}"
    );
    error.trim_end().to_owned()
}
