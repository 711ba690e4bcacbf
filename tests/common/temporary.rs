//! Temporary files that are removed also when an assertion fails.

use std::path::{Path, PathBuf};

/// A new directory, which `drop` removes with all that it contains.
pub struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    /// Creates the directory. `name` tells the directories of one process apart.
    pub fn new(name: &str) -> Self {
        let name = format!("netsetgo-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)
            .unwrap_or_else(|error| panic!("create {}: {error}", path.display()));
        Self(path)
    }

    /// The path of the directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The path of a file in the directory. The file does not exist yet.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // A panic during an unwind would abort the test and hide its message.
        let removed = std::fs::remove_dir_all(&self.0);
        assert!(
            removed.is_ok() || std::thread::panicking(),
            "remove {}: {removed:?}",
            self.0.display()
        );
    }
}
