//! A lexer for what C, Rust, Go, Python and strace output have in common: words, string literals with
//! escapes, and comments, which it skips.

/// The bytes of a string literal.
#[derive(Default)]
pub(super) struct Literal {
    /// The bytes in C, Go and Python, where `\012` is one byte.
    pub c: Vec<u8>,
    /// The bytes in Rust, where `\012` is a zero and two digits.
    pub rust: Vec<u8>,
    /// True if an escape has a number.
    pub has_number: bool,
    /// True if an escape is unknown, so that a byte is missing.
    pub has_unknown: bool,
    /// True if the closing quote is missing, or if strace has shortened the string (`"…"...`).
    pub is_cut: bool,
}

pub(super) enum Token<'a> {
    Literal(Literal),
    /// Letters, digits and underscores.
    Word(&'a str),
    /// Any other character but blanks and backslashes.
    Mark(char),
}

/// Iterates over the tokens, each with the number of its line.
pub(super) struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    /// The character before `rest`.
    previous: char,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 1,
            previous: '\n',
        }
    }

    /// Removes and returns the next character.
    fn next_char(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        self.previous = chars.next()?;
        self.rest = chars.as_str();
        self.line += usize::from(self.previous == '\n');
        Some(self.previous)
    }

    /// Removes and returns the characters up to the first one that does not match.
    fn take_while(&mut self, matches: impl Fn(char) -> bool) -> &'a str {
        let text = self.rest;
        while self.rest.starts_with(&matches) {
            self.next_char();
        }
        text.get(..text.len() - self.rest.len()).unwrap_or_default()
    }

    /// Reads up to the closing quote, or to the end of the line.
    fn literal(&mut self, quote: char) -> Literal {
        let mut literal = Literal::default();
        while !self.rest.starts_with('\n') {
            match self.next_char() {
                Some(mark) if mark == quote => {
                    literal.is_cut = self.rest.starts_with("...");
                    return literal;
                }
                Some('\\') => self.escape(&mut literal),
                Some(char::REPLACEMENT_CHARACTER) => literal.has_unknown = true,
                Some(mark) => literal.extend(mark.encode_utf8(&mut [0; 4]).as_bytes()),
                None => break,
            }
        }
        literal.is_cut = true;
        literal
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, literal: &mut Literal) {
        let byte = match self.next_char() {
            // The literal continues in the next line. Rust omits the blanks at its beginning.
            Some('\n') => {
                self.take_while(|mark| mark == ' ' || mark == '\t');
                return;
            }
            Some('x') => {
                literal.has_number = true;
                u8::from_str_radix(self.digits(16, 2), 16).ok()
            }
            Some(first @ '0'..='7') => {
                literal.has_number = true;
                let digits = self.digits(8, 2);
                if first == '0' && !digits.is_empty() {
                    literal.rust.push(0);
                    literal.rust.extend(digits.bytes());
                    literal.c.extend(u8::from_str_radix(digits, 8).ok());
                    return;
                }
                u8::from_str_radix(&format!("{first}{digits}"), 8).ok()
            }
            Some(mark @ ('\\' | '"' | '\'' | '?')) => u8::try_from(mark).ok(),
            // The bytes 7 (BEL) to 13 (CR).
            Some(mark) => (7..)
                .zip("abtnvfr".chars())
                .find_map(|(byte, name)| (name == mark).then_some(byte)),
            None => None,
        };
        literal.has_unknown |= byte.is_none();
        literal.extend(byte.as_slice());
    }

    /// Removes and returns at most `max` digits.
    fn digits(&mut self, base: u32, max: usize) -> &'a str {
        let is_digit = |mark: &u8| char::from(*mark).is_digit(base);
        let count = self.rest.bytes().take(max).take_while(is_digit).count();
        let (digits, rest) = self.rest.split_at_checked(count).unwrap_or_default();
        self.rest = rest;
        digits
    }
}

impl Literal {
    /// Adds bytes that are the same in all languages.
    fn extend(&mut self, bytes: &[u8]) {
        self.c.extend(bytes);
        self.rust.extend(bytes);
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = (usize, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (line, before) = (self.line, self.previous);
            if let Some(comment) = self.rest.strip_prefix("/*") {
                let (comment, rest) = comment.split_once("*/").unwrap_or((comment, ""));
                self.line += comment.matches('\n').count();
                (self.rest, self.previous) = (rest, ' ');
                continue;
            }
            if self.rest.starts_with("//") || self.rest.starts_with('#') && before.is_whitespace() {
                self.take_while(|mark| mark != '\n');
                continue;
            }
            let is_word = |mark: char| mark.is_alphanumeric() || mark == '_';
            let word = self.take_while(is_word);
            let is_prefix = matches!(word, "" | "b" | "B");
            if self.rest.starts_with('"') || is_prefix && self.rest.starts_with('\'') {
                let quote = self.next_char()?;
                return Some((line, Token::Literal(self.literal(quote))));
            }
            if !word.is_empty() {
                // An apostrophe.
                self.rest = self.rest.strip_prefix('\'').unwrap_or(self.rest);
                return Some((line, Token::Word(word)));
            }
            let mark = self.next_char()?;
            if !mark.is_whitespace() && mark != '\\' {
                return Some((line, Token::Mark(mark)));
            }
        }
    }
}
