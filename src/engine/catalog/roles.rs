//! Who may read what of the catalog: applies the rules of access, and tells what a role may read.

use std::collections::BTreeSet;

use migration::{Access, Reads};

use super::{Catalog, Column, ColumnId, Command, Graph, Lookup, OwnList, Owned, Relation, Table};
use crate::error::{Code, Error};
use crate::session::Role;

/// What a role may read of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct RoleCatalog<'a> {
    pub catalog: &'a Catalog,
    pub role: Role,
}

impl<'a> RoleCatalog<'a> {
    pub fn tables(self) -> impl Iterator<Item = &'a Table> {
        let tables = self.catalog.tables.iter();
        tables.filter(move |table| table.least <= self.role)
    }

    /// The graph whose entities are the rows of this table.
    pub fn graph(self, table: &Table) -> Option<&'a Graph> {
        let graph = self.catalog.graph(self.catalog.by_name(&table.name)?)?;
        let relationships = self.catalog.table(graph.relationships);
        (relationships.least_for(&graph.columns()) <= self.role).then_some(graph)
    }

    /// The viewer's lists of the caller's own rows.
    pub fn own_lists(self) -> impl Iterator<Item = &'a OwnList> {
        let lists = self.catalog.viewer.own.iter();
        lists.filter(move |list| {
            let table = self.catalog.table(list.table);
            table.least_for(&[list.user, list.latest]) <= self.role
        })
    }

    /// The columns that are fields, filters and orders of the table's type.
    pub fn fields(self, table: &'a Table) -> impl Iterator<Item = (ColumnId, &'a Column)> {
        let fields = table.fields();
        fields.filter(move |(_, column)| column.least <= self.role)
    }

    pub fn relations(self, table: &'a Table) -> impl Iterator<Item = &'a Relation> {
        let relations = table.relations.iter();
        relations
            .filter(move |relation| self.catalog.least_for_relation(table, relation) <= self.role)
    }

    /// The relations by foreign keys.
    pub fn joins(self, table: &'a Table) -> impl Iterator<Item = &'a Relation> {
        let relations = self.relations(table);
        relations.filter(|relation| relation.log.is_none())
    }

    /// Whether the role may write a table so.
    pub fn may(self, table: &Table, command: Command) -> bool {
        let least = table.writers.of(command);
        table.least <= self.role && least.is_some_and(|least| least <= self.role)
    }

    /// The columns of a new row that the role may give a value.
    pub fn creatable(self, table: &'a Table) -> impl Iterator<Item = (ColumnId, &'a Column)> {
        self.written(table, |column| column.write.create)
    }

    /// The columns that the role may change.
    pub fn updatable(self, table: &'a Table) -> impl Iterator<Item = (ColumnId, &'a Column)> {
        self.written(table, |column| column.write.update)
    }

    fn written(
        self,
        table: &'a Table,
        least: fn(&Column) -> Option<Role>,
    ) -> impl Iterator<Item = (ColumnId, &'a Column)> {
        let columns = table.columns.iter().enumerate();
        columns
            .filter(move |(_, column)| least(column).is_some_and(|least| least <= self.role))
            .map(|(index, column)| (ColumnId(index), column))
    }

    /// The children that the role may write together with a row.
    pub fn owned(self, table: &'a Table) -> impl Iterator<Item = &'a Owned> {
        let owned = table.owned.iter();
        owned.filter(move |owned| self.may(self.catalog.table(owned.table), Command::Create))
    }

    pub fn lookups(self, table: &'a Table) -> impl Iterator<Item = &'a Lookup> {
        let lookups = table.lookups.iter();
        lookups.filter(move |lookup| table.least_for(&lookup.columns) <= self.role)
    }

    /// The columns of all tables.
    pub fn columns(self) -> impl Iterator<Item = &'a Column> {
        self.tables()
            .flat_map(move |table| self.fields(table).map(|(_, column)| column))
    }
}

impl Table {
    /// The least role that reads all of these columns.
    fn least_for(&self, columns: &[ColumnId]) -> Role {
        let columns = columns.iter().map(|&column| self.column(column).least);
        columns.fold(self.least, Role::max)
    }
}

impl Catalog {
    /// The least role that may follow a relation: its rows and both columns that it joins by tell
    /// of each other.
    fn least_for_relation(&self, from: &Table, relation: &Relation) -> Role {
        let to = self.table(relation.to);
        from.least_for(&[relation.from_column])
            .max(to.least_for(&[relation.to_column]))
    }

    /// The roles that may read more than the role below them: the one that may read everything, and
    /// the others in rising order.
    pub fn steps(&self) -> (Role, BTreeSet<Role>) {
        let first = Role::ALL[0];
        let tables = self.tables.iter();
        let mut steps: BTreeSet<Role> = tables
            .flat_map(|table| {
                let columns = table.columns.iter().flat_map(|column| {
                    let writes = [column.write.create, column.write.update];
                    writes.into_iter().flatten().chain([column.least])
                });
                let writers = table.writers;
                let writers = [writers.create, writers.update, writers.delete];
                columns
                    .chain([table.least])
                    .chain(writers.into_iter().flatten())
            })
            .chain([first])
            .collect();
        (steps.pop_last().unwrap_or(first), steps)
    }

    /// # Errors
    /// Names what every role must be able to read and cannot: the tables of `viewer`, and keys, by
    /// which rows are ordered.
    pub(super) fn check_roles(&self) -> Result<(), String> {
        for table in [self.viewer.users, self.viewer.workspaces] {
            if self.table(table).least > Role::ALL[0] {
                return Err(format!(
                    "{} is restricted and a field of `viewer`",
                    self.table(table).name
                ));
            }
        }
        for table in &self.tables {
            if table.least_for(&table.key) > table.least {
                return Err(format!("the key of {} is restricted", table.name));
            }
            if table.rule.is_none() && !table.has_workspace {
                return Err(format!(
                    "{} has no workspace_id and no rule who may see its rows",
                    table.name
                ));
            }
        }
        Ok(())
    }
}

/// The error about something that only higher roles may read.
pub fn forbidden(what: &str, least: Role, role: Role) -> Error {
    let message = format!(
        "`{what}` requires the role {least} or a higher one; your role in this workspace is {role}. Leave it out, or ask an admin for a higher role."
    );
    Error::new(Code::Forbidden, message)
        .with("field", what)
        .with("role", least.name())
}

/// Applies the rules to the tables, before relations learn from them what can be null.
///
/// # Errors
/// Names the rule that is about nothing or against another.
pub(super) fn apply(tables: &mut [Table], rules: &[Access]) -> Result<(), String> {
    for rule in rules {
        let table = tables.iter_mut().find(|table| table.name == rule.table);
        let table =
            table.ok_or_else(|| format!("a rule of access names the table {}", rule.table))?;
        table.apply(rule)?;
    }
    // These are narrower than the rules that the database keeps.
    for rule in rules {
        if let Reads::Lists(listed) = rule.reads
            && let Some(table) = tables.iter_mut().find(|table| table.name == rule.table)
        {
            table.rule = Some(listed);
        }
    }
    Ok(())
}

impl Table {
    fn apply(&mut self, rule: &Access) -> Result<(), String> {
        if rule.columns.is_empty() {
            match rule.reads {
                Reads::From(role) => self.least = role,
                Reads::Lists(_) => {}
                Reads::Where(of_rows) => {
                    if self.rule.replace(of_rows).is_some() {
                        return Err(format!(
                            "two rules say which rows of {} are read",
                            self.name
                        ));
                    }
                    self.hides_rows = true;
                }
            }
        }
        for name in rule.columns {
            let column = self
                .column_by_name(name)
                .ok_or_else(|| format!("a rule of access names {}.{name}", self.name))?;
            let column = &mut self.columns[column.0];
            match rule.reads {
                Reads::From(role) => column.least = role,
                Reads::Lists(_) => {
                    return Err(format!("{}.{name} has a rule about lists", self.name));
                }
                Reads::Where(guard) => {
                    column.guard = Some(guard);
                    column.nullable = true;
                }
            }
        }
        Ok(())
    }
}
