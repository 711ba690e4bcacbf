//! `decode` prints the fields of netlink messages from hex or a capture, as `explain` and `--trace` do.

use crate::error::{Error, Result};
use crate::front::pcap::{CapturedDatagram, Direction};
use crate::front::{hex, pcap};
use crate::wire::attr::Malformed;
use crate::wire::hexdump::{Colour, format_rows};
use crate::wire::message::Messages;
use crate::wire::printer::{fields, no_names};
use crate::wire::registry::Protocol;
use std::io::Read;

/// Decodes a file, or standard input if `file` is `None`.
///
/// # Errors
///
/// Fails if the file cannot be read, or if it is neither a capture nor hex.
pub fn decode(file: Option<&str>, colour: Colour) -> Result<String> {
    let name = file.unwrap_or("standard input");
    let mut bytes = Vec::new();
    let read = match file {
        Some(file) => std::fs::File::open(file).and_then(|mut f| f.read_to_end(&mut bytes)),
        None => std::io::stdin().read_to_end(&mut bytes),
    };
    read.map_err(|error| Error::io(format!("read {name}"), &error))?;
    if pcap::is_capture(&bytes) {
        return decode_capture(&bytes, name, colour);
    }
    let found = hex::read(&String::from_utf8_lossy(&bytes))
        .map_err(|reason| Error::not_found(format!("{name}: {reason}")))?;
    let datagrams = found.datagrams.iter();
    let mut all: Vec<String> = datagrams
        .map(|datagram| decode_bytes(datagram, colour))
        .collect();
    if !found.notes.is_empty() {
        all.push(found.notes.join("\n"));
    }
    Ok(all.join("\n").trim_end().to_owned())
}

/// Decodes one sequence of bytes from a text.
fn decode_bytes(bytes: &[u8], colour: Colour) -> String {
    // Bytes that are valid as a message are a message, even if they look like a pseudo-header.
    let is_message = matches!(Messages::new(bytes).next(), Some(Ok(_)));
    match pcap::strip_pseudo_header(bytes).filter(|_| !is_message) {
        Some(captured) => format!("{}\n{}", heading(&captured), body(&captured, colour)),
        None => format_fields(likely_protocol(bytes), bytes, colour),
    }
}

fn decode_capture(file: &[u8], name: &str, colour: Colour) -> Result<String> {
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
        text += &format!("the capture is damaged from here on: {what}, at byte {offset}\n");
    }
    Ok(text.trim_end().to_owned())
}

/// The direction and the length of a datagram.
fn heading(captured: &CapturedDatagram<'_>) -> String {
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

fn body(captured: &CapturedDatagram<'_>, colour: Colour) -> String {
    match Protocol::of(captured.protocol) {
        Some(protocol) => format_fields(protocol, captured.datagram, colour),
        None => format!("netlink protocol {} is unknown\n", captured.protocol),
    }
}

/// Guesses the protocol, because hex has no protocol number. A message type with a subsystem in its
/// upper byte belongs to netfilter. The first message of a batch has no subsystem, so each message
/// counts.
fn likely_protocol(bytes: &[u8]) -> Protocol {
    let netfilter = Messages::new(bytes)
        .flatten()
        .any(|message| message.header.kind >= 1 << 8);
    if netfilter {
        Protocol::Netfilter
    } else {
        Protocol::Route
    }
}

fn format_fields(protocol: Protocol, datagram: &[u8], colour: Colour) -> String {
    format_rows(
        &fields(protocol, datagram, &no_names),
        datagram,
        colour,
        false,
    )
}
