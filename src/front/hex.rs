//! Bytes as people have them in texts, back to bytes.
//!
//! ```text
//!  54000000 10000506                                plain, with or without spaces
//!  54:00:00:00:10:00:05:06                          tshark -T fields
//!  00000000: 5400 0000 1000 0506  T.......          xxd, of any width
//!  00000000: 00000054 06050010  T.......            xxd -e: its text tells it from xxd -g 4
//!  00000000  54 00 00 00 10 00 05 06  |T.......|    hexdump -C
//!  0000000 0054 0000 0010 0605                      hexdump, od -x: the machine's byte order
//!  0000020 54 00 00 00 10 00 05 06                  od -t x1: octal offsets, or -A x, -A d
//!  000010 54 00 00 00 10 00 05 06  >T.......<       od -A x -t x1z
//!  0000000 000124 000000 000020 003005              od: octal words
//!  00000000: 01010100 00000000 00000000  T..           xxd -b
//!  *                                                rows like the one before, up to the next
//!   | 00000  54 00 00 00 10 00 05 06  T....... |    strace -e write=all
//!  0000  54 00 00 00 10 00 05 06   T.......         tshark -x
//!      0x0000:  5400 0000 1000 0506                 tcpdump -x
//!  [  1.5] name: 00000000: 54 00 00 00 10 00        the kernel's print_hex_dump
//!  0000  54 00 00 00              nlmsg_len  84     ours; rows behind '>' only point at others
//!  "\x54\x00\x00\x00\x10\x00\x05\x06"               strace -xx
//!  b'T\0\0\0\20\x00\x05\x06'                        C, Rust, Python
//!  0x54, 0x00u8, 0, 0, /* type */ 0x10, 0x00        C, Rust; comments are no data
//!  [84 0 0 0 16 0 5 6 …]                            Go, decimal: sixteen numbers or more
//! ```
//!
//! What is not understood is never left out in silence: [`Found::notes`] names the place.

mod comment;
mod dump;
mod literal;
mod note;
mod number;
mod row;

use note::Notes;

/// Most bytes that the rows behind one `*` may be.
pub const SQUEEZED: usize = 1 << 20;
/// Most bytes that a text may gain by all its `*` together.
pub const SQUEEZED_IN_ALL: usize = 16 << 20;

/// What strace prints where it reads netlink itself: names and values, but not all of them.
const PIECES: &str = "strace has read these messages itself and shows only pieces of them: \
    strace -e write=all -e read=all shows all bytes";

/// What there is in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Bytes that belong together: a dump, an array, a string.
    pub runs: Vec<Vec<u8>>,
    /// What was not understood, and where: a sentence each.
    pub notes: Vec<String>,
}

/// The runs of bytes in a text, and what else is to be said of it; an error where the text holds
/// only pieces of its messages.
///
/// In a text with offsets, or with escaped strings, only such lines count: what strace says in
/// between is no hex.
pub fn read(text: &str) -> Result<Found, &'static str> {
    let found = |runs: Vec<Vec<u8>>, notes: Notes| Found {
        runs,
        notes: notes.told(),
    };
    let mut notes = Notes::default();
    let runs = dump::read(text, &mut notes);
    if !runs.is_empty() {
        return Ok(found(runs, notes));
    }
    // Why rows were no rows.
    let foreign = notes.told();
    if text.contains("{nlmsg_len=") {
        return Err(PIECES);
    }
    let text = comment::without(text);
    let mut notes = Notes::default();
    let runs = literal::read(&text, &mut notes);
    if !runs.is_empty() {
        return Ok(found(runs, notes));
    }
    let runs = number::read(&text, &mut notes);
    let mut found = found(runs, notes);
    found.notes.splice(..0, foreign);
    Ok(found)
}

/// Only the runs of a text: each begins where an offset is 0 again, or a string or an array
/// stands alone.
pub fn runs(text: &str) -> Vec<Vec<u8>> {
    read(text).map(|found| found.runs).unwrap_or_default()
}

/// An even number of hex digits, colons between the bytes allowed.
fn pairs(word: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for piece in word.split(':') {
        let digits: Option<Vec<u32>> = piece.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits.filter(|digits| !digits.is_empty() && digits.len() % 2 == 0)?;
        let byte = |pair: &[u32]| match *pair {
            [high, low] => u8::try_from(high << 4 | low).ok(),
            _ => None,
        };
        let some: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        bytes.extend(some?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
