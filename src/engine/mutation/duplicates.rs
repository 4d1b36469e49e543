//! Rows of one input that have the same value where it must be unique.

use std::collections::HashSet;

use super::change::Cell;
use super::problem::Problem;
use super::read::Reader;

impl Reader<'_> {
    /// Notes rows of the input that have the same value where it must be unique.
    pub fn duplicates(&mut self) {
        let mut taken = HashSet::new();
        let mut problems = Vec::new();
        for new in &self.news {
            let of = self.catalog.table(new.table);
            for (place, key) in of.keys().enumerate() {
                let nulls_equal = place > 0 && of.unique[place - 1].nulls_equal;
                let items = key.iter().map(|column| {
                    let cell = new.cells.iter().find(|(id, _)| id == column);
                    match cell.map(|(_, cell)| cell) {
                        Some(Cell::Item(item)) => item.as_deref().map(<[u8]>::to_vec),
                        Some(Cell::New(id)) => Some(id.as_bytes().to_vec()),
                        Some(Cell::Found(lookup)) => Some(format!("lookup {lookup}").into_bytes()),
                        None => None,
                    }
                });
                let items: Vec<Option<Vec<u8>>> = items.collect();
                let comparable = nulls_equal || items.iter().all(Option::is_some);
                if comparable && !taken.insert((new.table, place, items)) {
                    let fields = key.iter().map(|&id| of.column(id).field.clone());
                    let fields: Vec<String> = fields.collect();
                    let mut path = new.path.clone();
                    path.extend(fields.first().filter(|_| fields.len() == 1).cloned());
                    problems.push((new.top, Problem::unique(&path, fields, true)));
                }
            }
        }
        self.problems
            .extend(problems.into_iter().map(|(_, problem)| problem));
    }
}
