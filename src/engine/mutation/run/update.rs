//! Changes rows, and tells why rows are not changed.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::engine::catalog::{ColumnId, TableId};
use crate::engine::load::uuid;
use crate::engine::mutation::change::{Change, NewRow, RowDelete, RowUpdate, Set};
use crate::engine::mutation::key::version_text;
use crate::engine::mutation::problem::{Path, Problem};
use crate::engine::mutation::{HashMap, InputField, cell};
use crate::engine::plan::check_allowed;
use crate::engine::select::{
    Caller, Expr, Keys, Operation, Output, Page, Paging, Predicate, Select, SetColumn, Targets,
    Term, scoped,
};
use crate::sql::{Statement, Value};

const NAMED_TWICE: &str = "This row is named twice.";

impl Run<'_> {
    /// The ids of the rows that match a filter, locked.
    pub(super) async fn matching(
        &mut self,
        table: TableId,
        filter: &Predicate,
        max: u64,
    ) -> Done<Vec<Uuid>> {
        let of = self.catalog.table(table);
        let key = of.key[0];
        let select = |filter: Vec<Predicate>, limit: Option<u64>| Select {
            from: scoped(table),
            keys: Keys::None,
            output: Output::Columns([Expr::Column(key)].into()),
            paths: Vec::new(),
            filter,
            page: Page {
                order: [Term {
                    by: Expr::Column(key),
                    descending: false,
                    nulls_first: false,
                }]
                .into(),
                limit,
                offset: None,
            },
        };
        let first = select(vec![filter.clone()], Some(max + 1));
        check_allowed(self.catalog, self.session.role, &first)?;
        let caller = Caller::from(self.session);
        let statement = |select: &Select| {
            self.statements
                .of(self.catalog, caller, select, Paging::Lateral)
        };
        let first = statement(&first);
        let rows = self.ask(&[first]).await?;
        let ids: Vec<Uuid> = rows[0].iter().filter_map(|row| uuid(row, 0)).collect();
        if ids.len() as u64 > max {
            let message = format!(
                "More rows match than `max` permits, which is {max}; nothing was written. Narrow `where`, or raise `max`."
            );
            return Err(Problem::invalid(&["max".to_owned()], message).into());
        }
        if ids.is_empty() {
            return Ok(ids);
        }
        // Until they are locked, others may change them.
        let among = Predicate::Compare {
            left: Expr::Column(key),
            operator: crate::engine::catalog::Operator::In,
            value: Value::Uuids(ids.as_slice().into()),
            insensitive: false,
        };
        let again = self.statements.of(
            self.catalog,
            caller,
            &select(vec![among, filter.clone()], None),
            Paging::Lateral,
        );
        let mut statements = Vec::new();
        if of.writers.update.is_some() {
            statements.push(self.changes().lock(table, &ids));
        }
        statements.push(again);
        let rows = self.ask(&statements).await?;
        let still = rows.last().into_iter().flatten();
        Ok(still.filter_map(|row| uuid(row, 0)).collect())
    }

    pub(super) async fn update_all(
        &mut self,
        table: TableId,
        ids: &[Uuid],
        set: &[Set],
        found: &[Uuid],
    ) -> Done<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let columns = set.iter().map(|set| SetColumn {
            column: set.column,
            operation: set.operation,
            items: vec![item(&set.cell, found)],
        });
        let columns: Vec<SetColumn> = columns.collect();
        let targets = Targets {
            ids: ids.to_vec(),
            versions: None,
            parent: None,
        };
        let statement = self.changes().update(table, &targets, &columns);
        let rows = match self.level(&[statement]).await {
            Ok(rows) => rows,
            Err(refused) => return Err(self.refused_set(refused, table, &[], set)),
        };
        if rows[0].len() < ids.len() {
            let problems = self.missing_references(table, set, found).await?;
            return Err(match problems.is_empty() {
                true => Stop::Again(Error::conflict()),
                false => Stop::Problems(problems),
            });
        }
        self.must_be_visible(table, ids).await
    }

    /// Changes a row with what belongs to it; gives its id.
    pub(super) async fn update(&mut self, change: &Change, found: &[Uuid]) -> Done<Uuid> {
        let news = wanted(change, found);
        let (above, below): (Vec<&NewRow>, Vec<&NewRow>) =
            news.into_iter().partition(|new| new.rank < 0);
        self.insert(change, &above, found).await?;
        let root = &change.updates[0];
        let id = resolved(root.target, found);
        if root.set.is_empty() || root.set.iter().any(|set| set.operation != Operation::Set) {
            self.present(root.table, (id, root.version), None, &by(root))
                .await?;
        }
        self.delete_children(&change.deletes, found).await?;
        for group in grouped(&change.updates, found) {
            self.update_group(&group, found).await?;
        }
        self.insert(change, &below, found).await?;
        Ok(id)
    }

    /// Deletes children, those of one table and parent with a few statements.
    async fn delete_children(&mut self, deletes: &[RowDelete], found: &[Uuid]) -> Done<()> {
        let mut groups: BTreeMap<_, Vec<(Uuid, &RowDelete)>> = BTreeMap::new();
        for delete in deletes {
            let parent = (delete.parent.0, resolved(delete.parent.1, found));
            let group = groups.entry((delete.table, parent)).or_default();
            group.push((resolved(delete.target, found), delete));
        }
        for ((table, (column, parent)), group) in groups {
            let of = self.catalog.table(table);
            let ids: Vec<Uuid> = group.iter().map(|(id, _)| *id).collect();
            if let Some(twice) = named_twice(&ids) {
                return Err(Problem::invalid(&group[twice].1.path, NAMED_TWICE).into());
            }
            let mut statements = Vec::new();
            if of.writers.update.is_some() {
                statements.push(self.changes().lock(table, &ids));
            }
            let items = ids.iter().map(|id| Some(cell::uuid(*id))).collect();
            let parents = vec![Some(cell::uuid(parent)); ids.len()];
            let key = [of.key[0], column];
            statements.push(self.changes().find(table, &key, &[items, parents]));
            let rows = self.ask(&statements).await?;
            let there = rows.last().into_iter().flatten().filter_map(found_row);
            let there: HashSet<usize> = there.map(|(place, _)| place).collect();
            let missing = group.iter().enumerate();
            let missing: Vec<Problem> = missing
                .filter(|(place, _)| !there.contains(place))
                .map(|(_, (_, delete))| Problem::not_found(&delete.path, &of.noun))
                .collect();
            if !missing.is_empty() {
                return Err(Stop::Problems(missing));
            }
            let path = match &group[..] {
                [(_, only)] => &only.path[..],
                [(_, first), ..] => &first.path[..first.path.len().saturating_sub(1)],
                [] => &[],
            };
            let statement = self.changes().delete(table, &ids);
            let rows = match self.level(&[statement]).await {
                Ok(rows) => rows,
                Err(refused) => return Err(self.refused_delete(refused, path)),
            };
            let deleted: HashSet<Uuid> = rows[0].iter().filter_map(|row| uuid(row, 0)).collect();
            if !ids.iter().all(|id| deleted.contains(id)) {
                return Err(Stop::Error(not_permitted()));
            }
        }
        Ok(())
    }

    /// Changes rows of one table in the same columns with one statement.
    pub(super) async fn update_group(&mut self, group: &[&RowUpdate], found: &[Uuid]) -> Done<()> {
        let first = group[0];
        if first.set.is_empty() {
            return Ok(());
        }
        let table = first.table;
        let ids: Vec<Uuid> = group
            .iter()
            .map(|update| resolved(update.target, found))
            .collect();
        if let Some(twice) = named_twice(&ids) {
            return Err(Problem::invalid(&group[twice].path, NAMED_TWICE).into());
        }
        let columns = (0..first.set.len()).map(|place| SetColumn {
            column: first.set[place].column,
            operation: first.set[place].operation,
            items: group
                .iter()
                .map(|update| item(&update.set[place].cell, found))
                .collect(),
        });
        let columns: Vec<SetColumn> = columns.collect();
        let versions = group.iter().map(|update| update.version);
        let parent = first
            .parent
            .map(|(column, target)| (column, resolved(target, found)));
        let targets = Targets {
            versions: versions.collect::<Option<Vec<i64>>>(),
            ids,
            parent,
        };
        let builds = columns.iter().any(|set| set.operation != Operation::Set);
        let mut statements = Vec::new();
        if builds {
            statements.push(self.changes().lock(table, &targets.ids));
        }
        statements.push(self.changes().update(table, &targets, &columns));
        if self.goes_ahead {
            for statement in statements {
                self.send_ahead(statement, (0, targets.ids.clone()));
            }
            return self.must_be_visible(table, &targets.ids).await;
        }
        let rows = match self.level(&statements).await {
            Ok(rows) => rows,
            Err(refused) => {
                return Err(self.refused_set(refused, table, &first.path, &first.set));
            }
        };
        let changed = rows.last().into_iter().flatten();
        let changed: HashSet<Uuid> = changed.filter_map(|row| uuid(row, 0)).collect();
        if changed.len() < targets.ids.len() {
            return Err(self.unchanged(group, &targets, &changed, found).await?);
        }
        self.must_be_visible(table, &targets.ids).await
    }

    /// Why rows were not changed.
    pub(super) async fn unchanged(
        &mut self,
        group: &[&RowUpdate],
        targets: &Targets,
        changed: &HashSet<Uuid>,
        found: &[Uuid],
    ) -> Done<Stop> {
        let mut problems = Vec::new();
        for (update, id) in group.iter().zip(&targets.ids) {
            if changed.contains(id) {
                continue;
            }
            let row = (*id, update.version);
            match self
                .present(update.table, row, targets.parent, &by(update))
                .await
            {
                Ok(()) => {
                    let missing = self.missing_references(update.table, &update.set, found);
                    problems.extend(missing.await?);
                }
                Err(Stop::Problems(more)) => problems.extend(more),
                Err(stop) => return Err(stop),
            }
        }
        Ok(match problems.is_empty() {
            // They were in the way of another transaction.
            true => Stop::Again(Error::conflict()),
            false => Stop::Problems(problems),
        })
    }

    /// Locks a row that must be there, with this version and under this parent.
    pub(super) async fn present(
        &mut self,
        table: TableId,
        (id, version): (Uuid, Option<i64>),
        parent: Option<(ColumnId, Uuid)>,
        path: &[String],
    ) -> Done<()> {
        if self.catalog.table(table).writers.update.is_some() {
            self.ask(&[self.changes().lock(table, &[id])]).await?;
        }
        self.unlocked(table, (id, version), parent, path).await
    }

    /// The same without the lock.
    pub(super) async fn unlocked(
        &mut self,
        table: TableId,
        (id, version): (Uuid, Option<i64>),
        parent: Option<(ColumnId, Uuid)>,
        path: &[String],
    ) -> Done<()> {
        let of = self.catalog.table(table);
        let mut key = vec![of.key[0]];
        let mut values = vec![vec![Some(cell::uuid(id))]];
        if let Some((column, parent)) = parent {
            key.push(column);
            values.push(vec![Some(cell::uuid(parent))]);
        }
        let rows = self
            .ask(&[self.changes().find(table, &key, &values)])
            .await?;
        let found = rows[0].iter().filter_map(found_row).next();
        let noun = &of.noun;
        match (found, version) {
            (None, _) => Err(Problem::not_found(path, noun).into()),
            (Some((_, (id, now))), Some(expected)) if now != Some(expected) => {
                let version = version_text(now.unwrap_or_default());
                let mut path: Path = path.to_vec();
                path.retain(|step| step != InputField::By.name());
                path.push(InputField::ExpectedVersion.name().to_owned());
                Err(Problem::stale(&path, id, version).into())
            }
            _ => Ok(()),
        }
    }

    /// The new references of a change at rows that are not there.
    pub(super) async fn missing_references(
        &mut self,
        table: TableId,
        set: &[Set],
        found: &[Uuid],
    ) -> Done<Vec<Problem>> {
        let of = self.catalog.table(table);
        let references = set.iter().filter_map(|set| {
            let to = of.referenced(set.column)?;
            let item = item(&set.cell, found)?;
            Some((set, to, Uuid::from_slice(&item).ok()?))
        });
        let references: Vec<_> = references.collect();
        let statements = references
            .iter()
            .map(|(_, to, id)| self.changes().missing(*to, &[*id]));
        let statements: Vec<Statement> = statements.collect();
        let rows = self.ask(&statements).await?;
        let missing = references
            .iter()
            .zip(&rows)
            .filter(|(_, rows)| !rows.is_empty());
        Ok(missing
            .map(|((set, to, _), _)| Problem::reference(&set.path, &self.catalog.table(*to).noun))
            .collect())
    }
}

/// The place of an id that stands before it, too.
fn named_twice(ids: &[Uuid]) -> Option<usize> {
    let mut seen = HashSet::default();
    ids.iter().position(|id| !seen.insert(*id))
}

/// Updates of one table in the same columns, of children of the same row.
pub(super) fn grouped<'c>(updates: &'c [RowUpdate], found: &[Uuid]) -> Vec<Vec<&'c RowUpdate>> {
    let mut groups: Vec<Vec<&RowUpdate>> = Vec::new();
    let shape = |update: &RowUpdate| {
        let set = update.set.iter().map(|set| (set.column, set.operation));
        let parent = update
            .parent
            .map(|(column, of)| (column, resolved(of, found)));
        let set: Vec<_> = set.collect();
        (update.table, parent, set, update.version.is_some())
    };
    let mut known: HashMap<_, usize> = HashMap::default();
    for update in updates {
        let place = *known.entry(shape(update)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(update);
    }
    for group in &mut groups {
        group.sort_by_key(|update| resolved(update.target, found));
    }
    groups
}

/// The path to the key of an update.
pub(super) fn by(update: &RowUpdate) -> Path {
    let mut path = update.path.clone();
    path.push(InputField::By.name().to_owned());
    path
}
