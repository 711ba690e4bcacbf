//! `--trace` and `--pcap`: the conversation as it goes on, for people and for Wireshark.

use crate::error::{Error, Result};
use crate::os::socket::{Watch, watch};
use crate::wire::ack::{Ack, NLMSGERR_ATTR_OFFS};
use crate::wire::hexdump::{Colour, caret, rows};
use crate::wire::ifreq::IfReq;
use crate::wire::message::Messages;
use crate::wire::netlink_error::NetlinkError;
use crate::wire::pcap::{self, Direction};
use crate::wire::printer::{Field, Namer, Role, fields, nameless};
use crate::wire::registry::Protocol;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Lets both see what goes on from now on. A capture that cannot be written is refused now.
pub fn begin(trace: bool, capture: Option<&str>, colour: impl Fn() -> Colour) -> Result<()> {
    if !trace && capture.is_none() {
        return Ok(());
    }
    let trace = trace.then(|| Trace {
        colour: colour(),
        asked: RefCell::default(),
    });
    let capture = capture.map(Capture::open).transpose()?;
    // Until the program ends.
    watch(Box::leak(Box::new(Both { trace, capture })));
    Ok(())
}

struct Both {
    trace: Option<Trace>,
    capture: Option<Capture>,
}

impl Watch for Both {
    fn sent(&self, place: &'static str, protocol: Protocol, datagram: &[u8]) {
        if let Some(trace) = &self.trace {
            trace.sent(place, protocol, datagram);
        }
        if let Some(capture) = &self.capture {
            capture.write(Direction::Sent, protocol, datagram);
        }
    }

    fn called(&self, place: &'static str, request: &IfReq, netlink_error: Option<&NetlinkError>) {
        if let Some(trace) = &self.trace {
            let answer = netlink_error.map_or("done".into(), ToString::to_string);
            let title = format!("=== {request}, in the {place}: {answer}");
            trace.say(&title, &ioctl_rows(request, &nameless, trace.colour));
        }
    }

    fn received(&self, place: &'static str, protocol: Protocol, datagram: &[u8], waited: Duration) {
        if let Some(capture) = &self.capture {
            capture.write(Direction::Received, protocol, datagram);
        }
        if let Some(trace) = &self.trace {
            trace.received(place, protocol, datagram, waited);
        }
    }
}

/// An ioctl's argument, row by row. The '>' tells them from netlink's rows, for whoever reads this
/// back.
pub fn ioctl_rows(request: &IfReq, namer: Namer<'_>, colour: Colour) -> String {
    let rows = rows(&request.fields(namer), &request.bytes(), colour, true);
    let marked = |row: &str| match row.split_once("  ") {
        // In the place of a blank, so that the row is no wider.
        Some((offset, rest)) => format!(">{offset} {rest}\n"),
        None => format!(">{row}\n"),
    };
    rows.lines().map(marked).collect()
}

/// Onto standard error.
struct Trace {
    colour: Colour,
    /// Requests by place and sequence number, for the answers that point into them.
    asked: RefCell<HashMap<(&'static str, u32), Vec<u8>>>,
}

impl Trace {
    fn say(&self, title: &str, words: &str) {
        let title = match self.colour {
            Colour::On => format!("\x1b[1m{title}\x1b[0m"),
            Colour::Off => title.into(),
        };
        // Whoever has closed it wants no more.
        let _ = write!(std::io::stderr(), "{title}\n{words}");
    }

    fn sent(&self, place: &'static str, protocol: Protocol, datagram: &[u8]) {
        let mut asked = self.asked.borrow_mut();
        for message in Messages::new(datagram).flatten() {
            asked.insert((place, message.header.seq), message.bytes.to_vec());
        }
        let fields = fields(protocol, datagram, &nameless);
        let title = format!(
            "--> to the kernel, in the {place}: {} bytes",
            datagram.len()
        );
        self.say(&title, &rows(&fields, datagram, self.colour, false));
    }

    fn received(&self, place: &'static str, protocol: Protocol, datagram: &[u8], waited: Duration) {
        let fields = fields(protocol, datagram, &nameless);
        let mut words = rows(&fields, datagram, self.colour, false);
        for message in Messages::new(datagram).flatten() {
            if let Some(Ok(answer)) = Ack::read(&message) {
                words += &self.pointed_at(place, protocol, message.header.seq, &answer);
            }
        }
        let title = format!(
            "<-- from the kernel, in the {place}: {} bytes, after {} µs",
            datagram.len(),
            waited.as_micros()
        );
        self.say(&title, &words);
    }

    /// The attribute of our request that an answer points at, with a mark under it.
    fn pointed_at(
        &self,
        place: &'static str,
        protocol: Protocol,
        seq: u32,
        answer: &Ack<'_>,
    ) -> String {
        let Some(offset) = answer.value(NLMSGERR_ATTR_OFFS) else {
            return String::new();
        };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let asked = self.asked.borrow();
        let Some(request) = asked.get(&(place, seq)) else {
            return String::new();
        };
        let all = fields(protocol, request, &nameless);
        let extack_message = answer.extack_message().unwrap_or_default();
        let Some(mark) = caret(&all, offset, &extack_message, self.colour) else {
            return String::new();
        };
        let is_head = |field: &Field| field.offset == offset && field.role == Role::Attribute;
        let from = all.iter().position(is_head).unwrap_or(0);
        let row = rows(
            all.get(from..=from).unwrap_or_default(),
            request,
            self.colour,
            false,
        );
        // The '>' tells them from the rows of what was received, for whoever reads this back.
        format!("the answer points into request {seq}:\n> {row}> {mark}\n")
    }
}

/// Into a file.
pub struct Capture(RefCell<File>);

impl Capture {
    /// Makes the file, or refuses.
    pub fn open(name: &str) -> Result<Self> {
        let failed = |error: std::io::Error| Error::io(format!("write the capture {name}"), &error);
        let mut file = File::create(name).map_err(failed)?;
        file.write_all(&pcap::file_header()).map_err(failed)?;
        Ok(Self(RefCell::new(file)))
    }

    /// One datagram more.
    pub fn write(&self, direction: Direction, protocol: Protocol, datagram: &[u8]) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let record = pcap::record(direction, protocol, now, datagram);
        // A full disk does not keep a container from its network.
        let _ = self.0.borrow_mut().write_all(&record);
    }
}
