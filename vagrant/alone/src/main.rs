//! The init of an initramfs that contains only netsetgo: no shell, no /proc, /sys or /dev, no libc.
//! It loads the kernel's modules, creates a container, attaches it, sends a datagram to it, detaches
//! it, and prints the results on the console.

use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::time::Duration;

fn main() {
    // The names of the modules are numbers, in loading order.
    for number in 0.. {
        let Ok(module) = std::fs::File::open(format!("/modules/{number}.ko")) else { break };
        // SAFETY: finit_module gets an open descriptor, an empty C string and no flags.
        let status = unsafe { libc::syscall(libc::SYS_finit_module, module.as_raw_fd(), c"".as_ptr(), 0) };
        assert_eq!(status, 0, "module {number}: {}", std::io::Error::last_os_error());
    }
    let pid = container().to_string();
    let fd = std::fs::read_dir("/").unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    println!("alone with {fd:?}");
    let mut failed = 0;
    for (arguments, expected) in [
        (vec!["up", "--pid", &pid], 0),
        (vec!["up", "--pid", &pid], 0),
        (vec!["echo"], 0),
        (vec!["up", "--pid", &pid, "--container-address", "10.10.10.0/24"], 2),
        (vec!["down", "--pid", &pid], 0),
        (vec!["down", "--pid", &pid], 0),
        (vec!["up", "--pid", "12345"], 1),
    ] {
        let status = if arguments == ["echo"] { echo() } else { netsetgo(&arguments) };
        println!("{} {status}, as expected: {}", arguments.join(" "), status == expected);
        failed += i32::from(status != expected);
    }
    println!("GUEST-EXIT:{failed}:");
    // SAFETY: this call accesses no memory.
    unsafe { libc::reboot(libc::RB_POWER_OFF) };
}

fn netsetgo(arguments: &[&str]) -> i32 {
    Command::new("/netsetgo").args(arguments).status().unwrap().code().unwrap_or(-1)
}

/// Starts a process in a new network namespace. It sends datagrams for port 7 back. Returns its id.
fn container() -> i32 {
    // SAFETY: this program has one thread.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: this call accesses no memory.
        assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNET) }, 0);
        let mut buffer = [0; 8];
        let socket = UdpSocket::bind("0.0.0.0:7").unwrap();
        loop {
            let (length, sender) = socket.recv_from(&mut buffer).unwrap();
            socket.send_to(&buffer[..length], sender).unwrap();
        }
    }
    std::thread::sleep(Duration::from_millis(500));
    pid
}

/// Sends a datagram to the container. Returns 0 if the same bytes come back.
fn echo() -> i32 {
    let socket = UdpSocket::bind("10.10.10.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket.send_to(b"ping", "10.10.10.2:7").unwrap();
    let mut buffer = [0; 8];
    match socket.recv_from(&mut buffer) {
        Ok((4, sender)) if sender.ip().to_string() == "10.10.10.2" => 0,
        reply => { println!("{reply:?}"); 1 }
    }
}
