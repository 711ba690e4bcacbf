//! Comments are no data: `/* 0x08 */`, `// …` and `# …`, as C, Rust, Go and Python have them.

use super::literal::opens;

/// The text without its comments, and with all its lines: their numbers are told in notes.
pub(super) fn without(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.lines() {
        clean(line, &mut inside, &mut out);
        out.push('\n');
    }
    out
}

/// One line; `inside` a comment that an earlier line has begun.
fn clean(line: &str, inside: &mut bool, out: &mut String) {
    let mut rest = line;
    // A quote that no other closes is an apostrophe: one search for each kind is enough.
    let mut lonely = [false; 2];
    let (mut before, mut last) = (' ', ' ');
    while let Some(mark) = rest.chars().next() {
        if *inside {
            let Some((_, behind)) = rest.split_once("*/") else {
                return;
            };
            (*inside, rest) = (false, behind);
            out.push(' ');
            (before, last) = (' ', ' ');
            continue;
        }
        if rest.starts_with("/*") {
            *inside = true;
            rest = rest.get(2..).unwrap_or_default();
            continue;
        }
        if rest.starts_with("//") || mark == '#' && last.is_whitespace() {
            return;
        }
        let mut length = mark.len_utf8();
        if opens(before, last, mark)
            && let Some(lonely) = lonely.get_mut(usize::from(mark == '"'))
            && !*lonely
        {
            match closing(rest) {
                Some(end) => length = end,
                None => *lonely = true,
            }
        }
        let (kept, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push_str(kept);
        rest = behind;
        (before, last) = (last, mark);
    }
}

/// The length of the string that a text begins with, its quotes included.
fn closing(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let (_, quote) = chars.next()?;
    while let Some((at, mark)) = chars.next() {
        if mark == quote {
            return Some(at + 1);
        }
        if mark == '\\' {
            chars.next();
        }
    }
    None
}
