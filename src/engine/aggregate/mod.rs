//! Aggregates: values about several rows, column by column.

mod compile;
mod schema;
mod write;

use super::catalog::{Aggregate, Column, Function, Kind, RoleCatalog, Table};
use super::names::Named;
use super::plan::OutputField;

pub use self::compile::{Gathered, compile, part};
pub use self::schema::{ABOUT_COUNT, aggregate, aggregate_name, fields, functions};
pub use self::write::{write, write_part};

/// The field of lists, filters and orders that leads to values about their rows.
pub const AGGREGATE: &str = "aggregate";
/// The number of rows among the aggregates of a table.
pub const COUNT: &str = "count";

/// What can be computed over columns of a type; types that have the same share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Functions {
    /// All functions, or those that need an order, with results of the type.
    Of(Kind),
    /// The number of different values alone.
    Distinct,
}

impl Functions {
    /// All that there are.
    pub const ALL: [Self; 7] = [
        Self::Of(Kind::Int),
        Self::Of(Kind::BigInt),
        Self::Of(Kind::Decimal),
        Self::Of(Kind::Text),
        Self::Of(Kind::Timestamp),
        Self::Of(Kind::Date),
        Self::Distinct,
    ];

    /// The types of numbers that results have, whatever columns there are.
    pub const RESULTS: [Kind; 3] = [Kind::Int, Kind::BigInt, Kind::Decimal];

    /// Those of a type of columns; none where nothing can be computed.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind.functions() {
            [] => None,
            [_] => Some(Self::Distinct),
            _ => Some(Self::Of(kind)),
        }
    }

    pub fn all(self) -> &'static [Function] {
        match self {
            Self::Of(kind) => kind.functions(),
            Self::Distinct => &[Function::CountDistinct],
        }
    }

    /// The type of a result, where it is no number of things.
    pub fn result(self, function: Function) -> Option<Kind> {
        match self {
            Self::Of(kind) if !function.counts() => Some(function.result(kind)),
            _ => None,
        }
    }

    /// Name of the object type, which others begin with.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Of(Kind::Int) => "IntAggregate",
            Self::Of(Kind::BigInt) => "BigIntAggregate",
            Self::Of(Kind::Decimal) => "DecimalAggregate",
            Self::Of(Kind::Timestamp) => "DateTimeAggregate",
            Self::Of(Kind::Date) => "DateAggregate",
            Self::Of(_) => "StringAggregate",
            Self::Distinct => "DistinctAggregate",
        }
    }
}

/// The columns of a table that something can be computed over.
pub fn columns<'a>(
    role: RoleCatalog<'a>,
    table: &'a Table,
) -> impl Iterator<Item = (&'a Column, Functions)> {
    role.fields(table)
        .filter_map(|(_, column)| Some((column, Functions::of(column.kind)?)))
}

/// The aggregate of a field, by the name of the function.
pub fn of(table: &Table, field: &str, function: &str) -> Option<Aggregate> {
    let column = table.column_by_field(field)?;
    let function = Function::of(function)?;
    let functions = table.column(column).kind.functions();
    functions
        .contains(&function)
        .then_some(Aggregate::Of(function, column))
}

/// The fields of an aggregate.
pub type AggregateFields = Vec<OutputField<AggregatePart>>;

/// A field of an aggregate.
#[derive(Debug)]
pub enum AggregatePart {
    Count(Computed),
    Column(Vec<OutputField<Computed>>),
}

/// A value about the rows.
#[derive(Clone, Copy, Debug)]
pub struct Computed {
    /// Its place among the values of the statement.
    index: usize,
    kind: Kind,
    /// Whether it is a number of things.
    counts: bool,
}
