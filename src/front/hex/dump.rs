//! Dumps: rows with hexadecimal offsets.
//!
//! ```text
//!  000000 54 00 00 00 …       the offset 0 begins a dump
//!  000010 00 00 00 00 …
//!  *                          the row above is repeated
//!  000040 08 00 04 00 …       up to this offset
//!  000050                     the end
//! ```

use super::line::{Line, Row, parse};
use super::note::Notes;

/// The largest number of bytes that the `*` lines of a text can add.
pub const MAX_REPEATED: usize = 1 << 20;

const UNSUPPORTED: &str = "decode does not read dumps of this form, only those of xxd, hexdump -C and \
    od -A x -t x1: make plain hex with xxd -p (xxd -r turns a dump of xxd into bytes)";

/// Returns each dump as one sequence. Adds a note where the offsets are not contiguous.
pub(super) fn read(text: &str, notes: &mut Notes) -> Result<Vec<Vec<u8>>, String> {
    let mut reader = Reader::default();
    for (number, text) in (1..).zip(text.lines()) {
        let note = match parse(text) {
            Line::Row(row) if reader.accepts(&row) => reader.add(row),
            Line::End(offset, digits) if reader.is_inside && digits == reader.digits => {
                reader.is_inside = false;
                reader.advance(offset)
            }
            Line::Star if reader.is_inside => {
                reader.has_star = true;
                continue;
            }
            Line::Unsupported => Err(UNSUPPORTED.to_owned()),
            _ => {
                (reader.is_inside, reader.has_star) = (false, false);
                continue;
            }
        };
        if let Some(note) = note.map_err(|reason| format!("line {number}: {reason}"))? {
            notes.add(number, &note);
        }
    }
    Ok(reader.datagrams)
}

#[derive(Default)]
struct Reader {
    datagrams: Vec<Vec<u8>>,
    /// The offset behind the last row.
    end: u64,
    /// The number of bytes in the last row.
    row: usize,
    /// The number of digits of the last offset.
    digits: usize,
    /// True if the last line was a row or `*`.
    is_inside: bool,
    /// True if a `*` follows the last row.
    has_star: bool,
    /// The number of bytes that `*` lines have added.
    repeated: usize,
}

impl Reader {
    /// A row of od can also be plain hex in words of different lengths. It therefore counts only at
    /// offset 0 and behind other rows of od.
    fn accepts(&self, row: &Row) -> bool {
        row.digits != 6 || row.offset == 0 || self.digits == 6
    }

    /// Adds a row. Returns a note if a gap is before it.
    fn add(&mut self, row: Row) -> Result<Option<String>, String> {
        let note = if row.offset == 0 && !self.has_star {
            self.datagrams.push(Vec::new());
            None
        } else {
            let note = self.advance(row.offset)?;
            if note.is_some() || self.datagrams.is_empty() {
                self.datagrams.push(Vec::new());
            }
            note
        };
        self.row = row.bytes.len();
        self.end = row.offset + row.bytes.len() as u64;
        self.digits = row.digits;
        self.is_inside = true;
        if let Some(datagram) = self.datagrams.last_mut() {
            datagram.extend(row.bytes);
        }
        Ok(note)
    }

    /// Goes on at an offset, after the rows that a `*` stands for. Returns a note if a gap remains.
    fn advance(&mut self, offset: u64) -> Result<Option<String>, String> {
        let has_star = std::mem::take(&mut self.has_star);
        if offset == self.end {
            return Ok(None);
        }
        let gap = format!(
            "the offset is {offset:#x}, but the bytes before it end at {:#x}",
            self.end
        );
        let (true, Some(missing)) = (has_star, offset.checked_sub(self.end)) else {
            return Ok(Some(gap));
        };
        let missing = usize::try_from(missing).unwrap_or(usize::MAX);
        if missing > MAX_REPEATED - self.repeated {
            return Err(format!("'*' stands for {missing} bytes, which is too many"));
        }
        if let Some(datagram) = self.datagrams.last_mut() {
            let row = datagram.len().saturating_sub(self.row);
            let row = datagram.get(row..).unwrap_or_default().to_vec();
            datagram.extend(row.iter().cycle().take(missing));
        }
        self.repeated += missing;
        self.end = offset;
        Ok(None)
    }
}
