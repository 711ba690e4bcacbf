//! Rows with offsets, in order.
//!
//! ```text
//!  0000000 54 00 00 00 …      a block: from one offset 0 to the next; its offsets are of one
//!  0000020 00 00 00 00 …      base, its words of one byte order
//!  *                          the row above, again and again
//!  0000100 08 00 04 00 …      … up to here
//!  0000110                    the end: a last word may have been filled up
//! ```

use super::note::Notes;
use super::row::{Line, Row, shows};
use super::{SQUEEZED, SQUEEZED_IN_ALL};

/// A row, or the offset of the end, of a line.
struct Item<'a> {
    line: usize,
    offset: &'a str,
    row: Option<Row<'a>>,
    /// Whether a `*` stands before it.
    starred: bool,
}

/// The runs of all blocks.
pub(super) fn read(text: &str, notes: &mut Notes) -> Vec<Vec<u8>> {
    let items = items(text, notes);
    let mut joined = Joined {
        runs: Vec::new(),
        end: 0,
        row: 0,
        left: SQUEEZED_IN_ALL,
    };
    let mut rest = items.as_slice();
    while let Some((_, behind)) = rest.split_first() {
        let zero = |item: &Item<'_>| item.row.is_some() && is_zero(item.offset);
        let length = 1 + behind.iter().take_while(|item| !zero(item)).count();
        let (block, others) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        joined.block(block, notes);
        rest = others;
    }
    joined.runs
}

fn is_zero(offset: &str) -> bool {
    offset.bytes().all(|digit| digit == b'0')
}

/// The lines that count.
fn items<'a>(text: &'a str, notes: &mut Notes) -> Vec<Item<'a>> {
    let mut lines = Lines::default();
    for (number, text) in (1..).zip(text.lines()) {
        lines.add(number, text, notes);
    }
    lines.forget_star(notes);
    if let Some(foreign) = lines.foreign {
        // Decimal numbers of two digits look like hex: no row of such a dump is to be trusted.
        notes.say(
            foreign,
            "neither hex nor octal words: hexdump -C shows them",
        );
        lines.items.retain(|item| item.offset.len() != 7);
    }
    lines.items
}

/// What the lines so far say.
#[derive(Default)]
struct Lines<'a> {
    items: Vec<Item<'a>>,
    /// Where rows with one space have begun: how many digits their offsets have.
    unsure: Option<usize>,
    /// Whether the line before was a row.
    near: bool,
    /// The line of a `*` behind it.
    star: Option<usize>,
    /// The first row of another base.
    foreign: Option<usize>,
}

impl<'a> Lines<'a> {
    fn add(&mut self, line: usize, text: &'a str, notes: &mut Notes) {
        let (offset, row) = match super::row::line(text) {
            Line::Row(row) => {
                if !row.sure && is_zero(row.offset) {
                    self.unsure = Some(row.offset.len());
                }
                let counts = row.sure || self.unsure == Some(row.offset.len());
                (row.offset, Some(row).filter(|_| counts))
            }
            Line::End(offset) => (offset, None),
            Line::Star if self.near => {
                self.star = Some(line);
                return;
            }
            Line::Foreign => {
                self.foreign.get_or_insert(line);
                ("", None)
            }
            Line::Star | Line::Other => ("", None),
        };
        if row.is_some() || self.near && !offset.is_empty() {
            self.near = row.is_some();
            let starred = self.star.take().is_some();
            self.items.push(Item {
                line,
                offset,
                row,
                starred,
            });
        } else {
            self.near = false;
            self.forget_star(notes);
        }
    }

    /// Nothing says how many rows a `*` was.
    fn forget_star(&mut self, notes: &mut Notes) {
        if let Some(star) = self.star.take() {
            notes.say(star, ENDLESS);
        }
    }
}

const ENDLESS: &str = "'*' stands for rows, but no offset behind it says how many";

/// What is read so far.
struct Joined {
    runs: Vec<Vec<u8>>,
    /// The offset at which the last run ends.
    end: u64,
    /// Bytes in the last row.
    row: usize,
    /// How many bytes may still be filled in.
    left: usize,
}

impl Joined {
    fn block(&mut self, block: &[Item<'_>], notes: &mut Notes) {
        let (base, doubt) = base(block);
        let swapped = swapped(block);
        if let (true, Some(first)) = (doubt, block.first()) {
            notes.say(first.line, "the base of the offsets is not certain here");
        }
        for (place, item) in block.iter().enumerate() {
            let offset = u64::from_str_radix(item.offset, base).unwrap_or(u64::MAX);
            match &item.row {
                Some(row) => {
                    let begins = place == 0 && is_zero(item.offset);
                    if begins || !self.reaches(offset, item, notes) {
                        self.runs.push(Vec::new());
                    }
                    let bytes = ordered(row, swapped);
                    self.row = bytes.len();
                    self.end = offset.saturating_add(length(&bytes));
                    if let Some(run) = self.runs.last_mut() {
                        run.extend(bytes);
                    }
                }
                None => self.finish(offset, item, notes),
            }
        }
    }

    /// Whether the last run goes up to this offset, if need be with rows filled in.
    fn reaches(&mut self, offset: u64, item: &Item<'_>, notes: &mut Notes) -> bool {
        if self.runs.is_empty() {
            notes.say(item.line, &format!("the first offset is {offset:#x}"));
            return false;
        }
        let missing = offset.checked_sub(self.end).unwrap_or(u64::MAX);
        if missing == 0 || item.starred && self.fill(missing, item, notes) {
            return true;
        }
        let extack_message = format!(
            "its offset is {offset:#x}, but the bytes before it end at {:#x}: a new run",
            self.end
        );
        notes.say(item.line, &extack_message);
        false
    }

    /// Repeats the last row.
    fn fill(&mut self, missing: u64, item: &Item<'_>, notes: &mut Notes) -> bool {
        let whole = item.row.is_none() || missing.is_multiple_of(self.row.max(1) as u64);
        if missing == u64::MAX || !whole {
            return false;
        }
        let most = self.left.min(SQUEEZED);
        let Some(more) = usize::try_from(missing).ok().filter(|&more| more <= most) else {
            let extack_message = format!("'*' stands for {missing} bytes, which is too many");
            notes.say(item.line, &extack_message);
            return false;
        };
        let Some(run) = self.runs.last_mut() else {
            return false;
        };
        let row = run.len().saturating_sub(self.row);
        let row = run.get(row..).unwrap_or_default().to_vec();
        run.extend(row.iter().cycle().take(more));
        self.left -= more;
        self.end += missing;
        true
    }

    /// The offset of the end: it may say that the last word was filled up.
    fn finish(&mut self, offset: u64, item: &Item<'_>, notes: &mut Notes) {
        let over = self.end.saturating_sub(offset);
        let Some(run) = self.runs.last_mut() else {
            return;
        };
        if (1..8).contains(&over) && usize::try_from(over).is_ok_and(|over| over < self.row) {
            let over = usize::try_from(over).unwrap_or(0);
            run.truncate(run.len().saturating_sub(over));
            self.end = offset;
        } else if offset != self.end {
            self.reaches(offset, item, notes);
        }
    }
}

fn length(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

/// The base of a block's offsets, and whether another would do as well.
fn base(block: &[Item<'_>]) -> (u32, bool) {
    let first = block.first().and_then(|item| item.row.as_ref());
    let bases: &[u32] = match first {
        // hexdump writes words of two bytes and hexadecimal offsets, od also others.
        Some(row) if row.hexadecimal || row.offset.len() != 7 => &[16],
        Some(row) if row.word == 1 => &[8, 16, 10],
        _ => &[16, 8, 10],
    };
    let breaks: Vec<(u32, usize)> = bases
        .iter()
        .map(|&base| (base, breaks(block, base)))
        .collect();
    let best = breaks.iter().min_by_key(|(_, breaks)| *breaks);
    let Some(&(base, least)) = best else {
        return (16, false);
    };
    let as_good = breaks.iter().filter(|(_, breaks)| *breaks == least).count();
    (base, as_good > 1 && block.iter().any(|item| item.starred))
}

/// How often a block's offsets do not go on, if they are of this base.
fn breaks(block: &[Item<'_>], base: u32) -> usize {
    let (mut end, mut before, mut breaks) = (0, 1, 0);
    for (place, item) in block.iter().enumerate() {
        let Ok(offset) = u64::from_str_radix(item.offset, base) else {
            return usize::MAX;
        };
        let row = item.row.as_ref().map(|row| length(&row.bytes));
        let filled = item.starred
            && offset > end
            && (row.is_none() || (offset - end).is_multiple_of(before));
        let cut = row.is_none() && offset < end && end - offset < 8;
        if place > 0 && offset != end && !filled && !cut {
            breaks += 1;
        }
        before = row.unwrap_or(before).max(1);
        end = offset.saturating_add(row.unwrap_or(0));
    }
    breaks
}

/// Whether a block's words are numbers of a machine with the lowest byte first. The text beside
/// them says it best, as it is in the bytes' own order.
fn swapped(block: &[Item<'_>]) -> bool {
    let rows = || block.iter().filter_map(|item| item.row.as_ref());
    let beside = |row: &Row<'_>| row.word > 1 && !row.text.trim().is_empty();
    let agree = |swapped: bool| {
        rows().filter(|row| beside(row)).all(|row| {
            let text = row.text.trim_start();
            let text = text.strip_prefix(['>', '|']).unwrap_or(text);
            shows(text, &ordered(row, swapped))
        })
    };
    match (rows().any(beside), agree(false), agree(true)) {
        (true, true, false) => false,
        (true, false, true) => true,
        _ => cfg!(target_endian = "little") && rows().any(|row| row.numbers),
    }
}

/// A row's bytes in their own order.
fn ordered(row: &Row<'_>, swapped: bool) -> Vec<u8> {
    let words = row.bytes.chunks(row.word.max(1));
    if swapped {
        words.flat_map(|word| word.iter().rev()).copied().collect()
    } else {
        row.bytes.clone()
    }
}
