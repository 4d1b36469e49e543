//! Reads a CSV file record by record and names line and column of whatever is wrong.

use std::str;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use super::breaks::Breaks;
use super::error::{ImportError, quoted};
use super::source::Text;

/// No honest record comes near this.
const LONGEST_RECORD: usize = 16 * 1024 * 1024;

/// The records of a CSV file whose first line names the columns.
pub(super) struct Lines {
    file: String,
    reader: Reader<Breaks>,
    header: Vec<String>,
    record: ByteRecord,
    line: u64,
}

impl Lines {
    /// Reads the header.
    pub(super) fn open(text: Text) -> Result<Self, ImportError> {
        let mut lines = Self {
            file: text.file.clone(),
            reader: ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(Breaks::new(text)),
            header: Vec::new(),
            record: ByteRecord::new(),
            line: 0,
        };
        if !lines.advance()? {
            return Err(lines.empty("a line that names the columns"));
        }
        let names: Result<Vec<String>, ImportError> = (0..lines.record.len())
            .map(|column| Ok(lines.text(column)?.trim().to_owned()))
            .collect();
        lines.header = names?;
        Ok(lines)
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn position(&self) -> Arc<AtomicU64> {
        self.reader.get_ref().text.position()
    }

    /// Line on which the current record begins.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Goes on to the next record, which has as many columns as the header; false at the end.
    pub(super) fn next(&mut self) -> Result<bool, ImportError> {
        if !self.advance()? {
            return Ok(false);
        }
        if self.record.len() != self.header.len() {
            let short = self.record.len() < self.header.len();
            let found = self.record.len();
            return Err(self.unexpected_at(
                match short {
                    true => format!("{} ({})", found + 1, self.header[found]),
                    false => (self.header.len() + 1).to_string(),
                },
                format!("{} columns, as in the header", self.header.len()),
                format!("{found}; is a comma or a quotation mark missing or left open?"),
            ));
        }
        Ok(true)
    }

    fn advance(&mut self) -> Result<bool, ImportError> {
        self.reader.get_mut().text.allow(LONGEST_RECORD);
        match self.reader.read_byte_record(&mut self.record) {
            Ok(found) => {
                if let Some(position) = self.record.position().filter(|_| found) {
                    self.line = self.reader.get_mut().line_from(position.byte());
                }
                Ok(found)
            }
            Err(error) => {
                let message = error.to_string();
                let error = match error.into_kind() {
                    ErrorKind::Io(error) => error,
                    _ => std::io::Error::other(message),
                };
                Err(self.reader.get_ref().text.error(error, self.line))
            }
        }
    }

    /// The value of a column, which PostgreSQL can store as text.
    pub(super) fn text(&self, column: usize) -> Result<&str, ImportError> {
        let value = self.record.get(column).unwrap_or_default();
        match str::from_utf8(value) {
            Ok(text) if text.contains('\0') => {
                Err(self.unexpected(column, "text", "a NUL character"))
            }
            Ok(text) => Ok(text),
            Err(error) => {
                let byte = value[error.valid_up_to()];
                let found = format!(
                    "the byte 0x{byte:02X} after {} (Windows-1252 or Latin-1? save the file as UTF-8)",
                    quoted(&String::from_utf8_lossy(&value[..error.valid_up_to()]))
                );
                Err(self.unexpected(column, "UTF-8 text", &found))
            }
        }
    }

    /// The value of a column, at most so many characters long.
    pub(super) fn text_up_to(&self, column: usize, longest: usize) -> Result<&str, ImportError> {
        let text = self.text(column)?.trim();
        match text.chars().count() {
            length if length > longest => Err(self.unexpected(
                column,
                &format!("at most {longest} characters"),
                &format!("{length}, {}", quoted(text)),
            )),
            _ => Ok(text),
        }
    }

    /// A value that is not what it should be.
    pub(super) fn wrong(&self, column: usize, expected: &str, value: &str) -> ImportError {
        self.unexpected(column, expected, &quoted(value))
    }

    /// A column of the header that has another name than it should.
    pub(super) fn wrong_name(&self, column: usize, expected: &str, found: &str) -> ImportError {
        ImportError::Unexpected {
            file: self.file.clone(),
            line: 1,
            column: (column + 1).to_string(),
            expected: expected.to_owned(),
            found: quoted(found),
        }
    }

    pub(super) fn unexpected(&self, column: usize, expected: &str, found: &str) -> ImportError {
        let name = match self.header.get(column) {
            Some(name) if !name.is_empty() => format!("{} ({name})", column + 1),
            _ => (column + 1).to_string(),
        };
        self.unexpected_at(name, expected.to_owned(), found.to_owned())
    }

    fn unexpected_at(&self, column: String, expected: String, found: String) -> ImportError {
        ImportError::Unexpected {
            file: self.file.clone(),
            line: self.line,
            column,
            expected,
            found,
        }
    }

    pub(super) fn empty(&self, expected: &str) -> ImportError {
        ImportError::Empty {
            file: self.file.clone(),
            expected: expected.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::Lines;
    use crate::import::{ImportError, Source};

    fn open(text: impl AsRef<[u8]>) -> Result<Lines, ImportError> {
        let source = Source::new("a.csv", Cursor::new(text.as_ref().to_vec()));
        Lines::open(source.decode("lines")?)
    }

    fn failure(text: impl AsRef<[u8]>) -> String {
        let mut lines = open(text).unwrap();
        loop {
            match lines.next().and_then(|more| match more {
                true => (0..lines.header().len())
                    .try_for_each(|column| lines.text(column).map(|_| ()))
                    .map(|()| true),
                false => Ok(false),
            }) {
                Ok(true) => {}
                Ok(false) => panic!("read to the end"),
                Err(error) => return error.to_string(),
            }
        }
    }

    #[test]
    fn quoted_lines_and_windows_line_ends_keep_the_count() {
        let mut lines = open("a,b\r\n1,\"x\r\ny\"\r\n2,z\r\n").unwrap();
        assert!(lines.next().unwrap());
        assert_eq!((lines.line(), lines.text(1).unwrap()), (2, "x\r\ny"));
        assert!(lines.next().unwrap());
        assert_eq!((lines.line(), lines.text(1).unwrap()), (4, "z"));
        assert!(!lines.next().unwrap());
    }

    #[test]
    fn empty_lines_are_passed_over_but_counted() {
        for text in ["a\n\n\n1\n\n\n2", "a\r\n\r\n\r\n1\r\n\r\n\r\n2\r\n"] {
            let mut lines = open(text).unwrap();
            assert!(lines.next().unwrap());
            assert_eq!((lines.line(), lines.text(0).unwrap()), (4, "1"));
            assert!(lines.next().unwrap());
            assert_eq!((lines.line(), lines.text(0).unwrap()), (7, "2"));
        }
    }

    #[test]
    fn a_missing_and_a_surplus_column_are_named() {
        let short = failure("a,b\n1,2\n3\n");
        assert!(
            short.contains("line 3, column 2 (b): expected 2 columns"),
            "{short}"
        );
        let long = failure("a,b\n1,2,3\n");
        assert!(
            long.contains("line 2, column 3: expected 2 columns"),
            "{long}"
        );
    }

    #[test]
    fn bytes_of_another_encoding_are_named() {
        let error = failure(b"a,b\n1,2\n3,caf\xe9\n");
        assert!(
            error.contains("line 3, column 2 (b): expected UTF-8 text"),
            "{error}"
        );
        assert!(error.contains("0xE9 after `caf` (Windows-1252"), "{error}");
        let error = failure(b"a,b\n1,x\0y\n");
        assert!(
            error.contains("line 2, column 2 (b)") && error.contains("NUL"),
            "{error}"
        );
        let error = open(b"a,\xa3\n").err().unwrap().to_string();
        assert!(
            error.contains("line 1, column 2: expected UTF-8"),
            "{error}"
        );
    }

    #[test]
    fn an_open_quotation_mark_does_not_swallow_a_large_file() {
        let text = format!("a,b\n1,\"open\n{}", "2,x\n".repeat(5_000_000));
        let error = failure(text);
        assert!(
            error.contains("after line 1: what follows is too large"),
            "{error}"
        );
    }
}
