//! Strings with escapes, as C, Rust, Python and strace write them.
//!
//! ```text
//!  let message = b"T\0\0\0\x10\x00"      a string at the end of its line goes on in the next,
//!      "\x05\x06" "\x86\xb9";            if that is nothing but strings
//!  sendto(3, "\x54\x00…", 20, 0, {sa_data="\x00"}, 12)    else a line's longest
//! ```

use super::note::Notes;
use std::iter::Peekable;
use std::str::CharIndices;

/// One string.
#[derive(Default)]
struct Literal {
    /// Where it begins, with what belongs to it (`b`), and where it ends.
    start: usize,
    end: usize,
    bytes: Vec<u8>,
    /// Whether a byte in it is written as a number: others are words for people.
    numeric: bool,
    /// Whether all its escapes are known.
    known: bool,
    /// Whether its closing quote is there.
    closed: bool,
}

/// What a line has.
#[derive(Default)]
struct Strings {
    bytes: Vec<u8>,
    numeric: bool,
    known: bool,
    /// Whether the line holds nothing else.
    only: bool,
    /// Whether the next line may go on with it.
    open: bool,
    /// Whether strace has left something out (`"…"...`), or the quote is missing.
    cut: bool,
}

/// The runs of a text with a string in it that has a byte as a number.
pub(super) fn read(text: &str, notes: &mut Notes) -> Vec<Vec<u8>> {
    let mut runs: Vec<(Vec<u8>, bool)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        let Some(strings) = strings(line).filter(|strings| strings.only || strings.numeric) else {
            open = false;
            continue;
        };
        if !strings.known {
            notes.pass(number);
            open = false;
            continue;
        }
        if strings.cut && strings.numeric {
            notes.say(number, "the string is cut short here (strace -s 65536)");
        }
        match runs.last_mut() {
            Some((run, numeric)) if open && strings.only => {
                run.extend(strings.bytes);
                *numeric |= strings.numeric;
            }
            _ => runs.push((strings.bytes, strings.numeric)),
        }
        open = strings.open;
    }
    let numeric = runs.into_iter().filter(|(_, numeric)| *numeric);
    numeric.map(|(run, _)| run).collect()
}

/// The strings of a line: all, where little else is between them, or the longest.
fn strings(line: &str) -> Option<Strings> {
    let literals = literals(line);
    let Some((first, last)) = literals.first().zip(literals.last()) else {
        return bare(line);
    };
    let part = |from, to| line.get(from..to).unwrap_or_default().trim();
    let tail = part(last.end, line.len());
    let between = literals.iter().zip(literals.iter().skip(1));
    let joined = between
        .map(|(one, next)| part(one.end, next.start))
        .all(|between| between.is_empty() || between == "+");
    if joined {
        return Some(Strings {
            bytes: literals
                .iter()
                .flat_map(|one| &one.bytes)
                .copied()
                .collect(),
            numeric: literals.iter().any(|one| one.numeric),
            known: literals.iter().all(|one| one.known),
            only: ["", "+", "("].contains(&part(0, first.start))
                && tail.chars().all(|mark| "\\+,;)".contains(mark)),
            open: tail.chars().all(|mark| "\\+".contains(mark)),
            cut: !last.closed || tail.starts_with("..."),
        });
    }
    let numeric = literals.into_iter().filter(|one| one.numeric);
    let longest = numeric.max_by_key(|one| one.bytes.len())?;
    Some(Strings {
        numeric: true,
        known: longest.known,
        cut: !longest.closed || part(longest.end, line.len()).starts_with("..."),
        bytes: longest.bytes,
        ..Strings::default()
    })
}

/// Escapes that stand in no quotes: the longest row of them.
fn bare(line: &str) -> Option<Strings> {
    let line = line.trim();
    let mut longest: &[u8] = &[];
    let mut all: Vec<u8> = Vec::new();
    let mut begins = 0;
    let mut pieces = line.split("\\x");
    let mut only = pieces.next() == Some("");
    let mut ends = Vec::new();
    for piece in pieces {
        let byte = piece
            .get(..2)
            .and_then(|digits| super::pairs(digits)?.pop());
        all.extend(byte);
        if byte.is_none() || piece.len() > 2 {
            only = false;
            ends.push((begins, all.len()));
            begins = all.len();
        }
    }
    ends.push((begins, all.len()));
    for (begins, end) in ends {
        let row = all.get(begins..end).unwrap_or_default();
        if row.len() > longest.len() {
            longest = row;
        }
    }
    (!longest.is_empty()).then(|| Strings {
        bytes: longest.to_vec(),
        numeric: true,
        known: true,
        only,
        open: only,
        cut: false,
    })
}

fn literals(line: &str) -> Vec<Literal> {
    let mut all = Vec::new();
    let (mut before, mut last) = (' ', ' ');
    let mut chars = line.char_indices().peekable();
    while let Some((at, quote)) = chars.next() {
        if opens(before, last, quote) {
            let prefixed = matches!(last, 'b' | 'B' | 'c') && !before.is_alphanumeric();
            let mut literal = literal(&mut chars, quote);
            literal.start = at - usize::from(prefixed);
            literal.end = chars.peek().map_or(line.len(), |(at, _)| *at);
            all.push(literal);
        }
        (before, last) = (last, quote);
    }
    all
}

/// Whether a quote opens a string: an apostrophe does not. `before` and `last` are the characters
/// in front of it.
pub(super) fn opens(before: char, last: char, quote: char) -> bool {
    let prefix = matches!(last, 'b' | 'B') && !before.is_alphanumeric();
    quote == '"' || quote == '\'' && (prefix || !last.is_alphanumeric())
}

/// A string up to its closing quote, or the end of the line.
fn literal(chars: &mut Peekable<CharIndices<'_>>, quote: char) -> Literal {
    let mut literal = Literal {
        known: true,
        ..Literal::default()
    };
    while let Some((_, mark)) = chars.next() {
        match mark {
            _ if mark == quote => {
                literal.closed = true;
                break;
            }
            '\\' => match escape(chars) {
                Some((byte, numeric)) => {
                    literal.bytes.push(byte);
                    literal.numeric |= numeric;
                }
                None => literal.known = false,
            },
            char::REPLACEMENT_CHARACTER => literal.known = false,
            _ => literal
                .bytes
                .extend(mark.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    literal
}

/// What is behind a backslash: a byte, and whether it is written as a number.
fn escape(chars: &mut Peekable<CharIndices<'_>>) -> Option<(u8, bool)> {
    let (_, mark) = chars.next()?;
    let mut number = |base: u32, first: u32, more: usize| {
        let mut number = first;
        for _ in 0..more {
            let Some(digit) = chars.peek().and_then(|(_, digit)| digit.to_digit(base)) else {
                break;
            };
            number = number * base + digit;
            chars.next();
        }
        Some((u8::try_from(number).ok()?, true))
    };
    let plain = match mark {
        'x' => {
            let (_, digit) = chars.next()?;
            let mut number = digit.to_digit(16)?;
            if let Some(low) = chars.peek().and_then(|(_, digit)| digit.to_digit(16)) {
                number = number << 4 | low;
                chars.next();
            }
            return Some((u8::try_from(number).ok()?, true));
        }
        '0'..='7' => return number(8, mark.to_digit(8)?, 2),
        'n' => b'\n',
        't' => b'\t',
        'r' => b'\r',
        'a' => 7,
        'b' => 8,
        'v' => 11,
        'f' => 12,
        'e' => 27,
        '\\' | '"' | '\'' | '?' => u8::try_from(mark).ok()?,
        _ => return None,
    };
    Some((plain, false))
}
