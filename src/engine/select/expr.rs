//! Values of a row, and of the rows that it leads to.

use std::sync::Arc;

use crate::engine::catalog::{Aggregate, Catalog, ColumnId, Kind, RelationId, Table};
use crate::engine::search::{Leg, Mode};

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    Column(ColumnId),
    /// The part of a JSON document at the path that is the value at this place of the statement.
    Part(ColumnId, usize),
    /// A value of the row that a to-one relation leads to; null where there is none.
    Related(RelationId, Arc<Self>),
    /// A value about the rows that a to-many relation leads to.
    Aggregate(RelationId, Aggregate),
    /// Of a row that a search in this mode found: how well it matches.
    Score(Mode),
    /// Of such a row: the distance of its embedding from what is sought.
    Distance,
    /// Of a row that a hybrid search found: its position in a ranking.
    Rank(Leg),
    /// Of a row that a search found: a text with its words marked.
    Snippet(ColumnId),
    /// Of a group of rows: the key at this place.
    Key(usize, Kind),
    /// Of a group of rows: a value about them.
    Total(Aggregate),
}

impl Expr {
    /// The type of the value in rows of a table.
    pub fn kind(&self, catalog: &Catalog, table: &Table) -> Kind {
        match self {
            Self::Column(column) | Self::Part(column, _) => table.column(*column).kind,
            Self::Related(relation, value) => {
                value.kind(catalog, catalog.table(table.relation(*relation).to))
            }
            Self::Aggregate(relation, aggregate) => {
                aggregate.kind(catalog.table(table.relation(*relation).to))
            }
            Self::Score(_) | Self::Distance => Kind::Float,
            Self::Rank(_) => Kind::Int,
            Self::Snippet(_) => Kind::Text,
            Self::Key(_, kind) => *kind,
            Self::Total(aggregate) => aggregate.kind(table),
        }
    }

    /// Whether the value can be null in rows of a table.
    pub fn is_nullable(&self, catalog: &Catalog, table: &Table) -> bool {
        match self {
            Self::Column(column) => table.column(*column).nullable,
            Self::Related(relation, value) => {
                let relation = table.relation(*relation);
                relation.nullable || value.is_nullable(catalog, catalog.table(relation.to))
            }
            Self::Aggregate(_, aggregate) | Self::Total(aggregate) => !aggregate.counts(),
            Self::Score(_) | Self::Distance => false,
            Self::Part(..) | Self::Key(..) | Self::Rank(_) | Self::Snippet(_) => true,
        }
    }

    /// The column, where the value is one of the row itself.
    pub fn own(&self) -> Option<ColumnId> {
        match self {
            Self::Column(column) => Some(*column),
            Self::Part(..)
            | Self::Related(..)
            | Self::Aggregate(..)
            | Self::Score(_)
            | Self::Distance
            | Self::Rank(_)
            | Self::Snippet(_)
            | Self::Key(..)
            | Self::Total(_) => None,
        }
    }

    /// Its name within a table, by which cursors of different orders are told apart.
    pub fn name(&self, catalog: &Catalog, table: &Table) -> String {
        match self {
            Self::Column(column) | Self::Part(column, _) => table.column(*column).name.clone(),
            Self::Related(relation, value) => {
                let relation = table.relation(*relation);
                let inner = value.name(catalog, catalog.table(relation.to));
                format!("{}.{inner}", relation.field)
            }
            Self::Aggregate(relation, aggregate) => {
                let relation = table.relation(*relation);
                let of = aggregate.name(catalog.table(relation.to));
                format!("{}.{of}", relation.field)
            }
            Self::Score(mode) => format!("score {}", mode.name()),
            Self::Distance => "distance".to_owned(),
            Self::Rank(leg) => format!("rank {}", leg.name()),
            Self::Snippet(column) => format!("snippet {}", table.column(*column).name),
            Self::Key(place, _) => format!("key {place}"),
            Self::Total(aggregate) => aggregate.name(table),
        }
    }
}
