//! The parameters of a statement: their values, and how each is written with its type.

use super::render::Caller;
use crate::engine::catalog::{Catalog, Kind};
use crate::sql::{Value, quoted, relation};

/// The values of the parameters in their order. `$1` is the caller's workspace.
pub(super) struct Parameters<'a> {
    catalog: &'a Catalog,
    caller: Caller,
    values: Vec<Value>,
    user: Option<usize>,
    admin: Option<usize>,
}

impl<'a> Parameters<'a> {
    pub(super) fn new(catalog: &'a Catalog, caller: Caller) -> Self {
        Self {
            catalog,
            caller,
            values: vec![Value::Uuid(Some(caller.workspace))],
            user: None,
            admin: None,
        }
    }

    pub(super) fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// Keeps `$2` for the keys, which are known when the statement is sent.
    pub(super) fn reserve_keys(&mut self) {
        self.values.push(Value::Uuids([].into()));
    }

    /// A value that is compared with a column of this type.
    pub(super) fn of(&mut self, value: Value, kind: Kind) -> String {
        let list = matches!(value, Value::Texts(_));
        let index = self.push(value);
        match kind {
            Kind::Enum(one) => {
                let name = quoted(&self.catalog.enums[one].name);
                if list {
                    format!("${index}::text[]::{name}[]")
                } else {
                    format!("${index}::text::{name}")
                }
            }
            Kind::Inet if list => format!("${index}::text[]::inet[]"),
            Kind::Inet => format!("${index}::text::inet"),
            Kind::Json => format!("${index}::text::jsonb"),
            Kind::Decimal if list => format!("${index}::text[]::numeric[]"),
            Kind::Decimal => format!("${index}::text::numeric"),
            _ => format!("${index}"),
        }
    }

    /// A number of rows.
    pub(super) fn number(&mut self, number: u64) -> String {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        format!("${}", self.push(Value::BigInt(number)))
    }

    fn push(&mut self, value: Value) -> usize {
        self.values.push(value);
        self.values.len()
    }
}

/// The caller of a rule about rows or columns.
impl migration::Caller for Parameters<'_> {
    fn workspace(&mut self) -> String {
        "$1".to_owned()
    }

    fn user(&mut self) -> String {
        let index = match self.user {
            Some(index) => index,
            None => self.push(Value::Uuid(Some(self.caller.user))),
        };
        self.user = Some(index);
        format!("${index}")
    }

    fn sees_all(&mut self) -> String {
        let index = match self.admin {
            Some(index) => index,
            None => self.push(Value::Boolean(self.caller.sees_all)),
        };
        self.admin = Some(index);
        format!("${index}")
    }

    fn table(&mut self, name: &str) -> String {
        relation(name)
    }
}
