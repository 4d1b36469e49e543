//! Compiles aggregates: which values about the rows are asked for.

use super::{AggregateFields, AggregatePart, COUNT, Computed, Functions, aggregate_name};
use crate::engine::catalog::{Aggregate, Function, Table};
use crate::engine::plan::{Compiler, Merged, OutputField, Planned, unknown};

/// The values that a statement computes over its rows.
#[derive(Debug, Default)]
pub struct Gathered {
    pub values: Vec<Aggregate>,
}

impl Gathered {
    /// The place of a value.
    pub fn position(&mut self, aggregate: Aggregate) -> usize {
        let known = self.values.iter().position(|one| *one == aggregate);
        known.unwrap_or_else(|| {
            self.values.push(aggregate);
            self.values.len() - 1
        })
    }

    pub fn computed(&mut self, table: &Table, aggregate: Aggregate) -> Computed {
        Computed {
            index: self.position(aggregate),
            kind: aggregate.kind(table),
            counts: aggregate.counts(),
        }
    }
}

/// Compiles the field `aggregate` of a list of rows of a table.
pub fn compile<'a>(
    compiler: &mut Compiler<'a>,
    gathered: &mut Gathered,
    table: &Table,
    merged: &Merged<'a>,
) -> Planned<AggregateFields> {
    let type_name = aggregate_name(table);
    let selection = compiler.source.selection(merged, &type_name, &[]);
    compiler.fields(&type_name, &selection, |compiler, name, merged| {
        part(compiler, gathered, (table, &type_name), name, merged)
    })
}

/// Compiles one field of an aggregate.
pub fn part<'a>(
    compiler: &mut Compiler<'a>,
    gathered: &mut Gathered,
    (table, type_name): (&Table, &str),
    name: &str,
    merged: &Merged<'a>,
) -> Planned<AggregatePart> {
    if name == COUNT {
        let count = gathered.computed(table, Aggregate::Count);
        return Ok(AggregatePart::Count(count));
    }
    let column = table.column_by_field(name);
    let functions = column.and_then(|column| {
        let functions = Functions::of(table.column(column).kind)?;
        Some((column, functions))
    });
    let (column, functions) = functions.ok_or_else(|| unknown(type_name, name))?;
    let fields: Vec<OutputField<Computed>> =
        compiler.object(functions.type_name(), merged, |_, function: Function, _| {
            Ok(gathered.computed(table, Aggregate::Of(function, column)))
        })?;
    Ok(AggregatePart::Column(fields))
}
