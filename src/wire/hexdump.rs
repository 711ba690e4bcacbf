//! Fields as text: offset, bytes, name, value. A line has at most [`WIDTH`] columns.
//!
//! ```text
//!  0020  0a 00 03 00              IFLA_IFNAME                    10 bytes: name, 1 to 15 bytes
//!  │     │                        │                              │
//!  4     LEFT: up to 8 bytes      NAME, indented by its depth    value and description
//! ```

use super::printer::{Field, Role};
use std::fmt::Write as _;

/// Columns of a line.
pub const WIDTH: usize = 100;
/// Bytes on a line.
const BYTES: usize = 8;
/// Columns before the name: offset, two spaces, bytes, a space.
const LEFT: usize = 4 + 2 + BYTES * 3 + 1;
/// Columns of the name with its indentation.
const NAME: usize = 30;

/// Whether the text has colours, as ECMA-48 escape sequences for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// With escape sequences.
    On,
    /// Without escape sequences.
    Off,
}

impl Colour {
    fn paint(self, code: &str, words: &str) -> String {
        match self {
            Self::On if !words.trim().is_empty() => format!("\x1b[{code}m{words}\x1b[0m"),
            _ => words.into(),
        }
    }
}

/// The text for `fields`, with their bytes. Each field has at least one line. With `description`, a
/// line also has what the field is for.
pub fn format_rows(fields: &[Field], bytes: &[u8], colour: Colour, description: bool) -> String {
    let mut out = String::new();
    for field in fields {
        let run = bytes
            .get(field.offset..field.offset + field.len)
            .unwrap_or_default();
        let name = format!("{}{}", "  ".repeat(field.depth.min(8)), field.name);
        let mut printed = match (
            description && !field.description.is_empty(),
            field.value.is_empty(),
        ) {
            (true, true) => wrapped(field.description),
            (true, false) => wrapped(&format!("{}: {}", field.value, field.description)),
            (false, _) => wrapped(&field.value),
        }
        .into_iter();
        let mut name = Some(name);
        for (row, chunk) in run.chunks(BYTES).enumerate() {
            let hex = chunk.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x} ");
                hex
            });
            let offset = field.offset + row * BYTES;
            let words = printed.next().unwrap_or_default();
            // An offset of five digits takes the column of the space after the bytes.
            let left = format!("{:<31}", format!("{offset:04x}  {hex:<24}"));
            line(
                &mut out,
                &left,
                &name.take().unwrap_or_default(),
                &words,
                field.role,
                colour,
            );
        }
        for words in printed {
            line(&mut out, &" ".repeat(LEFT), "", &words, field.role, colour);
        }
    }
    out
}

fn line(out: &mut String, left: &str, name: &str, words: &str, role: Role, colour: Colour) {
    let code = match role {
        Role::Attribute => "1;36",
        Role::Member => "36",
        Role::Payload => "32",
        Role::Padding => "2",
        Role::Unknown => "31",
    };
    let name = format!("{name:<NAME$} ");
    let row = format!(
        "{left}{}{}",
        colour.paint(code, &name),
        colour.paint(code, words)
    );
    *out += row.trim_end();
    out.push('\n');
}

/// The words in lines that fit in the column after the name.
fn wrapped(words: &str) -> Vec<String> {
    let room = WIDTH - LEFT - NAME - 1;
    let mut lines = vec![String::new()];
    for word in words.split(' ') {
        let pieces: Vec<char> = word.chars().collect();
        for piece in pieces.chunks(room) {
            let Some(last) = lines.last_mut() else {
                continue;
            };
            let length = last.chars().count();
            if length > 0 && length + 1 + piece.len() > room {
                lines.push(piece.iter().collect());
            } else {
                if length > 0 {
                    last.push(' ');
                }
                last.extend(piece);
            }
        }
    }
    lines
}

/// A line that underlines the bytes of the attribute at `offset`, with the extack message. `None`
/// where no attribute begins there.
pub fn underline(
    fields: &[Field],
    offset: usize,
    extack_message: &str,
    colour: Colour,
) -> Option<String> {
    let field = fields
        .iter()
        .find(|f| f.role == Role::Attribute && f.offset == offset)?;
    let mark = "^".repeat(field.len.max(1) * 3 - 1);
    let row = format!("      {mark:<24} {} {extack_message}", field.name);
    Some(colour.paint("1;31", &row))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> Field {
        Field {
            offset: 0,
            len: 4,
            depth: 1,
            name: name.into(),
            value: value.into(),
            description: "what it is for",
            role: Role::Attribute,
        }
    }

    #[test]
    fn line_has_offset_bytes_name_and_value() {
        let text = format_rows(
            &[field("IFLA_MTU", "8 bytes")],
            &[8, 0, 4, 0],
            Colour::Off,
            true,
        );
        assert_eq!(
            text,
            "0000  08 00 04 00                IFLA_MTU                     8 bytes: what it is for\n"
        );
    }

    #[test]
    fn line_with_long_value_is_wrapped() {
        for words in ["word ".repeat(100), "w".repeat(500), "ü".repeat(99)] {
            let text = format_rows(&[field("IFLA_MTU", &words)], &[0; 4], Colour::Off, true);
            assert!(text.lines().count() > 1);
            assert!(
                text.lines().all(|line| line.chars().count() <= WIDTH),
                "{text}"
            );
        }
    }

    #[test]
    fn coloured_text_without_escapes_is_the_plain_text() {
        let fields = [field("IFLA_MTU", "8 bytes")];
        let plain = format_rows(&fields, &[8, 0, 4, 0], Colour::Off, true);
        let mut painted = format_rows(&fields, &[8, 0, 4, 0], Colour::On, true);
        assert!(!plain.contains('\x1b') && painted.contains('\x1b'));
        while let Some(start) = painted.find('\x1b') {
            let end = painted[start..].find('m').unwrap();
            painted.replace_range(start..=start + end, "");
        }
        assert_eq!(painted, plain);
    }

    #[test]
    fn underline_is_below_the_bytes_of_the_attribute() {
        let mark = underline(
            &[field("IFLA_MTU", "")],
            0,
            "mtu greater than device maximum",
            Colour::Off,
        );
        assert_eq!(
            mark.as_deref(),
            Some("      ^^^^^^^^^^^              IFLA_MTU mtu greater than device maximum")
        );
        assert_eq!(
            underline(&[field("IFLA_MTU", "")], 4, "elsewhere", Colour::Off),
            None
        );
    }
}
