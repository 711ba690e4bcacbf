//! Plain hex, and arrays of numbers, in lines that hold nothing else.
//!
//! ```text
//!  54000000 10000506                    pairs of hex digits
//!  uint8_t m[] = { 0x54, 0x00u8, 0      with 0x anywhere: arrays, of which the rest is decimal
//!  sent [84 0 0 0 16 0 5 6 …]           no 0x, an odd number of digits, nothing above 255
//! ```

use super::note::Notes;
use super::pairs;

/// So many numbers, at least, are a message: fewer in decimal are something else.
const FEWEST: usize = 16;
/// What separates numbers.
const MARKS: &str = ",;{}[]()";

/// What a line says.
enum Said {
    /// Bytes, and whether they begin an array.
    Bytes(Vec<u8>, bool),
    /// Nothing; the next line begins an array.
    Opens,
    /// Nothing that is to be named.
    Blank,
    /// Not understood; whether it looks like data.
    Unknown(bool),
}

/// The runs of a text.
pub(super) fn read(text: &str, notes: &mut Notes) -> Vec<Vec<u8>> {
    let array = |line| array(line, true);
    let said: Vec<Said> = if text
        .lines()
        .any(|line| matches!(array(line), Said::Bytes(..)))
    {
        text.lines().map(|line| among(line, array(line))).collect()
    } else if is_decimal(text) {
        text.lines().map(|line| self::array(line, false)).collect()
    } else {
        text.lines().map(plain).collect()
    };
    gathered(said, notes)
}

/// All bytes; names the lines between them that say nothing.
fn gathered(said: Vec<Said>, notes: &mut Notes) -> Vec<Vec<u8>> {
    let is_data = |said: &Said| matches!(said, Said::Bytes(..));
    let first = said.iter().position(is_data).unwrap_or(0);
    let last = said.iter().rposition(is_data).unwrap_or(0);
    let mut runs: Vec<Vec<u8>> = Vec::new();
    let mut opened = false;
    for (place, said) in said.into_iter().enumerate() {
        match said {
            Said::Bytes(bytes, begins) => match runs.last_mut() {
                Some(run) if !begins && !opened => run.extend(bytes),
                _ => runs.push(bytes),
            },
            Said::Opens => {
                opened = true;
                continue;
            }
            Said::Unknown(data) if data || (first..last).contains(&place) => notes.pass(place + 1),
            Said::Unknown(_) | Said::Blank => continue,
        }
        opened = false;
    }
    runs
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|mark: char| mark.is_whitespace() || MARKS.contains(mark))
        .filter(|word| !word.is_empty())
}

/// A line of nothing but hex digits.
fn plain(line: &str) -> Said {
    let line = line.trim_start_matches('\u{feff}');
    let all: Option<Vec<Vec<u8>>> = words(line).map(pairs).collect();
    match all.map(|all| all.concat()) {
        Some(bytes) if bytes.is_empty() => Said::Blank,
        Some(bytes) => Said::Bytes(bytes, false),
        // Cut in the middle of a byte, or numbers of more than one.
        None => Said::Unknown(
            words(line).all(|word| is_hex(word.strip_prefix("0x").unwrap_or(word)))
                && line.bytes().any(|digit| digit.is_ascii_digit()),
        ),
    }
}

fn is_hex(word: &str) -> bool {
    word.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// A number of C, Rust or Go that is a byte.
fn byte(word: &str) -> Option<u8> {
    let word = word.strip_suffix("u8").unwrap_or(word);
    match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) if digits.starts_with('+') => None,
        Some(digits) => u8::from_str_radix(digits, 16).ok(),
        // Octal dumps and C have zeros in front of octal numbers.
        None if word.starts_with(['0', '+']) && word != "0" => None,
        None => word.parse().ok(),
    }
}

/// Whether a word is a number that only an array has.
fn is_marked(word: &str) -> bool {
    word.starts_with("0x") || word.starts_with("0X")
}

/// All words as bytes.
fn bytes(text: &str) -> Option<Vec<u8>> {
    words(text).map(byte).collect()
}

/// A line of an array; with `hex`, a number at least has 0x.
fn array(line: &str, hex: bool) -> Said {
    let wanted = |text: &str| !hex || words(text).any(is_marked);
    let trimmed = line.trim();
    let begins = trimmed.starts_with(['{', '[', '(']);
    match bytes(line) {
        Some(all) if all.is_empty() && trimmed.ends_with(['{', '[', '(']) => return Said::Opens,
        Some(all) if all.is_empty() => return Said::Blank,
        Some(all) if wanted(line) => return Said::Bytes(all, begins),
        _ => {}
    }
    if trimmed.ends_with(['{', '[', '(']) {
        return Said::Opens;
    }
    // An array in a line of words: nothing outside of it may look like data.
    let pieces = pieces(line);
    let mut arrays = pieces.iter().filter_map(|(bracket, piece)| {
        let all = bytes(piece).filter(|all| !all.is_empty() && wanted(piece))?;
        (*bracket || all.len() >= 4).then_some((all, words(piece).filter(|w| is_marked(w)).count()))
    });
    let longest = arrays.by_ref().max_by_key(|(all, _)| all.len());
    let marked = words(line).filter(|word| is_marked(word)).count();
    match longest {
        // gdb has an address in front of the bytes.
        Some((all, inside)) if marked == inside || marked == inside + addresses(line) => {
            Said::Bytes(all, !trimmed.starts_with(['.', '0']))
        }
        _ => Said::Unknown(marked > 0),
    }
}

/// How many addresses a line of gdb's begins with.
fn addresses(line: &str) -> usize {
    usize::from(line.trim_start().starts_with("0x") && line.contains(":\t"))
}

/// What stands in a line behind each opening bracket, up to a closing one, and behind `=`, a colon
/// or `.byte`.
fn pieces(line: &str) -> Vec<(bool, &str)> {
    let mut pieces = Vec::new();
    for (place, opened) in line.split(['{', '[', '(']).enumerate() {
        let inside = opened.split(['}', ']', ')']).next().unwrap_or_default();
        let behind = [": ", ":\t", "=", ".byte"]
            .into_iter()
            .fold(inside, |piece, mark| {
                piece.rsplit_once(mark).map_or(piece, |(_, it)| it)
            });
        pieces.push((place > 0 && behind.len() == inside.len(), behind));
    }
    pieces
}

/// A line among arrays with 0x: decimal numbers with commas are of them, and plain hex is allowed.
fn among(line: &str, said: Said) -> Said {
    let Said::Unknown(_) = said else {
        return said;
    };
    match bytes(line) {
        Some(all) if line.contains(',') => Said::Bytes(all, false),
        _ => match plain(line) {
            Said::Unknown(_) => said,
            plain => plain,
        },
    }
}

/// Whether the numbers of a text are decimal.
fn is_decimal(text: &str) -> bool {
    let (mut count, mut odd) = (0, false);
    for line in text.lines() {
        let whole = words(line).all(is_hex);
        if let Said::Bytes(all, _) = array(line, false) {
            count += all.len();
            let odd_word = |piece: &str| words(piece).any(|word| word.len() % 2 == 1);
            odd |= if whole {
                odd_word(line)
            } else {
                pieces(line).into_iter().any(|(_, piece)| {
                    bytes(piece).is_some_and(|piece| piece.len() == all.len()) && odd_word(piece)
                })
            };
        } else if whole && words(line).next().is_some() {
            // Letters, or numbers above 255: hex.
            return false;
        }
    }
    odd && count >= FEWEST
}
