//! Golden files: texts that a test makes, recorded beside it for people to review.

use std::fs;
use std::path::Path;

/// The golden files of one test. With `UPDATE_GOLDEN=1` they are written instead of compared.
pub struct Golden {
    update: bool,
    differences: Vec<String>,
}

impl Golden {
    pub fn new() -> Self {
        Self {
            update: std::env::var_os("UPDATE_GOLDEN").is_some(),
            differences: Vec::new(),
        }
    }

    /// Compares a text with its recorded file, or records it.
    pub fn check(&mut self, path: &Path, text: &str) {
        if self.update {
            fs::write(path, text).expect("the golden file is written");
            return;
        }
        let recorded = fs::read_to_string(path).unwrap_or_default();
        if recorded != text {
            let difference = difference(&recorded, text);
            self.differences
                .push(format!("{}:\n{difference}", path.display()));
        }
    }

    /// Fails with everything that differs.
    pub fn finish(self) {
        assert!(
            self.differences.is_empty(),
            "differ from the golden files (UPDATE_GOLDEN=1 writes them):\n{}",
            self.differences.join("\n")
        );
    }
}

/// The lines that only one of the texts has.
fn difference(recorded: &str, text: &str) -> String {
    let only = |sign: &str, one: &str, other: &str| -> Vec<String> {
        let other: Vec<&str> = other.lines().collect();
        let lines = one.lines().filter(|line| !other.contains(line));
        lines.map(|line| format!("{sign} {line}")).collect()
    };
    let mut lines = only("-", recorded, text);
    lines.extend(only("+", text, recorded));
    if lines.is_empty() {
        return format!("the same lines in another order or number:\n{text}");
    }
    lines.join("\n")
}
