//! What is to be said of a text, in few words however long the text.

/// Sentences, and line numbers, that are told; the others are only counted.
const FEW: usize = 5;

/// Collects them.
#[derive(Default)]
pub(super) struct Notes {
    sentences: Vec<String>,
    more: usize,
    passed: Vec<usize>,
}

impl Notes {
    /// A sentence about a line, which is counted from 1.
    pub(super) fn say(&mut self, line: usize, extack_message: &str) {
        if self.sentences.len() < FEW {
            self.sentences
                .push(format!("line {line}: {extack_message}"));
        } else {
            self.more += 1;
        }
    }

    /// A line that is passed over.
    pub(super) fn pass(&mut self, line: usize) {
        self.passed.push(line);
    }

    /// All of them, in few words.
    pub(super) fn told(self) -> Vec<String> {
        let mut told = self.sentences;
        if self.more > 0 {
            told.push(format!("{} more places like these", self.more));
        }
        let few: Vec<String> = self.passed.iter().take(FEW).map(usize::to_string).collect();
        let more = self.passed.len().saturating_sub(FEW);
        match few.split_last() {
            None => {}
            Some((one, [])) => told.push(format!("passed over, as it is no hex: line {one}")),
            Some((last, others)) => {
                let others = others.join(", ");
                told.push(match more {
                    0 => format!("passed over, as they are no hex: lines {others} and {last}"),
                    _ => format!(
                        "passed over, as they are no hex: lines {others}, {last} and {more} more"
                    ),
                });
            }
        }
        told
    }
}
