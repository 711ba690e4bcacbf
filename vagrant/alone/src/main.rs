//! The init of an initramfs that holds netsetgo and nothing else: no shell, no /proc, /sys or /dev,
//! no libc. Loads what the kernel has as modules, makes a container, gives it its network, sends a
//! datagram through it, takes the network away, and reports on the console.

use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::time::Duration;

fn main() {
    // The modules lie there numbered, in the order of their dependencies.
    for number in 0.. {
        let Ok(module) = std::fs::File::open(format!("/modules/{number}.ko")) else { break };
        // SAFETY: an open descriptor, an empty C string, no flags.
        let refused = unsafe { libc::syscall(libc::SYS_finit_module, module.as_raw_fd(), c"".as_ptr(), 0) };
        assert_eq!(refused, 0, "module {number}: {}", std::io::Error::last_os_error());
    }
    let pid = container().to_string();
    let fd = std::fs::read_dir("/").unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    println!("alone with {fd:?}");
    let mut failed = 0;
    for (words, expected) in [
        (vec!["up", "--pid", &pid], 0),
        (vec!["up", "--pid", &pid], 0),
        (vec!["echo"], 0),
        (vec!["up", "--pid", &pid, "--container-address", "10.10.10.0/24"], 1),
        (vec!["down", "--pid", &pid], 0),
        (vec!["down", "--pid", &pid], 0),
        (vec!["up", "--pid", "12345"], 1),
    ] {
        let status = if words == ["echo"] { echo() } else { netsetgo(&words) };
        println!("{} {status}, as it should be: {}", words.join(" "), status == expected);
        failed += i32::from(status != expected);
    }
    println!("GUEST-EXIT:{failed}:");
    // SAFETY: no memory is involved.
    unsafe { libc::reboot(libc::RB_POWER_OFF) };
}

fn netsetgo(words: &[&str]) -> i32 {
    Command::new("/netsetgo").args(words).status().unwrap().code().unwrap_or(-1)
}

/// A process in a network namespace of its own, which answers datagrams to 10.10.10.2 port 7.
fn container() -> i32 {
    // SAFETY: this program has one thread.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: no memory is involved.
        assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNET) }, 0);
        let mut room = [0; 8];
        let socket = UdpSocket::bind("0.0.0.0:7").unwrap();
        loop {
            let (length, sender) = socket.recv_from(&mut room).unwrap();
            socket.send_to(&room[..length], sender).unwrap();
        }
    }
    std::thread::sleep(Duration::from_millis(500));
    pid
}

/// 0 if a datagram goes to the container and comes back.
fn echo() -> i32 {
    let socket = UdpSocket::bind("10.10.10.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket.send_to(b"ping", "10.10.10.2:7").unwrap();
    let mut room = [0; 8];
    match socket.recv_from(&mut room) {
        Ok((4, sender)) if sender.ip().to_string() == "10.10.10.2" => 0,
        answer => { println!("{answer:?}"); 1 }
    }
}
