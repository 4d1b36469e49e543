//! The encoding of a CSV file: UTF-8, or Windows-1252, which contains all characters of Latin-1.
//!
//! Texts of Windows-1252 are hardly ever valid UTF-8, so a file shows its encoding by its first
//! record with other characters than those of ASCII. A file that has both is damaged.

use std::str;

use csv::ByteRecord;
use encoding_rs::WINDOWS_1252;

use super::error::quoted;

/// What is known of the encoding so far.
#[derive(Debug, Default)]
pub(super) struct Encoding {
    /// The line that first had characters of UTF-8; 0 for a mark at the begin of the file.
    utf_8: Option<u64>,
    /// The line that first had characters of Windows-1252, and its first such value.
    windows: Option<(u64, String)>,
    /// Values of Windows-1252.
    values: u64,
}

/// A value in another encoding than the file has: its column, what was expected, what was found.
pub(super) type Mixed = (usize, String, String);

impl Encoding {
    /// The encoding of a file, which is known where it begins with a mark.
    pub(super) fn new(marked: bool) -> Self {
        Self {
            utf_8: marked.then_some(0),
            ..Self::default()
        }
    }

    /// Makes UTF-8 of a record that begins on the line.
    pub(super) fn decode(&mut self, record: &mut ByteRecord, line: u64) -> Result<(), Mixed> {
        if record.as_slice().is_ascii() {
            return Ok(());
        }
        let other = record
            .iter()
            .position(|value| str::from_utf8(value).is_err());
        match (other, self.utf_8, &self.windows) {
            (None, _, None) => {
                self.utf_8.get_or_insert(line);
                Ok(())
            }
            (None, _, Some((first, _))) => {
                let column = record.iter().position(|value| !value.is_ascii());
                let column = column.unwrap_or_default();
                let value = String::from_utf8_lossy(&record[column]);
                let expected = format!("Windows-1252 or Latin-1, as on line {first}");
                Err((column, expected, format!("UTF-8 in {}", quoted(&value))))
            }
            (Some(column), Some(_), _) => Err(not_utf_8(record, column)),
            (Some(_), None, _) => self.convert(record, line),
        }
    }

    fn convert(&mut self, record: &mut ByteRecord, line: u64) -> Result<(), Mixed> {
        let mut converted = ByteRecord::with_capacity(record.as_slice().len() * 2, record.len());
        for (column, value) in record.iter().enumerate() {
            if value.is_ascii() {
                converted.push_field(value);
                continue;
            }
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(value);
            // Bytes without a character become control characters.
            if text.contains(|character| matches!(character, '\u{80}'..='\u{9f}')) {
                return Err(not_utf_8(record, column));
            }
            self.values += 1;
            if self.windows.is_none() {
                self.windows = Some((line, text.clone().into_owned()));
            }
            converted.push_field(text.as_bytes());
        }
        *record = converted;
        Ok(())
    }

    /// Values that were not UTF-8, with one to judge by.
    pub(super) fn note(&self) -> Option<(String, u64)> {
        let (line, value) = self.windows.as_ref()?;
        let what = format!(
            "values in Windows-1252 or Latin-1, not UTF-8: {} on line {line} is the first",
            quoted(value)
        );
        Some((what, self.values))
    }
}

fn not_utf_8(record: &ByteRecord, column: usize) -> Mixed {
    let value = &record[column];
    let valid = str::from_utf8(value).map_or_else(|error| error.valid_up_to(), str::len);
    let byte = value.get(valid).copied().unwrap_or_default();
    let before = quoted(&String::from_utf8_lossy(&value[..valid]));
    (
        column,
        "UTF-8 text".to_owned(),
        format!(
            "the byte 0x{byte:02X} after {before} (a mixture of encodings? save the file as UTF-8)"
        ),
    )
}
