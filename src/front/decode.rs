//! `decode`: netlink out of hex or a capture, in the view of `explain` and `--trace`.

use crate::error::{Error, Result};
use crate::wire::attr::Malformed;
use crate::wire::catalog::Protocol;
use crate::wire::message::Messages;
use crate::wire::pcap::Direction;
use crate::wire::printer::{fields, nameless};
use crate::wire::rows::{Colour, rows};
use crate::wire::{hex, pcap};
use nix::errno::Errno;
use std::io::Read;

/// What the file, or standard input, holds.
pub fn decode(file: Option<&str>, colour: Colour) -> Result<String> {
    let name = file.unwrap_or("standard input");
    let mut bytes = Vec::new();
    let read = match file {
        Some(file) => std::fs::File::open(file).and_then(|mut f| f.read_to_end(&mut bytes)),
        None => std::io::stdin().read_to_end(&mut bytes),
    };
    read.map_err(|error| {
        let errno = Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO));
        Error::system(format!("read {name}"), errno)
    })?;
    if pcap::is_capture(&bytes) {
        return captured(&bytes, name, colour);
    }
    let runs = hex::runs(&String::from_utf8_lossy(&bytes));
    if runs.is_empty() {
        return Err(Error::refused(format!(
            "{name}: there is no hex in it, and it is no capture"
        )));
    }
    let views: Vec<String> = runs
        .iter()
        .map(|run| view(likely(run), run, colour))
        .collect();
    Ok(views.join("\n").trim_end().to_owned())
}

fn captured(file: &[u8], name: &str, colour: Colour) -> Result<String> {
    let (all, fault) = pcap::read(file);
    if let (true, Some(Malformed { what, offset })) = (all.is_empty(), fault) {
        return Err(Error::refused(format!("{name}: {what}, at byte {offset}")));
    }
    let mut text = String::new();
    for (number, captured) in all.iter().enumerate() {
        let arrow = match captured.direction {
            Direction::Sent => "--> to the kernel",
            Direction::Received => "<-- from the kernel",
        };
        text += &format!(
            "{}. {arrow}: {} bytes\n",
            number + 1,
            captured.datagram.len()
        );
        match Protocol::of(captured.protocol) {
            Some(protocol) => text += &view(protocol, captured.datagram, colour),
            None => {
                text += &format!("netlink protocol {} is not known here\n", captured.protocol);
            }
        }
        text.push('\n');
    }
    if let Some(Malformed { what, offset }) = fault {
        text += &format!("here the capture stops making sense: {what}, at byte {offset}\n");
    }
    Ok(text.trim_end().to_owned())
}

/// Hex does not say its protocol: the subsystem in the type's upper byte is netfilter's.
fn likely(run: &[u8]) -> Protocol {
    match Messages::new(run).next() {
        Some(Ok(message)) if message.header.kind >= 1 << 8 => Protocol::Netfilter,
        _ => Protocol::Route,
    }
}

fn view(protocol: Protocol, datagram: &[u8], colour: Colour) -> String {
    rows(
        &fields(protocol, datagram, &nameless),
        datagram,
        colour,
        false,
    )
}
