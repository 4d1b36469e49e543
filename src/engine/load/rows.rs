//! Rows as they came from the database, found by the key that they belong to.

use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use uuid::Uuid;

use super::HashMap;
use crate::db::Row;

/// The rows of one run of a statement.
pub type Chunk = Arc<Vec<Row>>;

/// Rows that stand together in one chunk.
#[derive(Clone)]
pub struct Span {
    pub chunk: Chunk,
    pub range: Range<usize>,
}

impl Span {
    fn rows(&self) -> &[Row] {
        &self.chunk[self.range.clone()]
    }
}

/// The rows of one node.
#[derive(Default)]
pub struct Rows {
    spans: Vec<Span>,
    /// Which span is that of a key; none for a statement without keys.
    of: HashMap<Uuid, usize>,
}

impl Rows {
    /// The rows of a statement without keys.
    pub fn root(chunk: Chunk) -> Self {
        let range = 0..chunk.len();
        Self {
            spans: vec![Span { chunk, range }],
            of: HashMap::default(),
        }
    }

    /// The rows of each key that has some.
    pub fn keyed(spans: impl Iterator<Item = (Uuid, Span)>) -> Self {
        let (least, _) = spans.size_hint();
        let mut rows = Self {
            spans: Vec::with_capacity(least),
            of: HashMap::with_capacity_and_hasher(least, RandomState::default()),
        };
        for (key, span) in spans {
            rows.of.insert(key, rows.spans.len());
            rows.spans.push(span);
        }
        rows
    }

    pub fn all(&self) -> impl Iterator<Item = &Row> {
        self.spans.iter().flat_map(Span::rows)
    }

    /// The rows of a key, in their order; without a key, those of a statement that has none.
    pub fn of(&self, key: Option<Uuid>) -> &[Row] {
        self.first_of(key)
            .map_or(&[], |(place, _)| self.spans[place].rows())
    }

    /// The first row of a key, and the place of its rows among those of other keys.
    pub fn first_of(&self, key: Option<Uuid>) -> Option<(usize, &Row)> {
        let place = match key {
            Some(key) => *self.of.get(&key)?,
            None => 0,
        };
        Some((place, self.spans.get(place)?.rows().first()?))
    }
}

/// The bytes of a value in PostgreSQL's binary form; none for null.
pub fn bytes(row: &Row, column: usize) -> Option<&[u8]> {
    row.get(column)
}

/// A column of type `uuid`.
pub fn uuid(row: &Row, column: usize) -> Option<Uuid> {
    Uuid::from_slice(bytes(row, column)?).ok()
}

/// A column of type `bigint`.
pub fn int8(row: &Row, column: usize) -> Option<i64> {
    Some(i64::from_be_bytes(bytes(row, column)?.try_into().ok()?))
}
