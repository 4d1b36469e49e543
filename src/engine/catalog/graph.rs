//! Graphs: a table of entities, and one of the relationships between them.

use super::{ColumnId, Table, TableId};

/// A graph by names of the database.
#[derive(Clone, Copy, Debug)]
pub struct GraphRules {
    /// The tables.
    pub entities: &'static str,
    pub relationships: &'static str,
    /// The columns of a relationship: the entities from and to which it leads, its type, and a
    /// number that is greater the stronger it is.
    pub source: &'static str,
    pub target: &'static str,
    pub kind: &'static str,
    pub strength: &'static str,
}

/// A graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Graph {
    pub entities: TableId,
    /// The key of an entity.
    pub entity: ColumnId,
    pub relationships: TableId,
    /// The key of a relationship.
    pub relationship: ColumnId,
    pub source: ColumnId,
    pub target: ColumnId,
    pub kind: ColumnId,
    pub strength: ColumnId,
}

impl Graph {
    /// Finds the tables and columns of a graph.
    pub fn resolve(tables: &[Table], rules: &GraphRules) -> Result<Self, String> {
        let table = |name: &str| {
            let found = tables.iter().position(|one| one.name == name);
            found
                .map(TableId)
                .ok_or_else(|| format!("no table {name} for a graph"))
        };
        let (entities, relationships) = (table(rules.entities)?, table(rules.relationships)?);
        let column = |of: TableId, name: &str| {
            let of = &tables[of.0];
            let missing = || format!("no column {}.{name} for a graph", of.name);
            of.column_by_name(name).ok_or_else(missing)
        };
        Ok(Self {
            entities,
            entity: column(entities, "id")?,
            relationships,
            relationship: column(relationships, "id")?,
            source: column(relationships, rules.source)?,
            target: column(relationships, rules.target)?,
            kind: column(relationships, rules.kind)?,
            strength: column(relationships, rules.strength)?,
        })
    }

    /// The columns of a relationship that tell of it.
    pub fn columns(&self) -> [ColumnId; 5] {
        [
            self.relationship,
            self.source,
            self.target,
            self.kind,
            self.strength,
        ]
    }
}
