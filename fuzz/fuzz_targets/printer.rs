//! `fields`, `rows` and `path` of the printer: each byte is in exactly one field, in order, and the
//! depth, the number and the text of the fields are bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netsetgo::wire::hexdump::{Colour, format_rows};
use netsetgo::wire::printer::{MAX_DEPTH, Role, fields, no_names, path};
use netsetgo::wire::registry::Protocol;

fuzz_target!(|bytes: &[u8]| {
    for protocol in [Protocol::Route, Protocol::Netfilter] {
        check(protocol, bytes);
    }
});

fn check(protocol: Protocol, bytes: &[u8]) {
    let fields = fields(protocol, bytes, &no_names);
    let mut end = 0;
    for field in &fields {
        assert_eq!(field.offset, end, "{field:?}");
        assert!(field.depth <= MAX_DEPTH, "{field:?}");
        end += field.len;
    }
    assert_eq!(end, bytes.len(), "each byte is in a field");
    assert!(
        fields.len() <= 2 * bytes.len() + 1,
        "{} fields of {}",
        fields.len(),
        bytes.len()
    );
    let text = format_rows(&fields, bytes, Colour::Off, true);
    assert!(
        text.len() <= 1000 * bytes.len(),
        "{} of {}",
        text.len(),
        bytes.len()
    );
    // Each call of path() parses all of the message again, so only four attributes are checked.
    for field in fields
        .iter()
        .filter(|field| field.role == Role::Attribute)
        .take(4)
    {
        let (path, _) = path(protocol, bytes, field.offset).expect("the message has it");
        assert!(path.ends_with(&field.name), "{path}: {}", field.name);
    }
}
