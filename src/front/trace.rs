//! `--trace` prints each message on standard error. `--pcap` writes each message to a capture file.

use crate::error::{Error, Result};
use crate::front::pcap::{self, Direction};
use crate::os::socket::{Observer, observe};
use crate::wire::ack::{Ack, NLMSGERR_ATTR_OFFS};
use crate::wire::hexdump::{Colour, format_rows, underline};
use crate::wire::ifreq::IfReq;
use crate::wire::message::Messages;
use crate::wire::netlink_error::NetlinkError;
use crate::wire::printer::{Field, NameLookup, Role, fields, no_names};
use crate::wire::registry::Protocol;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Starts the trace and the capture, until the program exits.
///
/// # Errors
///
/// Fails if the capture file cannot be written.
pub fn begin(trace: bool, capture: Option<&str>, colour: impl Fn() -> Colour) -> Result<()> {
    if !trace && capture.is_none() {
        return Ok(());
    }
    let trace = trace.then(|| Trace {
        colour: colour(),
        requests: RefCell::default(),
    });
    let capture = capture.map(Capture::open).transpose()?;
    // The sockets keep the observer until the program exits.
    observe(Box::leak(Box::new(Outputs { trace, capture })));
    Ok(())
}

/// The outputs that the caller requested; each of them can be absent.
struct Outputs {
    trace: Option<Trace>,
    capture: Option<Capture>,
}

impl Observer for Outputs {
    fn sent(&self, place: &'static str, protocol: Protocol, datagram: &[u8]) {
        if let Some(trace) = &self.trace {
            trace.sent(place, protocol, datagram);
        }
        if let Some(capture) = &self.capture {
            capture.write(Direction::Sent, protocol, datagram);
        }
    }

    fn ioctl(&self, place: &'static str, request: &IfReq, netlink_error: Option<&NetlinkError>) {
        if let Some(trace) = &self.trace {
            let result = netlink_error.map_or("done".into(), ToString::to_string);
            let title = format!("=== {request}, in the {place}: {result}");
            trace.print(&title, &ioctl_rows(request, &no_names, trace.colour));
        }
    }

    fn received(
        &self,
        place: &'static str,
        protocol: Protocol,
        datagram: &[u8],
        elapsed: Duration,
    ) {
        if let Some(capture) = &self.capture {
            capture.write(Direction::Received, protocol, datagram);
        }
        if let Some(trace) = &self.trace {
            trace.received(place, protocol, datagram, elapsed);
        }
    }
}

/// The rows of an ioctl's argument. The '>' marks them, so that `decode` does not read them as a
/// netlink message.
pub fn ioctl_rows(request: &IfReq, namer: NameLookup<'_>, colour: Colour) -> String {
    let rows = format_rows(&request.fields(namer), &request.bytes(), colour, true);
    let marked = |row: &str| match row.split_once("  ") {
        // The mark replaces a space, so that the row keeps its width.
        Some((offset, rest)) => format!(">{offset} {rest}\n"),
        None => format!(">{row}\n"),
    };
    rows.lines().map(marked).collect()
}

/// The trace on standard error.
struct Trace {
    colour: Colour,
    /// The requests by namespace and sequence number. An acknowledgement can name an attribute of one.
    requests: RefCell<HashMap<(&'static str, u32), Vec<u8>>>,
}

impl Trace {
    fn print(&self, title: &str, text: &str) {
        let title = match self.colour {
            Colour::On => format!("\x1b[1m{title}\x1b[0m"),
            Colour::Off => title.into(),
        };
        // If standard error is closed, the trace is lost and the command continues.
        let _ = write!(std::io::stderr(), "{title}\n{text}");
    }

    fn sent(&self, place: &'static str, protocol: Protocol, datagram: &[u8]) {
        let mut requests = self.requests.borrow_mut();
        for message in Messages::new(datagram).flatten() {
            requests.insert((place, message.header.seq), message.bytes.to_vec());
        }
        let fields = fields(protocol, datagram, &no_names);
        let title = format!(
            "--> to the kernel, in the {place}: {} bytes",
            datagram.len()
        );
        self.print(&title, &format_rows(&fields, datagram, self.colour, false));
    }

    fn received(
        &self,
        place: &'static str,
        protocol: Protocol,
        datagram: &[u8],
        elapsed: Duration,
    ) {
        let fields = fields(protocol, datagram, &no_names);
        let mut text = format_rows(&fields, datagram, self.colour, false);
        for message in Messages::new(datagram).flatten() {
            if let Some(Ok(ack)) = Ack::read(&message) {
                text += &self.offending_attribute(place, protocol, message.header.seq, &ack);
            }
        }
        let title = format!(
            "<-- from the kernel, in the {place}: {} bytes, after {} µs",
            datagram.len(),
            elapsed.as_micros()
        );
        self.print(&title, &text);
    }

    /// The offending attribute of the request, with a mark under it.
    fn offending_attribute(
        &self,
        place: &'static str,
        protocol: Protocol,
        seq: u32,
        ack: &Ack<'_>,
    ) -> String {
        let Some(offset) = ack.value(NLMSGERR_ATTR_OFFS) else {
            return String::new();
        };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let requests = self.requests.borrow();
        let Some(request) = requests.get(&(place, seq)) else {
            return String::new();
        };
        let all = fields(protocol, request, &no_names);
        let extack_message = ack.extack_message().unwrap_or_default();
        let Some(mark) = underline(&all, offset, &extack_message, self.colour) else {
            return String::new();
        };
        let is_head = |field: &Field| field.offset == offset && field.role == Role::Attribute;
        let position = all.iter().position(is_head).unwrap_or(0);
        let row = format_rows(
            all.get(position..=position).unwrap_or_default(),
            request,
            self.colour,
            false,
        );
        // The '>' marks the rows of the request, so that `decode` does not read them as received bytes.
        format!("the answer points into request {seq}:\n> {row}> {mark}\n")
    }
}

/// A capture file.
pub struct Capture(RefCell<File>);

impl Capture {
    /// Creates the file and writes its header.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be created or written.
    pub fn open(name: &str) -> Result<Self> {
        let failed = |error: std::io::Error| Error::io(format!("write the capture {name}"), &error);
        let mut file = File::create(name).map_err(failed)?;
        file.write_all(&pcap::file_header()).map_err(failed)?;
        Ok(Self(RefCell::new(file)))
    }

    /// Appends a datagram, with the current time.
    pub fn write(&self, direction: Direction, protocol: Protocol, datagram: &[u8]) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let record = pcap::record(direction, protocol, now, datagram);
        // A full disk must not stop the command, so that netsetgo ignores the error.
        let _ = self.0.borrow_mut().write_all(&record);
    }
}
