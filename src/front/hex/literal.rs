//! String literals of C, Rust, Go, Python and old strace versions. Literals with nothing or a `+`
//! between them are one string.

use super::lexer::{Lexer, Literal, Token};
use super::note::Notes;
use crate::wire::message::Messages;

/// A shorter string is no message: `struct nlmsghdr` has sixteen bytes. Old strace versions also print
/// the address as a string (`sa_data="\0\0"`), which has fourteen bytes or fewer.
const MIN: usize = 16;

/// Returns the strings with a numeric escape: other strings are text.
pub(super) fn read(text: &str, notes: &mut Notes) -> Vec<Vec<u8>> {
    let mut all: Vec<(usize, Literal)> = Vec::new();
    let mut continues = false;
    for (line, token) in Lexer::new(text) {
        continues = match token {
            Token::Literal(literal) => {
                match all.last_mut().filter(|_| continues) {
                    Some((_, string)) => string.append(literal),
                    None => all.push((line, literal)),
                }
                true
            }
            Token::Mark('+') => continues,
            Token::Mark(_) | Token::Word(_) => false,
        };
    }
    all.retain(|(_, string)| string.has_number && string.c.len() >= MIN);
    let bytes = |(line, string): (usize, Literal)| {
        if string.has_unknown {
            notes.skip(line);
            return None;
        }
        if string.is_cut {
            notes.add(line, "the string is not complete (strace: use -s 65536)");
        }
        Some(string.decide())
    };
    all.into_iter().filter_map(bytes).collect()
}

impl Literal {
    fn append(&mut self, next: Self) {
        self.c.extend(next.c);
        self.rust.extend(next.rust);
        self.has_number |= next.has_number;
        self.has_unknown |= next.has_unknown;
        self.is_cut |= next.is_cut;
    }

    /// Decides by the lengths of the messages (`nlmsg_len`) in which language the string is written.
    fn decide(self) -> Vec<u8> {
        let is_whole = |bytes: &[u8]| Messages::new(bytes).all(|message| message.is_ok());
        if !is_whole(&self.c) && is_whole(&self.rust) {
            self.rust
        } else {
            self.c
        }
    }
}
