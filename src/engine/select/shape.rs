//! The shape of a statement: all of it but its values, as that decides the text.

use super::parameters::Slot;
use super::{Output, Page, Path, Predicate, Select};
use crate::db::type_id;
use crate::engine::catalog::Operator;
use crate::sql::Value;

/// What a text may know of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leaf {
    /// The value at this place, and the object id of its type.
    One(usize, u32),
    /// A list of texts, which some types are cast from.
    Texts(usize),
    /// Whether the condition is asked for, or its opposite. The text itself says so.
    Flag(bool),
}

/// What the text of a statement is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    pub select: Select<Leaf, Slot>,
    /// Whether one scan reads the pages of all keys.
    pub scanned: bool,
}

impl Shape {
    /// Takes a statement apart into its shape and the values, in the order of their places.
    pub fn of(select: &Select, scanned: bool) -> (Self, Vec<&Value>) {
        // They come first, so that their places are known where a row is compiled.
        let mut values: Vec<&Value> = select.paths.iter().collect();
        let paths = (0..values.len()).map(Leaf::Texts).collect();
        let filter = select.filter.iter();
        let filter = filter.map(|one| shape(one, &mut values)).collect();
        let output = match &select.output {
            Output::Columns(columns) => Output::Columns(columns.clone()),
            Output::Aggregates(aggregates) => Output::Aggregates(aggregates.clone()),
            Output::CountUpTo(most) => Output::CountUpTo(most.saturating_add(1)),
            Output::Groups {
                groups,
                having,
                counted,
            } => Output::Groups {
                groups: groups.clone(),
                having: having.iter().map(|one| shape(one, &mut values)).collect(),
                counted: *counted,
            },
            Output::Walk(walk) => {
                Output::Walk(Box::new(walk.map(|value| leaf(value, &mut values))))
            }
        };
        let shape = Select {
            from: select.from,
            keys: select.keys.clone(),
            output,
            paths,
            filter,
            page: Page {
                order: select.page.order.clone(),
                // It stands in the text, so that a plan that was made once knows it.
                limit: select.page.limit,
                // Nothing is skipped without one.
                offset: (select.page.offset)
                    .filter(|&offset| offset > 0)
                    .map(|_| Slot::Offset),
            },
        };
        let select = shape;
        (Self { select, scanned }, values)
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        let output = match &self.select.output {
            Output::Columns(columns) => size_of_val(&columns[..]),
            Output::Aggregates(aggregates) => size_of_val(&aggregates[..]),
            Output::CountUpTo(_) => 0,
            Output::Walk(walk) => size_of_val(&**walk),
            Output::Groups { groups, having, .. } => {
                groups.bytes() + having.iter().map(bytes).sum::<usize>()
            }
        };
        let filter: usize = self.select.filter.iter().map(bytes).sum();
        let order = size_of_val(&self.select.page.order[..]);
        size_of::<Self>() + self.select.keys.bytes() + output + filter + order
    }
}

/// The place of one value more.
fn leaf<'v>(value: &'v Value, values: &mut Vec<&'v Value>) -> Leaf {
    values.push(value);
    match value {
        Value::Texts(_) => Leaf::Texts(values.len() - 1),
        one => Leaf::One(values.len() - 1, type_id(one)),
    }
}

fn shape<'v>(predicate: &'v Predicate, values: &mut Vec<&'v Value>) -> Predicate<Leaf> {
    let mut leaf = |value| leaf(value, values);
    match predicate {
        Predicate::All(parts) => {
            Predicate::All(parts.iter().map(|one| shape(one, values)).collect())
        }
        Predicate::Any(parts) => {
            Predicate::Any(parts.iter().map(|one| shape(one, values)).collect())
        }
        Predicate::Not(inner) => Predicate::Not(Box::new(shape(inner, values))),
        Predicate::Is(column, value) => Predicate::Is(*column, value.as_ref().map(leaf)),
        Predicate::Compare {
            left,
            operator,
            value,
            insensitive,
        } => Predicate::Compare {
            left: left.clone(),
            operator: *operator,
            value: flag(*operator, value).unwrap_or_else(|| leaf(value)),
            insensitive: *insensitive,
        },
        Predicate::AtPath {
            column,
            path,
            operator,
            value,
        } => Predicate::AtPath {
            column: *column,
            path: match path {
                Path::Indexed(path) => Path::Indexed(*path),
                Path::Given(keys) => Path::Given(leaf(keys)),
            },
            operator: *operator,
            value: flag(*operator, value).unwrap_or_else(|| leaf(value)),
        },
        Predicate::Related {
            relation,
            quantifier,
            filter,
        } => Predicate::Related {
            relation: *relation,
            quantifier: *quantifier,
            filter: Box::new(shape(filter, values)),
        },
        Predicate::Search(search) => Predicate::Search(Box::new(search.map(&mut leaf))),
        Predicate::After { order, position } => Predicate::After {
            order: order.clone(),
            position: position.iter().map(|mark| mark.map(&mut leaf)).collect(),
        },
    }
}

/// The operand of a condition that is written in two ways instead of with a parameter.
fn flag(operator: Operator, value: &Value) -> Option<Leaf> {
    match operator {
        Operator::IsNull | Operator::IsEmpty => {
            Some(Leaf::Flag(matches!(value, Value::Boolean(true))))
        }
        _ => None,
    }
}

fn bytes(predicate: &Predicate<Leaf>) -> usize {
    let inside = match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().map(bytes).sum(),
        Predicate::Not(inner) => bytes(inner),
        Predicate::Related { filter, .. } => bytes(filter),
        Predicate::Search(search) => size_of_val(&**search),
        Predicate::Is(..) | Predicate::Compare { .. } | Predicate::AtPath { .. } => 0,
        Predicate::After { order, position } => {
            size_of_val(&order[..]) + size_of_val(&position[..])
        }
    };
    size_of::<Predicate<Leaf>>() + inside
}
