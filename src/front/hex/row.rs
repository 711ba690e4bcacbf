//! One line that begins with an offset.
//!
//! ```text
//!  [  1.5] name: 00000010: 7631 0000                v1..
//!  `-- kernel --'`offset'  `words' `- wide gap ----'`text: the same bytes, or what they mean
//! ```

use super::pairs;

/// What a line of a dump is.
pub(super) enum Line<'a> {
    /// An offset and bytes.
    Row(Row<'a>),
    /// `*`: rows that are like the one before.
    Star,
    /// An offset alone: where the bytes end.
    End(&'a str),
    /// A row of hexdump's or od's, with numbers of another base than ours, or characters.
    Foreign,
    /// Anything else.
    Other,
}

/// A line that begins with an offset.
pub(super) struct Row<'a> {
    /// Its digits, of whatever base.
    pub offset: &'a str,
    /// Whether it can be nothing else. One space behind six or eight digits may also stand
    /// between two words of plain hex.
    pub sure: bool,
    /// Whether the offset is hexadecimal for certain.
    pub hexadecimal: bool,
    /// Whether a word of several bytes is a number, as the machine that wrote it has numbers.
    pub numbers: bool,
    /// Bytes in a word.
    pub word: usize,
    /// The bytes, in the order that they are written in.
    pub bytes: Vec<u8>,
    /// What stands behind them.
    pub text: &'a str,
}

/// Reads a line.
pub(super) fn line(line: &str) -> Line<'_> {
    let line = line.trim_start_matches([' ', '|', '\t', '\u{feff}']);
    if line.trim_end() == "*" {
        return Line::Star;
    }
    // Ours: the row of a request that an answer points at.
    if line.starts_with('>') {
        return Line::Other;
    }
    let (digits, rest) = line.split_at_checked(digits(line)).unwrap_or_default();
    if (6..=8).contains(&digits.len()) && digits.len() == line.trim_end().len() {
        return Line::End(digits);
    }
    let foreign = line.starts_with("00") && digits.len() == 7 && gap(rest) > 0;
    match headed(line) {
        // Behind the bytes these have nothing, or the text between signs.
        Some(row) if foreign && !row.text.trim_start().starts_with(['>', '|']) => {
            match row.text.trim() {
                "" => Line::Row(row),
                _ => Line::Foreign,
            }
        }
        None if foreign => Line::Foreign,
        row => row.or_else(|| logged(line)).map_or(Line::Other, Line::Row),
    }
}

/// How many hex digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

/// How many spaces, or colons as between bytes, a text begins with.
fn gap(text: &str) -> usize {
    let between = |byte: &u8| matches!(byte, b' ' | b':');
    text.bytes().take_while(between).count()
}

fn headed(line: &str) -> Option<Row<'_>> {
    let (marked, line) = match line.strip_prefix("0x") {
        Some(line) => (true, line),
        None => (false, line),
    };
    let (offset, rest) = line.split_at_checked(digits(line))?;
    if !(4..=8).contains(&offset.len()) {
        return None;
    }
    let (colon, rest) = match rest.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let (mut bytes, mut word, text) = words(rest)?;
    // od's and hexdump's offsets have seven digits, which plain hex never has.
    let seven = offset.len() == 7 && !colon;
    let wide = gap(rest) > 1 || rest.starts_with('\t');
    if !colon && (offset.len() == word * 2 || offset.len() < 6 && !wide) {
        return None;
    }
    if seven && word == 3 {
        (bytes, word) = (octal(&bytes)?, 2);
    }
    if let (true, 4, Some(bits)) = (colon, word, bits(&bytes, text)) {
        (bytes, word) = (bits, 1);
    }
    Some(Row {
        offset,
        sure: colon || seven || wide,
        hexadecimal: colon || marked,
        numbers: !colon && (seven || !wide),
        word,
        bytes,
        text,
    })
}

/// A line of the kernel's log: any words, an offset or an address, and bytes.
fn logged(line: &str) -> Option<Row<'_>> {
    line.match_indices(": ").find_map(|(at, _)| {
        let (before, rest) = line.split_at_checked(at)?;
        let name = before.trim_end_matches(|digit: char| digit.is_ascii_hexdigit());
        let offset = before.get(name.len()..)?;
        if ![8, 16].contains(&offset.len()) || name.ends_with(char::is_alphanumeric) {
            return None;
        }
        let (bytes, word, text) = words(rest.strip_prefix(':')?)?;
        Some(Row {
            offset,
            sure: true,
            hexadecimal: true,
            numbers: true,
            word,
            bytes,
            text,
        })
    })
}

/// The bytes of a row, how many there are in a word, and what stands behind them.
fn words(row: &str) -> Option<(Vec<u8>, usize, &str)> {
    let mut rest = row.trim_start_matches([' ', '\t']);
    let width = digits(rest);
    let mut bytes = Vec::new();
    let mut usual = None;
    while let Some((word, behind)) = whole(rest) {
        bytes.extend(word);
        rest = behind;
        let space = gap(behind);
        let next = behind.get(space..).unwrap_or_default();
        let coming = digits(next);
        // BSD's od and `hexdump -x` have up to four spaces between all words.
        let most = usual.unwrap_or(if coming == width { 4 } else { 1 });
        // `xxd -e` aligns the last word to the right.
        let right = coming < width && space + coming == usual.unwrap_or(1) + width;
        // `hexdump -C` and strace have a wider gap behind eight bytes, `xxd -c 8` its text.
        let middle = (bytes.len(), width, coming, space) == (8, 2, 2, 2) && !shows(next, &bytes);
        // Only the last word is shorter.
        let shorter = bytes.len() % (width / 2).max(1) != 0;
        if shorter || !(1..=width).contains(&coming) || !(space <= most || right || middle) {
            break;
        }
        usual.get_or_insert(space);
        rest = next;
    }
    (!bytes.is_empty()).then_some((bytes, width / 2, rest))
}

/// A word of hex digits that ends where they end, and what is behind it.
fn whole(text: &str) -> Option<(Vec<u8>, &str)> {
    let (word, behind) = text.split_at_checked(digits(text))?;
    let ends = behind.is_empty() || behind.starts_with([' ', ':', '\t']);
    Some((pairs(word).filter(|_| ends)?, behind))
}

/// od's words of six octal digits, which have been read as hex, are numbers of two bytes.
fn octal(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut words = Vec::new();
    for word in bytes.chunks(3) {
        let nibbles = word.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let number = nibbles
            .map(u32::from)
            .try_fold(0, |sum, digit| (digit < 8).then_some(sum << 3 | digit))?;
        words.extend(u16::try_from(number).ok()?.to_be_bytes());
    }
    Some(words)
}

/// Words of eight digits, which have been read as hex, are the bits of `xxd -b` where the text beside
/// them has no more than a character for each.
fn bits(bytes: &[u8], text: &str) -> Option<Vec<u8>> {
    let shown = text.trim().chars().count();
    if shown == 0 || shown > bytes.len() / 4 {
        return None;
    }
    let byte = |word: &[u8]| {
        let mut nibbles = word.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        nibbles.try_fold(0, |sum: u8, bit| (bit < 2).then_some(sum << 1 | bit))
    };
    bytes.chunks(4).map(byte).collect()
}

/// Whether a text begins with these bytes as dumps show them: what cannot be printed is a dot.
pub(super) fn shows(text: &str, bytes: &[u8]) -> bool {
    let mut shown = text.chars();
    bytes.iter().all(|&byte| match shown.next() {
        // Spaces at the end of a line are easily lost.
        None => byte == b' ',
        Some(shown) if byte.is_ascii_graphic() || byte == b' ' => shown == char::from(byte),
        Some(shown) => shown == '.',
    })
}
