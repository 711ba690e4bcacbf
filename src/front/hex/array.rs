//! Arrays of C, Rust, Go and Python: `{0x54, 0, 0, 0}`, `[0x54u8, 0x00]`, `[84 0 0 0 …]`.

use super::lexer::{Lexer, Token};
use super::note::Notes;

/// A shorter list is not a part of a message.
const MIN: usize = 4;
/// A list without `0x` is decimal. A shorter one is not a message, which has sixteen bytes or more.
const MIN_DECIMAL: usize = 16;

#[derive(Default)]
struct List {
    bytes: Vec<u8>,
    has_bracket: bool,
    has_hex: bool,
    ends_with_comma: bool,
}

impl List {
    fn is_long(&self) -> bool {
        self.has_hex && self.bytes.len() >= MIN
            || self.has_bracket && self.bytes.len() >= MIN_DECIMAL
    }
}

/// Returns each array as one sequence. Adds a note for a line with an element that is not a byte.
pub(super) fn read(text: &str, notes: &mut Notes) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut list = List::default();
    for (line, token) in Lexer::new(text) {
        let is_opening = matches!(token, Token::Mark('[' | '{' | '('));
        let unexpected = match token {
            Token::Word(word) => match byte(word) {
                Some(byte) => {
                    list.bytes.push(byte);
                    list.has_hex |= has_prefix(word);
                    list.ends_with_comma = false;
                    continue;
                }
                None => list.ends_with_comma || has_prefix(word),
            },
            Token::Mark(',') => {
                list.ends_with_comma = true;
                continue;
            }
            Token::Mark(']' | '}' | ')') => false,
            Token::Mark(_) | Token::Literal(_) => list.ends_with_comma,
        };
        if unexpected && (list.has_hex || matches!(token, Token::Word(word) if has_prefix(word))) {
            notes.skip(line);
        }
        all.push(std::mem::take(&mut list));
        list.has_bracket = is_opening;
    }
    all.push(list);
    let long = all.into_iter().filter(List::is_long);
    long.map(|list| list.bytes).collect()
}

fn has_prefix(word: &str) -> bool {
    word.starts_with("0x") || word.starts_with("0X")
}

/// Parses a number from 0 to 255. In C, a decimal number has no leading zero.
fn byte(word: &str) -> Option<u8> {
    let word = word.strip_suffix("u8").unwrap_or(word);
    match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) => u8::from_str_radix(digits, 16).ok(),
        None if word.starts_with('0') && word != "0" => None,
        None => word.parse().ok(),
    }
}
