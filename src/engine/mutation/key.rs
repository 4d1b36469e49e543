//! Reads the keys by which an input names rows, and versions.

use async_graphql_value::ConstValue;

use super::cell;
use super::change::{Cell, Lookup, Otherwise, Target};
use super::input_schema::conflict_value;
use super::problem::Problem;
use super::read::Reader;
use crate::engine::catalog::{ColumnId, TableId};
use crate::engine::plan::only_member;
use crate::sql::Item;

impl Reader<'_> {
    /// Reads a key; none where it is wrong, which is noted.
    pub fn target(
        &mut self,
        table: TableId,
        input: &ConstValue,
        otherwise: Otherwise,
    ) -> Option<Target> {
        let of = self.catalog.table(table);
        let Some((field, value)) = only_member(input) else {
            self.wrong("A key has exactly one field.");
            return None;
        };
        let key = of.keys().find(|key| of.field_of_key(key) == field);
        let Some(key) = key.map(<[ColumnId]>::to_vec) else {
            self.wrong(format!("There is no key `{field}`."));
            return None;
        };
        self.path.push(field.to_owned());
        let items = match &key[..] {
            [one] => self
                .key_item(table, *one, Some(value))
                .map(|item| vec![item]),
            several => {
                let members = match value {
                    ConstValue::Object(members) => Some(members),
                    _ => None,
                };
                let items = several.iter().map(|&column| {
                    let name = of.column(column).field.as_str();
                    self.key_item(table, column, members.and_then(|of| of.get(name)))
                });
                items.collect()
            }
        };
        self.path.pop();
        let items = items?;
        if key[..] == of.key[..1]
            && let Some(Some(bytes)) = items.first()
            && let Ok(id) = uuid::Uuid::from_slice(bytes)
        {
            return Some(Target::Id(id));
        }
        Some(Target::Found(self.lookup(table, key, items, otherwise)))
    }

    fn key_item(
        &mut self,
        table: TableId,
        column: ColumnId,
        value: Option<&ConstValue>,
    ) -> Option<Item> {
        let of = self.catalog.table(table).column(column);
        let value = value.unwrap_or(&ConstValue::Null);
        let read = cell::read(self.catalog, of, value, &self.path);
        self.noted(read)
    }

    /// Keeps a lookup, once for each key.
    pub fn lookup(
        &mut self,
        table: TableId,
        key: Vec<ColumnId>,
        items: Vec<Item>,
        otherwise: Otherwise,
    ) -> usize {
        let same = |one: &Lookup| {
            one.table == table
                && one.key == key
                && one.items == items
                && (one.otherwise == Otherwise::NotFound) == (otherwise == Otherwise::NotFound)
        };
        if let Some(known) = self.lookups.iter().position(same) {
            return known;
        }
        self.lookups.push(Lookup {
            table,
            key,
            items,
            path: self.path.clone(),
            otherwise,
        });
        self.lookups.len() - 1
    }

    /// The key of this name, and its values in a new row.
    pub fn conflict(
        &mut self,
        table: TableId,
        name: &ConstValue,
        row: &[(ColumnId, Cell)],
    ) -> Option<(Vec<ColumnId>, Vec<Item>)> {
        let of = self.catalog.table(table);
        let name = match name {
            ConstValue::Enum(name) => name.as_str(),
            ConstValue::String(name) => name,
            _ => "",
        };
        let key = of.keys().find(|key| conflict_value(of, key) == name);
        let Some(key) = key.map(<[ColumnId]>::to_vec) else {
            self.wrong(format!("There is no key {name}."));
            return None;
        };
        let mut items = Vec::with_capacity(key.len());
        for &column in &key {
            let given = row.iter().find(|(id, _)| *id == column);
            match given.map(|(_, cell)| cell) {
                Some(Cell::Item(Some(item))) => items.push(Some(item.clone())),
                Some(Cell::Connected(id)) => items.push(Some(cell::uuid(*id))),
                _ => {
                    let field = &of.column(column).field;
                    self.wrong(format!(
                        "`{field}` must be given and not be null, because `by` names its key."
                    ));
                    return None;
                }
            }
        }
        Some((key, items))
    }

    /// Reads the version that a row must have.
    pub fn version(&mut self, input: Option<&ConstValue>) -> Option<i64> {
        let text = match input? {
            ConstValue::String(text) => text.as_str(),
            _ => return None,
        };
        let version = i64::from_str_radix(text, 16).ok();
        if version.is_none() {
            self.problems.push(Problem::invalid(
                &self.path,
                "`expectedVersion` takes the `version` of the row from a response.",
            ));
        }
        version
    }
}

/// The version of a row, by the time of its last change in microseconds.
pub fn version_text(microseconds: i64) -> String {
    format!("{microseconds:x}")
}
