//! Creates rows, and tells why rows cannot be created.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::engine::catalog::{ColumnId, Table, TableId};
use crate::engine::load::{int8, uuid};
use crate::engine::mutation::change::{Cell, Change, NewRow, Otherwise, Set};
use crate::engine::mutation::payload::WrittenRows;
use crate::engine::mutation::problem::{Path, Problem};
use crate::engine::mutation::{ErrorPolicy, HashSet, RefField};
use crate::engine::select::{NewColumn, NewRows};
use crate::sql::{Item, Statement};

impl Run<'_> {
    pub(super) async fn create(
        &mut self,
        change: &Change,
        tops: &[Uuid],
        policy: ErrorPolicy,
        found: &[Uuid],
    ) -> Done<WrittenRows> {
        let news = wanted(change, found);
        let mut skipped = change.skipped.clone();
        if policy == ErrorPolicy::SkipFailed {
            // What would fail is found out before anything is written.
            let (connected, others): (Vec<&NewRow>, Vec<&NewRow>) =
                news.iter().partition(|new| is_connected(new, found));
            for new in others {
                skipped.extend(self.unconnected(change, new, found));
            }
            let mut told: HashSet<_> = skipped.iter().map(|(_, one)| one.about()).collect();
            let more = self.diagnose(&connected, found).await?.into_iter();
            skipped.extend(more.filter(|(_, problem)| told.insert(problem.about())));
            skipped.sort_by_key(|(top, _)| *top);
        }
        let failed: HashSet<usize> = skipped.iter().map(|(top, _)| *top).collect();
        // A row that several rows of the input want to be there belongs to the first of them.
        let stays = |new: &&NewRow| !failed.contains(&new.top);
        let wanted: HashSet<usize> = news
            .iter()
            .filter(|new| stays(new))
            .flat_map(|new| &new.cells)
            .filter_map(|(_, cell)| match cell {
                Cell::Found(lookup) => Some(*lookup),
                _ => None,
            })
            .collect();
        let is_wanted = |new: &NewRow| new.unless.iter().any(|lookup| wanted.contains(lookup));
        let news: Vec<&NewRow> = news
            .into_iter()
            .filter(|new| stays(new) || is_wanted(new))
            .collect();
        match self.insert(change, &news, found).await {
            // What the caller may not read is in the way: no repetition tells more of it.
            Err(Stop::Problems(problems)) if problems.iter().all(Problem::is_unexplained) => {
                return Err(Stop::Problems(problems));
            }
            Err(Stop::Problems(_)) if policy == ErrorPolicy::SkipFailed => {
                return Err(Stop::Again(Error::conflict()));
            }
            inserted => inserted?,
        }
        let rows: Vec<Option<Uuid>> = tops
            .iter()
            .enumerate()
            .map(|(top, id)| (!failed.contains(&top)).then_some(*id))
            .collect();
        Ok(WrittenRows {
            created: Some(true),
            count: rows.iter().flatten().count(),
            rows,
            skipped,
            ..WrittenRows::default()
        })
    }

    /// The references of a row to others that are not there.
    pub(super) fn unconnected(
        &self,
        change: &Change,
        new: &NewRow,
        found: &[Uuid],
    ) -> Vec<(usize, Problem)> {
        let of = self.catalog.table(new.table);
        let missing = new.cells.iter().filter_map(|(column, cell)| match cell {
            Cell::Found(lookup) if found[*lookup].is_nil() => {
                let lookup = &change.lookups[*lookup];
                // Rows that name the same key share the lookup of the first one.
                let path = match lookup.path.starts_with(&new.path) {
                    true => lookup.path.clone(),
                    false => inside(of, &new.path, &[*column]),
                };
                let noun = &self.catalog.table(lookup.table).noun;
                Some((new.top, Problem::reference(&path, noun)))
            }
            _ => None,
        });
        missing.collect()
    }

    /// Inserts rows rank by rank. All are inserted, or the problems say why not.
    pub(super) async fn insert(
        &mut self,
        change: &Change,
        news: &[&NewRow],
        found: &[Uuid],
    ) -> Done<()> {
        let made = made(news);
        for batches in ranks(news).values() {
            let rows = batches
                .iter()
                .map(|batch| self.new_rows(batch, &made, found));
            let rows: Vec<NewRows> = rows.collect();
            if self.goes_ahead {
                for (rows, batch) in rows.iter().zip(batches) {
                    let ids = batch.iter().map(|new| new.id).collect();
                    self.send_ahead(self.changes().insert_untaken(rows), (0, ids));
                }
                self.must_see(batches).await?;
                continue;
            }
            let statements = rows.iter().map(|rows| self.changes().insert(rows));
            let statements: Vec<Statement> = statements.collect();
            let inserted = match self.level(&statements).await {
                Ok(inserted) => inserted,
                Err(refused) => return Err(self.refused(refused, batches[0][0])),
            };
            let mut missing = Vec::new();
            for (batch, inserted) in batches.iter().zip(&inserted) {
                let inserted: HashSet<Uuid> =
                    inserted.iter().filter_map(|row| uuid(row, 0)).collect();
                let left = batch.iter().filter(|new| !inserted.contains(&new.id));
                missing.extend(left.copied());
            }
            if !missing.is_empty() {
                if self.is_overtaken(change, &missing, found).await? {
                    return Err(Stop::Again(Error::conflict()));
                }
                let known: Vec<Problem> = self
                    .diagnose(&missing, found)
                    .await?
                    .into_iter()
                    .map(|(_, problem)| problem)
                    .collect();
                if known.is_empty() {
                    // What was in the way is a row that the caller may not read, or is gone by now.
                    return Err(unexplained(&missing));
                }
                return Err(Stop::Problems(known));
            }
            self.must_see(batches).await?;
        }
        Ok(())
    }

    /// New rows must be such that the caller may read them.
    async fn must_see(&mut self, batches: &[Vec<&NewRow>]) -> Done<()> {
        for batch in batches {
            let ids: Vec<Uuid> = batch.iter().map(|new| new.id).collect();
            self.must_be_visible(batch[0].table, &ids).await?;
        }
        Ok(())
    }

    /// Whether another transaction has meanwhile made a row that was to be created only if it was
    /// not there.
    pub(super) async fn is_overtaken(
        &mut self,
        change: &Change,
        missing: &[&NewRow],
        found: &[Uuid],
    ) -> Done<bool> {
        let waits = |new: &&NewRow| !new.unless.is_empty();
        if !missing.iter().any(waits) {
            return Ok(false);
        }
        let now = self.find(&change.lookups).await?;
        let mut both = now.iter().zip(found);
        Ok(both.any(|(now, before)| now.is_some_and(|(id, _)| id != *before)))
    }

    /// The values of rows of one table, column by column.
    pub(super) fn new_rows(&self, batch: &[&NewRow], made: &Made, found: &[Uuid]) -> NewRows {
        let table = batch[0].table;
        let of = self.catalog.table(table);
        let mut columns: Vec<ColumnId> = batch
            .iter()
            .flat_map(|new| new.cells.iter().map(|(column, _)| *column))
            .collect();
        columns.sort_unstable();
        columns.dedup();
        let columns = columns.into_iter().map(|column| {
            let to = of.referenced(column);
            let mut items = Vec::with_capacity(batch.len());
            let mut given = Vec::with_capacity(batch.len());
            let mut looks_up = Vec::with_capacity(batch.len());
            for new in batch {
                let cell = new.cells.iter().find(|(one, _)| *one == column);
                let cell = cell.map(|(_, cell)| cell);
                given.push(cell.is_some());
                let item = cell.and_then(|cell| item(cell, found));
                let refers = to.zip(id(&item));
                looks_up.push(refers.is_some_and(|one| !made.contains(&one)));
                items.push(item);
            }
            if !looks_up.contains(&true) {
                looks_up.clear();
            }
            NewColumn {
                column,
                items,
                given: (!given.iter().all(|&given| given)).then_some(given),
                looks_up,
            }
        });
        NewRows {
            table,
            columns: columns.collect(),
        }
    }

    /// Why rows cannot be inserted, as far as the caller may know: each with the row of the input
    /// that it belongs to.
    pub(super) async fn diagnose(
        &mut self,
        news: &[&NewRow],
        found: &[Uuid],
    ) -> Done<Vec<(usize, Problem)>> {
        let made = made(news);
        let mut statements = Vec::new();
        // What each statement asks: of which rows by the place that it answers, and what that means.
        let mut asked: Vec<(Vec<&NewRow>, Meaning)> = Vec::new();
        for batch in ranks(news).into_values().flatten() {
            let table = batch[0].table;
            let of = self.catalog.table(table);
            let rows = self.new_rows(&batch, &made, found);
            for new in &rows.columns {
                let Some(to) = of.referenced(new.column) else {
                    continue;
                };
                let referring = new.items.iter().zip(&batch).zip(&new.looks_up);
                let referring = referring.filter(|(_, looks_up)| **looks_up);
                let (ids, referring): (Vec<Uuid>, Vec<&NewRow>) = referring
                    .filter_map(|((item, row), _)| Some((id(item)?, *row)))
                    .unzip();
                if !ids.is_empty() {
                    statements.push(self.changes().missing(to, &ids));
                    asked.push((referring, Meaning::Reference(new.column, to)));
                }
            }
            for key in of.keys() {
                let columns = key
                    .iter()
                    .map(|column| rows.columns.iter().find(|new| new.column == *column));
                let Some(columns) = columns.collect::<Option<Vec<_>>>() else {
                    continue;
                };
                let (mut values, mut having) = (vec![Vec::new(); key.len()], Vec::new());
                for (place, row) in batch.iter().enumerate() {
                    let items: Vec<Item> =
                        columns.iter().map(|new| new.items[place].clone()).collect();
                    let nulls_equal = of
                        .unique
                        .iter()
                        .any(|unique| unique.columns == key && unique.nulls_equal);
                    if nulls_equal || items.iter().all(Option::is_some) {
                        having.push(*row);
                        for (values, item) in values.iter_mut().zip(items) {
                            values.push(item);
                        }
                    }
                }
                if !having.is_empty() {
                    statements.push(self.changes().find(table, key, &values));
                    asked.push((having, Meaning::Taken(key.to_vec())));
                }
            }
            for check in &of.checks {
                statements.push(self.changes().broken(&rows, check));
                asked.push((batch.clone(), Meaning::Broken(check.columns.clone())));
            }
        }
        let answers = self.ask(&statements).await?;
        let mut problems = Vec::new();
        for ((rows, meaning), answers) in asked.iter().zip(&answers) {
            for answer in answers {
                let place = int8(answer, 0).and_then(|place| usize::try_from(place - 1).ok());
                let Some(new) = place.and_then(|place| rows.get(place)) else {
                    continue;
                };
                problems.push((new.top, self.problem(new, meaning)));
            }
        }
        problems.sort_by(|(one, a), (other, b)| (one, &a.path).cmp(&(other, &b.path)));
        Ok(problems)
    }

    pub(super) fn problem(&self, new: &NewRow, meaning: &Meaning) -> Problem {
        let of = self.catalog.table(new.table);
        match meaning {
            Meaning::Reference(column, to) => {
                let path = reference(of, new, *column);
                Problem::reference(&path, &self.catalog.table(*to).noun)
            }
            Meaning::Taken(columns) => unique(of, &new.path, columns),
            Meaning::Broken(columns) => broken(of, &new.path, columns),
        }
    }

    pub(super) async fn upsert(
        &mut self,
        change: &Change,
        (key, items): (&[ColumnId], &[Item]),
        set: &[Set],
        found: &[Uuid],
    ) -> Done<(Uuid, bool)> {
        let new = &change.news[0];
        let rows = self.new_rows(&[new], &made(&[new]), found);
        let values: Vec<Vec<Item>> = items.iter().map(|item| vec![item.clone()]).collect();
        let mut there = None;
        // Between two of its steps the row may be deleted by others.
        for _ in 0..UPSERTS {
            let statement = self.changes().insert(&rows);
            let inserted = match self.level(&[statement]).await {
                Ok(rows) => !rows[0].is_empty(),
                Err(refused) => return Err(self.refused(refused, new)),
            };
            if inserted {
                self.must_be_visible(new.table, &[new.id]).await?;
                return Ok((new.id, true));
            }
            let rows = self
                .ask(&[self.changes().find(new.table, key, &values)])
                .await?;
            there = rows[0].iter().filter_map(found_row).next();
            if there.is_some() {
                break;
            }
            let problems = self.diagnose(&[new], found).await?;
            if !problems.is_empty() {
                let problems = problems.into_iter().map(|(_, one)| one);
                return Err(Stop::Problems(problems.collect()));
            }
        }
        let Some((_, (id, _))) = there else {
            return Err(unexplained(&[new]));
        };
        if !set.is_empty() {
            self.update_all(new.table, &[id], set, found).await?;
        }
        Ok((id, false))
    }
}

/// The rows that a transaction makes. An id of another table's row stands for none of them.
pub(super) type Made = HashSet<(TableId, Uuid)>;

fn made(news: &[&NewRow]) -> Made {
    news.iter().map(|new| (new.table, new.id)).collect()
}

/// The path to what a new row refers to, as the input names it.
fn reference(of: &Table, new: &NewRow, column: ColumnId) -> Path {
    let mut cells = new.cells.iter();
    let is_connected = cells.any(|(id, cell)| *id == column && matches!(cell, Cell::Connected(_)));
    let mut relations = of.relations.iter();
    match relations.find(|relation| is_connected && relation.from_column == column) {
        Some(relation) => {
            let mut path = new.path.clone();
            path.extend([relation.field.clone(), RefField::Connect.name().to_owned()]);
            path
        }
        None => inside(of, &new.path, &[column]),
    }
}

/// A value as the id that it is.
fn id(item: &Item) -> Option<Uuid> {
    Uuid::from_slice(item.as_deref()?).ok()
}

/// What an answer of a diagnosis means.
pub(super) enum Meaning {
    Reference(ColumnId, TableId),
    Taken(Vec<ColumnId>),
    Broken(Vec<ColumnId>),
}

/// The rows to create, without those whose lookups have found one.
pub(super) fn wanted<'c>(change: &'c Change, found: &[Uuid]) -> Vec<&'c NewRow> {
    let is_new = |lookup: &usize| match change.lookups[*lookup].otherwise {
        Otherwise::Create(id) => found[*lookup] == id,
        _ => false,
    };
    let news = change.news.iter();
    news.filter(|new| new.unless.iter().all(is_new)).collect()
}

/// Whether all rows are there that a new one refers to.
pub(super) fn is_connected(new: &NewRow, found: &[Uuid]) -> bool {
    new.cells.iter().all(|(_, cell)| match cell {
        Cell::Found(lookup) => !found[*lookup].is_nil(),
        _ => true,
    })
}

/// Rows by rank, and within one by table.
pub(super) fn ranks<'c>(news: &[&'c NewRow]) -> BTreeMap<i32, Vec<Vec<&'c NewRow>>> {
    let mut ranks: BTreeMap<i32, Vec<Vec<&NewRow>>> = BTreeMap::new();
    for &new in news {
        let tables = ranks.entry(new.rank).or_default();
        match tables.iter_mut().find(|rows| rows[0].table == new.table) {
            Some(rows) => rows.push(new),
            None => tables.push(vec![new]),
        }
    }
    // Locks are taken in one order.
    for tables in ranks.values_mut() {
        tables.sort_by_key(|rows| rows[0].table);
    }
    ranks
}
