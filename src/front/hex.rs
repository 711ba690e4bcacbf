//! Reads the bytes of netlink messages from hex text.
//!
//! ```text
//!  54000000 10000506                                plain hex, with or without blanks
//!  00000000: 5400 0000 1000 0506  T.......          xxd
//!  00000000  54 00 00 00 10 00 05 06  |T.......|    hexdump -C
//!  000000 54 00 00 00 10 00 05 06                   od -A x -t x1
//!   | 00000  54 00 00 00 10 00 05 06  T....... |    strace -e write=all -e read=all
//!  0000  54 00 00 00              nlmsg_len  84     netsetgo
//!  0x54, 0x00u8, 0, 0, /* type */ 0x10, 0x00        array of C, Rust, Go or Python
//!  [84 0 0 0 16 0 5 6 …]                            the same in decimal: sixteen numbers or more
//!  b"T\0\0\0\x10\x00\x05\x06"                       string literal, also in old strace output
//! ```

mod array;
mod dump;
mod lexer;
mod line;
mod literal;
mod note;
mod plain;

use note::Notes;

pub use dump::MAX_REPEATED;

/// strace decodes netlink messages itself and then omits bytes.
const DECODED_BY_STRACE: &str = "strace has decoded these messages and does not show all bytes: \
    use strace -e write=all -e read=all";
const NOT_FOUND: &str = "this is no capture, and it has no hex in a form that decode reads: \
    make plain hex with xxd -p";

/// The bytes that a text contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The byte sequences, at least one. A new sequence begins at the offset 0 of a dump, at each
    /// string and at each array.
    pub datagrams: Vec<Vec<u8>>,
    /// Sentences about text that was skipped and about offsets that are not contiguous.
    pub notes: Vec<String>,
}

/// Reads a text. In a text with rows of a dump, only these rows count. Otherwise the first of these
/// forms that the text contains counts: string literals, arrays, plain hex.
///
/// # Errors
///
/// Fails if the text contains no bytes, a dump of an unsupported form, or only messages that strace
/// has decoded. The error is a sentence.
pub fn read(text: &str) -> Result<Found, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut notes = Notes::default();
    let mut datagrams = dump::read(text, &mut notes)?;
    if datagrams.is_empty() && text.contains("{nlmsg_len=") {
        return Err(DECODED_BY_STRACE.to_owned());
    }
    for read in [literal::read, array::read, plain::read] {
        if datagrams.is_empty() {
            notes = Notes::default();
            datagrams = read(text, &mut notes);
        }
    }
    let notes = notes.into_sentences();
    match notes.first() {
        Some(note) if datagrams.is_empty() => Err(format!("{NOT_FOUND} ({note})")),
        None if datagrams.is_empty() => Err(NOT_FOUND.to_owned()),
        _ => Ok(Found { datagrams, notes }),
    }
}

/// Parses an even number of hex digits.
fn pairs(digits: &str) -> Option<Vec<u8>> {
    let digit = |digit: char| {
        digit
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let digits: Vec<u8> = digits.chars().map(digit).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests;
