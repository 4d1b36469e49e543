//! The seed: rows in every table for two workspaces, made from the facts about the tables, with
//! everything recognisable: texts of workspace B hold `bravo`, its ids begin with `bbbbbbbb`.

use std::fmt::Write;

use entity::facts::{ColumnFacts, ENUMS, TABLES, TableFacts, TableKind};
use uuid::Uuid;

/// Rows of each table in each workspace.
pub const ROWS: usize = 4;

/// Computes the views, as at a time that is the same in every run.
pub const REFRESH: &str = "select app.refresh_views();\n\
     update mv.refreshes set refreshed_at = '2026-01-05T10:00:00.000005Z';\n";

/// One of the two companies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    A,
    B,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// The word that all texts of this side hold.
    pub fn mark(self) -> &'static str {
        match self {
            Self::A => "alpha",
            Self::B => "bravo",
        }
    }

    pub fn workspace(self) -> Uuid {
        self.id("workspaces", 0)
    }

    /// The owner of the workspace.
    pub fn user(self) -> Uuid {
        self.id("users", 0)
    }

    /// The id of the row of this number in a table.
    pub fn id(self, table: &str, row: usize) -> Uuid {
        let table = TABLES
            .iter()
            .position(|one| one.name == table)
            .expect("a table of the model");
        let side: u128 = match self {
            Self::A => 0xaaaa_aaaa,
            Self::B => 0xbbbb_bbbb,
        };
        Uuid::from_u128(side << 96 | (table as u128) << 32 | row as u128)
    }
}

/// A script that fills every table.
pub fn everything() -> String {
    fill(|_| true)
}

/// A script that fills the tables of accounts and workspaces alone.
pub fn accounts() -> String {
    fill(|table| ["users", "workspaces", "workspace_members"].contains(&table))
}

fn fill(wanted: fn(&str) -> bool) -> String {
    // Rows stand in the order of tables, not of references, and the audit log stays as it is seeded.
    let mut script = String::from("set session_replication_role = replica;\n");
    for table in TABLES
        .iter()
        .filter(|table| table.kind == TableKind::Table && wanted(table.name))
    {
        for side in Side::BOTH {
            // There is one workspace a side; the other tables of the account have as many rows.
            let rows = if table.name == "workspaces" { 1 } else { ROWS };
            for row in 0..rows {
                insert(&mut script, table, side, row);
            }
        }
    }
    script.push_str("set session_replication_role = origin;\n");
    script + REFRESH
}

/// The same, with the second lock taken off: the views of schema `read` show every row and value
/// to everybody, and no table has row level security.
pub fn everything_open() -> String {
    everything() + &opened()
}

/// A script that takes the second lock off.
pub fn opened() -> String {
    let mut script = String::new();
    for table in TABLES {
        let name = table.name;
        let guarded = |column: &str| {
            let mut rules = migration::ACCESS.iter();
            rules.any(|rule| rule.table == name && rule.columns.contains(&column))
        };
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| match guarded(column.name) {
                // The type of the column stays that of the guarded one, without its length.
                true => format!("case when true then \"{0}\" end as \"{0}\"", column.name),
                false => format!("\"{}\"", column.name),
            })
            .collect();
        let from = match table.kind {
            TableKind::Table => format!("public.{name}"),
            TableKind::View => format!(
                "(select v.*, (select refreshed_at from mv.refreshes where view = '{name}') from mv.{name} v)"
            ),
        };
        let searched = migration::SEARCHED.iter().any(|one| one.table == name);
        let search = migration::SEARCH_COLUMNS
            .iter()
            .map(|one| (*one).to_owned());
        let columns: Vec<String> = columns
            .into_iter()
            .chain(search.filter(|_| searched))
            .collect();
        let _ = writeln!(
            script,
            "create or replace view read.{name} as select {} from {from};",
            columns.join(", ")
        );
        if table.kind == TableKind::Table {
            let _ = writeln!(script, "alter table {name} disable row level security;");
        }
    }
    script
}

fn insert(script: &mut String, table: &TableFacts, side: Side, row: usize) {
    let (names, values): (Vec<&str>, Vec<String>) = table
        .columns
        .iter()
        .filter(|column| column.name != "sequence_no" && !column.generated)
        .map(|column| (column.name, value(table, column, side, row)))
        .unzip();
    let names = names.join("\", \"");
    let _ = writeln!(
        script,
        "insert into {} (\"{names}\") values ({});",
        table.name,
        values.join(", ")
    );
}

fn value(table: &TableFacts, column: &ColumnFacts, side: Side, row: usize) -> String {
    if column.name == "id" {
        return format!("'{}'", side.id(table.name, row));
    }
    if column.name == "workspace_id" {
        return format!("'{}'", side.workspace());
    }
    if let Some(target) = pointed_at(table, column) {
        let row = if target == "workspaces" {
            0
        } else {
            pointed_row(table, column, row)
        };
        return format!("'{}'", side.id(target, row));
    }
    if let Some((target, copied)) = copied_from(table, column) {
        let row = pointed_row(table, pointer_beside(table, column), row);
        return value(target, copied, side, row);
    }
    let mark = side.mark();
    let number = row + 1;
    let sql_type = column.sql_type;
    if column.name == "role" && table.name == "workspace_members" {
        return if row == 0 {
            "'owner'".to_owned()
        } else {
            "'member'".to_owned()
        };
    }
    if let Some(one) = ENUMS.iter().find(|one| one.name == sql_type) {
        // A customer who is a VIP must be marked as one, which the plain value of a flag is not.
        let value = if sql_type == "customer_status" {
            "active"
        } else {
            one.values[row % one.values.len()]
        };
        return format!("'{value}'");
    }
    match sql_type {
        "uuid" => format!("'{}'", side.id(table.name, row)),
        "boolean" => {
            if column.name == "is_active" {
                "true".into()
            } else {
                row.is_multiple_of(2).to_string()
            }
        }
        "integer" | "bigint" => number.to_string(),
        "date" => format!("'2026-01-{:02}'", number),
        "timestamp with time zone" => format!("'2026-01-{:02}T10:00:00.{:06}Z'", number, number),
        "jsonb" => format!("'{{\"mark\": \"{mark}\", \"number\": {number}}}'"),
        "inet" => format!("'192.0.2.{number}'"),
        "text[]" => format!("'{{{mark},\"with \\\"quotes\\\"\"}}'"),
        _ if sql_type.starts_with("vector") => {
            "array_fill(0.5::real, array[768])::vector".to_owned()
        }
        _ if sql_type.starts_with("numeric") => {
            // Scores and shares lie between 0 and 1 at their narrowest.
            if sql_type.contains("(3,") || sql_type.contains("(5,4)") {
                format!("0.{number}")
            } else {
                format!("{number}.50")
            }
        }
        "character varying(3)" => "'EUR'".to_owned(),
        _ if column.name == "email" => format!("'{mark}{number}@example.com'"),
        _ => {
            let text = format!("{mark} {} {number}", column.name.replace('_', " "));
            let longest = sql_type
                .strip_prefix("character varying(")
                .and_then(|rest| rest.strip_suffix(')'))
                .and_then(|length| length.parse::<usize>().ok())
                .unwrap_or(usize::MAX);
            let text = if text.len() > longest {
                format!("{mark} {number}")
            } else {
                text
            };
            format!("'{text}'")
        }
    }
}

/// The table that a column points at.
fn pointed_at(table: &TableFacts, column: &ColumnFacts) -> Option<&'static str> {
    table.foreign_keys.iter().find_map(|key| {
        let place = key.columns.iter().position(|name| *name == column.name)?;
        (key.to_columns[place] == "id").then_some(key.table)
    })
}

/// The column of another table that a foreign key repeats beside the id: the partition's.
fn copied_from(
    table: &TableFacts,
    column: &ColumnFacts,
) -> Option<(&'static TableFacts, &'static ColumnFacts)> {
    table.foreign_keys.iter().find_map(|key| {
        let place = key.columns.iter().position(|name| *name == column.name)?;
        let copied = key.to_columns[place];
        if copied == "id" || copied == "workspace_id" {
            return None;
        }
        let target = TABLES.iter().find(|one| one.name == key.table)?;
        Some((
            target,
            target.columns.iter().find(|one| one.name == copied)?,
        ))
    })
}

/// The pointer to `id` of the foreign key that the column is a part of.
fn pointer_beside<'a>(table: &'a TableFacts, column: &ColumnFacts) -> &'a ColumnFacts {
    let key = table
        .foreign_keys
        .iter()
        .find(|key| key.columns.contains(&column.name))
        .expect("a key");
    let place = key
        .to_columns
        .iter()
        .position(|name| *name == "id")
        .expect("a pointer to an id");
    table
        .columns
        .iter()
        .find(|one| one.name == key.columns[place])
        .expect("a column of the key")
}

/// Parents 0 and 1 have two children each; a pointer that is unique, and every second pointer of
/// a table, goes to the row of the same number, so that no unique key is met twice.
fn pointed_row(table: &TableFacts, column: &ColumnFacts, row: usize) -> usize {
    let pointers: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| column.name != "workspace_id" && pointed_at(table, column).is_some())
        .map(|column| column.name)
        .collect();
    let alone = table.unique.iter().any(|key| {
        key.columns.contains(&column.name)
            && key
                .columns
                .iter()
                .all(|name| [column.name, "workspace_id"].contains(name))
    });
    // Otherwise every relationship of the graph would lead to where it begins.
    let first = pointers.first() == Some(&column.name) || column.name == "source_entity_id";
    if first && !alone && table.name != "workspace_members" {
        row / 2
    } else {
        row
    }
}
