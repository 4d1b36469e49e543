//! Who writes what of the catalog, and what a written value must be.

use std::collections::HashMap;

use migration::Writing;

use super::notes::WriteNotes;
use super::{Cardinality, Catalog, ColumnId, RelationId, Table, TableId, naming};
use crate::engine::names::names;
use crate::session::Role;

names! {
    /// What a mutation does with rows of a table. The name begins that of its root field.
    Command {
        Create = "create",
        CreateMany = "createMany",
        Update = "update",
        UpdateMany = "updateMany",
        Upsert = "upsert",
        Delete = "delete",
        DeleteMany = "deleteMany",
    }
}

impl Command {
    /// Whether it is about any number of rows.
    pub fn is_bulk(self) -> bool {
        matches!(self, Self::CreateMany | Self::UpdateMany | Self::DeleteMany)
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Create | Self::CreateMany => "create",
            Self::Update | Self::UpdateMany => "update",
            Self::Upsert => "upsert",
            Self::Delete | Self::DeleteMany => "delete",
        }
    }
}

/// The least role for each way of writing; none where nobody may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writers {
    pub create: Option<Role>,
    pub update: Option<Role>,
    pub delete: Option<Role>,
}

impl Writers {
    /// The least role for a command.
    pub fn of(self, command: Command) -> Option<Role> {
        match command {
            Command::Create | Command::CreateMany => self.create,
            Command::Update | Command::UpdateMany => self.update,
            Command::Upsert => Some(self.create?.max(self.update?)),
            Command::Delete | Command::DeleteMany => self.delete,
        }
    }
}

/// How a column is written.
#[derive(Clone, Debug, Default)]
pub struct ColumnWrite {
    /// The least role that gives the column of a new row a value.
    pub create: Option<Role>,
    /// The least role that changes it.
    pub update: Option<Role>,
    /// The expression of PostgreSQL for a row that is given no value.
    pub default: Option<String>,
    pub constraint: Constraint,
}

/// The pattern of texts in lower case. Letters beyond ASCII are left to the database.
pub const LOWER_CASE: &str = "^[^A-Z]*$";
/// The pattern of ids of Shopify, which are numbers without what its API puts before them.
pub const NUMBER_ALONE: &str = "^(?!gid:)";

/// What a value of a column must keep, beside its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraint {
    /// Characters of a text.
    pub max_length: Option<u32>,
    /// Digits of a number, and those of them after the point.
    pub precision: Option<(u32, u32)>,
    /// Numbers of a vector.
    pub dimensions: Option<u32>,
    pub min: Option<String>,
    pub max: Option<String>,
    /// A regular expression that the whole text matches.
    pub pattern: Option<&'static str>,
}

impl Constraint {
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A unique key.
#[derive(Debug)]
pub struct UniqueKey {
    /// The name of its constraint.
    pub constraint: String,
    pub columns: Vec<ColumnId>,
    /// Whether two nulls count as equal.
    pub nulls_equal: bool,
}

/// A check constraint of the database.
#[derive(Debug)]
pub struct Check {
    pub constraint: String,
    /// As PostgreSQL writes it, over the names of the columns.
    pub condition: String,
    pub columns: Vec<ColumnId>,
}

/// Children that are written together with their parent: they are deleted with it.
#[derive(Clone, Copy, Debug)]
pub struct Owned {
    pub relation: RelationId,
    pub table: TableId,
    /// The column of the child that points at the parent.
    pub column: ColumnId,
    pub one: bool,
}

impl Table {
    /// The column that tells of every change of a row.
    pub fn version(&self) -> Option<ColumnId> {
        self.column_by_name("updated_at")
    }

    /// The keys by which a row can be found: `id` and the unique ones.
    pub fn keys(&self) -> impl Iterator<Item = &[ColumnId]> {
        let unique = self.unique.iter().map(|key| &key.columns[..]);
        std::iter::once(&self.key[..1]).chain(unique)
    }

    /// Whether every caller may read all columns of a key.
    pub fn field_of_key(&self, key: &[ColumnId]) -> String {
        let names: Vec<String> = key
            .iter()
            .map(|&column| naming::pascal(&self.column(column).name))
            .collect();
        naming::uncapitalised(&names.join("And"))
    }

    /// The table that a column points at.
    pub fn referenced(&self, column: ColumnId) -> Option<TableId> {
        let mut relations = self.relations.iter();
        let found = relations.find(|relation| {
            relation.cardinality == Cardinality::One
                && relation.from_column == column
                && self.key.first() != Some(&column)
        });
        found.map(|relation| relation.to)
    }
}

impl Catalog {
    /// What the mutation of this name does.
    pub fn mutation(&self, field: &str) -> Option<(TableId, Command)> {
        self.mutations.get(field).copied()
    }

    /// The name of the mutation.
    pub fn mutation_name(table: &Table, command: Command) -> String {
        let rows = match command.is_bulk() {
            true => naming::capitalised(&table.plural),
            false => table.type_name.clone(),
        };
        format!("{}{rows}", command.verb())
    }

    pub(super) fn name_mutations(&mut self) -> Result<(), String> {
        let mut mutations = HashMap::new();
        for id in self.ids() {
            let table = &self.tables[id.0];
            for &command in <Command as crate::engine::names::Named>::ALL {
                if table.writers.of(command).is_some() {
                    let name = Self::mutation_name(table, command);
                    if mutations.insert(name.clone(), (id, command)).is_some() {
                        return Err(format!("two mutations are named {name}"));
                    }
                }
            }
        }
        self.mutations = mutations;
        Ok(())
    }
}

/// Applies the rules of writing and the facts about values to a table.
///
/// # Errors
/// Names what fits no column.
pub(super) fn apply(
    tables: &mut [Table],
    notes: &[(String, WriteNotes)],
    rules: &[Writing],
) -> Result<(), String> {
    for rule in rules {
        let Some(table) = tables.iter_mut().find(|table| table.name == rule.table) else {
            continue;
        };
        let notes = notes.iter().find(|(name, _)| *name == table.name);
        let Some((_, notes)) = notes else { continue };
        table.writers = Writers {
            create: rule.create,
            update: rule.update,
            delete: rule.delete,
        };
        for column in &rule.columns {
            // Secrets are no columns of the catalog: nothing of the API speaks of them.
            let Some(id) = table.column_by_name(column.name) else {
                continue;
            };
            let write = &mut table.columns[id.0].write;
            write.create = column.create;
            write.update = column.update;
        }
        table.limit(notes)?;
    }
    own(tables, notes);
    Ok(())
}

impl Table {
    fn limit(&mut self, notes: &WriteNotes) -> Result<(), String> {
        let name = self.name.clone();
        let find = |table: &Self, column: &str| {
            let found = table.column_by_name(column);
            found.ok_or_else(|| format!("no column {name}.{column}"))
        };
        for (constraint, columns, nulls_equal) in &notes.unique {
            let columns = columns.iter().filter(|column| *column != "workspace_id");
            let columns = columns.map(|column| find(self, column));
            let key = UniqueKey {
                constraint: constraint.clone(),
                columns: columns.collect::<Result<_, _>>()?,
                nulls_equal: *nulls_equal,
            };
            self.unique.push(key);
        }
        for column in &mut self.columns {
            let Some(note) = notes.columns.get(&column.name) else {
                continue;
            };
            column.write.default.clone_from(&note.default);
            column.write.constraint = of_type(&note.sql_type);
        }
        for (constraint, condition) in &notes.checks {
            let columns = self.columns.iter().enumerate();
            let named = columns.filter(|(_, column)| names_column(condition, &column.name));
            let columns: Vec<ColumnId> = named.map(|(index, _)| ColumnId(index)).collect();
            if let [only] = columns[..] {
                let constraint = &mut self.columns[only.0].write.constraint;
                of_condition(constraint, condition);
            }
            // A list of texts keeps its check by how it is read.
            if !condition.trim_start().starts_with("CASE") {
                self.checks.push(Check {
                    constraint: constraint.clone(),
                    condition: condition.clone(),
                    columns,
                });
            }
        }
        Ok(())
    }
}

/// Whether a condition speaks of a column.
fn names_column(condition: &str, column: &str) -> bool {
    let is_part = |one: char| one.is_ascii_alphanumeric() || one == '_';
    condition
        .split(|one: char| !is_part(one))
        .any(|word| word == column)
}

/// What the type says: `varchar(255)`, `numeric(12,2)`, `vector(768)`.
fn of_type(sql_type: &str) -> Constraint {
    let mut constraint = Constraint::default();
    let Some((name, numbers)) = sql_type.split_once('(') else {
        return constraint;
    };
    let numbers = numbers.trim_end_matches(')').split(',');
    let numbers: Vec<u32> = numbers.filter_map(|one| one.trim().parse().ok()).collect();
    match (name, &numbers[..]) {
        ("character varying" | "varchar", [length]) => constraint.max_length = Some(*length),
        ("numeric", [precision, scale]) => constraint.precision = Some((*precision, *scale)),
        ("vector", [dimensions]) => constraint.dimensions = Some(*dimensions),
        _ => {}
    }
    constraint
}

/// What a condition on one column says in the words that forms know.
fn of_condition(constraint: &mut Constraint, condition: &str) {
    if condition.contains(" = lower(") {
        constraint.pattern = Some(LOWER_CASE);
    } else if condition.contains("!~~ 'gid:%'") {
        constraint.pattern = Some(NUMBER_ALONE);
    }
    for (sign, min) in [(">= ", true), ("<= ", false)] {
        let numbers = condition.split(sign).skip(1);
        for number in numbers {
            let number = number.trim_start_matches(['(', '\'']);
            let end = number.find(|one: char| !one.is_ascii_digit() && one != '-');
            let number = &number[..end.unwrap_or(number.len())];
            if number.parse::<i64>().is_ok() && !condition.contains("pg_column_size") {
                let bound = match min {
                    true => &mut constraint.min,
                    false => &mut constraint.max,
                };
                *bound = Some(number.to_owned());
            }
        }
    }
}

/// Children with a pointer that cannot be null and deletes them with their parent are its own.
fn own(tables: &mut [Table], notes: &[(String, WriteNotes)]) {
    let cascades = |table: &Table, column: ColumnId| {
        let column = table.column(column);
        let notes = notes.iter().find(|(name, _)| *name == table.name);
        !column.nullable
            && table.writers.create.is_some()
            && notes.is_some_and(|(_, notes)| notes.cascades.contains(&column.name))
    };
    for index in 0..tables.len() {
        let table = &tables[index];
        if table.writers.create.is_none() {
            continue;
        }
        let relations = table.relations.iter().enumerate();
        let owned = relations.filter_map(|(place, relation)| {
            let child = &tables[relation.to.0];
            let reverse = table.key.first() == Some(&relation.from_column);
            let own = reverse && relation.to.0 != index && cascades(child, relation.to_column);
            own.then_some(Owned {
                relation: RelationId(place),
                table: relation.to,
                column: relation.to_column,
                one: relation.cardinality == Cardinality::One,
            })
        });
        let owned: Vec<Owned> = owned.collect();
        tables[index].owned = owned;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_conditions_become_constraints() {
        assert_eq!(of_type("character varying(255)").max_length, Some(255));
        assert_eq!(of_type("numeric(12,2)").precision, Some((12, 2)));
        assert_eq!(of_type("vector(768)").dimensions, Some(768));
        assert!(of_type("text").is_none());
        let bounds = |condition: &str| {
            let mut constraint = Constraint::default();
            of_condition(&mut constraint, condition);
            (constraint.min, constraint.max)
        };
        let both = |min: &str, max: &str| (Some(min.to_owned()), Some(max.to_owned()));
        assert_eq!(
            bounds("((score >= (0)::numeric) AND (score <= (100)::numeric))"),
            both("0", "100")
        );
        assert_eq!(
            bounds("((s >= ('-1'::integer)::numeric) AND (s <= (1)::numeric))"),
            both("-1", "1")
        );
        assert_eq!(bounds("((month >= 1) AND (month <= 12))"), both("1", "12"));
        assert_eq!(bounds("(effective_to >= effective_from)"), (None, None));
    }
}
