//! Notes about a text. Their total length has a limit, however long the text is.

/// The largest number of sentences. Of the others, the notes give the number.
const MAX: usize = 5;

#[derive(Default)]
pub(super) struct Notes {
    sentences: Vec<String>,
    more: usize,
}

impl Notes {
    /// Adds a sentence about a line. The first line has the number 1.
    pub(super) fn add(&mut self, line: usize, sentence: &str) {
        if self.sentences.len() < MAX {
            self.sentences.push(format!("line {line}: {sentence}"));
        } else {
            self.more += 1;
        }
    }

    /// Adds the note that a line is skipped.
    pub(super) fn skip(&mut self, line: usize) {
        self.add(line, "skipped, because it is not hex");
    }

    pub(super) fn into_sentences(mut self) -> Vec<String> {
        if self.more > 0 {
            self.sentences.push(format!("{} more notes", self.more));
        }
        self.sentences
    }
}
