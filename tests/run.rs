//! `run`, its sandbox, the library's API, and an empty root directory.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::snapshot::{differences, snapshot};
use common::{Running, TestContainer, binary, bound, fails, invalid, isolate, packets_pass};
use netsetgo::config::NetnsRef;
use netsetgo::{
    Configurer, ContainerConfigurer, Error, HostConfigurer, Netset, NetworkConfig, netset,
};
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

fn config() -> NetworkConfig {
    NetworkConfig::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap()
}

fn run(arguments: &[&str]) -> Output {
    Command::new(binary())
        .arg("run")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// An empty directory that is the root of the process. `drop` removes it. No other test runs in
/// the process.
struct EmptyRoot {
    parent: std::fs::File,
    name: String,
}

impl EmptyRoot {
    fn new() -> Self {
        let parent = std::fs::File::open(std::env::temp_dir()).unwrap();
        let name = format!("netsetgo-empty-{}", std::process::id());
        std::fs::create_dir(std::env::temp_dir().join(&name)).unwrap();
        nix::unistd::chroot(&std::env::temp_dir().join(&name)).unwrap();
        Self { parent, name }
    }
}

impl Drop for EmptyRoot {
    fn drop(&mut self) {
        let remove = nix::unistd::UnlinkatFlags::RemoveDir;
        let removed = nix::unistd::unlinkat(&self.parent, &*self.name, remove);
        // A panic during an unwind would abort the test and hide its message.
        assert!(removed.is_ok() || std::thread::panicking(), "{removed:?}");
    }
}

#[test]
fn run_gives_command_a_network_and_leaves_nothing() {
    isolate("run_gives_command_a_network_and_leaves_nothing", || {
        let before = snapshot();
        let output = run(&[
            "sh",
            "-c",
            "cat /proc/self/net/dev /proc/self/net/route; exit 7",
        ]);
        assert_eq!(output.status.code(), Some(7));
        let observed = String::from_utf8(output.stdout).unwrap();
        assert!(
            observed.contains("veth1:") && observed.contains("lo:") && !observed.contains("brg0"),
            "{observed}"
        );
        // /proc/net/route prints the gateway 10.10.10.1 as a number in the machine's byte order.
        let gateway = format!("{:08X}", u32::from_ne_bytes([10, 10, 10, 1]));
        assert!(
            observed.contains(&format!("veth1\t00000000\t{gateway}")),
            "{observed}"
        );
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
    });
}

#[test]
fn run_exits_with_status_of_command() {
    isolate("run_exits_with_status_of_command", || {
        let before = snapshot();
        for (arguments, status) in [
            (&["true"] as &[&str], 0),
            (&["--", "sh", "-c", "exit 42"], 42),
            (&["sh", "-c", "kill -9 $$"], 137),
            (&["no-such-command"], 127),
            (&["/dev/null"], 126),
        ] {
            assert_eq!(run(arguments).status.code(), Some(status), "{arguments:?}");
            assert_eq!(differences(&before, &snapshot()), [""; 0], "{arguments:?}");
        }
        assert!(invalid("run").contains("run: missing COMMAND"));
        assert!(invalid("run --bridge-address 1.2.3.4 true").contains("prefix length"));
    });
}

#[test]
fn run_forwards_signal_to_command() {
    isolate("run_forwards_signal_to_command", || {
        let before = snapshot();
        let mut command = Command::new(binary());
        command
            .args([
                "run",
                "sh",
                "-c",
                "trap 'exit 9' TERM; exec 3<&0; cat <&3 & echo ready; wait",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = Running::start(&mut command);
        // The command waits as long as the test holds the pipe; a trapped signal ends the wait.
        let _input = child.stdin();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout());
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        nix::sys::signal::kill(child.pid(), nix::sys::signal::Signal::SIGTERM).unwrap();
        assert_eq!(child.wait().code(), Some(9));
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
    });
}

#[test]
fn run_in_sandbox_leaves_host_unchanged() {
    isolate("run_in_sandbox_leaves_host_unchanged", || {
        let before = snapshot();
        let output = run(&["--sandbox", "sh", "-c", "cat /proc/self/net/dev; exit 3"]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{error}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("veth1:"));
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
    });
}

#[test]
fn library_has_api_of_the_original() {
    isolate("library_has_api_of_the_original", || {
        let container = TestContainer::new();
        let mut netset = Netset::new(HostConfigurer, ContainerConfigurer);
        netset.configure_host(&config(), container.pid()).unwrap();
        let in_container = container.in_netns(snapshot);
        assert!(
            in_container.contains_key("link veth1"),
            "the kernel creates the peer in the container"
        );
        assert_eq!(
            in_container["link veth1"]["ifi_flags"], "false",
            "configure_host does not set the peer up"
        );
        netset
            .configure_container(&config(), container.pid())
            .unwrap();
        let (host, in_container) = (
            bound("10.10.10.1"),
            container.in_netns(|| bound("10.10.10.2")),
        );
        packets_pass((&host.0, host.1), (&in_container.0, in_container.1));
    });
}

#[test]
fn configurer_of_caller_is_called() {
    isolate("configurer_of_caller_is_called", || {
        #[derive(Default)]
        struct Recorder(std::rc::Rc<std::cell::RefCell<Vec<(NetworkConfig, u32)>>>);
        impl Configurer for Recorder {
            fn apply(&mut self, config: &NetworkConfig, pid: u32) -> Result<(), Error> {
                self.0.borrow_mut().push((config.clone(), pid));
                if pid == 13 {
                    Err(Error::conflict("refused by the test"))
                } else {
                    Ok(())
                }
            }
        }
        let (host, in_container) = (Recorder::default(), Recorder::default());
        let (host_calls, container_calls) = (host.0.clone(), in_container.0.clone());
        let mut netset = Netset::new(host, in_container);
        netset.configure_host(&config(), 7).unwrap();
        assert_eq!(
            netset.configure_container(&config(), 13),
            Err(Error::conflict("refused by the test"))
        );
        assert_eq!(*host_calls.borrow(), [(config(), 7)]);
        assert_eq!(*container_calls.borrow(), [(config(), 13)]);
    });
}

#[test]
fn commands_start_no_other_program() {
    isolate("commands_start_no_other_program", || {
        let container = TestContainer::new();
        for verb in ["up", "check", "list", "down", "gc"] {
            let mut command = Command::new("strace");
            command.args([
                "-f",
                "-qq",
                "-e",
                "trace=execve,execveat,fork,vfork,clone,clone3",
            ]);
            command.args([&binary(), verb]);
            if ["up", "check", "down"].contains(&verb) {
                command.args(["--pid", &container.pid().to_string()]);
            }
            let output = command
                .stdin(Stdio::null())
                .output()
                .expect("strace is installed");
            let trace = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success(), "{verb}: {trace}");
            let calls: Vec<&str> = trace.lines().collect();
            assert!(
                matches!(calls[..], [own] if own.starts_with("execve(")),
                "{verb}: {trace}"
            );
        }
    });
}

#[test]
fn up_and_down_in_empty_root_succeed() {
    isolate("up_and_down_in_empty_root_succeed", || {
        let container = TestContainer::new();
        let pid = NetnsRef::Pid(container.pid());
        let _empty = EmptyRoot::new();
        std::env::set_current_dir("/").unwrap();
        assert_eq!(
            std::fs::read_dir("/").unwrap().count(),
            0,
            "the root directory is empty"
        );
        let before = snapshot();
        netset::up(&config().request().unwrap(), &pid).unwrap();
        netset::up(&config().request().unwrap(), &pid).unwrap();
        assert!(snapshot().contains_key("link veth0"));
        let target = netset::Target {
            container: Some(pid),
            container_ifname: None,
            host_ifname: None,
            bridge: None,
            id: None,
            keep_bridge: false,
        };
        netset::down(&config().request().unwrap().bridge_name, &target).unwrap();
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        assert_eq!(
            std::fs::read_dir("/").unwrap().count(),
            0,
            "the root directory is still empty"
        );
    });
}

#[test]
fn version_option_prints_version_and_features() {
    for option in ["--version", "-V"] {
        let output = common::netsetgo(option);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        assert!(
            text.starts_with(concat!("netsetgo ", env!("CARGO_PKG_VERSION"), " (")),
            "{text}"
        );
        assert_eq!(
            text.contains("textbook"),
            cfg!(feature = "textbook"),
            "{text}"
        );
    }
}

#[test]
fn help_with_command_prints_its_options() {
    let help = |arguments: &str| String::from_utf8(common::netsetgo(arguments).stdout).unwrap();
    let up = help("help up");
    assert!(up.contains("--container-address"), "{up}");
    assert_eq!(up, help("up --help"));
    assert!(help("help").contains("doctor"));
}

#[test]
fn check_without_access_exits_with_2() {
    isolate("check_without_access_exits_with_2", || {
        let line = fails("check --netns no-such-namespace", 2);
        assert!(line.contains("ENOENT"), "{line}");
    });
}

#[test]
fn run_with_ignored_sigchld_exits_with_status_of_command() {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(binary());
    command.args(["run", "--sandbox", "--", "sh", "-c", "exit 7"]);
    let ignore = || {
        // SAFETY: SIG_IGN is no handler that could run.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        Ok(())
    };
    // SAFETY: the closure makes one system call.
    let output = unsafe { command.pre_exec(ignore) }.output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{output:?}");
}

#[test]
fn up_with_file_size_limit_is_complete_and_reports_the_error() {
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    isolate(
        "up_with_file_size_limit_is_complete_and_reports_the_error",
        || {
            let container = TestContainer::new();
            let directory = common::temporary::TemporaryDirectory::new("limit");
            let file = directory.file("up.pcap");
            let mut command = Command::new(binary());
            command.args(["up", "--pid", &container.pid().to_string(), "--pcap"]);
            let limit = || {
                let none = libc::rlimit {
                    rlim_cur: 64,
                    rlim_max: 64,
                };
                // SAFETY: the kernel reads a struct rlimit.
                unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &none) };
                Ok(())
            };
            // SAFETY: the closure makes one system call.
            let output = unsafe { command.arg(&file).pre_exec(limit) }
                .output()
                .unwrap();
            assert_eq!(output.status.signal(), None, "{output:?}");
            common::succeeds(&format!("check --pid {}", container.pid()));
        },
    );
}
