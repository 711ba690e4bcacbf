//! Arrays of C, Rust, Go and Python: `{0x54, 0, 0, 0}`, `[0x54u8, 0x00]`, `[84 0 0 0 …]`.

use super::lexer::{Lexer, Token};
use super::note::Notes;

/// A shorter list is no message: `struct nlmsghdr` has sixteen bytes.
const MIN: usize = 16;

#[derive(Default)]
struct List {
    bytes: Vec<u8>,
    has_bracket: bool,
    has_hex: bool,
    ends_with_comma: bool,
}

/// Returns each array as one sequence. Adds a note for a line with an element that is not a byte.
pub(super) fn read(text: &str, notes: &mut Notes) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut list = List::default();
    for (line, token) in Lexer::new(text) {
        match token {
            Token::Word(word) => {
                if let Some(byte) = byte(word) {
                    list.bytes.push(byte);
                    list.has_hex |= has_prefix(word);
                    list.ends_with_comma = false;
                    continue;
                }
                if list.has_hex && list.ends_with_comma || has_prefix(word) {
                    notes.skip(line);
                }
            }
            Token::Mark(',') => {
                list.ends_with_comma = true;
                continue;
            }
            Token::Mark(_) | Token::Literal(_) => {}
        }
        all.push(std::mem::take(&mut list));
        list.has_bracket = matches!(token, Token::Mark('[' | '{' | '('));
    }
    all.push(list);
    // Numbers without brackets and without 0x are plain hex.
    all.retain(|list| list.bytes.len() >= MIN && (list.has_hex || list.has_bracket));
    all.into_iter().map(|list| list.bytes).collect()
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
