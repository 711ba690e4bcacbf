//! One line of a dump.

use super::pairs;

pub(super) enum Line {
    /// An offset and bytes.
    Row(Row),
    /// `*`: the previous row is repeated up to the next offset.
    Star,
    /// An offset without bytes: the end of a dump, and the number of its digits.
    End(u64, usize),
    /// A row of a dump that decode does not read.
    Unsupported,
    Other,
}

pub(super) struct Row {
    pub offset: u64,
    /// The number of digits of the offset.
    pub digits: usize,
    pub bytes: Vec<u8>,
}

/// Parses a line.
pub(super) fn parse(line: &str) -> Line {
    let line = line.trim_end().trim_start_matches([' ', '\t', '|']);
    if line == "*" {
        return Line::Star;
    }
    let digits = count_digits(line);
    let (offset, rest) = line.split_at_checked(digits).unwrap_or_default();
    let number = u64::from_str_radix(offset, 16).unwrap_or(0);
    if rest.is_empty() && (digits == 6 || digits == 8) {
        return Line::End(number, digits);
    }
    let bytes = match digits {
        8 if rest.starts_with(": ") => match xxd(rest) {
            Ok(bytes) => bytes,
            Err(unsupported) => return unsupported,
        },
        // hexdump -C, strace, tshark and netsetgo.
        4 | 5 | 8 => rest.strip_prefix("  ").map(|rest| words(rest, 2, true).0),
        6 => rest.strip_prefix(' ').and_then(od),
        _ => None,
    };
    match bytes.filter(|bytes| !bytes.is_empty()) {
        Some(bytes) => Line::Row(Row {
            offset: number,
            digits,
            bytes,
        }),
        None if is_unsupported(line, digits, rest) => Line::Unsupported,
        None => Line::Other,
    }
}

fn count_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

/// Words of one byte or two bytes, and the same bytes as text.
fn xxd(rest: &str) -> Result<Option<Vec<u8>>, Line> {
    let rest = rest.trim_start_matches([':', ' ']);
    let width = count_digits(rest);
    let (bytes, text) = words(rest, width, false);
    let swapped: Vec<u8> = bytes
        .chunks(2)
        .flat_map(|word| word.iter().rev())
        .copied()
        .collect();
    let shows = |bytes: &[u8]| text.trim() == printable(bytes).trim();
    match width {
        2 => Ok(Some(bytes)),
        // The option -e of xxd prints the second byte of a word first.
        4 if !shows(&swapped) || shows(&bytes) => Ok(Some(bytes)),
        _ if bytes.is_empty() => Ok(None),
        _ => Err(Line::Unsupported),
    }
}

/// Words of one byte, and with the option -t x1z the same bytes as text.
fn od(rest: &str) -> Option<Vec<u8>> {
    let (bytes, text) = words(rest, 2, false);
    let text = text.trim_start();
    (text.is_empty() || text.starts_with('>')).then_some(bytes)
}

/// Reads words of `width` hex digits with one space between them, and returns their bytes and the text
/// behind them. Only the last word can be shorter. With `gap`, two spaces can follow the eighth byte.
fn words(text: &str, width: usize, gap: bool) -> (Vec<u8>, &str) {
    let mut bytes = Vec::new();
    let (mut next, mut behind) = (text, text);
    loop {
        let (word, rest) = next
            .split_at_checked(count_digits(next))
            .unwrap_or_default();
        let is_word =
            (1..=width).contains(&word.len()) && (rest.is_empty() || rest.starts_with(' '));
        let Some(found) = pairs(word).filter(|_| is_word) else {
            return (bytes, behind);
        };
        bytes.extend(found);
        behind = rest;
        if word.len() < width {
            return (bytes, behind);
        }
        let one = rest.strip_prefix(' ').unwrap_or_default();
        let wide = rest.strip_prefix("  ").filter(|_| gap && bytes.len() == 8);
        next = wide.unwrap_or(one);
    }
}

/// The bytes as dumps show them: a dot replaces a byte that cannot be printed.
fn printable(bytes: &[u8]) -> String {
    let shown = |&byte: &u8| match byte {
        b' '..=b'~' => char::from(byte),
        _ => '.',
    };
    bytes.iter().map(shown).collect()
}

fn is_unsupported(line: &str, digits: usize, rest: &str) -> bool {
    // hexdump without -C; od without -A x has octal offsets.
    digits == 7 && line.starts_with("00") && rest.starts_with(' ')
        // od -A x without -t x1.
        || line.starts_with("000000 ")
        // tcpdump -x and gdb.
        || line.starts_with("0x") && (line.contains(":  ") || line.contains(":\t"))
        // The kernel's print_hex_dump.
        || line.contains(": 00000000: ")
}
