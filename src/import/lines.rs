//! Reads a CSV file record by record and names line and column of whatever is wrong.

use std::str;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use super::amount::Decimals;
use super::breaks::Breaks;
use super::encoding::Encoding;
use super::error::{ImportError, quoted};
use super::places::Column;
use super::separator::Separator;
use super::source::Text;
use super::summary::Summary;

/// No honest record comes near this.
const LONGEST_RECORD: usize = 16 * 1024 * 1024;

/// The records of a CSV file whose first line names the columns.
pub(super) struct Lines {
    file: String,
    reader: Reader<Breaks>,
    header: Vec<String>,
    /// Columns of the line that names them, with those at its end that have no name.
    width: usize,
    record: ByteRecord,
    line: u64,
    separator: Separator,
    decimals: Decimals,
    encoding: Encoding,
    records: u64,
    blank_rows: u64,
}

/// What is worth knowing about a CSV file as such.
#[derive(Debug, Default)]
pub(super) struct Remarks(Vec<(String, u64)>);

impl Remarks {
    pub(super) fn note(&self, summary: &mut Summary) {
        for (what, count) in &self.0 {
            summary.note(what.as_str(), *count);
        }
    }
}

impl Lines {
    /// Reads the header.
    pub(super) fn open(mut text: Text) -> Result<Self, ImportError> {
        let start = text.first_line().map_err(|error| text.error(error, 0))?;
        let separator = Separator::of(&start);
        let encoding = Encoding::new(text.marked);
        let mut lines = Self {
            file: text.file.clone(),
            reader: ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .delimiter(separator.byte())
                .from_reader(Breaks::new(text)),
            header: Vec::new(),
            width: 0,
            record: ByteRecord::new(),
            line: 0,
            separator,
            decimals: Decimals::default(),
            encoding,
            records: 0,
            blank_rows: 0,
        };
        if !lines.advance()? {
            return Err(lines.empty("a line that names the columns"));
        }
        // Spreadsheets also write columns and rows that once held something.
        lines.width = lines.record.len();
        lines.end_after(0);
        let names: Result<Vec<String>, ImportError> = (0..lines.record.len())
            .map(|column| Ok(lines.text(column)?.trim().to_owned()))
            .collect();
        lines.header = names?;
        Ok(lines)
    }

    /// What to note of the file once it has been read.
    pub(super) fn remarks(&self) -> Remarks {
        let mut remarks = Remarks::default();
        if self.separator != Separator::Comma {
            let (_, several) = self.separator.name();
            let what = format!("rows whose columns are separated by {several}");
            remarks.0.push((what, self.records));
        }
        remarks.0.extend(self.encoding.note());
        remarks
            .0
            .push(("rows without any value".to_owned(), self.blank_rows));
        remarks
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn position(&self) -> Arc<AtomicU64> {
        self.reader.get_ref().text.position()
    }

    pub(super) fn separator(&self) -> Separator {
        self.separator
    }

    pub(super) fn decimals(&self) -> &Decimals {
        &self.decimals
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
        self.records += 1;
        // A cell more than the header has may be a price that was cut at its comma.
        if self.record.len() <= self.width {
            self.end_after(self.header.len());
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
                format!(
                    "{found}; perhaps a {0} or a quotation mark is missing, or a value with a {0} has no quotation marks",
                    self.separator.name().0
                ),
            ));
        }
        Ok(true)
    }

    /// Cuts off the columns at the end that say nothing, but for the first ones.
    fn end_after(&mut self, first: usize) {
        let mut length = self.record.len();
        while length > first && is_blank(&self.record[length - 1]) {
            length -= 1;
        }
        self.record.truncate(length);
    }

    /// Goes on to the next record that says something.
    fn advance(&mut self) -> Result<bool, ImportError> {
        while self.read()? {
            if self.record.iter().all(is_blank) {
                self.blank_rows += 1;
                continue;
            }
            let decoded = self.encoding.decode(&mut self.record, self.line);
            return match decoded {
                Ok(()) => Ok(true),
                Err((column, expected, found)) => Err(self.unexpected(column, &expected, &found)),
            };
        }
        Ok(false)
    }

    fn read(&mut self) -> Result<bool, ImportError> {
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
            // Records were made UTF-8 when they were read.
            Err(_) => Err(self.unexpected(
                column,
                "UTF-8 text",
                &quoted(&String::from_utf8_lossy(value)),
            )),
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
            line: self.line,
            column: (column + 1).to_string(),
            expected: expected.to_owned(),
            found: quoted(found),
        }
    }

    /// The file lacks columns of its format.
    pub(super) fn without(&self, format: &str, missing: &[&Column]) -> ImportError {
        const SHOWN: usize = 12;
        let named = missing.iter().map(|column| {
            let (usual, others) = column.names.split_at(1);
            let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
            match others.is_empty() {
                true => format!("`{}`", usual[0]),
                false => format!("`{}` (or {})", usual[0], others.join(", ")),
            }
        });
        let named: Vec<String> = named.collect();
        let found = self.header.iter().take(SHOWN);
        let mut found: Vec<String> = found.map(|name| quoted(name)).collect();
        if self.header.len() > SHOWN {
            found.push("…".to_owned());
        }
        let (columns, verb) = if named.len() > 1 {
            ("columns", "are")
        } else {
            ("column", "is")
        };
        ImportError::Missing {
            file: self.file.clone(),
            line: self.line,
            missing: format!("the {columns} {} of {format} {verb}", named.join(", ")),
            found: format!(
                "there {} {}",
                if found.len() > 1 { "are" } else { "is" },
                found.join(", ")
            ),
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

fn is_blank(value: &[u8]) -> bool {
    value.trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::Lines;
    use crate::import::{ImportError, Source, Summary};

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
    fn rows_and_columns_that_say_nothing_are_passed_over() {
        let mut lines = open(",,\na,b,,\n1,,,\n,,\n\n ,\n2,x\n,,,,,\n").unwrap();
        assert_eq!(lines.header(), ["a", "b"]);
        assert!(lines.next().unwrap());
        assert_eq!((lines.line(), lines.text(1).unwrap()), (3, ""));
        assert!(lines.next().unwrap());
        assert_eq!((lines.line(), lines.text(1).unwrap()), (7, "x"));
        assert!(!lines.next().unwrap());
        assert_eq!(notes(&lines), [("rows without any value".to_owned(), 4)]);
        let surplus = failure("a,b,,\n1,2,,3\n");
        assert!(
            surplus.contains("line 2, column 3: expected 2 columns"),
            "{surplus}"
        );
    }

    fn notes(lines: &Lines) -> Vec<(String, u64)> {
        let mut summary = Summary::default();
        lines.remarks().note(&mut summary);
        let notes = summary.notes.into_iter();
        notes.map(|note| (note.what, note.count)).collect()
    }

    #[test]
    fn semicolons_and_tabs_are_recognised_and_named() {
        for (separator, named) in [(";", "semicolons"), ("\t", "tabs")] {
            let text = "a|b|c\n1|\"x|y\"|2,5\n3|4|5\n".replace('|', separator);
            let mut lines = open(text).unwrap();
            assert!(lines.next().unwrap());
            let expected = format!("x{separator}y");
            assert_eq!(
                (lines.text(1).unwrap(), lines.text(2).unwrap()),
                (&*expected, "2,5")
            );
            assert!(lines.next().unwrap());
            let expected = format!("rows whose columns are separated by {named}");
            assert_eq!(notes(&lines), [(expected, 2)]);
        }
        let error = failure("a;b\n1\n");
        assert!(
            error.contains("a semicolon or a quotation mark is missing"),
            "{error}"
        );
    }

    #[test]
    fn windows_1252_is_read_and_noted() {
        let mut lines = open(b"a,\xa3\n1,caf\xe9 \x80\n2,\xa310\n").unwrap();
        assert_eq!(lines.header(), ["a", "£"]);
        assert!(lines.next().unwrap());
        assert_eq!((lines.line(), lines.text(1).unwrap()), (2, "café €"));
        assert!(lines.next().unwrap());
        assert_eq!((lines.line(), lines.text(1).unwrap()), (3, "£10"));
        let expected = "values in Windows-1252 or Latin-1, not UTF-8: `£` on line 1 is the first";
        assert_eq!(notes(&lines), [(expected.to_owned(), 3)]);
    }

    #[test]
    fn mixed_and_broken_encodings_are_named() {
        let after_mark = [b"\xef\xbb\xbfa,b\n".as_slice(), b"1,caf\xe9\n"].concat();
        let undefined = b"a,b\n1,x\x81\n".to_vec();
        let utf_8_first = [b"a,b\n1,\xc3\xa9\n".as_slice(), b"2,caf\xe9\n"].concat();
        for (text, line, found) in [
            (after_mark, 2, "0xE9 after `caf`"),
            (undefined, 2, "0x81 after `x`"),
            (utf_8_first, 3, "0xE9 after `caf`"),
        ] {
            let error = failure(text);
            let place = format!("line {line}, column 2 (b): expected UTF-8 text");
            assert!(error.contains(&place) && error.contains(found), "{error}");
        }
        let windows_first = [b"a,b\n1,caf\xe9\n".as_slice(), b"2,\xc3\xa9\n"].concat();
        let error = failure(windows_first);
        assert!(
            error.contains("line 3, column 2 (b): expected Windows-1252 or Latin-1, as on line 2, found UTF-8 in `é`"),
            "{error}"
        );
        let error = failure(b"a,b\n1,x\0y\n");
        assert!(
            error.contains("line 2, column 2 (b)") && error.contains("NUL"),
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
