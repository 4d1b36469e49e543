//! The second check of what a role may read: no statement reads more, whatever the check of names
//! before it let through.

use crate::engine::catalog::{Aggregate, Catalog, ColumnId, RelationId, Table, TableId, forbidden};
use crate::engine::plan::Planned;
use crate::engine::select::{Expr, Keys, Output, Predicate, Select};
use crate::session::Role;

/// # Errors
/// `FORBIDDEN` for a table or column that the role may not read.
pub fn check(catalog: &Catalog, role: Role, select: &Select) -> Planned<()> {
    let reader = Reader { catalog, role };
    let table = reader.table(select.table())?;
    reader.keys(table, &select.keys)?;
    match &select.output {
        Output::Columns(values) => values.iter().try_for_each(|one| reader.value(table, one))?,
        Output::Aggregates(values) => reader.aggregates(table, values)?,
        Output::CountUpTo(_) => {}
        Output::Walk(walk) => {
            let relationships = reader.table(walk.graph.relationships)?;
            let mut columns = walk.graph.columns().into_iter();
            columns.try_for_each(|column| reader.column(relationships, column))?;
        }
        Output::Groups { groups, having, .. } => {
            let mut keys = groups.keys.iter();
            keys.try_for_each(|key| reader.value(table, &key.of))?;
            reader.aggregates(table, &groups.values)?;
            having
                .iter()
                .try_for_each(|one| reader.filter(table, one))?;
        }
    }
    let mut filter = select.filter.iter();
    filter.try_for_each(|one| reader.filter(table, one))?;
    let mut order = select.page.order.iter();
    order.try_for_each(|term| reader.value(table, &term.by))
}

struct Reader<'a> {
    catalog: &'a Catalog,
    role: Role,
}

impl<'a> Reader<'a> {
    fn table(&self, id: TableId) -> Planned<&'a Table> {
        let table = self.catalog.table(id);
        match table.least <= self.role {
            true => Ok(table),
            false => Err(forbidden(&table.type_name, table.least, self.role)),
        }
    }

    fn column(&self, table: &Table, id: ColumnId) -> Planned<()> {
        let column = table.column(id);
        if column.least <= self.role {
            return Ok(());
        }
        let name = format!("{}.{}", table.type_name, column.field);
        Err(forbidden(&name, column.least, self.role))
    }

    fn keys(&self, table: &Table, keys: &Keys) -> Planned<()> {
        match keys {
            Keys::None => Ok(()),
            Keys::Among(column) | Keys::PageOf(column) => self.column(table, *column),
            Keys::InGroups(keys, of) => {
                self.keys(table, of)?;
                keys.iter().try_for_each(|key| self.value(table, &key.of))
            }
        }
    }

    /// The table that a relation leads to.
    fn related(&self, table: &Table, id: RelationId) -> Planned<&'a Table> {
        let relation = table.relation(id);
        let to = self.table(relation.to)?;
        self.column(table, relation.from_column)?;
        self.column(to, relation.to_column)?;
        Ok(to)
    }

    fn value(&self, table: &Table, value: &Expr) -> Planned<()> {
        match value {
            Expr::Column(column) | Expr::Part(column, _) | Expr::Snippet(column) => {
                self.column(table, *column)
            }
            Expr::Related(relation, value) => self.value(self.related(table, *relation)?, value),
            Expr::Aggregate(relation, aggregate) => {
                self.aggregates(self.related(table, *relation)?, &[*aggregate])
            }
            Expr::Total(aggregate) => self.aggregates(table, &[*aggregate]),
            // The keys of groups are looked at where the groups are, and every role may read what is
            // searched.
            Expr::Key(..) | Expr::Score(_) | Expr::Distance | Expr::Rank(_) => Ok(()),
        }
    }

    fn aggregates(&self, table: &Table, aggregates: &[Aggregate]) -> Planned<()> {
        aggregates.iter().try_for_each(|aggregate| match aggregate {
            Aggregate::Count => Ok(()),
            Aggregate::Of(_, column) => self.column(table, *column),
        })
    }

    fn filter(&self, table: &Table, filter: &Predicate) -> Planned<()> {
        match filter {
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().try_for_each(|part| self.filter(table, part))
            }
            Predicate::Not(inner) => self.filter(table, inner),
            Predicate::Is(column, _) | Predicate::AtPath { column, .. } => {
                self.column(table, *column)
            }
            Predicate::Compare { left, .. } => self.value(table, left),
            Predicate::Related {
                relation, filter, ..
            } => self.filter(self.related(table, *relation)?, filter),
            // A position is one in the order of the page.
            Predicate::Search(_) | Predicate::After { .. } => Ok(()),
        }
    }
}
