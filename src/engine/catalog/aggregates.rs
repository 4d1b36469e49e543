//! What can be computed over the values that a column has in several rows.

use super::{ColumnId, Kind, Table};
use crate::engine::names::names;

names! {
    /// What is computed over the values of a column.
    Function {
        Sum = "sum",
        Avg = "avg",
        Min = "min",
        Max = "max",
        CountDistinct = "countDistinct",
    }
}

/// One value about several rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// The number of the rows.
    Count,
    /// A function over a column.
    Of(Function, ColumnId),
}

impl Function {
    pub fn comment(self) -> &'static str {
        match self {
            Self::Sum => "The sum of the values that are not null; null if there are none.",
            Self::Avg => "The mean of the values that are not null; null if there are none.",
            Self::Min => "The least value; null if there are none.",
            Self::Max => "The greatest value; null if there are none.",
            Self::CountDistinct => "The number of different values; null is not counted.",
        }
    }

    /// The type of the result over values of a type. A sum has room for all values that there can
    /// be.
    pub fn result(self, kind: Kind) -> Kind {
        match (self, kind) {
            (Self::Min | Self::Max, kind) => kind,
            (Self::Sum, Kind::Int) | (Self::CountDistinct, _) => Kind::BigInt,
            (Self::Sum | Self::Avg, _) => Kind::Decimal,
        }
    }

    /// Whether the result is a number of things, which the API has as an `Int`.
    pub fn counts(self) -> bool {
        self == Self::CountDistinct
    }
}

impl Kind {
    /// What can be computed over columns of this type.
    pub fn functions(self) -> &'static [Function] {
        use Function::*;
        match self {
            Self::Int | Self::BigInt | Self::Decimal => &[Sum, Avg, Min, Max, CountDistinct],
            Self::Text | Self::Timestamp | Self::Date => &[Min, Max, CountDistinct],
            Self::Uuid | Self::Boolean | Self::Inet | Self::Enum(_) => &[CountDistinct],
            Self::TextArray | Self::Json | Self::Vector | Self::Float => &[],
        }
    }
}

impl Aggregate {
    /// The type of the result over rows of a table.
    pub fn kind(self, table: &Table) -> Kind {
        match self {
            Self::Count => Kind::BigInt,
            Self::Of(function, column) => function.result(table.column(column).kind),
        }
    }

    /// Its name within a table.
    pub fn name(self, table: &Table) -> String {
        match self {
            Self::Count => "count".to_owned(),
            Self::Of(function, column) => {
                format!("{}.{}", table.column(column).name, function.name())
            }
        }
    }

    /// Whether 0 says the same of no rows; a sum of none is null otherwise.
    pub fn is_zero_for_nothing(self) -> bool {
        matches!(self, Self::Of(Function::Sum, _)) || self.counts()
    }

    /// Whether the result is a number of things, which is 0 where there are no rows.
    pub fn counts(self) -> bool {
        match self {
            Self::Count => true,
            Self::Of(function, _) => function.counts(),
        }
    }
}
