//! Payloads: what became of a mutation, planned and written as the selection asks.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::payload_schema::ChangeKind;
use super::problem::{Detail, Problem};
use super::{
    ChangeField, Compiled, ErrorField, ErrorFields, ErrorPart, HashMap, PayloadPart, ResultPart,
    RowOf,
};
use crate::engine::catalog::{Catalog, TableId};
use crate::engine::load::Row;
use crate::engine::names::Named;
use crate::engine::plan::{Output, Plan, PlanContext, Planned, Planner, json_text};
use crate::engine::row::{self, node_id};
use crate::engine::select::Predicate;
use crate::engine::write::{Writer, Written};
use crate::engine::{opaque, root};
use crate::session::Role;
use crate::sql::Value;

/// What became of a mutation.
#[derive(Debug, Default)]
pub struct Outcome {
    pub problems: Vec<Problem>,
    pub written: Option<WrittenRows>,
    pub changed: Vec<Changed>,
    pub changed_more: bool,
}

/// The rows that a mutation has written: what a repeat of it answers again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct WrittenRows {
    /// Whether the one row is new.
    pub created: Option<bool>,
    /// The rows, each with its position in the input; none where a row was skipped.
    pub rows: Vec<Option<Uuid>>,
    /// Why rows were skipped, by position.
    pub skipped: Vec<(usize, Problem)>,
    pub count: usize,
    /// The rows that were touched: table, id, and what happened; and whether there were more.
    pub changed: Vec<(String, Uuid, String)>,
    pub changed_more: bool,
}

/// A row that was touched.
#[derive(Clone, Debug)]
pub struct Changed {
    pub table: TableId,
    pub id: Uuid,
    pub kind: ChangeKind,
}

impl Outcome {
    pub fn failed(problems: Vec<Problem>) -> Self {
        Self {
            problems,
            ..Self::default()
        }
    }

    /// What was kept of an earlier request.
    pub fn replayed(catalog: &Catalog, written: WrittenRows) -> Self {
        let changed = written.changed.iter().filter_map(|(table, id, kind)| {
            Some(Changed {
                table: catalog.by_name(table)?,
                id: *id,
                kind: ChangeKind::of(kind)?,
            })
        });
        Self {
            changed: changed.collect(),
            changed_more: written.changed_more,
            written: Some(written),
            problems: Vec::new(),
        }
    }

    /// Puts what a repeat has to tell beside the rows, to be kept with them.
    pub fn prepare_to_keep(&mut self, catalog: &Catalog) {
        if let Some(written) = &mut self.written {
            let changed = self.changed.iter().map(|changed| {
                let table = catalog.table(changed.table).name.clone();
                (table, changed.id, changed.kind.name().to_owned())
            });
            written.changed = changed.collect();
            written.changed_more = self.changed_more;
        }
    }

    fn ids(&self) -> Vec<Uuid> {
        let rows = self.written.iter().flat_map(|written| &written.rows);
        rows.flatten().copied().collect()
    }

    fn stale(&self) -> Vec<Uuid> {
        let ids = self
            .problems
            .iter()
            .filter_map(|problem| match problem.detail {
                Detail::Stale { id, .. } => Some(id),
                _ => None,
            });
        ids.collect()
    }
}

/// Whether something of the payload is read though nothing was written.
pub fn reads_when_failed(mutation: &Compiled, outcome: &Outcome) -> bool {
    let mut parts = mutation.payload.iter();
    parts.any(|field| match &field.output {
        Output::Part(PayloadPart::Query(..)) => true,
        Output::Part(PayloadPart::Errors(_)) => !outcome.stale().is_empty(),
        _ => false,
    })
}

/// Plans what the payload asks for, over so many rows at most.
///
/// # Errors
/// As the planning of a query.
pub fn plan(
    context: &PlanContext<'_>,
    mutation: &Compiled,
    outcome: &Outcome,
    most: u64,
) -> Planned<Plan> {
    let mut planner = Planner::new(context, mutation.lists);
    let ids = outcome.ids();
    let stale = outcome.stale();
    let table = mutation.table;
    planner.charge(most)?;
    planner.fields(&mutation.payload, |planner, part| match part {
        PayloadPart::Row(row) => rows(planner, table, row, (&ids, most)),
        PayloadPart::Query(fields, _) => root::plan_fields(planner, fields),
        PayloadPart::Errors(fields) => errors(planner, table, fields, &stale),
        PayloadPart::Results(fields) => planner.fields(fields, |planner, part| match part {
            ResultPart::Row(row) => rows(planner, table, row, (&ids, most)),
            ResultPart::Errors(fields) => errors(planner, table, fields, &[]),
            ResultPart::Index => Ok(()),
        }),
        PayloadPart::Created
        | PayloadPart::Count
        | PayloadPart::Changed(_)
        | PayloadPart::ChangedMore => Ok(()),
    })?;
    Ok(planner.finish())
}

fn rows<'a>(
    planner: &mut Planner<'a>,
    table: TableId,
    row: &'a RowOf,
    (ids, most): (&[Uuid], u64),
) -> Planned<()> {
    let of = planner.context.catalog.table(table);
    let key = of.key[0];
    let ids = ids.iter();
    let wanted = ids.map(|&id| vec![Predicate::Is(key, Some(Value::Uuid(Some(id))))]);
    let condition = node_id::any(of, wanted.collect());
    row::plan_some(planner, &row.one, vec![condition], most)
}

fn errors<'a>(
    planner: &mut Planner<'a>,
    table: TableId,
    fields: &'a ErrorFields,
    stale: &[Uuid],
) -> Planned<()> {
    fields.0.iter().try_for_each(|(_, fields)| {
        planner.fields(fields, |planner, part| match part {
            ErrorPart::Current(row) => rows(planner, table, row, (stale, 1)),
            ErrorPart::Plain(_) => Ok(()),
        })
    })
}

/// What writing a payload needs beside the rows that were read.
pub struct Told<'a> {
    pub mutation: &'a Compiled,
    pub outcome: &'a Outcome,
    pub catalog: &'a Catalog,
    pub role: Role,
}

/// Writes the payload.
pub fn write<'a>(writer: &mut Writer<'a>, told: &'a Told<'a>) -> Written<'a> {
    let outcome = told.outcome;
    let written = outcome.written.as_ref();
    writer.object(&told.mutation.payload, |writer, part| match part {
        PayloadPart::Row(row) => {
            let id = written.and_then(|written| written.rows.first().copied().flatten());
            let found = found(writer, row);
            write_row(writer, row, id.and_then(|id| found.get(&id).copied()))
        }
        PayloadPart::Created => match written.and_then(|written| written.created) {
            Some(created) => writer.boolean(created),
            None => writer.null(),
        },
        PayloadPart::Count => {
            let count = written.map_or(0, |written| written.count);
            writer.number(i64::try_from(count).unwrap_or(i64::MAX))
        }
        PayloadPart::Results(fields) => {
            let rows = written.map_or(&[][..], |written| &written.rows);
            let mut skipped: HashMap<usize, Vec<&Problem>> = HashMap::default();
            for (index, problem) in written.iter().flat_map(|written| &written.skipped) {
                skipped.entry(*index).or_default().push(problem);
            }
            let rows_of = |row: &'a RowOf| (row.one.node(), found(writer, row));
            let parts = fields.iter().filter_map(|field| match &field.output {
                Output::Part(ResultPart::Row(row)) => Some(rows_of(row)),
                _ => None,
            });
            let found: HashMap<_, _> = parts.collect();
            writer.list(rows.iter().enumerate(), |writer, (index, id)| {
                writer.object(fields, |writer, part| match part {
                    ResultPart::Index => writer.number(i64::try_from(index).unwrap_or(i64::MAX)),
                    ResultPart::Row(row) => {
                        let found = &found[&row.one.node()];
                        write_row(writer, row, id.and_then(|id| found.get(&id).copied()))
                    }
                    ResultPart::Errors(errors) => {
                        let own = skipped.get(&index).into_iter().flatten();
                        write_errors(writer, errors, own.copied())
                    }
                })
            })
        }
        PayloadPart::Errors(fields) => write_errors(writer, fields, outcome.problems.iter()),
        PayloadPart::Changed(fields) => writer.list(outcome.changed.iter(), |writer, changed| {
            writer.object(fields, |writer, field| {
                write_change(writer, told, changed, *field)
            })
        }),
        PayloadPart::ChangedMore => writer.boolean(outcome.changed_more),
        // The schema is asked about by queries alone.
        PayloadPart::Query(fields, _) => {
            root::write(writer, fields, &std::collections::HashMap::new(), told.role)
        }
    })
}

/// The rows that were read, by their ids.
fn found<'a>(writer: &Writer<'a>, row: &'a RowOf) -> HashMap<Uuid, &'a Row> {
    let rows = writer.rows_of(row.one.node(), None).iter();
    let column = row.key.first().map_or(0, |(column, _)| *column);
    rows.filter_map(|one| Some((crate::engine::load::uuid(one, column)?, one)))
        .collect()
}

fn write_row<'a>(writer: &mut Writer<'a>, row: &'a RowOf, found: Option<&'a Row>) -> Written<'a> {
    writer.nullable(found, None, |writer, found| {
        row::write_fields(writer, &row.one, found)
    })
}

fn write_errors<'a>(
    writer: &mut Writer<'a>,
    fields: &'a ErrorFields,
    problems: impl Iterator<Item = &'a Problem>,
) -> Written<'a> {
    writer.list(problems, |writer, problem| {
        let of = fields.0.iter().find(|(of, _)| *of == problem.of);
        let Some((_, fields)) = of else {
            return writer.null();
        };
        writer.object(fields, |writer, part| match part {
            ErrorPart::Current(row) => {
                let found = found(writer, row);
                let id = match problem.detail {
                    Detail::Stale { id, .. } => Some(id),
                    _ => None,
                };
                write_row(writer, row, id.and_then(|id| found.get(&id).copied()))
            }
            ErrorPart::Plain(field) => write_detail(writer, problem, *field),
        })
    })
}

fn write_detail<'a>(writer: &mut Writer<'a>, problem: &Problem, field: ErrorField) -> Written<'a> {
    let texts = |writer: &mut Writer<'a>, texts: &[String]| {
        let texts: Vec<String> = texts.iter().map(|text| json_text(text)).collect();
        writer.json(&format!("[{}]", texts.join(",")))
    };
    match (field, &problem.detail) {
        (ErrorField::Code, _) => writer.string(problem.of.code().name()),
        (ErrorField::Message, _) => writer.json(&json_text(&problem.message)),
        (ErrorField::Path, _) if problem.path.is_empty() => writer.null(),
        (ErrorField::Path, _) => texts(writer, &problem.path),
        (ErrorField::Fields, Detail::Fields(fields)) => texts(writer, fields),
        (ErrorField::CurrentVersion, Detail::Stale { version, .. }) => writer.string(version),
        (ErrorField::Because, Detail::Because(key)) => writer.string(key),
        _ => writer.null(),
    }
}

fn write_change<'a>(
    writer: &mut Writer<'a>,
    told: &Told<'_>,
    changed: &Changed,
    field: ChangeField,
) -> Written<'a> {
    let table = told.catalog.table(changed.table);
    match field {
        ChangeField::Type => writer.string(&table.type_name),
        ChangeField::NodeId => writer.string(&opaque::of_id(&table.name, changed.id)),
        ChangeField::Kind => writer.string(changed.kind.name()),
    }
}
