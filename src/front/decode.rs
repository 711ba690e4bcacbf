//! `decode` prints the fields of netlink messages from hex or a capture, as `explain` and `--trace` do.

use crate::error::{Error, Result};
use crate::front::pcap::{Captured, Direction};
use crate::front::{hex, pcap};
use crate::wire::attr::Malformed;
use crate::wire::hexdump::{Colour, format_rows};
use crate::wire::message::Messages;
use crate::wire::printer::{fields, no_names};
use crate::wire::registry::Protocol;
use std::io::Read;

/// Decodes a file, or standard input.
pub fn decode(file: Option<&str>, colour: Colour) -> Result<String> {
    let name = file.unwrap_or("standard input");
    let mut bytes = Vec::new();
    let read = match file {
        Some(file) => std::fs::File::open(file).and_then(|mut f| f.read_to_end(&mut bytes)),
        None => std::io::stdin().read_to_end(&mut bytes),
    };
    read.map_err(|error| Error::io(format!("read {name}"), &error))?;
    if pcap::is_capture(&bytes) {
        return captured(&bytes, name, colour);
    }
    let found = hex::read(&String::from_utf8_lossy(&bytes))
        .map_err(|reason| Error::not_found(format!("{name}: {reason}")))?;
    if found.runs.is_empty() {
        let note = found.notes.first();
        return Err(Error::not_found(format!(
            "{name}: there is no hex in it, and it is no capture{}",
            note.map(|note| format!(" ({note})")).unwrap_or_default()
        )));
    }
    let views = found.runs.iter().map(|run| written(run, colour));
    let mut all: Vec<String> = views.collect();
    if !found.notes.is_empty() {
        all.push(found.notes.join("\n"));
    }
    Ok(all.join("\n").trim_end().to_owned())
}

/// Decodes one sequence of bytes from a text.
fn written(run: &[u8], colour: Colour) -> String {
    // Bytes that are valid as a message are a message, even if they look like a link-layer header.
    let is_message = matches!(Messages::new(run).next(), Some(Ok(_)));
    match pcap::cooked(run).filter(|_| !is_message) {
        Some(captured) => format!("{}\n{}", heading(&captured), body(&captured, colour)),
        None => view(likely(run), run, colour),
    }
}

fn captured(file: &[u8], name: &str, colour: Colour) -> Result<String> {
    let (all, fault) = pcap::read(file);
    if let (true, Some(Malformed { what, offset })) = (all.is_empty(), fault) {
        return Err(Error::not_found(format!(
            "{name}: {what}, at byte {offset}"
        )));
    }
    let mut text = String::new();
    for (number, captured) in all.iter().enumerate() {
        let (number, heading) = (number + 1, heading(captured));
        text += &format!("{number}. {heading}\n{}", body(captured, colour));
        text.push('\n');
    }
    if let Some(Malformed { what, offset }) = fault {
        text += &format!("here the capture stops making sense: {what}, at byte {offset}\n");
    }
    Ok(text.trim_end().to_owned())
}

/// The direction and the length of a datagram.
fn heading(captured: &Captured<'_>) -> String {
    let arrow = match captured.direction {
        Direction::Sent => "--> to the kernel",
        Direction::Received => "<-- from the kernel",
    };
    let (kept, length) = (captured.datagram.len(), captured.length);
    let cut = match kept {
        _ if kept < length => format!(" ({kept} of {length} bytes kept)"),
        _ => String::new(),
    };
    format!("{arrow}: {length} bytes{cut}")
}

fn body(captured: &Captured<'_>, colour: Colour) -> String {
    match Protocol::of(captured.protocol) {
        Some(protocol) => view(protocol, captured.datagram, colour),
        None => format!("netlink protocol {} is not known here\n", captured.protocol),
    }
}

/// The protocol of bytes from hex, which has no protocol number. A type with a subsystem in its upper
/// byte belongs to netfilter. The first message of a batch has no subsystem, so that every message
/// counts.
fn likely(run: &[u8]) -> Protocol {
    let netfilter = Messages::new(run)
        .flatten()
        .any(|message| message.header.kind >= 1 << 8);
    if netfilter {
        Protocol::Netfilter
    } else {
        Protocol::Route
    }
}

fn view(protocol: Protocol, datagram: &[u8], colour: Colour) -> String {
    format_rows(
        &fields(protocol, datagram, &no_names),
        datagram,
        colour,
        false,
    )
}
