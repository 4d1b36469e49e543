//! The statements that were written before. A text is made once for each shape and serves every
//! caller: nothing of one is in it.

use std::sync::Arc;

use super::parameters::{Caller, Slot};
use super::shape::Shape;
use super::{Select, prefix, render};
use crate::db::type_id;
use crate::engine::catalog::Catalog;
use crate::kept::{Kept, Kind, LARGEST};
use crate::sql::{OWN_TYPE, Statement, Value};

/// How the pages of several keys are read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Paging {
    /// A subquery for each key reads its page. The first column is the key's position.
    Lateral,
    /// One scan reads the rows of all keys, and the pages are cut from them. The first column is
    /// the key, and the limit is that of all rows together.
    Scan { most: u64 },
}

/// A statement without its values.
#[derive(Debug)]
struct Template {
    prepared: wire::Statement,
    slots: Box<[Slot]>,
}

/// Templates by the shape of their statements, as many as fit into their part of the memory.
#[derive(Clone, Debug)]
pub struct Statements {
    templates: Kept<Shape, Arc<Template>>,
}

impl Statements {
    pub fn new(bytes: u64) -> Self {
        let weigh = |shape: &Shape, template: &Arc<Template>| {
            let types = size_of_val(template.prepared.types());
            shape.bytes()
                + template.prepared.text().len()
                + types
                + size_of_val(&template.slots[..])
        };
        Self {
            templates: Kept::new(Kind::Statement, bytes, weigh),
        }
    }

    /// Bytes of all that are kept.
    pub fn bytes(&self) -> u64 {
        self.templates.bytes()
    }

    /// Whether the text of a statement is kept from an earlier request.
    pub fn has(&self, select: &Select, paging: Paging) -> bool {
        let (shape, _) = Shape::of(select, paging != Paging::Lateral);
        self.templates.get(&shape).is_some()
    }

    /// The statement with the values of its parameters, but for the keys.
    pub fn of(
        &self,
        catalog: &Catalog,
        caller: Caller,
        select: &Select,
        paging: Paging,
    ) -> Statement {
        let (shape, values) = Shape::of(select, paging != Paging::Lateral);
        let filled = |slots: &[Slot]| -> Arc<[Value]> {
            let slots = slots.iter();
            slots
                .map(|&slot| value(slot, caller, select, &values, paging))
                .collect()
        };
        if let Some(template) = self.templates.get(&shape) {
            return Statement {
                prepared: template.prepared.clone(),
                values: filled(&template.slots),
            };
        }
        let (text, slots) = render::render(catalog, &shape);
        let small = text.len() <= LARGEST;
        let filled = filled(&slots);
        let types = slots.iter().zip(&*filled).map(|(slot, value)| match slot {
            Slot::Typed(_) => OWN_TYPE,
            _ => type_id(value),
        });
        let types = types.collect();
        let statement = Statement::typed(text, filled, types);
        if small {
            let template = Template {
                prepared: statement.prepared.clone(),
                slots: slots.into(),
            };
            self.templates.insert(shape, Arc::new(template));
        }
        statement
    }
}

fn value(slot: Slot, caller: Caller, select: &Select, values: &[&Value], paging: Paging) -> Value {
    let number = |number: u64| Value::BigInt(i64::try_from(number).unwrap_or(i64::MAX));
    match slot {
        Slot::Workspace => Value::Uuid(Some(caller.workspace)),
        Slot::User => Value::Uuid(Some(caller.user)),
        Slot::SeesAll => Value::Boolean(caller.sees_all),
        // They are known when the statement is sent.
        Slot::Keys => Value::Uuids([].into()),
        Slot::Value(place) | Slot::Typed(place) => values[place].clone(),
        Slot::EndOf(place) => match values[place] {
            Value::Text(start) => Value::Text(prefix::end_of(start)),
            other => other.clone(),
        },
        Slot::Offset => number(select.page.offset.unwrap_or(0)),
        Slot::Scanned => match paging {
            Paging::Scan { most } => number(most),
            Paging::Lateral => number(u64::MAX),
        },
    }
}
