//! Writes the statements that change rows, and those that tell why a row was not changed.
//!
//! All rows of a statement travel as one array for each column, so its text depends on the columns
//! alone. A row that cannot be written is left out by its statement, which does not fail: `insert`
//! looks at references and checks itself, and passes over rows whose keys are taken. The others
//! tell afterwards what was wrong.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use uuid::Uuid;

use super::Caller;
use crate::db::element;
use crate::engine::catalog::{Catalog, Check, Column, ColumnId, Kind, Table, TableId};
use crate::sql::{Array, Item, Statement, Value, quoted, relation};

/// The rows of one statement, column by column.
#[derive(Debug)]
pub struct NewRows {
    pub table: TableId,
    pub columns: Vec<NewColumn>,
}

/// The values of one column of new rows.
#[derive(Debug)]
pub struct NewColumn {
    pub column: ColumnId,
    pub items: Vec<Item>,
    /// Which rows give a value, where not all do; the others take the default.
    pub given: Option<Vec<bool>>,
    /// In which rows it refers to one that must be looked up. The others are null, or refer to a row
    /// that the same transaction has made. Empty where nothing is looked up.
    pub looks_up: Vec<bool>,
}

impl NewColumn {
    /// Whether some references are looked up and others are not.
    fn is_mixed(&self) -> bool {
        let mut rows = self.looks_up.iter().zip(&self.items);
        rows.any(|(looks_up, item)| !looks_up && item.is_some())
    }
}

/// How a column is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Takes the value.
    Set,
    /// Adds it to the number.
    Increment,
    /// Adds the elements to the end of the list.
    Append,
    /// Takes all such elements out of the list.
    Remove,
    /// Puts the members into the object.
    Merge,
    /// Takes the members of these names out of the object.
    RemoveKeys,
}

/// The change of one column.
#[derive(Clone, Debug)]
pub struct SetColumn {
    pub column: ColumnId,
    pub operation: Operation,
    /// One value for all rows, or one for each.
    pub items: Vec<Item>,
}

/// The rows that a statement changes.
#[derive(Clone, Debug)]
pub struct Targets {
    pub ids: Vec<Uuid>,
    /// The version that each row must have, as the time of its last change.
    pub versions: Option<Vec<i64>>,
    /// The row of which all must be children: the column that points at it.
    pub parent: Option<(ColumnId, Uuid)>,
}

/// Writes statements for one caller.
#[derive(Clone, Copy)]
pub struct Changes<'a> {
    pub catalog: &'a Catalog,
    pub caller: Caller,
}

impl Changes<'_> {
    /// Makes the rows that can be made, and returns their ids.
    pub fn insert(self, rows: &NewRows) -> Statement {
        self.insert_or(rows, "\non conflict do nothing")
    }

    /// As [`Self::insert`]; fails where a row has a key that is taken. It costs PostgreSQL less: an
    /// insert that may leave rows out looks for each in every unique index first.
    pub fn insert_untaken(self, rows: &NewRows) -> Statement {
        self.insert_or(rows, "")
    }

    fn insert_or(self, rows: &NewRows, on_conflict: &str) -> Statement {
        let table = self.catalog.table(rows.table);
        let mut text = Text::new(self);
        let source = text.rows(table, rows, &table.checks);
        let mut conditions = Vec::new();
        for (place, new) in rows.columns.iter().enumerate() {
            if let Some(to) = table.referenced(new.column)
                && !new.looks_up.is_empty()
            {
                let name = format!("n.{}", quoted(&table.column(new.column).name));
                let made = match new.is_mixed() {
                    true => format!(" or not n.l{place}"),
                    false => String::new(),
                };
                let exists = text.exists(to, &name);
                conditions.push(format!("({name} is null{made} or {exists})"));
            }
        }
        let checks = table.checks.iter();
        conditions.extend(checks.map(|check| format!("({}) is not false", check.condition)));
        let columns = insert_columns(table, rows);
        let mut sql = format!(
            "insert into {} as t ({columns})\nselect {columns}\nfrom ({source}) n",
            own(table)
        );
        if !conditions.is_empty() {
            let _ = write!(sql, "\nwhere {}", conditions.join("\n  and "));
        }
        let _ = write!(sql, "{on_conflict}\nreturning t.\"id\"");
        text.finish(sql)
    }

    /// The places of the new rows for which a check does not hold.
    pub fn broken(self, rows: &NewRows, check: &Check) -> Statement {
        let table = self.catalog.table(rows.table);
        let mut text = Text::new(self);
        let source = text.rows(table, rows, std::slice::from_ref(check));
        let sql = format!(
            "select n.place\nfrom ({source}) n\nwhere ({}) is false",
            check.condition
        );
        text.finish(sql)
    }

    /// The places of the ids of which the caller may read no row.
    pub fn missing(self, table: TableId, ids: &[Uuid]) -> Statement {
        let mut text = Text::new(self);
        let ids = text.push(Value::Uuids(ids.into()));
        let exists = text.exists(table, "k.id");
        text.finish(format!(
            "select k.place\nfrom unnest({ids}) with ordinality k(id, place)\nwhere not {exists}"
        ))
    }

    /// The rows that have these values in the columns of a key: the place of the value, the id, and
    /// the version, null where the table has none.
    pub fn find(self, table: TableId, key: &[ColumnId], values: &[Vec<Item>]) -> Statement {
        let of = self.catalog.table(table);
        let mut text = Text::new(self);
        let (arrays, names) = text.arrays(of, key, values);
        let (from, mut conditions) = text.readable(of, "v");
        for (place, &column) in key.iter().enumerate() {
            let column = of.column(column);
            let operator = match column.nullable {
                true => "is not distinct from",
                false => "=",
            };
            conditions.push(format!(
                "v.{} {operator} {}",
                quoted(&column.name),
                cast(self.catalog, column, &format!("k.a{place}"))
            ));
        }
        let version = match of.version() {
            Some(version) => format!("v.{}", quoted(&of.column(version).name)),
            None => "null::timestamptz".to_owned(),
        };
        text.finish(format!(
            "select k.place, v.\"id\", {version}\nfrom unnest({arrays}) with ordinality k({names}, place)\njoin {from} on {}",
            conditions.join(" and ")
        ))
    }

    /// Locks rows in the order of their ids.
    pub fn lock(self, table: TableId, ids: &[Uuid]) -> Statement {
        let of = self.catalog.table(table);
        let mut text = Text::new(self);
        let ids = text.push(Value::Uuids(ids.into()));
        let conditions = text.own_rows(of, &ids);
        text.finish(format!(
            "select t.\"id\"\nfrom {} t\nwhere {conditions}\norder by t.\"id\"\nfor update",
            own(of)
        ))
    }

    /// Changes rows, and returns their ids. References must exist, or no row is changed.
    pub fn update(self, table: TableId, targets: &Targets, set: &[SetColumn]) -> Statement {
        let of = self.catalog.table(table);
        let mut text = Text::new(self);
        let ids = text.push(Value::Uuids(targets.ids.as_slice().into()));
        // A value for each row stands beside the ids, one for all rows is a row of its own.
        let each = |set: &&SetColumn| set.items.len() == targets.ids.len() && targets.ids.len() > 1;
        let (mut of_row, mut row_names) = (vec![ids.clone()], vec!["id".to_owned()]);
        if let Some(versions) = &targets.versions {
            of_row.push(text.push(Value::Timestamps(versions.clone())));
            row_names.push("version".to_owned());
        }
        let (mut of_all, mut all_names) = (Vec::new(), Vec::new());
        let (mut sets, mut conditions) = (Vec::new(), Vec::new());
        let mut reads = false;
        for (place, one) in set.iter().enumerate() {
            let column = of.column(one.column);
            let array = text.push(array(column.kind, one.items.clone()));
            let value = match each(&one) {
                true => {
                    of_row.push(array);
                    row_names.push(format!("a{place}"));
                    format!("k.a{place}")
                }
                false => {
                    of_all.push(array);
                    all_names.push(format!("a{place}"));
                    format!("r.a{place}")
                }
            };
            if let Some(to) = of.referenced(one.column) {
                let exists = text.exists(to, &value);
                conditions.push(format!("({value} is null or {exists})"));
            }
            let value = match one.operation {
                Operation::RemoveKeys => format!("{value}::text[]"),
                _ => cast(self.catalog, column, &value),
            };
            let name = quoted(&column.name);
            let old = format!("v.{name}");
            reads |= one.operation != Operation::Set;
            sets.push(format!("{name} = {}", changed(one.operation, &old, &value)));
        }
        let mut from = format!("unnest({}) k({})", of_row.join(", "), row_names.join(", "));
        if !of_all.is_empty() {
            let _ = write!(
                from,
                ", unnest({}) r({})",
                of_all.join(", "),
                all_names.join(", ")
            );
        }
        let mut scope = text.scope(of, "t");
        scope.push("t.\"id\" = k.id".to_owned());
        if targets.versions.is_some()
            && let Some(version) = of.version()
        {
            let version = quoted(&of.column(version).name);
            scope.push(format!("t.{version} = k.version"));
        }
        // What the table itself does not show is read through its view.
        if reads || of.rule.is_some() || targets.parent.is_some() {
            let (view, mut seen) = text.readable(of, "v");
            let _ = write!(from, ", {view}");
            seen.push("v.\"id\" = k.id".to_owned());
            if let Some((column, parent)) = targets.parent {
                let parent = text.push(Value::Uuid(Some(parent)));
                seen.push(format!("v.{} = {parent}", quoted(&of.column(column).name)));
            }
            scope.extend(seen);
        }
        scope.extend(conditions);
        text.finish(format!(
            "update {} t\nset {}\nfrom {from}\nwhere {}\nreturning t.\"id\"",
            own(of),
            sets.join(", "),
            scope.join("\n  and ")
        ))
    }

    /// Deletes rows, and returns their ids.
    pub fn delete(self, table: TableId, ids: &[Uuid]) -> Statement {
        let of = self.catalog.table(table);
        let mut text = Text::new(self);
        let ids = text.push(Value::Uuids(ids.into()));
        let conditions = text.own_rows(of, &ids);
        text.finish(format!(
            "delete from {} t\nwhere {conditions}\nreturning t.\"id\"",
            own(of)
        ))
    }

    /// The rows of these ids that the caller may read: id, and version where the table has one.
    pub fn visible(self, table: TableId, ids: &[Uuid]) -> Statement {
        let key = &self.catalog.table(table).key[..1];
        let ids = ids.iter();
        let items = ids.map(|id| Some(Arc::from(&id.as_bytes()[..]))).collect();
        self.find(table, key, &[items])
    }
}

/// What the database says of the rows that the transaction has changed: table, operation, ids, and
/// their number.
pub fn changes() -> Statement {
    Statement::new(
        "select table_name, op::text, ids, rows from app.changes()".to_owned(),
        [].into(),
    )
}

/// The text of a statement and its values; `$1` is the workspace.
struct Text<'a> {
    changes: Changes<'a>,
    values: Vec<Value>,
    once: HashMap<&'static str, String>,
    aliases: usize,
}

impl<'a> Text<'a> {
    fn new(changes: Changes<'a>) -> Self {
        Self {
            values: vec![Value::Uuid(Some(changes.caller.workspace))],
            changes,
            once: HashMap::new(),
            aliases: 0,
        }
    }

    fn finish(self, sql: String) -> Statement {
        Statement::new(sql, self.values.into())
    }

    fn push(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// What always holds for rows of a table.
    fn scope(&mut self, table: &Table, alias: &str) -> Vec<String> {
        match table.has_workspace {
            true => vec![format!("{alias}.\"workspace_id\" = $1")],
            false => Vec::new(),
        }
    }

    /// A table as the caller reads it, with what always holds for its rows.
    fn readable(&mut self, table: &Table, alias: &str) -> (String, Vec<String>) {
        let mut conditions = self.scope(table, alias);
        if let Some(rule) = table.rule {
            conditions.push(rule.sql(alias, self));
        }
        (format!("{} {alias}", relation(&table.name)), conditions)
    }

    /// The condition that the caller may read the row of this id.
    fn exists(&mut self, table: TableId, id: &str) -> String {
        let of = self.changes.catalog.table(table);
        self.aliases += 1;
        let alias = format!("v{}", self.aliases);
        let (from, mut conditions) = self.readable(of, &alias);
        conditions.push(format!("{alias}.\"id\" = {id}"));
        format!(
            "exists (select from {from} where {})",
            conditions.join(" and ")
        )
    }

    /// The rows of a table by their ids, as far as the caller reads them.
    fn own_rows(&mut self, table: &Table, ids: &str) -> String {
        let mut conditions = self.scope(table, "t");
        conditions.push(format!("t.\"id\" = any({ids})"));
        if table.rule.is_some() {
            let (from, mut seen) = self.readable(table, "v");
            seen.push("v.\"id\" = t.\"id\"".to_owned());
            conditions.push(format!(
                "exists (select from {from} where {})",
                seen.join(" and ")
            ));
        }
        conditions.join("\n  and ")
    }

    /// Arrays of the values of columns, and the names of their elements.
    fn arrays(
        &mut self,
        table: &Table,
        columns: &[ColumnId],
        values: &[Vec<Item>],
    ) -> (String, String) {
        let arrays = columns.iter().zip(values);
        let arrays = arrays.map(|(&column, items)| {
            let kind = table.column(column).kind;
            self.push(array(kind, items.clone()))
        });
        let arrays: Vec<String> = arrays.collect();
        let names: Vec<String> = (0..columns.len())
            .map(|place| format!("a{place}"))
            .collect();
        (arrays.join(", "), names.join(", "))
    }

    /// A query of new rows under the names of the columns, with those that the checks speak of.
    fn rows(&mut self, table: &Table, rows: &NewRows, checks: &[Check]) -> String {
        let catalog = self.changes.catalog;
        let (mut arrays, mut names, mut list) = (Vec::new(), Vec::new(), Vec::new());
        if table.has_workspace {
            list.push("$1 as \"workspace_id\"".to_owned());
        }
        for (place, new) in rows.columns.iter().enumerate() {
            let column = table.column(new.column);
            arrays.push(self.push(array(column.kind, new.items.clone())));
            names.push(format!("a{place}"));
            let mut value = cast(catalog, column, &format!("r.a{place}"));
            if let Some(given) = &new.given {
                arrays.push(self.push(flags(given)));
                names.push(format!("g{place}"));
                let default = default(catalog, column);
                value = format!("case when r.g{place} then {value} else {default} end");
            }
            list.push(format!("{value} as {}", quoted(&column.name)));
            if new.is_mixed() {
                arrays.push(self.push(flags(&new.looks_up)));
                names.push(format!("l{place}"));
                list.push(format!("r.l{place}"));
            }
        }
        let named = |id: &ColumnId| rows.columns.iter().any(|new| new.column == *id);
        let mut others: Vec<ColumnId> = checks
            .iter()
            .flat_map(|check| &check.columns)
            .copied()
            .filter(|id| !named(id))
            .collect();
        others.sort_unstable();
        others.dedup();
        for other in others {
            let column = table.column(other);
            list.push(format!(
                "{} as {}",
                default(catalog, column),
                quoted(&column.name)
            ));
        }
        format!(
            "select {}, r.place\nfrom unnest({}) with ordinality r({}, place)",
            list.join(", "),
            arrays.join(", "),
            names.join(", ")
        )
    }
}

impl migration::Caller for Text<'_> {
    fn workspace(&mut self) -> String {
        "$1".to_owned()
    }

    fn user(&mut self) -> String {
        if let Some(known) = self.once.get("user") {
            return known.clone();
        }
        let user = self.push(Value::Uuid(Some(self.changes.caller.user)));
        self.once.insert("user", user.clone());
        user
    }

    fn sees_all(&mut self) -> String {
        if let Some(known) = self.once.get("sees_all") {
            return known.clone();
        }
        let sees_all = self.push(Value::Boolean(self.changes.caller.sees_all));
        self.once.insert("sees_all", sees_all.clone());
        sees_all
    }

    fn table(&mut self, name: &str) -> String {
        relation(name)
    }
}

/// The table itself, which is written.
fn own(table: &Table) -> String {
    format!("public.{}", quoted(&table.name))
}

fn insert_columns(table: &Table, rows: &NewRows) -> String {
    let columns = rows.columns.iter();
    let columns = columns.map(|new| quoted(&table.column(new.column).name));
    let workspace = table.has_workspace.then(|| "\"workspace_id\"".to_owned());
    let columns: Vec<String> = workspace.into_iter().chain(columns).collect();
    columns.join(", ")
}

fn flags(flags: &[bool]) -> Value {
    let items = flags.iter().map(|&flag| Some(Arc::from([u8::from(flag)])));
    Value::Array(Array {
        element: element::BOOLEAN,
        items: items.collect(),
    })
}

/// The values of a column as a parameter.
fn array(kind: Kind, items: Vec<Item>) -> Value {
    Value::Array(Array {
        element: element_of(kind),
        items: items.into(),
    })
}

/// Object id of the type by which values of a column are sent.
fn element_of(kind: Kind) -> u32 {
    match kind {
        Kind::Uuid => element::UUID,
        Kind::Int => element::INTEGER,
        Kind::BigInt => element::BIGINT,
        Kind::Boolean => element::BOOLEAN,
        Kind::Timestamp => element::TIMESTAMP,
        Kind::Date => element::DATE,
        _ => element::TEXT,
    }
}

/// A value of [`array`] as one of the column.
fn cast(catalog: &Catalog, column: &Column, value: &str) -> String {
    match type_name(catalog, column.kind) {
        Some(name) if element_of(column.kind) == element::TEXT => format!("{value}::{name}"),
        _ => value.to_owned(),
    }
}

fn type_name(catalog: &Catalog, kind: Kind) -> Option<String> {
    Some(match kind {
        Kind::Enum(index) => quoted(&catalog.enums[index].name),
        Kind::Decimal => "numeric".to_owned(),
        Kind::Json => "jsonb".to_owned(),
        Kind::Inet => "inet".to_owned(),
        Kind::Vector => "vector".to_owned(),
        Kind::TextArray => "text[]".to_owned(),
        Kind::Int => "integer".to_owned(),
        Kind::BigInt => "bigint".to_owned(),
        Kind::Boolean => "boolean".to_owned(),
        Kind::Uuid => "uuid".to_owned(),
        Kind::Timestamp => "timestamptz".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Float => "float8".to_owned(),
        Kind::Text => return None,
    })
}

/// What a column of a new row has that is given no value.
fn default(catalog: &Catalog, column: &Column) -> String {
    match (&column.write.default, type_name(catalog, column.kind)) {
        (Some(default), _) => format!("({default})"),
        (None, Some(name)) => format!("null::{name}"),
        (None, None) => "null::text".to_owned(),
    }
}

/// The new value of a column.
fn changed(operation: Operation, old: &str, value: &str) -> String {
    let object = format!("jsonb_typeof({old}) = 'object'");
    match operation {
        Operation::Set => value.to_owned(),
        Operation::Increment => format!("{old} + {value}"),
        Operation::Append => format!("{old} || {value}"),
        Operation::Remove => format!(
            "array(select e.one from unnest({old}) with ordinality e(one, place) where e.one <> all({value}) order by e.place)"
        ),
        Operation::Merge => {
            format!("case when {object} then {old} || {value} else {value} end")
        }
        Operation::RemoveKeys => format!("case when {object} then {old} - {value} else {old} end"),
    }
}
