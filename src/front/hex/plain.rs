//! Plain hex: lines of hex digits, with blanks, commas or colons between the bytes.

use super::note::Notes;
use super::pairs;

/// Returns all bytes as one sequence. Adds a note for each line between them that is not hex.
pub(super) fn read(text: &str, notes: &mut Notes) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut skipped = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split(['#', '/']).next().unwrap_or_default();
        let words = || {
            line.split([' ', '\t', ',', ':'])
                .filter(|word| !word.is_empty())
        };
        if words().next().is_none() {
            continue;
        }
        if let Some(found) = words().map(pairs).collect::<Option<Vec<_>>>() {
            skipped.drain(..).for_each(|line| notes.skip(line));
            bytes.extend(found.into_iter().flatten());
        } else if is_hex(line) {
            // Half of a byte is missing.
            skipped.drain(..).for_each(|line| notes.skip(line));
            notes.skip(number);
        } else if !bytes.is_empty() {
            skipped.push(number);
        }
    }
    if bytes.is_empty() {
        Vec::new()
    } else {
        vec![bytes]
    }
}

/// True if a line has no letters but those of hex digits, and at least one digit.
fn is_hex(line: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_hexdigit() || b" \t,:x".contains(&byte);
    line.bytes().all(allowed) && line.bytes().any(|byte| byte.is_ascii_digit())
}
