//! Looks for everything that is wrong with an input, without writing.

use uuid::Uuid;

use super::*;
use crate::engine::catalog::ColumnId;
use crate::engine::mutation::change::{Change, NewRow, RowUpdate, What};
use crate::engine::mutation::problem::{ErrorType, Problem};
use crate::engine::select::{NewColumn, NewRows, Operation};
use crate::sql::{Item, Statement};

impl Run<'_> {
    /// What is wrong with a change, without writing anything.
    ///
    /// # Errors
    /// As [`Self::perform`].
    pub async fn examine(&mut self, change: &Change) -> Done<Vec<Problem>> {
        let (found, mut problems) = self.sought(change).await?;
        // What a row that is not there would be used for has been told.
        let news = wanted(change, &found).into_iter();
        let news: Vec<&NewRow> = news.filter(|new| is_connected(new, &found)).collect();
        let is_upsert = matches!(change.what, What::Upsert { .. });
        let of_rows = self.diagnose(&news, &found).await?.into_iter();
        let of_rows = of_rows.map(|(_, problem)| problem);
        // The key of an upsert may be taken.
        problems.extend(of_rows.filter(|one| !is_upsert || one.of != ErrorType::UniqueViolation));
        for update in &change.updates {
            let id = resolved(update.target, &found);
            let parent = update.parent;
            let parent = parent.map(|(column, of)| (column, resolved(of, &found)));
            if !id.is_nil() && parent.is_none_or(|(_, of)| !of.is_nil()) {
                let row = (id, update.version);
                let path = by(update);
                let seen = self.unlocked(update.table, row, parent, &path);
                problems.extend(problems_of(seen.await)?);
            }
            let missing = self.missing_references(update.table, &update.set, &found);
            problems.extend(missing.await?);
            problems.extend(self.wrong_values(update, id, &found).await?);
        }
        for delete in &change.deletes {
            let row = (resolved(delete.target, &found), None);
            let parent = (delete.parent.0, resolved(delete.parent.1, &found));
            if !row.0.is_nil() && !parent.1.is_nil() {
                let seen = self.unlocked(delete.table, row, Some(parent), &delete.path);
                problems.extend(problems_of(seen.await)?);
            }
        }
        Ok(problems)
    }

    /// The new values of a row that another one has, or that a check refuses, as far as they are
    /// known without the old ones.
    pub(super) async fn wrong_values(
        &mut self,
        update: &RowUpdate,
        id: Uuid,
        found: &[Uuid],
    ) -> Done<Vec<Problem>> {
        let of = self.catalog.table(update.table);
        let plain = |column: &ColumnId| {
            let mut set = update.set.iter();
            set.find(|set| set.column == *column && set.operation == Operation::Set)
        };
        let columns = update
            .set
            .iter()
            .filter(|set| plain(&set.column).is_some_and(|one| std::ptr::eq(one, *set)));
        let rows = NewRows {
            table: update.table,
            columns: columns
                .map(|set| NewColumn {
                    column: set.column,
                    items: vec![item(&set.cell, found)],
                    given: None,
                    looks_up: Vec::new(),
                })
                .collect(),
        };
        let checks = of.checks.iter();
        let checks = checks.filter(|check| check.columns.iter().all(|one| plain(one).is_some()));
        let checks: Vec<_> = checks.filter(|check| !check.columns.is_empty()).collect();
        let keys = of.unique.iter().filter_map(|key| {
            let items = key.columns.iter().map(|one| item(&plain(one)?.cell, found));
            let items: Vec<Vec<Item>> = items
                .map(|item| item.map(|it| vec![Some(it)]))
                .collect::<Option<_>>()?;
            Some((key, items))
        });
        let keys: Vec<_> = keys.collect();
        let statements = checks
            .iter()
            .map(|check| self.changes().broken(&rows, check));
        let keyed = keys
            .iter()
            .map(|(key, items)| self.changes().find(update.table, &key.columns, items));
        let statements: Vec<Statement> = statements.chain(keyed).collect();
        let answers = self.ask(&statements).await?;
        let path = |columns: &[ColumnId]| of_set(&update.set, columns, &update.path);
        let (of_checks, of_keys) = answers.split_at(checks.len());
        let mut problems = Vec::new();
        for (check, answer) in checks.iter().zip(of_checks) {
            if !answer.is_empty() {
                let mut problem = broken(of, &update.path, &check.columns);
                problem.path = path(&check.columns);
                problems.push(problem);
            }
        }
        for ((key, _), answer) in keys.iter().zip(of_keys) {
            let others = answer.iter().filter_map(found_row);
            if others.into_iter().any(|(_, (other, _))| other != id) {
                let mut problem = unique(of, &update.path, &key.columns);
                problem.path = path(&key.columns);
                problems.push(problem);
            }
        }
        Ok(problems)
    }
}

fn problems_of(done: Done<()>) -> Done<Vec<Problem>> {
    match done {
        Ok(()) => Ok(Vec::new()),
        Err(Stop::Problems(problems)) => Ok(problems),
        Err(other) => Err(other),
    }
}
