//! Writes: what a mutation does, in the transaction of its operation.

mod examine;
mod insert;
mod refusal;
mod update;

use std::collections::BTreeMap;

use uuid::Uuid;

use self::insert::{is_connected, wanted};
use self::refusal::{broken, inside, not_permitted, of_set, unexplained, unique};
use self::update::by;
use super::change::{Cell, Change, Lookup, Otherwise, Target, What};
use super::payload::{Changed, Outcome, WrittenRows};
use super::payload_schema::ChangeKind;
use super::problem::Problem;
use super::{ErrorPolicy, HashSet, cell};
use crate::db::{Ask, Refused, Row, Scope, Then};
use crate::engine::catalog::{Catalog, ColumnId, TableId};
use crate::engine::load::{bytes, int8, uuid};
use crate::engine::select::{Caller, Changes, Statements, changes};
use crate::error::Error;
use crate::session::Session;
use crate::sql::{Item, Statement};

/// How often an upsert tries to create a row that is neither there nor can be created.
const UPSERTS: usize = 3;
/// Most rows that `changed` lists.
const MOST_CHANGED: usize = 100;

/// Why a mutation is given up.
pub enum Stop {
    Problems(Vec<Problem>),
    /// A problem beside which nothing else of the input matters.
    Only(Problem),
    Error(Error),
    /// Another transaction was in the way; the same may succeed when it is repeated.
    Again(Error),
    /// What was sent ahead did not do all that it should. Step by step it tells why.
    StepByStep,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

type Done<T> = Result<T, Stop>;

/// A row that was found: its id, and the time of its last change.
type Found = Option<(Uuid, Option<i64>)>;

/// One transaction that writes.
pub struct Run<'a> {
    pub catalog: &'a Catalog,
    pub statements: &'a Statements,
    pub session: &'a Session,
    pub scope: Scope,
    /// How many statements were sent.
    pub sent: u32,
    /// How many entries of the log of changes are told.
    pub told: usize,
    /// Whether statements need not be answered before the next one is sent. What they should do is
    /// looked at before the transaction is committed.
    pub goes_ahead: bool,
    expected: Vec<Expected>,
}

/// The ids that a statement which was sent ahead must give.
struct Expected {
    statement: usize,
    column: usize,
    ids: Vec<Uuid>,
}

/// What is left to do once the rows were read as they were.
pub struct Deletion {
    ids: Vec<Uuid>,
    max: Option<u64>,
}

impl<'a> Run<'a> {
    pub fn new(
        catalog: &'a Catalog,
        statements: &'a Statements,
        session: &'a Session,
        scope: Scope,
    ) -> Self {
        Self {
            catalog,
            statements,
            session,
            scope,
            sent: 0,
            told: 0,
            goes_ahead: false,
            expected: Vec::new(),
        }
    }

    fn changes(&self) -> Changes<'_> {
        Changes {
            catalog: self.catalog,
            caller: Caller::from(self.session),
        }
    }

    /// Runs statements with one message; gives the rows of each.
    async fn level(&mut self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Refused> {
        let mut rows = vec![Vec::new(); statements.len()];
        if statements.is_empty() {
            return Ok(rows);
        }
        let asks: Vec<Ask<'_>> = statements.iter().map(Ask::of).collect();
        self.sent += u32::try_from(statements.len()).unwrap_or(u32::MAX);
        let take = |statement: usize, row: Row| {
            rows[statement].push(row);
            Ok(())
        };
        self.scope.write(&asks, Then::More, take).await?;
        Ok(rows)
    }

    /// As [`Self::level`], where no constraint can be in the way.
    pub async fn ask(&mut self, statements: &[Statement]) -> Done<Vec<Vec<Row>>> {
        self.level(statements).await.map_err(unexpected)
    }

    /// Sends a statement with what is asked next. It must give these ids in this column.
    fn send_ahead(&mut self, statement: Statement, (column, ids): (usize, Vec<Uuid>)) {
        self.sent += 1;
        let statement = self.scope.send_ahead(statement);
        self.expected.push(Expected {
            statement,
            column,
            ids,
        });
    }

    /// Makes sure that what was sent ahead was done.
    ///
    /// # Errors
    /// [`Stop::StepByStep`] where something was not.
    pub async fn settle(&mut self) -> Done<()> {
        if self.scope.has_waiting() {
            let waited = self.scope.write(&[], Then::More, |_, _| Ok(())).await;
            waited.map_err(unexpected)?;
        }
        for expected in self.expected.drain(..) {
            let rows = self.scope.rows_ahead(expected.statement).iter();
            let given: HashSet<Uuid> = rows.filter_map(|row| uuid(row, expected.column)).collect();
            if !expected.ids.iter().all(|id| given.contains(id)) {
                return Err(Stop::StepByStep);
            }
        }
        Ok(())
    }

    /// Does what a change says.
    ///
    /// # Errors
    /// Problems, after which the transaction must not be committed.
    pub async fn perform(&mut self, change: &Change) -> Done<(Outcome, Option<Deletion>)> {
        let (found, problems) = self.sought(change).await?;
        let skips = matches!(
            change.what,
            What::Create {
                policy: ErrorPolicy::SkipFailed,
                ..
            }
        );
        if !problems.is_empty() && !skips {
            return Err(Stop::Problems(problems));
        }
        match &change.what {
            What::Create { tops, policy } => {
                let written = self.create(change, tops, *policy, &found).await?;
                Ok((outcome(written), None))
            }
            What::Update => {
                let id = self.update(change, &found).await?;
                Ok((outcome(one(id, Some(false))), None))
            }
            What::UpdateMany { filter, max, set } => {
                let ids = self.matching(change.table, filter, *max).await?;
                self.update_all(change.table, &ids, set, &found).await?;
                Ok((outcome(many(ids)), None))
            }
            What::Upsert { key, items, set } => {
                let (id, created) = self.upsert(change, (key, items), set, &found).await?;
                Ok((outcome(one(id, Some(created))), None))
            }
            What::Delete { target, version } => {
                let id = resolved(*target, &found);
                let path = ["by".to_owned()];
                self.present(change.table, (id, *version), None, &path)
                    .await?;
                let deletion = Deletion {
                    ids: vec![id],
                    max: None,
                };
                Ok((outcome(one(id, Some(false))), Some(deletion)))
            }
            What::DeleteMany { filter, max } => {
                let ids = self.matching(change.table, filter, *max).await?;
                let deletion = Deletion {
                    ids: ids.clone(),
                    max: Some(*max),
                };
                Ok((outcome(many(ids)), Some(deletion)))
            }
        }
    }

    /// Finds the rows that the input names by other keys than their ids. The ids of those that are
    /// not there are nil.
    async fn sought(&mut self, change: &Change) -> Done<(Vec<Uuid>, Vec<Problem>)> {
        if change.lookups.is_empty() {
            return Ok(Default::default());
        }
        let found = self.find(&change.lookups).await?;
        let mut problems = Vec::new();
        let ids = change.lookups.iter().zip(found).map(|(lookup, found)| {
            let noun = &self.catalog.table(lookup.table).noun;
            match (found, lookup.otherwise) {
                (Some((id, _)), _) | (None, Otherwise::Create(id)) => id,
                (None, otherwise) => {
                    problems.push(match otherwise {
                        Otherwise::NotFound => Problem::not_found(&lookup.path, noun),
                        _ => Problem::reference(&lookup.path, noun),
                    });
                    Uuid::nil()
                }
            }
        });
        let ids: Vec<Uuid> = ids.collect();
        Ok((ids, problems))
    }

    /// Finds rows by their keys, those of one table and key with one statement.
    async fn find(&mut self, lookups: &[Lookup]) -> Done<Vec<Found>> {
        let mut groups: BTreeMap<(TableId, &[ColumnId]), Vec<usize>> = BTreeMap::new();
        for (place, lookup) in lookups.iter().enumerate() {
            let group = groups.entry((lookup.table, &lookup.key)).or_default();
            group.push(place);
        }
        let statements = groups.iter().map(|((table, key), places)| {
            let values = (0..key.len()).map(|column| {
                let items = places
                    .iter()
                    .map(|&place| lookups[place].items[column].clone());
                items.collect()
            });
            let values: Vec<Vec<Item>> = values.collect();
            self.changes().find(*table, key, &values)
        });
        let statements: Vec<Statement> = statements.collect();
        let rows = self.ask(&statements).await?;
        let mut found = vec![None; lookups.len()];
        for (places, rows) in groups.values().zip(&rows) {
            for (place, one) in rows.iter().filter_map(found_row) {
                if let Some(&place) = places.get(place) {
                    found[place] = Some(one);
                }
            }
        }
        Ok(found)
    }

    /// Rows of a table with a rule must be such that the caller may read them, as new or changed
    /// ones, too.
    async fn must_be_visible(&mut self, table: TableId, ids: &[Uuid]) -> Done<()> {
        let of = self.catalog.table(table);
        if of.rule.is_none() || ids.is_empty() {
            return Ok(());
        }
        let statement = self.changes().visible(table, ids);
        if self.goes_ahead {
            self.send_ahead(statement, (1, ids.to_vec()));
            return Ok(());
        }
        let rows = self.ask(&[statement]).await?;
        let seen: HashSet<Uuid> = rows[0].iter().filter_map(|row| uuid(row, 1)).collect();
        match ids.iter().all(|id| seen.contains(id)) {
            true => Ok(()),
            false => Err(Stop::Error(not_permitted())),
        }
    }

    /// Deletes what was read.
    pub async fn delete(&mut self, table: TableId, deletion: &Deletion) -> Done<()> {
        if deletion.ids.is_empty() {
            return Ok(());
        }
        let statements = [self.changes().delete(table, &deletion.ids), changes()];
        let rows = match self.level(&statements).await {
            Ok(rows) => rows,
            Err(refused) => return Err(self.refused_delete(refused, &[])),
        };
        if rows[0].len() < deletion.ids.len() {
            return Err(Stop::Again(Error::conflict()));
        }
        let Some(max) = deletion.max else {
            return Ok(());
        };
        let log = rows[1].iter().skip(self.told);
        let deleted = log.filter(|row| text(row, 1) == "D");
        let deleted: i64 = deleted.filter_map(|row| int8(row, 3)).sum();
        if deleted.unsigned_abs() > max {
            let message = format!(
                "{deleted} rows would be deleted, with those that are deleted by cascades, and `max` permits {max}; nothing was written. Narrow `where`, or raise `max`."
            );
            return Err(Problem::invalid(&["max".to_owned()], message).into());
        }
        Ok(())
    }

    /// The rows that were touched since the last time, and whether there were more.
    pub async fn changed(&mut self, own: &[Uuid]) -> Done<(Vec<Changed>, bool)> {
        let rows = self.ask(&[changes()]).await?;
        let mut changed = Vec::new();
        let mut more = false;
        for row in rows[0].iter().skip(self.told) {
            let Some(table) = self.catalog.by_name(text(row, 0)) else {
                continue;
            };
            let of = self.catalog.table(table);
            if of.least > self.session.role {
                continue;
            }
            let kind = match text(row, 1) {
                "C" => ChangeKind::Created,
                "U" => ChangeKind::Updated,
                _ => ChangeKind::Deleted,
            };
            let Some(ids) = uuids(row, 2) else {
                more = true;
                continue;
            };
            // Of rows that others may not read, those alone that the caller has named.
            let ids = ids
                .into_iter()
                .filter(|id| of.rule.is_none() || own.contains(id));
            for id in ids {
                match changed.len() < MOST_CHANGED {
                    true => changed.push(Changed { table, id, kind }),
                    false => more = true,
                }
            }
        }
        self.told = rows[0].len();
        Ok((changed, more))
    }
}

/// Why statements were refused that no constraint can be in the way of. What was sent ahead is one
/// of them: the scope does not tell which constraint refused it.
fn unexpected(refused: Refused) -> Stop {
    match refused {
        Refused::Again(error) => Stop::Again(error),
        other => Stop::Error(other.into_error()),
    }
}

fn outcome(written: WrittenRows) -> Outcome {
    Outcome {
        written: Some(written),
        ..Outcome::default()
    }
}

fn one(id: Uuid, created: Option<bool>) -> WrittenRows {
    WrittenRows {
        created,
        rows: vec![Some(id)],
        count: 1,
        ..WrittenRows::default()
    }
}

fn many(ids: Vec<Uuid>) -> WrittenRows {
    WrittenRows {
        count: ids.len(),
        rows: ids.into_iter().map(Some).collect(),
        ..WrittenRows::default()
    }
}

fn resolved(target: Target, found: &[Uuid]) -> Uuid {
    match target {
        Target::Id(id) => id,
        Target::Found(lookup) => found[lookup],
    }
}

fn item(cell: &Cell, found: &[Uuid]) -> Item {
    match cell {
        Cell::Item(item) => item.clone(),
        Cell::New(id) | Cell::Connected(id) => Some(cell::uuid(*id)),
        Cell::Found(lookup) => Some(cell::uuid(found[*lookup])),
    }
}

/// A row of `find`: the place of what was sought, and the row.
fn found_row(row: &Row) -> Option<(usize, (Uuid, Option<i64>))> {
    let place = usize::try_from(int8(row, 0)?.checked_sub(1)?).ok()?;
    Some((place, (uuid(row, 1)?, int8(row, 2))))
}

fn text(row: &Row, column: usize) -> &str {
    let text = bytes(row, column).and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.unwrap_or_default()
}

/// An array of ids in PostgreSQL's binary form; none for null.
fn uuids(row: &Row, column: usize) -> Option<Vec<Uuid>> {
    let bytes = bytes(row, column)?;
    // Dimensions, a flag, the type, the length and the first number of the one dimension.
    let items = bytes.get(20..).unwrap_or_default();
    let items = items.chunks_exact(20);
    items
        .map(|item| Uuid::from_slice(&item[4..]).ok())
        .collect()
}
