//! Rows as they came from the database, found by the key that they belong to.

use std::collections::HashMap;
use std::ops::Range;

use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::engine::plan::Shape;
use crate::error::Error;

/// The rows of one statement.
#[derive(Default)]
pub struct Rows {
    rows: Vec<PgRow>,
    /// Where the rows of a key stand; empty for a statement without keys.
    ranges: HashMap<Uuid, Range<usize>>,
    /// Whether a statement was sent for them.
    sent: bool,
}

impl Rows {
    /// Sorts out which rows belong to which key.
    ///
    /// # Errors
    /// `INTERNAL` when the rows do not have the shape that the plan promised.
    pub fn new(rows: Vec<PgRow>, shape: Shape, keys: &[Uuid]) -> Result<Self, Error> {
        let malformed = || Error::internal("a row does not say which key it is for");
        let mut ranges = HashMap::new();
        match shape {
            Shape::Root => {}
            Shape::ByKey => {
                for (index, row) in rows.iter().enumerate() {
                    let key = uuid(row, 0).ok_or_else(malformed)?;
                    ranges.entry(key).or_insert(index..index + 1);
                }
            }
            Shape::ByPosition => {
                let mut start = 0;
                while start < rows.len() {
                    let position = int8(&rows[start], 0).ok_or_else(malformed)?;
                    let same = rows[start..]
                        .iter()
                        .take_while(|row| int8(row, 0) == Some(position));
                    let end = start + same.count();
                    let key = usize::try_from(position - 1)
                        .ok()
                        .and_then(|index| keys.get(index));
                    let known = ranges.insert(*key.ok_or_else(malformed)?, start..end);
                    if known.is_some() {
                        return Err(malformed());
                    }
                    start = end;
                }
            }
        }
        Ok(Self {
            rows,
            ranges,
            sent: true,
        })
    }

    /// Whether a statement was sent for them: without keys to look for there is none.
    pub fn sent(&self) -> bool {
        self.sent
    }

    pub fn all(&self) -> &[PgRow] {
        &self.rows
    }

    /// The rows of a key, in their order.
    pub fn of(&self, key: Uuid) -> &[PgRow] {
        self.ranges
            .get(&key)
            .map_or(&[], |range| &self.rows[range.clone()])
    }
}

/// The bytes of a value in PostgreSQL's binary form; none for null.
pub fn bytes(row: &PgRow, column: usize) -> Option<&[u8]> {
    row.try_get_raw(column).ok()?.as_bytes().ok()
}

/// A column of type `uuid`.
pub fn uuid(row: &PgRow, column: usize) -> Option<Uuid> {
    Uuid::from_slice(bytes(row, column)?).ok()
}

/// A column of type `bigint`.
pub fn int8(row: &PgRow, column: usize) -> Option<i64> {
    Some(i64::from_be_bytes(bytes(row, column)?.try_into().ok()?))
}
