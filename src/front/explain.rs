//! `explain` prints the steps of `up`: reasons, equivalent commands, and the bytes of the requests.
//!
//! `explain` calls no kernel interface. Placeholders replace the values that the kernel would choose,
//! such as link indexes. `explain` encodes each request as `up` does, and then decodes the bytes.

use super::trace::{Capture, ioctl_rows};
use crate::config::{Cidr, IfName, Ipam, Request, Resolved};
use crate::engine::kernel::{Kernel, Known, Lookup, Rejected};
use crate::engine::run::run;
use crate::error::{Error, Result};
use crate::front::pcap::Direction;
use crate::os::host;
use crate::plan::attach::{announce, attach};
use crate::plan::observed::Observed;
use crate::plan::step::{Channel, Place, Step};
use crate::wire::hexdump::{Colour, WIDTH, format_rows};
use crate::wire::ifreq::IfReq;
use crate::wire::message::{Datagram, Message};
use crate::wire::netlink_error::NetlinkError;
use crate::wire::printer::{Identifier, NameLookup, fields};
use crate::wire::registry::Protocol;
use crate::wire::uapi::{IFF_BROADCAST, IFF_MULTICAST};
use std::collections::HashSet;

/// The text for the steps of `up` on a host without a bridge. Writes the datagrams to `capture`, too.
pub fn explain(request: &Request, capture: Option<&Capture>, colour: Colour) -> Result<String> {
    let config = resolve(request)?;
    let observed = Observed {
        machine: host::identity(),
        ..Observed::default()
    };
    let attach = attach(&config, &observed)?;
    let announce = announce(&config);
    let steps = [attach.as_slice(), &announce].concat();
    let mut recorder = Recorder {
        steps: &steps,
        sent: Vec::new(),
        links: Vec::new(),
        capture,
    };
    let mut known = Known::default();
    known.learn(Place::Container, &IfName::lo(), 1);
    run(&mut recorder, known, &attach)?;
    run(&mut recorder, Known::default(), &announce)?;

    let mut page = Page {
        text: topology(&config),
        colour,
        described: HashSet::new(),
    };
    let mut datagram = 0;
    for (number, (step, sent)) in steps.iter().zip(&recorder.sent).enumerate() {
        if let Sent::Message { first: true, .. } = sent {
            datagram += 1;
            let title = format!(
                "Datagram {datagram}, to the socket in the {}",
                step.channel.place
            );
            page.text.push('\n');
            page.title(&title);
            page.text += &format!("{}\n", "=".repeat(title.len()));
        }
        page.step(number + 1, step, sent, &|handle| recorder.name(handle));
    }
    Ok(page.text.trim_end().to_owned())
}

/// The request with every address known. In place of an allocation, it takes the first address of
/// each subnet that is not a gateway.
fn resolve(request: &Request) -> Result<Resolved> {
    let Ipam::Auto = request.ipam else {
        return request.resolve(request.static_addresses().to_vec(), None);
    };
    let gateways: Vec<_> = request
        .bridge_addresses
        .iter()
        .map(|cidr| cidr.address)
        .collect();
    let mut addresses = Vec::new();
    for subnet in &request.bridge_addresses {
        let mut all = (0..).map_while(|position| subnet.nth(position));
        let free = all.find(|address| !gateways.contains(address));
        let address = free.ok_or_else(|| {
            Error::conflict(format!(
                "subnet {} has no free address besides the bridge's own",
                subnet.subnet()
            ))
        })?;
        addresses.push(Cidr { address, ..*subnet });
    }
    request.resolve(addresses, None)
}

fn topology(config: &Resolved) -> String {
    let words = |all: &[Cidr]| {
        all.iter()
            .map(Cidr::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let picture = format!(
        "host: {} ({}) <- {} ==== {} ({}) :container",
        config.bridge_name,
        words(&config.bridge_addresses),
        config.host_ifname,
        config.container_ifname,
        words(&config.container_addresses),
    );
    let nothing =
        "Nothing is there yet. Indexes and descriptors are known when the kernel has answered.";
    filled(&picture, "") + nothing + "\n"
}

/// The text so far.
struct Page {
    text: String,
    colour: Colour,
    /// The attributes that the text has described. It describes each of them once.
    described: HashSet<String>,
}

impl Page {
    fn title(&mut self, words: &str) {
        let words = filled(words, "");
        let words = words.trim_end();
        match self.colour {
            Colour::On => self.text += &format!("\n\x1b[1m{words}\x1b[0m\n"),
            Colour::Off => self.text += &format!("\n{words}\n"),
        }
    }

    fn step(&mut self, number: usize, step: &Step, sent: &Sent, namer: NameLookup<'_>) {
        self.title(&format!("{number}. {}", step.action()));
        self.text += &filled(step.reason, "   ");
        self.text += &filled(&format!("$ {}", step.command()), "   ");
        match sent {
            Sent::Ioctl(request) => {
                let reason =
                    format!("No netlink message: ioctl(2) {request}, with a struct ifreq.");
                self.text += &filled(&reason, "   ");
                self.text += &ioctl_rows(request, namer, self.colour);
            }
            Sent::Sysctl => {
                let reason = "No netlink message: write(2) to a file below /proc/sys.";
                self.text += &filled(reason, "   ");
            }
            Sent::Message { bytes, .. } => {
                let mut fields = fields(Protocol::Route, bytes, namer);
                for field in &mut fields {
                    if !field.description.is_empty() && !self.described.insert(field.name.clone()) {
                        field.description = "";
                    }
                }
                self.text += &format_rows(&fields, bytes, self.colour, true);
            }
        }
    }
}

/// Breaks text into lines with a margin. Cuts a word that is longer than a line.
fn filled(words: &str, margin: &str) -> String {
    let mut lines = vec![margin.to_owned()];
    let room = WIDTH - margin.len() - 2;
    let words = words.split(' ').flat_map(|word| {
        let letters: Vec<char> = word.chars().collect();
        let pieces = letters.chunks(room).map(|piece| piece.iter().collect());
        pieces.collect::<Vec<String>>()
    });
    for word in words {
        let fits = |line: &String| line.chars().count() + 1 + word.chars().count() <= WIDTH;
        match lines.last_mut() {
            Some(line) if line.len() == margin.len() => line.push_str(&word),
            Some(line) if fits(line) => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(format!("{margin}  {word}")),
        }
    }
    lines.join("\n") + "\n"
}

/// The form in which netsetgo would carry out a step.
enum Sent {
    /// A message. `first` is true for the first message of a datagram.
    Message { bytes: Vec<u8>, first: bool },
    /// An ioctl.
    Ioctl(IfReq),
    /// A write below /proc/sys; the equivalent command shows its bytes.
    Sysctl,
}

/// The first placeholder. A kernel does not reach so large a link index.
const INDEXES: u32 = 0xffff_0000;
const DESCRIPTOR: i32 = 0x7fff_0000;

/// A [`Kernel`] that records the requests and accepts each of them. The engine therefore divides the
/// steps into datagrams as in `up`.
struct Recorder<'a> {
    steps: &'a [Step],
    /// The form of each step, in order.
    sent: Vec<Sent>,
    /// The links that have a placeholder for their index.
    links: Vec<(Place, IfName)>,
    capture: Option<&'a Capture>,
}

impl Recorder<'_> {
    /// True if a recorded step creates the link.
    fn is_made(&self, place: Place, name: &IfName) -> bool {
        self.steps
            .iter()
            .take(self.sent.len())
            .any(|step| step.op.creates(place) == Some(name))
    }

    fn name(&self, handle: Identifier) -> Option<String> {
        match handle {
            Identifier::Index(index) => {
                let number = usize::try_from(index.checked_sub(INDEXES)?).ok()?;
                let (place, name) = self.links.get(number)?;
                Some(format!("the index of {name} in {place}"))
            }
            Identifier::Descriptor(DESCRIPTOR) => {
                Some("a descriptor of the container's namespace".into())
            }
            Identifier::Descriptor(_) => None,
        }
    }
}

impl Kernel for Recorder<'_> {
    fn send(
        &mut self,
        _: Channel,
        messages: &[Message],
    ) -> std::result::Result<Vec<Rejected>, NetlinkError> {
        let mut batch = Datagram::new(u32::try_from(self.sent.len() + 1).unwrap_or(0));
        messages.iter().for_each(|message| batch.push(message));
        let datagram = batch.datagram();
        if let Some(capture) = self.capture {
            capture.write(Direction::Sent, Protocol::Route, datagram);
        }
        for place in 0..batch.len() {
            let bytes = batch.message(place).unwrap_or_default().to_vec();
            self.sent.push(Sent::Message {
                bytes,
                first: place == 0,
            });
        }
        Ok(Vec::new())
    }

    fn ioctl(&mut self, _: Place, request: &IfReq) -> std::result::Result<(), NetlinkError> {
        self.sent.push(Sent::Ioctl(request.clone()));
        Ok(())
    }

    fn sysctl(&mut self, _: Place, _: &str, _: &str) -> std::result::Result<String, NetlinkError> {
        self.sent.push(Sent::Sysctl);
        Ok(String::new())
    }

    fn lookup(&mut self) -> &mut dyn Lookup {
        self
    }
}

impl Lookup for Recorder<'_> {
    /// `up` sets flags by ioctl only for a bridge that it has just created.
    fn flags(&mut self, _: Place, _: &IfName) -> std::result::Result<u16, NetlinkError> {
        Ok((IFF_BROADCAST | IFF_MULTICAST) as u16)
    }

    fn index(
        &mut self,
        place: Place,
        name: &IfName,
    ) -> std::result::Result<Option<u32>, NetlinkError> {
        if !self.is_made(place, name) {
            return Ok(None);
        }
        let known = self
            .links
            .iter()
            .position(|(p, n)| *p == place && n == name);
        let number = known.unwrap_or_else(|| {
            self.links.push((place, name.clone()));
            self.links.len() - 1
        });
        Ok(u32::try_from(number)
            .ok()
            .and_then(|number| INDEXES.checked_add(number)))
    }

    fn marked_index(&mut self, place: Place, name: &IfName) -> Result<Option<u32>> {
        Ok(self.index(place, name).unwrap_or_default())
    }

    fn has_ports(&mut self, _: Place, _: &IfName) -> Result<bool> {
        Ok(false)
    }

    fn container_netns(&self) -> i32 {
        DESCRIPTOR
    }
}
