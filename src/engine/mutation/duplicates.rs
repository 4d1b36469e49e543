//! Rows of one input that have the same value where it must be unique.

use uuid::Uuid;

use super::change::Cell;
use super::problem::Problem;
use super::read::Reader;
use super::{HashMap, HashSet};
use crate::engine::catalog::TableId;

/// A value of a key; none for null.
#[derive(PartialEq, Eq, Hash)]
enum Part<'a> {
    Null,
    Bytes(&'a [u8]),
    Found(usize),
}

/// The keys of rows that were met.
type Taken<'a> = HashMap<(TableId, usize), HashSet<Vec<Part<'a>>>>;

impl Reader<'_> {
    /// Notes rows of the input that have the same value where it must be unique.
    pub fn duplicates(&mut self) {
        let mut taken = Taken::default();
        let mut problems = Vec::new();
        for new in &self.news {
            let of = self.catalog.table(new.table);
            for (place, key) in of.keys().enumerate() {
                let nulls_equal = place > 0 && of.unique[place - 1].nulls_equal;
                let parts = key.iter().map(|column| {
                    let cell = new.cells.iter().find(|(id, _)| id == column);
                    match cell.map(|(_, cell)| cell) {
                        Some(Cell::Item(Some(item))) => Part::Bytes(item),
                        Some(Cell::New(id) | Cell::Connected(id)) => {
                            Part::Bytes(Uuid::as_bytes(id))
                        }
                        Some(Cell::Found(lookup)) => Part::Found(*lookup),
                        Some(Cell::Item(None)) | None => Part::Null,
                    }
                });
                let parts: Vec<Part<'_>> = parts.collect();
                if !nulls_equal && parts.contains(&Part::Null) {
                    continue;
                }
                if !taken.entry((new.table, place)).or_default().insert(parts) {
                    let fields = key.iter().map(|&id| of.column(id).field.clone());
                    let fields: Vec<String> = fields.collect();
                    let mut path = new.path.clone();
                    path.extend(fields.first().filter(|_| fields.len() == 1).cloned());
                    problems.push(Problem::unique(&path, fields, true));
                }
            }
        }
        self.problems.extend(problems);
    }
}
