//! Where the columns of a CSV file stand, by the names that they go by.

use super::error::ImportError;
use super::lines::Lines;

/// A column that an importer reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Its names, the usual one first. Case, spaces and punctuation make no difference.
    pub names: &'static [&'static str],
    /// Whether the file is of another format without it.
    pub required: bool,
}

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Places {
    /// The place of each column that the importer reads, in the order in which it lists them.
    pub known: Vec<Option<usize>>,
    /// All others, with their names.
    pub others: Vec<(usize, String)>,
}

impl Places {
    /// Finds the columns of `format`, such as "a Shopify product export".
    pub(super) fn find(
        lines: &Lines,
        format: &str,
        columns: &[Column],
    ) -> Result<Self, ImportError> {
        let mut known = vec![None; columns.len()];
        let mut others = Vec::new();
        for (place, name) in lines.header().iter().enumerate() {
            let folded = fold(name);
            let goes_by = |column: &Column| column.names.iter().any(|name| fold(name) == folded);
            match columns.iter().position(goes_by) {
                Some(column) if known[column].is_some() => {
                    return Err(lines.wrong_name(place, "a column name of its own", name));
                }
                Some(column) => known[column] = Some(place),
                None => others.push((place, name.clone())),
            }
        }
        let missing: Vec<&Column> = columns
            .iter()
            .zip(&known)
            .filter(|(column, place)| column.required && place.is_none())
            .map(|(column, _)| column)
            .collect();
        match missing.is_empty() {
            true => Ok(Self { known, others }),
            false => Err(lines.without(format, &missing)),
        }
    }
}

/// A name in lower-case letters and digits alone.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{Column, Places};
    use crate::import::lines::Lines;
    use crate::import::{ImportError, Source};

    const COLUMNS: [Column; 3] = [
        Column {
            names: &["Handle", "URL handle"],
            required: true,
        },
        Column {
            names: &["Customer ID"],
            required: true,
        },
        Column {
            names: &["Status"],
            required: false,
        },
    ];

    fn find(header: &str) -> Result<Places, ImportError> {
        let text = format!("{header}\n").into_bytes();
        let source = Source::new("a.csv", Cursor::new(text));
        let lines = Lines::open(source.decode("lines")?)?;
        Places::find(&lines, "a test", &COLUMNS)
    }

    #[test]
    fn names_are_found_whatever_their_case_and_order() {
        let places = find("customer_id,Other,url HANDLE").unwrap();
        assert_eq!(places.known, [Some(2), Some(0), None]);
        assert_eq!(places.others, [(1, "Other".to_owned())]);
    }

    #[test]
    fn missing_columns_are_told_as_missing() {
        let error = find("Name,Status").unwrap_err().to_string();
        assert_eq!(
            error,
            "a.csv, line 1: the columns `Handle` (or `URL handle`), `Customer ID` of a test are missing; \
             there are `Name`, `Status`. Nothing was imported; correct the file and run the import again"
        );
        let error = find("Handle").unwrap_err().to_string();
        assert!(
            error.contains(
                "line 1: the column `Customer ID` of a test is missing; there is `Handle`"
            ),
            "{error}"
        );
    }

    #[test]
    fn two_columns_for_one_value_are_refused() {
        let error = find("Handle,URL handle").unwrap_err().to_string();
        assert!(
            error.contains(
                "line 1, column 2: expected a column name of its own, found `URL handle`"
            ),
            "{error}"
        );
    }
}
