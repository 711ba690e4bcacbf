//! Notes about a text. Their total length has a limit, however long the text is.

/// The largest number of sentences, and of line numbers. Of the others, the notes give the number.
const MAX: usize = 5;

#[derive(Default)]
pub(super) struct Notes {
    sentences: Vec<String>,
    more: usize,
    skipped: Vec<usize>,
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

    /// Adds the number of a line that is skipped.
    pub(super) fn skip(&mut self, line: usize) {
        if self.skipped.last() != Some(&line) {
            self.skipped.push(line);
        }
    }

    pub(super) fn into_sentences(self) -> Vec<String> {
        let mut sentences = self.sentences;
        if self.more > 0 {
            sentences.push(format!("{} more notes of this kind", self.more));
        }
        let numbers = self.skipped.iter().take(MAX).map(usize::to_string);
        let numbers = numbers.collect::<Vec<_>>().join(", ");
        match self.skipped.len() {
            0 => {}
            1 => sentences.push(format!("skipped, because it is not hex: line {numbers}")),
            2..=MAX => sentences.push(format!(
                "skipped, because they are not hex: lines {numbers}"
            )),
            count => sentences.push(format!(
                "skipped, because they are not hex: lines {numbers} and {} more",
                count - MAX
            )),
        }
        sentences
    }
}
